#include "store/connections.hpp"
#include "tests/integration/store/store_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using test::code;

namespace {

struct fixture : test::store_fixture {
  connections all{db};

  connection put(const std::string& integration, const std::string& id,
                 const std::string& metadata = {}, const std::string& environment = "dev") {
    connection x;
    x.environment = environment;
    x.provider_config_key = integration;
    x.connection_id = id;
    x.provider = "api-key";
    x.credentials = R"({"type":"API_KEY","apiKey":"s3cret"})";
    x.metadata = metadata;
    auto stored = all.put(x);
    BOOST_TEST_REQUIRE(!!stored);
    return *stored;
  }

  std::string metadata_of(connection_number number) { return (*all.find(number))->metadata; }

  static std::string ids(const std::vector<connection>& list) {
    std::string result;
    for (auto& x : list)
      result += x.provider_config_key + '/' + x.connection_id + ' ';
    return result;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(connections_test, fixture)

BOOST_AUTO_TEST_CASE(returns_what_was_put) {
  auto stored = put("github", "alice", R"({"a":[],"n":9007199254740993})");
  BOOST_TEST(stored.number == 1u);
  BOOST_TEST(stored.created_at > 1600000000000);
  auto found = *all.find("dev", "github", "alice");
  BOOST_TEST_REQUIRE(found.has_value());
  BOOST_TEST(found->number == stored.number);
  BOOST_TEST(found->provider == "api-key");
  BOOST_TEST(found->credentials == R"({"type":"API_KEY","apiKey":"s3cret"})");
  BOOST_TEST(found->metadata == R"({"a":[],"n":9007199254740993})");
  BOOST_TEST(found->created_at == stored.created_at);
  BOOST_TEST(*all.number_of("dev", "github", "alice") == stored.number);
  BOOST_TEST(!all.find("prod", "github", "alice")->has_value());
  BOOST_TEST(!all.find(99)->has_value());
  BOOST_TEST(*all.number_of("dev", "github", "bob") == 0u);
}

BOOST_AUTO_TEST_CASE(restoring_takes_back_all_that_an_import_brought) {
  auto before = put("github", "alice");
  put("github", "alice", R"({"a":1})");
  BOOST_TEST(!!all.restore(before));
  auto now = *all.find("dev", "github", "alice");
  BOOST_TEST(now->metadata.empty());
  BOOST_TEST(now->updated_at == before.updated_at);
  BOOST_TEST(!!all.remove(before.number));
  BOOST_TEST((code(all.restore(before)) == errc::not_found));
}

BOOST_AUTO_TEST_CASE(putting_again_keeps_number_metadata_and_creation) {
  auto first = put("github", "alice", R"({"a":1})");
  std::this_thread::sleep_for(milliseconds{3});
  auto second = put("github", "alice");
  BOOST_TEST(second.number == first.number);
  BOOST_TEST(second.metadata == R"({"a":1})");
  BOOST_TEST(second.created_at == first.created_at);
  BOOST_TEST(second.updated_at > first.updated_at);
  BOOST_TEST(put("github", "alice", R"({"b":2})").metadata == R"({"b":2})");
}

BOOST_AUTO_TEST_CASE(putting_without_credentials_keeps_those_that_are_stored) {
  auto first = put("github", "alice");
  BOOST_TEST(!first.credentials.empty());
  auto changed = first;
  changed.credentials.clear();
  changed.tags = R"({"a":"b"})";
  auto second = all.put(changed);
  BOOST_REQUIRE(second);
  BOOST_TEST(second->credentials == first.credentials);
  BOOST_TEST((*all.find(first.number))->credentials == first.credentials);
  BOOST_TEST((*all.find(first.number))->tags == R"({"a":"b"})");
}

BOOST_AUTO_TEST_CASE(numbers_are_never_used_again) {
  auto first = put("github", "alice");
  BOOST_TEST_REQUIRE(!!all.remove(first.number));
  BOOST_TEST(put("github", "alice").number > first.number);
}

BOOST_AUTO_TEST_CASE(names_that_look_alike_are_apart) {
  put("a:1", "b");
  put("a", "1:b");
  put("a/b", "c");
  put("a", "b/c");
  BOOST_TEST(all.list("dev")->size() == 4u);
  BOOST_TEST(*all.number_of("dev", "a:1", "b") == 1u);
  BOOST_TEST(*all.number_of("dev", "a", "1:b") == 2u);
}

BOOST_AUTO_TEST_CASE(lists_newest_first_and_by_environment) {
  put("github", "alice");
  put("github", "bob");
  put("gitlab", "alice");
  put("github", "carol", {}, "prod");
  BOOST_TEST(ids(*all.list("dev")) == "gitlab/alice github/bob github/alice ");
  BOOST_TEST(ids(*all.list("prod")) == "github/carol ");
  BOOST_TEST((*all.numbers_of("dev", "github") == std::vector<connection_number>{1, 2}));
  BOOST_TEST(ids(*all.find_by_id("dev", "alice")) == "github/alice gitlab/alice ");
}

BOOST_AUTO_TEST_CASE(a_removed_connection_is_gone_from_every_list) {
  auto alice = put("github", "alice");
  put("gitlab", "alice");
  BOOST_TEST_REQUIRE(!!all.remove(alice.number));
  BOOST_TEST((code(all.remove(alice.number)) == errc::not_found));
  BOOST_TEST(!all.find(alice.number)->has_value());
  BOOST_TEST(*all.number_of("dev", "github", "alice") == 0u);
  BOOST_TEST(ids(*all.list("dev")) == "gitlab/alice ");
  BOOST_TEST(ids(*all.find_by_id("dev", "alice")) == "gitlab/alice ");
  BOOST_TEST(all.numbers_of("dev", "github")->empty());
}

BOOST_AUTO_TEST_CASE(metadata_is_replaced_whole) {
  auto x = put("github", "alice", R"({"a":1})");
  BOOST_TEST_REQUIRE(!!all.change_metadata({x.number}, metadata_change::replace, R"({"b":2})"));
  BOOST_TEST(metadata_of(x.number) == R"({"b":2})");
}

BOOST_AUTO_TEST_CASE(a_merge_replaces_top_level_keys_and_keeps_the_rest_byte_for_byte) {
  auto x = put("github", "alice", R"({"z":[],"n":9007199254740993,"o":{"b":1.0,"a":2}})");
  BOOST_TEST_REQUIRE(
    !!all.change_metadata({x.number}, metadata_change::merge, R"({"n":{"x":[]},"new":null})"));
  BOOST_TEST(metadata_of(x.number) == R"({"z":[],"n":{"x":[]},"o":{"b":1.0,"a":2},"new":null})");
}

BOOST_AUTO_TEST_CASE(a_merge_into_no_metadata_makes_some) {
  auto x = put("github", "alice");
  BOOST_TEST_REQUIRE(!!all.change_metadata({x.number}, metadata_change::merge, R"({"a":1})"));
  BOOST_TEST(metadata_of(x.number) == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(the_metadata_of_all_is_changed_or_of_none) {
  auto alice = put("github", "alice", R"({"a":1})");
  auto bob = put("github", "bob");
  for (auto how : {metadata_change::replace, metadata_change::merge}) {
    auto refused = all.change_metadata({alice.number, 99}, how, R"({"b":2})");
    BOOST_TEST((code(refused) == errc::not_found));
    BOOST_TEST(metadata_of(alice.number) == R"({"a":1})");
  }
  std::vector<connection_number> both{alice.number, bob.number, alice.number};
  BOOST_TEST_REQUIRE(!!all.change_metadata(both, metadata_change::merge, R"({"b":2})"));
  BOOST_TEST(metadata_of(alice.number) == R"({"a":1,"b":2})");
  BOOST_TEST(metadata_of(bob.number) == R"({"b":2})");
}

BOOST_AUTO_TEST_CASE(metadata_must_be_an_object) {
  auto x = put("github", "alice", R"({"a":1})");
  for (auto text : {"", "[]", "1", "{", "{\"a\":}"})
    BOOST_TEST(
      (code(all.change_metadata({x.number}, metadata_change::replace, text)) == errc::invalid),
      text);
  BOOST_TEST(metadata_of(x.number) == R"({"a":1})");
}

BOOST_AUTO_TEST_CASE(no_merge_of_many_at_once_is_lost) {
  auto x = put("github", "alice");
  std::vector<std::thread> clients;
  for (auto i = 0; i < 4; ++i)
    clients.emplace_back([this, &x, i] {
      auto own = server.connect();
      connections mine{own};
      for (auto n = 0; n < 25; ++n) {
        auto field = R"({"k)" + std::to_string(i * 25 + n) + R"(":1})";
        if (!mine.change_metadata({x.number}, metadata_change::merge, field))
          return;
      }
    });
  for (auto& client : clients)
    client.join();
  auto text = metadata_of(x.number);
  BOOST_TEST(std::count(text.begin(), text.end(), ':') == 100);
}

BOOST_AUTO_TEST_SUITE_END()
