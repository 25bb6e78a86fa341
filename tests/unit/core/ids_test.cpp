#include "core/ids.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace varia;

BOOST_AUTO_TEST_SUITE(ids_test)

BOOST_AUTO_TEST_CASE(a_sync_is_read_as_it_was_written) {
  sync_id id{14, "orders"};
  BOOST_TEST(to_string(id) == "14/orders");
  BOOST_TEST((parse_sync_id("14/orders") == id));
}

BOOST_AUTO_TEST_CASE(a_sync_name_may_hold_a_slash) {
  sync_id id{18446744073709551615u, "a/b"};
  BOOST_TEST((parse_sync_id(to_string(id)) == id));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_sync_has_connection_zero) {
  for (auto text : {"", "orders", "/orders", "14/", "x/orders", "-1/orders", "14x/orders",
                    "014/orders", "18446744073709551616/orders"})
    BOOST_TEST(parse_sync_id(text).connection == 0u, text);
}

BOOST_AUTO_TEST_CASE(a_variant_shows_its_sync) {
  BOOST_TEST(to_string(variant_key{{14, "orders"}, "eu"}) == "14/orders::eu");
}

BOOST_AUTO_TEST_CASE(a_token_is_read_as_it_was_written) {
  token x{3, 0x9f0c51d2e47ab610};
  BOOST_TEST(to_string(x) == "3-9f0c51d2e47ab610");
  BOOST_TEST((parse_token("3-9f0c51d2e47ab610") == x));
}

BOOST_AUTO_TEST_CASE(a_small_nonce_keeps_its_sixteen_digits) {
  token x{1, 10};
  BOOST_TEST(to_string(x) == "1-000000000000000a");
  BOOST_TEST((parse_token(to_string(x)) == x));
}

BOOST_AUTO_TEST_CASE(text_that_is_no_token_is_zero) {
  for (auto text : {"", "3", "3-", "-9f0c51d2e47ab610", "3-9f0c", "3-9f0c51d2e47ab61x",
                    "3-9f0c51d2e47ab6100", "x-9f0c51d2e47ab610"})
    BOOST_TEST((parse_token(text) == token{}), text);
}

BOOST_AUTO_TEST_CASE(uuids_are_of_version_4_and_differ) {
  std::set<std::string> seen;
  for (auto i = 0; i < 100; ++i) {
    auto id = make_uuid();
    BOOST_TEST(is_uuid_v4(id), id);
    seen.insert(id);
  }
  BOOST_TEST(seen.size() == 100u);
}

BOOST_AUTO_TEST_CASE(nonces_differ) {
  std::set<uint64_t> seen;
  for (auto i = 0; i < 100; ++i)
    seen.insert(make_nonce());
  BOOST_TEST(seen.size() == 100u);
}

BOOST_AUTO_TEST_CASE(knows_a_uuid_of_version_4) {
  BOOST_TEST(is_uuid_v4("3f2504e0-4f89-41d3-9a0c-0305e82c3301"));
  BOOST_TEST(is_uuid_v4("3F2504E0-4F89-41D3-9A0C-0305E82C3301"));
  BOOST_TEST(!is_uuid_v4(""));
  BOOST_TEST(!is_uuid_v4("3f2504e0-4f89-11d3-9a0c-0305e82c3301"));
  BOOST_TEST(!is_uuid_v4("3f2504e0-4f89-41d3-ca0c-0305e82c3301"));
  BOOST_TEST(!is_uuid_v4("3f2504e0-4f89-41d3-9a0c-0305e82c330g"));
  BOOST_TEST(!is_uuid_v4("3f2504e004f89-41d3-9a0c-0305e82c3301"));
  BOOST_TEST(!is_uuid_v4("3f2504e0-4f89-41d3-9a0c-0305e82c33011"));
}

BOOST_AUTO_TEST_SUITE_END()
