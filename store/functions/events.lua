-- Events for a variant: what the provider tells of by webhook. They wait in a list, and each is
-- handled by a run of its own, in turn with the runs of the sync, so that there are never two at
-- once. Such a run has a checkpoint of its own, and leaves no trace in what the head tells of the
-- sync: that is laid aside and taken up again.

-- How many events wait at most.
local EVENTS_MAX = 1000

-- How often a run is begun for one event whose runs are lost or interrupted.
local EVENT_TRIES_MAX = 3

-- What the head tells of the last run of the sync, beside its counts.
local OF_THE_SYNC = { 'state', 'started', 'finished', 'error', 'ckpt', 'cver', 'cfrom' }

local function inbox_of(head)
  return head .. ':inbox'
end

local function is_count(field)
  local mark = string.sub(field, 1, 2)
  return mark == 'a:' or mark == 'u:' or mark == 'd:'
end

-- Removes what tells of the last run from the head, and returns it.
local function cut_run(head, fields)
  local cut = {}
  for field, value in pairs(fields) do
    if is_count(field) then
      cut[field] = value
    end
  end
  for _, field in ipairs(OF_THE_SYNC) do
    cut[field] = fields[field]
  end
  for field in pairs(cut) do
    redis.call('HDEL', head, field)
  end
  return cut
end

local function set_or_drop(head, field, value)
  if value then
    redis.call('HSET', head, field, value)
  else
    redis.call('HDEL', head, field)
  end
end

-- Makes place in the head for the run of an event.
local function lay_aside(head, fields)
  redis.call('HSET', head, 'before', cjson.encode(cut_run(head, fields)))
  set_or_drop(head, 'ckpt', fields['eckpt'])
  set_or_drop(head, 'cver', fields['ecver'])
end

-- Ends the run of an event: what was laid aside is told again.
local function take_up(head, fields, is_handled)
  cut_run(head, read_head(head))
  set_or_drop(head, 'eckpt', fields['ckpt'])
  set_or_drop(head, 'ecver', fields['cver'])
  for field, value in pairs(cjson.decode(fields['before'])) do
    redis.call('HSET', head, field, value)
  end
  redis.call('HDEL', head, 'before')
  if is_handled or tonumber(fields['tries'] or '0') >= EVENT_TRIES_MAX then
    redis.call('HDEL', head, 'event', 'tries')
  end
end

-- The event to be handled now, or nil.
local function next_event(head, fields)
  local event = fields['event']
  if not event then
    event = redis.call('LPOP', inbox_of(head))
    if not event then
      return nil
    end
    redis.call('HINCRBY', head, 'inbox', -1)
    redis.call('HSET', head, 'event', event)
  end
  redis.call('HINCRBY', head, 'tries', 1)
  return event
end

-- 1 if a run is wanted already.
local function has_waiting(head)
  local fields = redis.call('HMGET', head, 'want', 'event', 'inbox')
  return (fields[1] or fields[2] or tonumber(fields[3] or '0') > 0) and 1 or 0
end

-- keys: head, inbox   args: event
-- Refuses what is too much, and events for variants that are gone.
local function event_put(keys, args)
  if redis.call('EXISTS', keys[1]) == 0 then
    return refuse('NOT_FOUND', 'the variant is gone')
  end
  if redis.call('LLEN', keys[2]) >= EVENTS_MAX then
    return refuse('FULL', EVENTS_MAX .. ' events wait already')
  end
  redis.call('RPUSH', keys[2], args[1])
  redis.call('HINCRBY', keys[1], 'inbox', 1)
  return redis.status_reply('OK')
end

redis.register_function('event_put', event_put)
