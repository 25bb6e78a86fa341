-- Two hashes, and a stream with one live entry per record, whose id is the record's place.
-- keys: head, meta, data, changes

local function save(keys, args)
  local metas, datas, stale = {}, {}, {}
  local answer = commit(keys, args, function(id, meta, payload, place, old_place)
    redis.call('XADD', keys[4], place, 'i', id)
    stale[#stale + 1] = old_place
    push(metas, id, meta)
    push(datas, id, payload)
  end)
  call_in_parts('XDEL', keys[4], stale)
  call_in_parts('HSET', keys[2], metas)
  call_in_parts('HSET', keys[3], datas)
  return answer
end

local function page(keys, args)
  return page_of(ids_by_stream(keys[4], args[1], args[2]), { keys[2], keys[3] })
end

register(save, page)
