#include "store/server_info.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(server_info_test)

BOOST_AUTO_TEST_CASE(reads_what_info_tells) {
  auto x = parse_server_info("# Server\r\nredis_version:7.0.15\r\n# Memory\r\nused_memory:1000\r\n"
                             "maxmemory:2000\r\nmaxmemory_policy:noeviction\r\n"
                             "total_system_memory:9000\r\naof_enabled:1\r\n"
                             "aof_last_write_status:err\r\nrdb_last_bgsave_status:ok\r\n"
                             "role:slave\r\nmaster_link_status:down\r\nconnected_slaves:2\r\n");
  BOOST_TEST(x.version == "7.0.15");
  BOOST_TEST(x.eviction == "noeviction");
  BOOST_TEST(x.used_bytes == 1000U);
  BOOST_TEST(x.max_bytes == 2000U);
  BOOST_TEST(x.machine_bytes == 9000U);
  BOOST_TEST(x.has_aof);
  BOOST_TEST(!x.aof_is_good);
  BOOST_TEST(x.snapshot_is_good);
  BOOST_TEST(x.role == "slave");
  BOOST_TEST(!x.replica_is_linked);
  BOOST_TEST(x.replicas == 2U);
}

BOOST_AUTO_TEST_CASE(what_info_leaves_out_counts_as_good) {
  auto x = parse_server_info("role:master\r\n");
  BOOST_TEST(x.aof_is_good);
  BOOST_TEST(x.snapshot_is_good);
  BOOST_TEST(x.replica_is_linked);
  BOOST_TEST(!x.has_aof);
}

BOOST_AUTO_TEST_SUITE_END()
