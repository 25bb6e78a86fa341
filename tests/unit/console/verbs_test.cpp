#include "console/verbs.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;

std::string path_in(const verb& which, const verb_values& values) {
  auto message = message_of(which, values);
  BOOST_REQUIRE(message);
  BOOST_TEST(message->body == "");
  return message->path;
}

const verb& verb_of(const std::string& words) {
  auto found = find_verb(words);
  BOOST_REQUIRE(found != nullptr);
  return *found;
}

} // namespace

BOOST_AUTO_TEST_SUITE(verbs_test)

BOOST_AUTO_TEST_CASE(lists_workers) {
  auto answer = json::parse(R"({"workers":[
    {"worker":"worker-1","address":"127.0.0.1","alive":true,"duty":"active",
     "variants":3,"running":1,"queued":0,"slots":32,
     "longest_wait_ms":0,"wait_p99_ms":120,"wait_max_ms":130}]})");
  BOOST_TEST(
    render_answer(verb_of("workers list"), answer, {})
    == "WORKER    ADDRESS    ALIVE  DUTY    VARIANTS  RUNNING  QUEUED  SLOTS  WAIT NOW MS  "
       "WAIT P99 MS\n"
       "worker-1  127.0.0.1  true   active         3        1       0     32            0  "
       "        120\n");
}

BOOST_AUTO_TEST_CASE(sends_the_arguments_of_an_order_in_its_body) {
  auto& drain = verb_of("workers drain");
  BOOST_TEST(drain.is_order);
  auto message = message_of(drain, {{"worker", "host/17"}});
  BOOST_REQUIRE(message);
  BOOST_TEST(message->method == "POST");
  BOOST_TEST(message->path == "/varia/workers/drain");
  BOOST_TEST(message->body == R"({"worker":"host/17"})");
  auto& log = verb_of("variants log");
  BOOST_TEST(path_in(log, {{"variant", "a b"}}) == "/varia/variants/log?variant=a%20b");
}

BOOST_AUTO_TEST_CASE(an_order_moves_arguments_into_its_path_and_leaves_out_what_is_not_said) {
  auto message = message_of(verb_of("variants undelete"), {{"provider_config_key", "orders"},
                                                           {"connection_id", "c 1"},
                                                           {"name", "files"},
                                                           {"variant", "a/b"}});
  BOOST_REQUIRE(message);
  BOOST_TEST(message->path == "/sync/files/variant/a%2Fb/undelete");
  BOOST_TEST(message->body == R"({"provider_config_key":"orders","connection_id":"c 1"})");
  auto& limit = verb_of("variants limit");
  BOOST_TEST(message_of(limit, {{"max", "250"}, {"name", ""}})->body == R"({"max":250})");
  BOOST_TEST(detail_of(message_of(limit, {{"max", "many"}}).error())
             == "MAX is not a number: many");
}

BOOST_AUTO_TEST_CASE(an_order_sends_what_a_file_says) {
  test::temporary_folder folder;
  auto file = folder.file("set.json");
  std::ofstream{file} << R"({"name":"files","connection_id":"c1","variants":["a"]})";
  auto& apply = verb_of("variants apply");
  auto message = message_of(apply, {{"file", file}, {"dry_run", "true"}});
  BOOST_REQUIRE(message);
  BOOST_TEST(message->path == "/sync/files/variants");
  BOOST_TEST(message->body == R"({"connection_id":"c1","variants":["a"],"dry_run":true})");
  std::ofstream{file} << "[]";
  BOOST_TEST(detail_of(message_of(apply, {{"file", file}}).error())
             == file + ": is not a JSON object");
  std::ofstream{file} << R"({"variants":[]})";
  BOOST_TEST(detail_of(message_of(apply, {{"file", file}}).error()) == "name is missing");
  BOOST_TEST(!message_of(apply, {{"file", file + ".not"}}));
}

BOOST_AUTO_TEST_CASE(shows_an_empty_list_as_titles) {
  auto text = render_answer(verb_of("variants list"), json::parse(R"({"variants":[]})"), {});
  BOOST_TEST(text.find("INTEGRATION  CONNECTION  SYNC  VARIANT") == 0u);
}

BOOST_AUTO_TEST_CASE(leaves_fields_that_are_null_or_missing_empty) {
  auto answer = json::parse(R"({"variants":[{"sync":"orders","variant":"eu","worker":null}]})");
  auto text = render_answer(verb_of("variants list"), answer, {});
  BOOST_TEST(text.find("orders  eu") != std::string::npos);
  BOOST_TEST(text.find("null") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(shows_a_log_line_by_line) {
  auto answer = json::parse(
    R"({"lines":[{"id":"1-0","run":3,"at":"2026-01-01","level":"warn","message":"slow"}]})");
  BOOST_TEST(render_answer(verb_of("variants log"), answer, {})
             == "        AT  RUN  LEVEL  MESSAGE\n2026-01-01    3  warn   slow\n");
}

BOOST_AUTO_TEST_CASE(shows_facts_of_the_status_above_the_workers) {
  auto answer = json::parse(R"({"leader":"c1","redis":{"version":"7.0"},"workers":[]})");
  auto text = render_answer(verb_of("status"), answer, {});
  BOOST_TEST(text.find("leader         c1\nredis.version  7.0\n\nWORKER  ") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(sends_its_arguments_as_the_query) {
  auto& overlap = verb_of("variants overlap");
  verb_values values{{"provider_config_key", "orders"},
                     {"connection_id", "a b&c=d"},
                     {"sync", "sync-orders"},
                     {"model", "Order"}};
  BOOST_TEST(message_of(overlap, values)->path
             == "/varia/variants/overlap?provider_config_key=orders&connection_id=a%20b%26c%3Dd"
                "&sync=sync-orders&model=Order");
  BOOST_TEST(path_in(verb_of("workers list"), values) == "/varia/workers");
}

BOOST_AUTO_TEST_CASE(shows_budgets_with_and_without_a_rate) {
  auto answer = json::parse(R"({"budgets":[
    {"provider_config_key":"orders","connection_id":"c1","rate":{"requests":10,"per_ms":1000},
     "granted":10,"waiting":3,"paused_until":null,"reason":null},
    {"provider_config_key":"orders","connection_id":"c2","rate":null,
     "granted":0,"waiting":1,"paused_until":"2026-01-01T00:00:00.000Z","reason":"429"}]})");
  BOOST_TEST(render_answer(verb_of("budgets list"), answer, {})
             == "INTEGRATION  CONNECTION  REQUESTS  PER MS  GRANTED  WAITING  "
                "PAUSED UNTIL              REASON\n"
                "orders       c1                10    1000       10        3\n"
                "orders       c2                                  0        1  "
                "2026-01-01T00:00:00.000Z     429\n");
}

BOOST_AUTO_TEST_CASE(shows_the_overlap_with_its_pairs) {
  auto answer = json::parse(R"({"model":"Order","overlapping":3,"exact":true,
    "pairs":[{"variants":["eu","us"],"ids":3}]})");
  BOOST_TEST(render_answer(verb_of("variants overlap"), answer, {})
             == "WHAT         VALUE\nmodel        Order\noverlapping  3\nexact        true\n\n"
                "VARIANT  OTHER VARIANT  SHARED IDS\neu       us                      3\n");
}

BOOST_AUTO_TEST_CASE(shows_an_answer_of_another_shape_all_the_same) {
  BOOST_TEST(render_answer(verb_of("status"), json::parse("[1]"), {}) == "[\n  1\n]\n");
  BOOST_TEST(render_answer(verb_of("workers list"), json::parse(R"({"workers":5})"), {})
             == "WHAT     VALUE\nworkers      5\n");
}

BOOST_AUTO_TEST_CASE(names_a_function_in_full_to_roll_it_back) {
  auto& versions = verb_of("functions versions");
  BOOST_TEST(
    message_of(versions, {{"provider_config_key", "shop"}, {"type", "sync"}, {"name", "orders"}})
      ->path
    == "/varia/functions/versions?provider_config_key=shop&type=sync&name=orders");
  auto& rollback = verb_of("functions rollback");
  BOOST_TEST(rollback.is_order);
  BOOST_REQUIRE_EQUAL(rollback.arguments.size(), 4U);
  BOOST_TEST(rollback.arguments.back().parameter == std::string{"version"});
}

BOOST_AUTO_TEST_SUITE_END()
