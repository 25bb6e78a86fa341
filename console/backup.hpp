#pragma once

#include "console/verbs.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <string>

namespace varia {

/// A SHA-256 that grows with what is added.
class running_checksum {
public:
  running_checksum();
  ~running_checksum();
  running_checksum(const running_checksum&) = delete;
  running_checksum& operator=(const running_checksum&) = delete;

  void add(const std::string& bytes);

  /// Ends it, and returns 64 hexadecimal digits.
  std::string finish();

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// Writes a backup: JSON lines, of which the first says what it is, and the last how many items
/// there are and the checksum of all that stands before it. The file is for its owner only, and has
/// its name once it is whole.
class backup_writer {
public:
  /// Fails with `invalid` if the file cannot be written, or is there already.
  expected<void> open(const std::string& path, bool secrets);

  /// What follows belongs to this environment.
  expected<void> begin_environment(const std::string& name);

  expected<void> add(const nlohmann::ordered_json& item);

  /// Writes the last line, and gives the file its name.
  expected<void> finish();

  /// Removes what was written, unless it is finished.
  ~backup_writer();

  size_t count() const { return count_; }

private:
  expected<void> write(const nlohmann::ordered_json& line);

  std::string path_;
  std::ofstream file_;
  running_checksum sum_;
  size_t count_ = 0;
  bool is_finished_ = false;
};

/// What a backup holds.
struct backup_content {
  bool secrets = false;
  std::string at; ///< When it was begun.
  size_t count = 0;
  /// How many items of each type there are, by environment.
  std::map<std::string, std::map<std::string, size_t>> items;
};

/// Sees an item of an environment; what it fails with ends the reading.
using backup_visitor
  = std::function<expected<void>(const std::string& environment, nlohmann::ordered_json item)>;

/// Reads a backup from its first to its last line. Fails with `invalid`, in words, if the file
/// cannot be read, is no backup, is not whole or has been changed.
expected<backup_content> read_backup(const std::string& path, const backup_visitor& visit);

// The verbs.
int run_backup_save(const verb_call& call);
int run_backup_verify(const verb_call& call);
int run_backup_restore(const verb_call& call);

} // namespace varia
