#include "store/api_keys.hpp"
#include "store/audit.hpp"
#include "store/call_rates.hpp"
#include "store/environments.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  audit_log log{db};
  api_keys doors{db};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(audit_test, fixture)

BOOST_AUTO_TEST_CASE(reads_entries_newest_first_and_page_by_page) {
  for (auto name : {"one", "two", "three"})
    BOOST_REQUIRE(log.audit("dev", "ann", name, R"({"n":1})"));
  BOOST_REQUIRE(log.audit("prod", "bob", "other", "{}"));
  auto page = *log.read("dev", 2);
  BOOST_TEST_REQUIRE(page.size() == 2U);
  BOOST_TEST(page[0].what == "three");
  BOOST_TEST(page[0].who == "ann");
  BOOST_TEST(page[0].detail == R"({"n":1})");
  BOOST_TEST(page[0].at > 1600000000000);
  auto rest = *log.read("dev", 10, page[1].id);
  BOOST_TEST_REQUIRE(rest.size() == 1U);
  BOOST_TEST(rest[0].what == "one");
  BOOST_TEST((code(log.read("dev", 1, "what")) == errc::invalid));
  BOOST_REQUIRE(log.forget("dev"));
  BOOST_TEST(log.read("dev", 10)->empty());
}

BOOST_AUTO_TEST_CASE(keeps_a_bounded_number_of_entries) {
  for (auto i = 0; i < 10'500; ++i)
    BOOST_REQUIRE(log.audit("dev", "ann", "x", "{}"));
  BOOST_TEST(number_of(**db.run({"XLEN", "audit:dev"})) <= 10'200);
}

BOOST_AUTO_TEST_CASE(keys_are_named_once_in_an_environment) {
  api_key wanted;
  wanted.environment = "dev";
  wanted.name = "ci";
  wanted.scopes = {"environment:*", "account:audit:read"};
  auto made = doors.make(wanted);
  BOOST_TEST_REQUIRE(!!made);
  BOOST_TEST(is_uuid_v4(made->secret));
  BOOST_TEST(made->about.created_at > 1600000000000);
  BOOST_TEST((code(doors.make(wanted)) == errc::exists));
  wanted.environment = "prod";
  BOOST_TEST(!!doors.make(wanted));
  auto found = *doors.find(made->secret);
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->id == made->about.id);
  BOOST_TEST(found->scopes == wanted.scopes, boost::test_tools::per_element());
  BOOST_TEST(doors.list("dev")->size() == 1U);
  BOOST_TEST(doors.list_all()->size() == 2U);
}

BOOST_AUTO_TEST_CASE(keys_are_revoked_by_id_in_their_environment_only) {
  auto made = *doors.make({{}, "dev", "ci", {"*"}, 0, 0});
  BOOST_TEST((code(doors.revoke("prod", made.about.id)) == errc::not_found));
  BOOST_TEST(doors.find(made.secret)->has_value());
  BOOST_TEST(!!doors.revoke("dev", made.about.id));
  BOOST_TEST(!doors.find(made.secret)->has_value());
  BOOST_TEST((code(doors.revoke("dev", made.about.id)) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(notes_when_a_key_was_used) {
  auto made = *doors.make({{}, "dev", "ci", {"*"}, 0, 0});
  BOOST_TEST(doors.list("dev")->front().last_used_at == 0);
  BOOST_REQUIRE(doors.note_use(made.about.id));
  BOOST_TEST(doors.list("dev")->front().last_used_at >= made.about.created_at);
}

BOOST_AUTO_TEST_CASE(a_bucket_begins_anew_when_its_window_is_over) {
  call_rates rates{db};
  auto window = milliseconds{300};
  auto first = *rates.take("a", 5, window);
  BOOST_TEST(first.taken == 5U);
  BOOST_TEST(first.left.count() <= 300);
  BOOST_TEST(rates.take("a", 2, window)->taken == 7U);
  BOOST_TEST(rates.take("b", 1, window)->taken == 1U);
  std::this_thread::sleep_for(window + milliseconds{50});
  BOOST_TEST(rates.take("a", 1, window)->taken == 1U);
}

BOOST_AUTO_TEST_CASE(environments_are_made_once_and_forgotten) {
  environments all{db};
  auto id = all.add("prod");
  BOOST_TEST_REQUIRE(!!id);
  BOOST_TEST(*all.id_of("prod") == *id);
  BOOST_TEST((code(all.add("prod")) == errc::exists));
  BOOST_REQUIRE(all.set_variable("prod", {"A", "1"}));
  BOOST_TEST(all.list()->at("prod") == *id);
  BOOST_TEST(!!all.remove("prod"));
  BOOST_TEST(all.variables("prod")->empty());
  BOOST_TEST((code(all.remove("prod")) == errc::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
