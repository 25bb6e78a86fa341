#include "store/newest_records.hpp"

#include "store/keys.hpp"
#include "store/sealing.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

// How many changes one look takes at least if not all are wanted, and how many looks there are.
constexpr size_t picky_look = 500;
constexpr size_t looks_max = 4;

class backward_walk {
public:
  backward_walk(redis& db, const variant_ref& variant, const record_query& query)
    : db_{db}, meta_{keys::record_meta(variant, query.model)}, data_{keys::record_data(
                                                                 variant, query.model)},
      order_{keys::record_order(variant, query.model)}, query_{query}, until_{query.until} {}

  expected<record_page> run() {
    for (size_t looks = 0; looks < looks_max && !is_over_; ++looks)
      if (auto done = look(); !done)
        return std::move(done.error());
    record_page result;
    if (auto done = fetch(result); !done)
      return std::move(done.error());
    if (!is_at_begin_)
      result.next_cursor = to_cursor(end_);
    return result;
  }

private:
  bool is_picky() const { return !query_.added || !query_.updated || !query_.deleted; }

  expected<void> look() {
    auto count = std::max(query_.limit + 1, is_picky() ? picky_look : 0);
    auto from = until_ ? std::to_string(*until_) : std::string{"+inf"};
    auto ids = db_.run(view_of({"ZRANGE", order_, from, "-inf", "BYSCORE", "REV", "LIMIT", "0",
                                std::to_string(count), "WITHSCORES"}));
    if (!ids)
      return std::move(ids.error());
    auto size = (*ids)->elements / 2;
    if (size > 0)
      if (auto done = pick(**ids); !done)
        return done;
    if (!is_over_ && size < count)
      is_over_ = is_at_begin_ = true;
    return caf::unit;
  }

  // Takes those that are wanted, and notes where the last one lies that was looked at.
  expected<void> pick(const redisReply& ids) {
    owned_command question{"HMGET", meta_};
    for (size_t i = 0; i < ids.elements; i += 2)
      question.push_back(text_of(*ids.element[i]));
    auto metas = db_.run(view_of(question));
    if (!metas)
      return std::move(metas.error());
    for (size_t i = 0; i < (*metas)->elements; ++i) {
      auto place = static_cast<record_place>(number_of(*ids.element[2 * i + 1]));
      auto& packed = *(*metas)->element[i];
      if (packed.type != REDIS_REPLY_NIL) {
        auto meta = read_record_meta({packed.str, packed.len});
        if (!meta)
          return std::move(meta.error());
        // One that has changed since is among the newer ones now.
        if (meta->place == place && wants(query_, meta->action) && !add(question[i + 2], *meta))
          return caf::unit;
      }
      end_ = place;
      until_ = place - 1;
    }
    return caf::unit;
  }

  bool add(std::string id, const record_meta& meta) {
    bytes_ += meta.bytes;
    is_over_ = found_.size() == query_.limit || (!found_.empty() && bytes_ > query_.bytes_max);
    if (!is_over_)
      found_.push_back({std::move(id), {}, meta, {}});
    return !is_over_;
  }

  expected<void> fetch(record_page& page) {
    if (found_.empty())
      return caf::unit;
    owned_command question{"HMGET", data_};
    for (auto& each : found_)
      question.push_back(each.id);
    auto payloads = db_.run(view_of(question));
    if (!payloads)
      return std::move(payloads.error());
    for (size_t i = 0; i < found_.size(); ++i) {
      auto& payload = *(*payloads)->element[i];
      auto opened = open_payload({payload.str, payload.len});
      if (!opened)
        return std::move(opened.error());
      found_[i].payload = std::move(*opened);
    }
    page.records = std::move(found_);
    page.end = end_;
    return caf::unit;
  }

  redis& db_;
  std::string meta_, data_, order_;
  const record_query& query_;
  std::optional<record_place> until_; // What comes behind it has been looked at.
  record_place end_ = 0;              // The last place that was looked at.
  std::vector<stored_record> found_;  // Without payloads, until the end.
  size_t bytes_ = 0;
  bool is_over_ = false;
  bool is_at_begin_ = false;
};

} // namespace

expected<record_page> newest_records(redis& db, const variant_ref& variant,
                                     const record_query& query) {
  return backward_walk{db, variant, query}.run();
}

} // namespace varia
