#pragma once

#include "coordinator/coordinator_actor.hpp"
#include "tests/support/deterministic_system.hpp"
#include "tests/support/fake_cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <memory>

namespace varia::test {

using namespace std::chrono_literals;

/// A COORDINATOR between neighbours in memory; workers join by `join`.
struct coordinator_fixture : deterministic_system {
  coordinator_fixture() { start(); }

  void start() {
    coordinator_config options;
    options.name = "c1";
    options.named_max = limit;
    options.lease = 3000ms;
    options.now = [this] {
      return std::chrono::duration_cast<milliseconds>(self->clock().now().time_since_epoch())
        .count();
    };
    options.retention_interval = 60s;
    coordinator = own(spawn_coordinator(system, options,
                                        {own(system.spawn(fake_store, db)),
                                         own(system.spawn(fake_retention, orders_to_retention)),
                                         {},
                                         {}}));
    run();
  }

  node_actor join(const std::string& name, log_ptr log,
                  std::vector<std::pair<std::string, token>> hosted = {}) {
    auto node = own(system.spawn(fake_node, std::move(log)));
    join_request request{name, "boot-" + name, name, 4, std::move(hosted), {}};
    if (std::find(db->alive.begin(), db->alive.end(), name) == db->alive.end())
      db->alive.push_back(name);
    BOOST_TEST(!!ask<atom::ok>(coordinator, atom::join_v, request, node));
    return node;
  }

  expected<variant_entry> create(const std::string& name) {
    return ask<variant_entry>(coordinator, atom::add_v, variant_key{orders, name},
                              "id-" + std::to_string(++ids), false, timing{60000, {}, 0});
  }

  text_ptr orders_to_retention = std::make_shared<std::string>();
  db_ptr db = std::make_shared<fake_db>();
  log_ptr w1 = std::make_shared<worker_log>();
  log_ptr w2 = std::make_shared<worker_log>();
  int ids = 0;
  uint32_t limit = 3;
  sync_id orders{14, "orders"};
  std::vector<variant_key> eu{{orders, "eu"}};
  coordinator_actor coordinator;
};

} // namespace varia::test
