#include "worker/run_metrics.hpp"

namespace varia {

void run_metrics::count_commit(double seconds, const commit_result& x) const {
  commit_span.observe(seconds);
  records["added"].add(static_cast<double>(x.added));
  records["updated"].add(static_cast<double>(x.updated));
  records["deleted"].add(static_cast<double>(x.deleted));
  records["unchanged"].add(static_cast<double>(x.unchanged));
  records["ignored"].add(static_cast<double>(x.ignored));
}

const std::vector<double>& run_metrics::short_and_long() {
  static const std::vector<double> result{0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5,
                                          1,     2.5,   5,    10,    30,   60,  300,  3600};
  return result;
}

const run_metrics& measured_runs() {
  static const auto& result = *new run_metrics;
  return result;
}

} // namespace varia
