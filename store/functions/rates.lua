-- How many calls each bucket of the API has taken in its minute.

-- keys: bucket   args: points, milliseconds that a window has
-- Answers the points taken in this window, these included, and how many milliseconds it has left.
local function rate_take(keys, args)
  local taken = redis.call('INCRBY', keys[1], args[1])
  local left = redis.call('PTTL', keys[1])
  if left < 0 then
    redis.call('PEXPIRE', keys[1], args[2])
    left = tonumber(args[2])
  end
  return { taken, left }
end

redis.register_function('rate_take', rate_take)
