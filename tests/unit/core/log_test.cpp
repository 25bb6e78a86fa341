#include "core/log.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdio>
#include <functional>
#include <regex>
#include <string>

#include <unistd.h>

using namespace varia;

namespace {

// What lands on standard error while `body` runs.
std::string standard_error_of(const std::function<void()>& body) {
  auto* file = std::tmpfile();
  auto before = dup(STDERR_FILENO);
  dup2(fileno(file), STDERR_FILENO);
  body();
  dup2(before, STDERR_FILENO);
  close(before);
  std::string text(4096, '\0');
  std::rewind(file);
  text.resize(std::fread(text.data(), 1, text.size(), file));
  std::fclose(file);
  return text;
}

} // namespace

BOOST_AUTO_TEST_SUITE(log_test)

BOOST_AUTO_TEST_CASE(writes_plain_lines) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::plain, "info");
    spdlog::info("hosts {} variants", 3);
  });
  std::regex line{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info +worker: hosts 3 variants\n)"};
  BOOST_TEST(std::regex_match(text, line), text);
}

BOOST_AUTO_TEST_CASE(writes_json_lines) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::json, "info");
    spdlog::warn("a \"b\" \\ c\nd\x01");
  });
  auto from = text.find("\"level\"");
  BOOST_REQUIRE(from != std::string::npos);
  BOOST_TEST(text.substr(0, 7) == R"({"ts":")");
  BOOST_TEST(text.substr(from)
             == R"("level":"warn","process":"worker","msg":"a \"b\" \\ c\nd\u0001"})"
                "\n");
}

BOOST_AUTO_TEST_CASE(is_json_unless_a_terminal_reads_it) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::automatic, "info");
    spdlog::info("a");
  });
  BOOST_TEST(text.substr(0, 7) == R"({"ts":")");
}

BOOST_AUTO_TEST_CASE(tells_what_a_line_is_about) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::plain, "info");
    set_log_fact("worker", "w1");
    log_facts run{{"run", "7"}, {"variant", "14/orders::eu"}, {"trace_id", ""}};
    {
      log_scope outer{run};
      log_facts later{{"run", "8"}};
      log_scope inner{later};
      spdlog::info("inner");
    }
    set_log_fact("worker", "");
    spdlog::info("outside");
  });
  BOOST_TEST(text.find("worker: inner run=8 variant=14/orders::eu worker=w1\n")
             != std::string::npos);
  BOOST_TEST(text.find("worker: outside\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_fact_cannot_forge_a_line) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::json, "info");
    log_facts facts{{"variant", "a\"}\n{\"ts\":\""}};
    log_scope scope{facts};
    spdlog::info("x");
  });
  BOOST_TEST(text.find(R"("variant":"a\"}\n{\"ts\":\""})") != std::string::npos);
  BOOST_TEST(text.find('\n') == text.size() - 1);
}

BOOST_AUTO_TEST_CASE(takes_secrets_out_of_messages) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::json, "info");
    spdlog::info("asked with Bearer abcdefghij and password={}", "hunter2");
  });
  BOOST_TEST(text.find("abcdefghij") == std::string::npos);
  BOOST_TEST(text.find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(changes_its_level_while_it_runs) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::plain, "warn");
    spdlog::debug("before");
    set_log_level("debug");
    spdlog::debug("meanwhile");
    set_log_level("error");
    spdlog::warn("after");
  });
  BOOST_TEST(text.find("before") == std::string::npos);
  BOOST_TEST(text.find("meanwhile") != std::string::npos);
  BOOST_TEST(text.find("after") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(keeps_each_message_on_one_line) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::plain, "info");
    spdlog::info("first\nsecond\r");
  });
  BOOST_TEST(text.find("first\\nsecond\\u000d\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(leaves_out_what_is_below_the_level) {
  auto text = standard_error_of([] {
    start_log("worker", log_format::plain, "warn");
    spdlog::info("unimportant");
    spdlog::warn("important");
  });
  BOOST_TEST(text.find("unimportant") == std::string::npos);
  BOOST_TEST(text.find(" important") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
