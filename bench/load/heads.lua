-- Heads as a browser sends them, Host and eleven fields, no two alike: target, Referer, Cookie and If-None-Match vary.
local count = 0
local before, after

function init(args)
  before = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port .. "\r\n" ..
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n" ..
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n" ..
    "Accept-Language: en-US,en;q=0.5\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n" ..
    "Upgrade-Insecure-Requests: 1\r\nSec-Fetch-Dest: document\r\nSec-Fetch-Mode: navigate\r\n" ..
    "Sec-Fetch-Site: same-origin\r\nReferer: http://" .. wrk.host .. "/chat/"
  after = "\r\n\r\n"
end

function request()
  count = count + 1
  local id = string.format("%08x", count)
  return "GET /api/chats/" .. id .. before .. id ..
    "\r\nCookie: session=4f1c9a7e" .. id .. "; theme=dark; sidebar=1\r\nIf-None-Match: W/\"" .. id .. "-5d" .. "\"" ..
    after
end
