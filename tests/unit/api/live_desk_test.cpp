#include "api/live/live_desk.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <functional>

using namespace varia;

namespace {

using std::chrono::milliseconds;

// A subject that counts how often it is looked at, and has news while it is told so.
class counted_subject : public live_subject {
public:
  expected<bool> look(redis&) override {
    ++looks;
    return has_news.load();
  }

  std::atomic<int> looks{0};
  std::atomic<bool> has_news{true};
};

struct fixture {
  static std::shared_ptr<store_pool> nowhere() {
    redis_config config;
    config.url = "unix:///nowhere/redis.sock";
    return std::make_shared<store_pool>(config);
  }

  live_desk::following follow(const std::string& name, std::atomic<int>& wakes) {
    auto done = desk.follow(
      name,
      [this] {
        ++made;
        return std::make_shared<counted_subject>();
      },
      [&wakes] { ++wakes; });
    BOOST_REQUIRE(done);
    return std::move(*done);
  }

  static counted_subject& of(const live_desk::following& x) {
    return static_cast<counted_subject&>(*x.subject);
  }

  static bool comes(const std::function<bool()>& what) {
    for (auto i = 0; i < 2000; ++i) {
      if (what())
        return true;
      std::this_thread::sleep_for(milliseconds{5});
    }
    return false;
  }

  int made = 0;
  live_desk desk{nowhere(), milliseconds{5}};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(live_desk_test, fixture)

BOOST_AUTO_TEST_CASE(wakes_everybody_who_watches_one_subject) {
  std::atomic<int> first{0};
  std::atomic<int> second{0};
  auto a = follow("x", first);
  auto b = follow("x", second);
  BOOST_TEST(made == 1);
  BOOST_TEST((a.subject == b.subject));
  BOOST_TEST(comes([&] { return first > 1 && second > 1; }));
}

BOOST_AUTO_TEST_CASE(is_silent_while_there_is_no_news) {
  std::atomic<int> wakes{0};
  auto a = follow("x", wakes);
  of(a).has_news = false;
  auto looks = of(a).looks.load();
  BOOST_TEST(comes([&] { return of(a).looks > looks + 2; }));
  auto before = wakes.load();
  looks = of(a).looks.load();
  BOOST_TEST(comes([&] { return of(a).looks > looks + 3; }));
  BOOST_TEST(wakes == before);
}

BOOST_AUTO_TEST_CASE(looks_at_nothing_that_nobody_watches) {
  std::atomic<int> wakes{0};
  std::atomic<int> others{0};
  auto other = follow("y", others);
  auto a = follow("x", wakes);
  BOOST_TEST(comes([&] { return wakes > 0; }));
  auto kept = a.subject;
  auto& subject = of(a);
  a.until_released.reset();
  auto looks = of(other).looks.load();
  BOOST_TEST(comes([&] { return of(other).looks > looks + 2; }));
  auto before = subject.looks.load();
  auto woken = wakes.load();
  looks = of(other).looks.load();
  BOOST_TEST(comes([&] { return of(other).looks > looks + 5; }));
  BOOST_TEST(subject.looks == before);
  BOOST_TEST(wakes == woken);
}

BOOST_AUTO_TEST_CASE(who_comes_back_soon_finds_the_same_subject) {
  std::atomic<int> wakes{0};
  auto a = follow("x", wakes);
  auto* before = a.subject.get();
  a = {};
  auto b = follow("x", wakes);
  BOOST_TEST((b.subject.get() == before));
  BOOST_TEST(made == 1);
}

BOOST_AUTO_TEST_CASE(refuses_more_subjects_than_it_can_look_at) {
  std::atomic<int> wakes{0};
  std::vector<live_desk::following> all;
  for (size_t i = 0; i < live_desk::subjects_max; ++i)
    all.push_back(follow(std::to_string(i), wakes));
  auto one_more = desk.follow(
    "more", [] { return std::make_shared<counted_subject>(); }, [] {});
  BOOST_REQUIRE(!one_more);
  BOOST_TEST((code_of(one_more.error()) == errc::full));
  all.push_back(follow("0", wakes));
}

BOOST_AUTO_TEST_CASE(says_nothing_after_it_has_stopped) {
  std::atomic<int> wakes{0};
  auto a = follow("x", wakes);
  BOOST_TEST(comes([&] { return wakes > 0; }));
  desk.stop();
  auto before = wakes.load();
  std::this_thread::sleep_for(milliseconds{30});
  BOOST_TEST(wakes == before);
}

BOOST_AUTO_TEST_SUITE_END()
