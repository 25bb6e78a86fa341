#include "coordinator/line_actor.hpp"
#include "tests/support/deterministic_system.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>

using namespace varia;
using namespace std::chrono_literals;

namespace {

// How a coordinator answers: as the next of these words says, and well when none is left.
struct answers {
  std::deque<caf::error> next;
  int asked = 0;

  template <class T>
  expected<T> give(T value) {
    ++asked;
    if (next.empty())
      return value;
    auto why = std::move(next.front());
    next.pop_front();
    return why;
  }
};

using answers_ptr = std::shared_ptr<answers>;

coordinator_actor::behavior_type fake_coordinator(answers_ptr all) {
  using keys = std::vector<variant_key>;
  auto ok = [all] { return all->give(atom::ok{}); };
  return {
    [ok](atom::join, const join_request&, const node_actor&) { return ok(); },
    [ok](atom::report, const std::string&, const worker_load&) { return ok(); },
    [ok](atom::leave, const std::string&, uint64_t) { return ok(); },
    [ok](atom::lost, const std::string&, const std::string&, const token&) { return ok(); },
    [all](atom::add, const variant_key& key, const std::string& id, bool, const timing&) {
      variant_entry entry;
      entry.key = key;
      entry.id = id;
      return all->give(entry);
    },
    [ok](atom::remove, const variant_key&) { return ok(); },
    [](atom::change, const variant_batch&) { return batch_result{}; },
    [](atom::limit, const limit_change&) { return atom::ok_v; },
    [ok](atom::pause, const keys&) { return ok(); },
    [ok](atom::pause, const keys&, const std::string&) { return ok(); },
    [ok](atom::cancel, const keys&, const std::string&) { return ok(); },
    [ok](atom::start, const keys&) { return ok(); },
    [ok](atom::trigger, const keys&, const trigger_options&) { return ok(); },
    [ok](atom::wake, const keys&) { return ok(); },
    [ok](atom::frequency, const variant_key&, const std::string&, const timing&) { return ok(); },
    [ok](atom::schedule, const variant_key&, const std::string&, bool, const timing&) {
      return ok();
    },
    [ok](atom::ensure, const std::vector<sync_wish>&) { return ok(); },
    [ok](atom::forget, connection_number) { return ok(); },
    [ok](atom::forget, const sync_id&) { return ok(); },
    [ok](atom::cordon, const std::string&, bool) { return ok(); },
    [ok](atom::drain, const std::string&, uint64_t) { return ok(); },
    [ok](atom::move, const variant_key&, const std::string&, uint64_t) { return ok(); },
    [all](atom::rebalance, bool) { return all->give(std::vector<planned_move>{}); },
    [ok](atom::promote, const std::string&) { return ok(); },
    [all](atom::status) { return all->give(cluster_status{}); },
  };
}

struct fixture : test::deterministic_system {
  fixture() {
    line_config options;
    options.name = "c1";
    options.now = [this] {
      return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch())
        .count();
    };
    auto dialer = own(system.spawn([this]() -> dialer_actor::behavior_type {
      return {[this](atom::dial, const std::string& address) -> expected<coordinator_actor> {
        dialed.push_back(address);
        if (!is_reachable)
          return fail(errc::unavailable, "nobody there");
        return far_one;
      }};
    }));
    line = own(spawn_line(system, options, dialer));
    run();
  }

  void tell(const std::string& leader, uint64_t epoch = 1) {
    self->send(line, atom::lead_v, leadership{leader, epoch, leader + ":1", 3000, "redis-1"},
               own_one);
    run();
  }

  // Asks, lets so much time pass, and says what came of it; `internal` if nothing did.
  template <class... Words>
  caf::error pause(caf::timespan span, const Words&... words) {
    caf::error result{fail(errc::internal, "no answer")};
    auto request = self->request(line, caf::infinite, words...);
    run();
    advance(span);
    if (!self->mailbox().empty())
      request.receive([&](atom::ok) { result = {}; }, [&](caf::error& why) { result = why; });
    return result;
  }

  variant_key eu{{14, "orders"}, "eu"};
  std::vector<variant_key> keys{eu};
  bool is_reachable = true;
  std::vector<std::string> dialed;
  answers_ptr own_answers = std::make_shared<answers>();
  answers_ptr far_answers = std::make_shared<answers>();
  coordinator_actor own_one = own(system.spawn(fake_coordinator, own_answers));
  coordinator_actor far_one = own(system.spawn(fake_coordinator, far_answers));
  line_actor line;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(line_actor_test, fixture)

BOOST_AUTO_TEST_CASE(passes_commands_to_its_own_coordinator_while_that_leads) {
  tell("c1");
  BOOST_TEST(!pause(0s, atom::pause_v, keys));
  BOOST_TEST(own_answers->asked == 1);
  BOOST_TEST(dialed.empty());
}

BOOST_AUTO_TEST_CASE(passes_commands_to_the_one_that_leads_elsewhere) {
  tell("c2");
  BOOST_TEST(!pause(0s, atom::pause_v, keys));
  BOOST_TEST(far_answers->asked == 1);
  BOOST_TEST(own_answers->asked == 0);
  BOOST_TEST(dialed == std::vector<std::string>{"c2:1"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(holds_a_command_back_until_somebody_leads) {
  auto request = self->request(line, caf::infinite, atom::pause_v, keys);
  run();
  advance(3s);
  BOOST_TEST(self->mailbox().empty());
  tell("c1");
  advance(1s);
  auto done = false;
  request.receive([&](atom::ok) { done = true; }, [](const caf::error&) {});
  BOOST_TEST(done);
}

BOOST_AUTO_TEST_CASE(fails_in_the_end_if_nobody_leads) {
  auto why = pause(9s, atom::pause_v, keys);
  BOOST_TEST((code_of(why) == errc::unavailable));
  BOOST_TEST(!detail_of(why).empty());
}

BOOST_AUTO_TEST_CASE(asks_again_when_it_is_told_that_this_one_does_not_lead) {
  own_answers->next = {fail(errc::fenced, "not me"), fail(errc::fenced, "still not")};
  tell("c1");
  BOOST_TEST(!pause(1s, atom::pause_v, keys));
  BOOST_TEST(own_answers->asked == 3);
}

BOOST_AUTO_TEST_CASE(follows_the_lead_from_one_to_the_other) {
  tell("c1");
  own_answers->next = {fail(errc::fenced, "not me")};
  auto request = self->request(line, caf::infinite, atom::pause_v, keys);
  run();
  tell("c2", 2);
  advance(1s);
  auto done = false;
  request.receive([&](atom::ok) { done = true; }, [](const caf::error&) {});
  BOOST_TEST(done);
  BOOST_TEST(far_answers->asked == 1);
}

BOOST_AUTO_TEST_CASE(repeats_a_command_whose_answer_was_lost_with_the_leader) {
  tell("c2");
  far_answers->next = {caf::make_error(caf::sec::request_receiver_down)};
  BOOST_TEST(!pause(1s, atom::pause_v, keys));
  BOOST_TEST(far_answers->asked == 2);
}

BOOST_AUTO_TEST_CASE(takes_for_removed_what_is_gone_when_it_asks_again) {
  tell("c1");
  own_answers->next
    = {caf::make_error(caf::sec::request_receiver_down), fail(errc::not_found, "no such variant")};
  BOOST_TEST(!pause(1s, atom::remove_v, eu));
  own_answers->next = {fail(errc::not_found, "no such variant")};
  BOOST_TEST((code_of(pause(1s, atom::remove_v, eu)) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(passes_refusals_and_trouble_with_the_store_on_at_once) {
  tell("c1");
  own_answers->next = {fail(errc::full, "100"), fail(errc::unavailable, "Redis: away")};
  BOOST_TEST((code_of(pause(0s, atom::pause_v, keys)) == errc::full));
  BOOST_TEST((code_of(pause(0s, atom::pause_v, keys)) == errc::unavailable));
  BOOST_TEST(own_answers->asked == 2);
}

BOOST_AUTO_TEST_CASE(dials_again_until_it_reaches_the_leader) {
  is_reachable = false;
  tell("c2");
  auto request = self->request(line, caf::infinite, atom::pause_v, keys);
  run();
  advance(2s);
  BOOST_TEST(dialed.size() > 2u);
  is_reachable = true;
  advance(1s);
  auto done = false;
  request.receive([&](atom::ok) { done = true; }, [](const caf::error&) {});
  BOOST_TEST(done);
}

BOOST_AUTO_TEST_SUITE_END()
