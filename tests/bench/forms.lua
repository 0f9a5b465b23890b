-- Posts prepared forms in turn; each save has a number of its own, as the page's script gives it.
-- A thread posts its share of the forms: with one connection a thread, each respondent keeps to a line of their own.
local forms, at, number = {}, 0, tonumber(os.getenv("BENCH_NUMBER"))
local threads = 0
function setup(thread)
  thread:set("share", threads)
  threads = threads + 1
end
function init(args)
  local count, line_number = tonumber(os.getenv("BENCH_THREADS")), 0
  for line in io.lines(os.getenv("BENCH_FORMS")) do
    local path, body = line:match("^(%S+)\t(.+)$")
    if line_number % count == share % count then forms[#forms + 1] = { path, body } end
    line_number = line_number + 1
  end
  if #forms == 0 then error("fewer forms than threads") end
  wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
  wrk.headers["Accept-Encoding"] = "gzip"
  wrk.headers["HX-Request"] = "true"
end
function request()
  at = at % #forms + 1
  if at == 1 then number = number + 1 end
  local form = forms[at]
  return wrk.format("POST", form[1], nil, form[2] .. "&number=" .. number)
end
