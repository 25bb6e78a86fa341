#include "store/checkpoints.hpp"
#include "store/keys.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

using namespace varia;
using test::must;

namespace {

constexpr uint64_t owners_max = 80;

// Owners are numbered in the order of their naming; the number is the nonce of the token.
std::string signed_text(const token& by, uint64_t n) {
  return R"({"token":")" + to_string(by) + R"(","n":)" + std::to_string(n) + "}";
}

uint64_t owner_in(const std::string& text) {
  return parse_token(nlohmann::json::parse(text)["token"].get<std::string>()).nonce;
}

// The tokens that the two writers have been given so far.
class token_board {
public:
  void give(const token& x) {
    std::lock_guard guard{mutex_};
    given_.at(x.nonce % 2).push_back(x);
  }

  std::vector<token> of(size_t writer) {
    std::lock_guard guard{mutex_};
    return given_.at(writer);
  }

private:
  std::mutex mutex_;
  std::array<std::vector<token>, 2> given_;
};

// What a writer was told to have done, and how often it was refused.
struct achievements {
  std::set<std::string> saved_ids;
  std::map<uint64_t, uint64_t> checkpoints; // Version to owner.
  std::map<uint64_t, uint64_t> runs;        // Run to owner.
  std::map<uint64_t, uint64_t> ended;       // Run to owner.
  size_t refused = 0;
  std::string fault;
};

// Writes with every token it ever had, the last one and those before, as workers do that were
// frozen and do not know better.
class stubborn_writer {
public:
  stubborn_writer(redis db, const variant_ref& variant, unsigned seed)
    : db_{std::move(db)}, variant_{variant}, chance_{seed} {}

  void step(const std::vector<token>& tokens) {
    if (tokens.empty())
      return;
    auto back = roll(3) == 0 ? roll(std::min<size_t>(tokens.size(), 3)) : 0;
    auto& mine = tokens[tokens.size() - 1 - back];
    auto known = tickets_.find(mine.nonce);
    if (known == tickets_.end())
      begin(mine);
    else if (auto what = roll(20); what == 0)
      end(known->second);
    else if (what < 6)
      keep_checkpoint(known->second);
    else
      save(known->second);
  }

  const achievements& done() const { return done_; }

private:
  template <class T>
  bool succeeds(const expected<T>& x) {
    if (x)
      return true;
    auto why = code_of(x.error());
    if (why != errc::fenced && why != errc::conflict)
      done_.fault = describe(x.error());
    ++done_.refused;
    return false;
  }

  void begin(const token& mine) {
    auto start = runs{db_}.begin(variant_, mine, {});
    if (!succeeds(start))
      return;
    tickets_[mine.nonce] = start->ticket;
    done_.runs[start->ticket.run] = mine.nonce;
  }

  void end(const run_ticket& ticket) {
    run_report report{run_outcome::failed, signed_text(ticket.owner, ++count_)};
    if (succeeds(runs{db_}.end(ticket, report)))
      done_.ended[ticket.run] = ticket.owner.nonce;
    tickets_.erase(ticket.owner.nonce);
  }

  // Looks the version up behind the back of the fence, so that nothing but the fence refuses.
  void keep_checkpoint(const run_ticket& ticket) {
    auto head = keys::head(variant_);
    auto known = db_.run({"HGET", head, "cver"});
    if (!succeeds(known))
      return;
    auto version = static_cast<uint64_t>(number_of(**known));
    auto now = checkpoints{db_}.save(ticket, signed_text(ticket.owner, ++count_), version);
    if (succeeds(now))
      done_.checkpoints[*now] = ticket.owner.nonce;
  }

  void save(const run_ticket& ticket) {
    auto text = signed_text(ticket.owner, ++count_);
    auto id = std::to_string(ticket.owner.nonce) + '-' + std::to_string(count_);
    if (succeeds(records{db_}.save(ticket, count_, "Order", {{id, text}, {"hot", text}})))
      done_.saved_ids.insert(id);
  }

  size_t roll(size_t below) { return chance_() % below; }

  redis db_;
  variant_ref variant_;
  std::mt19937 chance_;
  std::map<uint64_t, run_ticket> tickets_; // By owner.
  uint64_t count_ = 0;
  achievements done_;
};

// How far the store was right after an owner was named.
struct naming {
  record_place place = 0;
  uint64_t version = 0;
  std::string entry;
};

// Whether a stream id is beyond another one.
bool is_beyond(const std::string& x, const std::string& other) {
  auto pair = [](const std::string& text) {
    auto dash = text.find('-');
    return dash == std::string::npos
             ? std::pair{0ULL, 0ULL}
             : std::pair{std::stoull(text.substr(0, dash)), std::stoull(text.substr(dash + 1))};
  };
  return pair(x) > pair(other);
}

struct fixture : test::store_fixture {
  variant_entry eu = add("eu");
  std::vector<naming> namings{{}}; // Of owner 0, who never was.
  std::vector<achievements> done;

  // Lets the ownership move from one writer to the other, time and again.
  void move_the_ownership(unsigned seed) {
    token_board board;
    std::atomic<bool> is_over{false};
    std::vector<stubborn_writer> writers;
    for (unsigned i = 0; i < 2; ++i)
      writers.emplace_back(server.connect(), ref_of(eu), seed + i);
    std::vector<std::thread> threads;
    for (size_t i = 0; i < 2; ++i)
      threads.emplace_back([&, i] {
        while (!is_over)
          writers[i].step(board.of(i));
      });
    std::mt19937 chance{seed};
    for (uint64_t owner = 1; owner <= owners_max; ++owner) {
      token next{epoch, owner};
      must(registry.place(epoch, "worker", {{eu.key, eu.id, next, false, 0, {}}}));
      namings.push_back(look());
      board.give(next);
      std::this_thread::sleep_for(std::chrono::microseconds{chance() % 20000});
    }
    is_over = true;
    for (auto& x : threads)
      x.join();
    for (auto& x : writers)
      done.push_back(x.done());
  }

  naming look() {
    naming result;
    auto head = keys::head(ref_of(eu));
    result.place = must(reader.newest(ref_of(eu), "Order"));
    result.version = static_cast<uint64_t>(number_of(*must(db.run({"HGET", head, "cver"}))));
    auto entries = must(all_runs.history(ref_of(eu), 1));
    result.entry = entries.empty() ? "" : entries.front().id;
    return result;
  }

  // True if that owner was the last one named before something that came after these looks.
  template <class ComesAfter>
  bool may_be_by(uint64_t owner, ComesAfter comes_after) {
    return owner + 1 >= namings.size() || !comes_after(namings[owner + 1]);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_fences_test, fixture)

BOOST_AUTO_TEST_CASE(nothing_of_an_old_owner_is_seen_after_a_new_one_was_named) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  move_the_ownership(seed);
  BOOST_TEST_REQUIRE(done[0].fault == "");
  BOOST_TEST_REQUIRE(done[1].fault == "");
  BOOST_TEST(done[0].refused + done[1].refused > owners_max);

  std::set<std::string> ids;
  uint64_t last = 0;
  for (auto& x : read_all(eu)) {
    auto owner = owner_in(x.payload);
    BOOST_TEST(owner >= last, "record " << x.id << " after one of owner " << last);
    BOOST_TEST(may_be_by(owner, [&](auto& next) { return x.meta.place > next.place; }), x.id);
    last = std::max(last, owner);
    ids.insert(x.id);
  }
  auto acknowledged = done[0].saved_ids;
  acknowledged.insert(done[1].saved_ids.begin(), done[1].saved_ids.end());
  BOOST_TEST(acknowledged.size() > owners_max);
  acknowledged.insert("hot");
  BOOST_TEST(ids == acknowledged, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_old_owner_replaces_a_checkpoint) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  move_the_ownership(seed);
  auto all = done[0].checkpoints;
  for (auto& x : done[1].checkpoints)
    BOOST_TEST(all.insert(x).second, "two owners made version " << x.first);
  BOOST_TEST_REQUIRE(all.size() > 20u);
  uint64_t last = 0;
  for (auto& [number, owner] : all) {
    auto version = number;
    BOOST_TEST(owner >= last, "version " << version << " after one of owner " << last);
    BOOST_TEST(may_be_by(owner, [&](auto& next) { return version > next.version; }), version);
    last = owner;
  }
  BOOST_TEST(owner_in(state_of(eu).checkpoint) == last);
}

BOOST_AUTO_TEST_CASE(no_old_owner_ends_or_begins_a_run) {
  auto seed = std::random_device{}();
  BOOST_TEST_MESSAGE("seed " << seed);
  move_the_ownership(seed);
  auto begun = done[0].runs;
  begun.insert(done[1].runs.begin(), done[1].runs.end());
  auto ended = done[0].ended;
  ended.insert(done[1].ended.begin(), done[1].ended.end());
  BOOST_TEST_REQUIRE(begun.size() > 20u);
  BOOST_TEST_REQUIRE(!ended.empty());
  auto entries = must(all_runs.history(ref_of(eu), 2000));
  std::reverse(entries.begin(), entries.end());
  uint64_t last = 0;
  for (auto& x : entries) {
    auto detail = nlohmann::json::parse(x.detail);
    auto run = detail["run"].get<uint64_t>();
    BOOST_TEST_REQUIRE(begun.count(run) == 1u);
    auto owner = begun[run];
    if (x.what != "started") {
      auto is_signed = detail["error"].contains("token");
      BOOST_TEST(is_signed == (ended.count(run) == 1));
      if (!is_signed)
        continue; // Closed by the next owner.
      BOOST_TEST(owner_in(detail["error"].dump()) == owner);
    }
    BOOST_TEST(owner >= last, x.what << " run " << run << " after one of owner " << last);
    BOOST_TEST(may_be_by(owner, [&](auto& next) { return is_beyond(x.id, next.entry); }), run);
    last = owner;
  }
}

BOOST_AUTO_TEST_SUITE_END()
