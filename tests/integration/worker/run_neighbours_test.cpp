#include "tests/integration/worker/engine_fixture.hpp"
#include "tests/support/temporary_folder.hpp"

#include <csignal>
#include <fstream>

#include <unistd.h>

using namespace varia;
using namespace varia::test;

namespace {

constexpr auto variants_beside = 20;
constexpr auto rows_each = 25;

// Saves its rows one by one, each with the place to go on at.
constexpr auto healthy_script = R"js(
  const seen = await nango.getCheckpoint();
  for (let n = seen ? seen.n : 0; n < 25; n++) {
    await nango.batchSave([{ id: String(n), variant: nango.variant }], 'Order');
    await nango.saveCheckpoint({ n: n + 1 });
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  await nango.clearCheckpoint();
)js";

struct fixture : engine_fixture {
  fixture() {
    config.runtime.slots = 16;
    config.runtime.hang_max = 4000ms;
    config.runtime.memory_mb = 96;
    config.runtime.buffers_mb = 96;
    restart();
    variant_key first = make("healthy", healthy_script).key;
    for (auto i = 0; i < variants_beside; ++i) {
      variant_key key{first.sync, "v" + std::to_string(i)};
      auto entry = variants{db}.add(1, key, false, 100);
      BOOST_REQUIRE(entry);
      healthy.push_back(place({key, entry->id, {}, false, 0, {}}));
    }
  }

  void restart() {
    use(config);
    prepare();
  }

  // Starts the healthy ones, and when all of them run, the other.
  std::future<run_result> begin_beside(const assignment& other) {
    for (const auto& x : healthy)
      running.push_back(persist(x));
    for (const auto& x : healthy)
      for (auto i = 0; i < 2000 && records_of(x).empty(); ++i)
        std::this_thread::sleep_for(5ms);
    return persist(other);
  }

  void check_healthy() {
    for (auto& x : running) {
      BOOST_REQUIRE((x.wait_for(60s) == std::future_status::ready));
      auto result = x.get();
      BOOST_TEST((result.outcome == run_outcome::success), result.error);
    }
    for (const auto& x : healthy) {
      auto stored = records_of(x);
      BOOST_TEST(stored.size() == static_cast<size_t>(rows_each));
      for (const auto& record : stored)
        BOOST_TEST(record.payload.find("\"" + x.key.name + "\"") != std::string::npos);
    }
  }

  // Only the hostile one fails, with the type of a lost process, and every other succeeds.
  void check_hostile(const std::string& body, const std::string& reason) {
    auto hostile = make("hostile", body);
    auto end_of_hostile = begin_beside(hostile);
    check_healthy();
    auto result = end(std::move(end_of_hostile));
    BOOST_TEST((result.outcome == run_outcome::failed));
    BOOST_TEST(result.error.find(reason) != std::string::npos, result.error);
    BOOST_TEST(state_of(hostile).error.find(R"("type":"runtime_crashed")") != std::string::npos);
  }

  std::vector<assignment> healthy;
  std::vector<std::future<run_result>> running;
};

// Lets scripts call `leave`, as one would that found a way out of its context.
constexpr auto way_out = R"js(
  {
    const vm = require('node:vm');
    const create = vm.createContext;
    const exit = process.reallyExit.bind(process);
    const leave = () => exit(7);
    vm.createContext = (object, options) => create(Object.assign(object, { leave }), options);
  }
)js";

// The processes that this one has started, but for its Redis.
std::vector<pid_t> script_processes() {
  std::vector<pid_t> result;
  for (const auto& thread : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream children{thread.path() / "children"};
    for (pid_t child = 0; children >> child;) {
      std::string name;
      std::getline(std::ifstream{"/proc/" + std::to_string(child) + "/comm"}, name);
      if (name.find("redis") == std::string::npos)
        result.push_back(child);
    }
  }
  return result;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_neighbours_test, fixture)

BOOST_AUTO_TEST_CASE(fails_an_endless_loop_and_no_other) {
  check_hostile("await nango.log('begins'); for (;;) {}", "did not answer for 4 s");
}

BOOST_AUTO_TEST_CASE(fails_an_endless_chain_of_promises_and_no_other) {
  check_hostile("for (;;) await null;", "did not answer for 4 s");
}

BOOST_AUTO_TEST_CASE(fails_who_fills_the_heap_and_no_other) {
  check_hostile("const all = []; for (;;) { all.push(new Array(1e5).fill(all.length)); "
                "if (all.length % 20 === 0) await null; }",
                "ran out of memory");
}

BOOST_AUTO_TEST_CASE(gives_an_ordinary_error_to_who_takes_too_many_buffers) {
  auto greedy = make("greedy", "const all = []; "
                               "while (all.length < 600) { all.push(Buffer.alloc(1 << 20, 1)); "
                               "if (all.length % 20 === 0) await nango.getCheckpoint(); }");
  auto end_of_greedy = begin_beside(greedy);
  check_healthy();
  auto result = end(std::move(end_of_greedy));
  BOOST_TEST((result.outcome == run_outcome::failed), result.error);
  BOOST_TEST(result.error != "");
}

BOOST_AUTO_TEST_CASE(fails_who_ends_its_process_and_no_other) {
  temporary_folder folder;
  std::ifstream child{config.runtime.dir + "/child.cjs"};
  folder.write("child.cjs", way_out + std::string{std::istreambuf_iterator<char>{child}, {}});
  for (auto name : {"confine", "node_modules"})
    std::filesystem::create_symlink(config.runtime.dir + "/" + name, folder.file(name));
  config.runtime.dir = folder.path();
  restart();
  check_hostile("await nango.log('begins'); leave();", "exited with status 7");
  engine.reset();
}

BOOST_AUTO_TEST_CASE(goes_on_after_every_process_was_killed) {
  auto last = make("last", healthy_script);
  auto end_of_last = begin_beside(last);
  auto processes = script_processes();
  BOOST_TEST(processes.size() >= 2U);
  for (auto pid : processes)
    ::kill(pid, SIGKILL);
  check_healthy();
  BOOST_TEST((end(std::move(end_of_last)).outcome == run_outcome::success));
}

BOOST_AUTO_TEST_SUITE_END()
