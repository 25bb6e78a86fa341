#pragma once

#include "store/record_sources.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

namespace varia {

/// Whose records are wanted, in the words of a request.
struct record_address {
  std::string environment;
  std::string provider_config_key;
  std::string connection_id;
  std::string sync; ///< Empty: the first by name that declares the model and has the variant.
  std::string variant;
  std::string model;
};

/// Where an address leads.
struct record_location {
  variant_choice which;
  std::vector<record_source> sources; ///< Empty: there is no such model or variant.
};

/// Finds and reads records by the names that requests have, most of the time in one round trip: it
/// remembers where an address led, reads there, and asks in the same breath for everything that
/// could have made it lead elsewhere. So whatever was deployed, made or deleted before a call is
/// seen by that call, whoever did it. Thread-safe.
class record_reader {
public:
  /// Fails with `not_found` if there is no such connection.
  expected<record_location> locate(redis& db, const record_address& x);

  /// Reads a page; an empty one if there is no such model or variant. Fails with `not_found` as
  /// `locate` does, and with `invalid` for a cursor that is not ours.
  expected<record_page> page(redis& db, const record_address& x, const record_query& query);

private:
  struct finding;
  using finding_ptr = std::shared_ptr<const finding>;

  static expected<finding_ptr> search(redis& db, const record_address& x);
  finding_ptr recall(const std::string& name);
  void remember(const std::string& name, const finding_ptr& found);
  void forget(const std::string& name);

  // What is remembered is bounded by the variants in it.
  static constexpr size_t sources_max = 10'000;

  std::mutex mutex_;
  std::unordered_map<std::string, finding_ptr> known_;
  size_t sources_ = 0;
};

} // namespace varia
