#include "console/watcher.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <utility>

#include <sys/inotify.h>
#include <unistd.h>

namespace varia {

namespace {

namespace fs = std::filesystem;

constexpr milliseconds quiet{200};

constexpr size_t folders_max = 4096;

constexpr uint32_t kinds = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;

constexpr std::array<std::string_view, 4> passed_over{"node_modules", ".git", ".nango", "build"};

bool is_passed_over(std::string_view name) {
  return std::find(passed_over.begin(), passed_over.end(), name) != passed_over.end();
}

} // namespace

expected<folder_watcher> folder_watcher::make(const std::string& folder) {
  auto handle = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (handle < 0)
    return fail(errc::unavailable, "cannot watch files: " + std::string{strerror(errno)});
  folder_watcher result{handle};
  result.watch(folder);
  if (result.folders_.empty())
    return fail(errc::unavailable, "cannot watch " + folder);
  return result;
}

folder_watcher::folder_watcher(folder_watcher&& other) noexcept
  : handle_{std::exchange(other.handle_, -1)}, folders_{std::move(other.folders_)},
    last_change_{other.last_change_} {}

folder_watcher::~folder_watcher() {
  if (handle_ >= 0)
    close(handle_);
}

bool folder_watcher::changed() {
  read_events();
  if (!last_change_ || clock::now() - *last_change_ < quiet)
    return false;
  last_change_.reset();
  return true;
}

void folder_watcher::watch(const std::string& folder) {
  std::error_code failed;
  std::error_code ignored;
  watch_one(folder);
  for (fs::recursive_directory_iterator i{folder, failed}, end; !failed && i != end;
       i.increment(failed)) {
    if (!i->is_directory(ignored) || i->is_symlink(ignored))
      continue;
    if (is_passed_over(i->path().filename().string()))
      i.disable_recursion_pending();
    else
      watch_one(i->path().string());
  }
}

void folder_watcher::watch_one(const std::string& folder) {
  if (folders_.size() >= folders_max)
    return;
  if (auto watched = inotify_add_watch(handle_, folder.c_str(), kinds | IN_ONLYDIR); watched >= 0)
    folders_[watched] = folder;
}

void folder_watcher::read_events() {
  alignas(inotify_event) std::array<char, 16384> bytes;
  for (;;) {
    auto length = read(handle_, bytes.data(), bytes.size());
    if (length <= 0)
      return;
    for (ssize_t at = 0; at < length;) {
      // The kernel writes whole events, aligned; see inotify(7).
      auto event = reinterpret_cast<const inotify_event*>(bytes.data() + at);
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
      std::string name = event->len > 0 ? event->name : "";
      if ((event->mask & IN_IGNORED) != 0)
        folders_.erase(event->wd);
      if (name.empty() || is_passed_over(name))
        continue;
      last_change_ = clock::now();
      if ((event->mask & IN_ISDIR) != 0 && (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0)
        if (auto folder = folders_.find(event->wd); folder != folders_.end())
          watch(folder->second + "/" + name);
    }
  }
}

} // namespace varia
