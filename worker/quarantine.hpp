#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <unordered_set>

namespace varia {

/// Texts of which the oldest are forgotten when there are too many.
class recent_set {
public:
  explicit recent_set(size_t size_max) : size_max_{size_max} {}

  void add(const std::string& text);
  void remove(const std::string& text);
  bool has(const std::string& text) const { return all_.count(text) != 0; }

private:
  size_t size_max_;
  std::unordered_set<std::string> all_;
  std::deque<std::string> order_;
};

/// Who may share a process with whom, from what happened on this worker so far. When a process is
/// lost, nobody knows which of its runs was to blame: all their variants become suspects, and their
/// next runs get a process each to themselves. The one that loses that, too, is the culprit. A
/// suspect is cleared by the first run that ends well. And a bundle that never ended well here is
/// unproven: it is kept apart as long as there is room. Plain, and bounded: of many the oldest are
/// forgotten.
class quarantine {
public:
  enum class verdict { innocent, culprit };

  static constexpr size_t suspects_max = 10000;
  static constexpr size_t proven_max = 10000;

  /// A run of this variant and bundle has lost its process, in which it was `alone` or not.
  verdict lose(const std::string& variant, const std::string& sha, bool alone);

  /// A run was found guilty in another way: it did not end when it was told to.
  void blame(const std::string& variant, const std::string& sha);

  /// A run has ended well.
  void succeed(const std::string& variant, const std::string& sha);

  /// True if the variant's next run must have a process to itself.
  bool is_suspect(const std::string& variant) const { return suspects_.has(variant); }

  /// True if a run of this bundle has ended well here.
  bool is_proven(const std::string& sha) const { return proven_.has(sha); }

private:
  recent_set suspects_{suspects_max};
  recent_set proven_{proven_max};
};

} // namespace varia
