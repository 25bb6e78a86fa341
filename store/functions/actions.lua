-- Actions and on-event functions: what waits for a worker, who runs what, and what came of it.
-- Every key begins with the prefix {a}, which is the one key that is passed. Tasks wait in rows,
-- one for each connection and class, and connections take turns within a class. A class is how deep
-- a call is nested, for which somebody waits, or `q` for the queue: there one task of a connection
-- runs at a time, in order, and stays at the head of its row until it has ended.

do
  local QUEUE = 'q'

  -- How often a queued task is begun again whose worker was lost.
  local LOSSES_MAX = 2

  -- Of tasks that are out of time and of rows that are due again, so many are looked at at once.
  local SWEEP_MAX = 100

  -- About how many entries the news have.
  local NEWS_MAX = 10000

  -- How many ended tasks are remembered for a connection.
  local PAST_MAX = 1000

  -- Who waits for an outcome fetches it at once; for so long it may take if Redis is away.
  local OUTCOME_KEPT = 120000

  local action = {}

  function action.key(prefix, id)
    return prefix .. ':t:' .. id
  end

  function action.row(prefix, class, connection)
    return prefix .. ':r:' .. class .. ':' .. connection
  end

  function action.read(prefix, id)
    return read_head(action.key(prefix, id))
  end

  function action.tell(prefix, what, id)
    redis.call('XADD', prefix .. ':news', 'MAXLEN', '~', NEWS_MAX, '*', 'k', what, 'i', id)
  end

  -- Gives the connection a turn, unless its row is empty.
  function action.line_up(prefix, class, connection)
    if redis.call('EXISTS', action.row(prefix, class, connection)) == 1 then
      redis.call('RPUSH', prefix .. ':turns:' .. class, connection)
    end
  end

  -- A queued action has ended for good: applications hear of it as its caller has worded it.
  function action.announce(id, task)
    if (task['notice'] or '') ~= '' then
      outbox.tell(task['environment'], 'c' .. task['connection'], task['notice_to'] or '',
        'on_async_action_completion', { id = id, kind = 'json', body = task['notice'],
          trace = task['trace'] })
    end
  end

  -- Ends a task for good. Its row goes on.
  function action.finish(prefix, id, task, state, output, problem)
    local key = action.key(prefix, id)
    redis.call('HSET', key, 'state', state, 'finished', now_ms(), 'error', problem)
    redis.call('HDEL', key, 'input')
    redis.call('ZREM', prefix .. ':waiting', id)
    redis.call('ZREM', prefix .. ':busy', id)
    local kept = tonumber(task['keep'])
    redis.call('PEXPIRE', key, kept)
    if output ~= '' then
      local is_queued = task['class'] == QUEUE
      redis.call('SET', prefix .. ':out:' .. id, output, 'PX', is_queued and kept or OUTCOME_KEPT)
    end
    local row = action.row(prefix, task['class'], task['connection'])
    local was_head = redis.call('LINDEX', row, 0) == id
    redis.call('LREM', row, 1, id)
    if task['class'] == QUEUE then
      if was_head then
        redis.call('ZREM', prefix .. ':due', task['connection'])
        action.line_up(prefix, QUEUE, task['connection'])
      end
      action.announce(id, task)
    end
    action.tell(prefix, 'end', id)
  end

  -- Lets a queued task begin again, at once or after a pause. It is still at the head of its row.
  function action.again(prefix, id, task, pause)
    redis.call('ZREM', prefix .. ':busy', id)
    redis.call('HSET', action.key(prefix, id), 'state', 'waiting')
    redis.call('HDEL', action.key(prefix, id), 'claim')
    redis.call('ZADD', prefix .. ':waiting', now_ms() + tonumber(task['start_max']), id)
    if pause > 0 then
      redis.call('ZADD', prefix .. ':due', now_ms() + pause, task['connection'])
    else
      action.line_up(prefix, QUEUE, task['connection'])
      action.tell(prefix, 'put', id)
    end
  end

  -- A task whose worker was lost begins again if it is queued; else who waits for it must decide.
  function action.lose(prefix, id, task, problem)
    if task['class'] ~= QUEUE or tonumber(task['losses'] or '0') >= LOSSES_MAX then
      return action.finish(prefix, id, task, 'failed', '', problem)
    end
    redis.call('HINCRBY', action.key(prefix, id), 'losses', 1)
    redis.call('HINCRBY', action.key(prefix, id), 'tries', -1)
    action.again(prefix, id, task, 0)
  end

  function action.problem(kind, description)
    return cjson.encode({ type = kind, description = description })
  end

  -- Ends what has waited for too long, takes back what nobody runs any more, and gives rows a turn
  -- whose pause is over.
  function action.sweep(prefix)
    local now = now_ms()
    local waiting, busy, due = prefix .. ':waiting', prefix .. ':busy', prefix .. ':due'
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', waiting, '-inf', now, 'LIMIT', 0, SWEEP_MAX)) do
      local task = action.read(prefix, id)
      redis.call('ZREM', waiting, id)
      if task and task['state'] == 'waiting' then
        action.finish(prefix, id, task, 'failed', '',
          action.problem('execution_timeout', 'no worker began it in time'))
      end
    end
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', busy, '-inf', now, 'LIMIT', 0, SWEEP_MAX)) do
      local task = action.read(prefix, id)
      redis.call('ZREM', busy, id)
      if task and task['state'] == 'running' then
        action.lose(prefix, id, task, action.problem('run_lost', 'the worker that ran it was lost'))
      end
    end
    local rows = redis.call('ZRANGEBYSCORE', due, '-inf', now, 'LIMIT', 0, SWEEP_MAX)
    for _, connection in ipairs(rows) do
      redis.call('ZREM', due, connection)
      action.line_up(prefix, QUEUE, connection)
    end
  end

  -- The task of a class whose turn it is, or nil.
  function action.next(prefix, class)
    while true do
      local connection = redis.call('LPOP', prefix .. ':turns:' .. class)
      if not connection then
        return nil
      end
      local row = action.row(prefix, class, connection)
      local id = class == QUEUE and redis.call('LINDEX', row, 0) or redis.call('LPOP', row)
      local task = id and action.read(prefix, id)
      if id and class ~= QUEUE then
        action.line_up(prefix, class, connection)
      end
      if task and task['state'] == 'waiting' then
        return id, task
      end
      if id and not task and class == QUEUE then
        redis.call('LPOP', row)
        action.line_up(prefix, class, connection)
      end
    end
  end

  -- Refuses all but the one who runs the task.
  function action.fence(task, claim)
    if not task or task['claim'] ~= claim then
      return refuse('FENCED', 'the task has another owner')
    end
    if task['state'] ~= 'running' then
      return refuse('FENCED', 'the task has ended')
    end
    return nil
  end

  -- keys: prefix   args: id, how many may wait, how many of them in one row, fields and values
  local function action_put(keys, args)
    local prefix, id = keys[1], args[1]
    local key = action.key(prefix, id)
    if redis.call('EXISTS', key) == 1 then
      return redis.status_reply('OK')
    end
    local task = {}
    for i = 4, #args, 2 do
      task[args[i]] = args[i + 1]
    end
    local row = action.row(prefix, task['class'], task['connection'])
    if redis.call('ZCARD', prefix .. ':waiting') >= tonumber(args[2])
      or redis.call('LLEN', row) >= tonumber(args[3]) then
      return refuse('FULL', 'too many actions wait already')
    end
    local now = now_ms()
    redis.call('HSET', key, 'state', 'waiting', 'created', now, 'tries', 0, unpack(args, 4))
    -- Whatever happens, nothing stays for ever.
    local runs = tonumber(task['retries']) + 1 + LOSSES_MAX
    redis.call('PEXPIRE', key, runs * (tonumber(task['start_max']) + tonumber(task['run_max']))
      + tonumber(task['keep']))
    redis.call('ZADD', prefix .. ':waiting', now + tonumber(task['start_max']), id)
    if redis.call('RPUSH', row, id) == 1 then
      action.line_up(prefix, task['class'], task['connection'])
    end
    local past = prefix .. ':past:' .. task['connection']
    redis.call('LPUSH', past, id)
    redis.call('LTRIM', past, 0, PAST_MAX - 1)
    redis.call('PEXPIRE', past, tonumber(task['keep']) + tonumber(task['start_max']))
    action.tell(prefix, 'put', id)
    return redis.status_reply('OK')
  end

  -- keys: prefix   args: claim, worker, lease, then class and how many of it, repeatedly
  -- Answers [id, [field, value, ...]] of each task that is the caller's from now on.
  local function action_take(keys, args)
    local prefix = keys[1]
    action.sweep(prefix)
    local taken = {}
    for i = 4, #args, 2 do
      for _ = 1, tonumber(args[i + 1]) do
        local id, task = action.next(prefix, args[i])
        if not id then
          break
        end
        local key = action.key(prefix, id)
        redis.call('HSET', key, 'state', 'running', 'claim', args[1], 'worker', args[2],
          'started', now_ms())
        redis.call('HINCRBY', key, 'tries', 1)
        redis.call('ZREM', prefix .. ':waiting', id)
        redis.call('ZADD', prefix .. ':busy', now_ms() + tonumber(args[3]), id)
        taken[#taken + 1] = { id, redis.call('HGETALL', key) }
      end
    end
    return taken
  end

  -- keys: prefix   args: claim, lease, ids
  -- Answers the ids that are not the caller's any more.
  local function action_renew(keys, args)
    local lost = {}
    for i = 3, #args do
      if action.fence(action.read(keys[1], args[i]), args[1]) then
        lost[#lost + 1] = args[i]
      else
        redis.call('ZADD', keys[1] .. ':busy', now_ms() + tonumber(args[2]), args[i])
      end
    end
    return lost
  end

  -- keys: prefix   args: id, claim, state (success, failed, interrupted), output, error, and after
  -- which pause a failed one may be tried again (empty: not at all)
  -- Answers 1 if it has ended for good.
  local function action_end(keys, args)
    local prefix, id = keys[1], args[1]
    local task = action.read(prefix, id)
    if task and task['claim'] == args[2] and task['finished'] then
      return 1 -- The same call, sent again.
    end
    local refused = action.fence(task, args[2])
    if refused then
      return refused
    end
    if args[3] == 'interrupted' then
      action.lose(prefix, id, task, args[5])
      return 0
    end
    local has_tries = tonumber(task['tries']) <= tonumber(task['retries'])
    if args[3] == 'failed' and args[6] ~= '' and task['class'] == QUEUE and has_tries then
      redis.call('HSET', action.key(prefix, id), 'error', args[5])
      action.again(prefix, id, task, tonumber(args[6]))
      return 0
    end
    action.finish(prefix, id, task, args[3], args[4], args[5])
    return 1
  end

  -- keys: prefix   args: id, error
  -- Ends a task that nobody has begun; answers the state that it has then.
  local function action_give_up(keys, args)
    local task = action.read(keys[1], args[1])
    if not task then
      return refuse('NOT_FOUND', 'there is no such task')
    end
    if task['state'] == 'waiting' then
      action.finish(keys[1], args[1], task, 'failed', '', args[2])
    end
    return redis.call('HGET', action.key(keys[1], args[1]), 'state')
  end

  -- keys: prefix   args: id, claim, for how long they are kept, then level and text of each line
  local function action_log(keys, args)
    local refused = action.fence(action.read(keys[1], args[1]), args[2])
    if refused then
      return refused
    end
    local log = keys[1] .. ':log:' .. args[1]
    for i = 4, #args, 2 do
      redis.call('XADD', log, '*', 'v', args[i], 'l', args[i + 1])
    end
    redis.call('PEXPIRE', log, args[3])
    return redis.status_reply('OK')
  end

  -- keys: prefix   args: id, claim
  -- Answers the checkpoint of the task's function and connection (false: none) and its version.
  local function action_checkpoint_get(keys, args)
    local task = action.read(keys[1], args[1])
    local refused = action.fence(task, args[2])
    if refused then
      return refused
    end
    local name = task['kind'] .. ':' .. task['name']
    local known = redis.call('HMGET', keys[1] .. ':ckpt:' .. task['connection'], name, name .. '/v')
    return { known[1], tonumber(known[2] or '0') }
  end

  -- keys: prefix   args: id, claim, checkpoint or empty to clear it, expected version
  -- Answers the version it has now.
  local function action_checkpoint_set(keys, args)
    local task = action.read(keys[1], args[1])
    local refused = action.fence(task, args[2])
    if refused then
      return refused
    end
    local place = keys[1] .. ':ckpt:' .. task['connection']
    local name = task['kind'] .. ':' .. task['name']
    local known = redis.call('HMGET', place, name, name .. '/v')
    local version = tonumber(known[2] or '0')
    if version == tonumber(args[4]) + 1 and (known[1] or '') == args[3] then
      return version -- The same call, sent again.
    end
    if version ~= tonumber(args[4]) then
      return refuse('CONFLICT', 'the checkpoint has been changed since it was read')
    end
    if args[3] == '' then
      redis.call('HDEL', place, name)
    else
      redis.call('HSET', place, name, args[3])
    end
    return redis.call('HINCRBY', place, name .. '/v', 1)
  end

  -- keys: prefix   args: connection, error, classes
  -- Ends all that waits for a connection, and forgets its checkpoints.
  local function action_forget(keys, args)
    local prefix, connection = keys[1], args[1]
    for i = 3, #args do
      for _, id in ipairs(redis.call('LRANGE', action.row(prefix, args[i], connection), 0, -1)) do
        local task = action.read(prefix, id)
        if task and task['state'] == 'waiting' then
          action.finish(prefix, id, task, 'failed', '', args[2])
        end
      end
    end
    redis.call('DEL', prefix .. ':ckpt:' .. connection, prefix .. ':past:' .. connection)
    return redis.status_reply('OK')
  end

  redis.register_function('action_put', action_put)
  redis.register_function('action_take', action_take)
  redis.register_function('action_renew', action_renew)
  redis.register_function('action_end', action_end)
  redis.register_function('action_give_up', action_give_up)
  redis.register_function('action_log', action_log)
  redis.register_function('action_checkpoint_get', action_checkpoint_get)
  redis.register_function('action_checkpoint_set', action_checkpoint_set)
  redis.register_function('action_forget', action_forget)
end
