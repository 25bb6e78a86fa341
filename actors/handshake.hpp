#pragma once

#include "actors/messages.hpp"
#include "core/error.hpp"

#include <string>

namespace varia {

/// What two processes agree on before they talk.
struct handshake {
  greeting guest;         ///< Who knocked.
  greeting door;          ///< Who answered.
  std::string guest_node; ///< The id of the guest's actor system.
  std::string door_node;
};

/// Which side of a handshake.
enum class side { guest, door };

/// Says whether a process of our protocol may talk to one that greets like this. Fails with
/// `invalid` in words that tell both versions; names in them come from the other side.
expected<void> judge(const greeting& other);

/// Returns the text that one side signs to prove its name. It holds everything both sides said and
/// which side signs, so that a proof is good for one handshake and one direction only.
std::string text_to_sign(side who, const handshake& all);

} // namespace varia
