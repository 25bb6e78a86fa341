#include "store/record_text.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <string>

using namespace varia;
using nlohmann::json;

namespace {

const std::string metadata
  = R"("_nango_metadata":{"first_seen_at":"2026-11-22T16:41:24.300+00:00",)"
    R"("last_modified_at":"2026-11-22T16:41:24.300+00:00","last_action":"ADDED",)"
    R"("deleted_at":null,"pruned_at":null,"cursor":"MjoxNzk1MzY1Njg0MzAwMDAw"}})";

stored_record record_of(std::string id, std::string payload) {
  stored_record result;
  result.id = std::move(id);
  result.payload = std::move(payload);
  result.meta.first_seen_at = 1795365684300;
  result.meta.place = first_place_at(1795365684300);
  return result;
}

std::string text_of(const char* id, const char* payload) {
  return record_text(record_of(id, payload));
}

} // namespace

BOOST_AUTO_TEST_SUITE(record_text_test)

BOOST_AUTO_TEST_CASE(keeps_the_payload_byte_for_byte) {
  BOOST_TEST(text_of("7", R"({"id":"7","n":1.0,"big":12345678901234567890,"t":"\u00e9"})")
             == R"({"id":"7","n":1.0,"big":12345678901234567890,"t":"\u00e9",)" + metadata);
}

BOOST_AUTO_TEST_CASE(turns_a_number_into_the_text_it_is_stored_under) {
  BOOST_TEST(text_of("7", R"({"a":true,"id":7,"b":null})")
             == R"({"a":true,"id":"7","b":null,)" + metadata);
}

BOOST_AUTO_TEST_CASE(finds_the_id_at_the_end) {
  BOOST_TEST(text_of("7", R"({"a":[{"id":1},"}"],"id":7})")
             == R"({"a":[{"id":1},"}"],"id":"7",)" + metadata);
}

BOOST_AUTO_TEST_CASE(leaves_ids_inside_of_values_alone) {
  BOOST_TEST(text_of("7", R"({"x":{"id":1,"y":{"id":2}},"text":"\"id\":3,{","id":"7","z":"id"})")
             == R"({"x":{"id":1,"y":{"id":2}},"text":"\"id\":3,{","id":"7","z":"id",)" + metadata);
}

BOOST_AUTO_TEST_CASE(is_not_misled_by_escaped_quotes) {
  BOOST_TEST(text_of("7", R"({"a\"":"\\","b":"\\\"","id":7})")
             == R"({"a\"":"\\","b":"\\\"","id":"7",)" + metadata);
}

BOOST_AUTO_TEST_CASE(adds_an_id_that_is_missing) {
  BOOST_TEST(text_of("7", R"({"a":{"id":1}})") == R"({"a":{"id":1},"id":"7",)" + metadata);
  BOOST_TEST(text_of("7", "{}") == R"({"id":"7",)" + metadata);
}

BOOST_AUTO_TEST_CASE(takes_blanks_between_the_parts) {
  auto text = text_of("7", "{ \"id\" : 7 ,\n \"a\" : [ 1 , 2 ] }");
  BOOST_TEST(json::parse(text)["id"] == "7");
  BOOST_TEST(json::parse(text)["a"].size() == 2U);
  BOOST_TEST(text.find("{ \"id\" : \"7\" ,\n \"a\" : [ 1 , 2 ] ,") == 0U);
}

BOOST_AUTO_TEST_CASE(escapes_an_id_with_quotes) {
  auto text = text_of("a\"b\\", R"({"id":"a\"b\\"})");
  BOOST_TEST(json::parse(text)["id"] == "a\"b\\");
}

BOOST_AUTO_TEST_CASE(shows_nothing_but_the_id_of_a_pruned_record) {
  auto pruned = record_of("7", "");
  pruned.meta.pruned_at = 1795365684300;
  pruned.meta.action = last_action::updated;
  auto value = json::parse(record_text(pruned));
  BOOST_TEST(value.size() == 2U);
  BOOST_TEST(value["_nango_metadata"]["pruned_at"] == "2026-11-22T16:41:24.300+00:00");
  BOOST_TEST(value["_nango_metadata"]["last_action"] == "UPDATED");
}

BOOST_AUTO_TEST_CASE(a_record_of_several_variants_tells_its_own) {
  auto record = record_of("7", R"({"id":7})");
  record.variant = "eu";
  BOOST_TEST(json::parse(record_text(record))["_nango_metadata"]["variant"] == "eu");
}

BOOST_AUTO_TEST_CASE(renders_lists) {
  BOOST_TEST(records_text({}) == "[]");
  BOOST_TEST(records_text({record_of("1", "{}")}) == R"([{"id":"1",)" + metadata + "]");
}

BOOST_AUTO_TEST_CASE(renders_pages) {
  BOOST_TEST(page_text({}) == R"({"next_cursor":null,"records":[]})");
  auto page = record_page{{record_of("1", R"({"id":1})"), record_of("2", R"({"id":2})")}, "n"};
  BOOST_TEST(page_text(page)
             == R"({"next_cursor":"n","records":[{"id":"1",)" + metadata + R"(,{"id":"2",)"
                  + metadata + "]}");
}

BOOST_AUTO_TEST_SUITE_END()
