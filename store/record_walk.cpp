#include "store/record_walk.hpp"

#include "store/keys.hpp"
#include "store/sealing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <optional>

namespace varia {

namespace {

// What one command may look at: Redis serves nobody else meanwhile.
constexpr size_t look_max = 2000;

// What it looks at, at least, in each of several orders, and in later steps: whoever needs more
// than one is looking for something rare.
constexpr size_t look_min = 16, look_again = 200;

// A record that changes all the time could be chased for ever.
constexpr size_t chases_max = 10;

std::string_view bytes_of(const redisReply& x) {
  return {x.str, x.len};
}

// The meta of a record if it is still where it was seen.
expected<std::optional<record_meta>> meta_at(record_place place, const redisReply& reply) {
  if (reply.type == REDIS_REPLY_NIL)
    return std::optional<record_meta>{};
  auto meta = read_record_meta(bytes_of(reply));
  if (!meta)
    return std::move(meta.error());
  return meta->place == place ? std::optional{*meta} : std::nullopt;
}

} // namespace

record_walk::record_walk(redis& db, const std::vector<record_source>& sources,
                         const record_query& query, record_place begin)
  : db_{db}, sources_{sources}, query_{query}, begin_{begin},
    is_picky_{!query.added || !query.updated || !query.deleted}, bytes_left_{query.bytes_max} {
  for (auto& x : sources)
    keys_.push_back({keys::head(x.variant), keys::record_meta(x.variant, query.model),
                     keys::record_data(x.variant, query.model),
                     keys::record_order(x.variant, query.model)});
}

expected<answered_page> record_walk::run(const std::vector<owned_command>& questions) {
  for (;;) {
    auto next = look();
    if (!next)
      return std::move(next.error());
    if (is_picky_)
      if (auto chosen = choose(*next); !chosen)
        return std::move(chosen.error());
    auto answers = fetch(*next, questions);
    if (!answers)
      return std::move(answers.error());
    if (conclude(*next))
      return answered_page{std::move(page_), std::move(*answers)};
  }
}

// Looks at several orders at one moment: what is found in one must not be newer than what is missed
// in another.
expected<record_walk::step> record_walk::look() {
  auto is_first = steps_++ == 0;
  auto count = std::min(std::max(missing() + 1, is_first ? 1 : look_again), look_max);
  if (has_many())
    count = std::max(count / keys_.size() + 1, std::min(count, look_min));
  auto begin = std::to_string(begin_), limit = std::to_string(count), size = "b:" + query_.model;
  auto until = query_.until ? std::to_string(*query_.until) : std::string{"+inf"};
  std::vector<redis::command> commands;
  if (is_first)
    for (auto& x : keys_)
      commands.push_back({"HGET", x.head, size});
  if (has_many())
    commands.push_back({"MULTI"});
  for (auto& x : keys_)
    commands.push_back(
      {"ZRANGE", x.order, begin, until, "BYSCORE", "LIMIT", "0", limit, "WITHSCORES"});
  if (has_many())
    commands.push_back({"EXEC"});
  auto answers = run_checked(db_, commands);
  if (!answers)
    return std::move(answers.error());
  size_t stored = 0;
  for (size_t i = 0; is_first && i < keys_.size(); ++i)
    stored += static_cast<size_t>(number_of(*(*answers)[i]));
  is_picky_ = is_picky_ || stored > query_.bytes_max;
  step result;
  result.answers = std::move(*answers);
  merge(result, count);
  result.picked = std::min(result.changes.size(), missing());
  return result;
}

// Puts what was found into one order. A source that gave all it was asked for may have more, so
// nothing counts that lies behind its last change.
void record_walk::merge(step& x, size_t count_each) const {
  auto& last = *x.answers.back();
  std::optional<record_place> bound;
  for (size_t source = 0; source < keys_.size(); ++source) {
    auto& order = has_many() ? *last.element[source] : last;
    for (size_t i = 0; i + 1 < order.elements; i += 2)
      x.changes.push_back({static_cast<record_place>(number_of(*order.element[i + 1])), source,
                           bytes_of(*order.element[i])});
    if (order.elements == 2 * count_each)
      bound = std::min(bound.value_or(x.changes.back().place), x.changes.back().place);
  }
  if (has_many())
    std::sort(x.changes.begin(), x.changes.end(),
              [](auto& a, auto& b) { return a.place < b.place; });
  while (bound && x.changes.back().place > *bound)
    x.changes.pop_back();
  x.is_last = !bound;
  x.end = x.changes.empty() ? begin_ : x.changes.back().place + 1;
}

// Keeps the changes that are wanted, and picks as many as fit into the page.
expected<void> record_walk::choose(step& x) {
  auto answers = run_checked(db_, gets(x, x.changes.size(), &source_keys::meta));
  if (!answers)
    return std::move(answers.error());
  replies each;
  for (auto& answer : *answers)
    each.push_back(answer.get());
  each = spread(x, x.changes.size(), each);
  std::vector<change> wanted;
  auto bytes_left = bytes_left_;
  auto is_full = false;
  for (size_t i = 0; i < x.changes.size() && !is_full; ++i) {
    auto meta = meta_at(x.changes[i].place, *each[i]);
    if (!meta)
      return std::move(meta.error());
    if (!*meta) {
      ++x.moved;
    } else if (wants(query_, (*meta)->action)) {
      auto is_only = wanted.empty() && page_.records.empty();
      is_full = wanted.size() == missing() || ((*meta)->bytes > bytes_left && !is_only);
      bytes_left -= std::min((*meta)->bytes, bytes_left);
      wanted.push_back(x.changes[i]);
    }
  }
  x.changes = std::move(wanted);
  x.picked = x.changes.size() - (is_full ? 1 : 0);
  return caf::unit;
}

expected<std::vector<redis::reply>>
record_walk::fetch(step& x, const std::vector<owned_command>& questions) {
  std::vector<redis::command> commands;
  if (x.picked > 0) {
    commands.push_back({"MULTI"});
    for (auto hash : {&source_keys::meta, &source_keys::data})
      for (auto& words : gets(x, x.picked, hash))
        commands.push_back(std::move(words));
    commands.push_back({"EXEC"});
  }
  auto own = static_cast<ptrdiff_t>(commands.size());
  for (auto& each : questions)
    commands.push_back(view_of(each));
  auto answers = run_checked(db_, commands);
  if (!answers || own == 0)
    return answers;
  if (auto taken = take(x, *(*answers)[static_cast<size_t>(own) - 1]); !taken)
    return std::move(taken.error());
  answers->erase(answers->begin(), answers->begin() + own);
  return answers;
}

// Takes the metas of all sources that have any, and then the payloads.
expected<void> record_walk::take(step& x, const redisReply& answer) {
  auto half = answer.element + answer.elements / 2;
  auto metas = spread(x, x.picked, replies(answer.element, half));
  auto payloads = spread(x, x.picked, replies(half, answer.element + answer.elements));
  page_.records.reserve(page_.records.size() + x.picked);
  for (size_t i = 0; i < x.picked; ++i) {
    auto meta = meta_at(x.changes[i].place, *metas[i]);
    if (!meta)
      return std::move(meta.error());
    if (!*meta) {
      ++x.moved;
      continue;
    }
    auto payload = open_payload(bytes_of(*payloads[i]));
    if (!payload)
      return std::move(payload.error());
    bytes_left_ -= std::min(payload->size(), bytes_left_);
    page_.records.push_back({std::string{x.changes[i].id}, std::move(*payload), **meta,
                             sources_[x.changes[i].source].name});
  }
  return caf::unit;
}

// Returns whether the page is complete.
bool record_walk::conclude(const step& x) {
  auto is_full = x.picked < x.changes.size();
  begin_ = is_full ? x.changes[x.picked].place : x.end;
  page_.end = begin_ - std::min<record_place>(begin_, 1);
  if (is_full && (!page_.records.empty() || missing() == 0)) {
    page_.next_cursor
      = to_cursor(page_.records.empty() ? page_.end : page_.records.back().meta.place);
    return true;
  }
  if (x.moved > 0 && ++chases_ == chases_max) {
    page_.next_cursor = to_cursor(page_.end);
    return true;
  }
  return !is_full && x.is_last && x.moved == 0;
}

// One command for each source that has any of the first changes.
std::vector<redis::command> record_walk::gets(const step& x, size_t count,
                                              std::string source_keys::*hash) const {
  std::vector<redis::command> result(keys_.size());
  for (size_t i = 0; i < count; ++i) {
    auto& words = result[x.changes[i].source];
    if (words.empty())
      words = {"HMGET", keys_[x.changes[i].source].*hash};
    words.push_back(x.changes[i].id);
  }
  auto is_empty = [](auto& words) { return words.empty(); };
  result.erase(std::remove_if(result.begin(), result.end(), is_empty), result.end());
  return result;
}

// What `gets` was answered, by change.
record_walk::replies record_walk::spread(const step& x, size_t count,
                                         const replies& answers) const {
  std::vector<bool> is_asked(keys_.size());
  for (size_t i = 0; i < count; ++i)
    is_asked[x.changes[i].source] = true;
  std::vector<redisReply**> next(keys_.size());
  auto answer = answers.begin();
  for (size_t source = 0; source < next.size(); ++source)
    if (is_asked[source])
      next[source] = (*answer++)->element;
  replies result;
  for (size_t i = 0; i < count; ++i)
    result.push_back(*next[x.changes[i].source]++);
  return result;
}

} // namespace varia
