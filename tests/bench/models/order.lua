-- Two hashes, a sorted set of ids by place, and a capped stream of commits.
-- keys: head, meta, data, order, commits

local function save(keys, args)
  local metas, datas, places = {}, {}, {}
  local answer, last = commit(keys, args, function(id, meta, payload, place)
    push(metas, id, meta)
    push(datas, id, payload)
    push(places, place, id)
  end)
  call_in_parts('ZADD', keys[4], places)
  call_in_parts('HSET', keys[2], metas)
  call_in_parts('HSET', keys[3], datas)
  announce(keys[5], args[1], last)
  return answer
end

local function page(keys, args)
  return page_of(ids_by_order(keys[4], args[1], args[2]), { keys[2], keys[3] })
end

register(save, page)
