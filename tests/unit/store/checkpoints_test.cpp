#include "store/checkpoints.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

std::string fault_of(const std::string& json) {
  auto checked = check_checkpoint(json);
  if (checked)
    return {};
  BOOST_TEST((code_of(checked.error()) == errc::invalid));
  return detail_of(checked.error());
}

std::string fields(size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i)
    result += (i == 0 ? "{\"f" : ",\"f") + std::to_string(i) + "\":1";
  return result + '}';
}

} // namespace

BOOST_AUTO_TEST_SUITE(checkpoints_test)

BOOST_AUTO_TEST_CASE(takes_strings_numbers_and_booleans) {
  for (auto json : {"{}", R"({"a":"x","b":1,"c":-1.5e3,"d":true,"e":false})",
                    R"({"a":123456789012345680000,"b":"2026-11-22T16:40:59.838Z"})"})
    BOOST_TEST(fault_of(json) == "");
}

BOOST_AUTO_TEST_CASE(must_be_an_object) {
  for (auto json : {"", "null", "[]", "1", R"("x")", "{", R"({"a":undefined})"})
    BOOST_TEST(fault_of(json) == "a checkpoint must be an object");
}

BOOST_AUTO_TEST_CASE(must_be_flat) {
  BOOST_TEST(fault_of(R"({"page":{"n":1}})")
             == R"(the checkpoint field "page" is an object; a checkpoint is flat)");
  BOOST_TEST(fault_of(R"({"page":[]})")
             == R"(the checkpoint field "page" is an array; a checkpoint is flat)");
  BOOST_TEST(fault_of(R"({"page":null})")
             == R"(the checkpoint field "page" is null; leave the field out instead)");
}

BOOST_AUTO_TEST_CASE(numbers_must_be_finite) {
  BOOST_TEST(fault_of(R"({"n":1e400})") == R"(the checkpoint field "n" is not a finite number)");
}

BOOST_AUTO_TEST_CASE(has_at_most_sixteen_fields) {
  BOOST_TEST(fault_of(fields(16)) == "");
  BOOST_TEST(fault_of(fields(17)) == "a checkpoint has at most 16 fields, this one has 17");
}

BOOST_AUTO_TEST_CASE(names_and_strings_have_limits) {
  BOOST_TEST(fault_of("{\"" + std::string(255, 'n') + "\":1}") == "");
  BOOST_TEST(fault_of("{\"" + std::string(256, 'n') + "\":1}") != "");
  BOOST_TEST(fault_of("{\"a\":\"" + std::string(4000, 'x') + "\"}") == "");
  BOOST_TEST(fault_of("{\"a\":\"" + std::string(4001, 'x') + "\"}")
             == R"(the checkpoint field "a" is a string of more than 4000 characters)");
}

BOOST_AUTO_TEST_SUITE_END()
