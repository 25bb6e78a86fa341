-- Turns at renewing the credentials of a connection: one process at a time, and none for a while
-- after the provider has refused.

local function end_turn(lock, nonce)
  if redis.call('GET', lock) == nonce then
    redis.call('DEL', lock)
  end
end

-- What the caller has seen may be stored in several forms: plain, or sealed with one of its keys.
local function is_one_of(args, first, stored)
  for i = first, #args do
    if args[i] == stored then
      return true
    end
  end
  return false
end

-- keys: row, lock   args: nonce, milliseconds, forms of the credentials that the caller has seen
-- Answers a word and, for PAUSE, how many milliseconds it lasts yet. GO: the turn is the caller's.
local function renewal_begin(keys, args)
  local fields = redis.call('HMGET', keys[1], 'credentials', 'refused_until')
  if not fields[1] then
    return refuse('NOT_FOUND', 'the connection does not exist')
  end
  if not is_one_of(args, 3, fields[1]) then
    return { 'CHANGED', 0 }
  end
  local pause = tonumber(fields[2] or 0) - now_ms()
  if pause > 0 then
    return { 'PAUSE', pause }
  end
  if redis.call('SET', keys[2], args[1], 'NX', 'PX', args[2]) then
    return { 'GO', 0 }
  end
  return { 'BUSY', 0 }
end

-- keys: row, lock   args: nonce, the new credentials, forms of those that were renewed
-- Stores the new ones unless others took the place of the old ones meanwhile. Answers what is
-- stored now.
local function renewal_store(keys, args)
  end_turn(keys[2], args[1])
  local stored = redis.call('HGET', keys[1], 'credentials')
  if not stored then
    return refuse('NOT_FOUND', 'the connection does not exist')
  end
  if not is_one_of(args, 3, stored) then
    return stored
  end
  redis.call('HSET', keys[1], 'credentials', args[2], 'updated', now_ms())
  redis.call('HDEL', keys[1], 'refusals', 'refused_until')
  return args[2]
end

-- keys: row, lock   args: nonce, first pause, longest pause; both 0 for none; and to tell of the
-- first refusal in a row: environment, number, override of the webhook URL or empty, id of the
-- event, what is told
-- Each refusal in a row doubles the pause. Answers it.
local function renewal_fail(keys, args)
  end_turn(keys[2], args[1])
  local longest = tonumber(args[3])
  if longest == 0 or redis.call('EXISTS', keys[1]) == 0 then
    return 0
  end
  local refusals = redis.call('HINCRBY', keys[1], 'refusals', 1)
  if refusals == 1 and args[8] then
    outbox.tell(args[4], 'c' .. args[5], args[6], 'on_auth_refresh_error',
      { id = args[7], kind = 'json', body = args[8] })
  end
  local pause = math.min(longest, tonumber(args[2]) * 2 ^ math.min(refusals - 1, 20))
  redis.call('HSET', keys[1], 'refused_until', now_ms() + pause)
  return pause
end

redis.register_function('renewal_begin', renewal_begin)
redis.register_function('renewal_store', renewal_store)
redis.register_function('renewal_fail', renewal_fail)
