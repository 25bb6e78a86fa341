#include "config/setting_values.hpp"
#include "config/settings.hpp"

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <toml++/toml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <utility>

#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

const settings defaults;

/// A settings file, gone with the test.
struct temporary_file {
  explicit temporary_file(const std::string& text) {
    path = (std::filesystem::temp_directory_path()
            / ("varia-settings-" + std::to_string(getpid()) + ".toml"))
             .string();
    std::ofstream{path} << text;
  }

  ~temporary_file() { std::filesystem::remove(path); }

  std::string path;
};

std::string faults_of(const settings_sources& sources) {
  auto result = read_settings(sources);
  return result ? "" : detail_of(result.error());
}

std::string faults_of_file(const std::string& text) {
  temporary_file file{text};
  auto faults = faults_of({file.path, {}, {}});
  for (auto at = faults.find(file.path); at != std::string::npos; at = faults.find(file.path))
    faults.replace(at, file.path.size(), "FILE");
  return faults;
}

struct bad_value {
  const char* name;
  const char* text;
};

std::ostream& operator<<(std::ostream& out, const bad_value& x) {
  return out << x.name << "=" << x.text;
}

const bad_value bad_values[] = {
  {"redis.timeout", "2000"},       {"redis.timeout", "2"},
  {"redis.timeout", "2 s"},        {"redis.timeout", "-2s"},
  {"redis.timeout", "2sec"},       {"redis.timeout", ""},
  {"redis.timeout", "s"},          {"redis.timeout", "1.5s"},
  {"redis.timeout", "0s"},         {"redis.timeout", "9999999h"},
  {"redis.url", "127.0.0.1:6379"}, {"redis.url", "rediss://host:1"},
  {"http.listen", "3003"},         {"http.listen", ":3003"},
  {"http.listen", "host"},         {"http.listen", "host:"},
  {"http.listen", "host:65536"},   {"http.listen", "::1:3003"},
  {"http.listen", "host:3x"},      {"http.listen", "http://host:80"},
  {"http.threads", "0"},           {"http.threads", "-1"},
  {"http.threads", "many"},        {"http.threads", "4294967296"},
  {"http.threads", "8 "},          {"http.threads", ""},
  {"log.level", "loud"},           {"log.format", "xml"},
  {"cluster.lease", "10ms"},
};

} // namespace

BOOST_AUTO_TEST_SUITE(settings_test)

BOOST_AUTO_TEST_CASE(without_sources_everything_has_its_default) {
  auto result = read_settings({});
  BOOST_REQUIRE(result);
  BOOST_TEST((settings_as_text(*result) == settings_as_text(defaults)));
}

BOOST_AUTO_TEST_CASE(the_example_file_holds_every_key_with_its_default) {
  auto path = "config/varia.toml";
  auto result = read_settings({path, {}, {}});
  BOOST_REQUIRE_MESSAGE(result, faults_of({path, {}, {}}));
  auto file = toml::parse_file(path);
  auto found = settings_as_text(*result);
  for (auto& [name, text] : settings_as_text(defaults)) {
    BOOST_TEST(found[name] == text, name);
    BOOST_TEST(!!file.at_path(name), name);
  }
}

BOOST_AUTO_TEST_CASE(reads_every_kind_of_value_from_a_file) {
  temporary_file file{"[redis]\nurl = \"unix:///run/redis.sock\"\ntimeout = \"500ms\"\n"
                      "[http]\nlisten = \"[::1]:0\"\nthreads = 3\nbody_bytes_max = 5000000000\n"
                      "[log]\nformat = \"json\"\nlevel = \"debug\"\n"};
  auto result = read_settings({file.path, {}, {}});
  BOOST_REQUIRE(result);
  BOOST_TEST(result->redis.url == "unix:///run/redis.sock");
  BOOST_TEST(result->redis.timeout.count() == 500);
  BOOST_TEST(result->http.listen.host == "::1");
  BOOST_TEST(result->http.listen.port == 0);
  BOOST_TEST(result->http.threads == 3u);
  BOOST_TEST(result->http.body_bytes_max == 5000000000u);
  BOOST_TEST((result->log.format == log_format::json));
  BOOST_TEST(result->log.level == "debug");
}

BOOST_AUTO_TEST_CASE(flags_win_over_environment_and_environment_over_the_file) {
  temporary_file file{"[http]\nthreads = 1\n[runtime]\nslots = 1\nprocesses = 1\n"};
  auto result = read_settings({file.path,
                               {{"VARIA_RUNTIME_SLOTS", "2"}, {"VARIA_RUNTIME_PROCESSES", "2"}},
                               {{"runtime.processes", "3"}}});
  BOOST_REQUIRE(result);
  BOOST_TEST(result->http.threads == 1u);
  BOOST_TEST(result->runtime.slots == 2u);
  BOOST_TEST(result->runtime.processes == 3u);
}

BOOST_AUTO_TEST_CASE(tells_all_faults_of_a_file_with_line_and_key) {
  auto faults = faults_of_file("[redis]\n"
                               "timeout = 2000\n"
                               "tiemout = \"2s\"\n"
                               "[http]\n"
                               "threads = \"8\"\n"
                               "listen = \"3003\"\n"
                               "[cluter]\n"
                               "lease = \"3s\"\n");
  BOOST_TEST(faults
             == "FILE:2: redis.timeout: wants a duration with its unit (ms, s, m or h), such as "
                "\"3s\", of at least 1ms\n"
                "FILE:3: redis.tiemout: is no setting\n"
                "FILE:5: http.threads: wants a whole number from 1 to 4294967295\n"
                "FILE:6: http.listen: wants HOST:PORT, such as \"127.0.0.1:3003\"\n"
                "FILE:7: cluter: is no setting");
}

BOOST_AUTO_TEST_CASE(refuses_keys_at_the_wrong_level) {
  BOOST_TEST(faults_of_file("http = 5\n") == "FILE:1: http: is no setting");
  BOOST_TEST(faults_of_file("http.listen.port = 5\n").find("FILE:1: http.listen:") == 0u);
  BOOST_TEST(faults_of_file("threads = 5\n") == "FILE:1: threads: is no setting");
}

BOOST_AUTO_TEST_CASE(names_the_line_of_a_syntax_error) {
  BOOST_TEST(faults_of_file("[http]\nthreads = = 5\n").find("FILE:2: ") == 0u);
  BOOST_TEST(faults_of_file("[http]\nthreads = 5\nthreads = 6\n").find("FILE:3: ") == 0u);
}

BOOST_AUTO_TEST_CASE(refuses_a_file_that_is_not_there) {
  BOOST_TEST(faults_of({"/nowhere/varia.toml", {}, {}}) == "/nowhere/varia.toml: cannot be read");
}

BOOST_AUTO_TEST_CASE(refuses_unknown_variables_and_flags) {
  auto faults = faults_of({"", {{"VARIA_HTTP_LISTN", "a:1"}}, {{"http.listn", "a:1"}}});
  BOOST_TEST(faults == "VARIA_HTTP_LISTN: is no setting\nflag http.listn: is no setting");
}

BOOST_AUTO_TEST_CASE(passes_over_the_variables_of_the_command_line) {
  auto faults
    = faults_of({"", {{"VARIA_URL", "x"}, {"VARIA_API_KEY", "x"}, {"VARIA_CONFIG", "x"}}, {}});
  BOOST_TEST(faults == "");
}

BOOST_DATA_TEST_CASE(refuses_bad_values, boost::unit_test::data::make(bad_values)) {
  auto faults = faults_of({"", {}, {{sample.name, sample.text}}});
  BOOST_TEST(faults.find("flag " + std::string{sample.name} + ": wants ") == 0u, faults);
}

BOOST_AUTO_TEST_CASE(never_repeats_a_value_in_a_fault) {
  auto faults = faults_of({"", {{"VARIA_REDIS_URL", "redes://:hunter2@host"}}, {}});
  BOOST_TEST(!faults.empty());
  BOOST_TEST(faults.find("hunter2") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(text_of_settings_reads_back_as_the_same) {
  settings x;
  x.http.listen = {"::1", 80};
  x.redis.timeout = 1500ms;
  x.runtime.run_limit = 90min;
  x.log.format = log_format::json;
  auto text = settings_as_text(x);
  BOOST_TEST(text["http.listen"] == "[::1]:80");
  BOOST_TEST(text["redis.timeout"] == "1500ms");
  BOOST_TEST(text["runtime.run_limit"] == "90m");
  auto again = read_settings({"", {}, text});
  BOOST_REQUIRE(again);
  BOOST_TEST((settings_as_text(*again) == text));
}

BOOST_AUTO_TEST_CASE(finds_the_variables_of_this_process) {
  setenv("VARIA_LOG_LEVEL", "warn=yes", 1);
  auto found = varia_environment();
  unsetenv("VARIA_LOG_LEVEL");
  BOOST_TEST(found.at("VARIA_LOG_LEVEL") == "warn=yes");
  BOOST_TEST(found.count("PATH") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
