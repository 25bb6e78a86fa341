#include "tests/simulation/scenario.hpp"

#include <boost/test/unit_test.hpp>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <optional>

using namespace varia;
using namespace varia::test;

namespace {

std::optional<uint64_t> number_in(const char* name) {
  auto* text = std::getenv(name);
  if (text == nullptr || *text == '\0')
    return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

// Sanitizers make it slow.
#if defined(__SANITIZE_ADDRESS__)
constexpr uint64_t seeds_by_default = 100;
#else
constexpr uint64_t seeds_by_default = 1000;
#endif

struct fixture {
  fixture() { spdlog::set_level(spdlog::level::off); }
  ~fixture() { spdlog::set_level(spdlog::level::info); }
};

std::string text_of(uint64_t seed, const complaints& all) {
  auto result = "seed " + std::to_string(seed) + ", to be replayed with VARIA_SIM_SEED="
                + std::to_string(seed) + " simulation_tests --run_test=simulation_test:";
  for (size_t i = 0; i < all.size() && i < 10; ++i)
    result += "\n  " + all[i];
  return result;
}

// What the program logs, at the time at which it would.
class replay_sink final : public spdlog::sinks::base_sink<std::mutex> {
public:
  explicit replay_sink(const world& all) : world_{all} {}

protected:
  void sink_it_(const spdlog::details::log_msg& x) override {
    world_.log(world_.name_of(world_.current()) + ": "
               + std::string{x.payload.data(), x.payload.size()});
  }
  void flush_() override {}

private:
  const world& world_;
};

complaints replay(uint64_t seed) {
  scenario one{seed};
  one.listen([](const std::string& line) { std::cerr << line << '\n'; });
  auto before = spdlog::default_logger();
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
    "replay", std::make_shared<replay_sink>(one.end().time)));
  auto found = one.play();
  spdlog::set_default_logger(before);
  return found;
}

bool is_noticed(store_rules rules) {
  for (uint64_t seed = 1; seed <= 50; ++seed)
    if (!scenario{seed, rules}.play().empty())
      return true;
  return false;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(simulation_test, fixture)

BOOST_AUTO_TEST_CASE(every_seed_ends_well) {
  if (auto seed = number_in("VARIA_SIM_SEED")) {
    auto found = replay(*seed);
    BOOST_TEST(found.empty(), text_of(*seed, found));
    return;
  }
  auto first = number_in("VARIA_SIM_FIRST").value_or(1);
  auto count = number_in("VARIA_SIM_SEEDS").value_or(seeds_by_default);
  for (auto seed = first; seed < first + count; ++seed) {
    auto found = scenario{seed}.play();
    BOOST_TEST(found.empty(), text_of(seed, found));
  }
}

BOOST_AUTO_TEST_SUITE_END()
