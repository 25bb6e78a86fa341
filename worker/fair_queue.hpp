#pragma once

#include "core/ids.hpp"

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace varia {

/// A queue in which connections take turns, so that a connection with a hundred due variants does
/// not hold up the one variant of another. Within a connection the order is first come, first
/// served (round robin between flows: Nagle, RFC 970). Plain data, for one thread.
template <class T>
class fair_queue {
public:
  void push(connection_number connection, std::string id, T what) {
    auto& line = lines_[connection];
    if (line.empty())
      turns_.push_back(connection);
    line.emplace_back(std::move(id), std::move(what));
    ++size_;
  }

  /// Takes the next of the connection whose turn it is; nothing if the queue is empty.
  std::optional<T> pop() {
    if (turns_.empty())
      return std::nullopt;
    auto connection = turns_.front();
    turns_.pop_front();
    auto line = lines_.find(connection);
    std::optional<T> result{std::move(line->second.front().second)};
    line->second.pop_front();
    --size_;
    settle(line, false);
    return result;
  }

  /// Takes the one with this id out of the middle; nothing if it is not queued.
  std::optional<T> remove(const std::string& id) {
    for (auto line = lines_.begin(); line != lines_.end(); ++line)
      for (auto at = line->second.begin(); at != line->second.end(); ++at) {
        if (at->first != id)
          continue;
        std::optional<T> result{std::move(at->second)};
        line->second.erase(at);
        --size_;
        settle(line, true);
        return result;
      }
    return std::nullopt;
  }

  size_t size() const { return size_; }

private:
  using line_type = std::deque<std::pair<std::string, T>>;
  using lines_type = std::map<connection_number, line_type>;

  // A connection with nothing waiting has no turn; one that was served goes to the end.
  void settle(typename lines_type::iterator line, bool has_turn) {
    if (line->second.empty()) {
      for (auto turn = turns_.begin(); has_turn && turn != turns_.end(); ++turn)
        if (*turn == line->first) {
          turns_.erase(turn);
          break;
        }
      lines_.erase(line);
    } else if (!has_turn) {
      turns_.push_back(line->first);
    }
  }

  lines_type lines_;
  std::deque<connection_number> turns_;
  size_t size_ = 0;
};

} // namespace varia
