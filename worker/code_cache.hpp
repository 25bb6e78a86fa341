#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace varia {

/// The bundles that ran last, by content hash, up to a number of bytes. Thread-safe.
class code_cache {
public:
  using code_ptr = std::shared_ptr<const std::string>;

  explicit code_cache(size_t bytes_max) : bytes_max_{bytes_max} {}

  /// Returns a bundle, loaded with `load` if it is not here.
  expected<code_ptr> get(const std::string& sha,
                         const std::function<expected<std::string>()>& load) {
    if (auto known = find(sha))
      return known;
    auto text = load();
    if (!text)
      return std::move(text.error());
    auto code = std::make_shared<const std::string>(std::move(*text));
    keep(sha, code);
    return code;
  }

private:
  code_ptr find(const std::string& sha) {
    std::lock_guard guard{mutex_};
    for (auto i = entries_.begin(); i != entries_.end(); ++i)
      if (i->first == sha) {
        entries_.splice(entries_.begin(), entries_, i);
        return i->second;
      }
    return nullptr;
  }

  void keep(const std::string& sha, const code_ptr& code) {
    std::lock_guard guard{mutex_};
    entries_.emplace_front(sha, code);
    bytes_ += code->size();
    while (bytes_ > bytes_max_ && entries_.size() > 1) {
      bytes_ -= entries_.back().second->size();
      entries_.pop_back();
    }
  }

  size_t bytes_max_;
  std::mutex mutex_;
  size_t bytes_ = 0;
  std::list<std::pair<std::string, code_ptr>> entries_; ///< The one used last comes first.
};

} // namespace varia
