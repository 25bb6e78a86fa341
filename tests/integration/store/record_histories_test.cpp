#include "tests/integration/store/history_player.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>

#include <iterator>
#include <set>

using namespace varia;
using namespace varia::test;

namespace {

constexpr unsigned known_seeds = 8;
constexpr size_t history_length = 100;

struct fixture {
  redis_server server;
  redis db = server.connect_prepared();

  // Returns where the store and the model part; empty if they never do.
  std::string fault_of(const history& all) {
    if (auto emptied = db.run({"FLUSHALL"}); !emptied)
      return describe(emptied.error());
    history_player player{db};
    try {
      for (auto& x : all) {
        player.play(x);
        player.check_after(x);
        if (x.seed % 10 == 0)
          player.check_all(x.seed);
      }
      player.check_all(0);
      return {};
    } catch (const std::exception& fault) {
      return fault.what();
    }
  }

  void compare(unsigned seed, size_t length) {
    auto all = history_maker{seed}.make(length);
    if (fault_of(all).empty())
      return;
    auto fails = [this](const history& less) { return !fault_of(less).empty(); };
    auto shortest = shrinker{all, fails}.shrink();
    BOOST_FAIL("seed " << seed << ": " << fault_of(shortest) << "\n  after" << describe(shortest));
  }
};

// Two batches of so many records of one variant, then one of the other, with much else in between.
history large_history() {
  history result;
  auto add = [&result](step what, size_t variant = 0) -> operation& {
    operation x;
    x.what = what;
    x.variant = variant;
    x.seed = static_cast<unsigned>(result.size());
    return result.emplace_back(std::move(x));
  };
  auto save = [&add](size_t variant, int from, const char* payload) {
    auto& x = add(step::save, variant);
    for (auto i = from; i < from + 1000; ++i)
      x.records.push_back({"r" + std::to_string(i), payload});
  };
  for (size_t variant : {0U, 1U})
    for (auto what : {step::add, step::own, step::begin})
      add(what, variant);
  for (auto from : {0, 1000, 2000})
    save(0, from, "{}");
  save(1, 0, "{}");
  add(step::track);
  save(0, 500, R"({"a":1})");
  add(step::end);
  add(step::begin);
  add(step::track);
  save(0, 700, R"({"a":1})");
  add(step::prune).level = 1500;
  save(0, 1500, "{}");
  add(step::prune).level = 10;
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_histories_test, fixture)

BOOST_AUTO_TEST_CASE(known_histories_end_as_the_model_says) {
  for (unsigned seed = 1; seed <= known_seeds; ++seed)
    compare(seed, history_length);
}

BOOST_AUTO_TEST_CASE(fresh_histories_end_as_the_model_says) {
  std::random_device fresh;
  for (auto n = 0; n < 8; ++n)
    compare(fresh(), history_length);
}

BOOST_AUTO_TEST_CASE(many_short_histories_end_as_the_model_says) {
  std::random_device fresh;
  for (auto n = 0; n < 10; ++n)
    compare(fresh(), 20);
}

BOOST_AUTO_TEST_CASE(large_batches_end_as_the_model_says) {
  BOOST_TEST(fault_of(large_history()) == "");
}

BOOST_AUTO_TEST_CASE(known_histories_do_every_step_and_change_much) {
  std::set<step> done;
  size_t changes = 0;
  for (unsigned seed = 1; seed <= known_seeds; ++seed) {
    BOOST_TEST_REQUIRE(!!db.run({"FLUSHALL"}));
    history_player player{db};
    for (auto& x : history_maker{seed}.make(history_length)) {
      player.play(x);
      done.insert(x.what);
    }
    changes += player.model().places.size();
  }
  BOOST_TEST(done.size() == static_cast<size_t>(step::lead_clock) + 1);
  BOOST_TEST(changes > known_seeds * history_length / 2);
}

BOOST_AUTO_TEST_CASE(shrinking_leaves_what_a_failure_needs) {
  auto fails = [](const history& all) {
    auto has = [&all](step what) {
      return std::any_of(all.begin(), all.end(), [what](auto& x) { return x.what == what; });
    };
    return has(step::prune) && has(step::drop);
  };
  auto all = history_maker{1}.make(400);
  BOOST_TEST_REQUIRE(fails(all));
  auto shortest = shrinker{all, fails}.shrink();
  BOOST_TEST(shortest.size() == 2u);
  BOOST_TEST(fails(shortest));
}

BOOST_AUTO_TEST_SUITE_END()
