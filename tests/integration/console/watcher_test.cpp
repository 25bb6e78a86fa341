#include "console/watcher.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <thread>

using namespace varia;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct fixture {
  fixture() {
    folder.write("github/syncs/issues.ts", "a");
    folder.write("node_modules/x/index.js", "a");
  }

  folder_watcher watch() const {
    auto result = folder_watcher::make(folder.path());
    BOOST_REQUIRE(result);
    return std::move(*result);
  }

  // True if a change is told within a while.
  static bool tells(folder_watcher& watcher, milliseconds patience) {
    for (auto end = folder_watcher::clock::now() + patience; folder_watcher::clock::now() < end;) {
      if (watcher.changed())
        return true;
      std::this_thread::sleep_for(5ms);
    }
    return false;
  }

  test::temporary_folder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(watcher_test, fixture)

BOOST_AUTO_TEST_CASE(tells_a_burst_of_changes_once) {
  auto watcher = watch();
  BOOST_TEST(!watcher.changed());
  for (auto i = 0; i < 5; ++i)
    folder.write("github/syncs/issues.ts", "b");
  BOOST_TEST(!watcher.changed());
  BOOST_TEST(tells(watcher, 20s));
  BOOST_TEST(!tells(watcher, 400ms));
}

BOOST_AUTO_TEST_CASE(sees_files_in_folders_that_came_later) {
  auto watcher = watch();
  fs::create_directories(folder.file("gitlab/syncs"));
  BOOST_TEST(tells(watcher, 20s));
  folder.write("gitlab/syncs/issues.ts", "a");
  BOOST_TEST(tells(watcher, 20s));
}

BOOST_AUTO_TEST_CASE(sees_files_that_go_or_are_replaced) {
  auto watcher = watch();
  folder.write("github/syncs/new.ts", "b");
  BOOST_TEST(tells(watcher, 20s));
  fs::rename(folder.file("github/syncs/new.ts"), folder.file("github/syncs/issues.ts"));
  BOOST_TEST(tells(watcher, 20s));
  fs::remove(folder.file("github/syncs/issues.ts"));
  BOOST_TEST(tells(watcher, 20s));
}

BOOST_AUTO_TEST_CASE(passes_over_what_tools_write) {
  auto watcher = watch();
  folder.write("node_modules/x/index.js", "b");
  folder.write("build/out.cjs", "b");
  folder.write(".nango/schema.json", "b");
  folder.write(".git/index", "b");
  BOOST_TEST(!tells(watcher, 500ms));
}

BOOST_AUTO_TEST_CASE(refuses_a_folder_that_is_not_there) {
  BOOST_TEST(!folder_watcher::make(folder.file("nowhere")));
}

BOOST_AUTO_TEST_SUITE_END()
