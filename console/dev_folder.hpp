#pragma once

#include "config/settings.hpp"
#include "console/child.hpp"
#include "core/error.hpp"

#include <string>

namespace varia {

/// The folder in which `varia dev` keeps its data. One process at a time has it.
class dev_folder {
public:
  /// Creates the folder if need be and takes it. Fails with `exists` while another process has it
  /// and with `unavailable` if it cannot be made.
  static expected<dev_folder> open(const std::string& path);

  dev_folder(dev_folder&& other) noexcept;
  dev_folder& operator=(dev_folder&&) = delete;
  ~dev_folder();

  /// The absolute path of a file in the folder.
  std::string file(const std::string& name) const { return path_ + "/" + name; }

  const std::string& path() const { return path_; }

  /// Returns the API key to use: the wanted one, else that of the last time, else a new one. It is
  /// kept in a file that only its owner can read. Fails with `invalid` if the wanted one is no
  /// uuid.
  expected<std::string> api_key(const std::string& wanted) const;

private:
  dev_folder(std::string path, int lock) : path_{std::move(path)}, lock_{lock} {}

  std::string path_;
  int lock_;
};

/// A redis-server of our own, on a unix socket in the folder or, where its path is too long for
/// one, on a loopback port with a password.
class dev_redis {
public:
  /// Writes the server's configuration. Fails with `unavailable`.
  static expected<dev_redis> prepare(const dev_folder& folder);

  /// The process to run.
  child_command command() const;

  /// Where the others find it. It may hold a password: pass it on by environment.
  std::string url() const;

  /// True as soon as the server takes commands. Waits 300 ms at most.
  bool answers() const;

private:
  std::string config_;
  std::string socket_; ///< Empty: a loopback port.
  std::string password_;
  uint16_t port_ = 0;
};

/// Fails with `unavailable`, and says so, if the address cannot be listened at.
expected<void> check_free(const endpoint& where);

/// Returns a loopback port that nobody listens on at the moment.
expected<uint16_t> free_port();

} // namespace varia
