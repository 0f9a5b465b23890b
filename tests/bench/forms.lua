-- Posts prepared forms in turn; each save has a number of its own, as the page's script gives it.
local forms, at, number = {}, 0, tonumber(os.getenv("BENCH_NUMBER"))
function init(args)
  for line in io.lines(os.getenv("BENCH_FORMS")) do
    local path, body = line:match("^(%S+)\t(.+)$")
    forms[#forms + 1] = { path, body }
  end
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
