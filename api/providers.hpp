#pragma once

#include "api/validation.hpp"
#include "core/error.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// A kind of external API that an integration can be configured for.
struct provider {
  std::string name;
  std::string display_name;
  std::string auth_mode; ///< "NONE", "API_KEY", "BASIC", "OAUTH2", "OAUTH2_CC".
  std::vector<std::string> categories;
  std::string docs;               ///< Where the provider describes its API; may be empty.
  std::string authorization_url;  ///< Where OAuth 2 begins; may be empty or have placeholders.
  json settings = json::object(); ///< What an integration starts from; see docs/api.md.
};

/// The catalogue of providers. Immutable once it is built.
class providers {
public:
  /// Reads a catalogue in TOML. Fails with `invalid` and names the line.
  static expected<providers> parse(std::string_view toml);

  /// The catalogue that is part of the program, and what `more` (TOML, may be empty) adds to it or
  /// replaces in it.
  static expected<providers> load(std::string_view more = {});

  /// nullptr if there is no such provider.
  const provider* find(const std::string& name) const;

  /// All of them, by name. They live as long as the catalogue.
  std::vector<const provider*> list() const;

private:
  std::map<std::string, provider> all_;
};

/// Judges the `custom` object of an integration: base URL, where credentials go, retries, rate,
/// runs, pages and how webhooks prove where they come from.
schema integration_settings();

} // namespace varia
