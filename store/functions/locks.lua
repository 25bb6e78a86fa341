-- The locks that scripts take.

-- keys: lock   args: owner, milliseconds
-- Answers 1 if the owner has it now.
local function lock_take(keys, args)
  local owner = redis.call('GET', keys[1])
  if owner and owner ~= args[1] then
    return 0
  end
  redis.call('SET', keys[1], args[1], 'PX', args[2])
  return 1
end

-- keys: lock   args: owner
-- Answers 1 if the owner had it.
local function lock_release(keys, args)
  if redis.call('GET', keys[1]) ~= args[1] then
    return 0
  end
  redis.call('DEL', keys[1])
  return 1
end

redis.register_function('lock_take', lock_take)
redis.register_function('lock_release', lock_release)
