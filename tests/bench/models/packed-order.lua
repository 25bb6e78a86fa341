-- One hash that holds META and payload as one value, a sorted set of ids by place, and a capped
-- stream of commits.
-- keys: head, packed, order, commits

local function save(keys, args)
  local packed, places = {}, {}
  local answer, last = commit(keys, args, function(id, meta, payload, place)
    push(packed, id, meta .. payload)
    push(places, place, id)
  end)
  call_in_parts('ZADD', keys[3], places)
  call_in_parts('HSET', keys[2], packed)
  announce(keys[4], args[1], last)
  return answer
end

local function page(keys, args)
  return page_of(ids_by_order(keys[3], args[1], args[2]), { keys[2] })
end

register(save, page)
