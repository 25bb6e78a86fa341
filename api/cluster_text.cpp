#include "api/cluster_text.hpp"

namespace varia {

namespace {

json worker_text(const worker_info& x) {
  return {{"worker", x.worker},
          {"address", x.address},
          {"alive", x.alive},
          {"duty", x.duty},
          {"labels", x.labels},
          {"variants", x.load.variants},
          {"running", x.load.running},
          {"queued", x.load.queued},
          {"slots", x.load.slots},
          {"busy_permille", x.load.busy_permille},
          {"longest_wait_ms", x.load.longest_wait_ms},
          {"wait_p99_ms", x.load.wait_p99_ms},
          {"wait_max_ms", x.load.wait_max_ms}};
}

} // namespace

json workers_text(const cluster_status& x) {
  auto result = json::array();
  for (auto& worker : x.workers)
    result.push_back(worker_text(worker));
  return result;
}

} // namespace varia
