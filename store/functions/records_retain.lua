-- Pruning and erasing records.

-- The head remembers up to which place all records of a model are pruned. A record that gets its
-- payload back without a change stays where it is, so the mark goes back before it.
local function lower_prune_mark(head, model, place)
  local mark = redis.call('HGET', head, 'r:' .. model)
  if mark and tonumber(mark) >= place then
    redis.call('HSET', head, 'r:' .. model, digits(place - 1))
  end
end

-- Erases the records of a model. What comes later has places beyond every cursor ever handed out,
-- because the places are the sync's.
local function erase_records(head, model)
  redis.call('UNLINK', head .. ':meta:' .. model, head .. ':data:' .. model,
    head .. ':order:' .. model)
  redis.call('HSET', head, 'n:' .. model, 0, 'b:' .. model, 0)
  redis.call('HDEL', head, 'r:' .. model)
end

-- keys: head, meta, data, order   args: model, last place, limit, most changes
-- Takes the payloads of the oldest records. Answers how many lost theirs, the place up to which
-- all is pruned now, and whether there is more to do up to the last place.
local function records_prune(keys, args)
  local head, model = keys[1], args[1]
  if redis.call('EXISTS', head) == 0 then
    return refuse('NOT_FOUND', 'the variant is gone')
  end
  local limit, look_max = tonumber(args[3]), tonumber(args[4])
  local mark = redis.call('HGET', head, 'r:' .. model) or '0'
  local ids = redis.call('ZRANGE', keys[4], '(' .. mark, args[2], 'BYSCORE', 'LIMIT', 0, look_max)
  local olds = get_fields(keys[2], ids)
  local now, metas, gone, bytes, more = now_ms(), {}, {}, 0, #ids == look_max
  for n, id in ipairs(ids) do
    if not is_pruned(olds[n]) then
      if #gone == limit then
        more = true
        break
      end
      local place, first, _, size, run, seen, action, hash = struct.unpack(META, olds[n])
      push(metas, id, struct.pack(META, place, first, now, 0, run, seen, action, hash)
        .. string.sub(olds[n], DELETED_AT))
      gone[#gone + 1] = id
      bytes = bytes + size
    end
    mark = digits(place_of(olds[n]))
  end
  call_in_parts('HSET', keys[2], metas)
  call_in_parts('HDEL', keys[3], gone)
  if #ids > 0 then
    redis.call('HSET', head, 'r:' .. model, mark)
  end
  if #gone > 0 then
    redis.call('HINCRBY', head, 'b:' .. model, -bytes)
  end
  return { #gone, mark, more and 1 or 0 }
end

-- keys: head   args: time
-- Erases all records of a variant that has not run since that time. Answers how many were live.
local function records_purge(keys, args)
  local fields = read_head(keys[1])
  if not fields or fields['state'] == 'running' or not fields['started'] then
    return 0
  end
  if math.max(tonumber(fields['started']), tonumber(fields['finished'])) >= tonumber(args[1]) then
    return 0
  end
  local live = 0
  for _, model in ipairs(models_of(fields)) do
    if redis.call('EXISTS', keys[1] .. ':order:' .. model) == 1 then
      live = live + tonumber(fields['n:' .. model])
      erase_records(keys[1], model)
    end
  end
  return live
end

redis.register_function('records_prune', records_prune)
redis.register_function('records_purge', records_purge)
