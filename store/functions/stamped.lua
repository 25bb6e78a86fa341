-- Values in a hash that carry the time of their making and of their last change in front.

local STAMPS = '>I8I8'

-- The field of a hash that changes whenever the values do that are put and dropped: whoever
-- remembers them asks for it to see whether he is right. Told by the clock, it comes out different
-- even where a failover has lost the last changes.
local VERSION = 'version'

local function renew_version(hash)
  local time = redis.call('TIME')
  redis.call('HSET', hash, VERSION, time[1] .. '.' .. time[2])
end

local function stamp(created, updated, value)
  return struct.pack(STAMPS, created, updated) .. value
end

-- keys: hash   args: field, value
-- Answers what was stored. Refuses a field that is there already.
local function stamped_add(keys, args)
  if redis.call('HEXISTS', keys[1], args[1]) == 1 then
    return refuse('EXISTS', 'the name is taken')
  end
  local now = now_ms()
  local stamped = stamp(now, now, args[2])
  redis.call('HSET', keys[1], args[1], stamped)
  return stamped
end

-- keys: hash   args: field, value
-- Answers what was stored. Refuses a field that is not there.
local function stamped_replace(keys, args)
  local old = redis.call('HGET', keys[1], args[1])
  if not old then
    return refuse('NOT_FOUND', 'there is nothing of this name')
  end
  local created = struct.unpack(STAMPS, old)
  local stamped = stamp(created, now_ms(), args[2])
  redis.call('HSET', keys[1], args[1], stamped)
  return stamped
end

-- keys: hash   args: field and value of each
-- Answers the time that all of them carry now.
local function stamped_put(keys, args)
  local now = now_ms()
  for i = 1, #args, 2 do
    local old = redis.call('HGET', keys[1], args[i])
    local created = old and struct.unpack(STAMPS, old) or now
    redis.call('HSET', keys[1], args[i], stamp(created, now, args[i + 1]))
  end
  renew_version(keys[1])
  return now
end

-- keys: hash   args: field
local function stamped_drop(keys, args)
  if redis.call('HDEL', keys[1], args[1]) == 0 then
    return refuse('NOT_FOUND', 'there is nothing of this name')
  end
  renew_version(keys[1])
  return redis.status_reply('OK')
end

redis.register_function('stamped_add', stamped_add)
redis.register_function('stamped_replace', stamped_replace)
redis.register_function('stamped_put', stamped_put)
redis.register_function('stamped_drop', stamped_drop)
