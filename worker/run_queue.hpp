#pragma once

#include "core/ids.hpp"
#include "core/time.hpp"

#include <algorithm>
#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace varia {

/// The runs of a worker that wait for a slot. Connections take turns, so that one with a hundred
/// due variants does not hold up the one variant of another; within a connection the order is first
/// come, first served (round robin between flows: Nagle, RFC 970). A connection whose run met a
/// limit is parked: it has no turn until it is woken. Plain data, for one thread; no step takes
/// longer with more runs that wait, beyond the logarithm.
template <class T>
class run_queue {
public:
  struct entry {
    connection_number connection = 0;
    std::string id;
    time_ms since = 0; ///< When the run was asked for.
    T what;
    uint64_t order = 0;    ///< Of those that were asked for.
    bool is_noted = false; ///< `take_overdue` has told of it.
  };

  /// A run that has waited for long, and why.
  struct overdue {
    const T& what;
    std::string reason;
  };

  void push(connection_number connection, std::string id, time_ms since, T what) {
    insert({connection, std::move(id), since, std::move(what), ++last_, false});
  }

  /// Takes the next of the connection whose turn it is; nothing if none has a turn.
  std::optional<entry> pop() {
    if (turns_.empty())
      return std::nullopt;
    auto connection = turns_.front();
    auto line = lines_.find(connection);
    end_turn(line->second);
    auto result = take(line, line->second.entries.begin());
    if (auto again = lines_.find(connection); again != lines_.end())
      begin_turn(connection, again->second);
    return result;
  }

  /// Puts a run that was popped back to where it was in its line, and parks the connection: no run
  /// of it is popped before `until` unless `gate` is woken.
  void park(entry x, std::string gate, std::string reason, time_ms until) {
    auto connection = x.connection;
    auto& line = insert(std::move(x));
    end_turn(line);
    unpark(connection, line);
    line.parked = parked_line{std::move(gate), std::move(reason), until};
    parked_.emplace(until, connection);
    ++parked_at_[line.parked->gate];
  }

  /// How many connections are parked at a gate.
  size_t parked_at(const std::string& gate) const {
    auto found = parked_at_.find(gate);
    return found == parked_at_.end() ? 0 : found->second;
  }

  /// Gives up to `count` connections that are parked at a gate their turns again, those first whose
  /// runs have waited longest.
  void wake(const std::string& gate, size_t count) {
    if (parked_at(gate) == 0)
      return;
    std::vector<std::pair<time_ms, connection_number>> found;
    for (auto& [until, connection] : parked_)
      if (auto& line = lines_.at(connection); line.parked->gate == gate)
        found.emplace_back(line.entries.front().since, connection);
    auto last = found.begin() + static_cast<std::ptrdiff_t>(std::min(count, found.size()));
    std::partial_sort(found.begin(), last, found.end());
    for (auto at = found.begin(); at != last; ++at)
      resume(at->second);
  }

  /// Gives those their turns again whose time has come.
  void wake_due(time_ms now) {
    while (!parked_.empty() && parked_.begin()->first <= now)
      resume(parked_.begin()->second);
  }

  /// Takes the one with this id out of the middle; nothing if it is not queued.
  std::optional<T> remove(const std::string& id) {
    auto found = places_.find(id);
    if (found == places_.end())
      return std::nullopt;
    auto at = found->second;
    return take(lines_.find(at->connection), at).what;
  }

  /// Returns up to `count` runs that wait since `before` or longer, each once.
  std::vector<overdue> take_overdue(time_ms before, size_t count) {
    std::vector<overdue> result;
    while (!unnoted_.empty() && unnoted_.begin()->first <= before && result.size() < count) {
      auto at = places_.at(unnoted_.begin()->second);
      unnoted_.erase(unnoted_.begin());
      at->is_noted = true;
      auto& line = lines_.at(at->connection);
      result.push_back({at->what, line.parked ? line.parked->reason : std::string{}});
    }
    return result;
  }

  /// Since when the one waits that has waited longest.
  std::optional<time_ms> oldest() const {
    return waits_.empty() ? std::nullopt : std::optional{waits_.begin()->first};
  }

  bool contains(const std::string& id) const { return places_.count(id) > 0; }

  size_t size() const { return places_.size(); }

private:
  using entries_type = std::list<entry>;
  using turns_type = std::list<connection_number>;

  struct parked_line {
    std::string gate;
    std::string reason;
    time_ms until = 0;
  };

  struct line_state {
    entries_type entries;
    std::optional<turns_type::iterator> turn;
    std::optional<parked_line> parked;
  };

  using lines_type = std::unordered_map<connection_number, line_state>;

  // What comes back belongs near the head, and what comes anew to the end.
  line_state& insert(entry x) {
    auto& line = lines_[x.connection];
    auto where = line.entries.end();
    if (!line.entries.empty() && line.entries.back().order > x.order)
      where = std::find_if(line.entries.begin(), line.entries.end(),
                           [&](const entry& y) { return y.order > x.order; });
    auto at = line.entries.insert(where, std::move(x));
    places_[at->id] = at;
    waits_.emplace(at->since, at->id);
    if (!at->is_noted)
      unnoted_.emplace(at->since, at->id);
    if (!line.turn && !line.parked)
      begin_turn(at->connection, line);
    return line;
  }

  // A connection with nothing waiting has no turn and is not parked.
  entry take(typename lines_type::iterator line, typename entries_type::iterator at) {
    auto result = std::move(*at);
    line->second.entries.erase(at);
    places_.erase(result.id);
    waits_.erase({result.since, result.id});
    unnoted_.erase({result.since, result.id});
    if (line->second.entries.empty()) {
      end_turn(line->second);
      unpark(line->first, line->second);
      lines_.erase(line);
    }
    return result;
  }

  void begin_turn(connection_number connection, line_state& line) {
    line.turn = turns_.insert(turns_.end(), connection);
  }

  void end_turn(line_state& line) {
    if (line.turn)
      turns_.erase(*line.turn);
    line.turn.reset();
  }

  void resume(connection_number connection) {
    auto& line = lines_.at(connection);
    unpark(connection, line);
    begin_turn(connection, line);
  }

  void unpark(connection_number connection, line_state& line) {
    if (!line.parked)
      return;
    parked_.erase({line.parked->until, connection});
    if (auto count = parked_at_.find(line.parked->gate); --count->second == 0)
      parked_at_.erase(count);
    line.parked.reset();
  }

  lines_type lines_;
  turns_type turns_;
  std::unordered_map<std::string, typename entries_type::iterator> places_; ///< By id.
  std::set<std::pair<time_ms, std::string>> waits_;                         ///< All that wait.
  std::set<std::pair<time_ms, std::string>> unnoted_; ///< Those not told of yet.
  std::set<std::pair<time_ms, connection_number>> parked_;
  std::map<std::string, size_t> parked_at_;
  uint64_t last_ = 0;
};

} // namespace varia
