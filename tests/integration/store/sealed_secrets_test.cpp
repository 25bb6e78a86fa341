#include "store/connections.hpp"
#include "store/environments.hpp"
#include "store/integrations.hpp"
#include "store/webhook_settings.hpp"
#include "tests/integration/store/key_file.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;
using namespace varia::test;

namespace {

struct sealed_secrets_fixture {
  sealed_secrets_fixture() { keys.write({'a'}); }

  static connection link() {
    connection x;
    x.environment = "dev";
    x.provider_config_key = "crm";
    x.connection_id = "c1";
    x.credentials = R"({"type":"API_KEY","apiKey":"s3cret-1"})";
    return x;
  }

  static integration crm() {
    integration x;
    x.unique_key = "crm";
    x.credentials = R"({"client_secret":"s3cret-2"})";
    x.incoming_secret = "s3cret-3";
    return x;
  }

  void store_all(redis& through) {
    must(connections{through}.put(link()));
    must(integrations{through}.add("dev", crm()));
    must(environments{through}.set_variable("dev", {"TOKEN", "s3cret-4"}));
    must(webhook_desk{through}.set_signing_key("dev", "s3cret-5"));
  }

  /// All that the store holds, as Redis would write it to its disk.
  std::string everything() {
    std::string result;
    auto all = must(db.run({"KEYS", "*"}));
    for (size_t i = 0; i < all->elements; ++i)
      result += text_of(*must(db.run({"DUMP", text_of(*all->element[i])})));
    return result;
  }

  redis_server server;
  redis db = server.connect_prepared();
  key_file keys;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(sealed_secrets_test, sealed_secrets_fixture)

BOOST_AUTO_TEST_CASE(leaves_no_secret_in_redis_and_gives_them_all_back) {
  auto sealing = keys.open(server);
  store_all(sealing);
  BOOST_TEST(everything().find("s3cret") == std::string::npos);
  auto found = must(connections{sealing}.find("dev", "crm", "c1"));
  BOOST_TEST(found->credentials == link().credentials);
  auto of = must(integrations{sealing}.find("dev", "crm"));
  BOOST_TEST(of->credentials == crm().credentials);
  BOOST_TEST(of->incoming_secret == crm().incoming_secret);
  BOOST_TEST(must(environments{sealing}.variables("dev")).front().value == "s3cret-4");
  BOOST_TEST(must(webhook_desk{sealing}.signing_key("dev")) == "s3cret-5");
}

BOOST_AUTO_TEST_CASE(reads_what_was_stored_before_there_were_keys) {
  store_all(db);
  BOOST_TEST(everything().find("s3cret") != std::string::npos);
  auto sealing = keys.open(server);
  BOOST_TEST(must(connections{sealing}.list("dev")).front().credentials == link().credentials);
  BOOST_TEST(must(webhook_desk{sealing}.signing_key("dev")) == "s3cret-5");
  auto again = must(connections{sealing}.put(link()));
  BOOST_TEST(again.credentials == link().credentials);
  BOOST_TEST(everything().find("s3cret-1") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(keeps_what_is_stored_when_an_update_brings_no_credentials) {
  auto sealing = keys.open(server);
  must(connections{sealing}.put(link()));
  auto without = link();
  without.credentials.clear();
  BOOST_TEST(must(connections{sealing}.put(without)).credentials == link().credentials);
}

BOOST_AUTO_TEST_CASE(refuses_a_secret_whose_key_is_lost) {
  auto sealing = keys.open(server);
  store_all(sealing);
  BOOST_TEST((code(connections{db}.list("dev")) == errc::internal));
  BOOST_TEST((code(environments{db}.variables("dev")) == errc::internal));
}

BOOST_AUTO_TEST_SUITE_END()
