#include "console/names.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;
using strings = std::vector<std::string>;

const auto per_element = boost::test_tools::per_element();

} // namespace

BOOST_AUTO_TEST_SUITE(names_test)

BOOST_AUTO_TEST_CASE(are_sorted_and_each_is_there_once) {
  auto rows = json::parse(R"([{"variant":"b"},{"variant":"a"},{"variant":"b"},{"variant":5},{}])");
  BOOST_TEST(names_in(rows, "variant", {}) == (strings{"a", "b"}), per_element);
}

BOOST_AUTO_TEST_CASE(fit_what_is_known_already) {
  auto rows = json::parse(R"([
    {"provider_config_key":"shop","connection_id":"c1","sync":"orders","variant":"eu"},
    {"provider_config_key":"shop","connection_id":"c2","sync":"orders","variant":"us"},
    {"provider_config_key":"shop","connection_id":"c1","sync":"files","variant":"x"}])");
  BOOST_TEST(names_in(rows, "variant", {{"integration", "shop"}, {"connection", "c1"}})
               == (strings{"eu", "x"}),
             per_element);
  BOOST_TEST(names_in(rows, "variant", {{"connection", "c1"}, {"sync", "orders"}}) == strings{"eu"},
             per_element);
  BOOST_TEST(names_in(rows, "variant", {{"integration", "other"}}).empty());
}

BOOST_AUTO_TEST_CASE(syncs_are_functions_of_one_type) {
  auto rows = json::parse(R"([
    {"provider_config_key":"shop","type":"sync","name":"orders"},
    {"provider_config_key":"shop","type":"action","name":"refund"}])");
  BOOST_TEST(names_in(rows, "sync", {}) == strings{"orders"}, per_element);
  BOOST_TEST(names_in(rows, "function", {}) == (strings{"orders", "refund"}), per_element);
  BOOST_TEST(names_in(rows, "function", {{"type", "action"}}) == strings{"refund"}, per_element);
}

BOOST_AUTO_TEST_CASE(there_are_none_of_what_has_no_names) {
  BOOST_TEST(names_in(json::array({{{"name", "x"}}}), "value", {}).empty());
  BOOST_TEST(names_in(json::object(), "variant", {}).empty());
  names nowhere{{"http://127.0.0.1:1", ""}};
  BOOST_TEST(nowhere.of("variant", {}).empty());
  BOOST_TEST(nowhere.of("value", {}).empty());
}

BOOST_AUTO_TEST_SUITE_END()
