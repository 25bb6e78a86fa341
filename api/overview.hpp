#pragma once

#include "api/variant_rows.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace varia {

/// How a variant is doing at a moment, for people who look at many.
struct variant_standing {
  bool running = false;
  bool paused = false;  ///< And not running.
  bool failing = false; ///< Its last run failed.
  bool waiting = false; ///< A run is due or was asked for, and has not begun.
  milliseconds late{0}; ///< How long it has waited.
};

/// Judges a variant. `deployed` is nullptr if its function is gone.
variant_standing standing_of(const counted_variant& x, const function* deployed, time_ms now);

/// Sums up how the variants of an environment are doing. Plain: what was read comes in, and JSON
/// goes out.
class overview_tally {
public:
  static constexpr size_t syncs_max = 200;
  static constexpr size_t failures_max = 20;

  /// What is late for less is only on its way.
  static constexpr milliseconds late_from{5000};

  /// Variants that are hosted by none of these workers count as unplaced.
  overview_tally(const variant_survey& all, const std::set<std::string>& workers, time_ms now);

  /// {total, running, paused, failing, waiting, unplaced}
  json variants() const;

  /// {late, latest_ms}
  json lag() const;

  /// The syncs that need attention first, and whether some were left out.
  json syncs() const;
  bool is_truncated() const;

  /// The last runs that failed, newest first.
  json failures() const;

private:
  struct sync_sum {
    size_t variants = 0, running = 0, failing = 0, paused = 0;
    int64_t records = 0;
    time_ms last_success_at = 0;
  };

  void count(const counted_variant& x, const std::set<std::string>& workers, time_ms now);

  const variant_survey& all_;
  size_t running_ = 0, paused_ = 0, failing_ = 0, waiting_ = 0, unplaced_ = 0, late_ = 0;
  milliseconds latest_{0};
  std::map<std::tuple<std::string, std::string, std::string>, sync_sum> syncs_;
  std::vector<const counted_variant*> failed_;
};

/// What a coordinator has to tell of its cluster, if a caller may know it.
struct overview_scene {
  json cluster; ///< {leader, epoch, coordinators, redis}
  json workers = json::array();
  std::set<std::string> alive; ///< Names of the workers that live.
};

/// Reads what there is to tell of the cluster. Without a leader in reach there are no workers.
expected<overview_scene> read_scene(redis& db, const cluster_commands& cluster);

/// The whole answer of `GET /varia/overview`.
json overview_text(const overview_tally& tally, const overview_scene& scene, bool shows_workers);

} // namespace varia
