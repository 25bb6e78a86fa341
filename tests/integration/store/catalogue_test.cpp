#include "core/text.hpp"
#include "store/api_keys.hpp"
#include "store/functions.hpp"
#include "store/integrations.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  integrations all{db};
  functions scripts{db};
  api_keys doors{db};

  static integration github() {
    integration x;
    x.unique_key = "github";
    x.provider = "api-key";
    x.settings = R"({"base_url":"https://example.org"})";
    return x;
  }

  static function script(const std::string& integration, const std::string& name) {
    function x;
    x.provider_config_key = integration;
    x.name = name;
    x.models = {"Order"};
    x.frequency = "every 5m";
    return x;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(catalogue_test, fixture)

BOOST_AUTO_TEST_CASE(an_integration_is_added_once) {
  auto added = all.add("dev", github());
  BOOST_TEST_REQUIRE(!!added);
  BOOST_TEST(added->created_at > 1600000000000);
  BOOST_TEST(added->updated_at == added->created_at);
  BOOST_TEST((code(all.add("dev", github())) == errc::exists));
  BOOST_TEST(!!all.add("prod", github()));
  auto found = *all.find("dev", "github");
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->settings == github().settings);
  BOOST_TEST(found->created_at == added->created_at);
  BOOST_TEST(!all.find("dev", "gitlab")->has_value());
}

BOOST_AUTO_TEST_CASE(an_update_keeps_the_creation_time) {
  auto added = *all.add("dev", github());
  std::this_thread::sleep_for(milliseconds{3});
  auto changed = github();
  changed.display_name = "GitHub";
  auto updated = all.update("dev", changed);
  BOOST_TEST_REQUIRE(!!updated);
  BOOST_TEST(updated->created_at == added.created_at);
  BOOST_TEST(updated->updated_at > added.updated_at);
  BOOST_TEST((*all.find("dev", "github"))->display_name == "GitHub");
  changed.unique_key = "gitlab";
  BOOST_TEST((code(all.update("dev", changed)) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(integrations_are_listed_oldest_first) {
  for (auto key : {"b", "c", "a"}) {
    auto x = github();
    x.unique_key = key;
    BOOST_TEST_REQUIRE(!!all.add("dev", x));
    std::this_thread::sleep_for(milliseconds{3});
  }
  std::string keys;
  for (auto& x : test::must(all.list("dev")))
    keys += x.unique_key;
  BOOST_TEST(keys == "bca");
  BOOST_TEST_REQUIRE(!!all.remove("dev", "c"));
  BOOST_TEST((code(all.remove("dev", "c")) == errc::not_found));
  BOOST_TEST(all.list("dev")->size() == 2u);
}

BOOST_AUTO_TEST_CASE(code_is_kept_under_its_hash) {
  std::string bundle{"module.exports\0 = 1", 19};
  auto sha = scripts.put_code(bundle);
  BOOST_TEST_REQUIRE(!!sha);
  BOOST_TEST(*sha == sha256_hex(bundle));
  BOOST_TEST(*scripts.put_code(bundle) == *sha);
  BOOST_TEST(*scripts.code(*sha) == bundle);
  BOOST_TEST((code(scripts.code(sha256_hex("x"))) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(functions_are_deployed_found_and_listed) {
  auto deployed = scripts.deploy(
    "dev", {script("github", "orders"), script("github", "issues"), script("gitlab", "orders")});
  BOOST_TEST_REQUIRE(!!deployed);
  BOOST_TEST(deployed->front().deployed_at > 1600000000000);
  auto found = *scripts.find("dev", "github", "orders");
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->deployed_at == deployed->front().deployed_at);
  BOOST_TEST((found->models == std::vector<std::string>{"Order"}));
  BOOST_TEST(!scripts.find("prod", "github", "orders")->has_value());
  std::string names;
  for (auto& x : test::must(scripts.list("dev")))
    names += x.provider_config_key + '/' + x.name + ' ';
  BOOST_TEST(names == "github/issues github/orders gitlab/orders ");
  BOOST_TEST(scripts.list("dev", "github")->size() == 2u);
  BOOST_TEST_REQUIRE(!!scripts.remove("dev", "github", "orders"));
  BOOST_TEST((code(scripts.remove("dev", "github", "orders")) == errc::not_found));
  BOOST_TEST(scripts.list("dev", "github")->size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_deployment_replaces_the_version_before) {
  BOOST_TEST_REQUIRE(!!scripts.deploy("dev", {script("github", "orders")}));
  auto next = script("github", "orders");
  next.version = "2";
  BOOST_TEST_REQUIRE(!!scripts.deploy("dev", {next}));
  BOOST_TEST((*scripts.find("dev", "github", "orders"))->version == "2");
  BOOST_TEST(scripts.deploy("dev", {})->empty());
}

BOOST_AUTO_TEST_CASE(a_key_opens_its_environment_and_is_stored_hashed) {
  auto key = make_uuid();
  BOOST_TEST_REQUIRE(!!doors.add(key, "dev"));
  BOOST_TEST_REQUIRE(!!doors.add(key, "prod"));
  auto found = *doors.find(key);
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->environment == "dev");
  BOOST_TEST(found->scopes.front() == "*");
  BOOST_TEST(!doors.find(make_uuid())->has_value());
  auto stored = db.run({"HKEYS", "keys"});
  BOOST_TEST_REQUIRE((*stored)->elements == 1u);
  BOOST_TEST(text_of(*(*stored)->element[0]) == sha256_hex(key));
}

BOOST_AUTO_TEST_SUITE_END()
