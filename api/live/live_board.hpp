#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace varia {

/// The rows of a table that many watch, and in which order they changed. Plain.
class live_board {
public:
  /// How many rows that went are remembered.
  static constexpr size_t gone_max = 10'000;

  /// What whoever knows the table up to some revision has to be told.
  struct difference {
    bool is_full = false; ///< These are the first rows of the whole table: forget all others.
    std::vector<std::string> rows;
    std::vector<std::string> gone; ///< Names.
    uint64_t revision = 0;         ///< Known after it.
    bool has_more = false;

    bool is_empty() const { return !is_full && rows.empty() && gone.empty(); }
  };

  /// Takes what the table is now: rows by name. Returns whether anything has changed.
  bool put(std::map<std::string, std::string> rows);

  /// Tells so many changes at most after a revision, 0 for nothing known. With a name in `only`,
  /// the other rows count as not there.
  difference since(uint64_t revision, size_t count, const std::string& only = {}) const;

private:
  struct row {
    std::string text;
    uint64_t revision = 0;
    bool is_gone = false;
  };

  void note(const std::string& name, row& x);
  void forget_gone();

  std::map<std::string, row> rows_;
  std::map<uint64_t, std::string> order_; ///< Names by their last change.
  size_t gone_ = 0;
  uint64_t last_ = 0;
  uint64_t forgotten_ = 0; ///< Up to it rows went that nobody remembers.
  bool is_known_ = false;
};

} // namespace varia
