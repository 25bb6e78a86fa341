-- The lead and the leases of coordinators and workers. A lease is a key that Redis lets expire.

-- Who leads: name, epoch, address, milliseconds left. The name is empty if nobody does.
local function leader_of(lead, epoch, coordinators)
  local holder = redis.call('GET', lead)
  local address = holder and redis.call('HGET', coordinators .. ':' .. holder, 'address')
  return { holder or '', tonumber(redis.call('GET', epoch) or '0'), address or '',
    math.max(redis.call('PTTL', lead), 0) }
end

-- Registers who says that it lives, in an index and a lease of its own.
local function renew_lease(index, name, milliseconds, fields)
  redis.call('SADD', index, name)
  redis.call('HSETNX', index .. ':' .. name, 'since', now_ms())
  redis.call('HSET', index .. ':' .. name, unpack(fields))
  redis.call('PEXPIRE', index .. ':' .. name, milliseconds)
end

-- Name, address and start of each that lives, and one more field; forgets the dead ones.
local function list_leases(index, more)
  local names = redis.call('SMEMBERS', index)
  table.sort(names)
  local answer = {}
  for _, name in ipairs(names) do
    local lease = redis.call('HMGET', index .. ':' .. name, 'address', 'since')
    if lease[1] then
      for _, word in ipairs({ name, lease[1], lease[2], more(name) }) do
        answer[#answer + 1] = word
      end
    else
      redis.call('SREM', index, name)
    end
  end
  return answer
end

-- keys: lead, epoch of leads, coordinators   args: holder, address, milliseconds
-- Answers who leads then.
local function lead_take(keys, args)
  renew_lease(keys[3], args[1], args[3], { 'address', args[2] })
  local holder = redis.call('GET', keys[1])
  if not holder then
    redis.call('SET', keys[1], args[1], 'PX', args[3])
    redis.call('INCR', keys[2])
  elseif holder == args[1] then
    redis.call('PEXPIRE', keys[1], args[3])
  end
  return leader_of(keys[1], keys[2], keys[3])
end

-- keys: lead, coordinators   args: holder
local function lead_give_up(keys, args)
  redis.call('DEL', keys[2] .. ':' .. args[1])
  redis.call('SREM', keys[2], args[1])
  if redis.call('GET', keys[1]) == args[1] then
    redis.call('DEL', keys[1])
  end
  return redis.status_reply('OK')
end

-- keys: lead, epoch of leads, coordinators   args: holder, next holder, milliseconds
local function lead_pass(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then
    return refuse('FENCED', 'another one leads')
  end
  if redis.call('EXISTS', keys[3] .. ':' .. args[2]) == 0 then
    return refuse('NOT_FOUND', 'no such coordinator is alive')
  end
  redis.call('SET', keys[1], args[2], 'PX', args[3])
  redis.call('INCR', keys[2])
  return redis.status_reply('OK')
end

-- keys: lead, epoch of leads, coordinators
local function lead_show(keys)
  return leader_of(keys[1], keys[2], keys[3])
end

-- keys: coordinators
local function coordinators_list(keys)
  return list_leases(keys[1], function() return '' end)
end

-- keys: workers, lease, lead, epoch of leads, coordinators
-- args: worker, boot, address, milliseconds   Answers who leads.
local function worker_renew(keys, args)
  local boot = redis.call('HGET', keys[2], 'boot')
  if boot and boot ~= args[2] then
    return refuse('FENCED', 'another process is the worker of this name')
  end
  renew_lease(keys[1], args[1], args[4], { 'boot', args[2], 'address', args[3] })
  return leader_of(keys[3], keys[4], keys[5])
end

-- keys: workers, lease   args: worker, boot
local function worker_give_up(keys, args)
  if redis.call('HGET', keys[2], 'boot') == args[2] then
    redis.call('DEL', keys[2])
    redis.call('SREM', keys[1], args[1])
  end
  return redis.status_reply('OK')
end

-- keys: workers, duties
local function workers_list(keys)
  return list_leases(keys[1], function(name)
    return redis.call('HGET', keys[2], name) or ''
  end)
end

-- keys: epoch of leads, duties   args: epoch, worker, duty or empty
local function worker_duty(keys, args)
  return put_as_leader(keys, args)
end

redis.register_function('lead_take', lead_take)
redis.register_function('lead_give_up', lead_give_up)
redis.register_function('lead_pass', lead_pass)
redis.register_function('lead_show', lead_show)
redis.register_function('coordinators_list', coordinators_list)
redis.register_function('worker_renew', worker_renew)
redis.register_function('worker_give_up', worker_give_up)
redis.register_function('workers_list', workers_list)
redis.register_function('worker_duty', worker_duty)
