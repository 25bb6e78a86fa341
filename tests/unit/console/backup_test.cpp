#include "console/backup.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <string>

#include <sys/stat.h>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;

/// A backup of two environments with three items.
struct fixture {
  fixture() { write(path); }

  static void write(const std::string& to) {
    backup_writer file;
    BOOST_REQUIRE(file.open(to, true));
    BOOST_REQUIRE(file.begin_environment("dev"));
    BOOST_REQUIRE(file.add({{"type", "integration"}, {"unique_key", "shop"}}));
    BOOST_REQUIRE(file.add({{"type", "variable"}, {"name", "A"}, {"value", "ü\n"}}));
    BOOST_REQUIRE(file.begin_environment("prod"));
    BOOST_REQUIRE(file.add({{"type", "integration"}, {"unique_key", "shop"}}));
    BOOST_REQUIRE(file.finish());
  }

  std::string text() const {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

  void replace_by(const std::string& text) const {
    std::ofstream{path, std::ios::binary | std::ios::trunc} << text;
  }

  std::string fault() const {
    auto found = read_backup(path, nullptr);
    return found ? std::string{} : detail_of(found.error()).substr(path.size() + 2);
  }

  test::temporary_folder folder;
  std::string path = folder.path() + "/whole.backup";
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(backup_test, fixture)

BOOST_AUTO_TEST_CASE(what_was_written_is_read) {
  std::string seen;
  auto content = read_backup(path, [&](const std::string& environment, json item) {
    seen += environment + " " + item.dump() + "\n";
    return expected<void>{caf::unit};
  });
  BOOST_REQUIRE(content);
  BOOST_TEST(seen
             == "dev {\"type\":\"integration\",\"unique_key\":\"shop\"}\n"
                "dev {\"type\":\"variable\",\"name\":\"A\",\"value\":\"ü\\n\"}\n"
                "prod {\"type\":\"integration\",\"unique_key\":\"shop\"}\n");
  BOOST_TEST(content->secrets);
  BOOST_TEST(content->count == 3U);
  BOOST_TEST(content->items["dev"]["variable"] == 1U);
  BOOST_TEST(content->items["prod"].size() == 1U);
}

BOOST_AUTO_TEST_CASE(only_its_owner_may_read_it) {
  struct stat facts {};
  BOOST_REQUIRE(stat(path.c_str(), &facts) == 0);
  BOOST_TEST((facts.st_mode & 0777) == 0600);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_there_is_not_overwritten) {
  auto before = text();
  backup_writer another;
  BOOST_TEST(!another.open(path, false));
  BOOST_TEST(text() == before);
}

BOOST_AUTO_TEST_CASE(a_backup_that_was_not_finished_leaves_no_file) {
  auto other = folder.path() + "/other";
  {
    backup_writer file;
    BOOST_REQUIRE(file.open(other, false));
    BOOST_REQUIRE(file.add({{"type", "limit"}}));
  }
  BOOST_TEST(!std::ifstream{other});
  BOOST_TEST(!std::ifstream{other + ".part"});
}

BOOST_AUTO_TEST_CASE(a_byte_that_has_changed_is_found) {
  auto whole = text();
  auto changed = whole;
  changed[changed.find("shop")] = 'c';
  replace_by(changed);
  BOOST_TEST(fault() == "the backup has been changed: its checksum is another one");
  replace_by(whole);
  BOOST_TEST(fault().empty());
}

BOOST_AUTO_TEST_CASE(a_backup_that_breaks_off_is_none) {
  auto whole = text();
  auto last = whole.rfind("\n", whole.size() - 2);
  replace_by(whole.substr(0, last + 1));
  BOOST_TEST(fault() == "the backup has no end");
  replace_by(whole.substr(0, last - 5));
  BOOST_TEST(fault() == "the backup is broken");
  replace_by(whole + "{}\n");
  BOOST_TEST(fault() == "something stands behind the end of the backup");
  replace_by("{\"hello\":1}\n");
  BOOST_TEST(fault() == "this is no backup, or one of another version");
  replace_by("");
  BOOST_TEST(fault() == "the backup has no end");
}

BOOST_AUTO_TEST_CASE(who_looks_at_the_items_may_end_it) {
  auto stops = [](const std::string&, const json&) -> expected<void> {
    return fail(errc::unavailable, "no answer");
  };
  auto done = read_backup(path, stops);
  BOOST_TEST((code_of(done.error()) == errc::unavailable));
}

BOOST_AUTO_TEST_CASE(the_checksum_is_sha_256) {
  running_checksum sum;
  sum.add("a");
  sum.add("bc");
  BOOST_TEST(sum.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

BOOST_AUTO_TEST_SUITE_END()
