"""The Lua source of token introspection (``introspection.py`` says why it exists).

Answers are remembered per worker in two generations of so many: when the younger is full it becomes the elder, and
what the elder held is forgotten. So memory is bounded however many tokens are tried.
"""

SCRIPT = r"""
local GENERATION = 2000
local young, old, count = {}, {}, 0

local function remember(key, value)
  if count >= GENERATION then young, old, count = {}, young, 0 end
  if young[key] == nil then count = count + 1 end
  young[key] = value
end

local function remembered(key, now)
  local value = young[key] or old[key]
  if value ~= nil and value.until_ms > now then return value end
  return nil
end

local ESCAPES = {b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/"}

local function read_string(text, at)
  local out = {}
  while true do
    local plain, stop = text:match('^([^"\\%c]*)()', at)
    out[#out + 1], at = plain, stop
    local char = text:sub(at, at)
    if char == '"' then return table.concat(out), at + 1 end
    if char ~= "\\" then error("string") end
    local escape = text:sub(at + 1, at + 1)
    if escape == "u" then
      local hex = text:match("^%x%x%x%x", at + 2) or error("escape")
      local code = tonumber(hex, 16)
      out[#out + 1] = code < 128 and string.char(code) or "?"
      at = at + 6
    else
      out[#out + 1] = ESCAPES[escape] or error("escape")
      at = at + 2
    end
  end
end

local read_value

local function read_list(text, at, depth)
  local out = {}
  at = text:match("^%s*()", at)
  if text:sub(at, at) == "]" then return out, at + 1 end
  while true do
    out[#out + 1], at = read_value(text, at, depth)
    local comma, stop = text:match("^%s*([,%]])()", at)
    if comma == nil then error("list") end
    at = stop
    if comma == "]" then return out, at end
  end
end

local function read_object(text, at, depth)
  local out = {}
  at = text:match("^%s*()", at)
  if text:sub(at, at) == "}" then return out, at + 1 end
  while true do
    local key
    at = text:match('^%s*"()', at) or error("name")
    key, at = read_string(text, at)
    at = text:match("^%s*:()", at) or error("colon")
    out[key], at = read_value(text, at, depth)
    local comma, stop = text:match("^%s*([,}])()", at)
    if comma == nil then error("object") end
    at = stop
    if comma == "}" then return out, at end
  end
end

read_value = function(text, at, depth)
  if depth > 8 then error("depth") end
  at = text:match("^%s*()", at)
  local char = text:sub(at, at)
  if char == '"' then return read_string(text, at + 1) end
  if char == "{" then return read_object(text, at + 1, depth + 1) end
  if char == "[" then return read_list(text, at + 1, depth + 1) end
  for word, value in pairs({["true"] = true, ["false"] = false}) do
    if text:sub(at, at + #word - 1) == word then return value, at + #word end
  end
  if text:sub(at, at + 3) == "null" then return nil, at + 4 end
  local number, stop = text:match("^(-?%d[%d.eE+-]*)()", at)
  return tonumber(number) or error("value"), stop
end

local function parsed(text)
  if text == nil or #text > 65536 then return nil end
  local ok, value, stop = pcall(read_value, text, 1, 0)
  if not ok or type(value) ~= "table" or text:match("^%s*()$", stop) == nil then return nil end
  return value
end

local function encoded(text)
  return (text:gsub("[^%w%-%._~]", function(char) return ("%%%02X"):format(char:byte()) end))
end

local function clean(value)
  return type(value) == "number" or type(value) == "boolean" or (type(value) == "string" and not value:find("%c"))
end

local function claims_of(answer, issuer, scope_claim)
  local claims = {}
  for name, value in pairs(answer) do
    if clean(value) then claims[name] = value end
    if type(value) == "table" and #value > 0 then
      local list = {}
      for _, item in ipairs(value) do
        if clean(item) then list[#list + 1] = item end
      end
      if #list > 0 then claims[name] = list end
    end
  end
  local scope = answer[scope_claim]
  if type(scope) == "string" then
    local list = {}
    for word in scope:gmatch("%S+") do list[#list + 1] = word end
    claims[scope_claim] = #list > 0 and list or nil
  end
  claims.iss = issuer
  return claims
end

local function verdict(answer, wanted, now)
  local issuer = wanted.issuer
  if answer.active ~= true then return {code = "token_invalid"} end
  if answer.iss ~= nil and answer.iss ~= issuer then return {code = "token_invalid"} end
  if type(answer.exp) == "number" and answer.exp * 1000 <= now then return {code = "token_expired"} end
  if type(answer.nbf) == "number" and answer.nbf * 1000 > now then return {code = "token_invalid"} end
  local client = answer.client_id
  if type(client) ~= "string" or client == "" or client:find("[%c%s]") then return {code = "token_invalid"} end
  return {client = client, claims = claims_of(answer, issuer, wanted.scope_claim), exp = answer.exp}
end

local function ask(handle, wanted, token, now)
  local headers, body = handle:httpCall(wanted.cluster, {
    [":method"] = "POST",
    [":path"] = wanted.path,
    [":authority"] = wanted.authority,
    ["authorization"] = wanted.authorization,
    ["content-type"] = "application/x-www-form-urlencoded",
    ["accept"] = "application/json",
  }, "token=" .. encoded(token) .. "&token_type_hint=access_token", wanted.timeout_ms)
  local answer = headers[":status"] == "200" and parsed(body) or nil
  if answer == nil or type(answer.active) ~= "boolean" then return nil end
  local found = verdict(answer, wanted, now)
  found.until_ms = now + wanted.cache_seconds * 1000
  if type(found.exp) == "number" then found.until_ms = math.min(found.until_ms, found.exp * 1000) end
  return found
end

local function refuse(handle, status, code)
  handle:headers():replace("x-gw-internal-way", "lua:" .. code)
  handle:respond({[":status"] = status}, code)
end

-- What the engine hands out is dead after a call to another server, so it is copied before.
local NAMES = {"cluster", "path", "authority", "authorization", "issuer", "scope_claim", "timeout_ms", "cache_seconds"}

local function copied(context)
  local out = {}
  for _, name in ipairs(NAMES) do out[name] = context:get(name) end
  return out
end

function envoy_on_request(handle)
  local headers, context = handle:headers(), handle:filterContext()
  local token = headers:get("x-gw-internal-opaque")
  if token == nil or headers:get("x-gw-internal-way") == "cert" then return end
  local now, issuer = handle:timestamp(), context:get("issuer")
  local key = context:get("cache") .. token
  local found = remembered(key, now)
  if found == nil then
    found = ask(handle, copied(context), token, now)
    if found == nil then return refuse(handle, "503", "issuer_unavailable") end
    remember(key, found)
  end
  if found.code ~= nil then return refuse(handle, "401", found.code) end
  handle:streamInfo():dynamicMetadata():set("envoy.filters.http.jwt_authn", "payload", found.claims)
  headers = handle:headers()
  headers:replace("x-gw-internal-key", "client " .. issuer .. " " .. found.client)
  headers:replace("x-gw-internal-way", "clie")
end
"""
