#include "worker/code_cache.hpp"
#include "worker/connection_view.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

connection orders() {
  connection x;
  x.number = 14;
  x.connection_id = "c1";
  x.provider_config_key = "orders";
  x.provider = "unauthenticated";
  x.credentials = R"({"type":"NONE"})";
  x.created_at = 1700000000000;
  x.updated_at = 1700000000001;
  return x;
}

} // namespace

BOOST_AUTO_TEST_SUITE(connection_view_test)

BOOST_AUTO_TEST_CASE(has_the_shape_of_the_api) {
  BOOST_TEST(
    connection_view(orders(), 1700000000002)
    == R"({"id":14,"connection_id":"c1","provider_config_key":"orders",)"
       R"("provider":"unauthenticated","errors":[],"end_user":null,"tags":{},"metadata":null,)"
       R"("connection_config":{},"webhook_url_override":null,)"
       R"("created_at":"2023-11-14T22:13:20.000+00:00",)"
       R"("updated_at":"2023-11-14T22:13:20.001+00:00",)"
       R"("last_fetched_at":"2023-11-14T22:13:20.002+00:00","credentials":{}})");
}

BOOST_AUTO_TEST_CASE(gives_scripts_the_credentials) {
  auto x = orders();
  x.credentials = R"({"type":"API_KEY","apiKey":"k1"})";
  BOOST_TEST(connection_view(x, 0).find(R"("credentials":{"type":"API_KEY","apiKey":"k1"}})")
             != std::string::npos);
  x.credentials = R"({"type":"OAUTH2","access_token":"t1"})";
  BOOST_TEST(connection_view(x, 0).find(R"("access_token":"t1","raw":{"access_token":"t1"}})")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(shows_what_cannot_be_read_as_empty) {
  auto x = orders();
  x.metadata = "{";
  x.tags = "";
  auto text = connection_view(x, 0);
  BOOST_TEST(text.find(R"("tags":{},"metadata":null)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(loads_a_bundle_once_while_there_is_room) {
  code_cache cache{10};
  auto loads = 0;
  auto get = [&](const char* sha, const char* text) {
    return **cache.get(sha, [&]() -> expected<std::string> {
      ++loads;
      return std::string{text};
    });
  };
  BOOST_TEST(get("a", "1234") == "1234");
  BOOST_TEST(get("a", "1234") == "1234");
  BOOST_TEST(loads == 1);
  get("b", "12345");
  get("a", "1234");
  get("c", "12345");
  BOOST_TEST(loads == 3);
  get("a", "1234");
  BOOST_TEST(loads == 3);
  get("b", "12345");
  BOOST_TEST(loads == 4);
  auto failed = cache.get("x", [] { return expected<std::string>{fail(errc::not_found, "x")}; });
  BOOST_TEST((code_of(failed.error()) == errc::not_found));
}

BOOST_AUTO_TEST_SUITE_END()
