-- What applications are told by webhook waits here until it is delivered. A lane holds, in order,
-- what one variant or connection has to say to one of the two URLs of its environment; what stands
-- first is sent until it arrives or is given up. Lanes with something to do are in one index, by
-- when they may be looked at: a lane that is claimed comes back by itself when its claim ends, so
-- that nothing is lost with the process that was to deliver it.
--
-- This crosses slots: events come in the same call as what they tell of.

local outbox = {}

do
  local SETTINGS, KEYS = '{w}:settings', '{w}:keys'
  local DUE, BELL = '{w}:due', '{w}:bell'
  local QUEUE, STATE, SEQUENCE = '{w}:queue:', '{w}:lane:', '{w}:sequence:'
  local DEAD, LOG, COUNTS = '{w}:dead:', '{w}:log:', '{w}:counts:'

  -- How much may wait: events of one lane, bytes of one environment, dead letters of one.
  local LANE_MAX, BYTES_MAX, DEAD_MAX = 1000, 256 * 1024 * 1024, 10000

  -- How many deliveries an environment remembers.
  local LOG_MAX = 2000

  -- How long a lane that is silent goes on counting its events.
  local SEQUENCE_REST_S = 30 * 24 * 3600

  -- What an entry holds, in order: id, time, environment, kind, body, override, sequence, trace or
  -- empty.
  local ID, ENVIRONMENT = 1, 3

  local function settings_of(environment)
    local text = redis.call('HGET', SETTINGS, environment)
    return text and cjson.decode(text) or {}
  end

  -- All events are on unless they are switched off, but for those that applications do not know.
  local function is_on(settings, switch)
    local value = settings[switch]
    if value == nil then
      return switch ~= 'on_variant_change'
    end
    return value
  end

  local function targets_of(settings, override)
    if override ~= '' then
      return { 'primary' }
    end
    local targets = {}
    for _, target in ipairs({ 'primary', 'secondary' }) do
      if (settings[target .. '_url'] or '') ~= '' then
        targets[#targets + 1] = target
      end
    end
    return targets
  end

  local function count(environment, entry, sign)
    local counts = COUNTS .. environment
    redis.call('HINCRBY', counts, 'waiting', sign)
    return redis.call('HINCRBY', counts, 'bytes', sign * #entry)
  end

  local function ring()
    if redis.call('EXISTS', BELL) == 0 then
      redis.call('RPUSH', BELL, 1)
    end
  end

  local function bury(lane, entry, why, tries)
    local environment = cmsgpack.unpack(entry)[ENVIRONMENT]
    local dead = DEAD .. environment
    redis.call('XADD', dead, '*', 'lane', lane, 'entry', entry, 'why', why, 'tries', tries)
    local dropped = redis.call('XTRIM', dead, 'MAXLEN', DEAD_MAX)
    if dropped > 0 then
      redis.call('HINCRBY', COUNTS .. environment, 'dropped', dropped)
    end
  end

  -- Takes the first of a lane away; the next one, if there is any, may go at once.
  local function pop(lane)
    local entry = redis.call('LPOP', QUEUE .. lane)
    redis.call('DEL', STATE .. lane)
    count(cmsgpack.unpack(entry)[ENVIRONMENT], entry, -1)
    if redis.call('EXISTS', QUEUE .. lane) == 0 then
      redis.call('ZREM', DUE, lane)
    else
      redis.call('ZADD', DUE, now_ms(), lane)
      ring()
    end
    return entry
  end

  -- Puts an entry at the end of a lane. If too much waits, the oldest of the lane is given up.
  local function append(lane, environment, entry)
    redis.call('RPUSH', QUEUE .. lane, entry)
    if redis.call('ZADD', DUE, 'NX', now_ms(), lane) == 1 then
      ring()
    end
    local bytes = count(environment, entry, 1)
    if bytes > BYTES_MAX or redis.call('LLEN', QUEUE .. lane) > LANE_MAX then
      bury(lane, pop(lane), 'too much waits for delivery', 0)
    end
  end

  -- Has all targets told of an event. Answers how many there are.
  local function put(environment, settings, owner, override, event)
    local targets = targets_of(settings, override)
    if #targets == 0 then
      return 0
    end
    local sequence = redis.call('INCR', SEQUENCE .. owner)
    redis.call('EXPIRE', SEQUENCE .. owner, SEQUENCE_REST_S)
    local entry = cmsgpack.pack({ event.id, now_ms(), environment, event.kind, event.body,
      override, sequence, event.trace or '' })
    for _, target in ipairs(targets) do
      append(owner .. '/' .. target, environment, entry)
    end
    return #targets
  end

  -- Tells of an event if its switch is on. Answers how many targets it has.
  function outbox.tell(environment, owner, override, switch, event)
    local settings = settings_of(environment)
    if switch ~= '' and not is_on(settings, switch) then
      return 0
    end
    return put(environment, settings, owner, override, event)
  end

  -- The connection of a variant and the settings of its environment, if anybody wants to hear.
  -- Returns them with the name of the sync and the variant's id, or nil.
  local function audience_of(head)
    local number, sync, id = string.match(head, '^v:{(%d+)/([^}]*)}:(.+)$')
    local row = number and redis.call('HGET', '{c}:' .. number, 'row')
    if not row then
      return nil
    end
    local link = cmsgpack.unpack(row)
    local settings = settings_of(link.environment)
    if #targets_of(settings, link.webhook_url_override) == 0 then
      return nil
    end
    return { link = link, settings = settings, sync = sync, id = id }
  end

  local function put_of_variant(to, id, kind, facts)
    put(to.link.environment, to.settings, to.id, to.link.webhook_url_override,
      { id = id, kind = kind, body = cmsgpack.pack(facts), trace = to.trace })
  end

  local function type_of_run(fields, is_incremental)
    if fields['before'] then
      return 'WEBHOOK'
    end
    return is_incremental and fields['sync'] and 'INCREMENTAL' or 'INITIAL'
  end

  -- What a run has to tell of one model, or of none if it failed.
  local function facts_of_run(to, fields, run, model, counts)
    local range = fields['cfrom'] and 1 or 0
    return { run.outcome == 'success', to.link.connection_id, to.link.provider_config_key, to.sync,
      fields['name'], model, type_of_run(fields, run.is_incremental), tonumber(fields['started']),
      run.finished, counts.a, counts.u, counts.d, range, fields['cfrom'] or '',
      fields['ckpt'] or '', tonumber(fields['sync'] or '0'), run.report }
  end

  local function counts_of(fields, model)
    local counts = {}
    for _, mark in ipairs({ 'a', 'u', 'd' }) do
      counts[mark] = tonumber(fields[mark .. ':' .. model] or '0')
    end
    return counts
  end

  -- The models that were declared, and those that are counted besides.
  local function all_models(fields, declared)
    local all, known = {}, {}
    for _, list in ipairs({ declared, models_of(fields) }) do
      for _, model in ipairs(list) do
        if not known[model] then
          known[model] = true
          all[#all + 1] = model
        end
      end
    end
    return all
  end

  local function tell_of_success(to, fields, run)
    local is_always = is_on(to.settings, 'on_sync_completion_always')
    for i, model in ipairs(all_models(fields, run.models)) do
      local counts = counts_of(fields, model)
      if is_always or counts.a + counts.u + counts.d > 0 then
        put_of_variant(to, to.id .. '.' .. fields['started'] .. '.' .. i, 'sync',
          facts_of_run(to, fields, run, model, counts))
      end
    end
  end

  -- Who is cancelled or takes too long names no models.
  local function models_of_failure(run)
    if run.outcome == 'cancelled' or string.find(run.report, '"type":"execution_timeout"', 1, true)
    then
      return ''
    end
    return table.concat(run.models, ',')
  end

  -- Tells how the run ended that the head shows. `run` has outcome, report, finished, models and
  -- is_incremental. An interrupted run goes on: nobody hears of it.
  function outbox.tell_of_run(head, fields, run)
    if run.outcome == 'interrupted' then
      return
    end
    local to = audience_of(head)
    if not to then
      return
    end
    to.trace = run.trace
    if run.outcome == 'success' then
      tell_of_success(to, fields, run)
    elseif is_on(to.settings, 'on_sync_error') then
      put_of_variant(to, to.id .. '.' .. fields['started'] .. '.0', 'sync',
        facts_of_run(to, fields, run, models_of_failure(run), { a = 0, u = 0, d = 0 }))
    end
  end

  -- Tells that a variant was created, deleted, restored, paused or started. A base variant comes
  -- and goes with its sync: nobody hears of that.
  function outbox.tell_of_variant(head, name, operation)
    if name == 'base' and operation ~= 'paused' and operation ~= 'started' then
      return
    end
    local to = audience_of(head)
    if not to or not is_on(to.settings, 'on_variant_change') then
      return
    end
    local now = now_ms()
    put_of_variant(to, to.id .. '.' .. operation .. '.' .. string.format('%d', now), 'variant',
      { to.link.connection_id, to.link.provider_config_key, to.sync, name, operation, now })
  end

  -- The same if what `paused` tells has changed.
  function outbox.tell_of_pause(head, name, was_paused, is_paused)
    if was_paused ~= is_paused then
      outbox.tell_of_variant(head, name, is_paused and 'paused' or 'started')
    end
  end

  -- args: environment, owner, override or empty, switch or empty, id, kind, body
  -- Answers how many targets will hear of it.
  local function outbox_put(_, args)
    return outbox.tell(args[1], args[2], args[3], args[4],
      { id = args[5], kind = args[6], body = args[7] })
  end

  -- args: claim, most lanes, milliseconds
  -- Answers in how many milliseconds the next lane is due, -1 for none, and for each lane that is
  -- claimed: lane, entry, tries so far, settings or empty, signing key or empty.
  local function outbox_claim(_, args)
    local now, answer = now_ms(), { -1 }
    for _, lane in ipairs(redis.call('ZRANGEBYSCORE', DUE, '-inf', now, 'LIMIT', 0, args[2])) do
      local entry = redis.call('LINDEX', QUEUE .. lane, 0)
      if entry then
        redis.call('ZADD', DUE, now + tonumber(args[3]), lane)
        redis.call('HSET', STATE .. lane, 'claim', args[1])
        local environment = cmsgpack.unpack(entry)[ENVIRONMENT]
        answer[#answer + 1] = { lane, entry, redis.call('HGET', STATE .. lane, 'tries') or '0',
          redis.call('HGET', SETTINGS, environment) or '',
          redis.call('HGET', KEYS, environment) or '' }
      else
        redis.call('ZREM', DUE, lane)
      end
    end
    local first = redis.call('ZRANGE', DUE, 0, 0, 'WITHSCORES')
    if first[2] then
      answer[1] = math.max(0, tonumber(first[2]) - now)
    end
    return answer
  end

  local function postpone(lane, wait)
    redis.call('HDEL', STATE .. lane, 'claim')
    redis.call('ZADD', DUE, 'XX', now_ms() + tonumber(wait), lane)
  end

  -- args: claim, lane, event, "done", "again", "dead" or "hold", milliseconds until it may be tried
  -- again, why it is dead, line for the log or empty
  -- Holding counts no try. Answers 1, or 0 if the event is not the first of the lane any more.
  local function outbox_settle(_, args)
    local lane, verdict = args[2], args[4]
    if redis.call('HGET', STATE .. lane, 'claim') ~= args[1] then
      return refuse('FENCED', 'the claim has ended')
    end
    local entry = redis.call('LINDEX', QUEUE .. lane, 0)
    local event = entry and cmsgpack.unpack(entry) or {}
    if event[ID] ~= args[3] then
      postpone(lane, 0)
      ring()
      return 0
    end
    if args[7] ~= '' then
      redis.call('XADD', LOG .. event[ENVIRONMENT], 'MAXLEN', '~', LOG_MAX, '*', 'l', args[7])
    end
    if verdict == 'hold' or verdict == 'again' then
      if verdict == 'again' then
        redis.call('HINCRBY', STATE .. lane, 'tries', 1)
      end
      postpone(lane, args[5])
      return 1
    end
    if verdict == 'dead' then
      local tries = tonumber(redis.call('HGET', STATE .. lane, 'tries') or '0') + 1
      bury(lane, entry, args[6], tries)
    end
    pop(lane)
    return 1
  end

  -- args: environment, ids of dead letters...
  -- Answers how many there were of them. They go to the end of their lanes.
  local function outbox_resend(_, args)
    local sent, dead = 0, DEAD .. args[1]
    for i = 2, #args do
      for _, letter in ipairs(redis.call('XRANGE', dead, args[i], args[i])) do
        redis.call('XDEL', dead, letter[1])
        append(letter[2][2], args[1], letter[2][4])
        sent = sent + 1
      end
    end
    return sent
  end

  redis.register_function('outbox_put', outbox_put)
  redis.register_function('outbox_claim', outbox_claim)
  redis.register_function('outbox_settle', outbox_settle)
  redis.register_function('outbox_resend', outbox_resend)
end
