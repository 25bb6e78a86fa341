#include "store/gates.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

namespace varia {

namespace {

std::vector<std::string> keys_of(const gate_pass& x) {
  return {keys::connection_gate(x.connection),
          keys::integration_gate(x.environment, x.provider_config_key)};
}

owned_command call_for(std::string name, const gate_pass& x, milliseconds span) {
  return call_of(std::move(name), keys_of(x),
                 {x.run, std::to_string(span.count()), std::to_string(x.limits.per_connection),
                  std::to_string(x.limits.per_integration)});
}

} // namespace

expected<gate> gates::enter(const gate_pass& pass, milliseconds span) {
  auto answer = run_checked(db_, {call_for("gates_enter", pass, span)});
  if (!answer)
    return std::move(answer.error());
  switch (number_of(*answer->front())) {
    case 0: return gate::none;
    case 1: return gate::connection;
    default: return gate::integration;
  }
}

expected<void> gates::renew(const std::vector<gate_pass>& inside, milliseconds span) {
  std::vector<owned_command> commands;
  commands.reserve(inside.size());
  for (const auto& pass : inside)
    commands.push_back(call_for("gates_renew", pass, span));
  if (auto done = run_checked(db_, commands); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> gates::leave(const gate_pass& pass) {
  if (auto done = call(db_, "gates_leave", keys_of(pass), {pass.run}); !done)
    return std::move(done.error());
  return caf::unit;
}

} // namespace varia
