#pragma once

#include "console/client.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// The names of things that there are on a server, for completion. Asked for when they are needed,
/// with a short timeout, and kept for some seconds; without an answer there are none.
class names {
public:
  using values = std::vector<std::pair<std::string, std::string>>;

  explicit names(client_config server);

  /// Returns the names of a kind such as "sync" that fit the values that are known already, such as
  /// those of "connection"; sorted, each once. None for what is no kind of name.
  std::vector<std::string> of(const std::string& kind, const values& known);

private:
  using clock = std::chrono::steady_clock;

  struct answer {
    nlohmann::ordered_json rows;
    clock::time_point until;
  };

  const nlohmann::ordered_json& rows_at(const std::string& path, const std::string& field);

  client server_;
  std::map<std::string, answer> answers_; ///< By path; of a few fixed ones.
};

/// Takes the names of a kind from rows of the answer, as `names::of` does.
std::vector<std::string> names_in(const nlohmann::ordered_json& rows, const std::string& kind,
                                  const names::values& known);

} // namespace varia
