#include "api/live/live_subjects.hpp"

#include "api/overview.hpp"
#include "store/run_logs.hpp"

#include <utility>

namespace varia {

namespace {

expected<json> overview_of(redis& db, const std::string& environment,
                           const cluster_commands& cluster) {
  auto all = survey_variants(db, {environment, {}, {}, {}});
  if (!all)
    return std::move(all.error());
  auto scene = read_scene(db, cluster);
  if (!scene)
    return std::move(scene.error());
  overview_tally tally{*all, scene->alive, now_ms()};
  return overview_text(tally, *scene, true);
}

std::string dumped(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace);
}

} // namespace

expected<bool> status_subject::look(redis& db) {
  auto now = overview_of(db, environment_, *cluster_);
  std::lock_guard guard{mutex_};
  auto text = now ? std::move(*now) : seen_;
  // What was seen last stays, but for this.
  if (!now && text.is_object())
    text["cluster"]["redis"] = "unavailable";
  if (text.is_null() || text == seen_)
    return false;
  seen_ = std::move(text);
  ++revision_;
  return true;
}

status_subject::view status_subject::seen(bool shows_workers, bool shows_syncs) const {
  std::unique_lock guard{mutex_};
  auto text = seen_;
  auto revision = revision_;
  guard.unlock();
  if (revision == 0)
    return {};
  if (!shows_workers)
    text["workers"] = json::array();
  if (!shows_syncs) {
    text.erase("syncs");
    text.erase("truncated");
  }
  return {revision, dumped(text)};
}

expected<bool> variants_subject::look(redis& db) {
  auto all = survey_variants(db, which_);
  if (!all)
    return std::move(all.error());
  std::map<std::string, std::string> rows;
  auto now = now_ms();
  for (auto& each : all->census.variants)
    rows.emplace(each.entry.key.name, dumped(variant_row_text(*all, each, now, recent_runs_max)));
  std::lock_guard guard{mutex_};
  return board_.put(std::move(rows));
}

live_board::difference variants_subject::since(uint64_t revision, size_t count,
                                               const std::string& only) const {
  std::lock_guard guard{mutex_};
  return board_.since(revision, count, only);
}

expected<bool> log_subject::look(redis& db) {
  log_query query;
  query.count = 1;
  auto lines = run_logs{db}.read(which_, query);
  if (!lines)
    return std::move(lines.error());
  auto id = lines->empty() ? std::string{} : lines->front().id;
  return std::exchange(last_, id) != id;
}

} // namespace varia
