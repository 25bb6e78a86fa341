-- The checkpoint of a variant. Its version grows with every change, so that nobody overwrites what
-- they have not seen.

-- Takes a new checkpoint into account, unless another one came between. Returns a refusal or nil.
local function put_checkpoint(head, json, expected)
  local known = redis.call('HMGET', head, 'ckpt', 'cver')
  local version = tonumber(known[2] or '0')
  if version == tonumber(expected) + 1 and (known[1] or '') == json then
    return nil -- The same call, sent again.
  end
  if version < tonumber(expected) then
    return refuse('CANCELLED', LOST_BY_STORE)
  end
  if version ~= tonumber(expected) then
    return refuse('CONFLICT', 'the checkpoint has been changed since it was read')
  end
  redis.call('HSETNX', head, 'cfrom', known[1] or '')
  if json == '' and not known[1] then
    return nil
  end
  if json == '' then
    redis.call('HDEL', head, 'ckpt')
  else
    redis.call('HSET', head, 'ckpt', json)
  end
  redis.call('HSET', head, 'cver', version + 1)
  return nil
end

-- What a reset does to a checkpoint.
local function forget_checkpoint(head, fields)
  if fields['ckpt'] then
    redis.call('HDEL', head, 'ckpt')
    redis.call('HINCRBY', head, 'cver', 1)
  end
end

-- Of the head's run: which checkpoint it found and which it leaves, as a member of a JSON object;
-- empty if it has never asked.
local function checkpoint_range(fields)
  local from = fields['cfrom']
  if not from then
    return ''
  end
  return ',"checkpoints":{"from":' .. (from ~= '' and from or 'null') .. ',"to":'
    .. (fields['ckpt'] or 'null') .. '}'
end

-- keys: head   args: token, run
-- Answers the checkpoint (false: none) and its version.
local function checkpoint_get(keys, args)
  local refused = fence_running(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  local known = redis.call('HMGET', keys[1], 'ckpt', 'cver')
  redis.call('HSETNX', keys[1], 'cfrom', known[1] or '')
  return { known[1], tonumber(known[2] or '0') }
end

-- keys: head   args: token, run, checkpoint or empty to clear it, expected version
-- Answers the version it has now.
local function checkpoint_set(keys, args)
  local refused = fence_running(keys[1], args[1], args[2])
    or put_checkpoint(keys[1], args[3], args[4])
  if refused then
    return refused
  end
  return tonumber(redis.call('HGET', keys[1], 'cver') or '0')
end

redis.register_function('checkpoint_get', checkpoint_get)
redis.register_function('checkpoint_set', checkpoint_set)

do
  -- What speaks against an operator's checkpoint; nil if nothing does. fields: name, deleted,
  -- state, before, cver
  local function refuse_operator(fields, expected, force)
    if not fields[1] or fields[2] then
      return refuse('NOT_FOUND', 'the variant does not exist')
    end
    if fields[4] then
      return refuse('CONFLICT', 'an event is being handled')
    end
    local is_open = fields[3] == 'running' or fields[3] == 'interrupted'
    if is_open and force ~= '1' then
      return refuse('CONFLICT', 'a run is in progress')
    end
    if expected ~= '' and expected ~= (fields[5] or '0') then
      return refuse('CONFLICT', 'the checkpoint has been changed since it was read')
    end
    return nil
  end

  -- keys: head   args: checkpoint or empty to clear it, expected version or empty for any, 1 if a
  -- run in progress does not matter
  -- For operators. A run in progress has not seen the new version, so it saves no checkpoint more.
  -- Answers the version it has now.
  local function checkpoint_put(keys, args)
    local fields
      = redis.call('HMGET', keys[1], 'name', 'deleted', 'state', 'before', 'cver', 'ckpt')
    local refused = refuse_operator(fields, args[2], args[3])
    if refused then
      return refused
    end
    if args[1] == '' then
      redis.call('HDEL', keys[1], 'ckpt')
    else
      redis.call('HSET', keys[1], 'ckpt', args[1])
    end
    append_history(keys[1], 'checkpoint', '{"from":' .. (fields[6] or 'null') .. ',"to":'
      .. (args[1] ~= '' and args[1] or 'null') .. '}')
    return redis.call('HINCRBY', keys[1], 'cver', 1)
  end

  redis.register_function('checkpoint_put', checkpoint_put)
end
