#include "api/variant_sums.hpp"

#include <map>
#include <numeric>
#include <string>

namespace varia {

namespace {

int64_t sum_of(const std::map<std::string, int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0},
                         [](auto sum, auto& each) { return sum + each.second; });
}

} // namespace

change_counts changes_of(const variant_state& x) {
  change_counts result;
  for (auto& [model, count] : x.result) {
    result.added += count.added;
    result.updated += count.updated;
    result.deleted += count.deleted;
  }
  return result;
}

int64_t records_of(const variant_state& x) {
  return sum_of(x.record_count);
}

int64_t bytes_of(const variant_state& x) {
  return sum_of(x.record_bytes);
}

} // namespace varia
