-- Who may write. A leader proves itself by its epoch, the owner of a variant by its token, a run by
-- its number too.

-- Where a replica took over, what its master had acknowledged last may be lost. A run that knows of
-- more than the store does must not go on: what it would save later is no whole without that.
local LOST_BY_STORE = 'Redis has lost what the run had saved'

-- Refuses the leaders of the past; nil if this one may write.
local function fence_leader(key, epoch)
  local seen = tonumber(redis.call('GET', key) or '0')
  local mine = tonumber(epoch)
  if mine < seen then
    return refuse('FENCED', 'a leader of epoch ' .. seen .. ' has written')
  end
  if mine > seen then
    redis.call('SET', key, epoch)
  end
  return nil
end

-- Refuses everybody but the owner; nil if the token is the one named last.
local function fence_owner(head, token)
  local owner = redis.call('HGET', head, 'token')
  if not owner then
    return refuse('NOT_FOUND', 'the variant is gone')
  end
  if owner ~= token then
    return refuse('FENCED', 'another owner was named')
  end
  return nil
end

-- Refuses every run but the one whose token and number a head begins with. For a run, a variant
-- that is gone is a variant that it does not own any more.
local function refuse_ticket(fields, token, run)
  if not fields[1] then
    return refuse('FENCED', 'the variant is gone')
  end
  if fields[1] ~= token then
    return refuse('FENCED', 'another owner was named')
  end
  if tonumber(run) > tonumber(fields[2] or '0') then
    return refuse('CANCELLED', LOST_BY_STORE)
  end
  if fields[2] ~= run then
    return refuse('FENCED', 'another run has begun')
  end
  return nil
end

local function refuse_ended(state)
  if state ~= 'running' then
    return refuse('FENCED', 'the run has ended')
  end
  return nil
end

local function fence_run(head, token, run)
  return refuse_ticket(redis.call('HMGET', head, 'token', 'run'), token, run)
end

-- The same for what only a run that has not ended may do.
local function fence_running(head, token, run)
  local fields = redis.call('HMGET', head, 'token', 'run', 'state')
  return refuse_ticket(fields, token, run) or refuse_ended(fields[3])
end

-- Sets a field of a hash, or drops it.
-- keys: epoch of leads, hash   args: epoch, field, value or empty
local function put_as_leader(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then
    return refuse('FENCED', 'another one leads')
  end
  if args[3] == '' then
    redis.call('HDEL', keys[2], args[2])
  else
    redis.call('HSET', keys[2], args[2], args[3])
  end
  return redis.status_reply('OK')
end
