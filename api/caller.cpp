#include "api/caller.hpp"

#include "core/text.hpp"

#include <algorithm>

namespace varia {

namespace {

bool is_word(const std::string& x) {
  return !x.empty() && std::all_of(x.begin(), x.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_';
  });
}

} // namespace

bool caller::may(const std::string& scope) const {
  return std::any_of(scopes.begin(), scopes.end(), [&](auto& held) { return covers(held, scope); });
}

bool caller::may_any(const std::vector<std::string>& wanted) const {
  return std::any_of(wanted.begin(), wanted.end(), [&](auto& each) { return may(each); });
}

bool covers(const std::string& held, const std::string& wanted) {
  if (held == wanted || held == "*")
    return true;
  auto stem = held.size() - std::min<size_t>(held.size(), 1);
  return held.size() > 2 && held.compare(stem - 1, 2, ":*") == 0
         && wanted.compare(0, stem, held, 0, stem) == 0;
}

bool is_scope(const std::string& text) {
  if (text == "*")
    return true;
  auto parts = split(text, ':');
  if (parts.size() < 2 || (parts.front() != "environment" && parts.front() != "account"))
    return false;
  if (parts.back() == "*")
    parts.pop_back();
  return std::all_of(parts.begin(), parts.end(), is_word);
}

} // namespace varia
