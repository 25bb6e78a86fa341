#include "tests/support/script_process.hpp"

#include <set>

using namespace varia;
using namespace varia::test;

namespace {

// As if runs of these bundles had ended well.
void prove(runtime_pool& pool, const std::vector<std::string>& bundles) {
  for (const auto& sha : bundles)
    pool.succeed(sha, sha);
}

// On a slow machine a process that is well may owe an answer for long.
runtime_pool_config patient(size_t processes) {
  auto result = pool_fixture::limits(processes, 8);
  result.silence_max = result.move_after = 20s;
  return result;
}

struct two_processes : pool_fixture {
  two_processes() : pool_fixture{patient(2)} {}
};

struct one_process : pool_fixture {
  one_process() : pool_fixture{patient(1)} {}
};

struct quick_moves : pool_fixture {
  quick_moves() : pool_fixture{limits(1, 8)} {}
};

struct quick_watch : pool_fixture {
  quick_watch() : pool_fixture{config()} {}

  static runtime_pool_config config() {
    auto result = patient(1);
    result.limits.hang_max = 3000ms;
    return result;
  }
};

struct little_memory : pool_fixture {
  little_memory() : pool_fixture{config()} {}

  static runtime_pool_config config() {
    auto result = patient(1);
    result.limits.kill_bytes = 20'000'000;
    return result;
  }
};

struct short_life : pool_fixture {
  short_life() : pool_fixture{config()} {}

  static runtime_pool_config config() {
    auto result = patient(1);
    result.age_max = 1ms;
    return result;
  }
};

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

} // namespace

BOOST_AUTO_TEST_SUITE(runtime_isolation_test)

BOOST_FIXTURE_TEST_CASE(keeps_an_unproven_bundle_apart_as_long_as_there_is_room, two_processes) {
  prove(pool, {"stay1", "stay2", "stay3"});
  auto unproven = start("dev", "stay4");
  auto first = start("dev", "stay1");
  auto second = start("dev", "stay2");
  auto third = start("dev", "stay3");
  for (auto& run : {unproven, first, second, third})
    await_begin(run);
  auto apart = stop(unproven);
  auto together = stop(first);
  BOOST_TEST(together != apart);
  BOOST_TEST(stop(second) == together);
  BOOST_TEST(stop(third) == together);
}

BOOST_FIXTURE_TEST_CASE(lets_unproven_bundles_share_when_there_is_no_room, two_processes) {
  std::vector<run_handle> all;
  for (auto i = 0; i < 5; ++i)
    all.push_back(start("dev", "stay" + std::to_string(i)));
  std::set<std::string> places;
  for (auto& run : all)
    await_begin(run);
  for (auto& run : all)
    places.insert(stop(run));
  BOOST_TEST(places.size() == 2U);
}

BOOST_FIXTURE_TEST_CASE(gives_the_next_runs_after_a_crash_a_process_each, one_process) {
  prove(pool, {"stay1", "stay2", "stay3", "s1"});
  std::vector<run_handle> all;
  for (const auto* sha : {"stay1", "stay2", "stay3", "die1"})
    all.push_back(start("dev", sha));
  for (auto& run : all)
    BOOST_TEST(end(run) == "goes on: the script's process killed by signal 9");
  all.clear();
  for (const auto* sha : {"stay1", "stay2", "stay3"})
    all.push_back(start("dev", sha));
  // Others go on meanwhile. Two suspects are on trial at once; the third waits for its turn.
  std::set<std::string> places{process_of("dev")};
  await_begin(all[0]);
  await_begin(all[1]);
  BOOST_TEST(!all[2]->has_begun);
  for (auto& run : all) {
    await_begin(run);
    places.insert(stop(run));
  }
  BOOST_TEST(places.size() == 4U);
  for (const auto& place : places)
    BOOST_TEST(std::stoi(place) > 1);
}

BOOST_FIXTURE_TEST_CASE(fails_the_run_that_loses_a_process_of_its_own, one_process) {
  BOOST_TEST(run("dev", "die1") == "goes on: the script's process killed by signal 9");
  BOOST_TEST(run("dev", "die1") == "lost: the script's process killed by signal 9");
  BOOST_TEST(run("dev", "die1") == "lost: the script's process killed by signal 9");
  BOOST_TEST(std::stoi(run("dev")) > 1);
}

BOOST_FIXTURE_TEST_CASE(clears_a_suspect_that_ends_well, one_process) {
  BOOST_TEST(starts_with(run("dev", "die1"), "goes on: "));
  pool.succeed("die1", "die1");
  BOOST_TEST(starts_with(run("dev", "die1"), "goes on: "));
}

BOOST_FIXTURE_TEST_CASE(blames_the_run_that_does_not_end_when_told_to, one_process) {
  prove(pool, {"deaf1", "stay1", "s1"});
  auto deaf = start("dev", "deaf1");
  auto beside = start("dev", "stay1");
  await_begin(deaf);
  await_begin(beside);
  BOOST_TEST(stop(deaf) == "lost: a cancelled script of the same process did not end");
  BOOST_TEST(end(beside) == "goes on: a cancelled script of the same process did not end");
  // The other is no suspect: it shares a process again.
  beside = start("dev", "stay1");
  await_begin(beside);
  auto place = process_of("dev");
  BOOST_TEST(stop(beside) == place);
}

BOOST_FIXTURE_TEST_CASE(moves_a_run_whose_script_does_not_begin, quick_moves) {
  for (const std::string sha : {"loop1", "stuck1"}) {
    prove(pool, {sha, "s1"});
    auto before = process_of("dev");
    auto hog = start("dev", sha);
    // The one that loops is killed after half a minute only; this one ends long before.
    auto after = process_of("dev");
    BOOST_TEST(std::stoi(after) > 1);
    BOOST_TEST(after != before);
    BOOST_TEST(!hog->end.has_value());
    stop(hog);
  }
}

BOOST_FIXTURE_TEST_CASE(moves_no_run_that_has_begun, quick_moves) {
  prove(pool, {"loop1", "stay1"});
  auto begun = start("dev", "stay1");
  await_begin(begun);
  auto last = start("dev", "loop1");
  await_begin(last);
  wait(500ms);
  // In its place it has to suffer what the other does.
  if (auto how = stop(begun); starts_with(how, "lost: "))
    BOOST_TEST(how == "lost: a cancelled script of the same process did not end");
  else
    BOOST_TEST(std::stoi(how) > 1);
  BOOST_TEST(!starts_with(stop(last), "no end"));
}

BOOST_FIXTURE_TEST_CASE(moves_what_may_be_guilty_only_once, quick_moves) {
  prove(pool, {"stuck1", "stay1"});
  auto begun = start("dev", "stay1");
  await_begin(begun);
  auto stuck = start("dev", "stuck1");
  wait(1500ms);
  // It has been moved to a second process by now, and stays there.
  BOOST_TEST(starts_with(stop(stuck), "lost: "));
  BOOST_TEST(stop(begun) != "no end");
}

BOOST_FIXTURE_TEST_CASE(finds_the_run_that_hangs_a_process, quick_watch) {
  prove(pool, {"loop1", "stay1"});
  auto innocent = start("dev", "stay1");
  await_begin(innocent);
  auto guilty = start("dev", "loop1");
  BOOST_TEST(end(innocent) == "goes on: the script's process did not answer for 3 s");
  BOOST_TEST(end(guilty) == "goes on: the script's process did not answer for 3 s");
  guilty = start("dev", "loop1");
  innocent = start("dev", "stay1");
  BOOST_TEST(end(guilty) == "lost: the script's process did not answer for 3 s");
  await_begin(innocent);
  BOOST_TEST(std::stoi(stop(innocent)) > 1);
}

BOOST_FIXTURE_TEST_CASE(kills_a_process_that_takes_too_much_memory, little_memory) {
  auto said = run("dev", "stay1");
  BOOST_TEST(starts_with(said, "goes on: the script's process took more memory than it may: "));
  BOOST_TEST(starts_with(run("dev", "stay1"), "lost: the script's process took more memory"));
}

BOOST_FIXTURE_TEST_CASE(replaces_a_process_that_has_lived_long, short_life) {
  auto first = process_of("dev");
  wait(500ms);
  auto next = process_of("dev");
  BOOST_TEST(std::stoi(next) > 1);
  BOOST_TEST(next != first);
}

BOOST_FIXTURE_TEST_CASE(lets_no_domain_wait_while_others_keep_all_processes, one_process) {
  auto busy = start("dev", "stay1");
  await_begin(busy);
  auto theirs = process_of("prod");
  BOOST_TEST(std::stoi(theirs) > 1);
  BOOST_TEST(!busy->end.has_value());
  BOOST_TEST(stop(busy) != theirs);
}

BOOST_AUTO_TEST_SUITE_END()
