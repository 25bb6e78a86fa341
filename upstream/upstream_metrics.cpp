#include "upstream/upstream_metrics.hpp"

namespace varia {

namespace {

std::string class_of(int status) {
  return status == 429 ? "429" : std::to_string(status / 100) + "xx";
}

} // namespace

void upstream_metrics::count(int status, const std::string& failure, double seconds) const {
  answers[failure.empty() ? class_of(status) : "failed"].add();
  spans.observe(seconds);
}

const upstream_metrics& measured_upstream() {
  static const auto& result = *new upstream_metrics;
  return result;
}

} // namespace varia
