-- What a function says of the partitions that there are. It is asked by an event for its base.
do

-- An event that no webhook can be: those are JSON texts.
local ASK = 'partitions'

-- keys: head, inbox, row   args: milliseconds after which an answer counts as lost, 1 to force, sha
-- Leaves the question, unless one is on its way. Answers 1 if it was left.
local function partitions_ask(keys, args)
  local head = redis.call('HMGET', keys[1], 'name', 'event')
  if not head[1] then
    return refuse('NOT_FOUND', 'the variant is gone')
  end
  local row, now = redis.call('HMGET', keys[3], 'asked', 'answered'), now_ms()
  if args[2] == '1' then
    redis.call('HSET', keys[3], 'force', 1)
  end
  local asked, answered = tonumber(row[1] or '0'), tonumber(row[2] or '0')
  local waits = head[2] == ASK or redis.call('LPOS', keys[2], ASK)
  if waits or asked > answered and asked + tonumber(args[1]) > now then
    return 0
  end
  redis.call('RPUSH', keys[2], ASK)
  redis.call('HINCRBY', keys[1], 'inbox', 1)
  redis.call('HSET', keys[3], 'asked', now, 'sha', args[3])
  redis.call('PERSIST', keys[3])
  return 1
end

-- keys: head, row   args: token, run, outcome, JSON list or empty, reason or empty
local function partitions_tell(keys, args)
  local refused = fence_running(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  redis.call('HSET', keys[2], 'answered', now_ms(), 'outcome', args[3], 'reason', args[5])
  if args[3] == 'found' then
    redis.call('HSET', keys[2], 'found', args[4], 'found_at', now_ms())
  end
  return redis.status_reply('OK')
end

-- keys: row   args: the found_at that was acted on, JSON of what is missing, JSON of what was done
local function partitions_done(keys, args)
  if redis.call('HGET', keys[1], 'found_at') ~= args[1] then
    return 0
  end
  redis.call('HSET', keys[1], 'done', args[1], 'missing', args[2], 'result', args[3])
  redis.call('HDEL', keys[1], 'force')
  return 1
end

redis.register_function('partitions_ask', partitions_ask)
redis.register_function('partitions_tell', partitions_tell)
redis.register_function('partitions_done', partitions_done)

end
