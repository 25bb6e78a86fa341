-- The lead and the leases of workers. A lease is a key that Redis lets expire.

-- keys: lead, epoch of leads   args: holder, milliseconds
local function lead_take(keys, args)
  local holder = redis.call('GET', keys[1])
  if holder and holder ~= args[1] then
    return refuse('FENCED', 'another one leads')
  end
  if holder then
    redis.call('PEXPIRE', keys[1], args[2])
    return tonumber(redis.call('GET', keys[2]))
  end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return redis.call('INCR', keys[2])
end

-- keys: lead   args: holder
local function lead_give_up(keys, args)
  if redis.call('GET', keys[1]) == args[1] then
    redis.call('DEL', keys[1])
  end
  return redis.status_reply('OK')
end

-- keys: index, lease   args: worker, boot, address, milliseconds
local function worker_renew(keys, args)
  local boot = redis.call('HGET', keys[2], 'boot')
  if boot and boot ~= args[2] then
    return refuse('FENCED', 'another process is the worker of this name')
  end
  redis.call('SADD', keys[1], args[1])
  redis.call('HSETNX', keys[2], 'since', now_ms())
  redis.call('HSET', keys[2], 'boot', args[2], 'address', args[3])
  redis.call('PEXPIRE', keys[2], args[4])
  return redis.status_reply('OK')
end

-- keys: index, lease   args: worker, boot
local function worker_give_up(keys, args)
  if redis.call('HGET', keys[2], 'boot') == args[2] then
    redis.call('DEL', keys[2])
    redis.call('SREM', keys[1], args[1])
  end
  return redis.status_reply('OK')
end

-- keys: index   Answers name, address and start of each worker, and forgets the dead ones.
local function workers_list(keys)
  local names = redis.call('SMEMBERS', keys[1])
  table.sort(names)
  local answer = {}
  for _, name in ipairs(names) do
    local lease = redis.call('HMGET', keys[1] .. ':' .. name, 'address', 'since')
    if lease[1] then
      answer[#answer + 1] = name
      answer[#answer + 1] = lease[1]
      answer[#answer + 1] = lease[2]
    else
      redis.call('SREM', keys[1], name)
    end
  end
  return answer
end

redis.register_function('lead_take', lead_take)
redis.register_function('lead_give_up', lead_give_up)
redis.register_function('worker_renew', worker_renew)
redis.register_function('worker_give_up', worker_give_up)
redis.register_function('workers_list', workers_list)
