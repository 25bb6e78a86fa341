-- What all models share. A model's own file follows and registers `save` and `page`. Keys start
-- with the head of the variant and the hash that holds META.

-- Of a record: place in the change order, first seen, pruned (0: no), bytes of payload, last action
-- (A or U), content hash.
local META = '>I8I6I6I4c1c16'
local META_SIZE = 41
local HASH_FIRST = 26

-- Lua can spread about 8,000 values over the arguments of one call.
local SPREAD_MAX = 4000

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function call_in_parts(command, key, words)
  for first = 1, #words, SPREAD_MAX do
    redis.call(command, key, unpack(words, first, math.min(first + SPREAD_MAX - 1, #words)))
  end
end

local function push(list, a, b)
  local size = #list
  list[size + 1] = a
  list[size + 2] = b
end

-- Ends a commit: counts, and the answer that a repetition would get.
local function conclude(head, model, done, place)
  redis.call('HINCRBY', head, 'n:' .. model, done.added)
  redis.call('HINCRBY', head, 'b:' .. model, done.bytes)
  redis.call('HINCRBY', head, 'a:' .. model, done.added)
  redis.call('HINCRBY', head, 'u:' .. model, done.updated)
  local answer = done.added .. ',' .. done.updated .. ',' .. done.unchanged
  redis.call('HSET', head, 'last', place, 'answer', answer)
  return answer
end

-- Classifies a batch and calls `write(id, meta, payload, place, old_place)` for each record that is
-- new (no old place) or changed. Returns the answer, and the last place if anything was written.
-- args: model, then id, hash and payload of each record
local function commit(keys, args, write)
  local ids = {}
  for i = 2, #args, 3 do
    ids[#ids + 1] = args[i]
  end
  local olds = redis.call('HMGET', keys[2], unpack(ids))
  local now = now_ms()
  local before = math.max(tonumber(redis.call('HGET', keys[1], 'last') or 0), now * 1000 - 1)
  local done, seen, place = { added = 0, updated = 0, unchanged = 0, bytes = 0 }, {}, before
  for n, id in ipairs(ids) do
    if not seen[id] then
      seen[id] = true
      local hash, old = args[3 * n], olds[n]
      if old and string.sub(old, HASH_FIRST, META_SIZE) == hash then
        done.unchanged = done.unchanged + 1
      else
        local payload = args[3 * n + 1]
        local old_place, first, pruned, bytes, action = nil, now, 0, 0, 'A'
        if old then
          old_place, first, pruned, bytes = struct.unpack('>I8I6I6I4', old)
          action = 'U'
          done.updated = done.updated + 1
        else
          done.added = done.added + 1
        end
        done.bytes = done.bytes + #payload - (pruned == 0 and bytes or 0)
        place = place + 1
        write(id, struct.pack(META, place, first, 0, #payload, action, hash), payload, place,
          old_place)
      end
    end
  end
  return conclude(keys[1], args[1], done, place), place > before and place
end

-- Walks a sorted set of places. Returns the ids of a page.
local function ids_by_order(order, position, limit)
  return redis.call('ZRANGE', order, '(' .. position, '+inf', 'BYSCORE', 'LIMIT', 0, limit)
end

-- Walks a stream whose ids are places.
local function ids_by_stream(changes, position, limit)
  local ids = {}
  for n, entry in ipairs(redis.call('XRANGE', changes, '(' .. position, '+', 'COUNT', limit)) do
    ids[n] = entry[2][2]
  end
  return ids
end

-- Answers the place of the last record, then id and what each of the hashes holds of each record.
local function page_of(ids, hashes)
  if #ids == 0 then
    return { '' }
  end
  local columns = {}
  for c, key in ipairs(hashes) do
    columns[c] = redis.call('HMGET', key, unpack(ids))
  end
  local last = struct.unpack('>I8', columns[1][#ids])
  local answer = { string.format('%d', last) }
  for n, id in ipairs(ids) do
    answer[#answer + 1] = id
    for c = 1, #columns do
      answer[#answer + 1] = columns[c][n]
    end
  end
  return answer
end

-- Tells followers of a commit: one capped stream for all models of a variant.
local function announce(commits, model, place)
  if place then
    redis.call('XADD', commits, 'MAXLEN', '~', 1000, '*', 'm', model, 'l', place)
  end
end

local function register(save, page)
  redis.register_function('save', save)
  redis.register_function { function_name = 'page', callback = page, flags = { 'no-writes' } }
end
