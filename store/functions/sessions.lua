-- Sessions of browsers, each the hash of the API key it stands for.
do

-- Begins a session; of too many with one key the oldest end.
-- keys: session, index of the key   args: hash of the key, milliseconds it lasts, the most of a key
local function session_add(keys, args)
  local now = now_ms()
  redis.call('ZREMRANGEBYSCORE', keys[2], '-inf', now)
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  redis.call('ZADD', keys[2], now + tonumber(args[2]), keys[1])
  redis.call('PEXPIRE', keys[2], args[2])
  local over = redis.call('ZCARD', keys[2]) - tonumber(args[3])
  if over > 0 then
    local oldest = redis.call('ZPOPMIN', keys[2], over)
    for i = 1, #oldest, 2 do
      redis.call('DEL', oldest[i])
    end
  end
  return redis.status_reply('OK')
end

-- keys: session   args: what the names of indexes begin with
-- Ends a session; answers 1 if there was one.
local function session_drop(keys, args)
  local key = redis.call('GET', keys[1])
  if not key then
    return 0
  end
  redis.call('ZREM', args[1] .. key, keys[1])
  return redis.call('DEL', keys[1])
end

redis.register_function('session_add', session_add)
redis.register_function('session_drop', session_drop)

end
