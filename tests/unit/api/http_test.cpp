#include "api/http.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

std::vector<route> routes_of(std::initializer_list<std::pair<const char*, const char*>> all) {
  std::vector<route> result;
  for (auto& [method, path] : all)
    result.push_back({method, path, [](const http_request&) { return http_response{}; }});
  return result;
}

http_request request_of(const char* method, const char* target) {
  auto result = parse_target(target);
  BOOST_REQUIRE(result);
  result->method = method;
  return *result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(http_test)

BOOST_AUTO_TEST_CASE(takes_path_and_query_apart) {
  auto request = parse_target("/records/?model=A&ids=1&ids=a%2Cb+c&empty=&bare");
  BOOST_REQUIRE(request);
  BOOST_TEST(request->path == "/records");
  std::string seen;
  for (auto& [name, value] : request->query)
    seen += name + "=" + value + ";";
  BOOST_TEST(seen == "model=A;ids=1;ids=a,b c;empty=;bare=;");
}

BOOST_AUTO_TEST_CASE(refuses_bad_percent_signs) {
  for (auto target : {"/a%", "/a%4", "/a%zz", "/%E0%A4%A", "/a?x=%g1", "/a?%=1", "", "a"}) {
    auto request = parse_target(target);
    BOOST_TEST(!request, target);
    BOOST_TEST((code_of(request.error()) == errc::invalid), target);
  }
}

BOOST_AUTO_TEST_CASE(decodes_the_parts_of_a_path) {
  auto routes = routes_of({{"POST", "/sync/:name/variant/:variant"}});
  auto request = request_of("POST", "/sync/or%20ders/variant/a%2Fb");
  BOOST_REQUIRE(find_route(routes, request) != nullptr);
  BOOST_TEST(request.params["name"] == "or ders");
  BOOST_TEST(request.params["variant"] == "a/b");
}

BOOST_AUTO_TEST_CASE(keeps_plus_signs_of_a_path) {
  auto routes = routes_of({{"GET", "/c/:id"}});
  auto request = request_of("GET", "/c/a+b");
  BOOST_REQUIRE(find_route(routes, request) != nullptr);
  BOOST_TEST(request.params["id"] == "a+b");
}

BOOST_AUTO_TEST_CASE(finds_the_first_route_of_the_method) {
  auto routes = routes_of(
    {{"GET", "/connections/:id"}, {"POST", "/connections/metadata"}, {"POST", "/connections/:id"}});
  auto request = request_of("POST", "/connections/metadata");
  BOOST_TEST(find_route(routes, request) == &routes[1]);
}

BOOST_AUTO_TEST_CASE(finds_nothing_for_other_lengths_and_empty_parts) {
  auto routes = routes_of({{"POST", "/sync/:name/variant/:variant"}});
  for (auto target : {"/sync/orders/variant", "/sync/orders/variant/", "/sync//variant/v",
                      "/sync/a/variant/b/c", "/", "/nope"}) {
    auto request = request_of("POST", target);
    BOOST_TEST(find_route(routes, request) == nullptr, target);
  }
}

BOOST_AUTO_TEST_CASE(writes_json_even_of_bytes_that_are_no_text) {
  BOOST_TEST(json_answer(200, {{"b", 1}, {"a", "\xff"}}).body
             == "{\"b\":1,\"a\":\"\xEF\xBF\xBD\"}");
}

BOOST_AUTO_TEST_SUITE_END()
