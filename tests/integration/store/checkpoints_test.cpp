#include "store/checkpoints.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using test::code;
using test::must;

namespace {

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  checkpoints saved{db};

  std::string history_of(const variant_entry& x) {
    return must(all_runs.history(ref_of(x), 1)).front().detail;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(checkpoints_test, fixture)

BOOST_AUTO_TEST_CASE(a_checkpoint_is_replaced_and_cleared) {
  auto ticket = begin(eu);
  BOOST_TEST(!must(saved.load(ticket)).json.has_value());
  BOOST_TEST(must(saved.save(ticket, R"({"p":1.0})", 0)) == 1u);
  BOOST_TEST(must(saved.save(ticket, R"({"p":9007199254740993})", 1)) == 2u);
  auto found = must(saved.load(ticket));
  BOOST_TEST((found.json == R"({"p":9007199254740993})"));
  BOOST_TEST(found.version == 2u);
  BOOST_TEST((must(saved.read(ref_of(eu))) == found.json));
  BOOST_TEST(must(saved.clear(ticket, 2)) == 3u);
  BOOST_TEST(!must(saved.load(ticket)).json.has_value());
}

BOOST_AUTO_TEST_CASE(a_broken_checkpoint_is_refused) {
  auto ticket = begin(eu);
  BOOST_TEST((code(saved.save(ticket, R"({"p":[]})", 0)) == errc::invalid));
  BOOST_TEST(must(saved.load(ticket)).version == 0u);
}

BOOST_AUTO_TEST_CASE(clearing_what_was_never_saved_is_fine) {
  auto ticket = begin(eu);
  BOOST_TEST(must(saved.clear(ticket, 0)) == 0u);
  BOOST_TEST(must(saved.clear(ticket, 0)) == 0u);
}

BOOST_AUTO_TEST_CASE(nobody_overwrites_what_he_has_not_seen) {
  auto ticket = begin(eu);
  must(saved.save(ticket, R"({"p":1})", 0));
  BOOST_TEST((code(saved.save(ticket, R"({"p":2})", 0)) == errc::conflict));
  BOOST_TEST((code(saved.clear(ticket, 0)) == errc::conflict));
  BOOST_TEST((code(saved.save(ticket, R"({"p":2})", 7)) == errc::cancelled));
  BOOST_TEST((must(saved.read(ref_of(eu))) == R"({"p":1})"));
}

// An answer may get lost; then the same call is made again.
BOOST_AUTO_TEST_CASE(the_same_change_may_be_sent_again) {
  auto ticket = begin(eu);
  BOOST_TEST(must(saved.save(ticket, R"({"p":1})", 0)) == 1u);
  BOOST_TEST(must(saved.save(ticket, R"({"p":1})", 0)) == 1u);
  BOOST_TEST(must(saved.clear(ticket, 1)) == 2u);
  BOOST_TEST(must(saved.clear(ticket, 1)) == 2u);
}

BOOST_AUTO_TEST_CASE(a_stale_owner_neither_reads_nor_writes) {
  auto ticket = begin(eu);
  own(eu, "worker-2");
  BOOST_TEST((code(saved.load(ticket)) == errc::fenced));
  BOOST_TEST((code(saved.save(ticket, R"({"p":1})", 0)) == errc::fenced));
  BOOST_TEST((code(saved.clear(ticket, 0)) == errc::fenced));
  BOOST_TEST(!must(saved.read(ref_of(eu))).has_value());
}

// Restarting from zero because of a failing read would copy everything again.
BOOST_AUTO_TEST_CASE(a_read_that_fails_is_an_error_and_not_a_missing_checkpoint) {
  auto ticket = begin(eu);
  must(saved.save(ticket, R"({"p":1})", 0));
  server.connect().run({"SHUTDOWN", "NOSAVE"});
  BOOST_TEST((code(saved.load(ticket)) == errc::unavailable));
  BOOST_TEST((code(saved.read(ref_of(eu))) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(a_run_tells_which_checkpoint_it_found_and_which_it_left) {
  auto first = begin(eu);
  must(saved.save(first, R"({"p":1})", 0));
  must(saved.save(first, R"({"p":2})", 1));
  must(all_runs.end(first, {}));
  BOOST_TEST(history_of(eu).find(R"("checkpoints":{"from":null,"to":{"p":2}})")
             != std::string::npos);
  auto second = begin(eu);
  must(saved.load(second));
  must(all_runs.end(second, {run_outcome::failed, R"({"type":"x"})"}));
  BOOST_TEST(history_of(eu).find(R"("checkpoints":{"from":{"p":2},"to":{"p":2}})")
             != std::string::npos);
  auto third = begin(eu);
  must(saved.clear(third, 2));
  must(all_runs.end(third, {}));
  BOOST_TEST(history_of(eu).find(R"("checkpoints":{"from":{"p":2},"to":null})")
             != std::string::npos);
  must(all_runs.end(begin(eu), {}));
  BOOST_TEST(history_of(eu).find("checkpoints") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_lost_run_tells_its_checkpoints_too) {
  auto lost = begin(eu);
  must(saved.save(lost, R"({"p":1})", 0));
  begin(eu);
  auto history = must(all_runs.history(ref_of(eu), 2));
  BOOST_TEST(history.back().what == "failed");
  BOOST_TEST(history.back().detail.find(R"("checkpoints":{"from":null,"to":{"p":1}})")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_batch_with_a_stale_checkpoint_leaves_nothing) {
  auto ticket = begin(eu);
  must(saved.save(ticket, R"({"p":1})", 0));
  auto done = cache.save(ticket, 1, "Order", {{"1", "{}"}}, {}, {R"({"p":2})", 0});
  BOOST_TEST((code(done) == errc::conflict));
  BOOST_TEST(read_all(eu).empty());
  BOOST_TEST(state_of(eu).checkpoint == R"({"p":1})");
}

// A reset must not reach a sibling whose name begins with the same letters.
BOOST_AUTO_TEST_CASE(a_reset_of_one_name_leaves_the_names_that_begin_with_it_alone) {
  for (auto name : {"base", "base2", "eu-west"})
    must(saved.save(begin(add(name)), R"({"p":1})", 0));
  must(saved.save(begin(eu), R"({"p":1})", 0));
  must(registry.want_run(epoch, {sync, "eu"}, {true, false}));
  must(registry.want_run(epoch, {sync, "base"}, {true, false}));
  for (auto name : {"eu", "base"}) {
    auto entry = *must(registry.find({sync, name}));
    BOOST_TEST(!must(saved.load(begin(entry))).json.has_value(), name);
  }
  for (auto name : {"base2", "eu-west"}) {
    auto entry = *must(registry.find({sync, name}));
    BOOST_TEST((must(saved.load(begin(entry))).json == R"({"p":1})"), name);
  }
}

BOOST_AUTO_TEST_CASE(a_checkpoint_dies_with_its_variant) {
  must(saved.save(begin(eu), R"({"p":1})", 0));
  must(registry.remove(epoch, {sync, "eu"}));
  BOOST_TEST(!must(saved.load(begin(add("eu")))).json.has_value());
}

BOOST_AUTO_TEST_CASE(an_operator_sets_the_checkpoint_of_a_variant_that_does_not_run) {
  auto ref = ref_of(eu);
  BOOST_TEST(!must(saved.show(ref)).what.json.has_value());
  BOOST_TEST(must(saved.put(ref, R"({"p":1})", {}, false)) == 1u);
  BOOST_TEST(must(saved.put(ref, R"({"p":2})", 1, false)) == 2u);
  BOOST_TEST((code(saved.put(ref, R"({"p":3})", 1, false)) == errc::conflict));
  BOOST_TEST((code(saved.put(ref, R"({"p":{}})", {}, false)) == errc::invalid));
  auto shown = must(saved.show(ref));
  BOOST_TEST((shown.what.json == R"({"p":2})"));
  BOOST_TEST(!shown.in_progress);
  BOOST_TEST(history_of(eu) == R"({"from":{"p":1},"to":{"p":2}})");
  auto ticket = begin(eu);
  BOOST_TEST((must(saved.load(ticket)).json == R"({"p":2})"));
}

BOOST_AUTO_TEST_CASE(an_operator_forgets_a_checkpoint) {
  must(saved.put(ref_of(eu), R"({"p":1})", {}, false));
  BOOST_TEST(must(saved.put(ref_of(eu), {}, {}, false)) == 2u);
  BOOST_TEST(!must(saved.show(ref_of(eu))).what.json.has_value());
  BOOST_TEST((code(saved.put({sync, make_uuid()}, {}, {}, false)) == errc::not_found));
  BOOST_TEST((code(saved.show({sync, make_uuid()})) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(an_operator_does_not_meddle_with_a_run_unless_forced_to) {
  auto ticket = begin(eu);
  must(saved.save(ticket, R"({"p":1})", 0));
  BOOST_TEST(must(saved.show(ref_of(eu))).in_progress);
  BOOST_TEST((code(saved.put(ref_of(eu), R"({"p":9})", {}, false)) == errc::conflict));
  BOOST_TEST(must(saved.put(ref_of(eu), R"({"p":9})", {}, true)) == 2u);
  BOOST_TEST((code(saved.save(ticket, R"({"p":2})", 1)) == errc::conflict));
  BOOST_TEST((must(saved.read(ref_of(eu))) == R"({"p":9})"));
}

BOOST_AUTO_TEST_CASE(while_an_event_is_handled_the_checkpoint_stays) {
  must(saved.put(ref_of(eu), R"({"p":1})", {}, false));
  must(all_runs.put_event(ref_of(eu), "{}"));
  run_cause only_wanted;
  only_wanted.only_if_wanted = true;
  auto start = must(all_runs.begin(ref_of(eu), own(eu), only_wanted));
  must(saved.save(start.ticket, R"({"of":"event"})", 0));
  BOOST_TEST((code(saved.put(ref_of(eu), {}, {}, true)) == errc::conflict));
  auto shown = must(saved.show(ref_of(eu)));
  BOOST_TEST((shown.what.json == R"({"p":1})"));
  BOOST_TEST(shown.what.version == 1u);
  BOOST_TEST(shown.in_progress);
}

BOOST_AUTO_TEST_SUITE_END()
