#include "coordinator/placement.hpp"

#include <algorithm>
#include <set>

namespace varia {

namespace {

// With so few workers all of them are weighed.
constexpr size_t weighed_max = 8;

// Workers count as equally full if they differ by no more than a tenth or one variant a slot.
constexpr uint64_t tolerance_percent = 10;

// What evening out leaves alone beside that, in variants.
constexpr uint64_t uneven_min = 4;

// Cost per slot, in thousandths.
uint64_t fullness(const worker_capacity& x) {
  return x.cost * 1000 / std::max<uint64_t>(x.slots, 1);
}

bool are_close(const worker_capacity& a, const worker_capacity& b) {
  auto [less, more] = std::minmax({fullness(a), fullness(b)});
  return more - less <= std::max<uint64_t>(more * tolerance_percent / 100, 1000);
}

// Weighs what placement has given out so far in this call, on top of what was there.
class scale {
public:
  scale(std::vector<worker_capacity> workers, const kin_count& kin)
    : workers_{std::move(workers)}, kin_before_{kin} {}

  size_t lighter(size_t a, size_t b, connection_number connection) {
    auto full_a = fullness(workers_[a]);
    auto full_b = fullness(workers_[b]);
    if (!are_close(workers_[a], workers_[b]))
      return full_a < full_b ? a : b;
    auto kin_a = std::pair{kin_in_zone(a, connection), kin_of(a, connection)};
    auto kin_b = std::pair{kin_in_zone(b, connection), kin_of(b, connection)};
    if (kin_a != kin_b)
      return kin_a < kin_b ? a : b;
    return full_a <= full_b ? a : b;
  }

  size_t lightest(connection_number connection) {
    size_t result = 0;
    for (size_t i = 1; i < workers_.size(); ++i)
      result = lighter(result, i, connection);
    return result;
  }

  const std::string& load(size_t chosen, connection_number connection) {
    ++workers_[chosen].cost;
    kin_of(chosen, connection) += 1;
    return workers_[chosen].worker;
  }

  size_t find(const std::string& worker) const {
    auto same = [&](auto& x) { return x.worker == worker; };
    return static_cast<size_t>(std::find_if(workers_.begin(), workers_.end(), same)
                               - workers_.begin());
  }

  size_t size() const { return workers_.size(); }

private:
  uint32_t& kin_of(size_t worker, connection_number connection) {
    auto [at, fresh] = kin_.try_emplace({worker, connection}, 0);
    if (fresh)
      at->second = kin_before_(connection, workers_[worker].worker);
    return at->second;
  }

  uint32_t kin_in_zone(size_t worker, connection_number connection) {
    if (workers_[worker].zone.empty())
      return 0;
    uint32_t result = 0;
    for (size_t i = 0; i < workers_.size(); ++i)
      if (workers_[i].zone == workers_[worker].zone)
        result += kin_of(i, connection);
    return result;
  }

  std::vector<worker_capacity> workers_;
  const kin_count& kin_before_;
  std::map<std::pair<size_t, connection_number>, uint32_t> kin_;
};

// The variants that a worker gives away, in the order in which it does: one of the connection of
// which it has most, then again.
class givings {
public:
  explicit givings(const std::vector<hosted>& variants) {
    for (auto& x : variants)
      by_connection_[x.connection].push_back(&x);
    for (auto& [connection, kin] : by_connection_)
      order_.insert({kin.size(), connection});
  }

  const hosted* next() {
    if (order_.empty())
      return nullptr;
    auto most = std::prev(order_.end());
    auto& kin = by_connection_[most->second];
    auto* result = kin.back();
    kin.pop_back();
    auto connection = most->second;
    order_.erase(most);
    if (!kin.empty())
      order_.insert({kin.size(), connection});
    return result;
  }

private:
  std::map<connection_number, std::vector<const hosted*>> by_connection_;
  std::set<std::pair<size_t, connection_number>> order_;
};

} // namespace

uint64_t cost_of(uint64_t variants, uint32_t slots, uint32_t busy_permille) {
  return variants + uint64_t{slots} * busy_permille * busy_cost / 1000;
}

std::vector<std::pair<std::string, std::string>> place(const std::vector<homeless>& variants,
                                                       std::vector<worker_capacity> workers,
                                                       const kin_count& kin,
                                                       std::mt19937_64& chance) {
  std::vector<std::pair<std::string, std::string>> result;
  if (workers.empty())
    return result;
  result.reserve(variants.size());
  scale given{std::move(workers), kin};
  std::uniform_int_distribution<size_t> any{0, given.size() - 1};
  for (auto& variant : variants) {
    auto chosen = variant.wish.empty() ? given.size() : given.find(variant.wish);
    if (chosen == given.size())
      chosen = given.size() <= weighed_max
                 ? given.lightest(variant.connection)
                 : given.lighter(any(chance), any(chance), variant.connection);
    result.emplace_back(variant.id, given.load(chosen, variant.connection));
  }
  return result;
}

std::vector<relocation> plan_moves(std::vector<worker_capacity> workers,
                                   const std::map<std::string, std::vector<hosted>>& variants,
                                   size_t moves_max) {
  std::vector<relocation> result;
  if (workers.size() < 2)
    return result;
  std::map<std::string, givings> gifts;
  for (auto& [worker, all] : variants)
    gifts.emplace(worker, givings{all});
  auto emptier = [](auto& a, auto& b) { return fullness(a) < fullness(b); };
  while (result.size() < moves_max) {
    auto [least, most] = std::minmax_element(workers.begin(), workers.end(), emptier);
    auto gap = fullness(*most) - fullness(*least);
    auto few = uneven_min * 1000 / std::max<uint64_t>(std::min(most->slots, least->slots), 1);
    if (gap <= few || gap <= fullness(*most) * tolerance_percent / 100)
      break;
    auto from = gifts.find(most->worker);
    auto* gift = from == gifts.end() ? nullptr : from->second.next();
    if (gift == nullptr)
      break;
    result.push_back({gift->id, most->worker, least->worker});
    --most->cost;
    ++least->cost;
  }
  return result;
}

} // namespace varia
