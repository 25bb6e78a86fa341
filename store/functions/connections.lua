-- Connections. All of them lie in one slot, so that one call can change many.

-- keys: last number, by integration, by connection id, by environment
-- args: prefix of rows, integration, connection id, row, credentials or empty, metadata or empty;
-- and to tell of it: environment, override of the webhook URL or empty, id of the event, what is
-- told of a new connection, what is told of one that was replaced
-- What is empty stays as it is stored. Answers number, creation, change, metadata, credentials.
local function connection_put(keys, args)
  local now = now_ms()
  local number = redis.call('HGET', keys[2], args[3])
  local told = number and args[11] or args[10]
  if not number then
    number = redis.call('INCR', keys[1])
    redis.call('HSET', keys[2], args[3], number)
    redis.call('HSET', keys[3], args[2], number)
    redis.call('ZADD', keys[4], number, number)
  end
  local row = args[1] .. number
  redis.call('HSETNX', row, 'created', now)
  redis.call('HSET', row, 'row', args[4], 'updated', now)
  if args[5] ~= '' then
    redis.call('HSET', row, 'credentials', args[5])
    redis.call('HDEL', row, 'refusals', 'refused_until')
  end
  if args[6] ~= '' then
    redis.call('HSET', row, 'metadata', args[6])
  end
  if told then
    outbox.tell(args[7], 'c' .. number, args[8], 'on_auth_creation',
      { id = args[9], kind = 'json', body = told })
  end
  local kept = redis.call('HMGET', row, 'created', 'metadata', 'credentials')
  return { tonumber(number), tonumber(kept[1]), now, kept[2] or '', kept[3] or '' }
end

-- keys: row
-- args: environment, number, override of the webhook URL or empty, id of the event, what is told
local function connection_tell(keys, args)
  if redis.call('EXISTS', keys[1]) == 1 then
    outbox.tell(args[1], 'c' .. args[2], args[3], 'on_auth_creation',
      { id = args[4], kind = 'json', body = args[5] })
  end
  return redis.status_reply('OK')
end

-- keys: row   args: row, credentials, metadata or empty for none, time of the last change
local function connection_restore(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    return refuse('NOT_FOUND', 'the connection does not exist')
  end
  redis.call('HSET', keys[1], 'row', args[1], 'credentials', args[2], 'updated', args[4])
  if args[3] == '' then
    redis.call('HDEL', keys[1], 'metadata')
  else
    redis.call('HSET', keys[1], 'metadata', args[3])
  end
  return redis.status_reply('OK')
end

-- keys: row, by integration, by connection id, by environment
-- args: integration, connection id, number
local function connection_remove(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    return refuse('NOT_FOUND', 'the connection does not exist')
  end
  redis.call('UNLINK', keys[1])
  redis.call('HDEL', keys[2], args[2])
  redis.call('HDEL', keys[3], args[1])
  redis.call('ZREM', keys[4], args[3])
  return redis.status_reply('OK')
end

-- keys: rows   args: for each row the metadata that the caller saw, and the new one
-- Answers 0, and changes nothing, if somebody else has changed one meanwhile.
local function connection_metadata_swap(keys, args)
  for i, row in ipairs(keys) do
    local fields = redis.call('HMGET', row, 'row', 'metadata')
    if not fields[1] then
      return refuse('NOT_FOUND', 'a connection does not exist')
    end
    if (fields[2] or '') ~= args[2 * i - 1] then
      return 0
    end
  end
  local now = now_ms()
  for i, row in ipairs(keys) do
    redis.call('HSET', row, 'metadata', args[2 * i], 'updated', now)
  end
  return 1
end

-- keys: rows   args: the new metadata of all
local function connection_metadata_replace(keys, args)
  for _, row in ipairs(keys) do
    if redis.call('EXISTS', row) == 0 then
      return refuse('NOT_FOUND', 'a connection does not exist')
    end
  end
  local now = now_ms()
  for _, row in ipairs(keys) do
    redis.call('HSET', row, 'metadata', args[1], 'updated', now)
  end
  return 1
end

redis.register_function('connection_put', connection_put)
redis.register_function('connection_tell', connection_tell)
redis.register_function('connection_restore', connection_restore)
redis.register_function('connection_remove', connection_remove)
redis.register_function('connection_metadata_swap', connection_metadata_swap)
redis.register_function('connection_metadata_replace', connection_metadata_replace)
