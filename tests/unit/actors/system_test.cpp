#include "actors/system.hpp"

#include <caf/actor_system.hpp>
#include <caf/node_id.hpp>

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(system_test)

// Containers may share machine id and process number, as these two do.
BOOST_AUTO_TEST_CASE(no_two_nodes_have_the_same_id) {
  cluster_config one{1s, 5s};
  cluster_config other{1s, 5s};
  caf::actor_system first{one};
  caf::actor_system second{other};
  BOOST_TEST((first.node() != second.node()));
  BOOST_TEST((first.node() != caf::node_id::default_data::local(one)));
  BOOST_TEST(static_cast<bool>(first.node()));
}

BOOST_AUTO_TEST_SUITE_END()
