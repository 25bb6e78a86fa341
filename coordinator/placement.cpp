#include "coordinator/placement.hpp"

#include <cstddef>

namespace varia {

namespace {

// Weighs what placement has given out so far in this call: fullness first, then kinship.
class scale {
public:
  explicit scale(std::vector<worker_capacity> workers) : workers_{std::move(workers)} {}

  size_t lighter(size_t a, size_t b, connection_number connection) {
    // Cross-multiplied, so that equal shares are equal without floating point.
    auto fullness_a = uint64_t{workers_[a].variants} * workers_[b].slots;
    auto fullness_b = uint64_t{workers_[b].variants} * workers_[a].slots;
    if (fullness_a != fullness_b)
      return fullness_a < fullness_b ? a : b;
    return kin_[{a, connection}] <= kin_[{b, connection}] ? a : b;
  }

  const std::string& load(size_t chosen, connection_number connection) {
    ++workers_[chosen].variants;
    ++kin_[{chosen, connection}];
    return workers_[chosen].worker;
  }

  size_t size() const { return workers_.size(); }

private:
  std::vector<worker_capacity> workers_;
  std::map<std::pair<size_t, connection_number>, uint32_t> kin_;
};

} // namespace

std::vector<std::pair<std::string, std::string>> place(const std::vector<homeless>& variants,
                                                       std::vector<worker_capacity> workers,
                                                       std::mt19937_64& chance) {
  std::vector<std::pair<std::string, std::string>> result;
  if (workers.empty())
    return result;
  result.reserve(variants.size());
  scale given{std::move(workers)};
  std::uniform_int_distribution<size_t> any{0, given.size() - 1};
  for (auto& variant : variants) {
    auto first = given.size() == 2 ? 0 : any(chance);
    auto second = given.size() == 2 ? 1 : any(chance);
    auto chosen = given.lighter(first, second, variant.connection);
    result.emplace_back(variant.id, given.load(chosen, variant.connection));
  }
  return result;
}

} // namespace varia
