-- One hash that holds META and payload as one value, and a stream with one live entry per record,
-- whose id is the record's place.
-- keys: head, packed, changes

local function save(keys, args)
  local packed, stale = {}, {}
  local answer = commit(keys, args, function(id, meta, payload, place, old_place)
    redis.call('XADD', keys[3], place, 'i', id)
    stale[#stale + 1] = old_place
    push(packed, id, meta .. payload)
  end)
  call_in_parts('XDEL', keys[3], stale)
  call_in_parts('HSET', keys[2], packed)
  return answer
end

local function page(keys, args)
  return page_of(ids_by_stream(keys[3], args[1], args[2]), { keys[2] })
end

register(save, page)
