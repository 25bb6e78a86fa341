#include "core/metrics.hpp"
#include "core/process_metrics.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

bool says(const std::string& line) {
  return ("\n" + metrics_text()).find("\n" + line + "\n") != std::string::npos;
}

// The value of a metric without labels; -1 if there is none.
double value_of(const std::string& name) {
  auto text = "\n" + metrics_text();
  auto at = text.find("\n" + name + " ");
  return at == std::string::npos ? -1 : std::stod(text.substr(at + name.size() + 2));
}

} // namespace

BOOST_AUTO_TEST_SUITE(metrics_test)

BOOST_AUTO_TEST_CASE(counts_up_and_says_what_it_counts) {
  counter one{"test_apples_total", "Apples that fell."};
  one.add();
  one.add(2);
  BOOST_TEST(says("# HELP test_apples_total Apples that fell."));
  BOOST_TEST(says("# TYPE test_apples_total counter"));
  BOOST_TEST(says("test_apples_total 3"));
}

BOOST_AUTO_TEST_CASE(is_the_same_one_when_it_is_made_again) {
  counter{"test_pears_total", "Pears.", {{"kind", "ripe"}}}.add();
  counter{"test_pears_total", "Pears.", {{"kind", "ripe"}}}.add();
  counter{"test_pears_total", "Pears.", {{"kind", "raw"}}}.add();
  BOOST_TEST(says("test_pears_total{kind=\"ripe\"} 2"));
  BOOST_TEST(says("test_pears_total{kind=\"raw\"} 1"));
}

BOOST_AUTO_TEST_CASE(shows_every_value_of_a_group_before_anything_is_counted) {
  counter_group all{"test_fruit_total", "Fruit.", "kind", {"plum", "fig"}};
  BOOST_TEST(says("test_fruit_total{kind=\"fig\"} 0"));
  all["plum"].add();
  all["stone"].add(4);
  BOOST_TEST(says("test_fruit_total{kind=\"plum\"} 1"));
  BOOST_TEST(says("test_fruit_total{kind=\"other\"} 4"));
}

BOOST_AUTO_TEST_CASE(sorts_spans_into_buckets) {
  histogram spans{"test_span_seconds", "Spans.", {0.1, 1}};
  spans.observe(0.05);
  spans.observe(0.5);
  spans.observe(5);
  BOOST_TEST(says("test_span_seconds_bucket{le=\"0.1\"} 1"));
  BOOST_TEST(says("test_span_seconds_bucket{le=\"1\"} 2"));
  BOOST_TEST(says("test_span_seconds_bucket{le=\"+Inf\"} 3"));
  BOOST_TEST(says("test_span_seconds_count 3"));
}

BOOST_AUTO_TEST_CASE(counts_those_that_live_and_say_so) {
  gauge sick{"test_sick", "Those that are sick."};
  gauge_share one{sick};
  one.set(true);
  {
    gauge_share other{sick};
    other.set(true);
    other.set(true);
    BOOST_TEST(says("test_sick 2"));
  }
  BOOST_TEST(says("test_sick 1"));
  one.set(false);
  BOOST_TEST(says("test_sick 0"));
}

BOOST_AUTO_TEST_CASE(asks_its_hooks_before_it_is_read_and_only_while_they_live) {
  gauge level{"test_level", "A level."};
  auto reads = 0;
  {
    scrape_hook hook{[&] { level.set(++reads); }};
    BOOST_TEST(says("test_level 1"));
    BOOST_TEST(says("test_level 2"));
  }
  BOOST_TEST(says("test_level 2"));
}

BOOST_AUTO_TEST_CASE(measures_its_own_process) {
  auto measured = measure_process("test", "9.9");
  BOOST_TEST(says("varia_build_info{kind=\"test\",version=\"9.9\"} 1"));
  BOOST_TEST(value_of("process_resident_memory_bytes") > 1e6);
  BOOST_TEST(value_of("process_open_fds") >= 3);
  BOOST_TEST(value_of("process_max_fds") >= value_of("process_open_fds"));
  BOOST_TEST(value_of("process_start_time_seconds") > 1.6e9);
  auto before = value_of("process_cpu_seconds_total");
  for (auto rounds = 0; value_of("process_cpu_seconds_total") <= before && rounds < 100'000;)
    ++rounds;
  BOOST_TEST(value_of("process_cpu_seconds_total") > before);
}

BOOST_AUTO_TEST_SUITE_END()
