-- The records of a variant. The change stream of a model has one live entry per record: its id is
-- the record's place in the change order, so the entry of an older change is deleted.

-- Of a record: milliseconds and number of its stream id, first seen, pruned (0: no), bytes of
-- payload, last action (A, U or D), content hash.
local META = '>I6I4I6I6I4c1c16'

-- Checks a numbered write of a run. Returns a refusal, or the answer that this number had before.
local function admit(head, token, run, batch)
  local refused = fence_running(head, token, run)
  if refused then
    return refused
  end
  local last = redis.call('HMGET', head, 'batch', 'answer')
  if last[1] == batch then
    return last[2]
  end
  if last[1] and tonumber(batch) < tonumber(last[1]) then
    return refuse('INVALID', 'batch ' .. batch .. ' comes after batch ' .. last[1])
  end
  return nil
end

-- Appends a change; returns the two numbers of its id.
local function append_change(changes, id, action)
  local place = redis.call('XADD', changes, '*', 'i', id, 'o', action)
  local dash = string.find(place, '-', 1, true)
  return tonumber(string.sub(place, 1, dash - 1)), tonumber(string.sub(place, dash + 1))
end

-- Counts what a write did, remembers its answer and returns it.
local function conclude(head, model, batch, done)
  redis.call('HINCRBY', head, 'n:' .. model, done.live)
  redis.call('HINCRBY', head, 'b:' .. model, done.bytes)
  redis.call('HINCRBY', head, 'a:' .. model, done.added)
  redis.call('HINCRBY', head, 'u:' .. model, done.updated)
  redis.call('HINCRBY', head, 'd:' .. model, done.deleted)
  local answer = done.added .. ',' .. done.updated .. ',' .. done.deleted .. ',' .. done.unchanged
  redis.call('HSET', head, 'batch', batch, 'answer', answer)
  return answer
end

local function nothing_done()
  return { added = 0, updated = 0, deleted = 0, unchanged = 0, live = 0, bytes = 0 }
end

local function push(list, a, b)
  local size = #list
  list[size + 1] = a
  list[size + 2] = b
end

-- keys: head, meta, data, changes
-- args: token, run, batch, model, checkpoint or empty, then id, hash and payload of each record
local function records_save(keys, args)
  local known = admit(keys[1], args[1], args[2], args[3])
  if known then
    return known
  end
  local ids = {}
  for i = 6, #args, 3 do
    ids[#ids + 1] = args[i]
  end
  local olds = get_fields(keys[2], ids)
  local done, seen, metas, datas, stale = nothing_done(), {}, {}, {}, {}
  for n, id in ipairs(ids) do
    if not seen[id] then
      seen[id] = true
      local hash, payload = args[4 + 3 * n], args[5 + 3 * n]
      local old = olds[n]
      local ms, number, first, pruned, bytes, action, old_hash = 0, 0, 0, 0, 0, 'D', ''
      if old then
        ms, number, first, pruned, bytes, action, old_hash = struct.unpack(META, old)
      end
      local lives = action ~= 'D'
      local write = true
      if lives and old_hash == hash then
        done.unchanged = done.unchanged + 1
        write = pruned ~= 0
      else
        if old then
          stale[#stale + 1] = ms .. '-' .. number
        end
        action = lives and 'U' or 'A'
        ms, number = append_change(keys[4], id, action)
        if lives then
          done.updated = done.updated + 1
        else
          done.added = done.added + 1
          first = ms
        end
      end
      if write then
        done.bytes = done.bytes + #payload - (pruned == 0 and bytes or 0)
        push(metas, id, struct.pack(META, ms, number, first, 0, #payload, action, hash))
        push(datas, id, payload)
      end
    end
  end
  done.live = done.added
  call_in_parts('XDEL', keys[4], stale)
  call_in_parts('HSET', keys[2], metas)
  call_in_parts('HSET', keys[3], datas)
  if args[5] ~= '' then
    redis.call('HSET', keys[1], 'ckpt', args[5])
  end
  return conclude(keys[1], args[4], args[3], done)
end

-- keys: head, meta, data, changes   args: token, run, batch, model, then the ids
local function records_remove(keys, args)
  local known = admit(keys[1], args[1], args[2], args[3])
  if known then
    return known
  end
  local ids = { unpack(args, 5) }
  local olds = get_fields(keys[2], ids)
  local done, seen, metas, stale = nothing_done(), {}, {}, {}
  for n, id in ipairs(ids) do
    if olds[n] and not seen[id] then
      seen[id] = true
      local ms, number, first, pruned, bytes, action, hash = struct.unpack(META, olds[n])
      if action ~= 'D' then
        stale[#stale + 1] = ms .. '-' .. number
        ms, number = append_change(keys[4], id, 'D')
        push(metas, id, struct.pack(META, ms, number, first, pruned, bytes, 'D', hash))
        done.deleted = done.deleted + 1
      end
    end
  end
  done.live = 0 - done.deleted
  call_in_parts('XDEL', keys[4], stale)
  call_in_parts('HSET', keys[2], metas)
  return conclude(keys[1], args[4], args[3], done)
end

-- Walks the change order and picks up to `limit` changes of the wanted actions. Returns the ids,
-- where it stopped, and how: "end" at the end, "more" before another wanted change, "on" if it has
-- looked at `scan_max` changes.
local function pick_changes(changes, position, limit, wanted, scan_max)
  local ids, scanned = {}, 0
  while scanned < scan_max do
    local count = math.min(scan_max - scanned, math.max(limit + 1 - #ids, 100))
    local entries = redis.call('XRANGE', changes, position, '+', 'COUNT', count)
    for _, entry in ipairs(entries) do
      if string.find(wanted, entry[2][4], 1, true) then
        if #ids == limit then
          return ids, position, 'more'
        end
        ids[#ids + 1] = entry[2][2]
      end
      position = '(' .. entry[1]
    end
    if #entries < count then
      return ids, position, 'end'
    end
    scanned = scanned + count
  end
  return ids, position, 'on'
end

-- keys: meta, data, changes   args: position, limit, wanted actions, most changes, most bytes
-- Answers: how it ended, where to go on, then id, meta and payload of each record.
local function records_page(keys, args)
  local ids, position, how = pick_changes(keys[3], args[1], tonumber(args[2]), args[3],
    tonumber(args[4]))
  local metas = get_fields(keys[1], ids)
  local bytes = 0
  for n, meta in ipairs(metas) do
    local size = select(5, struct.unpack(META, meta))
    bytes = bytes + size
    if n > 1 and bytes > tonumber(args[5]) then
      for last = #ids, n, -1 do
        ids[last] = nil
      end
      how = 'more'
      break
    end
  end
  local datas = get_fields(keys[2], ids)
  local answer = { how, position }
  for n, id in ipairs(ids) do
    push(answer, id, metas[n])
    answer[#answer + 1] = datas[n] or ''
  end
  return answer
end

-- keys: meta, data   args: ids
-- Answers id, meta and payload of each record there is.
local function records_get(keys, args)
  local metas, datas = get_fields(keys[1], args), get_fields(keys[2], args)
  local answer = {}
  for n, id in ipairs(args) do
    if metas[n] then
      push(answer, id, metas[n])
      answer[#answer + 1] = datas[n] or ''
    end
  end
  return answer
end

redis.register_function('records_save', records_save)
redis.register_function('records_remove', records_remove)
redis.register_function {
  function_name = 'records_page', callback = records_page, flags = { 'no-writes' },
}
redis.register_function {
  function_name = 'records_get', callback = records_get, flags = { 'no-writes' },
}
