#include "coordinator/cluster_metrics.hpp"

namespace varia {

const cluster_metrics& measured_cluster() {
  static const auto& result = *new cluster_metrics;
  return result;
}

} // namespace varia
