#pragma once

#include "core/error.hpp"

#include <map>
#include <string>
#include <vector>

namespace varia {

/// A server that the user gave a name, and how it lets in.
struct context {
  std::string url;
  std::string api_key;      ///< Kept in the file itself; empty: none.
  std::string api_key_file; ///< Or in a file of its own; empty: none.
};

/// The contexts of a user, as they stand in `config.toml`.
struct contexts {
  std::string current; ///< The one that holds where no other is named; may be empty.
  std::map<std::string, context> all;
};

/// Reads contexts; without the file there are none. Fails with `invalid`, in words, if it is wrong,
/// or holds a key and others than its owner may read it.
expected<contexts> read_contexts(const std::string& file);

/// Writes contexts in one step, readable by their owner alone, and makes the folder if need be.
/// Fails with `unavailable`.
expected<void> write_contexts(const std::string& file, const contexts& x);

/// Where the contexts of the user are, given the environment: "config.toml" in the folder "varia"
/// of XDG_CONFIG_HOME, or of ~/.config.
std::string contexts_file(const std::map<std::string, std::string>& environment);

/// The names of the contexts in a file; none if it cannot be read.
std::vector<std::string> context_names(const std::string& file);

/// True for a text that can be the name of a context: letters, digits, "-", "_" and ".".
bool is_context_name(const std::string& text);

} // namespace varia
