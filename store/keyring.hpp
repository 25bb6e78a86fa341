#pragma once

#include "core/error.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// The keys that seal what is secret before Redis gets it: credentials, client secrets, signing
/// keys, environment variables. Sealing is AES-256-SIV (RFC 5297): the same secret at the same
/// place gives the same text, so a stored one can be compared, and one that was moved elsewhere
/// cannot be opened. Immutable, so safe to share between threads.
class keyring {
public:
  /// One without keys: it seals nothing, and opens what was never sealed.
  keyring() = default;

  /// Reads the keys of a text: a line of 128 hexadecimal digits each, empty lines and those that
  /// begin with "#" apart. The first seals; all of them open. Fails with `invalid`, without telling
  /// what the text has.
  static expected<keyring> parse(std::string_view text);

  /// The same of a file; without a path there are no keys.
  static expected<keyring> load(const std::string& path);

  /// Seals a secret for its place, such as "variable/prod/TOKEN". An empty one stays empty.
  std::string seal(std::string_view place, std::string_view secret) const;

  /// Returns the secret of a text that `seal` made for the place, or a text that was never sealed
  /// as it is. Fails with `internal` if no key of this ring fits.
  expected<std::string> open(std::string_view place, std::string text) const;

  /// Returns every text that `open` would make this secret of: the plain one, and one for each key.
  std::vector<std::string> forms_of(std::string_view place, std::string_view secret) const;

private:
  struct key {
    std::string id; ///< Tells which key a sealed text needs.
    std::string bytes;
  };

  std::vector<key> keys_;
};

} // namespace varia
