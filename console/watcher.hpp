#pragma once

#include "core/error.hpp"
#include "core/time.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace varia {

/// Watches the files of a project folder, those of its subfolders included. What tools write
/// (node_modules, .git, .nango, build) is passed over. Belongs to one thread and never waits.
class folder_watcher {
public:
  using clock = std::chrono::steady_clock;

  /// Starts to watch. Fails with `unavailable` if the system does not let us.
  static expected<folder_watcher> make(const std::string& folder);

  folder_watcher(folder_watcher&& other) noexcept;
  folder_watcher& operator=(folder_watcher&&) = delete;
  ~folder_watcher();

  /// Becomes readable when something changed.
  int handle() const { return handle_; }

  /// True once for each burst of changes, when none has come for 200 ms.
  bool changed();

private:
  explicit folder_watcher(int handle) : handle_{handle} {}

  void watch(const std::string& folder);
  void watch_one(const std::string& folder);
  void read_events();

  int handle_;
  std::map<int, std::string> folders_; ///< By watch descriptor.
  std::optional<clock::time_point> last_change_;
};

} // namespace varia
