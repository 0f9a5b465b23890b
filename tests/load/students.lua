-- Each connection is a student: saves a page, thinks, saves again. Replies must be 200 or 204.
local forms, at, number = {}, 0, 10
local think = tonumber(os.getenv("LOAD_THINK"))
local threads = {}
function setup(thread) table.insert(threads, thread) end
function init(args)
  for line in io.lines(os.getenv("LOAD_FORMS")) do
    local path, body = line:match("^(%S+)\t(.+)$")
    forms[#forms + 1] = { path, body }
  end
  math.randomseed(os.time())
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Accept-Encoding"] = "gzip"
  wrk.headers["HX-Request"] = "true"
end
function delay() return math.floor(think * (0.5 + math.random())) end
function request()
  at = at % #forms + 1
  if at == 1 then number = number + 1 end
  local form = forms[at]
  return wrk.format("POST", form[1], nil, form[2] .. "&number=" .. number)
end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %.0f %.0f %.0f %.0f %d\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
