#pragma once

#include "core/cron.hpp"
#include "core/schedule_rules.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// The rules of a schedule, read and checked: cron texts are parsed and zones are found. It never
/// changes, so all variants with the same rules share one.
class rulebook {
public:
  /// Fails with `invalid` and says which rule is wrong.
  static expected<std::shared_ptr<const rulebook>> make(schedule_rules rules);

  const schedule_rules& rules() const { return rules_; }

  bool has_cron() const { return cron_.has_value(); }

  /// The first moment of the cron text after another; nothing without one.
  std::optional<time_ms> next(time_ms after) const;

  /// When the blackout ends that this moment lies in, and any that follow upon it; nothing if it
  /// lies in none.
  std::optional<time_ms> blackout_end(time_ms at) const;

  /// Variants are spread over so much unless the rules say otherwise: a tenth of the shortest
  /// distance between moments of the cron text, and five minutes at most.
  milliseconds spread() const { return spread_; }

private:
  struct dark_time {
    time_zone zone;
    cron begin;
    std::optional<cron> end; ///< Of one that ends at a time of the day; else it lasts so long:
    milliseconds lasts{0};
  };

  explicit rulebook(schedule_rules rules) : rules_{std::move(rules)} {}

  caf::error read_timing();
  caf::error read_blackout(const blackout& x);
  static std::optional<time_ms> end_of(const dark_time& x, time_ms at);

  schedule_rules rules_;
  std::optional<cron> cron_;
  time_zone zone_;
  std::vector<dark_time> dark_times_;
  milliseconds spread_{0};
};

/// The rulebook of packed rules; the same one for the same text as long as somebody has it. Never
/// fails: rules that this host cannot read, because its zones are others, have no moments. Empty
/// text has no rulebook (nullptr).
std::shared_ptr<const rulebook> share_rulebook(const std::string& packed);

} // namespace varia
