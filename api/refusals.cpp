#include "api/refusals.hpp"

#include "core/ids.hpp"

#include <spdlog/spdlog.h>

namespace varia {

namespace {

// What is away, in words for those who wait for it.
std::string reason_of(const caf::error& why) {
  auto detail = detail_of(why);
  return detail.empty() ? "a part of the system does not answer" : detail;
}

} // namespace

http_response refuse(int status, const std::string& code, const std::string& message) {
  auto error = json{{"code", code}};
  if (!message.empty())
    error["message"] = message;
  return json_answer(status, {{"error", std::move(error)}});
}

http_response refuse_issues(const std::string& code, const issues& found) {
  auto errors = json::array();
  for (auto& x : found)
    errors.push_back({{"code", x.code}, {"message", x.message}, {"path", x.path}});
  return json_answer(400, {{"error", {{"code", code}, {"errors", std::move(errors)}}}});
}

http_response refuse_in_old_form(int status, const std::string& code, const std::string& message,
                                 const json& payload) {
  return json_answer(status,
                     {{"error", {{"message", message}, {"code", code}, {"payload", payload}}}});
}

http_response refuse_error(const caf::error& why) {
  switch (code_of(why)) {
    case errc::invalid:
    case errc::exists: return refuse(400, "invalid_body", detail_of(why));
    case errc::not_found: return refuse(404, "not_found");
    case errc::full: return refuse(400, "resource_capped", detail_of(why));
    case errc::fenced:
    case errc::cancelled:
    case errc::unavailable: {
      spdlog::warn("a request could not be served now: {}", describe(why));
      auto result = refuse(503, "service_unavailable",
                           "Not available at the moment: " + reason_of(why) + ". Try again.");
      result.headers.emplace_back("retry-after", "1");
      return result;
    }
    default: return refuse_fault(describe(why));
  }
}

http_response refuse_fault(const std::string& detail) {
  auto id = make_uuid();
  spdlog::error("request failed, id {}: {}", id, detail);
  return refuse_in_old_form(
    500, "generic_error_support",
    "An error occurred. Please contact support with this unique id: \"" + id + "\"", id);
}

} // namespace varia
