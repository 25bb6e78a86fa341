-- What is kept of a record, and what all Functions share that change records. The records of a
-- model are three keys: hashes of what is kept of each and of the payloads, and the change order,
-- a sorted set of ids by the place of their last change.

-- Of a record: place, first seen, pruned (0: no), bytes of payload, run that changed it last, run
-- that saw it last, last action (A, U or D), content hash. Then, if it is not the time of the
-- place, the time of its deletion.
local META = '>I8I6I6I4I4I4c1c16'
local TIME = '>I6'
local RUN = '>I4'

-- Where the parts of it stand that are read alone, since most of it seldom matters.
local PRUNED_AT, BYTES_AT, SEEN_AT, ACTION_AT, HASH_AT, DELETED_AT = 15, 21, 29, 33, 34, 50
local HAS_PAYLOAD = '\0\0\0\0\0\0'
local DELETED = 68 -- The letter D.

-- A place is a number that grows with every change in any variant of a sync, so that one number
-- is a cursor over all of them. It tells the time of the change too, to the millisecond.
local PLACES_PER_MS = 1000

-- How many commits a sync remembers for those who follow it.
local FEED_MAX = 1000

local function ms_of(place)
  return math.floor(place / PLACES_PER_MS)
end

local function place_of(meta)
  return (struct.unpack('>I8', meta))
end

local function is_deleted(meta)
  return string.byte(meta, ACTION_AT) == DELETED
end

local function is_pruned(meta)
  return string.sub(meta, PRUNED_AT, PRUNED_AT + 5) ~= HAS_PAYLOAD
end

local function seen_by(meta)
  return (struct.unpack(RUN, meta, SEEN_AT))
end

local function with_seen(meta, run)
  return string.sub(meta, 1, SEEN_AT - 1) .. struct.pack(RUN, run) .. string.sub(meta, SEEN_AT + 4)
end

-- All digits of a number that may have more than fourteen.
local function digits(number)
  return string.format('%.0f', number)
end

-- Opens a numbered write of a run to a model. The number is followed by a slash and the last one
-- that was answered.
-- keys: head, meta, data, order, place, feed   args: token, run, batch, model, ...
-- Returns a refusal, or the answer that this number had before, or nil and the open batch.
local function open_batch(keys, args)
  local model = args[4]
  local head = redis.call('HMGET', keys[1], 'token', 'run', 'state', 'batch', 'answer',
    'n:' .. model, 'b:' .. model, 'a:' .. model, 'u:' .. model, 'd:' .. model)
  local refused = refuse_ticket(head, args[1], args[2]) or refuse_ended(head[3])
  if refused then
    return refused
  end
  local number, answered = string.match(args[3], '^(%d+)/(%d+)$')
  if head[4] == number then
    return head[5]
  end
  if head[4] and tonumber(number) < tonumber(head[4]) then
    return refuse('INVALID', 'batch ' .. number .. ' comes after batch ' .. head[4])
  end
  if tonumber(head[4] or '0') < tonumber(answered) then
    return refuse('CANCELLED', LOST_BY_STORE)
  end
  local last = tonumber(redis.call('GET', keys[5]) or '0')
  return nil, {
    run = tonumber(args[2]), number = number, model = model, counts = head,
    place = math.max(last, now_ms() * PLACES_PER_MS - 1),
    added = 0, updated = 0, deleted = 0, unchanged = 0, ignored = 0, live = 0, bytes = 0,
    metas = {}, datas = {}, order = {},
  }
end

local function push(list, a, b)
  local size = #list
  list[size + 1] = a
  list[size + 2] = b
end

-- Appends a change of a record. Without `first` this is where its life begins.
local function change(batch, id, first, pruned, bytes, action, hash, deleted_at)
  local place = batch.place + 1
  batch.place = place
  local meta = struct.pack(META, place, first or ms_of(place), pruned, bytes, batch.run, batch.run,
    action, hash)
  if deleted_at then
    meta = meta .. struct.pack(TIME, deleted_at)
  end
  push(batch.metas, id, meta)
  push(batch.order, place, id)
end

-- Notes that this run saw a record which it leaves as it is.
local function see(batch, id, meta)
  push(batch.metas, id, with_seen(meta, batch.run))
end

local function put_payload(batch, id, payload)
  push(batch.datas, id, payload)
end

-- Writes what a batch has gathered, counts it, remembers its answer and returns it.
local function close_batch(keys, batch)
  call_in_parts('HSET', keys[2], batch.metas)
  call_in_parts('HSET', keys[3], batch.datas)
  if #batch.order > 0 then
    call_in_parts('ZADD', keys[4], batch.order)
    redis.call('SET', keys[5], digits(batch.place))
    redis.call('XADD', keys[6], 'MAXLEN', '~', FEED_MAX, '*', 'v', uuid_of(keys[1]),
      'm', batch.model, 'p', digits(batch.place))
  end
  local answer = batch.added .. ',' .. batch.updated .. ',' .. batch.deleted .. ','
    .. batch.unchanged .. ',' .. batch.ignored
  local counts, model = batch.counts, batch.model
  redis.call('HSET', keys[1], 'batch', batch.number, 'answer', answer,
    'n:' .. model, (counts[6] or 0) + batch.live, 'b:' .. model, (counts[7] or 0) + batch.bytes,
    'a:' .. model, (counts[8] or 0) + batch.added, 'u:' .. model, (counts[9] or 0) + batch.updated,
    'd:' .. model, (counts[10] or 0) + batch.deleted)
  return answer
end
