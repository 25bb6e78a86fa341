#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture : record_fixture {
  static std::string target(const std::string& more, const std::string& variant = "v1") {
    return "/varia/records?connection_id=c1&provider_config_key=orders&name=orders&model=Order"
           "&variant="
           + variant + more;
  }

  json page(const std::string& more = "") {
    auto answer = ask("GET", target(more));
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    return answer.body();
  }

  static std::string ids_of(const json& page) {
    std::string result;
    for (auto& each : page["records"])
      result += each["id"].get<std::string>() + " ";
    return result;
  }

  json counted(const std::string& more = "") {
    return ask("GET", "/varia/records/count?connection_id=c1&provider_config_key=orders&name=orders"
                        + more)
      .body();
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_browse_routes_test, fixture)

BOOST_AUTO_TEST_CASE(shows_the_newest_changes_first) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b", "c"});
  save(ticket, 2, {"a"}, 1);
  remove(ticket, 3, {"b"});
  auto all = page();
  BOOST_TEST(ids_of(all) == "b a c ");
  BOOST_TEST(all["next_cursor"].is_null());
  auto& gone = all["records"][0];
  BOOST_TEST(gone["_nango_metadata"]["last_action"] == "DELETED");
  BOOST_TEST(gone["_nango_metadata"]["deleted_at"].is_string());
  BOOST_TEST(gone["rev"] == 0);
  auto& changed = all["records"][1];
  BOOST_TEST(changed["_nango_metadata"]["last_action"] == "UPDATED");
  BOOST_TEST(changed["rev"] == 1);
  BOOST_TEST(all["records"][2]["_nango_metadata"]["last_action"] == "ADDED");
}

BOOST_AUTO_TEST_CASE(goes_back_page_by_page_and_misses_nothing) {
  auto ticket = begin_run("orders", "v1");
  std::vector<std::string> names;
  for (auto i = 0; i < 25; ++i)
    names.push_back("r" + std::to_string(100 + i));
  save(ticket, 1, names);
  std::string seen;
  std::string cursor;
  for (auto pages = 0; pages < 10; ++pages) {
    auto one = page("&limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    BOOST_TEST(one["records"].size() <= 10U);
    seen += ids_of(one);
    if (one["next_cursor"].is_null())
      break;
    cursor = one["next_cursor"].get<std::string>();
    // What is saved meanwhile is newer, and does not come in between.
    save(ticket, 2 + static_cast<uint64_t>(pages), {"later" + std::to_string(pages)});
  }
  std::string wanted;
  for (auto i = 24; i >= 0; --i)
    wanted += "r" + std::to_string(100 + i) + " ";
  BOOST_TEST(seen == wanted);
}

BOOST_AUTO_TEST_CASE(shows_only_what_is_wanted) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b", "c", "d"});
  save(ticket, 2, {"a"}, 1);
  remove(ticket, 3, {"b"});
  BOOST_TEST(ids_of(page("&filter=deleted")) == "b ");
  BOOST_TEST(ids_of(page("&filter=added,updated")) == "a d c ");
  BOOST_TEST(ids_of(page("&id=c")) == "c ");
  BOOST_TEST(ids_of(page("&id=none")) == "");
}

BOOST_AUTO_TEST_CASE(a_rare_change_is_found_step_by_step) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"rare"});
  remove(ticket, 2, {"rare"});
  uint64_t batch = 3;
  for (auto part = 0; part < 3; ++part) {
    std::vector<std::string> names;
    for (auto i = 0; i < 1000; ++i)
      names.push_back(std::to_string(part) + "-" + std::to_string(i));
    save(ticket, batch++, names);
  }
  auto first = page("&filter=deleted");
  BOOST_TEST(first["records"].empty());
  BOOST_REQUIRE(first["next_cursor"].is_string());
  auto second = page("&filter=deleted&cursor=" + first["next_cursor"].get<std::string>());
  BOOST_TEST(ids_of(second) == "rare ");
  BOOST_TEST(second["next_cursor"].is_null());
}

BOOST_AUTO_TEST_CASE(refuses_what_it_cannot_answer) {
  BOOST_TEST(ask("GET", target("", "none")).status == 404);
  BOOST_TEST(ask("GET", target("&limit=1001")).status == 400);
  BOOST_TEST(ask("GET", target("&cursor=x")).status == 400);
  BOOST_TEST(ask("GET", target("&filter=lost")).status == 400);
  BOOST_TEST(ask("GET", "/varia/records?model=Order").status == 400);
  BOOST_TEST(page()["records"].empty());
  BOOST_TEST(page()["next_cursor"].is_null());
}

BOOST_AUTO_TEST_CASE(counts_by_model_and_variant) {
  auto ticket = begin_run("orders", "v1");
  save(ticket, 1, {"a", "b", "c"});
  save(ticket, 2, {"m"}, 0, "Mark");
  remove(ticket, 3, {"b"});
  auto base = begin_run("orders", "base");
  save(base, 1, {"x"});
  auto all = counted();
  BOOST_TEST(all["records"] == 4);
  BOOST_REQUIRE(all["models"].size() == 2U);
  BOOST_TEST(all["models"][0]["model"] == "Mark");
  BOOST_TEST(all["models"][1]["records"] == 3);
  BOOST_REQUIRE(all["variants"].size() == 2U);
  BOOST_TEST(all["variants"][0]["variant"] == "base");
  BOOST_TEST(all["variants"][0]["records"] == 1);
  BOOST_TEST(all["variants"][1]["models"][1]["records"] == 2);
  auto one = counted("&variant=v1");
  BOOST_TEST(one["records"] == 3);
  BOOST_TEST(one["variants"].size() == 1U);
  BOOST_TEST(one["bytes"].get<int64_t>() > 0);
  BOOST_TEST(
    ask("GET", "/varia/records/count?connection_id=c1&provider_config_key=orders&name=no").status
    == 404);
}

BOOST_AUTO_TEST_SUITE_END()
