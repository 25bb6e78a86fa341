-- How many runs there may be at once of a connection and of an integration, over all workers. Each
-- of the two is a gate: the runs inside, the row of those that wait, and when each of these was
-- heard of last. A run that is not renewed falls out, so a worker that dies leaves nothing behind.

local GATE_SILENT_MAX = 3000
local GATE_KEPT = 60000

local function keys_of_gate(prefix)
  return prefix .. ':runs', prefix .. ':row', prefix .. ':heard'
end

-- True if this run has to wait at the gate; then it stands in the row.
local function is_gate_closed(prefix, id, limit, now)
  if limit == 0 then
    return false
  end
  local runs, row, heard = keys_of_gate(prefix)
  redis.call('ZREMRANGEBYSCORE', runs, '-inf', now)
  if redis.call('ZSCORE', runs, id) then
    return false
  end
  local silent = redis.call('ZRANGE', heard, '-inf', now - GATE_SILENT_MAX, 'BYSCORE')
  call_in_parts('ZREM', row, silent)
  call_in_parts('ZREM', heard, silent)
  redis.call('ZADD', row, 'NX', now, id)
  redis.call('ZADD', heard, now, id)
  redis.call('PEXPIRE', row, GATE_KEPT)
  redis.call('PEXPIRE', heard, GATE_KEPT)
  return redis.call('ZRANK', row, id) >= limit - redis.call('ZCARD', runs)
end

local function enter_gate(prefix, id, limit, span, now)
  if limit == 0 then
    return
  end
  local runs, row, heard = keys_of_gate(prefix)
  redis.call('ZADD', runs, now + span, id)
  redis.call('PEXPIRE', runs, GATE_KEPT)
  redis.call('ZREM', row, id)
  redis.call('ZREM', heard, id)
end

-- keys: gates, the outer one first   args: run, milliseconds, limit of each or 0
-- Answers 0 if the run may begin, or the index of the gate where it has to wait.
local function gates_enter(keys, args)
  local now = now_ms()
  for i, prefix in ipairs(keys) do
    if is_gate_closed(prefix, args[1], tonumber(args[i + 2]), now) then
      return i
    end
  end
  for i, prefix in ipairs(keys) do
    enter_gate(prefix, args[1], tonumber(args[i + 2]), tonumber(args[2]), now)
  end
  return 0
end

-- keys: gates   args: as above
-- Has a run that is inside count for longer, even if it has fallen out meanwhile.
local function gates_renew(keys, args)
  local now = now_ms()
  for i, prefix in ipairs(keys) do
    enter_gate(prefix, args[1], tonumber(args[i + 2]), tonumber(args[2]), now)
  end
  return redis.status_reply('OK')
end

-- keys: gates   args: run
local function gates_leave(keys, args)
  for _, prefix in ipairs(keys) do
    local runs, row, heard = keys_of_gate(prefix)
    redis.call('ZREM', runs, args[1])
    redis.call('ZREM', row, args[1])
    redis.call('ZREM', heard, args[1])
  end
  return redis.status_reply('OK')
end

redis.register_function('gates_enter', gates_enter)
redis.register_function('gates_renew', gates_renew)
redis.register_function('gates_leave', gates_leave)
