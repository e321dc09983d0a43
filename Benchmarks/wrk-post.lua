-- wrk script: posts readings to /v1/events. Environment: BATCH (events a request, default 1), TOKEN (bearer token, optional).
-- Each thread makes its own requests; event ids never repeat, so that every event is a new one.
local batch = tonumber(os.getenv("BATCH") or "1")
local token = os.getenv("TOKEN")
local thread_count = 0
function setup(thread)
  thread:set("number", thread_count)
  thread_count = thread_count + 1
end
local counter = 0
local seed = os.time()
local function event()
  counter = counter + 1
  local site = (counter * 7 + number) % 500
  return string.format('{"specversion":"1.0","id":"wrk-%d-%d-%010d","source":"/gigawatch/simulated/gateway/%04d","type":"site.telemetry.v1","subject":"bench-site-%04d","time":"%s","datacontenttype":"application/json","data":{"power_kw":%.1f,"energy_kwh_total":%.1f,"gpu_utilization":0.731,"gpus":100000,"pue":1.21}}',
    seed, number, counter, site, site, os.date("!%Y-%m-%dT%H:%M:%S.000Z", seed), 60000 + counter % 1000, 1000000 + counter)
end
function init()
  wrk.method = "POST"
  wrk.headers["Content-Type"] = batch == 1 and "application/cloudevents+json" or "application/cloudevents-batch+json"
  if token then wrk.headers["Authorization"] = "Bearer " .. token end
end
function request()
  if batch == 1 then return wrk.format(nil, "/v1/events", nil, event()) end
  local events = {}
  for i = 1, batch do events[i] = event() end
  return wrk.format(nil, "/v1/events", nil, "[" .. table.concat(events, ",") .. "]")
end
local wrong = {}
function response(status)
  if status ~= 202 then wrong[status] = (wrong[status] or 0) + 1 end
end
function done(summary, latency)
  io.write(string.format('{"requests":%d,"batch":%d,"seconds":%.3f,"events_per_second":%.0f,"p50_ms":%.2f,"p99_ms":%.2f,"not_2xx":%d,"socket_errors":%d}\n',
    summary.requests, batch, summary.duration / 1e6, summary.requests * batch / (summary.duration / 1e6), latency:percentile(50) / 1000, latency:percentile(99) / 1000,
    summary.errors.status, summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
