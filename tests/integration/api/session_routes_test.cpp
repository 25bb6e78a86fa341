#include "api/session_rules.hpp"
#include "store/audit.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

constexpr auto host = "varia.example";

// A browser on a page of ours.
struct browser : ready_api {
  api_answer open(const std::string& method, const std::string& target, const json& body = nullptr,
                  header_map more = {}) {
    auto request = parse_target(target);
    BOOST_REQUIRE(request);
    request->method = method;
    request->headers = {{"host", host}, {"sec-fetch-site", "same-origin"}};
    if (!cookie.empty())
      request->headers["cookie"] = "varia_session=" + cookie;
    if (method != "GET" && !csrf.empty())
      request->headers["x-varia-csrf"] = csrf;
    if (!body.is_null()) {
      request->headers["content-type"] = "application/json";
      request->body = body.dump();
    }
    for (auto& [name, value] : more)
      request->headers[name] = value;
    return wait_for(handler(std::move(*request)));
  }

  static std::string header_of(const api_answer& x, const std::string& name) {
    for (auto& [key, value] : x.whole.headers)
      if (key == name)
        return value;
    return {};
  }

  api_answer sign_in(header_map more = {}) {
    auto answer = open("POST", "/varia/session", {{"key", key}}, std::move(more));
    if (answer.status == 200) {
      auto text = header_of(answer, "set-cookie");
      cookie = text.substr(text.find('=') + 1, text.find(';') - text.find('=') - 1);
      csrf = answer.body()["csrf"].get<std::string>();
    }
    return answer;
  }

  api_answer trigger() { return open("POST", "/sync/trigger", ids({{"syncs", {"orders"}}})); }

  static std::string code_of_answer(const api_answer& x) {
    return std::to_string(x.status) + " " + x.body()["error"]["code"].get<std::string>();
  }

  std::string cookie;
  std::string csrf;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(session_routes_test, browser)

BOOST_AUTO_TEST_CASE(signs_in_with_a_key_and_tells_of_it) {
  auto answer = sign_in();
  BOOST_REQUIRE_EQUAL(answer.status, 200);
  auto body = answer.body();
  BOOST_TEST(body["environment"] == "dev");
  BOOST_TEST(body["key_name"] == "first key");
  BOOST_TEST(body["scopes"].dump() == R"(["*"])");
  BOOST_TEST(body["expires_at"].is_string());
  BOOST_TEST(cookie.size() == 43U);
  BOOST_TEST(answer.text.find(cookie) == std::string::npos);
  BOOST_TEST(
    header_of(answer, "set-cookie").find("HttpOnly; SameSite=Strict; Path=/; Max-Age=43200")
    != std::string::npos);
  BOOST_TEST(header_of(answer, "cache-control") == "no-store");
  auto shown = open("GET", "/varia/session");
  BOOST_TEST(shown.status == 200);
  BOOST_TEST(shown.body()["csrf"] == body["csrf"]);
  BOOST_TEST(shown.body()["key_name"] == "first key");
}

BOOST_AUTO_TEST_CASE(a_session_reads_and_changes_as_its_key_would) {
  sign_in();
  BOOST_TEST(open("GET", "/connections").status == 200);
  BOOST_TEST(trigger().status == 200);
  BOOST_TEST(cluster.take_notes().find("trigger") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_coordinator_knows_the_session) {
  sign_in();
  handler = make_handler(context);
  BOOST_TEST(open("GET", "/connections").status == 200);
}

BOOST_AUTO_TEST_CASE(refuses_changes_that_the_page_does_not_vouch_for) {
  sign_in();
  auto word = std::exchange(csrf, "");
  BOOST_TEST(code_of_answer(trigger()) == "403 csrf");
  csrf = std::string(word.size(), '0');
  BOOST_TEST(code_of_answer(trigger()) == "403 csrf");
  csrf = word;
  BOOST_TEST(
    code_of_answer(open("DELETE", "/varia/session", nullptr, {{"sec-fetch-site", "cross-site"}}))
    == "403 csrf");
  BOOST_TEST(code_of_answer(open("GET", "/connections", nullptr, {{"sec-fetch-site", "same-site"}}))
             == "403 csrf");
  BOOST_TEST(cluster.take_notes() == "");
  BOOST_TEST(trigger().status == 200);
}

BOOST_AUTO_TEST_CASE(other_sites_may_not_read_what_a_session_is_answered) {
  BOOST_TEST(header_of(ask("GET", "/connections"), "access-control-allow-origin") == "*");
  sign_in();
  BOOST_TEST(header_of(open("GET", "/connections"), "access-control-allow-origin") == "");
  BOOST_TEST(header_of(open("GET", "/connections"), "x-content-type-options") == "nosniff");
}

BOOST_AUTO_TEST_CASE(refuses_wrong_keys_in_the_words_for_keys) {
  key = "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11";
  BOOST_TEST(code_of_answer(sign_in()) == "401 unknown_account");
  key = "no key";
  BOOST_TEST(code_of_answer(sign_in()) == "401 invalid_secret_key_format");
  BOOST_TEST(code_of_answer(open("POST", "/varia/session", json::object())) == "400 invalid_body");
  BOOST_TEST(cookie == "");
}

BOOST_AUTO_TEST_CASE(wrong_keys_cost_their_address) {
  handler = make_handler(limited(20));
  auto own = std::exchange(key, "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11");
  BOOST_TEST(sign_in().status == 401);
  BOOST_TEST(sign_in().status == 401);
  BOOST_TEST(sign_in().status == 429);
  key = own;
  BOOST_TEST(sign_in().status == 200);
}

BOOST_AUTO_TEST_CASE(asking_for_a_session_that_is_not_there_costs_nothing) {
  handler = make_handler(limited(20));
  for (auto i = 0; i < 5; ++i)
    BOOST_TEST(open("GET", "/varia/session").status == 401);
  key = "a6b0a0b4-36bf-4d3a-8b3f-0f7f2f5f6c11";
  BOOST_TEST(sign_in().status == 401);
}

BOOST_AUTO_TEST_CASE(signs_nobody_in_from_elsewhere) {
  BOOST_TEST(code_of_answer(sign_in({{"sec-fetch-site", "cross-site"}})) == "403 csrf");
  BOOST_TEST(code_of_answer(sign_in({{"origin", "http://evil.example"}})) == "403 csrf");
  BOOST_TEST(code_of_answer(sign_in({{"content-type", "text/plain"}}))
             == "415 invalid_content_type");
}

BOOST_AUTO_TEST_CASE(ends_on_demand) {
  sign_in();
  auto answer = open("DELETE", "/varia/session");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(header_of(answer, "set-cookie").find("Max-Age=0") != std::string::npos);
  BOOST_TEST(code_of_answer(open("GET", "/varia/session")) == "401 session_ended");
  BOOST_TEST(code_of_answer(open("GET", "/connections")) == "401 session_ended");
  BOOST_TEST(code_of_answer(trigger()) == "401 session_ended");
}

BOOST_AUTO_TEST_CASE(ends_with_its_time) {
  context.dashboard.session_for = milliseconds{300};
  handler = make_handler(context);
  sign_in();
  for (auto i = 0; i < 500 && open("GET", "/connections").status == 200; ++i)
    std::this_thread::sleep_for(milliseconds{10});
  BOOST_TEST(code_of_answer(open("GET", "/connections")) == "401 session_ended");
}

BOOST_AUTO_TEST_CASE(ends_with_the_revocation_of_its_key) {
  auto made
    = ask("POST", "/varia/keys",
          {{"environment", "dev"}, {"name", "short"}, {"scopes", "environment:syncs:read"}});
  auto own = std::exchange(key, made.body()["secret"].get<std::string>());
  BOOST_TEST(sign_in().body()["scopes"].dump() == R"(["environment:syncs:read"])");
  BOOST_TEST(open("GET", "/varia/variants").status == 200);
  BOOST_TEST(code_of_answer(open("GET", "/connections")) == "403 forbidden");
  key = own;
  BOOST_TEST(ask("POST", "/varia/keys/revoke", {{"environment", "dev"}, {"key", "short"}}).status
             == 200);
  BOOST_TEST(code_of_answer(open("GET", "/varia/variants")) == "401 session_ended");
  BOOST_TEST(code_of_answer(open("GET", "/varia/session")) == "401 session_ended");
}

BOOST_AUTO_TEST_CASE(without_a_session_there_is_nothing_to_tell) {
  BOOST_TEST(code_of_answer(open("GET", "/varia/session")) == "401 session_ended");
  BOOST_TEST(code_of_answer(open("DELETE", "/varia/session")) == "401 session_ended");
  cookie = make_session_token();
  BOOST_TEST(code_of_answer(open("GET", "/varia/session")) == "401 session_ended");
}

BOOST_AUTO_TEST_CASE(tells_the_audit_stream_who_came_and_went_but_no_secret) {
  sign_in();
  BOOST_TEST(open("PUT", "/varia/environment-variables/A", {{"value", "1"}}).status == 200);
  open("DELETE", "/varia/session");
  auto entries = audit_log{db}.read("dev", 3);
  BOOST_REQUIRE(entries && entries->size() == 3U);
  BOOST_TEST(entries->at(0).what == "session.ended");
  BOOST_TEST(entries->at(1).detail.find(R"("via":"dashboard")") != std::string::npos);
  BOOST_TEST(entries->at(2).what == "session.begun");
  for (auto& each : *entries) {
    BOOST_TEST(each.who == "first key");
    BOOST_TEST(each.detail.find(cookie) == std::string::npos);
    BOOST_TEST(each.detail.find(key) == std::string::npos);
    BOOST_TEST(each.detail.find(csrf) == std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(without_the_dashboard_cookies_mean_nothing) {
  sign_in();
  context.dashboard.on = false;
  handler = make_handler(context);
  BOOST_TEST(code_of_answer(open("GET", "/connections")) == "401 missing_auth_header");
  BOOST_TEST(code_of_answer(open("POST", "/varia/session", {{"key", key}})) == "404 not_found");
}

BOOST_AUTO_TEST_SUITE_END()
