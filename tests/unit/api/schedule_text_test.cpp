#include "api/schedule_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

namespace {

std::string faults_of(const std::string& text) {
  auto value = json::parse(text);
  std::string result;
  for (auto& x : check(schedule_rules_schema(), &value)) {
    for (auto& part : x.path)
      result += part + ".";
    result += " " + x.message + "; ";
  }
  return result;
}

schedule_rules read(const std::string& text) {
  BOOST_TEST_REQUIRE(faults_of(text) == "");
  return read_schedule(json::parse(text));
}

} // namespace

BOOST_AUTO_TEST_SUITE(schedule_text_test)

BOOST_AUTO_TEST_CASE(an_empty_schedule_is_that_of_the_contract) {
  BOOST_TEST(pack_rules(read("{}")) == "");
  BOOST_TEST(schedule_text({}).dump()
             == R"({"every":null,"cron":null,"time_zone":"UTC","jitter":"auto","overlap":"skip",)"
                R"("catch_up":"coalesce","blackouts":[],"retry":null,"stop_after":null})");
}

BOOST_AUTO_TEST_CASE(reads_every_rule) {
  auto rules = read(R"({"cron":"0 6 * * MON-FRI","time_zone":"Europe/Berlin","jitter":"2m",
    "overlap":"queue","catch_up":"30m","retry":{"tries":3,"first":"10s","factor":1.5,"max":"5m"},
    "stop_after":5,"blackouts":[{"days":"sat,sun","from":"22:00","to":"06:30"},
    {"cron":"0 0 1 * *","for":"8h","time_zone":"UTC"}]})");
  BOOST_TEST(rules.cron == "0 6 * * MON-FRI");
  BOOST_TEST(rules.time_zone == "Europe/Berlin");
  BOOST_TEST((rules.jitter == 2min));
  BOOST_TEST(rules.queues);
  BOOST_TEST((rules.catch_up == 30min));
  BOOST_TEST(rules.retry.tries == 3u);
  BOOST_TEST((rules.retry.first == 10s));
  BOOST_TEST(rules.retry.factor_percent == 150u);
  BOOST_TEST((rules.retry.max == 5min));
  BOOST_TEST(rules.stop_after == 5u);
  BOOST_TEST_REQUIRE(rules.blackouts.size() == 2u);
  BOOST_TEST(rules.blackouts[0].time_zone == "Europe/Berlin");
  BOOST_TEST(rules.blackouts[0].from == 22u * 60);
  BOOST_TEST(rules.blackouts[0].to == 6u * 60 + 30);
  BOOST_TEST((rules.blackouts[1].lasts == 8h));
}

BOOST_AUTO_TEST_CASE(renders_what_it_reads) {
  for (
    auto text :
    {R"({"every":"every 5m","jitter":"off","catch_up":"skip"})",
     R"({"cron":"*/5 8-18 * * 1-5","time_zone":"America/New_York","jitter":"30s"})",
     R"({"retry":{"tries":1},"stop_after":1,"overlap":"queue","catch_up":"90s"})",
     R"({"blackouts":[{"from":"00:00","to":"00:00","days":"6"},{"cron":"@daily","for":"1h"}]})"}) {
    auto packed = pack_rules(read(text));
    auto rendered = schedule_text(*unpack_rules(packed));
    for (auto at = rendered.begin(); at != rendered.end();)
      at = at->is_null() ? rendered.erase(at) : std::next(at);
    BOOST_TEST(pack_rules(read(rendered.dump())) == packed, rendered.dump());
  }
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_and_where) {
  BOOST_TEST(faults_of(R"({"every":"every 3 weeks"})").find("a frequency is text such as")
             != std::string::npos);
  BOOST_TEST(faults_of(R"({"cron":"61 * * * *"})") == " \"61\" is no minute of a cron text; ");
  BOOST_TEST(faults_of(R"({"jitter":"much"})")
             == "jitter. Must be \"auto\", \"off\" or a time such as \"2m\"; ");
  BOOST_TEST(faults_of(R"({"retry":{"tries":1,"factor":11}})")
             == "retry.factor. Must be a number from 1 to 10; ");
  BOOST_TEST(faults_of(R"({"cron":"0 6 * * *","time_zone":"CEST"})")
             == " there is no time zone \"CEST\"; ");
  for (auto text :
       {R"({"unknown":1})", R"({"every":""})", R"({"every":"1h\ncron 1"})", R"({"overlap":"both"})",
        R"({"retry":{}})", R"({"retry":{"tries":0}})", R"({"stop_after":0})", R"({"blackouts":{}})",
        R"({"blackouts":[{"from":"24:00","to":"01:00"}]})", R"({"blackouts":[{"from":"1:00"}]})",
        R"({"blackouts":[{"cron":"@daily"}]})", R"({"blackouts":[{"cron":"@daily","for":"1s"}]})",
        R"({"time_zone":"A B"})", R"({"catch_up":true})"})
    BOOST_TEST(faults_of(text) != "", text);
}

BOOST_AUTO_TEST_CASE(what_a_variant_has_of_its_own_wins) {
  function deployed;
  deployed.frequency = "every hour";
  deployed.schedule = "jitter 0\n";
  variant_entry entry;
  BOOST_TEST(rules_in_effect(entry, &deployed).every == "every hour");
  BOOST_TEST((rules_in_effect(entry, &deployed).jitter == 0ms));
  entry.schedule = "cron 0 6 * * *\nzone Europe/Berlin\nqueue\n";
  BOOST_TEST(rules_in_effect(entry, &deployed).cron == "0 6 * * *");
  BOOST_TEST(!rules_in_effect(entry, &deployed).jitter.has_value());
  entry.frequency = "every 5m";
  BOOST_TEST(rules_in_effect(entry, &deployed).cron == "");
  BOOST_TEST(rules_in_effect(entry, &deployed).every == "every 5m");
  BOOST_TEST(rules_in_effect(entry, &deployed).queues);
  BOOST_TEST(rules_in_effect(entry, nullptr).every == "every 5m");
  BOOST_TEST(rules_in_effect({}, nullptr).every == "");
}

BOOST_AUTO_TEST_CASE(rules_without_a_time_have_that_of_the_function) {
  function deployed;
  deployed.schedule = "cron 0 6 * * *\nzone Asia/Tokyo\nstop-after 3\n";
  variant_entry entry;
  entry.schedule = "queue\n";
  auto rules = rules_in_effect(entry, &deployed);
  BOOST_TEST(rules.cron == "0 6 * * *");
  BOOST_TEST(rules.time_zone == "Asia/Tokyo");
  BOOST_TEST(rules.queues);
  BOOST_TEST(rules.stop_after == 0u);
  auto due = in_effect(entry, timing_of(deployed));
  BOOST_TEST(due.rules == "cron 0 6 * * *\nzone Asia/Tokyo\nqueue\n");
  BOOST_TEST(due.period_ms == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
