#include "console/contexts.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>

#include <sys/stat.h>

using namespace varia;

namespace {

unsigned mode_of(const std::string& file) {
  struct stat facts = {};
  BOOST_REQUIRE(stat(file.c_str(), &facts) == 0);
  return facts.st_mode & 0777U;
}

std::string fault_in(const std::string& text) {
  test::temporary_folder folder;
  auto file = folder.file("config.toml");
  std::ofstream{file} << text;
  auto result = read_contexts(file);
  BOOST_REQUIRE(!result);
  BOOST_TEST((code_of(result.error()) == errc::invalid));
  return detail_of(result.error()).substr(file.size());
}

} // namespace

BOOST_AUTO_TEST_SUITE(contexts_test)

BOOST_AUTO_TEST_CASE(are_read_as_they_were_written_and_by_their_owner_alone) {
  test::temporary_folder folder;
  auto file = folder.file("deep/er/config.toml");
  contexts x{"prod",
             {{"prod", {"https://p.example", "a \"key\"", ""}},
              {"lab-1.x", {"http://l.example", "", "/run/key"}}}};
  BOOST_REQUIRE(write_contexts(file, x));
  BOOST_TEST(mode_of(file) == 0600U);
  BOOST_TEST(mode_of(folder.file("deep/er")) == 0700U);
  auto back = read_contexts(file);
  BOOST_REQUIRE(back);
  BOOST_TEST(back->current == "prod");
  BOOST_TEST(back->all.size() == 2u);
  BOOST_TEST(back->all["prod"].api_key == "a \"key\"");
  BOOST_TEST(back->all["lab-1.x"].url == "http://l.example");
  BOOST_TEST(back->all["lab-1.x"].api_key_file == "/run/key");
}

BOOST_AUTO_TEST_CASE(without_a_file_there_are_none) {
  auto x = read_contexts("/no/such/file");
  BOOST_REQUIRE(x);
  BOOST_TEST(x->all.empty());
}

BOOST_AUTO_TEST_CASE(a_wrong_file_is_refused_in_words_without_its_keys) {
  BOOST_TEST(fault_in("current = 5\n") == ": current is not a text");
  BOOST_TEST(fault_in("other = 5\n") == ": other means nothing here");
  BOOST_TEST(fault_in("[contexts.a]\nlink = \"x\"\n") == ": a context has no link");
  BOOST_TEST(fault_in("[contexts.\"a b\"]\nurl = \"x\"\n") == ": a b is no context");
  BOOST_TEST(fault_in("[contexts.a]\nurl \"x\"\n").find(":2: ") == 0u);
}

BOOST_AUTO_TEST_CASE(a_key_that_others_can_read_is_not_used) {
  test::temporary_folder folder;
  auto file = folder.file("config.toml");
  std::ofstream{file} << "[contexts.a]\nurl = \"http://x\"\napi_key = \"secret\"\n";
  chmod(file.c_str(), 0644);
  auto refused = read_contexts(file);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(detail_of(refused.error()).find("chmod 600") != std::string::npos);
  BOOST_TEST(detail_of(refused.error()).find("secret") == std::string::npos);
  chmod(file.c_str(), 0600);
  BOOST_TEST(static_cast<bool>(read_contexts(file)));
}

BOOST_AUTO_TEST_CASE(lie_where_the_environment_says) {
  BOOST_TEST(contexts_file({{"HOME", "/home/a"}}) == "/home/a/.config/varia/config.toml");
  BOOST_TEST(contexts_file({{"HOME", "/home/a"}, {"XDG_CONFIG_HOME", "/etc/x"}})
             == "/etc/x/varia/config.toml");
  BOOST_TEST(contexts_file({{"HOME", "/home/a"}, {"XDG_CONFIG_HOME", "not/absolute"}})
             == "/home/a/.config/varia/config.toml");
}

BOOST_AUTO_TEST_SUITE_END()
