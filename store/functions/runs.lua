-- The runs of a variant.

-- The counts of the head's run as JSON.
local function result_json(fields)
  local parts = {}
  for _, model in ipairs(models_of(fields)) do
    local count = function(action)
      return fields[action .. ':' .. model] or '0'
    end
    parts[#parts + 1] = cjson.encode(model) .. ':{"added":' .. count('a') .. ',"updated":'
      .. count('u') .. ',"deleted":' .. count('d') .. '}'
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

local LOST = '{"type":"run_lost","description":"The worker was lost before the run ended"}'

-- A run that lost its worker says nothing of the script.
local function count_failure(head, outcome, report)
  if outcome == 'failed' and report ~= LOST then
    redis.call('HINCRBY', head, 'fails', 1)
  elseif outcome == 'success' then
    redis.call('HDEL', head, 'fails', 'retry')
  end
end

-- Failures in a row, how often the last run was a retry, and when it failed or -1.
local function failing_of(head)
  local fields = redis.call('HMGET', head, 'fails', 'retry', 'state', 'finished')
  local fails = tonumber(fields[1] or '0')
  local has_failed = fields[3] == 'failed' and fails > 0
  return { fails, tonumber(fields[2] or '0'), has_failed and tonumber(fields[4]) or -1 }
end

local function answer_end(head, outcome)
  local failing = failing_of(head)
  return { outcome, has_waiting(head), failing[1], failing[2], failing[3] }
end

-- What made a run begin, for its history, and which retry it is.
local function cause_of(fields, level, goes_on, event, args)
  if event then
    return 'event', nil
  elseif level > 0 then
    return 'manual', '0'
  elseif goes_on and args[2] == '' then
    return 'interrupted', fields['retry'] or '0'
  elseif args[6] ~= '0' then
    return 'retry', args[6]
  end
  return 'schedule', '0'
end

-- The id of a trace is what stands between the first two dashes of its text.
local function trace_of_history(trace)
  local id = string.match(trace or '', '^%x%x%-(%x+)%-')
  return id and ',"trace_id":"' .. id .. '"' or ''
end

-- How many runs the head remembers for a glance.
local RECENT_MAX = 20

-- What the head tells of its last runs, with one more: the first letter of the outcome, how many
-- milliseconds it took, and how many records it changed.
local function with_run(recent, outcome, took, fields)
  local changed = 0
  for _, model in ipairs(models_of(fields)) do
    for _, action in ipairs { 'a', 'u', 'd' } do
      changed = changed + (tonumber(fields[action .. ':' .. model]) or 0)
    end
  end
  local all = recent and recent .. ' ' or ''
  all = all .. string.format('%s%d:%d', string.sub(outcome, 1, 1), math.max(0, took), changed)
  local _, count = string.gsub(all, '%S+', '')
  return count > RECENT_MAX and string.match(all, ' (.*)') or all
end

-- Ends the run that the head shows. `report` is JSON text, or empty. `of` tells the models that the
-- sync declares, whether it is incremental, and the trace of the run, where that is known.
local function close_run(head, fields, outcome, report, of)
  local now = now_ms()
  of = of or { models = {}, is_incremental = true }
  redis.call('HSET', head, 'state', outcome, 'finished', now, 'error', report)
  append_history(head, outcome, '{"run":' .. fields['run'] .. ',"started_at":' .. fields['started']
    .. ',"finished_at":' .. string.format('%d', now) .. ',"result":' .. result_json(fields)
    .. checkpoint_range(fields) .. (fields['before'] and ',"event":true' or '')
    .. (fields['prog'] and ',"progress":' .. fields['prog'] or '') .. trace_of_history(of.trace)
    .. (report ~= '' and ',"error":' .. report or '') .. '}')
  outbox.tell_of_run(head, fields, { outcome = outcome, report = report, finished = now,
    models = of.models, is_incremental = of.is_incremental, trace = of.trace })
  if not fields['before'] then
    count_failure(head, outcome, report)
    local took = now - tonumber(fields['started'])
    redis.call('HSET', head, 'recent', with_run(fields['recent'], outcome, took, fields))
  end
  if fields['before'] then
    take_up(head, fields, outcome == 'success' or outcome == 'failed' and report ~= LOST)
  elseif outcome == 'success' then
    redis.call('HSET', head, 'sync', fields['started'])
  end
end

-- What a run of that wanted level forgets before it begins.
local function reset(head, fields, level)
  if level >= 2 then
    forget_checkpoint(head, fields)
    redis.call('HDEL', head, 'sync')
    fields['sync'] = nil
    for field in pairs(fields) do
      if string.sub(field, 1, 2) == 't:' then
        redis.call('HDEL', head, field)
      end
    end
  end
  if level >= 3 then
    for _, model in ipairs(models_of(fields)) do
      erase_records(head, model)
    end
  end
end

-- Whether a run that was not asked for must be made: the last one did not come to its end.
local function must_go_on(fields)
  return not fields['before'] and (fields['state'] == 'running' or fields['state'] == 'interrupted')
end

-- How long a run has waited since it was triggered or due, or else for a place on the worker.
local function waited_ms(fields, slot, on_worker, now)
  local waited = tonumber(on_worker or '0')
  if fields['asked'] then
    waited = math.max(waited, now - tonumber(fields['asked']))
  end
  if slot ~= '' then
    waited = math.max(waited, now - tonumber(slot))
  end
  return waited
end

-- keys: head   args: token, slot or empty, milliseconds it waited on the worker, 1 if a run is made
-- only if one is wanted, slots missed before, which retry it is, how many there may be
-- Answers: run, start, last sync or empty, 1 if the records were erased, event or empty, trace of
-- the trigger or empty; or IDLE.
local function run_begin(keys, args)
  local head = keys[1]
  local refused = fence_owner(head, args[1])
  if refused then
    return refused
  end
  local fields = read_head(head)
  local goes_on = must_go_on(fields)
  if fields['state'] == 'running' then
    close_run(head, fields, 'failed', LOST)
    fields = read_head(head)
  end
  local level, event = tonumber(fields['want'] or '0'), nil
  if args[4] == '1' and level == 0 and not goes_on then
    event = next_event(head, fields)
    if not event then
      return redis.status_reply('IDLE')
    end
    lay_aside(head, fields)
    fields = read_head(head)
  else
    reset(head, fields, level)
    redis.call('HDEL', head, 'want', 'asked', 'trace')
  end
  redis.call('HDEL', head, 'batch', 'answer', 'cfrom', 'prog')
  for _, model in ipairs(models_of(fields)) do
    redis.call('HDEL', head, 'a:' .. model, 'u:' .. model, 'd:' .. model)
  end
  local run = redis.call('HINCRBY', head, 'run', 1)
  local now = now_ms()
  local waited = waited_ms(fields, args[2], args[3], now)
  redis.call('HSET', head, 'state', 'running', 'rtoken', args[1], 'started', now, 'finished', 0,
    'error', '', 'waited', waited)
  local trigger, retry = cause_of(fields, level, goes_on, event, args)
  local detail = '{"run":' .. run .. ',"triggered":' .. tostring(level > 0) .. ',"trigger":"'
    .. trigger .. '"'
  if retry then
    set_or_drop(head, 'retry', retry ~= '0' and retry or nil)
  end
  if retry and retry ~= '0' then
    detail = detail .. ',"retry":' .. retry .. ',"retries":' .. args[7]
  end
  if args[5] ~= '0' then
    detail = detail .. ',"missed":' .. args[5]
  end
  if event then
    detail = detail .. ',"event":true'
  end
  if args[2] ~= '' then
    redis.call('HSET', head, 'slot', args[2])
    detail = detail .. ',"slot":' .. args[2]
  end
  detail = detail .. ',"waited_ms":' .. waited
  append_history(head, 'started', detail .. '}')
  return { run, now, fields['sync'] or '', level >= 3 and 1 or 0, event or '',
    level > 0 and fields['trace'] or '' }
end

local LOST_BATCH = '{"type":"script_aborted","description":"' .. LOST_BY_STORE .. '"}'
local STUCK = '{"type":"execution_timeout","description":"The run took too long, and its '
  .. 'checkpoint has not moved"}'

-- keys: head   args: token, run, outcome, error or empty, 1 if the checkpoint must have moved, the
-- last batch that was answered, the models that the sync declares as JSON or empty, 1 if it is
-- incremental, its progress as JSON or empty, its trace or empty
-- A run that has lost a batch goes on from what is left.
-- Answers what the run came to, and 1 if more waits already.
local function run_end(keys, args)
  local head = keys[1]
  local refused = fence_run(head, args[1], args[2])
  if refused then
    return refused
  end
  local fields = read_head(head)
  local outcome, report = args[3], args[4]
  if fields['state'] ~= 'running' then
    return answer_end(head, fields['state'])
  end
  if outcome == 'success' and tonumber(fields['batch'] or '0') < tonumber(args[6]) then
    outcome, report = 'interrupted', LOST_BATCH
  end
  if args[5] == '1' and fields['cfrom'] == (fields['ckpt'] or '') then
    outcome, report = 'failed', STUCK
  end
  local models = (args[7] or '') ~= '' and cjson.decode(args[7]) or {}
  fields['prog'] = (args[9] or '') ~= '' and args[9] or nil
  close_run(head, fields, outcome, report,
    { models = models, is_incremental = args[8] == '1', trace = args[10] })
  return answer_end(head, outcome)
end

-- What an owner was to go on with, and was cancelled before it did, is over.
local function end_what_was_to_go_on(head, token)
  local open = redis.call('HMGET', head, 'state', 'rtoken', 'before')
  local goes_on = open[1] == 'interrupted' or open[1] == 'running' and open[2] ~= token
  if goes_on and not open[3] then
    redis.call('HSET', head, 'state', 'cancelled', 'finished', now_ms(), 'error', '')
  end
end

-- keys: head   args: token, what, reason, slot or empty, how many slots, 1 if the slot is settled
local function run_note(keys, args)
  local refused = fence_owner(keys[1], args[1])
  if refused then
    return refused
  end
  local slot = args[4] ~= '' and ',"slot":' .. args[4] or ''
  local count = args[5] ~= '1' and ',"count":' .. args[5] or ''
  append_history(keys[1], args[2], '{"reason":' .. cjson.encode(args[3]) .. slot .. count .. '}')
  if args[2] == 'cancelled' then
    end_what_was_to_go_on(keys[1], args[1])
  end
  if args[6] == '1' and slot ~= '' then
    redis.call('HSET', keys[1], 'slot', args[4])
  end
  return redis.status_reply('OK')
end

-- keys: head   args: token, run, progress as JSON
local function run_progress(keys, args)
  local refused = fence_running(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  redis.call('HSET', keys[1], 'prog', args[3])
  return redis.status_reply('OK')
end

redis.register_function('run_begin', run_begin)
redis.register_function('run_end', run_end)
redis.register_function('run_note', run_note)
redis.register_function('run_progress', run_progress)
