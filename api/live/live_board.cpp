#include "api/live/live_board.hpp"

#include <algorithm>
#include <utility>

namespace varia {

bool live_board::put(std::map<std::string, std::string> rows) {
  auto before = last_;
  auto is_first = !std::exchange(is_known_, true);
  for (auto& [name, x] : rows_)
    if (!x.is_gone && rows.count(name) == 0) {
      x.text.clear();
      x.is_gone = true;
      ++gone_;
      note(name, x);
    }
  for (auto& [name, text] : rows) {
    auto& x = rows_[name];
    if (x.revision > 0 && !x.is_gone && x.text == text)
      continue;
    gone_ -= x.is_gone ? 1 : 0;
    x.is_gone = false;
    x.text = std::move(text);
    note(name, x);
  }
  forget_gone();
  return is_first || last_ != before;
}

void live_board::note(const std::string& name, row& x) {
  order_.erase(x.revision);
  // 0 stands for nothing known, 1 for an empty table.
  x.revision = last_ = std::max<uint64_t>(last_, 1) + 1;
  order_[x.revision] = name;
}

void live_board::forget_gone() {
  for (auto i = order_.begin(); gone_ > gone_max && i != order_.end();) {
    auto found = rows_.find(i->second);
    if (!found->second.is_gone) {
      ++i;
      continue;
    }
    forgotten_ = i->first;
    rows_.erase(found);
    i = order_.erase(i);
    --gone_;
  }
}

live_board::difference live_board::since(uint64_t revision, size_t count,
                                         const std::string& only) const {
  difference result;
  result.revision = revision;
  if (!is_known_)
    return result;
  result.is_full
    = revision == 0 || revision < forgotten_ || revision > std::max<uint64_t>(last_, 1);
  auto known = result.is_full ? 0 : revision;
  result.revision = std::max<uint64_t>(known, 1);
  for (auto i = order_.upper_bound(known); i != order_.end(); ++i) {
    if (!only.empty() && i->second != only)
      continue;
    auto& x = rows_.at(i->second);
    if (result.rows.size() + result.gone.size() == count) {
      result.has_more = true;
      break;
    }
    if (!x.is_gone)
      result.rows.push_back(x.text);
    else if (!result.is_full)
      result.gone.push_back(i->second);
    result.revision = i->first;
  }
  // What was passed over need not be looked at again.
  if (!only.empty() && !result.has_more)
    result.revision = std::max<uint64_t>(last_, 1);
  return result;
}

} // namespace varia
