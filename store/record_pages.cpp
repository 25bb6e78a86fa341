#include "store/record_pages.hpp"

#include "store/keys.hpp"
#include "store/record_walk.hpp"
#include "store/sealing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <iterator>

namespace varia {

namespace {

// What one call may do at most: Redis serves nobody else meanwhile.
constexpr auto found_bytes_max = "16777216";
constexpr size_t ids_max = 1000;

// Reads the id, meta and payload that stand at `i`.
expected<stored_record> record_at(const redisReply& answer, size_t i) {
  auto& packed = *answer.element[i + 1];
  auto& payload = *answer.element[i + 2];
  auto meta = read_record_meta({packed.str, packed.len});
  if (!meta)
    return std::move(meta.error());
  auto opened = open_payload({payload.str, payload.len});
  if (!opened)
    return std::move(opened.error());
  return stored_record{text_of(*answer.element[i]), std::move(*opened), std::move(*meta), {}};
}

// The first place that a query may return; of a cursor and a time the later one counts.
expected<record_place> begin_of(const record_query& query) {
  record_place result = 0;
  if (!query.cursor.empty()) {
    auto place = parse_cursor(query.cursor);
    if (!place)
      return place;
    result = *place + 1;
  }
  return std::max(result, first_place_at(query.modified_after.value_or(0)));
}

// Those first in change order.
record_page first_of(std::vector<stored_record> found, size_t limit) {
  std::sort(found.begin(), found.end(),
            [](auto& a, auto& b) { return a.meta.place < b.meta.place; });
  record_page result;
  auto has_more = found.size() > limit;
  found.resize(std::min(found.size(), limit));
  result.records = std::move(found);
  if (result.records.empty())
    return result;
  result.end = result.records.back().meta.place;
  if (has_more)
    result.next_cursor = to_cursor(result.end);
  return result;
}

} // namespace

bool wants(const record_query& query, last_action x) {
  switch (x) {
    case last_action::added: return query.added;
    case last_action::updated: return query.updated;
    case last_action::deleted: return query.deleted;
  }
  return false;
}

expected<record_page> record_pages::page(const variant_ref& variant, const record_query& query) {
  return page(std::vector{record_source{variant, {}}}, query);
}

expected<record_page> record_pages::page(const std::vector<record_source>& sources,
                                         const record_query& query) {
  if (sources.empty())
    return record_page{};
  auto result = page(sources, query, {});
  if (!result)
    return std::move(result.error());
  return std::move(result->page);
}

expected<answered_page> record_pages::page(const std::vector<record_source>& sources,
                                           const record_query& query,
                                           const std::vector<owned_command>& questions) {
  auto begin = begin_of(query);
  if (!begin)
    return std::move(begin.error());
  if (!query.ids.empty() || sources.empty())
    return page_of_ids(sources, query, *begin, questions);
  return record_walk{db_, sources, query, *begin}.run(questions);
}

expected<answered_page> record_pages::page_of_ids(const std::vector<record_source>& sources,
                                                  const record_query& query, record_place begin,
                                                  const std::vector<owned_command>& questions) {
  auto ids = query.ids;
  std::sort(ids.begin(), ids.end());
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  std::vector<stored_record> found;
  for (auto& source : sources) {
    for (auto missing = ids; !missing.empty();) {
      auto part = find(source.variant, query.model, missing);
      if (!part)
        return std::move(part.error());
      for (auto& x : part->records) {
        auto place = x.meta.place;
        if (!wants(query, x.meta.action) || place < begin || place > query.until.value_or(place))
          continue;
        x.variant = source.name;
        found.push_back(std::move(x));
      }
      missing.erase(missing.begin(), missing.begin() + static_cast<ptrdiff_t>(part->looked_at));
    }
  }
  auto answers = run_checked(db_, questions);
  if (!answers)
    return std::move(answers.error());
  return answered_page{first_of(std::move(found), query.limit), std::move(*answers)};
}

expected<found_records> record_pages::find(const variant_ref& variant, const std::string& model,
                                           const std::vector<std::string>& ids) {
  if (ids.empty())
    return found_records{};
  std::vector<std::string> args{found_bytes_max};
  std::copy_n(ids.begin(), std::min(ids.size(), ids_max), std::back_inserter(args));
  auto reply = call(db_, "records_get",
                    {keys::record_meta(variant, model), keys::record_data(variant, model)}, args);
  if (!reply)
    return std::move(reply.error());
  found_records result;
  result.looked_at = static_cast<size_t>(number_of(*(*reply)->element[0]));
  for (size_t i = 1; i + 2 < (*reply)->elements; i += 3) {
    auto record = record_at(**reply, i);
    if (!record)
      return std::move(record.error());
    result.records.push_back(std::move(*record));
  }
  return result;
}

expected<record_place> record_pages::newest(const variant_ref& variant, const std::string& model) {
  auto reply = call(db_, "records_newest", {keys::record_order(variant, model)});
  if (!reply)
    return std::move(reply.error());
  return static_cast<record_place>(number_of(**reply));
}

} // namespace varia
