#pragma once

#include "actors/interfaces.hpp"
#include "tests/simulation/redis_room.hpp"

#include <memory>
#include <string>

namespace varia::test {

/// When a variant is due.
using due_teller = timing (*)(const variant_key&);

/// The STORE of a coordinator, over the model.
store_actor spawn_acting_store(world& all, redis_room& room, process_id who, due_teller due);

/// The NODE STORE of a worker, over the model.
node_store_actor spawn_acting_node_store(world& all, redis_room& room, process_id who,
                                         const std::string& worker, const std::string& boot);

} // namespace varia::test
