#include "core/span.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(span_test)

BOOST_AUTO_TEST_CASE(reads_a_number_with_a_unit) {
  BOOST_TEST((parse_span("500ms") == 500ms));
  BOOST_TEST((parse_span("30s") == 30s));
  BOOST_TEST((parse_span("5m") == 5min));
  BOOST_TEST((parse_span("8760h") == 8760h));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_span) {
  for (auto text : {"", "s", "5", "-5s", "5 s", "5d", "1.5h", "8761h", "99999999999s", "5ss"})
    BOOST_TEST(!parse_span(text).has_value(), text);
}

BOOST_AUTO_TEST_CASE(renders_the_shortest_text) {
  for (auto text : {"0h", "1ms", "1500ms", "90s", "90m", "24h"})
    BOOST_TEST(render_span(*parse_span(text)) == text);
  BOOST_TEST(render_span(60min) == "1h");
}

BOOST_AUTO_TEST_SUITE_END()
