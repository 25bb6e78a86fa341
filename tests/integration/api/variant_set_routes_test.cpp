#include "store/leases.hpp"
#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : ready_api {
  static json set_of(json variants, json more = json::object()) {
    auto result = ids({{"variants", std::move(variants)}});
    result.update(more);
    return result;
  }

  variant_entry entry(const std::string& name) {
    auto found = variants{db}.find({{1, "orders"}, name});
    BOOST_REQUIRE(found && *found);
    return **found;
  }

  std::string names() {
    std::string result;
    auto all = variants{db}.list({1, "orders"});
    BOOST_REQUIRE(all);
    for (auto& x : *all)
      result += x.key.name + ' ';
    return result;
  }

  json list(const std::string& query = {}) {
    return ask("GET", "/sync/orders/variants?provider_config_key=orders&connection_id=c1" + query)
      .body();
  }

  static std::string outcomes(const json& answer) {
    std::string result;
    for (auto& each : answer.at("results"))
      result += each.at("variant").get<std::string>() + ' '
                + (each.contains("error") ? each.at("error").at("code") : each.at("outcome"))
                    .get<std::string>()
                + "; ";
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(variant_set_routes_test, fixture)

BOOST_AUTO_TEST_CASE(creates_with_all_that_is_wished_in_one_call) {
  auto answer = ask("POST", "/sync/orders/variant/eu",
                    ids({{"frequency", "every 5m"}, {"start", true}, {"settings", {{"a", 1}}}}));
  auto eu = entry("eu");
  BOOST_TEST(answer.line()
             == "200 {\"id\":\"" + eu.id + "\",\"name\":\"orders\",\"variant\":\"eu\"}");
  BOOST_TEST(eu.frequency == "every 5m");
  BOOST_TEST(!eu.paused);
  BOOST_TEST(eu.settings == R"({"a":1})");
  BOOST_TEST(cluster.take_notes() == "change 1 of 1/orders 86400000\n");
  BOOST_TEST(ask("POST", "/sync/orders/variant/eu", ids({{"start", true}})).line()
             == R"(400 {"error":{"code":"sync_variant_already_exists"}})");
}

BOOST_AUTO_TEST_CASE(what_is_not_wished_is_as_the_function_says) {
  ask("POST", "/sync/orders/variant/eu", ids({{"settings", nullptr}}));
  BOOST_TEST(entry("eu").paused);
  BOOST_TEST(entry("eu").frequency == "");
  BOOST_TEST(entry("eu").settings == "");
}

BOOST_AUTO_TEST_CASE(refuses_wishes_that_make_no_sense) {
  auto refused = [&](const json& wish) {
    auto answer = ask("POST", "/sync/orders/variant/eu", ids(wish));
    BOOST_TEST(answer.status == 400);
    return answer.body().at("error").at("code").get<std::string>() + ' '
           + answer.body().at("error").at("errors").at(0).at("message").get<std::string>();
  };
  BOOST_TEST(refused({{"frequency", "often"}}) == "invalid_body Sync interval is invalid");
  BOOST_TEST(refused({{"start", "yes"}})
             == "invalid_body Invalid input: expected boolean, received string");
  BOOST_TEST(refused({{"settings", "x"}})
             == "invalid_body Invalid input: expected record, received string");
  BOOST_TEST(refused({{"settings", {{"x", std::string(17000, 'x')}}}})
             == "invalid_body Too big: expected settings to have <=16384 bytes");
  BOOST_TEST(refused({{"colour", "red"}}) == "invalid_body Unrecognized key: \"colour\"");
  BOOST_TEST(names() == "base ");
}

BOOST_AUTO_TEST_CASE(put_creates_then_changes_then_keeps) {
  auto put = [&](const json& wish) {
    auto answer = ask("PUT", "/sync/orders/variant/eu", ids(wish));
    BOOST_TEST(answer.status == 200);
    return answer.body().at("outcome").get<std::string>();
  };
  BOOST_TEST(put({{"frequency", "1h"}}) == "created");
  auto id = entry("eu").id;
  BOOST_TEST(put({{"frequency", "1h"}}) == "kept");
  BOOST_TEST(put({{"settings", {{"a", 1}}}}) == "changed");
  BOOST_TEST(entry("eu").frequency == "1h");
  BOOST_TEST(put({{"frequency", nullptr}, {"start", true}}) == "changed");
  BOOST_TEST(entry("eu").frequency == "");
  BOOST_TEST(!entry("eu").paused);
  BOOST_TEST(entry("eu").id == id);
  BOOST_TEST(ask("PUT", "/sync/orders/variant/Base", ids()).body()["error"]["code"]
             == "invalid_variant");
  BOOST_TEST(ask("PUT", "/sync/nosync/variant/eu", ids()).body()["error"]["code"]
             == "unknown_sync");
}

BOOST_AUTO_TEST_CASE(creates_and_deletes_many_each_with_its_answer) {
  auto made = ask("POST", "/sync/orders/variants",
                  set_of({"a", {{"name", "b"}, {"settings", {{"x", 1}}}}, "c", "d"}));
  BOOST_TEST(made.status == 200);
  BOOST_TEST(outcomes(made.body()) == "a created; b created; c created; d resource_capped; ");
  BOOST_TEST(made.body().at("limit").dump() == R"({"max":3,"used":3})");
  BOOST_TEST(made.body().at("results").at(3).dump()
             == R"({"variant":"d","outcome":"refused","error":{"code":"resource_capped",)"
                R"("message":"Maximum number of variants per sync (3) reached"}})");
  BOOST_TEST(entry("b").settings == R"({"x":1})");
  auto gone = ask("DELETE", "/sync/orders/variants", set_of({"a", "nowhere", "b"}));
  BOOST_TEST(outcomes(gone.body()) == "a deleted; nowhere not_found; b deleted; ");
  BOOST_TEST(names() == "base c ");
}

BOOST_AUTO_TEST_CASE(one_refusal_refuses_all_if_so_wished) {
  auto refused = ask("POST", "/sync/orders/variants",
                     set_of({"a", "b", "c", "d"}, {{"all_or_nothing", true}}));
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.body().at("error").at("code") == "resource_capped");
  BOOST_TEST(outcomes(refused.body()) == "a created; b created; c created; d resource_capped; ");
  BOOST_TEST(names() == "base ");
  create("a");
  BOOST_TEST(
    ask("DELETE", "/sync/orders/variants", set_of({"a", "nowhere"}, {{"all_or_nothing", true}}))
      .status
    == 404);
  BOOST_TEST(names() == "base a ");
}

BOOST_AUTO_TEST_CASE(refuses_lists_with_reserved_or_repeated_names) {
  for (auto& list : {json{"a", "BASE"}, json{"a", "a"}, json{"a b"}, json{7}}) {
    BOOST_TEST(ask("POST", "/sync/orders/variants", set_of(list)).body()["error"]["code"]
               == "invalid_body");
    BOOST_TEST(ask("PUT", "/sync/orders/variants", set_of(list)).body()["error"]["code"]
               == "invalid_body");
  }
  auto many = json::array();
  for (auto i = 0; i < 501; ++i)
    many.push_back("v" + std::to_string(i));
  BOOST_TEST(ask("POST", "/sync/orders/variants", set_of(many)).status == 400);
  BOOST_TEST(names() == "base ");
}

BOOST_AUTO_TEST_CASE(lists_variants_in_pages) {
  ask("POST", "/sync/orders/variants",
      set_of({{{"name", "eu-1"}, {"start", true}, {"settings", {{"x", 1}}}}, "eu-2", "us"}));
  auto all = list();
  BOOST_TEST(all.at("variants").size() == 4u);
  BOOST_TEST(all.at("next_cursor").is_null());
  BOOST_TEST(all.at("limit").dump() == R"({"max":3,"used":3})");
  auto first = all.at("variants").at(1);
  BOOST_TEST(first.at("variant") == "eu-1");
  BOOST_TEST(first.at("id") == entry("eu-1").id);
  BOOST_TEST(first.at("state") == "started");
  BOOST_TEST(first.at("status") == "SUCCESS");
  BOOST_TEST(first.at("frequency") == "every 1d");
  BOOST_TEST(first.at("settings").dump() == R"({"x":1})");
  auto page = list("&limit=2");
  BOOST_TEST(page.at("variants").at(1).at("variant") == "eu-1");
  BOOST_TEST(page.at("next_cursor") == "eu-1");
  auto rest = list("&limit=2&after=eu-1");
  BOOST_TEST(rest.at("variants").at(0).at("variant") == "eu-2");
  BOOST_TEST(rest.at("next_cursor").is_null());
  BOOST_TEST(list("&after=base").at("variants").size() == 3u);
  BOOST_TEST(list("&prefix=eu-").at("variants").size() == 2u);
  BOOST_TEST(list("&state=started").at("variants").size() == 1u);
  BOOST_TEST(ask("GET", "/sync/orders/variants?connection_id=c1").status == 400);
}

BOOST_AUTO_TEST_CASE(a_desired_set_is_planned_then_applied_then_kept) {
  create("old");
  create("same");
  auto wanted = set_of({"same", {{"name", "new"}, {"settings", {{"x", 1}}}}});
  auto dry = wanted;
  dry["dry_run"] = true;
  auto plan = ask("PUT", "/sync/orders/variants", dry).body();
  BOOST_TEST(plan.at("plan").dump()
             == R"({"create":["new"],"change":[],"delete":["old"],"keep":["same"],)"
                R"("spare":[],"refused":[]})");
  BOOST_TEST(!plan.at("applied").get<bool>());
  BOOST_TEST(names() == "base old same ");
  auto done = ask("PUT", "/sync/orders/variants", wanted).body();
  BOOST_TEST(outcomes(done) == "old deleted; new created; ");
  BOOST_TEST(done.at("limit").dump() == R"({"max":3,"used":2})");
  BOOST_TEST(names() == "base new same ");
  BOOST_TEST(outcomes(ask("PUT", "/sync/orders/variants", wanted).body()) == "");
}

BOOST_AUTO_TEST_CASE(a_desired_set_may_spare_what_it_does_not_name) {
  create("old");
  auto done = ask("PUT", "/sync/orders/variants", set_of({"new"}, {{"delete", false}})).body();
  BOOST_TEST(done.at("plan").at("spare").dump() == R"(["old"])");
  BOOST_TEST(names() == "base new old ");
}

BOOST_AUTO_TEST_CASE(a_desired_set_is_limited_after_its_deletions) {
  for (auto name : {"a", "b", "c"})
    create(name);
  auto done = ask("PUT", "/sync/orders/variants", set_of({"a", "b", "d", "e", "f"})).body();
  BOOST_TEST(outcomes(done) == "c deleted; d created; e resource_capped; f resource_capped; ");
  BOOST_TEST(names() == "base a b d ");
}

BOOST_AUTO_TEST_CASE(a_desired_set_that_deletes_too_much_has_to_be_forced) {
  for (auto name : {"a", "b", "c"})
    create(name);
  auto refused = ask("PUT", "/sync/orders/variants", set_of({"a"}));
  BOOST_TEST(refused.status == 400);
  BOOST_TEST(refused.body().at("error").at("code") == "deletion_guard");
  BOOST_TEST(refused.body().at("plan").at("delete").dump() == R"(["b","c"])");
  BOOST_TEST(names() == "base a b c ");
  BOOST_TEST(ask("PUT", "/sync/orders/variants", set_of({"a"}, {{"dry_run", true}}))
               .body()
               .at("guarded")
               .get<bool>());
  BOOST_TEST(ask("PUT", "/sync/orders/variants", set_of({"a"}, {{"delete_max_percent", 70}})).status
             == 200);
  BOOST_TEST(ask("PUT", "/sync/orders/variants", set_of(json::array())).status == 400);
  BOOST_TEST(ask("PUT", "/sync/orders/variants", set_of(json::array(), {{"force", true}})).status
             == 200);
  BOOST_TEST(names() == "base ");
}

BOOST_AUTO_TEST_CASE(a_deleted_variant_can_be_brought_back) {
  create("eu");
  auto id = entry("eu").id;
  ask("DELETE", "/sync/orders/variants", set_of({"eu"}));
  BOOST_TEST(names() == "base ");
  auto old = list("&state=deleted").at("variants");
  BOOST_TEST_REQUIRE(old.size() == 1u);
  BOOST_TEST(old.at(0).at("id") == id);
  BOOST_TEST(old.at(0).at("state") == "deleted");
  BOOST_TEST(old.at(0).at("kept_until").get<std::string>()
             > old.at(0).at("deleted_at").get<std::string>());
  BOOST_TEST(ask("POST", "/sync/orders/variant/eu/undelete", ids()).line()
             == "200 {\"id\":\"" + id + "\",\"name\":\"orders\",\"variant\":\"eu\"}");
  BOOST_TEST(entry("eu").id == id);
  BOOST_TEST(ask("POST", "/sync/orders/variant/eu/undelete", ids()).status == 404);
}

BOOST_AUTO_TEST_CASE(bringing_back_is_refused_at_the_limit_and_where_the_name_is_taken) {
  create("eu");
  auto first = entry("eu").id;
  ask("DELETE", "/sync/orders/variants", set_of({"eu"}));
  create("eu");
  auto undelete = [&](const json& more = json::object()) {
    return ask("POST", "/sync/orders/variant/eu/undelete", ids(more)).body()["error"]["code"];
  };
  BOOST_TEST(undelete() == "sync_variant_already_exists");
  ask("DELETE", "/sync/orders/variants", set_of({"eu"}));
  ask("POST", "/sync/orders/variants", set_of({"a", "b", "c"}));
  BOOST_TEST(undelete() == "resource_capped");
  ask("DELETE", "/sync/orders/variants", set_of({"a"}));
  BOOST_TEST(undelete({{"id", first}}) == nullptr);
  BOOST_TEST(entry("eu").id == first);
}

BOOST_AUTO_TEST_CASE(settings_are_changed_by_themselves) {
  create("eu");
  auto change = [&](json more) {
    auto body = ids({{"name", "orders"}, {"variant", "eu"}});
    body.update(more);
    return ask("PATCH", "/varia/variants/settings", body);
  };
  BOOST_TEST(change({{"settings", {{"x", 1}}}}).line()
             == R"(200 {"outcome":"changed","settings":{"x":1}})");
  BOOST_TEST(change({{"settings", {{"x", 1}}}}).body().at("outcome") == "kept");
  BOOST_TEST(change({{"settings", nullptr}}).line()
             == R"(200 {"outcome":"changed","settings":{}})");
  BOOST_TEST(change({{"variant", "nowhere"}, {"settings", nullptr}}).status == 404);
  BOOST_TEST(change(json::object()).status == 400);
  ask("PATCH", "/varia/variants/settings",
      ids({{"name", "orders"}, {"settings", {{"b", 1}}}, {"reset_on_change", true}}));
  BOOST_TEST(entry("base").settings == R"({"b":1})");
  BOOST_TEST(runs{db}.states({ref_of(entry("base"))})->front().wanted);
}

BOOST_AUTO_TEST_CASE(limits_are_shown_set_and_removed) {
  BOOST_REQUIRE((leases{db}.take_lead({"c1", "c1:1", 60'000})));
  for (auto name : {"a", "b"})
    create(name);
  auto query = "/varia/limits?provider_config_key=orders&connection_id=c1&name=orders";
  BOOST_TEST(ask("GET", query).line()
             == R"(200 {"effective":3,"default":3,"environment":null,"connection":null,)"
                R"("sync":null,"used":2})");
  auto of_sync = ids({{"name", "orders"}});
  auto put = [&](json scope, uint32_t max) {
    scope["max"] = max;
    return ask("PUT", "/varia/limits", scope);
  };
  BOOST_TEST(put(of_sync, 5).body().at("effective") == 5);
  for (auto name : {"c", "d"})
    BOOST_TEST(create(name).status == 200);
  auto refused = put(of_sync, 3);
  BOOST_TEST(refused.line()
             == R"(400 {"error":{"code":"limit_below_use",)"
                R"("message":"orders has 4 variants already, more than 3"}})");
  BOOST_TEST(put(ids(), 4).body().at("connection") == 4);
  BOOST_TEST(put(json::object(), 9).body().at("environment") == 9);
  BOOST_TEST(ask("DELETE", "/varia/limits", of_sync).body().at("effective") == 4);
  BOOST_TEST(create("e").body()["error"]["message"]
             == "Maximum number of variants per sync (4) reached");
  BOOST_TEST(list().at("limit").dump() == R"({"max":4,"used":4})");
  BOOST_TEST(put({{"connection_id", "c1"}}, 9).status == 400);
  BOOST_TEST(put(ids({{"connection_id", "no"}}), 9).status == 404);
  BOOST_TEST(ask("PUT", "/varia/limits", {{"max", 10'001}}).status == 400);
}

BOOST_AUTO_TEST_SUITE_END()
