"""The Lua source of the key finder (``key_auth.py`` says why it exists). Runs only on APIs that need it."""

SCRIPT = """
local function query_keys(path, name, hide)
  local at = path:find("?", 1, true)
  if at == nil then return {}, path end
  local found, kept = {}, {}
  for part in (path:sub(at + 1) .. "&"):gmatch("(.-)&") do
    local key, value = part:match("^([^=]*)=?(.*)$")
    if key == name then
      found[#found + 1] = value
    else
      kept[#kept + 1] = part
    end
  end
  if #found == 0 or not hide then return found, path end
  if #kept == 0 then return found, path:sub(1, at - 1) end
  return found, path:sub(1, at) .. table.concat(kept, "&")
end

local function cookie_keys(header, name)
  local found, kept = {}, {}
  for part in (header .. ";"):gmatch("(.-);") do
    local trimmed = part:match("^%s*(.-)%s*$")
    local key, value = trimmed:match("^([^=]*)=(.*)$")
    if key == name then
      found[#found + 1] = value:match('^"(.*)"$') or value
    elseif trimmed ~= "" then
      kept[#kept + 1] = trimmed
    end
  end
  return found, table.concat(kept, "; ")
end

local function header_key(name, value)
  if name ~= "authorization" then return value end
  local scheme, rest = value:match("^(%S+)%s+(%S+)%s*$")
  if scheme ~= nil and scheme:lower() == "bearer" then return rest end
  return ""
end

function envoy_on_request(handle)
  local context, headers = handle:filterContext(), handle:headers()
  local name, hide, key, twice = context:get("header"), context:get("hide"), "", false
  local function take(values)
    if #values > 1 then twice = true end
    if key == "" and values[1] ~= nil then key = values[1] end
  end
  if name ~= "" and headers:get(name) ~= nil then
    if headers:getNumValues(name) > 1 then twice = true end
    key = header_key(name, headers:getAtIndex(name, 0))
  end
  local query = context:get("query")
  if query ~= "" then
    local found, path = query_keys(headers:get(":path"), query, hide)
    take(found)
    if #found > 0 and hide then headers:replace(":path", path) end
  end
  local cookie = context:get("cookie")
  if cookie ~= "" and headers:get("cookie") ~= nil then
    local found, rest = cookie_keys(headers:get("cookie"), cookie)
    take(found)
    if #found > 0 and hide then
      if rest == "" then headers:remove("cookie") else headers:replace("cookie", rest) end
    end
  end
  if twice then
    handle:respond({[":status"] = "401"}, "key_ambiguous")
  elseif key ~= "" then
    -- Credentials of other kinds are looked up with a space in them; no key may pretend to be one.
    headers:replace("x-gw-internal-key", key:find(" ", 1, true) and "?" or key)
  end
end
"""
