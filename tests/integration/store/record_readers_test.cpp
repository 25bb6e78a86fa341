#include "store/retention.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <cstdlib>
#include <map>
#include <random>
#include <thread>

using namespace varia;
using test::must;

namespace {

// How long writers write; a longer time may be asked for.
std::chrono::seconds writing_time() {
  auto* asked = std::getenv("VARIA_TEST_SECONDS");
  return std::chrono::seconds{asked == nullptr ? 5 : std::max(1, std::atoi(asked))};
}

// What became of a record.
struct final_state {
  record_place place = 0;
  bool is_deleted = false;
  bool is_pruned = false;
  std::string payload;
};

// By name of variant and id.
using final_states = std::map<std::pair<std::string, std::string>, final_state>;

// A thread of its own that does something over and over until it is stopped.
class worker {
public:
  template <class Work>
  explicit worker(Work work)
    : thread_{[this, work]() mutable {
        try {
          while (!is_over_)
            work();
        } catch (const std::exception& fault) {
          fault_ = fault.what();
        }
      }} {}

  ~worker() { stop(); }

  // Returns what went wrong, if anything did.
  std::string stop() {
    is_over_ = true;
    if (thread_.joinable())
      thread_.join();
    return fault_;
  }

private:
  std::atomic<bool> is_over_{false};
  std::string fault_;
  std::thread thread_;
};

// Saves, updates and removes the records of one variant at random, always to something new.
class random_writer {
public:
  random_writer(redis db, std::string name, const run_ticket& ticket, unsigned seed)
    : db_{std::move(db)}, name_{std::move(name)}, ticket_{ticket}, chance_{seed} {}

  // Rests at times, so that writers take turns in runs of any length.
  void step() {
    if (roll(40) == 0)
      std::this_thread::sleep_for(milliseconds{roll(40)});
    ++batch_;
    switch (roll(4)) {
      case 0: update(); break;
      case 1: remove(); break;
      default: save(); break;
    }
  }

  // Everything that was acknowledged, but places, which writers do not know.
  const final_states& truth() const { return truth_; }

private:
  void save() {
    auto all = some_records();
    must(records{db_}.save(ticket_, batch_, "Order", all));
    for (auto x = all.rbegin(); x != all.rend(); ++x)
      truth_[{name_, x->id}] = {0, false, false, x->payload};
  }

  void update() {
    records cache{db_};
    auto all = must(cache.merge(ticket_.variant, "Order", some_records())).records;
    must(cache.update(ticket_, batch_, "Order", all));
    for (auto x = all.rbegin(); x != all.rend(); ++x)
      truth_[{name_, x->id}].payload = x->payload;
  }

  void remove() {
    std::vector<removed_record> all;
    for (auto& x : some_records())
      all.push_back({x.id, x.payload, {}});
    must(records{db_}.remove(ticket_, batch_, "Order", all));
    for (auto& x : all) {
      auto [known, is_new] = truth_.try_emplace({name_, x.id});
      if (is_new)
        known->second.payload = x.payload;
      known->second.is_deleted = true;
    }
  }

  std::vector<saved_record> some_records() {
    std::vector<saved_record> result;
    for (auto n = roll(20); n > 0; --n)
      result.push_back({std::to_string(roll(300)), R"({"n":)" + std::to_string(++count_) + "}"});
    return result;
  }

  unsigned roll(unsigned below) { return static_cast<unsigned>(chance_() % below); }

  redis db_;
  std::string name_;
  run_ticket ticket_;
  std::mt19937 chance_;
  uint64_t batch_ = 0;
  uint64_t count_ = 0;
  final_states truth_;
};

// Follows some variants by cursor and keeps the last it saw of each record.
class follower {
public:
  follower(redis db, std::vector<record_source> sources, unsigned seed)
    : db_{std::move(db)}, sources_{std::move(sources)}, chance_{seed} {}

  // Reads a page; returns false if it was empty.
  bool step() {
    record_query query;
    query.model = "Order";
    query.cursor = cursor_;
    query.limit = 1 + chance_() % (chance_() % 2 == 0 ? 10 : 400);
    auto page = must(record_pages{db_}.page(sources_, query));
    for (auto& x : page.records) {
      if (x.meta.place <= last_)
        throw std::runtime_error("place " + std::to_string(x.meta.place) + " after "
                                 + std::to_string(last_));
      last_ = x.meta.place;
      seen_[{x.variant, x.id}] = {x.meta.place, x.meta.action == last_action::deleted,
                                  x.meta.pruned_at.has_value(), x.payload};
      ++count_;
    }
    if (!page.records.empty())
      cursor_ = page.records.back().cursor();
    else if (!page.next_cursor.empty())
      throw std::runtime_error("an empty page has a next one");
    return !page.records.empty();
  }

  const final_states& seen() const { return seen_; }

  // How many changes it was told.
  size_t count() const { return count_; }

private:
  redis db_;
  std::vector<record_source> sources_;
  std::mt19937 chance_;
  std::string cursor_;
  record_place last_ = 0;
  final_states seen_;
  size_t count_ = 0;
};

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  variant_entry us = add("us");
  unsigned seed = std::random_device{}();

  random_writer writer(const variant_entry& x) {
    return {server.connect(), x.key.name, begin(x), ++seed};
  }

  follower reading(const std::vector<variant_entry>& all) {
    std::vector<record_source> sources;
    for (auto& x : all)
      sources.push_back({ref_of(x), x.key.name});
    return {server.connect(), sources, ++seed};
  }

  // Takes payloads away that are a little older than the newest.
  void prune_some(redis& own, unsigned n) {
    auto variant = ref_of(n % 2 == 0 ? eu : us);
    auto newest = must(record_pages{own}.newest(variant, "Order"));
    must(retention{own}.prune(variant, "Order", newest - std::min(newest, 50 * places_per_ms), 40));
    std::this_thread::sleep_for(milliseconds{5});
  }

  // A reader that follows to the end must have what a reader has who begins now; and that must be
  // what the writers were told.
  void compare(const follower& x, const std::vector<variant_entry>& all,
               const std::vector<const random_writer*>& writers) {
    auto fresh = reading(all);
    while (fresh.step()) {
    }
    final_states truth;
    for (auto* each : writers)
      truth.insert(each->truth().begin(), each->truth().end());
    BOOST_TEST(fresh.seen().size() == truth.size());
    BOOST_TEST(x.seen().size() == truth.size());
    for (auto& [name, seen] : x.seen()) {
      auto now = fresh.seen().find(name);
      auto told = truth.find(name);
      BOOST_TEST_REQUIRE((now != fresh.seen().end() && told != truth.end()));
      BOOST_TEST(seen.place == now->second.place, name.second);
      BOOST_TEST(seen.is_deleted == told->second.is_deleted, name.second);
      BOOST_TEST((seen.is_pruned ? seen.payload.empty() : seen.payload == told->second.payload));
      auto& last = now->second;
      BOOST_TEST((last.is_pruned ? last.payload.empty() : last.payload == told->second.payload));
    }
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_readers_test, fixture)

BOOST_AUTO_TEST_CASE(readers_beside_writers_see_every_final_state_once_and_in_order) {
  BOOST_TEST_MESSAGE("seed " << seed);
  auto of_eu = writer(eu), of_us = writer(us);
  auto follows_eu = reading({eu}), follows_us = reading({us}), follows_both = reading({eu, us});
  auto own = server.connect();
  auto follow = [](follower& x) {
    return [&x, rests = 0]() mutable {
      if (!x.step())
        std::this_thread::sleep_for(milliseconds{1});
      if (++rests % 200 == 0)
        std::this_thread::sleep_for(milliseconds{50}); // Lets much to read come together.
    };
  };
  unsigned prunings = 0;
  worker writes_eu{[&] { of_eu.step(); }}, writes_us{[&] { of_us.step(); }};
  worker prunes{[&] { prune_some(own, ++prunings); }};
  worker reads_eu{follow(follows_eu)}, reads_us{follow(follows_us)},
    reads_both{follow(follows_both)};
  std::this_thread::sleep_for(writing_time());
  for (auto* x : {&writes_eu, &writes_us, &prunes, &reads_eu, &reads_us, &reads_both})
    BOOST_TEST(x->stop() == "");
  for (auto* x : {&follows_eu, &follows_us, &follows_both})
    while (x->step()) {
    }
  compare(follows_eu, {eu}, {&of_eu});
  compare(follows_us, {us}, {&of_us});
  compare(follows_both, {eu, us}, {&of_eu, &of_us});
  BOOST_TEST(follows_both.count() > follows_both.seen().size());
}

BOOST_AUTO_TEST_SUITE_END()
