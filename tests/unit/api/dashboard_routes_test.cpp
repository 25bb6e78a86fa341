#include "api/api.hpp"
#include "api/routes/dashboard_routes.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace varia;

namespace {

// The pages are there without Redis.
struct fixture {
  fixture() {
    redis_config nowhere;
    nowhere.url = "unix:///nowhere/redis.sock";
    context.stores = std::make_shared<store_pool>(nowhere);
  }

  http_response get(const std::string& target, std::map<std::string, std::string> headers = {}) {
    auto request = parse_target(target);
    BOOST_REQUIRE(request);
    request->method = "GET";
    request->headers = std::move(headers);
    return make_handler(context)(std::move(*request));
  }

  static std::map<std::string, std::string> headers_of(const http_response& x) {
    std::map<std::string, std::string> result;
    for (auto& [name, value] : x.headers)
      BOOST_TEST(result.emplace(name, value).second, name << " stands there twice");
    return result;
  }

  api_context context;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dashboard_routes_test, fixture)

BOOST_AUTO_TEST_CASE(serves_the_start_page_to_everybody) {
  auto page = get("/");
  BOOST_TEST(page.status == 200);
  BOOST_TEST(page.content_type == "text/html; charset=utf-8");
  BOOST_TEST(page.body.rfind("<!doctype html>", 0) == 0U);
  auto headers = headers_of(page);
  BOOST_TEST(headers["content-security-policy"]
             == "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
                "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
  BOOST_TEST(headers["cache-control"] == "no-cache");
  BOOST_TEST(headers["x-content-type-options"] == "nosniff");
  BOOST_TEST(headers["referrer-policy"] == "no-referrer");
  BOOST_TEST(headers["x-frame-options"] == "DENY");
}

BOOST_AUTO_TEST_CASE(serves_what_the_page_is_made_of_with_its_type) {
  BOOST_TEST(get("/assets/main.mjs").status == 200);
  BOOST_TEST(get("/assets/main.mjs").content_type == "text/javascript; charset=utf-8");
  BOOST_TEST(get("/assets/base.css").content_type == "text/css; charset=utf-8");
}

BOOST_AUTO_TEST_CASE(serves_every_file_of_the_folder_byte_for_byte) {
  const std::filesystem::path folder{"dashboard"};
  size_t count = 0;
  for (auto& file : std::filesystem::recursive_directory_iterator{folder}) {
    if (!file.is_regular_file())
      continue;
    std::ifstream stream{file.path()};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    auto name = file.path().lexically_relative(folder).generic_string();
    BOOST_TEST((get("/assets/" + name).body == text), name << " is served as something else");
    ++count;
  }
  BOOST_TEST(count > 10);
}

BOOST_AUTO_TEST_CASE(serves_nothing_that_is_not_part_of_it) {
  for (auto target : {"/assets/none.mjs", "/assets/", "/assets", "/assets/../index.html",
                      "/assets/%2e%2e/index.html", "/index.html"})
    BOOST_TEST(get(target).status == 404, target);
}

BOOST_AUTO_TEST_CASE(says_when_a_browser_has_a_file_already) {
  auto etag = headers_of(get("/"))["etag"];
  BOOST_TEST(etag.size() == 34U);
  for (auto& known : {etag, "W/" + etag, "\"x\", " + etag, std::string{"*"}}) {
    auto again = get("/", {{"if-none-match", known}});
    BOOST_TEST(again.status == 304, known);
    BOOST_TEST(again.body.empty());
    BOOST_TEST(headers_of(again)["etag"] == etag);
  }
  BOOST_TEST(get("/", {{"if-none-match", "\"x\""}}).status == 200);
  BOOST_TEST(headers_of(get("/assets/main.mjs"))["etag"] != etag);
}

BOOST_AUTO_TEST_CASE(can_be_turned_off) {
  context.dashboard.on = false;
  BOOST_TEST(get("/").status == 404);
  BOOST_TEST(get("/assets/main.mjs").status == 404);
  BOOST_TEST(get("/varia/session").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
