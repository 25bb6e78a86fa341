#pragma once

#include "tests/support/provider_stub.hpp"
#include "upstream/upstream.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <utility>

/// Short ways to ask providers that run in a test.
namespace varia::test {

inline std::string header_of(const stub_request& request, const char* name) {
  auto found = request.find(name);
  return found == request.end() ? "(none)" : std::string{found->value()};
}

inline upstream_config loopback_config() {
  upstream_config result;
  result.egress = *egress_policy::make("127.0.0.1", "");
  return result;
}

inline std::future<upstream_result> begin(upstream& out, upstream_request request) {
  auto promise = std::make_shared<std::promise<upstream_result>>();
  out.send(std::move(request), [promise](upstream_result x) { promise->set_value(std::move(x)); });
  return promise->get_future();
}

inline upstream_result wait_for(std::future<upstream_result> result) {
  BOOST_REQUIRE((result.wait_for(std::chrono::seconds{20}) == std::future_status::ready));
  return result.get();
}

inline upstream_result ask(upstream& out, upstream_request request) {
  return wait_for(begin(out, std::move(request)));
}

inline upstream_request get(const std::string& url) {
  upstream_request result;
  result.owner = 1;
  result.method = "GET";
  result.url = url;
  return result;
}

inline std::string value_of(const header_list& headers, const std::string& name) {
  for (const auto& [key, value] : headers)
    if (key == name)
      return value;
  return "(none)";
}

} // namespace varia::test
