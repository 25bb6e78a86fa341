#pragma once

#include "store/record_pages.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace varia {

/// A page in the making. It uses plain commands, which cost Redis a fraction of what a Function
/// would that does the same, and so it takes steps: it looks which changes come next, and then
/// fetches the records. A record that changes in between is left out: it has moved to a place that
/// is still to come.
class record_walk {
public:
  /// Reads what has a place from `begin` on. Nothing that is given may end before the walk.
  record_walk(redis& db, const std::vector<record_source>& sources, const record_query& query,
              record_place begin);

  /// Walks until the page is complete. The questions go with the last step, and are answered after
  /// it.
  expected<answered_page> run(const std::vector<owned_command>& questions);

private:
  struct source_keys {
    std::string head, meta, data, order;
  };

  struct change {
    record_place place;
    size_t source;
    std::string_view id;
  };

  struct step {
    std::vector<redis::reply> answers; // Where the ids lie.
    std::vector<change> changes;       // What comes next, in order.
    record_place end = 0;              // Where to go on behind all of it.
    bool is_last = false;              // There is nothing behind it.
    size_t picked = 0;                 // So many of the first ones are to go into the page.
    size_t moved = 0;                  // So many had changed again when they were asked for.
  };

  using replies = std::vector<const redisReply*>;

  expected<step> look();
  void merge(step& x, size_t count_each) const;
  expected<void> choose(step& x);
  expected<std::vector<redis::reply>> fetch(step& x, const std::vector<owned_command>& questions);
  expected<void> take(step& x, const redisReply& answer);
  bool conclude(const step& x);

  std::vector<redis::command> gets(const step& x, size_t count,
                                   std::string source_keys::*hash) const;
  replies spread(const step& x, size_t count, const replies& answers) const;

  size_t missing() const { return query_.limit - page_.records.size(); }
  bool has_many() const { return keys_.size() > 1; }

  redis& db_;
  const std::vector<record_source>& sources_;
  const record_query& query_;
  std::vector<source_keys> keys_;
  record_place begin_; // What comes before it has been looked at.
  bool is_picky_;      // Not all that comes next goes into the page.
  size_t bytes_left_;  // Of payload.
  size_t steps_ = 0;
  size_t chases_ = 0;
  record_page page_;
};

} // namespace varia
