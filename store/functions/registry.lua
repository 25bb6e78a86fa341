-- The registry of variants. All its keys lie in the slot of one sync.

-- How long what a sync shares outlives its last variant: longer than every leader who might not
-- know yet that another one leads, and than every clock may be set back.
local SYNC_REST_S = 3600

-- What a registry entry holds, in order: id, paused, creation time, frequency, settings, whether
-- partitions asked for it, schedule, when it or the frequency was changed last, why it is paused.
local ID, PAUSED, FREQUENCY, SETTINGS, SCHEDULE, SINCE, REASON = 1, 2, 4, 5, 7, 8, 9

-- Why one is paused that has never been started.
local NOT_STARTED = 'not started yet'

-- keys: registry, epoch   args: epoch
-- Answers what the registry holds, once no leader of the past can write to it any more.
local function registry_claim(keys, args)
  local refused = fence_leader(keys[2], args[1])
  if refused then
    return refused
  end
  local entries = redis.call('HGETALL', keys[1])
  if #entries == 0 then
    redis.call('EXPIRE', keys[2], SYNC_REST_S)
  end
  return entries
end

-- `waits`: nobody has asked for it to be paused; it waits to be started.
local function new_entry(id, paused, frequency, settings, discovered, waits)
  return { id, paused, now_ms(), frequency, settings, discovered, '', 0,
    paused and waits and NOT_STARTED or '' }
end

-- keys: registry, epoch, head   args: epoch, name, id, paused, most named variants
local function variant_add(keys, args)
  local refused = fence_leader(keys[2], args[1])
  if refused then
    return refused
  end
  local name = args[2]
  local known = redis.call('HGET', keys[1], name)
  if known and cmsgpack.unpack(known)[ID] == args[3] then
    return known
  end
  if name ~= 'base' then
    local named = redis.call('HLEN', keys[1]) - redis.call('HEXISTS', keys[1], 'base')
    if named >= tonumber(args[5]) then
      return refuse('FULL', args[5] .. ' variants per sync')
    end
  end
  if known or redis.call('HEXISTS', keys[3], 'deleted') == 1 then
    return refuse('EXISTS', 'the variant exists already')
  end
  local entry = cmsgpack.pack(new_entry(args[3], args[4] == '1', '', '', false, true))
  redis.call('HSET', keys[1], name, entry)
  redis.call('HSET', keys[3], 'name', name, 'token', '', 'worker', '')
  redis.call('PERSIST', keys[2])
  outbox.tell_of_variant(keys[3], name, 'created')
  return entry
end

-- Looks up what an order of a leader is about. keys: registry, epoch   args: epoch, name
-- Returns a refusal, or nil and the packed entry.
local function find_entry(keys, args)
  local refused = fence_leader(keys[2], args[1])
  if refused then
    return refused
  end
  local entry = redis.call('HGET', keys[1], args[2])
  if not entry then
    return refuse('NOT_FOUND', 'the variant does not exist')
  end
  return nil, entry
end

-- Unlinks all that a life of a variant has.
local function erase_life(head)
  for _, model in ipairs(models_of(read_head(head) or {})) do
    erase_records(head, model)
  end
  redis.call('UNLINK', head, head .. ':runs', head .. ':log', head .. ':inbox')
end

-- What a sync shares goes with its last variant, after a while. prefix: of its keys
local function rest_if_empty(prefix)
  if redis.call('EXISTS', prefix .. 'reg', prefix .. 'deleted') > 0 then
    return
  end
  for _, key in ipairs({ 'epoch', 'place', 'feed', 'partitions' }) do
    redis.call('EXPIRE', prefix .. key, SYNC_REST_S)
  end
end

-- Takes a name out of the registry; what its variant has is the caller's affair.
local function drop_name(prefix, name, id)
  outbox.tell_of_variant(prefix .. id, name, 'deleted')
  redis.call('HDEL', prefix .. 'reg', name)
  redis.call('XADD', prefix .. 'feed', 'MAXLEN', '~', FEED_MAX, '*', 'v', id, 'gone', 1)
end

-- keys: registry, epoch   args: epoch, name, prefix of heads
-- For good, and without a base there is nothing to bring back others to.
local function variant_remove(keys, args)
  local refused, entry = find_entry(keys, args)
  if refused then
    return refused
  end
  local prefix, id = args[3], cmsgpack.unpack(entry)[ID]
  erase_life(prefix .. id)
  drop_name(prefix, args[2], id)
  if args[2] == 'base' then
    for _, other in ipairs(redis.call('HKEYS', prefix .. 'deleted')) do
      erase_life(prefix .. other)
    end
    redis.call('UNLINK', prefix .. 'deleted')
  end
  rest_if_empty(prefix)
  return entry
end

-- Changes the entry, and returns what has to be written besides. Whoever is started anew has not
-- failed yet.
local function set_paused(entry, paused, reason, head)
  local changes = entry[PAUSED] ~= paused
  entry[PAUSED], entry[REASON] = paused, paused and reason or ''
  return function()
    if changes then
      local detail = '{"reason":' .. cjson.encode(reason) .. '}'
      append_history(head, paused and 'paused' or 'resumed', detail)
    end
    if not paused then
      redis.call('HDEL', head, 'fails')
    end
  end
end

local function set_schedule(entry, what, text, replaces_frequency)
  if what == 'frequency' then
    entry[FREQUENCY] = text
  else
    entry[SCHEDULE] = text
    if replaces_frequency == '1' then
      entry[FREQUENCY] = ''
    end
  end
  entry[SINCE] = now_ms()
end

-- keys: registry, epoch   args: epoch, name, and one of: "paused", 1 or 0, why, prefix of heads;
-- "frequency", text; "schedule", text, 1 if it replaces the frequency
local function variant_set(keys, args)
  local refused, old = find_entry(keys, args)
  if refused then
    return refused
  end
  local entry = cmsgpack.unpack(old)
  if args[3] == 'paused' then
    local head, was_paused = args[6] .. entry[ID], entry[PAUSED]
    set_paused(entry, args[4] == '1', args[5], head)()
    outbox.tell_of_pause(head, args[2], was_paused, entry[PAUSED])
  else
    set_schedule(entry, args[3], args[4], args[5])
  end
  local packed = cmsgpack.pack(entry)
  redis.call('HSET', keys[1], args[2], packed)
  return packed
end

-- Whether the owner runs the sync at this moment. What an owner of the past left open is not run by
-- anybody, and an event that is being handled is no run of the sync.
local function in_progress(head)
  local fields = redis.call('HMGET', head, 'state', 'token', 'rtoken', 'before')
  return fields[1] == 'running' and fields[2] == fields[3] and not fields[4]
end

-- Makes a run wanted. A level includes those below it: 1 a run, 2 a reset, 3 an empty cache too.
-- The last one who wants it says to which trace it belongs.
local function want_run(head, level, trace)
  local waiting = tonumber(redis.call('HGET', head, 'want') or '0')
  redis.call('HSET', head, 'want', math.max(level, waiting))
  redis.call('HSETNX', head, 'asked', now_ms())
  if (trace or '') ~= '' then
    redis.call('HSET', head, 'trace', trace)
  end
  append_history(head, 'triggered', '{"reset":' .. tostring(level >= 2) .. ',"empty_cache":'
    .. tostring(level >= 3) .. '}')
end

-- keys: registry, epoch   args: epoch, name, prefix of heads, level, trace or empty
-- A plain trigger that meets a run in progress starts nothing more.
local function variant_want(keys, args)
  local refused, entry = find_entry(keys, args)
  if refused then
    return refused
  end
  local head = args[3] .. cmsgpack.unpack(entry)[ID]
  local level = tonumber(args[4])
  if level == 1 and in_progress(head) then
    append_history(head, 'skipped', '{"reason":"triggered while a run was in progress"}')
    return entry
  end
  want_run(head, level, args[5])
  return entry
end

-- keys: epoch, heads...   args: epoch, worker, one token per head
-- Answers 1 for each head that lives and 0 for each that is gone.
local function variant_place(keys, args)
  local refused = fence_leader(keys[1], args[1])
  if refused then
    return refused
  end
  local placed = {}
  for i = 2, #keys do
    local lives = redis.call('HEXISTS', keys[i], 'name') - redis.call('HEXISTS', keys[i], 'deleted')
    if lives == 1 then
      redis.call('HSET', keys[i], 'token', args[i + 1], 'worker', args[2])
    end
    placed[#placed + 1] = lives
  end
  return placed
end

redis.register_function('registry_claim', registry_claim)
redis.register_function('variant_add', variant_add)
redis.register_function('variant_remove', variant_remove)
redis.register_function('variant_set', variant_set)
redis.register_function('variant_want', variant_want)
redis.register_function('variant_place', variant_place)
