"""The Lua source of query and path edits (``edits.py`` says why it exists)."""

SCRIPT = """
local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(char) return ("%%%02X"):format(char:byte()) end))
end

local function decoded(text)
  return (text:gsub("+", " "):gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

local function put_together(headers, pieces, whole)
  local out = {}
  for _, piece in ipairs(pieces) do
    if piece.text ~= nil then
      out[#out + 1] = whole and encoded(piece.text) or piece.text
    else
      local value = headers:get(piece.header) or ""
      out[#out + 1] = encoded(piece.encoded and decoded(value) or value)
      headers:remove(piece.header)
    end
  end
  return table.concat(out)
end

local function edited(query, context, headers)
  local added, gone, kept = {}, {}, {}
  for _, item in ipairs(context.set or {}) do
    added[#added + 1] = encoded(item.name) .. "=" .. put_together(headers, item.value, true)
    gone[item.name] = true
  end
  for _, name in ipairs(context.remove or {}) do gone[name] = true end
  for part in (query == "" and "" or query .. "&"):gmatch("(.-)&") do
    if not gone[decoded(part:match("^([^=]*)"))] then kept[#kept + 1] = part end
  end
  for _, part in ipairs(added) do kept[#kept + 1] = part end
  return table.concat(kept, "&")
end

function envoy_on_request(handle)
  local context, headers = handle:filterContext(), handle:headers()
  local path, mark, query = headers:get(":path"):match("^([^?]*)(%??)(.*)$")
  local pieces = context:get("path")
  if pieces ~= nil then
    path = put_together(headers, pieces, false)
    if (path .. "/"):find("/%.%.?/") then
      headers:replace("x-gw-internal-way", "lua:bad_request")
      handle:respond({[":status"] = "400"}, "bad_request")
      return
    end
  end
  local set, remove = context:get("set"), context:get("remove")
  if set ~= nil or remove ~= nil then
    query = edited(query, {set = set, remove = remove}, headers)
    mark = query == "" and "" or "?"
  end
  headers:replace(":path", path .. mark .. query)
end
"""
