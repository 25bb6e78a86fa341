#pragma once

#include "store/redis.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// A named text that the scripts of an environment may read (contract 1.19).
struct environment_variable {
  std::string name;
  std::string value; ///< May be secret: never log it.
};

/// What belongs to an environment as a whole: its id, which webhook addresses carry, and its
/// variables.
class environments {
public:
  static constexpr size_t environments_max = 100;

  explicit environments(redis& db) : db_{db} {}

  /// Returns the uuid of an environment, which is made when it is first asked for and never
  /// changes.
  expected<std::string> id_of(const std::string& name);

  /// Returns the name of the environment with this uuid, or nothing.
  expected<std::optional<std::string>> name_of(const std::string& id);

  /// Makes an environment and returns its uuid. Fails with `exists`, and with `full` if there are
  /// `environments_max`.
  expected<std::string> add(const std::string& name);

  /// Returns the uuids of all environments by name.
  expected<std::map<std::string, std::string>> list();

  /// Forgets an environment: its uuid, variables, integrations and functions. Whatever else belongs
  /// to it must be gone. `not_found` if there is none.
  expected<void> remove(const std::string& name);

  /// Returns the variables in order of name.
  expected<std::vector<environment_variable>> variables(const std::string& environment);

  expected<void> set_variable(const std::string& environment, const environment_variable& x);

  /// Forgets a variable; `not_found` if there is none of this name.
  expected<void> remove_variable(const std::string& environment, const std::string& name);

private:
  redis& db_;
};

} // namespace varia
