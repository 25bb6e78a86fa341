#include "api/doctor.hpp"
#include "api/process_facts.hpp"
#include "config/settings.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

namespace {

constexpr time_ms day = time_ms{24} * 3600 * 1000;

/// An installation without fault.
struct fixture {
  fixture() {
    facts.now = 1'795'363'200'000;
    facts.software = "0.1.0";
    server_facts redis;
    redis.version = "7.0.15";
    redis.eviction = "noeviction";
    redis.used_bytes = 100'000'000;
    redis.max_bytes = 1'000'000'000;
    redis.has_aof = true;
    redis.role = "master";
    redis.replicas = 1;
    redis.now = facts.now;
    facts.redis = redis;
    facts.lead = leadership{"c1", 7, {}, 0, {}};
    facts.coordinators = {{"c1", "a:1", 0}, {"c2", "b:1", 0}};
    cluster_status cluster;
    cluster.leader = "c1";
    cluster.variants = 30;
    cluster.workers = {{"w1", "host:1", true, {10, 3, 0, 16}, "active", {{"varia", "0.1.0"}}},
                       {"w2", "host:2", true, {10, 3, 0, 16}, "active", {{"varia", "0.1.0"}}}};
    facts.cluster = cluster;
    facts.certificates = {{"node.crt", facts.now + 365 * day}};
  }

  /// "verdict: text" of a check.
  std::string found(const std::string& check) const {
    for (auto& each : examine_installation(facts))
      if (each.check == check)
        return std::string{to_string(each.verdict)} + ": " + each.text;
    return {};
  }

  std::string worst() const { return to_string(worst_of(examine_installation(facts))); }

  worker_info& w1() { return facts.cluster->workers.front(); }

  doctor_facts facts;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(doctor_test, fixture)

BOOST_AUTO_TEST_CASE(finds_no_fault_where_there_is_none) {
  for (auto& each : examine_installation(facts)) {
    BOOST_TEST((each.verdict == grade::ok), each.check << ": " << each.text);
    BOOST_TEST(each.advice.empty(), each.check);
  }
  BOOST_TEST(worst() == "ok");
}

BOOST_AUTO_TEST_CASE(judges_redis) {
  facts.redis->version = "6.2.1";
  BOOST_TEST(found("redis.version") == "bad: Redis 6.2.1");
  facts.redis->eviction = "allkeys-lru";
  BOOST_TEST(found("redis.eviction") == "bad: maxmemory-policy is allkeys-lru");
  facts.redis->used_bytes = 900'000'000;
  BOOST_TEST(found("redis.memory") == "warn: 900 MB used, 90% of maxmemory (1000 MB)");
  facts.redis->used_bytes = 960'000'000;
  BOOST_TEST(found("redis.memory").rfind("bad: ", 0) == 0U);
  facts.redis->max_bytes = 0;
  facts.redis->machine_bytes = 8'000'000'000;
  BOOST_TEST(found("redis.memory") == "note: 960 MB used, 12% of the machine's (8000 MB)");
  facts.redis->has_aof = false;
  BOOST_TEST(found("redis.persistence") == "warn: there is no append-only file");
  facts.redis->aof_is_good = false;
  BOOST_TEST(found("redis.persistence") == "bad: the last write to the append-only file failed");
  facts.redis->replicas = 0;
  BOOST_TEST(found("redis.replicas") == "note: there is no replica");
  facts.redis->role = "slave";
  BOOST_TEST(found("redis.replicas") == "bad: this Redis is a replica");
  facts.redis->now -= 2000;
  BOOST_TEST(found("redis.clock") == "warn: 2 s between Redis and this coordinator");
  facts.redis->now -= 60'000;
  BOOST_TEST(found("redis.clock").rfind("bad: ", 0) == 0U);
  facts.redis->round_trip = milliseconds{80};
  BOOST_TEST(found("redis.latency") == "warn: 80 ms for a question and its answer");
  facts.redis.reset();
  BOOST_TEST(found("redis.reach") == "bad: Redis does not answer");
  BOOST_TEST(found("redis.memory").empty());
}

BOOST_AUTO_TEST_CASE(judges_who_leads) {
  facts.coordinators.pop_back();
  BOOST_TEST(found("cluster.coordinators") == "note: 1 is alive");
  BOOST_TEST(found("cluster.leader") == "ok: c1 leads, epoch 7");
  facts.lead->leader.clear();
  BOOST_TEST(found("cluster.leader") == "bad: no coordinator leads");
  BOOST_TEST(worst() == "bad");
}

BOOST_AUTO_TEST_CASE(judges_the_workers) {
  w1().load.queued = 3;
  w1().load.busy_permille = 950;
  BOOST_TEST(found("workers.load") == "warn: w1 full: runs wait for slots");
  w1().duty = "cordoned";
  BOOST_TEST(found("workers.duty") == "note: w1 take no variants");
  w1().labels["varia"] = "0.0.9";
  BOOST_TEST(found("workers.version")
             == "warn: this coordinator has 0.1.0, others have not: w1 (0.0.9)");
  w1().alive = false;
  BOOST_TEST(found("workers.alive") == "warn: w1 not alive");
  BOOST_TEST(found("workers.load").rfind("ok", 0) == 0U);
  facts.cluster->workers.pop_back();
  BOOST_TEST(found("workers.alive") == "bad: no worker is alive");
  facts.cluster->unplaced = 30;
  BOOST_TEST(found("variants.placed") == "warn: 30 of 30 have no worker at this moment");
}

BOOST_AUTO_TEST_CASE(judges_how_long_certificates_last) {
  facts.certificates = {{"node.crt", facts.now + 20 * day}};
  BOOST_TEST(found("certificates") == "warn: node.crt ends in 20 d");
  facts.certificates = {{"node.crt", facts.now + 5 * day}};
  BOOST_TEST(found("certificates") == "bad: node.crt ends in 5 d");
  facts.certificates = {{"node.crt", facts.now - 1}};
  BOOST_TEST(found("certificates") == "bad: node.crt has ended");
  facts.certificates = {{"node.crt", 0}};
  BOOST_TEST(found("certificates") == "bad: node.crt cannot be read");
  facts.certificates.clear();
  BOOST_TEST(found("certificates") == "note: nodes speak to each other without TLS");
}

BOOST_AUTO_TEST_CASE(judges_an_environment) {
  BOOST_TEST((worst_of(examine_environment({})) == grade::ok));
  environment_facts x;
  x.variants = 10;
  x.failing = 2;
  x.failing_most = {"c1 orders::eu", "c1 orders::us"};
  BOOST_TEST(examine_environment(x).front().text == "2 of 10: c1 orders::eu, c1 orders::us");
  BOOST_TEST((worst_of(examine_environment(x)) == grade::warn));
}

BOOST_AUTO_TEST_CASE(settings_are_told_without_what_lets_somebody_in) {
  BOOST_TEST(without_secrets("redis://user:pa:ss/w@rd@10.0.0.5:6379/1")
             == "redis://***@10.0.0.5:6379/1");
  BOOST_TEST(without_secrets("redis+sentinel://:x@a:1,b:2/m") == "redis+sentinel://***@a:1,b:2/m");
  BOOST_TEST(without_secrets("redis://10.0.0.5") == "redis://10.0.0.5");
  BOOST_TEST(without_secrets("somebody@example.com") == "somebody@example.com");
  settings x;
  x.redis.url = "redis://:s3cr3t@host";
  auto facts_of_it = process_facts_of(x);
  BOOST_TEST(facts_of_it.settings.at("redis.url") == "redis://***@host");
  for (auto& [name, value] : facts_of_it.settings)
    BOOST_TEST(value.find("s3cr3t") == std::string::npos, name);
}

BOOST_AUTO_TEST_SUITE_END()
