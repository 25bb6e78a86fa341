-- Records that come back from a backup, with their places and times. No run of the variant has
-- changed or seen them.

do
  -- How far a place may lie ahead of the clock: clocks of two installations differ.
  local AHEAD_MAX = 60 * 60 * 1000 * PLACES_PER_MS

  -- The records of a call, or a refusal if one of them is none.
  local function read_copies(args)
    local copies, latest = {}, now_ms() * PLACES_PER_MS + AHEAD_MAX
    for i = 2, #args, 3 do
      local meta = args[i + 1]
      if place_of(meta) > latest then
        return nil, refuse('INVALID', 'a record was changed in the future')
      end
      copies[#copies + 1] = { id = args[i], meta = meta, payload = args[i + 2] }
    end
    return copies
  end

  local function live_count(meta)
    return meta and not is_deleted(meta) and 1 or 0
  end

  local function bytes_count(meta)
    return meta and (struct.unpack('>I4', meta, BYTES_AT)) or 0
  end

  -- What is kept of a copy: that of the original, for which no run stands yet.
  local function meta_of_copy(copy)
    local place, first, pruned, _, _, _, action, hash = struct.unpack(META, copy.meta)
    return place, struct.pack(META, place, first, pruned, #copy.payload, 0, 0, action, hash)
      .. string.sub(copy.meta, DELETED_AT)
  end

  -- keys: head, meta, data, order, place, feed   args: model, then id, what is kept of it and
  -- payload of each record
  local function records_restore(keys, args)
    local model = args[1]
    local head
      = redis.call('HMGET', keys[1], 'name', 'deleted', 'run', 'n:' .. model, 'b:' .. model)
    if not head[1] or head[2] then
      return refuse('NOT_FOUND', 'the variant does not exist')
    end
    if head[3] then
      return refuse('CONFLICT', 'the variant has run')
    end
    local copies, refused = read_copies(args)
    if refused then
      return refused
    end
    local ids = {}
    for n, copy in ipairs(copies) do
      ids[n] = copy.id
    end
    local olds = get_fields(keys[2], ids)
    local metas, datas, order, live, bytes, last = {}, {}, {}, 0, 0, 0
    for n, copy in ipairs(copies) do
      local old = olds[n]
      if not old or place_of(old) < place_of(copy.meta) then
        local place, meta = meta_of_copy(copy)
        push(metas, copy.id, meta)
        push(order, digits(place), copy.id)
        if copy.payload ~= '' then
          push(datas, copy.id, copy.payload)
        else
          redis.call('HDEL', keys[3], copy.id)
        end
        live = live + live_count(meta) - live_count(old)
        bytes = bytes + #copy.payload - bytes_count(old)
        last = math.max(last, place)
      end
    end
    if #metas == 0 then
      return redis.status_reply('OK')
    end
    call_in_parts('HSET', keys[2], metas)
    if #datas > 0 then
      call_in_parts('HSET', keys[3], datas)
    end
    call_in_parts('ZADD', keys[4], order)
    last = math.max(last, tonumber(redis.call('GET', keys[5]) or '0'))
    redis.call('SET', keys[5], digits(last))
    redis.call('XADD', keys[6], 'MAXLEN', '~', FEED_MAX, '*', 'v', uuid_of(keys[1]), 'm', model,
      'p', digits(last))
    redis.call('HSET', keys[1], 'n:' .. model, (head[4] or 0) + live, 'b:' .. model,
      (head[5] or 0) + bytes)
    return redis.status_reply('OK')
  end

  redis.register_function('records_restore', records_restore)
end
