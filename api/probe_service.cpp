#include "api/probe_service.hpp"

#include "api/health.hpp"
#include "api/refusals.hpp"
#include "api/server/server.hpp"

#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <utility>

namespace varia {

namespace {

// One who scrapes and one who probes, and some patience with those who do not hang up.
constexpr size_t threads = 2;
constexpr size_t connections_max = 64;
constexpr size_t queued_max = 32;
constexpr uint64_t body_bytes_max = 1024;

class probe_desk {
public:
  explicit probe_desk(readiness look) : look_{std::move(look)} {}

  http_response answer(const http_request& request) {
    if (request.method != "GET")
      return refuse(405, "method_not_allowed");
    if (request.path == "/metrics")
      return tell_metrics();
    if (request.path == "/livez" || request.path == "/health")
      return tell_alive();
    if (request.path == "/readyz")
      return look(request);
    if (request.path == "/startupz")
      return was_ready_ ? tell_alive() : look(request);
    return refuse(404, "not_found");
  }

private:
  http_response look(const http_request& request) {
    auto result = tell_ready(look_(), wants_all(request));
    if (result.status == 200)
      was_ready_ = true;
    return result;
  }

  readiness look_;
  std::atomic<bool> was_ready_{false};
};

} // namespace

std::function<http_response(const http_request&)> make_probe_handler(readiness look) {
  return [desk = std::make_shared<probe_desk>(std::move(look))](const http_request& request) {
    return desk->answer(request);
  };
}

api_service make_probe_service(const endpoint& listen, readiness look) {
  server_config config;
  config.host = listen.host;
  config.port = listen.port;
  config.threads = threads;
  config.connections_max = connections_max;
  config.queued_max = queued_max;
  config.body_bytes_max = body_bytes_max;
  auto server = std::make_shared<http_server>(config, make_probe_handler(std::move(look)));
  auto start = [server]() -> expected<void> {
    auto port = server->start();
    if (!port)
      return std::move(port.error());
    spdlog::info("serving metrics at port {}", *port);
    return caf::unit;
  };
  return {start, [server] { server->stop(); }};
}

} // namespace varia
