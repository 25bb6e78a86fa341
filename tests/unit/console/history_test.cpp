#include "console/history.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <sstream>
#include <string>

#include <sys/stat.h>

using namespace varia;

namespace {

std::string text_of(const std::string& file) {
  std::ostringstream result;
  result << std::ifstream{file}.rdbuf();
  return result.str();
}

} // namespace

BOOST_AUTO_TEST_SUITE(history_test)

BOOST_AUTO_TEST_CASE(is_kept_from_one_console_to_the_next) {
  test::temporary_folder folder;
  auto file = folder.file("varia/history");
  console_history first{file};
  BOOST_TEST(first.add("workers list"));
  BOOST_TEST(first.add("variants list --sync 'a b'"));
  BOOST_TEST(!first.add("variants list --sync 'a b'"));
  BOOST_TEST(console_history{file}.lines()
               == (std::vector<std::string>{"workers list", "variants list --sync 'a b'"}),
             boost::test_tools::per_element());
  struct stat facts = {};
  BOOST_REQUIRE(stat(file.c_str(), &facts) == 0);
  BOOST_TEST((facts.st_mode & 0777U) == 0600U);
}

BOOST_AUTO_TEST_CASE(keeps_no_secrets) {
  test::temporary_folder folder;
  auto file = folder.file("history");
  console_history x{file};
  for (auto line : {"workers list --api-key 3f0c2f5e-7a64-4d2b-9c5e-0a1b2c3d4e5f",
                    "workers list --api-key=3f0c2f5e-7a64-4d2b-9c5e-0a1b2c3d4e5f",
                    "3f0c2f5e-7a64-4d2b-9c5e-0a1b2c3d4e5f", " workers list", "workers \"list",
                    "webhooks set name value", ""})
    BOOST_TEST(!x.add(line), line);
  BOOST_TEST(x.lines().empty());
  BOOST_TEST(text_of(file) == "");
}

BOOST_AUTO_TEST_CASE(has_an_end) {
  test::temporary_folder folder;
  auto file = folder.file("history");
  std::ofstream before{file};
  for (auto i = 0; i < 1500; ++i)
    before << "workers drain w" << i << "\n";
  before.close();
  console_history x{file};
  BOOST_TEST(x.lines().size() == 1000u);
  BOOST_TEST(x.add("workers list"));
  BOOST_TEST(x.lines().size() == 1000u);
  BOOST_TEST(console_history{file}.lines().front() == "workers drain w501");
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_does_no_harm) {
  console_history x{"/proc/no/such/file"};
  BOOST_TEST(x.add("workers list"));
  BOOST_TEST(x.lines().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
