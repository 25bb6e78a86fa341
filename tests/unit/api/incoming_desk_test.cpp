#include "api/incoming_desk.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(incoming_desk_test)

BOOST_AUTO_TEST_CASE(lets_so_many_of_each_integration_in_per_minute) {
  incoming_desk desk{"http://varia", 1000, 2};
  BOOST_TEST(desk.admit("a", 0));
  BOOST_TEST(desk.admit("a", 59'999));
  BOOST_TEST(!desk.admit("a", 59'999));
  BOOST_TEST(desk.admit("b", 59'999));
  BOOST_TEST(desk.admit("a", 60'000));
}

BOOST_AUTO_TEST_CASE(lets_any_number_in_if_there_is_no_limit) {
  incoming_desk desk{"http://varia", 1000, 0};
  for (auto i = 0; i < 10'000; ++i)
    BOOST_TEST_REQUIRE(desk.admit("a", 0));
}

BOOST_AUTO_TEST_CASE(an_address_has_the_key_of_the_integration_encoded) {
  incoming_desk desk{"https://varia.example.com", 1000, 0};
  BOOST_TEST(desk.url_of("e1", "my shop") == "https://varia.example.com/webhook/e1/my%20shop");
}

BOOST_AUTO_TEST_SUITE_END()
