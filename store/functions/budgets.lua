-- The budgets of connections: how many requests may go to a provider, whose turn it is, and the
-- pauses that providers ask for. A permit counts from the moment its request can have reached the
-- provider; until that is known, its score says when it would be free again at the earliest.

local SILENT_MAX = 2000 -- A process that has not asked for so long has lost its places in the row.
local PAUSE_MAX = 3600000
local KEPT = 60000

-- After a pause the waiting requests go in steps, for nobody knows what the provider bears by then:
-- five at first, and one more in each step than in the one before.
local RAMP_STEP = 100
local RAMP_BURST = 5
local RAMP_SPAN = 5000

local ASK_MIN = 5
local ASK_MAX = 500

-- keys: index, budget, permits, row
local function keep_budget(keys, number, fields, now)
  local left = math.max(tonumber(fields['until'] or '0') - now, 0)
  local span = left + tonumber(fields['per'] or '0') + KEPT
  redis.call('ZREMRANGEBYSCORE', keys[1], '-inf', now)
  redis.call('ZADD', keys[1], now + span, number)
  for i = 2, 4 do
    redis.call('PEXPIRE', keys[i], span)
  end
end

local function forget_budget(keys, number)
  redis.call('DEL', keys[2], keys[3], keys[4])
  redis.call('ZREM', keys[1], number)
end

-- Notes who asks, and forgets those who have not for too long.
local function note_process(budget, fields, process, asks, now)
  for field, heard in pairs(fields) do
    if string.sub(field, 1, 2) == 'p:' and tonumber(heard) < now - SILENT_MAX then
      redis.call('HDEL', budget, field)
      fields[field] = nil
    end
  end
  if asks then
    redis.call('HSET', budget, 'p:' .. process, now)
  else
    redis.call('HDEL', budget, 'p:' .. process)
  end
end

-- Takes out of the row what nobody claims any more, and returns what is left in order, with what
-- this process claims anew at the end.
local function read_row(row, fields, process, claims)
  local wanted, kept, gone = {}, {}, {}
  for i, claim in ipairs(claims) do
    wanted[claim] = i
  end
  for _, member in ipairs(redis.call('ZRANGE', row, 0, -1)) do
    local owner, claim = string.match(member, '^(%S+) (.*)$')
    local index = owner == process and wanted[claim] or nil
    if index or (owner ~= process and fields['p:' .. owner]) then
      kept[#kept + 1] = { member = member, index = index }
    else
      gone[#gone + 1] = member
    end
    if index then
      wanted[claim] = nil
    end
  end
  call_in_parts('ZREM', row, gone)
  for i, claim in ipairs(claims) do
    if wanted[claim] == i then
      kept[#kept + 1] = { member = process .. ' ' .. claim, index = i, fresh = true }
    end
  end
  return kept
end

-- How many of the row may go now, and when one more may at the earliest; `behind` is how many stand
-- before it beyond those.
local function room_of(keys, fields, requests, now)
  local resume = tonumber(fields['until'] or '0')
  local free = math.huge
  if requests > 0 then
    redis.call('ZREMRANGEBYSCORE', keys[3], '-inf', now)
    free = math.max(requests - redis.call('ZCARD', keys[3]), 0)
  end
  if resume > now then
    return 0, function() return resume - now end
  end
  local steps = math.floor((now - resume) / RAMP_STEP)
  local ramp = (steps + 1) * (RAMP_BURST + steps / 2) - tonumber(fields['ramp'] or '0')
  if now < resume + RAMP_SPAN and ramp < free then
    return math.max(ramp, 0), function() return RAMP_STEP - (now - resume) % RAMP_STEP end
  end
  return free, function(behind)
    local next = redis.call('ZRANGE', keys[3], behind - 1, behind - 1, 'WITHSCORES')[2]
    return next and tonumber(next) - now or ASK_MAX
  end
end

-- A millisecond more makes up for the part of one that `now` leaves out.
local function report_permits(permits, args, first, count, now)
  for i = first, first + 3 * count - 1, 3 do
    local bound = args[i] == 'held' and 'GT' or 'LT'
    redis.call('ZADD', permits, 'XX', bound, now + 1 + tonumber(args[i + 2]), args[i + 1])
  end
end

-- keys: index, budget, permits, row
-- args: number, process, requests, per, margin, count of reports, `held` or `over` with permit and
-- milliseconds of each, claims...
-- Answers: 1 if nothing holds anybody up, when to ask again, how long the pause takes yet, and the
-- index of the claim and the permit of each that may go.
local function budget_ask(keys, args)
  local requests, per, margin = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  local fields = read_head(keys[2])
  local now = now_ms()
  local resume = tonumber(fields and fields['until'] or '0')
  if requests == 0 and resume + RAMP_SPAN <= now then
    if fields and tonumber(fields['requests'] or '0') == 0 then
      forget_budget(keys, args[1])
    end
    return { 1, 0, 0 }
  end
  fields = fields or {}
  local reports = tonumber(args[6])
  local claims = {}
  for i = 7 + 3 * reports, #args do
    claims[#claims + 1] = args[i]
  end
  note_process(keys[2], fields, args[2], #claims > 0, now)
  report_permits(keys[3], args, 7, reports, now)
  local row = read_row(keys[4], fields, args[2], claims)
  local free, wait_for = room_of(keys, fields, requests, now)
  local answer = { 0, 0, math.max(resume - now, 0) }
  local gone, behind, granted = {}, nil, 0
  for position, entry in ipairs(row) do
    if entry.index and position <= free then
      local permit = redis.call('HINCRBY', keys[2], 'seq', 1)
      granted = granted + 1
      answer[#answer + 1] = entry.index
      answer[#answer + 1] = permit
      if requests > 0 then
        redis.call('ZADD', keys[3], now + 1 + per + margin, permit)
      end
      if not entry.fresh then
        gone[#gone + 1] = entry.member
      end
    elseif entry.index then
      behind = behind or position - free
      if entry.fresh then
        redis.call('ZADD', keys[4], redis.call('HINCRBY', keys[2], 'seq', 1), entry.member)
      end
    end
  end
  call_in_parts('ZREM', keys[4], gone)
  if granted > 0 and now < resume + RAMP_SPAN then
    redis.call('HINCRBY', keys[2], 'ramp', granted)
  end
  redis.call('HSET', keys[2], 'requests', requests, 'per', per)
  fields['per'] = per
  keep_budget(keys, args[1], fields, now)
  if behind then
    answer[2] = math.min(math.max(math.ceil(wait_for(behind)), ASK_MIN), ASK_MAX)
  end
  return answer
end

-- keys: index, budget, permits, row   args: number, milliseconds, reason
-- A pause only ever grows. Answers when it ends.
local function budget_pause(keys, args)
  local fields = read_head(keys[2]) or {}
  local now = now_ms()
  local resume = now + math.min(tonumber(args[2]), PAUSE_MAX)
  local known = tonumber(fields['until'] or '0')
  if resume <= known then
    return known
  end
  redis.call('HSET', keys[2], 'until', resume, 'why', args[3], 'ramp', 0)
  fields['until'] = resume
  keep_budget(keys, args[1], fields, now)
  return resume
end

-- keys: index
-- Answers number, requests, milliseconds, waiting, permits out, end of the pause or 0, and its
-- reason for each budget that is in use.
local function budgets_list(keys)
  local now = now_ms()
  local answer = {}
  for _, number in ipairs(redis.call('ZRANGE', keys[1], now, '+inf', 'BYSCORE')) do
    local budget = keys[1] .. ':' .. number
    local fields = read_head(budget)
    if fields then
      local resume = tonumber(fields['until'] or '0')
      local all = { number, fields['requests'] or '0', fields['per'] or '0',
        redis.call('ZCARD', budget .. ':row'),
        redis.call('ZCOUNT', budget .. ':permits', now, '+inf'),
        resume > now and resume or 0, resume > now and fields['why'] or '' }
      for _, value in ipairs(all) do
        answer[#answer + 1] = value
      end
    end
  end
  return answer
end

redis.register_function('budget_ask', budget_ask)
redis.register_function('budget_pause', budget_pause)
redis.register_function('budgets_list', budgets_list)
