#include "actors/system.hpp"

#include "core/ids.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/node_id.hpp>

#include <array>
#include <cstring>

#include <unistd.h>

namespace varia {

namespace {

caf::node_id random_node_id() {
  caf::node_id::default_data::host_id_type host{};
  const std::array<uint64_t, 2> random{make_nonce(), make_nonce()};
  std::memcpy(host.data(), random.data(), sizeof(random));
  return caf::make_node_id(static_cast<uint32_t>(getpid()), host);
}

// CAF makes the id of a node from the machine and the process number, which two containers may have
// in common, and has no setting for it. Modules are made before anything has read the id, so this
// one, in a slot that nothing else uses, replaces it.
class own_node_id : public caf::actor_system::module {
public:
  explicit own_node_id(caf::actor_system& system) {
    // The system itself is no constant, only the way it shows its id.
    const_cast<caf::node_id&>(system.node()) = random_node_id();
  }

  void start() override {}
  void stop() override {}
  void init(caf::actor_system_config&) override {}
  id_t id() const override { return opencl_manager; }
  void* subtype_ptr() override { return this; }
};

// Null without TLS.
tls_link* link_of(const caf::actor_system& system) {
  auto* config = dynamic_cast<const cluster_config*>(&system.config());
  return config == nullptr ? nullptr : config->tls().get();
}

} // namespace

const char* const software_version = VARIA_VERSION;

void register_messages(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::varia_atoms>();
  config.add_message_types<caf::id_block::varia>();
}

cluster_config::cluster_config(milliseconds heartbeat, milliseconds silence_max,
                               const identity_ptr& identity) {
  register_messages(*this);
  module_factories.push_back([](caf::actor_system& system) { return new own_node_id{system}; });
  load<caf::io::middleman>();
  if (identity) {
    tls_ = std::make_shared<tls_link>(identity);
    module_factories.push_back(
      [link = tls_](caf::actor_system& system) { return make_tls_module(system, link); });
  }
  set("middleman.heartbeat-interval", caf::timespan{heartbeat});
  set("middleman.connection-timeout", caf::timespan{silence_max});
  // Work stealing polls when idle: 18 ms of CPU a second, against none (measured).
  set("scheduler.policy", caf::atom("sharing"));
  // Unlimited by default, which lets an actor that keeps sending to itself starve all others.
  set("scheduler.max-throughput", 50);
}

caf::io::middleman_actor network_of(caf::actor_system& system) {
  auto* link = link_of(system);
  return link == nullptr ? system.middleman().actor_handle() : link->network;
}

identity_ptr identity_of(const caf::actor_system& system) {
  auto* link = link_of(system);
  return link == nullptr ? nullptr : link->identity;
}

std::string failure_at(const caf::actor_system& system, const endpoint& where) {
  auto* link = link_of(system);
  return link == nullptr ? std::string{} : link->reports.take(where);
}

} // namespace varia
