#include "api/routes/dashboard_routes.hpp"

#include "core/text.hpp"
#include "dashboard_files.hpp"

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace varia {

namespace {

constexpr auto start_page = "index.html";
const std::string assets_path = "/assets/";
constexpr size_t etag_digits = 32;

// Nothing that a page could be made to load or send comes from or goes to anywhere else.
constexpr auto content_policy
  = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

struct asset {
  std::string_view text;
  std::string type;
  std::string etag;
};

std::string type_of(std::string_view name) {
  static const std::map<std::string_view, const char*> types{
    {"html", "text/html; charset=utf-8"},        {"css", "text/css; charset=utf-8"},
    {"js", "text/javascript; charset=utf-8"},    {"mjs", "text/javascript; charset=utf-8"},
    {"json", "application/json; charset=utf-8"}, {"svg", "image/svg+xml"},
    {"txt", "text/plain; charset=utf-8"},
  };
  auto found = types.find(name.substr(name.rfind('.') + 1));
  return found == types.end() ? "application/octet-stream" : found->second;
}

const std::map<std::string, asset>& all_assets() {
  static const auto result = [] {
    std::map<std::string, asset> all;
    for (auto& [name, text] : dashboard_files)
      all.emplace(name,
                  asset{text, type_of(name), '"' + sha256_hex(text).substr(0, etag_digits) + '"'});
    return all;
  }();
  return result;
}

bool has_already(const http_request& request, const std::string& etag) {
  auto known = request.headers.find("if-none-match");
  if (known == request.headers.end())
    return false;
  for (auto& each : split(known->second, ',')) {
    auto tag = trim(each);
    if (tag == "*" || tag == etag || tag == "W/" + etag)
      return true;
  }
  return false;
}

http_response serve(const http_request& request, const std::string& name) {
  auto found = all_assets().find(name);
  if (found == all_assets().end())
    return refuse(404, "not_found");
  http_response result;
  result.content_type = found->second.type;
  // A program that was replaced must not be met by pages of the one before.
  result.headers = {{"cache-control", "no-cache"},
                    {"etag", found->second.etag},
                    {"content-security-policy", content_policy},
                    {"referrer-policy", "no-referrer"},
                    {"x-frame-options", "DENY"},
                    {"cross-origin-opener-policy", "same-origin"},
                    {"cross-origin-resource-policy", "same-origin"}};
  if (has_already(request, found->second.etag))
    result.status = 304;
  else
    result.body = found->second.text;
  return result;
}

route open_route(std::string path, std::string summary,
                 std::function<http_response(const http_request&)> answer) {
  route result;
  result.method = "GET";
  result.path = std::move(path);
  result.needs = access::open;
  result.facts = route_facts{std::move(summary)}.answers(200, {});
  result.answer = std::move(answer);
  return result;
}

} // namespace

std::vector<route> dashboard_routes(const api_context& api) {
  if (!api.dashboard.on)
    return {};
  return {
    open_route("/", "Serves the dashboard",
               [](const http_request& x) { return serve(x, start_page); }),
    open_route("/assets/*", "Serves what the pages of the dashboard are made of",
               [](const http_request& x) { return serve(x, x.path.substr(assets_path.size())); })};
}

} // namespace varia
