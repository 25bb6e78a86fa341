#include "api/health.hpp"

#include "core/metrics.hpp"

#include <algorithm>

namespace varia {

namespace {

json check_text(const readiness_check& x) {
  json result{{"name", x.name}, {"ok", x.is_well}, {"required", x.is_needed_now}};
  if (!x.detail.empty())
    result["detail"] = x.detail;
  return result;
}

} // namespace

http_response tell_alive() {
  return json_answer(200, {{"result", "ok"}});
}

http_response tell_ready(const std::vector<readiness_check>& checks, bool is_verbose) {
  auto is_ready = std::all_of(checks.begin(), checks.end(),
                              [](auto& x) { return x.is_well || !x.is_needed_now; });
  json body{{"result", is_ready ? "ok" : "not_ready"}};
  if (is_verbose) {
    body["checks"] = json::array();
    for (auto& each : checks)
      body["checks"].push_back(check_text(each));
  }
  return json_answer(is_ready ? 200 : 503, body);
}

bool wants_all(const http_request& request) {
  return std::any_of(request.query.begin(), request.query.end(), [](auto& x) {
    return x.first == "verbose" && x.second != "false" && x.second != "0";
  });
}

http_response tell_metrics() {
  http_response result;
  result.body = metrics_text();
  result.content_type = metrics_media_type;
  return result;
}

} // namespace varia
