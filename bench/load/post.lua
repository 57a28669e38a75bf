-- A question as programs ask it: a head that does not vary, and 10 KiB of JSON.
wrk.method = "POST"
wrk.headers["User-Agent"] = "python-requests/2.32.3"
wrk.headers["Accept"] = "*/*"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"prompt":"' .. string.rep("x", 10240 - 13) .. '"}'
