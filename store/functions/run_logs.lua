-- The logs of runs.

-- About how many lines the log of a variant has at most.
local LINES_MAX = 5000

-- How many old lines are looked at in one step.
local OLD_LINES_STEP = 200

-- Forgets what runs up to number `last` have logged, and all that is older than `age` milliseconds.
local function forget_lines(log, last, age)
  redis.call('XTRIM', log, 'MINID', string.format('%d', math.max(0, now_ms() - age)))
  while last > 0 do
    local old = {}
    for _, entry in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', OLD_LINES_STEP)) do
      if (tonumber(entry[2][2]) or 0) > last then
        break
      end
      old[#old + 1] = entry[1]
    end
    if #old > 0 then
      redis.call('XDEL', log, unpack(old))
    end
    if #old < OLD_LINES_STEP then
      return
    end
  end
end

-- keys: head, log   args: token, run, how many runs are kept, for how many milliseconds, then level
-- and text of each line
local function run_log(keys, args)
  local refused = fence_run(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  for i = 5, #args, 2 do
    redis.call('XADD', keys[2], 'MAXLEN', '~', LINES_MAX, '*', 'r', args[2], 'v', args[i],
      'l', args[i + 1])
  end
  forget_lines(keys[2], tonumber(args[2]) - tonumber(args[3]), tonumber(args[4]))
  redis.call('PEXPIRE', keys[2], args[4])
  return redis.status_reply('OK')
end

redis.register_function('run_log', run_log)
