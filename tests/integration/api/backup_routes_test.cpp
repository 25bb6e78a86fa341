#include "api/backup_items.hpp"
#include "store/checkpoints.hpp"
#include "store/record_pages.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

const std::string path = "/varia/backup/restore";

/// An environment with a client secret, a connection with a key, a variable, two variants with
/// schedules and checkpoints, and records; and another environment, which is empty.
struct fixture : ready_api {
  fixture() {
    ask("POST", "/integrations",
        {{"provider", "api-key"},
         {"unique_key", "keyed"},
         {"custom", {{"base_url", "https://api.example.com"}}}});
    ask("POST", "/connections",
        {{"provider_config_key", "keyed"},
         {"connection_id", "k1"},
         {"credentials", {{"type", "API_KEY"}, {"apiKey", "very-secret"}}},
         {"metadata", {{"team", 7}}}});
    ask("PUT", "/varia/environment-variables/TOKEN", {{"value", "also-secret"}});
    create("eu");
    create("us");
    ask("PUT", "/varia/variants/schedule",
        ids({{"name", "orders"}, {"variant", "eu"}, {"schedule", {{"cron", "0 6 * * *"}}}}));
    save_records();
    BOOST_REQUIRE(checkpoints{db}.put(ref("orders", "eu"), R"({"page":3})", {}, false));
    ask("POST", "/sync/start", ids({{"syncs", {"orders::us"}}}));
    auto made = ask("POST", "/varia/environments", {{"name", "prod"}});
    BOOST_REQUIRE(made.status == 200);
    prod = ask("POST", "/varia/keys", {{"environment", "prod"}, {"name", "all"}, {"scopes", "*"}})
             .body()["secret"]
             .get<std::string>();
  }

  void save_records() {
    auto ticket = begin_run("orders", "eu");
    records cache{db};
    BOOST_REQUIRE(cache.save(ticket, 1, "Order", {{"1", R"({"id":"1","n":1.0})"}}));
    BOOST_REQUIRE(cache.save(ticket, 2, "Order", {{"2", R"({"id":"2"})"}}));
    BOOST_REQUIRE(cache.remove(ticket, 3, "Order", {{"1", R"({"id":"1"})", {}}}));
    BOOST_REQUIRE(runs{db}.end(ticket, {}));
  }

  /// All pieces of a backup.
  std::vector<json> save(const std::string& secrets = "false") {
    std::vector<json> result;
    for (std::string cursor; result.size() < 50;) {
      auto answer = ask("GET", "/varia/backup?secrets=" + secrets
                                 + (cursor.empty() ? "" : "&cursor=" + cursor));
      BOOST_REQUIRE_MESSAGE(answer.status == 200, answer.text);
      result.push_back(answer.body());
      BOOST_TEST(result.back()["sha256"] == checksum_of(result.back()["items"]));
      if (result.back()["next_cursor"].is_null())
        break;
      cursor = result.back()["next_cursor"].get<std::string>();
    }
    return result;
  }

  static json items_of(const std::vector<json>& pieces, const std::string& type) {
    auto result = json::array();
    for (auto& piece : pieces)
      for (auto& item : piece["items"])
        if (item["type"] == type)
          result.push_back(item);
    return result;
  }

  api_answer ask_prod(const std::string& method, const std::string& target,
                      const json& body = nullptr, header_map headers = {}) {
    headers["authorization"] = "Bearer " + prod;
    headers["content-type"] = "application/json";
    return send(method, target, body.is_null() ? "" : body.dump(), std::move(headers));
  }

  /// Writes pieces into prod; returns the last answer.
  api_answer restore(const std::vector<json>& pieces) {
    auto begun = ask_prod("POST", path, json::object());
    BOOST_REQUIRE_MESSAGE(begun.status == 200, begun.text);
    auto name = begun.body()["restore"];
    for (auto& piece : pieces) {
      json body{{"restore", name}, {"items", piece["items"]}, {"sha256", piece["sha256"]}};
      body["is_last"] = piece["next_cursor"].is_null();
      auto done = ask_prod("POST", path, body);
      if (done.status != 200 || body["is_last"] == true)
        return done;
    }
    return begun;
  }

  static std::string records_query(const std::string& variant) {
    return "/records?model=Order&variant=" + variant;
  }

  const header_map c1{{"connection-id", "c1"}, {"provider-config-key", "orders"}};
  std::string prod;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(backup_routes_test, fixture)

BOOST_AUTO_TEST_CASE(secrets_are_left_out_unless_they_are_asked_for) {
  std::string plain;
  for (auto& piece : save())
    plain += piece.dump();
  BOOST_TEST(plain.find("very-secret") == std::string::npos);
  BOOST_TEST(plain.find("also-secret") == std::string::npos);
  BOOST_TEST(plain.find(R"({\"team\":7})") != std::string::npos);
  std::string whole;
  for (auto& piece : save("true"))
    whole += piece.dump();
  BOOST_TEST(whole.find("very-secret") != std::string::npos);
  BOOST_TEST(whole.find("also-secret") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_environment_comes_back_in_another_one) {
  auto done = restore(save("true"));
  BOOST_REQUIRE_MESSAGE(done.status == 200, done.text);
  auto shown = ask_prod("GET", "/connections/k1?provider_config_key=keyed").body();
  BOOST_TEST(shown["credentials"]["apiKey"] == "very-secret");
  BOOST_TEST(shown["metadata"]["team"] == 7);
  BOOST_TEST(ask_prod("GET", "/environment-variables").text
             == R"([{"name":"TOKEN","value":"also-secret"}])");
  auto eu = ask_prod("GET", "/varia/variants/show?connection_id=c1&provider_config_key=orders"
                            "&name=orders&variant=eu")
              .body();
  BOOST_TEST(eu["checkpoint"]["page"] == 3);
  BOOST_TEST(eu["schedule"]["cron"] == "0 6 * * *");
  BOOST_TEST(eu["paused"] == true);
  BOOST_TEST(eu["records"]["Order"] == 1);
  auto us = ask_prod("GET", "/varia/variants/show?connection_id=c1&provider_config_key=orders"
                            "&name=orders&variant=us")
              .body();
  BOOST_TEST(us["paused"] == false);
}

BOOST_AUTO_TEST_CASE(records_come_back_byte_for_byte_and_cursors_stay_good) {
  auto before = ask_with(c1, "GET", records_query("eu")).body();
  BOOST_REQUIRE(before["records"].size() == 2U);
  BOOST_REQUIRE(restore(save()).status == 200);
  auto headers = c1;
  auto after = ask_prod("GET", records_query("eu"), nullptr, headers).body();
  BOOST_TEST(after["records"].dump() == before["records"].dump());
  auto cursor = before["records"][0]["_nango_metadata"]["cursor"].get<std::string>();
  auto rest = ask_prod("GET", records_query("eu") + "&cursor=" + cursor, nullptr, headers).body();
  BOOST_TEST(rest["records"].dump() == json::array({before["records"][1]}).dump());
}

BOOST_AUTO_TEST_CASE(pieces_may_be_written_again) {
  auto pieces = save();
  auto name = ask_prod("POST", path, json::object()).body()["restore"];
  for (auto& piece : pieces)
    for (auto i = 0; i < 2; ++i) {
      auto done = ask_prod("POST", path, {{"restore", name}, {"items", piece["items"]}});
      BOOST_REQUIRE_MESSAGE(done.status == 200, done.text);
    }
  BOOST_TEST(ask_prod("GET", records_query("eu"), nullptr, c1).body()["records"].size() == 2U);
}

BOOST_AUTO_TEST_CASE(only_an_empty_environment_takes_a_backup) {
  auto no = ask("POST", path, json::object());
  BOOST_TEST(no.line()
             == R"(409 {"error":{"code":"conflict","message":"the environment is not empty"}})");
  BOOST_REQUIRE(ask_prod("POST", path, json::object()).status == 200);
  no = ask_prod("POST", path, json::object());
  BOOST_TEST(no.line()
             == R"(409 {"error":{"code":"conflict","message":"another restore is under way"}})");
  no = ask_prod("POST", path, {{"restore", "unknown"}, {"items", json::array()}});
  BOOST_TEST(no.status == 404);
}

BOOST_AUTO_TEST_CASE(broken_items_are_refused) {
  auto name = ask_prod("POST", path, json::object()).body()["restore"];
  auto write = [&](const json& item, const std::string& sum = {}) {
    json body{{"restore", name}, {"items", json::array({item})}};
    if (!sum.empty())
      body["sha256"] = sum;
    return ask_prod("POST", path, body).line();
  };
  BOOST_TEST(write({{"type", "riddle"}})
             == R"(400 {"error":{"code":"invalid_body","message":)"
                R"("an item of a type that is not known"}})");
  BOOST_TEST(write({{"type", "integration"}, {"unique_key", 7}}).rfind("400 ", 0) == 0U);
  auto function = items_of(save(), "function")[0];
  function["code"] = "another";
  BOOST_TEST(write(function).find("the code of a function is not its own") != std::string::npos);
  auto records = items_of(save(), "records")[0];
  BOOST_TEST(write(records).find("an item needs the connection c1") != std::string::npos);
  BOOST_TEST(write({{"type", "variable"}, {"name", "A"}, {"value", "b"}}, "0").find("checksum")
             != std::string::npos);
  BOOST_TEST(ask_prod("GET", "/environment-variables").text == "[]");
}

BOOST_AUTO_TEST_CASE(keys_need_the_scopes) {
  auto key_with = [&](const std::string& name, const std::string& scopes) {
    return ask("POST", "/varia/keys", {{"environment", "dev"}, {"name", name}, {"scopes", scopes}})
      .body()["secret"]
      .get<std::string>();
  };
  auto get = [&](const std::string& key, const std::string& more) {
    return ask_with({{"authorization", "Bearer " + key}}, "GET", "/varia/backup" + more).status;
  };
  BOOST_TEST(get(key_with("reader", "environment:syncs:read"), "") == 403);
  auto saver = key_with("saver", "environment:backups:create");
  BOOST_TEST(get(saver, "") == 200);
  BOOST_TEST(get(saver, "?secrets=true") == 403);
  BOOST_TEST(get(saver, "?environment=prod") == 403);
  BOOST_TEST(get(key, "?environment=prod") == 200);
  BOOST_TEST(get(key, "?environment=nowhere") == 404);
  BOOST_TEST(get(key, "?cursor=garbled") == 400);
}

BOOST_AUTO_TEST_CASE(a_backup_is_kept_in_the_audit_stream_once) {
  save("true");
  auto entries = ask("GET", "/varia/audit").body()["entries"];
  BOOST_TEST(std::count_if(entries.begin(), entries.end(),
                           [](auto& x) { return x["what"] == "backup.saved"; })
             == 1);
}

BOOST_AUTO_TEST_SUITE_END()
