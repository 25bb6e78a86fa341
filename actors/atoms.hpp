#pragma once

#include <caf/atom.hpp>
#include <caf/type_id.hpp>

// The verbs of our messages. Those that CAF brings get a short name under our own roof.
namespace varia::atom {

using add = caf::add_atom;
using join = caf::join_atom;
using leave = caf::leave_atom;
using ok = caf::ok_atom;
using put = caf::put_atom;
using tick = caf::tick_atom;

inline constexpr add add_v{};
inline constexpr join join_v{};
inline constexpr leave leave_v{};
inline constexpr ok ok_v{};
inline constexpr put put_v{};
inline constexpr tick tick_v{};

} // namespace varia::atom

CAF_BEGIN_TYPE_ID_BLOCK(varia_atoms, caf::first_custom_type_id)

  CAF_ADD_ATOM(varia_atoms, varia::atom, cancel, "cancel")
  CAF_ADD_ATOM(varia_atoms, varia::atom, change, "change")
  CAF_ADD_ATOM(varia_atoms, varia::atom, cordon, "cordon")
  CAF_ADD_ATOM(varia_atoms, varia::atom, defer, "defer")
  CAF_ADD_ATOM(varia_atoms, varia::atom, dial, "dial")
  CAF_ADD_ATOM(varia_atoms, varia::atom, drain, "drain")
  CAF_ADD_ATOM(varia_atoms, varia::atom, ended, "ended")
  CAF_ADD_ATOM(varia_atoms, varia::atom, ensure, "ensure")
  CAF_ADD_ATOM(varia_atoms, varia::atom, enter, "enter")
  CAF_ADD_ATOM(varia_atoms, varia::atom, forget, "forget")
  CAF_ADD_ATOM(varia_atoms, varia::atom, frequency, "frequency")
  CAF_ADD_ATOM(varia_atoms, varia::atom, knock, "knock")
  CAF_ADD_ATOM(varia_atoms, varia::atom, lead, "lead")
  CAF_ADD_ATOM(varia_atoms, varia::atom, limit, "limit")
  CAF_ADD_ATOM(varia_atoms, varia::atom, load, "load")
  CAF_ADD_ATOM(varia_atoms, varia::atom, lost, "lost")
  CAF_ADD_ATOM(varia_atoms, varia::atom, move, "move")
  CAF_ADD_ATOM(varia_atoms, varia::atom, note, "note")
  CAF_ADD_ATOM(varia_atoms, varia::atom, pause, "pause")
  CAF_ADD_ATOM(varia_atoms, varia::atom, place, "place")
  CAF_ADD_ATOM(varia_atoms, varia::atom, promote, "promote")
  CAF_ADD_ATOM(varia_atoms, varia::atom, rebalance, "rebalance")
  CAF_ADD_ATOM(varia_atoms, varia::atom, remove, "remove")
  CAF_ADD_ATOM(varia_atoms, varia::atom, renew, "renew")
  CAF_ADD_ATOM(varia_atoms, varia::atom, report, "report")
  CAF_ADD_ATOM(varia_atoms, varia::atom, resign, "resign")
  CAF_ADD_ATOM(varia_atoms, varia::atom, run, "run")
  CAF_ADD_ATOM(varia_atoms, varia::atom, schedule, "schedule")
  CAF_ADD_ATOM(varia_atoms, varia::atom, start, "start")
  CAF_ADD_ATOM(varia_atoms, varia::atom, status, "status")
  CAF_ADD_ATOM(varia_atoms, varia::atom, trigger, "trigger")
  CAF_ADD_ATOM(varia_atoms, varia::atom, wake, "wake")
  CAF_ADD_ATOM(varia_atoms, varia::atom, workers, "workers")
  CAF_ADD_ATOM(varia_atoms, varia::atom, yield, "yield")

CAF_END_TYPE_ID_BLOCK(varia_atoms)
