#pragma once

#include "store/connections.hpp"
#include "tests/support/provider_stub.hpp"
#include "tests/support/redis_server.hpp"
#include "tests/support/upstream_asking.hpp"
#include "upstream/token_keeper.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace varia::test {

/// An authorization server and an API in one: `/token` gives the tokens t1, t2, ... and a new
/// refresh token with each; everything else wants the last token that was given.
class token_provider {
public:
  std::string url() const { return stub_.url(); }
  int grants() const { return grants_; }
  std::string last_form() const { return locked(form_); }
  std::string last_client() const { return locked(client_); }

  std::atomic<bool> refuses{false}; ///< Answers requests for tokens with invalid_grant.
  std::atomic<bool> is_down{false}; ///< Answers them with 503.
  std::atomic<int> delay_ms{0};     ///< Before it gives a token.
  std::atomic<int> revoked{0};      ///< Tokens up to this one are not taken.

private:
  std::string locked(const std::string& text) const {
    std::lock_guard guard{mutex_};
    return text;
  }

  void answer(const stub_request& request, stub_response& response) {
    if (request.target() != "/token")
      return answer_api(request, response);
    {
      std::lock_guard guard{mutex_};
      form_ = request.body();
      client_ = header_of(request, "Authorization");
    }
    auto number = ++grants_;
    std::this_thread::sleep_for(std::chrono::milliseconds{delay_ms});
    if (is_down || refuses) {
      response.result(is_down ? 503U : 400U);
      response.body() = R"({"error":"invalid_grant","error_description":"r0 is s3cret"})";
      return;
    }
    response.body() = R"({"access_token":"t)" + std::to_string(number)
                      + R"(","expires_in":3600,"refresh_token":"r)" + std::to_string(number)
                      + R"(","token_type":"bearer"})";
  }

  void answer_api(const stub_request& request, stub_response& response) const {
    auto shown = header_of(request, "Authorization");
    auto last = "Bearer t" + std::to_string(grants_.load());
    response.result(shown == last && grants_ > revoked ? 200U : 401U);
    response.body() = shown;
  }

  mutable std::mutex mutex_;
  std::string form_;
  std::string client_;
  std::atomic<int> grants_{0};
  provider_stub stub_{[this](auto& request, auto& response) { answer(request, response); }};
};

/// A store with one connection on such a provider.
struct token_fixture {
  token_fixture() { import(R"("access_token":"old","refresh_token":"r0")", -1000); }

  /// Imports credentials that expire so many milliseconds from now.
  void import(const std::string& fields, int64_t rest, const std::string& type = "OAUTH2") {
    connection x;
    x.environment = "dev";
    x.provider_config_key = "crm";
    x.connection_id = "c1";
    x.provider = "oauth2";
    x.credentials = R"({"type":")" + type + R"(",)" + fields + R"(,"expires_at":")"
                    + to_iso_z(now_ms() + rest) + R"("})";
    auto stored = connections{db}.put(x);
    BOOST_REQUIRE(stored);
    link = *stored;
  }

  connection stored() {
    auto found = connections{db}.find(link.number);
    BOOST_REQUIRE(found && *found);
    return **found;
  }

  static std::future<token_result> begin(token_keeper& keeper, const connection& link,
                                         const provider_rules& rules,
                                         token_need need = token_need::due) {
    auto promise = std::make_shared<std::promise<token_result>>();
    keeper.freshen(link, rules, need, [promise](token_result x) { promise->set_value(x); });
    return promise->get_future();
  }

  static token_result end(std::future<token_result> result) {
    BOOST_REQUIRE((result.wait_for(std::chrono::seconds{50}) == std::future_status::ready));
    return result.get();
  }

  token_result freshen(token_need need = token_need::due) {
    return end(begin(keeper, link, rules(), need));
  }

  provider_rules rules(const std::string& more = {}) const {
    auto result
      = read_provider_rules("oauth2", R"({"base_url":")" + provider.url() + R"(","token_url":")"
                                        + provider.url() + R"(/token")" + more + "}");
    BOOST_REQUIRE(result);
    result->tokens.client_id = "app";
    result->tokens.client_secret = "app s3cret";
    return *result;
  }

  token_provider provider;
  redis_server server;
  redis db = server.connect_prepared();
  connection link;
  redis_pool stores{{server.url(), std::chrono::seconds{2}}};
  upstream out{loopback_config()};
  token_keeper keeper{stores, out, std::chrono::seconds{60}};
};

} // namespace varia::test
