#include "store/partitions.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

constexpr milliseconds patience{60'000};

struct fixture : test::store_fixture {
  partitions all{db};
  variant_entry base = add(base_variant);

  bool ask(bool force = false) { return must(all.ask(ref_of(base), "sha", patience, force)); }

  // Begins the run that the question asks for.
  run_start begin_asked() {
    auto owner = own(base);
    return must(all_runs.begin(ref_of(base), owner, {std::nullopt, milliseconds{0}, true}));
  }

  partitions_row row() { return must(all.read(sync)); }
};

std::string names_of(const std::vector<partition>& found) {
  std::string result;
  for (auto& x : found)
    result += x.name + ' ';
  return result;
}

std::string fault_of(const std::string& json) {
  auto read = read_partitions(json);
  return read ? "none" : detail_of(read.error());
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(partitions_test, fixture)

BOOST_AUTO_TEST_CASE(reads_what_a_hook_returns) {
  auto read
    = must(read_partitions(R"([{"name":"eu","settings":{"a":1}},)"
                           R"({"name":"us","frequency":"every 5m"},{"name":"x","settings":{}}])"));
  BOOST_TEST(names_of(read) == "eu us x ");
  BOOST_TEST(read[0].settings.value() == R"({"a":1})");
  BOOST_TEST(!read[0].frequency.has_value());
  BOOST_TEST(read[1].frequency.value() == "every 5m");
  BOOST_TEST(read[2].settings.value() == "");
  BOOST_TEST(must(read_partitions("[]")).empty());
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_what_a_hook_returns) {
  BOOST_TEST(fault_of("null") == "partitions must return a list");
  BOOST_TEST(fault_of("{}") == "partitions must return a list");
  BOOST_TEST(fault_of("[1") == "partitions must return a list");
  BOOST_TEST(fault_of("[\"eu\"]") == "partition 0 has no name");
  BOOST_TEST(fault_of(R"([{"name":"eu"},{"name":7}])") == "partition 1 has no name");
  BOOST_TEST(fault_of(R"([{"name":"a b"}])")
             == "partition 0 has a name that no variant may have: a b. Names are made of letters, "
                "digits, _ and -, and are not base.");
  BOOST_TEST(fault_of(R"([{"name":"Base"}])")
             == "partition 0 has a name that no variant may have: Base. Names are made of letters, "
                "digits, _ and -, and are not base.");
  BOOST_TEST(fault_of(R"([{"name":"a"},{"name":"a"}])")
             == "partition 1 has a name that occurs twice: a");
  BOOST_TEST(fault_of(R"([{"name":"a","frequency":"often"}])")
             == "partition 0 (a) has a wrong or unknown field: frequency");
  BOOST_TEST(fault_of(R"([{"name":"a","settings":[1]}])")
             == "partition 0 (a) has a wrong or unknown field: settings");
  BOOST_TEST(fault_of(R"([{"name":"a","colour":"red"}])")
             == "partition 0 (a) has a wrong or unknown field: colour");
  BOOST_TEST(fault_of(R"([{"name":"a","settings":{"x":")" + std::string(17000, 'x') + "\"}}]")
             == "partition 0 (a) has settings of more than 16384 bytes");
}

BOOST_AUTO_TEST_CASE(a_question_is_an_event_for_the_base_and_is_asked_once) {
  BOOST_TEST(ask());
  BOOST_TEST(!ask());
  auto begun = begin_asked();
  BOOST_TEST(begun.event == partitions_event);
  BOOST_TEST(!ask());
  BOOST_TEST(row().sha == "sha");
  BOOST_TEST(row().asked_at > 0);
}

BOOST_AUTO_TEST_CASE(keeps_what_was_told) {
  ask();
  auto ticket = begin_asked().ticket;
  must(all.tell(ticket, must(read_partitions(R"([{"name":"eu","settings":{"a":1}}])"))));
  must(all_runs.end(ticket, {}));
  auto told = row();
  BOOST_TEST((told.outcome == partitions_outcome::found));
  BOOST_TEST(names_of(told.found) == "eu ");
  BOOST_TEST(told.found.front().settings.value() == R"({"a":1})");
  BOOST_TEST(told.found_at >= told.asked_at);
  BOOST_TEST(told.done_at == 0);
  BOOST_TEST((must(all.due(now_ms(), 10)) == std::vector<sync_id>{sync}));
  BOOST_TEST(ask());
}

BOOST_AUTO_TEST_CASE(a_failure_leaves_what_was_found) {
  ask();
  auto first = begin_asked().ticket;
  must(all.tell(first, must(read_partitions(R"([{"name":"eu"}])"))));
  must(all_runs.end(first, {}));
  ask();
  auto second = begin_asked().ticket;
  must(all.tell(second, partitions_outcome::failed, "no drives"));
  auto told = row();
  BOOST_TEST((told.outcome == partitions_outcome::failed));
  BOOST_TEST(told.reason == "no drives");
  BOOST_TEST(names_of(told.found) == "eu ");
  BOOST_TEST(told.answered_at >= told.found_at);
}

BOOST_AUTO_TEST_CASE(only_the_run_that_was_asked_may_tell) {
  ask();
  auto ticket = begin_asked().ticket;
  own(base, "worker-2");
  BOOST_TEST((code(all.tell(ticket, std::vector<partition>{})) == errc::fenced));
  BOOST_TEST((row().outcome == partitions_outcome::none));
}

BOOST_AUTO_TEST_CASE(notes_what_was_done_about_the_last_answer_only) {
  ask(true);
  auto ticket = begin_asked().ticket;
  must(all.tell(ticket, std::vector<partition>{{"eu", {}, {}}}));
  auto seen = row();
  BOOST_TEST(seen.force);
  auto done = seen;
  done.missing = {{"us", 17}};
  done.result = {seen.found_at, {"eu"}, {}, {"old"}, {"much"}, {"theirs"}, true};
  auto other = done;
  other.found_at = 1;
  must(all.note(sync, other));
  BOOST_TEST(row().done_at == 0);
  must(all.note(sync, done));
  auto noted = row();
  BOOST_TEST(noted.done_at == seen.found_at);
  BOOST_TEST(noted.missing.at("us") == 17);
  BOOST_TEST(noted.result.created.front() == "eu");
  BOOST_TEST(noted.result.deleted.front() == "old");
  BOOST_TEST(noted.result.guarded);
  BOOST_TEST(!noted.force);
}

BOOST_AUTO_TEST_CASE(syncs_are_due_in_turn) {
  sync_id other{15, "orders"};
  must(all.watch({sync, other}));
  must(all.look_again(other, 5000));
  BOOST_TEST((must(all.due(4000, 10)) == std::vector<sync_id>{sync}));
  BOOST_TEST(must(all.due(5000, 10)).size() == 2u);
  BOOST_TEST(must(all.due(5000, 1)).size() == 1u);
  BOOST_TEST(must(all.next_look(other)).value() == 5000);
  must(all.forget(other));
  BOOST_TEST(!must(all.next_look(other)).has_value());
}

BOOST_AUTO_TEST_CASE(a_variant_that_is_gone_cannot_be_asked) {
  must(registry.remove(epoch, base.key));
  BOOST_TEST((code(all.ask(ref_of(base), "sha", patience, false)) == errc::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
