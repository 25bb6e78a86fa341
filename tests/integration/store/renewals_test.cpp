#include "store/connections.hpp"
#include "store/renewals.hpp"
#include "tests/integration/store/key_file.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <thread>

using namespace varia;
using namespace varia::test;
using namespace std::chrono_literals;

namespace {

using word = renewal_turn::word;

struct renewals_fixture {
  renewals_fixture() { put("old"); }

  void put(const std::string& credentials) { put_with(db, credentials); }

  void put_with(redis& through, const std::string& credentials) {
    number = must(connections{through}.put(with(credentials))).number;
  }

  word ask(const std::string& nonce, const std::string& seen = "old", milliseconds span = 20s) {
    return must(all.begin(with(seen), nonce, span)).is;
  }

  connection with(const std::string& credentials) const {
    connection x;
    x.number = number;
    x.environment = "dev";
    x.provider_config_key = "crm";
    x.connection_id = "c1";
    x.credentials = credentials;
    return x;
  }

  std::string stored() { return (*must(connections{db}.find(number))).credentials; }

  redis_server server;
  redis db = server.connect_prepared();
  renewals all{db};
  connection_number number = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(renewals_test, renewals_fixture)

BOOST_AUTO_TEST_CASE(gives_one_turn_at_a_time) {
  BOOST_TEST((ask("a") == word::go));
  BOOST_TEST((ask("b") == word::busy));
  BOOST_TEST(must(all.store(with("old"), "a", "new")) == "new");
  BOOST_TEST(stored() == "new");
  BOOST_TEST((ask("b") == word::changed));
  BOOST_TEST((ask("b", "new") == word::go));
}

BOOST_AUTO_TEST_CASE(takes_a_turn_back_after_its_time) {
  BOOST_TEST((ask("a", "old", 20ms) == word::go));
  std::this_thread::sleep_for(30ms);
  BOOST_TEST((ask("b") == word::go));
  BOOST_TEST(must(all.store(with("old"), "b", "from b")) == "from b");
  BOOST_TEST(must(all.store(with("old"), "a", "from a")) == "from b");
  BOOST_TEST(stored() == "from b");
}

BOOST_AUTO_TEST_CASE(ends_no_turn_of_another_one) {
  BOOST_TEST((ask("a") == word::go));
  must(all.fail(number, "b", 0ms, 0ms));
  BOOST_TEST((ask("c") == word::busy));
  must(all.fail(number, "a", 0ms, 0ms));
  BOOST_TEST((ask("c") == word::go));
}

BOOST_AUTO_TEST_CASE(pauses_longer_after_each_failure_and_not_after_a_success) {
  int64_t last = 0;
  for (auto i = 0; i < 3; ++i) {
    must(all.fail(number, "a", 10s, 35s));
    auto turn = must(all.begin(with("old"), "b", 20s));
    BOOST_TEST((turn.is == word::pausing));
    BOOST_TEST(turn.pause.count() > last);
    BOOST_TEST(turn.pause.count() <= 35000);
    last = turn.pause.count();
  }
  BOOST_TEST(last > 30000);
  must(all.store(with("old"), "a", "new"));
  BOOST_TEST((ask("b", "new") == word::go));
}

BOOST_AUTO_TEST_CASE(ends_a_pause_when_credentials_are_imported) {
  must(all.fail(number, "a", 10s, 35s));
  put("imported");
  BOOST_TEST((ask("b", "imported") == word::go));
}

// Redis tells neither which key has sealed what it holds, nor whether one has.
BOOST_AUTO_TEST_CASE(knows_credentials_again_that_another_key_has_sealed) {
  key_file keys;
  keys.write({'a'});
  auto once = keys.open(server);
  put_with(once, "old");
  keys.write({'b', 'a'});
  auto now = keys.open(server);
  renewals later{now};
  BOOST_TEST((must(later.begin(with("old"), "x", 20s)).is == word::go));
  BOOST_TEST(must(later.store(with("old"), "x", "new")) == "new");
  BOOST_TEST((must(later.begin(with("old"), "y", 20s)).is == word::changed));
  BOOST_TEST((must(later.begin(with("new"), "y", 20s)).is == word::go));
}

BOOST_AUTO_TEST_CASE(knows_no_connection_that_is_gone) {
  must(connections{db}.remove(number));
  BOOST_TEST((code(all.begin(with("old"), "a", 20s)) == errc::not_found));
  BOOST_TEST((code(all.store(with("old"), "a", "new")) == errc::not_found));
  must(all.fail(number, "a", 10s, 35s));
  auto found = must(connections{db}.find(number));
  BOOST_TEST(!found.has_value());
}

BOOST_AUTO_TEST_SUITE_END()
