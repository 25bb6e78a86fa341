-- What runs do to records. Each call is all or nothing, fenced, and numbered: a number that comes
-- again gets its first answer. The ids of one call are all different.

-- Whether a record is beyond the reach of this run: another one changed it after the place from
-- which the run wants to respect changes.
local function is_newer(meta, place, run)
  local its_place, _, _, _, its_run = struct.unpack(META, meta)
  return its_place > place and its_run ~= run
end

-- keys: head, meta, data, order, place, feed
-- args: token, run, batch, model, checkpoint or empty, its expected version, 1 to mark what is
-- unchanged as seen, place or empty, then id, hash and payload of each record
local function records_save(keys, args)
  local known, batch = open_batch(keys, args)
  if known then
    return known
  end
  if args[5] ~= '' then
    local refused = put_checkpoint(keys[1], args[5], args[6])
    if refused then
      return refused
    end
  end
  local marks, respected = args[7] == '1', tonumber(args[8])
  local ids = {}
  for i = 9, #args, 3 do
    ids[#ids + 1] = args[i]
  end
  local olds = get_fields(keys[2], ids)
  local restored = nil
  for n, id in ipairs(ids) do
    local old, hash, payload = olds[n], args[7 + 3 * n], args[8 + 3 * n]
    if not old then
      change(batch, id, nil, 0, #payload, 'A', hash)
      put_payload(batch, id, payload)
      batch.added, batch.live = batch.added + 1, batch.live + 1
      batch.bytes = batch.bytes + #payload
    elseif respected and is_newer(old, respected, batch.run) then
      see(batch, id, old)
      batch.ignored = batch.ignored + 1
    elseif string.sub(old, HASH_AT, HASH_AT + 15) == hash and not is_deleted(old) then
      batch.unchanged = batch.unchanged + 1
      if is_pruned(old) then
        local place, first, _, _, run = struct.unpack(META, old)
        push(batch.metas, id,
          struct.pack(META, place, first, 0, #payload, run, batch.run,
            string.sub(old, ACTION_AT, ACTION_AT), hash))
        put_payload(batch, id, payload)
        batch.bytes = batch.bytes + #payload
        restored = math.min(restored or place, place)
      elseif marks then
        see(batch, id, old)
      end
    else
      local _, first, _, bytes = struct.unpack(META, old)
      if is_deleted(old) then
        change(batch, id, nil, 0, #payload, 'A', hash)
        batch.added, batch.live = batch.added + 1, batch.live + 1
      else
        change(batch, id, first, 0, #payload, 'U', hash)
        batch.updated = batch.updated + 1
      end
      put_payload(batch, id, payload)
      batch.bytes = batch.bytes + #payload - bytes
    end
  end
  if restored then
    lower_prune_mark(keys[1], batch.model, restored)
  end
  return close_batch(keys, batch)
end

-- keys: as before   args: token, run, batch, model, 1 to mark what is unchanged as seen, place or
-- empty, then id, expected place, hash and payload of each record
-- Writes merged records over those that they were merged with. Refuses if one has changed since.
local function records_update(keys, args)
  local known, batch = open_batch(keys, args)
  if known then
    return known
  end
  local marks, respected = args[5] == '1', tonumber(args[6])
  local ids = {}
  for i = 7, #args, 4 do
    ids[#ids + 1] = args[i]
  end
  local olds = get_fields(keys[2], ids)
  for n, id in ipairs(ids) do
    local old, expected = olds[n], tonumber(args[4 + 4 * n])
    local hash, payload = args[5 + 4 * n], args[6 + 4 * n]
    if not old or is_deleted(old) then
      batch.ignored = batch.ignored + 1
    elseif respected and is_newer(old, respected, batch.run) then
      see(batch, id, old)
      batch.ignored = batch.ignored + 1
    else
      local place, first, _, bytes, _, _, _, old_hash = struct.unpack(META, old)
      if place ~= expected then
        return refuse('CONFLICT', 'a record has been changed since it was read')
      end
      if old_hash == hash and not is_pruned(old) then
        batch.unchanged = batch.unchanged + 1
        if marks then
          see(batch, id, old)
        end
      else
        change(batch, id, first, 0, #payload, 'U', hash)
        put_payload(batch, id, payload)
        batch.updated = batch.updated + 1
        batch.bytes = batch.bytes + #payload - bytes
      end
    end
  end
  return close_batch(keys, batch)
end

-- keys: as before   args: token, run, batch, model, then id, time of deletion or empty, hash and
-- payload of each record
-- What is deleted keeps its payload. Of a record that is not known the payload is kept, so that
-- readers learn of its end.
local function records_remove(keys, args)
  local known, batch = open_batch(keys, args)
  if known then
    return known
  end
  local ids = {}
  for i = 5, #args, 4 do
    ids[#ids + 1] = args[i]
  end
  local olds = get_fields(keys[2], ids)
  for n, id in ipairs(ids) do
    local old, deleted_at = olds[n], tonumber(args[2 + 4 * n])
    if not old then
      local hash, payload = args[3 + 4 * n], args[4 + 4 * n]
      change(batch, id, nil, 0, #payload, 'D', hash, deleted_at)
      put_payload(batch, id, payload)
      batch.bytes = batch.bytes + #payload
    elseif not is_deleted(old) then
      local _, first, pruned, bytes, _, _, _, hash = struct.unpack(META, old)
      change(batch, id, first, pruned, bytes, 'D', hash, deleted_at)
      batch.deleted, batch.live = batch.deleted + 1, batch.live - 1
    end
  end
  return close_batch(keys, batch)
end

-- keys: as before   args: token, run, batch, model, first run, then ids
-- Deletes those that no run since the first has seen.
local function records_remove_unseen(keys, args)
  local known, batch = open_batch(keys, args)
  if known then
    return known
  end
  local since = tonumber(args[5])
  local ids = { unpack(args, 6) }
  local olds = get_fields(keys[2], ids)
  for n, id in ipairs(ids) do
    local old = olds[n]
    if old and not is_deleted(old) and seen_by(old) < since then
      local _, first, pruned, bytes, _, seen, _, hash = struct.unpack(META, old)
      change(batch, id, first, pruned, bytes, 'D', hash)
      batch.deleted, batch.live = batch.deleted + 1, batch.live - 1
    end
  end
  return close_batch(keys, batch)
end

-- keys: head   args: token, run, model
-- Begins to track what is seen of a model, unless it has begun already.
local function deletions_start(keys, args)
  local refused = fence_run(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  redis.call('HSETNX', keys[1], 't:' .. args[3], args[2])
  return redis.status_reply('OK')
end

-- keys: head   args: token, run, model
local function deletions_end(keys, args)
  local refused = fence_run(keys[1], args[1], args[2])
  if refused then
    return refused
  end
  redis.call('HDEL', keys[1], 't:' .. args[3])
  return redis.status_reply('OK')
end

redis.register_function('records_save', records_save)
redis.register_function('records_update', records_update)
redis.register_function('records_remove', records_remove)
redis.register_function('records_remove_unseen', records_remove_unseen)
redis.register_function('deletions_start', deletions_start)
redis.register_function('deletions_end', deletions_end)
