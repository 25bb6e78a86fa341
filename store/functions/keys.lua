-- API keys: hashes of keys with what is known of them, and when each was last used.

-- The row of a key; nil for one that an older program wrote, which holds an environment only.
local function read_key(row)
  local first = string.byte(row, 1)
  if first == nil or first < 128 then
    return nil
  end
  return cmsgpack.unpack(row)
end

local function environment_of_key(row)
  local known = read_key(row)
  return known and known.environment or row
end

-- Adds a key unless its environment has one of that name or too many.
-- keys: the keys. args: hash, row, the most of one environment.
local function key_add(keys, args)
  local wanted = cmsgpack.unpack(args[2])
  local count = 0
  for _, row in ipairs(redis.call('HVALS', keys[1])) do
    if environment_of_key(row) == wanted.environment then
      count = count + 1
      local known = read_key(row)
      if known and known.name == wanted.name then
        return refuse('EXISTS', 'a key of this name')
      end
    end
  end
  if count >= tonumber(args[3]) then
    return refuse('FULL', args[3] .. ' keys')
  end
  wanted.created_at = now_ms()
  local row = cmsgpack.pack(wanted)
  redis.call('HSET', keys[1], args[1], row)
  return row
end

-- Notes that a key is in use. keys: the times of use. args: id of the key.
local function key_used(keys, args)
  redis.call('HSET', keys[1], args[1], now_ms())
  return redis.status_reply('OK')
end

redis.register_function('key_add', key_add)
redis.register_function('key_used', key_used)
