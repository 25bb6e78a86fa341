#!lua name=varia
-- The writes that must be atomic and fenced. What the keys hold is told in docs/formats.md. A
-- Function checks everything before it writes anything: a refused call leaves no trace.

local function refuse(word, detail)
  return redis.error_reply(word .. ' ' .. detail)
end

local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

-- Lua can spread about 8,000 values over the arguments of one call.
local SPREAD_MAX = 4000

-- Runs a command whose many last words may be cut into several calls.
local function call_in_parts(command, key, words)
  for first = 1, #words, SPREAD_MAX do
    redis.call(command, key, unpack(words, first, math.min(first + SPREAD_MAX - 1, #words)))
  end
end

-- HMGET of any number of fields; false for each that is missing.
local function get_fields(key, fields)
  if #fields <= SPREAD_MAX then
    return #fields == 0 and {} or redis.call('HMGET', key, unpack(fields))
  end
  local values = {}
  for first = 1, #fields, SPREAD_MAX do
    local last = math.min(first + SPREAD_MAX - 1, #fields)
    for _, value in ipairs(redis.call('HMGET', key, unpack(fields, first, last))) do
      values[#values + 1] = value
    end
  end
  return values
end

-- The head of a variant as a table; nil if the variant is gone.
local function read_head(head)
  local flat = redis.call('HGETALL', head)
  if #flat == 0 then
    return nil
  end
  local fields = {}
  for i = 1, #flat, 2 do
    fields[flat[i]] = flat[i + 1]
  end
  return fields
end

-- The models that the head counts, in order of name.
local function models_of(fields)
  local models = {}
  for field in pairs(fields) do
    if string.sub(field, 1, 2) == 'n:' then
      models[#models + 1] = string.sub(field, 3)
    end
  end
  table.sort(models)
  return models
end

-- The id of a variant, which its keys carry behind the hash tag.
local function uuid_of(head)
  return string.sub(head, -36)
end

-- Appends to the history of a variant's runs, of which about a thousand entries stay.
local function append_history(head, what, detail)
  redis.call('XADD', head .. ':runs', 'MAXLEN', '~', 1000, '*', 'w', what, 'd', detail)
end
