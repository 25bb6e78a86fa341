#include "worker/run_progress.hpp"

#include <nlohmann/json.hpp>

namespace varia {

void run_progress::count(const request_trace& x) {
  ++requests_;
  if (x.status < 200 || x.status >= 400)
    ++failed_;
  else if (x.method == "GET" && x.status < 300 && x.bytes > 0)
    ++pages_;
}

void run_progress::set_saved(const commit_result& total, uint64_t batches) {
  total_ = total;
  batches_ = batches;
}

std::string run_progress::text(clock::time_point now) const {
  nlohmann::json result{{"saved", total_.added + total_.updated + total_.unchanged},
                        {"deleted", total_.deleted},
                        {"unchanged", total_.unchanged},
                        {"batches", batches_},
                        {"pages", pages_},
                        {"requests", requests_},
                        {"failed_requests", failed_},
                        {"budget_wait_ms", budget_->total(now).count()}};
  if (budget_->is_waiting())
    result["waits_for"] = "budget";
  return result.dump();
}

} // namespace varia
