#include "api/auth.hpp"
#include "core/text.hpp"
#include "store/environments.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <hiredis/hiredis.h>

#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  std::string uuid_of(const std::string& environment) {
    auto data = ask("GET", "/environments?name=" + environment).body()["data"];
    BOOST_REQUIRE_EQUAL(data.size(), 1U);
    return data[0]["uuid"].get<std::string>();
  }

  /// Makes a key with scopes such as "a,b" and returns its answer.
  json make(const std::string& environment, const std::string& name, const std::string& scopes) {
    auto answer = ask("POST", "/varia/keys",
                      {{"environment", environment}, {"name", name}, {"scopes", scopes}});
    BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.line());
    return answer.body();
  }

  /// Asks with another key.
  api_answer as(const json& made, const std::string& method, const std::string& target,
                const json& body = nullptr) {
    auto own = std::exchange(key, made.at("secret").get<std::string>());
    auto answer = body.is_null() ? ask(method, target) : ask(method, target, body);
    key = own;
    return answer;
  }
};

std::string code_of_answer(const api_answer& x) {
  return std::to_string(x.status) + " " + x.body()["error"]["code"].get<std::string>();
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(account_routes_test, fixture)

BOOST_AUTO_TEST_CASE(makes_lists_and_deletes_environments) {
  auto made = ask("POST", "/environments", {{"name", "prod"}});
  BOOST_TEST(made.status == 200);
  auto uuid = made.body()["data"]["uuid"].get<std::string>();
  BOOST_TEST(is_uuid_v4(uuid));
  BOOST_TEST(ask("GET", "/environments?name=prod").line()
             == R"(200 {"data":[{"uuid":")" + uuid + R"(","name":"prod","is_production":false}]})");
  BOOST_TEST(ask("GET", "/environments").body()["data"].size() == 2U);
  BOOST_TEST(code_of_answer(ask("POST", "/environments", {{"name", "prod"}})) == "409 conflict");
  auto gone = ask("DELETE", "/environments/" + uuid);
  BOOST_TEST(gone.line() == "204 ");
  BOOST_TEST(code_of_answer(ask("DELETE", "/environments/" + uuid)) == "404 not_found");
}

BOOST_AUTO_TEST_CASE(refuses_names_that_are_none) {
  for (auto name : {"", "Prod", "a b", "account", "a/b"})
    BOOST_TEST(code_of_answer(ask("POST", "/environments", {{"name", name}}))
               == "400 invalid_body");
  BOOST_TEST(code_of_answer(ask("POST", "/environments?x=1", {{"name", "a"}}))
             == "400 invalid_query_params");
  BOOST_TEST(code_of_answer(ask("DELETE", "/environments/no-uuid")) == "400 invalid_uri_params");
}

BOOST_AUTO_TEST_CASE(an_environment_takes_all_it_has_along) {
  BOOST_REQUIRE_EQUAL(ask("POST", "/environments", {{"name", "prod"}}).status, 200);
  auto own = make("prod", "all", "environment:*");
  BOOST_REQUIRE_EQUAL(
    as(own, "POST", "/integrations", {{"provider", "unauthenticated"}, {"unique_key", "orders"}})
      .status,
    200);
  BOOST_REQUIRE_EQUAL(as(own, "POST", "/connections",
                         {{"provider_config_key", "orders"},
                          {"connection_id", "p1"},
                          {"credentials", {{"type", "NONE"}}}})
                        .status,
                      201);
  as(own, "PUT", "/varia/environment-variables/A", {{"value", "1"}});
  BOOST_TEST(ask("POST", "/varia/environments/delete", {{"name", "prod"}}).line()
             == R"(200 {"success":true})");
  BOOST_TEST(code_of_answer(as(own, "GET", "/connections")) == "401 unknown_account");
  BOOST_TEST(connections{db}.list("prod")->empty());
  BOOST_TEST(environments{db}.variables("prod")->empty());
  BOOST_TEST(ask("GET", "/connections").body()["connections"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(nobody_deletes_the_environment_of_his_own_key) {
  BOOST_TEST(code_of_answer(ask("DELETE", "/environments/" + uuid_of("dev"))) == "409 conflict");
  BOOST_TEST(code_of_answer(ask("POST", "/varia/environments/delete", {{"name", "dev"}}))
             == "409 conflict");
  BOOST_TEST(code_of_answer(ask("POST", "/varia/environments/delete", {{"name", "none"}}))
             == "404 not_found");
}

BOOST_AUTO_TEST_CASE(a_key_is_shown_once_and_kept_as_a_hash) {
  auto path = "/environments/" + uuid_of("dev") + "/api-keys";
  auto made = ask("POST", path, {{"display_name", "ci"}, {"scopes", {"environment:records:read"}}});
  BOOST_TEST(made.status == 200);
  auto data = made.body()["data"];
  auto secret = data["secret"].get<std::string>();
  BOOST_TEST(is_uuid_v4(secret));
  BOOST_TEST(data["created_at"].is_string());
  auto listed = ask("GET", path + "?display_name=ci").body()["data"];
  BOOST_TEST(listed.size() == 1U);
  BOOST_TEST(listed[0]["uuid"] == data["uuid"]);
  BOOST_TEST(listed.dump().find(secret) == std::string::npos);
  auto one = ask("GET", path + "/" + data["uuid"].get<std::string>());
  BOOST_TEST(one.body()["data"] == listed[0]);
  auto raw = db.run({"HVALS", "keys"});
  for (size_t i = 0; i < (*raw)->elements; ++i)
    BOOST_TEST(text_of(*(*raw)->element[i]).find(secret) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_key_does_what_its_scopes_say) {
  auto reader = make("dev", "reader", "environment:records:read, environment:syncs:read");
  auto records = std::string{"/records?model=Order"};
  BOOST_TEST(as(reader, "GET", "/sync/status?syncs=*&provider_config_key=orders").status == 200);
  BOOST_TEST(as(reader, "POST", "/sync/orders/variant/eu", ids()).line()
             == R"(403 {"error":{"code":"forbidden","message":)"
                R"("Insufficient scope. Required: environment:syncs:variant:create"}})");
  BOOST_TEST(
    as(reader, "GET", "/connections/c1?provider_config_key=orders").line()
    == R"(403 {"error":{"code":"forbidden","message":"Insufficient scope. Required one )"
       R"(of: environment:connections:read or environment:connections:read_credentials"}})");
  auto writer = make("dev", "writer", "environment:syncs:*");
  BOOST_TEST(as(writer, "POST", "/sync/orders/variant/eu", ids()).status == 200);
  BOOST_TEST(code_of_answer(as(writer, "GET", "/environments")) == "403 forbidden");
}

BOOST_AUTO_TEST_CASE(credentials_are_for_keys_that_may_read_them) {
  ask("POST", "/integrations", {{"provider", "basic"}, {"unique_key", "b"}});
  BOOST_REQUIRE_EQUAL(
    ask("POST", "/connections",
        {{"provider_config_key", "b"},
         {"connection_id", "x"},
         {"credentials", {{"type", "BASIC"}, {"username", "u"}, {"password", "hidden"}}}})
      .status,
    201);
  auto path = std::string{"/connections/x?provider_config_key=b"};
  auto plain = make("dev", "plain", "environment:connections:read,environment:integrations:read");
  BOOST_TEST(as(plain, "GET", path).body()["credentials"] == json::object());
  auto full = make("dev", "full", "environment:connections:read_credentials");
  BOOST_TEST(as(full, "GET", path).body()["credentials"]["password"] == "hidden");
  BOOST_TEST(code_of_answer(as(plain, "GET", "/integrations/b?include=credentials"))
             == "403 forbidden");
  BOOST_TEST(as(plain, "GET", "/integrations/b").status == 200);
}

BOOST_AUTO_TEST_CASE(a_revoked_key_opens_nothing_any_more) {
  auto made = make("dev", "old", "environment:*");
  BOOST_TEST(as(made, "GET", "/connections").status == 200);
  BOOST_TEST(ask("POST", "/varia/keys/revoke", {{"environment", "dev"}, {"key", "old"}}).line()
             == R"(200 {"success":true})");
  BOOST_TEST(code_of_answer(as(made, "GET", "/connections")) == "401 unknown_account");
  BOOST_TEST(
    code_of_answer(ask("POST", "/varia/keys/revoke", {{"environment", "dev"}, {"key", "old"}}))
    == "404 not_found");
}

BOOST_AUTO_TEST_CASE(a_key_that_another_process_revoked_is_refused_soon) {
  auto made = make("dev", "old", "environment:*");
  BOOST_TEST(as(made, "GET", "/connections").status == 200);
  BOOST_REQUIRE(api_keys{db}.revoke("dev", made["key"].get<std::string>()));
  std::this_thread::sleep_for(authenticator::memory + milliseconds{50});
  BOOST_TEST(code_of_answer(as(made, "GET", "/connections")) == "401 unknown_account");
}

BOOST_AUTO_TEST_CASE(tells_when_a_key_was_last_used) {
  auto made = make("dev", "fresh", "environment:*");
  auto used = [&] {
    json result = "missing";
    auto body = ask("GET", "/varia/keys?environment=dev").body();
    for (auto& each : body["keys"])
      if (each["name"] == "fresh")
        result = each["last_used_at"];
    return result;
  };
  BOOST_TEST(used().is_null());
  as(made, "GET", "/connections");
  BOOST_TEST(used().is_string());
}

BOOST_AUTO_TEST_CASE(refuses_keys_that_would_be_wrong) {
  auto post = [&](json body) { return code_of_answer(ask("POST", "/varia/keys", body)); };
  BOOST_TEST(post({{"environment", "dev"}, {"name", "a"}, {"scopes", "environment:typo"}})
             == "400 invalid_body");
  BOOST_TEST(post({{"environment", "none"}, {"name", "a"}}) == "404 not_found");
  make("dev", "twice", "environment:*");
  BOOST_TEST(post({{"environment", "dev"}, {"name", "twice"}}) == "409 conflict");
  for (size_t i = 0; i < api_keys::keys_max - 2; ++i)
    BOOST_REQUIRE(api_keys{db}.make({{}, "dev", "k" + std::to_string(i), {"environment:*"}, 0, 0}));
  BOOST_TEST(post({{"environment", "dev"}, {"name", "one more"}}) == "400 resource_capped");
}

BOOST_AUTO_TEST_CASE(a_key_of_the_account_manages_but_sees_no_data) {
  auto admin = make("account", "admin", "account:environments:*");
  auto made = as(admin, "POST", "/environments", {{"name", "prod"}});
  BOOST_TEST(made.status == 200);
  auto path = "/environments/" + made.body()["data"]["uuid"].get<std::string>() + "/api-keys";
  auto child = as(admin, "POST", path, {{"display_name", "app"}});
  BOOST_TEST(child.body()["data"]["scopes"].dump() == R"(["environment:*"])");
  BOOST_TEST(as(child.body()["data"], "GET", "/connections").body()["connections"].empty());
  BOOST_TEST(as(admin, "GET", "/connections").line()
             == R"(403 {"error":{"code":"forbidden",)"
                R"("message":"This API key belongs to no environment"}})");
  BOOST_TEST(code_of_answer(as(admin, "POST", path,
                               {{"display_name", "more"}, {"scopes", {"account:cluster:write"}}}))
             == "403 forbidden");
  BOOST_TEST(code_of_answer(as(admin, "GET", "/varia/status")) == "403 forbidden");
}

BOOST_AUTO_TEST_CASE(keeps_who_changed_what) {
  BOOST_REQUIRE_EQUAL(create("eu").status, 200);
  BOOST_REQUIRE_EQUAL(create("eu").status, 400);
  ask_with({{"user-agent", "varia-console"}}, "DELETE", "/varia/environment-variables/NONE");
  ask("PUT", "/varia/environment-variables/TOKEN", {{"value", "hidden"}},
      {{"user-agent", "varia-console"}});
  auto all = ask("GET", "/varia/audit").body()["entries"];
  BOOST_TEST(all[0]["what"] == "variable.set");
  BOOST_TEST(all[0]["who"] == "first key");
  BOOST_TEST(all[0]["detail"]["via"] == "console");
  BOOST_TEST(all[1]["what"] == "variant.created");
  BOOST_TEST(all[1]["detail"]["path"] == "/sync/orders/variant/eu");
  BOOST_TEST(all[1]["detail"]["names"]["connection_id"] == "c1");
  BOOST_TEST(all.dump().find("hidden") == std::string::npos);
  auto older = ask("GET", "/varia/audit?limit=1&before=" + all[0]["id"].get<std::string>());
  BOOST_TEST(older.body()["entries"].size() == 1U);
  BOOST_TEST(older.body()["entries"][0] == all[1]);
  BOOST_TEST(code_of_answer(ask("GET", "/varia/audit?before=x")) == "400 invalid_query_params");
}

BOOST_AUTO_TEST_CASE(keeps_what_concerns_the_installation_apart) {
  make("dev", "ci", "environment:audit:read");
  ask("POST", "/varia/workers/cordon", {{"worker", "w1"}});
  auto all = ask("GET", "/varia/audit?of=account").body()["entries"];
  BOOST_TEST(all[0]["what"] == "worker.cordoned");
  BOOST_TEST(all[0]["detail"]["names"]["worker"] == "w1");
  BOOST_TEST(all[1]["what"] == "key.created");
  auto reader = make("dev", "reader", "environment:audit:read");
  BOOST_TEST(code_of_answer(as(reader, "GET", "/varia/audit?of=account")) == "403 forbidden");
  BOOST_TEST(as(reader, "GET", "/varia/audit").status == 200);
}

BOOST_AUTO_TEST_CASE(a_key_that_an_older_program_stored_opens_what_it_did) {
  auto old = json{{"secret", "0d9a1c58-8f3e-4a57-9a3e-0f1a2b3c4d5e"}};
  auto hash = sha256_hex(old["secret"].get<std::string>());
  BOOST_REQUIRE(db.run({"HSET", "keys", hash, "dev"}));
  BOOST_TEST(as(old, "GET", "/connections").body()["connections"].size() == 1U);
  BOOST_TEST(ask("GET", "/varia/keys").body()["keys"].size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
