-- Reading records. No call looks at more than a bounded number of them, or answers more than a
-- bounded number of bytes.

-- How many changes one look takes at least: into each of several orders, and after the first look.
local LOOK_MIN, LOOK_AGAIN = 16, 200

-- Takes the next changes of one or several orders: at most about `count`, complete up to the last
-- of them. Returns lists of ids, metas and sources in the order of their places, and whether that
-- is all there is. A reader of a single order is the rule, so it gets what Redis answers.
local function next_changes(keys, position, until_place, count)
  local sources = #keys / 3
  if sources == 1 then
    local ids = redis.call('ZRANGE', keys[3], position, until_place, 'BYSCORE', 'LIMIT', 0, count)
    return ids, get_fields(keys[1], ids), nil, #ids < count
  end
  local look = math.max(math.ceil(count / sources), math.min(count, LOOK_MIN))
  local found, bound = {}, nil
  for source = 1, sources do
    local ids = redis.call('ZRANGE', keys[3 * source], position, until_place, 'BYSCORE',
      'LIMIT', 0, look)
    local metas = get_fields(keys[3 * source - 2], ids)
    for n, id in ipairs(ids) do
      found[#found + 1] = { place_of(metas[n]), id, metas[n], source }
    end
    if #ids == look then
      local last = found[#found][1]
      bound = math.min(bound or last, last)
    end
  end
  table.sort(found, function(a, b) return a[1] < b[1] end)
  local ids, metas, from = {}, {}, {}
  for n, each in ipairs(found) do
    if bound and each[1] > bound then
      break
    end
    ids[n], metas[n], from[n] = each[2], each[3], each[4]
  end
  return ids, metas, from, bound == nil
end

local function behind(meta)
  return '(' .. digits(place_of(meta))
end

-- Picks up to `limit` changes of the wanted actions. Returns them as lists, where it stopped, and
-- how: "end" at the end, "more" before another wanted change, "on" when it has looked enough.
local function pick_changes(keys, position, until_place, limit, wanted, look_max)
  local picked = { ids = {}, metas = {}, sources = {} }
  local size, looked, is_picky = 0, 0, #wanted < 3
  while looked < look_max do
    -- A first look is enough for a plain page; who has to go on is looking for something rare.
    local count = math.max(limit + 1 - size, looked > 0 and LOOK_AGAIN or 1)
    local ids, metas, sources, is_all = next_changes(keys, position, until_place,
      math.min(count, look_max - looked))
    for n, meta in ipairs(metas) do
      if not is_picky or string.find(wanted, string.sub(meta, ACTION_AT, ACTION_AT), 1, true) then
        if size == limit then
          return picked, n > 1 and behind(metas[n - 1]) or position, 'more'
        end
        size = size + 1
        picked.ids[size], picked.metas[size] = ids[n], meta
        picked.sources[size] = sources and sources[n] or 1
      end
    end
    looked = looked + #ids
    position = #metas > 0 and behind(metas[#metas]) or position
    if is_all then
      return picked, position, 'end'
    end
  end
  return picked, position, 'on'
end

local function bytes_of(meta)
  local a, b, c, d = string.byte(meta, BYTES_AT, BYTES_AT + 3)
  return ((a * 256 + b) * 256 + c) * 256 + d
end

-- How many of the records fit into that many bytes; one always does.
local function count_within(metas, bytes_max)
  local bytes = 0
  for n, meta in ipairs(metas) do
    bytes = bytes + bytes_of(meta)
    if n > 1 and bytes > bytes_max then
      return n - 1
    end
  end
  return #metas
end

-- Payloads of the first picked records, asked of each source at once.
local function payloads_of(keys, picked, count)
  if #keys == 3 then
    return get_fields(keys[2], { unpack(picked.ids, 1, count) })
  end
  local ids, places = {}, {}
  for n = 1, count do
    local source = picked.sources[n]
    ids[source] = ids[source] or {}
    places[source] = places[source] or {}
    table.insert(ids[source], picked.ids[n])
    table.insert(places[source], n)
  end
  local payloads = {}
  for source = 1, #keys / 3 do
    if ids[source] then
      for i, payload in ipairs(get_fields(keys[3 * source - 1], ids[source])) do
        payloads[places[source][i]] = payload
      end
    end
  end
  return payloads
end

-- keys: meta, data and order of each source
-- args: position, last place or +inf, limit, wanted actions, most changes, most bytes
-- Answers: how it ended, where to go on, then source, id, meta and payload of each record.
local function records_page(keys, args)
  local picked, position, how = pick_changes(keys, args[1], args[2], tonumber(args[3]), args[4],
    tonumber(args[5]))
  local count = count_within(picked.metas, tonumber(args[6]))
  if count < #picked.ids then
    how = 'more'
  end
  local payloads = payloads_of(keys, picked, count)
  local answer, size = { how, position }, 2
  for n = 1, count do
    answer[size + 1], answer[size + 2] = picked.sources[n], picked.ids[n]
    answer[size + 3], answer[size + 4] = picked.metas[n], payloads[n] or ''
    size = size + 4
  end
  return answer
end

-- keys: meta, data   args: most bytes, ids
-- Answers how many ids it looked at, then id, meta and payload of each record there is.
local function records_get(keys, args)
  local ids = { unpack(args, 2) }
  local metas = get_fields(keys[1], ids)
  local found, looked, bytes = { ids = {}, metas = {} }, 0, 0
  for n = 1, #ids do
    if metas[n] then
      bytes = bytes + bytes_of(metas[n])
      if #found.ids > 0 and bytes > tonumber(args[1]) then
        break
      end
      push(found.ids, ids[n])
      push(found.metas, metas[n])
    end
    looked = n
  end
  local payloads = get_fields(keys[2], found.ids)
  local answer = { looked }
  for n, id in ipairs(found.ids) do
    push(answer, id, found.metas[n])
    push(answer, payloads[n] or '')
  end
  return answer
end

-- keys: meta, order   args: position, first run, most changes
-- Answers where to go on (empty at the end), how many live records it saw, and the ids of those
-- that no run since the first has seen.
local function records_unseen(keys, args)
  local ids = redis.call('ZRANGE', keys[2], args[1], '+inf', 'BYSCORE', 'LIMIT', 0, args[3])
  local metas = get_fields(keys[1], ids)
  local answer = { '', 0 }
  for n, id in ipairs(ids) do
    if not is_deleted(metas[n]) then
      answer[2] = answer[2] + 1
      if seen_by(metas[n]) < tonumber(args[2]) then
        answer[#answer + 1] = id
      end
    end
  end
  if #ids == tonumber(args[3]) then
    answer[1] = behind(metas[#metas])
  end
  return answer
end

-- keys: order, place   Answers the place of the newest change of a model; 0 if there is none.
local function records_newest(keys)
  local newest = redis.call('ZRANGE', keys[1], '+inf', '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1,
    'WITHSCORES')
  return newest[2] or '0'
end

local function read_only(name, callback)
  redis.register_function { function_name = name, callback = callback, flags = { 'no-writes' } }
end

read_only('records_page', records_page)
read_only('records_get', records_get)
read_only('records_unseen', records_unseen)
read_only('records_newest', records_newest)
