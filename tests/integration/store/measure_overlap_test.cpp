#include "store/overlap.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <map>

using namespace varia;
using test::must;

namespace {

struct fixture : test::store_fixture {
  std::map<std::string, variant_entry> entries;
  std::map<std::string, run_ticket> tickets;
  uint64_t batch = 0;

  // Makes the variant unless it is there.
  const run_ticket& ticket_of(const std::string& variant) {
    if (tickets.count(variant) == 0) {
      entries[variant] = add(variant);
      tickets[variant] = begin(entries[variant]);
    }
    return tickets[variant];
  }

  // Saves records "first" to "last - 1" in batches.
  void save(const std::string& variant, int first, int last, const std::string& model = "Order") {
    auto& ticket = ticket_of(variant);
    for (auto from = first; from < last; from += 1000) {
      std::vector<saved_record> all;
      for (auto i = from; i < std::min(from + 1000, last); ++i)
        all.push_back({"order-" + std::to_string(i), "{}"});
      must(cache.save(ticket, ++batch, model, all));
    }
  }

  void remove(const std::string& variant, int first, int last) {
    std::vector<removed_record> all;
    for (auto i = first; i < last; ++i)
      all.push_back({"order-" + std::to_string(i), "{}", {}});
    must(cache.remove(ticket_of(variant), ++batch, "Order", all));
  }

  overlap_report measure(const overlap_limits& limits = {}, const std::string& model = "Order") {
    std::vector<record_source> all;
    for (auto& entry : must(registry.list(sync)))
      all.push_back({ref_of(entry), entry.key.name});
    return must(measure_overlap(db, all, model, limits));
  }
};

std::string pairs_of(const overlap_report& x) {
  std::string result;
  for (auto& pair : x.pairs)
    result += pair.first + "+" + pair.second + ":" + std::to_string(pair.ids) + " ";
  return result;
}

overlap_limits sampling(size_t sample) {
  overlap_limits result;
  result.exact_max = 10;
  result.sample = sample;
  return result;
}

double off(const overlap_report& x, double truth) {
  return std::abs(static_cast<double>(x.overlapping) - truth);
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(measure_overlap_test, fixture)

BOOST_AUTO_TEST_CASE(counts_ids_that_live_in_several_variants) {
  save("eu", 0, 10);
  save("us", 5, 15);
  save("asia", 8, 12);
  save("none", 100, 105);
  auto x = measure();
  BOOST_TEST(x.variants == 4u);
  BOOST_TEST(x.live == 29u);
  BOOST_TEST((x.distinct == 20u));
  BOOST_TEST(x.overlapping == 7u);
  BOOST_TEST(!x.margin.has_value());
  BOOST_TEST(pairs_of(x) == "eu+us:5 asia+us:4 asia+eu:2 ");
}

BOOST_AUTO_TEST_CASE(deleted_records_do_not_count) {
  save("eu", 0, 10);
  save("us", 0, 10);
  remove("us", 0, 6);
  remove("eu", 9, 10);
  auto x = measure();
  BOOST_TEST(x.live == 13u);
  BOOST_TEST((x.distinct == 10u));
  BOOST_TEST(x.overlapping == 3u);
  BOOST_TEST(pairs_of(x) == "eu+us:3 ");
}

BOOST_AUTO_TEST_CASE(variants_without_the_model_do_not_count) {
  save("eu", 0, 3);
  save("us", 0, 3, "Item");
  save("empty", 0, 3);
  remove("empty", 0, 3);
  ticket_of("fresh");
  auto x = measure();
  BOOST_TEST(x.variants == 1u);
  BOOST_TEST(x.live == 3u);
  BOOST_TEST((x.distinct == 3u));
  BOOST_TEST(x.overlapping == 0u);
  BOOST_TEST(!x.margin.has_value());
  auto nothing = measure({}, "Nothing");
  BOOST_TEST(nothing.variants == 0u);
  BOOST_TEST((nothing.distinct == 0u));
}

BOOST_AUTO_TEST_CASE(shows_the_ten_pairs_that_share_most) {
  for (auto i = 0; i < 6; ++i)
    save("v" + std::to_string(i), 0, 10 + i);
  auto x = measure();
  BOOST_TEST(x.pairs.size() == 10u);
  BOOST_TEST(pairs_of(x).find("v4+v5:14 v3+v4:13 v3+v5:13 v2+v3:12 ") == 0u);
  overlap_limits few;
  few.pairs_variants_max = 5;
  BOOST_TEST(measure(few).pairs.empty());
  BOOST_TEST(measure(few).overlapping == x.overlapping);
}

BOOST_AUTO_TEST_CASE(reads_more_than_one_step_can_take) {
  save("eu", 0, 5000);
  save("us", 2500, 7500);
  auto x = measure();
  BOOST_TEST(x.overlapping == 2500u);
  BOOST_TEST((x.distinct == 7500u));
}

// Three margins: what falls beyond by chance does so less than once in a million times.
BOOST_AUTO_TEST_CASE(an_estimate_is_within_its_margin) {
  save("eu", 0, 6000);
  save("us", 4000, 8000);
  save("asia", 5000, 5500);
  auto x = measure(sampling(2000));
  BOOST_TEST(x.live == 10'500u);
  BOOST_TEST(!x.distinct.has_value());
  BOOST_TEST(x.pairs.empty());
  BOOST_TEST_REQUIRE(x.margin.has_value());
  BOOST_TEST(*x.margin > 0u);
  BOOST_TEST(*x.margin < 300u);
  BOOST_TEST(off(x, 2000) <= 3.0 * static_cast<double>(*x.margin));
}

BOOST_AUTO_TEST_CASE(an_estimate_leaves_deleted_records_out) {
  save("eu", 0, 3000);
  save("us", 0, 3000);
  for (auto i = 0; i < 2000; i += 1000)
    remove("us", i, i + 1000);
  auto x = measure(sampling(2000));
  BOOST_TEST(x.live == 4000u);
  BOOST_TEST(off(x, 1000) <= 3.0 * static_cast<double>(x.margin.value()));
}

BOOST_AUTO_TEST_CASE(an_estimate_where_nothing_is_shared_has_a_margin) {
  save("eu", 0, 1000);
  save("us", 1000, 2000);
  auto x = measure(sampling(100));
  BOOST_TEST(x.overlapping == 0u);
  BOOST_TEST((x.margin == 30u));
}

BOOST_AUTO_TEST_CASE(many_variants_make_the_sample_smaller) {
  for (auto i = 0; i < 20; ++i)
    save("v" + std::to_string(i), 0, 100);
  auto limits = sampling(1000);
  limits.lookups_max = 2000;
  auto x = measure(limits);
  BOOST_TEST(x.overlapping == 100u);
  BOOST_TEST((x.margin == 30u));
}

BOOST_AUTO_TEST_CASE(hardly_any_record_that_lives_makes_the_margin_wide) {
  save("eu", 0, 20);
  for (auto i = 0; i < 30; ++i) {
    save("us", i * 1000, i * 1000 + 1000);
    remove("us", i * 1000, i * 1000 + 1000);
  }
  save("us", 0, 20);
  auto x = measure(sampling(40));
  BOOST_TEST(x.live == 40u);
  BOOST_TEST(x.margin.value() >= 5u);
}

BOOST_AUTO_TEST_SUITE_END()
