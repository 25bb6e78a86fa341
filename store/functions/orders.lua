-- Many changes of one sync's registry in one step, and what is deleted but may come back.
do

-- What a life of a variant that was deleted is known by, in order: name, entry, when, until when.
local OLD_NAME, OLD_ENTRY, OLD_SINCE, OLD_UNTIL = 1, 2, 3, 4

-- So many lives of one sync are kept at most. When there are more, so many of the oldest go.
local OLD_MAX, OLD_ROOM = 1000, 100

local DELETED = '{"type":"script_aborted","description":"The variant was deleted"}'

-- A view of the registry that judges orders without writing. It remembers what they would make of
-- it, so that each order sees those before it.
local function open_ledger(prefix)
  local reg = prefix .. 'reg'
  local named = redis.call('HLEN', reg) - redis.call('HEXISTS', reg, 'base')
  return { prefix = prefix, reg = reg, named = named, entries = {}, writes = {}, now = now_ms() }
end

local function entry_of(ledger, name)
  if ledger.entries[name] == nil then
    local packed = redis.call('HGET', ledger.reg, name)
    ledger.entries[name] = packed and cmsgpack.unpack(packed) or false
  end
  return ledger.entries[name]
end

local function count(ledger, name, change)
  if name ~= 'base' then
    ledger.named = ledger.named + change
  end
end

local function is_full(ledger, name, limit)
  return name ~= 'base' and ledger.named >= limit
end

local function plan(ledger, write)
  ledger.writes[#ledger.writes + 1] = write
end

local function put_entry(ledger, name, entry)
  ledger.entries[name] = entry
  plan(ledger, function() redis.call('HSET', ledger.reg, name, cmsgpack.pack(entry)) end)
end

local function create(ledger, order, limit)
  if is_full(ledger, order.name, limit) then
    return 'full'
  end
  if redis.call('HEXISTS', ledger.prefix .. order.id, 'deleted') == 1 then
    return 'exists'
  end
  local paused = order.starts_paused
  if order.pause >= 0 then
    paused = order.pause == 1
  end
  local entry = new_entry(order.id, paused, order.frequency[1] or '', order.settings[1] or '',
    order.discovered, order.pause < 0)
  count(ledger, order.name, 1)
  put_entry(ledger, order.name, entry)
  plan(ledger, function()
    redis.call('HSET', ledger.prefix .. order.id, 'name', order.name, 'token', '', 'worker', '')
    outbox.tell_of_variant(ledger.prefix .. order.id, order.name, 'created')
  end)
  return 'created', entry
end

local function change(ledger, order, old)
  local entry = { unpack(old) }
  if order.pause >= 0 then
    plan(ledger, set_paused(entry, order.pause == 1, '', ledger.prefix .. entry[ID]))
  end
  entry[FREQUENCY] = order.frequency[1] or entry[FREQUENCY]
  entry[SETTINGS] = order.settings[1] or entry[SETTINGS]
  local wanted = order.resets and entry[SETTINGS] ~= old[SETTINGS]
  if entry[PAUSED] == old[PAUSED] and entry[FREQUENCY] == old[FREQUENCY]
    and entry[SETTINGS] == old[SETTINGS] then
    return 'kept', old
  end
  if entry[FREQUENCY] ~= old[FREQUENCY] then
    entry[SINCE] = ledger.now
  end
  put_entry(ledger, order.name, entry)
  plan(ledger, function()
    outbox.tell_of_pause(ledger.prefix .. entry[ID], order.name, old[PAUSED], entry[PAUSED])
  end)
  if wanted then
    plan(ledger, function() want_run(ledger.prefix .. entry[ID], 2) end)
  end
  return 'changed', entry, wanted
end

local function make_room(prefix)
  if redis.call('HLEN', prefix .. 'deleted') < OLD_MAX then
    return
  end
  local all, olds = redis.call('HGETALL', prefix .. 'deleted'), {}
  for i = 1, #all, 2 do
    olds[#olds + 1] = { all[i], cmsgpack.unpack(all[i + 1])[OLD_SINCE] }
  end
  table.sort(olds, function(a, b) return a[2] < b[2] end)
  for i = 1, OLD_ROOM do
    erase_life(prefix .. olds[i][1])
    redis.call('HDEL', prefix .. 'deleted', olds[i][1])
  end
end

-- From here on nobody who held the variant can write any more, and nothing of it is read.
local function retire(ledger, name, entry, keep)
  make_room(ledger.prefix)
  local head = ledger.prefix .. entry[ID]
  local fields = read_head(head)
  if fields and fields['state'] == 'running' then
    close_run(head, fields, 'cancelled', DELETED)
  end
  redis.call('HSET', head, 'token', '', 'worker', '', 'deleted', ledger.now + keep)
  redis.call('HDEL', head, 'want', 'asked')
  redis.call('HSET', ledger.prefix .. 'deleted', entry[ID],
    cmsgpack.pack({ name, cmsgpack.pack(entry), ledger.now, ledger.now + keep }))
end

local function remove(ledger, order, entry, keep)
  local old = order.id ~= '' and redis.call('HGET', ledger.prefix .. 'deleted', order.id)
  if old then
    return 'removed', cmsgpack.unpack(cmsgpack.unpack(old)[OLD_ENTRY])
  end
  if not entry or order.id ~= '' and entry[ID] ~= order.id then
    return 'not_found'
  end
  count(ledger, order.name, -1)
  ledger.entries[order.name] = false
  plan(ledger, function()
    if keep > 0 then
      retire(ledger, order.name, entry, keep)
    else
      erase_life(ledger.prefix .. entry[ID])
    end
    drop_name(ledger.prefix, order.name, entry[ID])
  end)
  return 'removed', entry
end

local function undelete(ledger, order, limit)
  local packed = redis.call('HGET', ledger.prefix .. 'deleted', order.id)
  local old = packed and cmsgpack.unpack(packed)
  if not old or old[OLD_NAME] ~= order.name or old[OLD_UNTIL] <= ledger.now then
    return 'not_found'
  end
  if is_full(ledger, order.name, limit) then
    return 'full'
  end
  if entry_of(ledger, order.name) then
    return 'exists'
  end
  local entry = cmsgpack.unpack(old[OLD_ENTRY])
  count(ledger, order.name, 1)
  put_entry(ledger, order.name, entry)
  plan(ledger, function()
    redis.call('HDEL', ledger.prefix .. 'deleted', order.id)
    redis.call('HDEL', ledger.prefix .. order.id, 'deleted')
    outbox.tell_of_variant(ledger.prefix .. order.id, order.name, 'restored')
  end)
  return 'restored', entry
end

local function judge(ledger, order, limit, keep)
  local known = entry_of(ledger, order.name)
  local is_repeated = known and known[ID] == order.id
  if order.verb == 'remove' then
    return remove(ledger, order, known, keep)
  elseif order.verb == 'undelete' then
    if is_repeated then
      return 'restored', known
    end
    return undelete(ledger, order, limit)
  elseif is_repeated and order.verb ~= 'change' then
    return 'created', known
  elseif known and order.verb ~= 'create' then
    return change(ledger, order, known)
  elseif order.verb == 'change' then
    return 'not_found'
  elseif known and not is_full(ledger, order.name, limit) then
    return 'exists'
  end
  return create(ledger, order, limit)
end

local function read_order(x)
  return { verb = x[1], name = x[2], id = x[3], starts_paused = x[4], pause = x[5],
    frequency = x[6], settings = x[7], resets = x[8], discovered = x[9] }
end

local REFUSALS = { full = true, exists = true, not_found = true }

-- keys: registry, epoch   args: epoch, prefix, most named variants, milliseconds that deleted ones
-- are kept, 1 if one refusal refuses all, orders
-- Answers 1 if it was done, how many named variants there are then, and of each order the outcome,
-- the entry or empty, and 1 if a run is wanted.
local function variant_orders(keys, args)
  local refused = fence_leader(keys[2], args[1])
  if refused then
    return refused
  end
  local ledger = open_ledger(args[2])
  local before, refusals, answer = ledger.named, 0, { 1, 0 }
  for _, packed in ipairs(cmsgpack.unpack(args[6])) do
    local outcome, entry, wanted = judge(ledger, read_order(packed), tonumber(args[3]),
      tonumber(args[4]))
    refusals = refusals + (REFUSALS[outcome] and 1 or 0)
    answer[#answer + 1] = outcome
    answer[#answer + 1] = entry and cmsgpack.pack(entry) or ''
    answer[#answer + 1] = wanted and 1 or 0
  end
  if refusals > 0 and args[5] == '1' then
    answer[1], answer[2] = 0, before
    return answer
  end
  for _, write in ipairs(ledger.writes) do
    write()
  end
  answer[2] = ledger.named
  redis.call('PERSIST', keys[2])
  rest_if_empty(args[2])
  return answer
end

-- keys: deleted   args: prefix, most
-- Erases lives whose time is over. Answers how many, and when the next one's time is over or 0.
local function variants_bury(keys, args)
  local now, buried, next_at = now_ms(), 0, 0
  local all = redis.call('HGETALL', keys[1])
  for i = 1, #all, 2 do
    local ends_at = cmsgpack.unpack(all[i + 1])[OLD_UNTIL]
    if ends_at <= now and buried < tonumber(args[2]) then
      erase_life(args[1] .. all[i])
      redis.call('HDEL', keys[1], all[i])
      buried = buried + 1
    elseif next_at == 0 or ends_at < next_at then
      next_at = ends_at
    end
  end
  rest_if_empty(args[1])
  return { buried, next_at }
end

-- keys: registry, epoch   args: epoch
-- Answers how many named variants there are, and keeps leaders of the past from adding more.
local function variant_count(keys, args)
  local refused = fence_leader(keys[2], args[1])
  if refused then
    return refused
  end
  return redis.call('HLEN', keys[1]) - redis.call('HEXISTS', keys[1], 'base')
end

-- keys: epoch of leads, limits   args: epoch, scope, limit or empty
local function limit_set(keys, args)
  return put_as_leader(keys, args)
end

redis.register_function('variant_count', variant_count)
redis.register_function('limit_set', limit_set)
redis.register_function('variant_orders', variant_orders)
redis.register_function('variants_bury', variants_bury)

end
