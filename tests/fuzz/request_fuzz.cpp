// Requests of any form: they are taken apart, led to their routes and judged there. No store is in
// reach, so nothing is changed; whatever is asked, there must be an answer of the known form.
//
// An input is "METHOD TARGET", lines of headers, an empty line, and the body.

#include "api/api.hpp"
#include "api/live/live_desk.hpp"
#include "api/process_facts.hpp"
#include "core/text.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace varia;

std::string_view cut_line(std::string_view& rest) {
  auto end = rest.find('\n');
  auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

const std::vector<route>& table() {
  static const auto routes = [] {
    spdlog::set_level(spdlog::level::off);
    api_context nowhere;
    nowhere.stores = std::make_shared<store_pool>(
      redis_config{"unix:///nowhere/redis.sock", std::chrono::milliseconds{1}, false});
    nowhere.cluster = std::make_shared<cluster_commands>();
    nowhere.catalogue = std::make_shared<providers>(*providers::load());
    nowhere.process = std::make_shared<process_facts>();
    nowhere.live = std::make_shared<live_desk>(nowhere.stores);
    return all_routes(nowhere);
  }();
  return routes;
}

std::optional<http_request> read(std::string_view input) {
  auto first = cut_line(input);
  auto blank = first.find(' ');
  if (blank == std::string_view::npos)
    return std::nullopt;
  auto request = parse_target(first.substr(blank + 1));
  if (!request)
    return std::nullopt;
  request->method = first.substr(0, blank);
  for (auto line = cut_line(input); !line.empty(); line = cut_line(input)) {
    auto colon = line.find(':');
    if (colon != std::string_view::npos)
      request->headers[to_lower(std::string{line.substr(0, colon)})] = trim(line.substr(colon + 1));
  }
  request->body = input;
  request->environment = "dev";
  request->from
    = std::make_shared<const caller>(caller{"dev", "id", "key", {"environment:*", "account:*"}});
  return std::move(*request);
}

void must(bool holds) {
  if (!holds)
    std::abort();
}

void judge(const http_response& answer) {
  must(answer.status >= 200 && answer.status <= 599);
  // The dashboard's pages and the metrics are no JSON.
  if (answer.body.empty() || answer.content_type.rfind("application/json", 0) != 0)
    return;
  auto body = json::parse(answer.body, nullptr, false);
  must(!body.is_discarded());
  // A probe that says no tells what it has looked at.
  auto is_unready = answer.status == 503 && body.is_object() && body.contains("result")
                    && body["result"] == "not_ready";
  if (answer.status >= 400 && !is_unready)
    must(body.contains("error") && body["error"].contains("code"));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  auto request = read({reinterpret_cast<const char*>(data), size});
  if (!request)
    return 0;
  auto found = find_route(table(), *request);
  // What takes any content does not read it, and asks for what is outside at once.
  if (found != nullptr && !found->takes_any_content)
    judge(found->answer(*request));
  return 0;
}
