#pragma once

#include "core/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// A worker that may be given variants, as far as placement cares.
struct worker_capacity {
  std::string worker;
  uint32_t slots = 1; ///< Runs that fit at once; more slots take more variants.
  uint64_t cost = 0;  ///< Of what it hosts, or is on its way there; see `cost_of`.
  std::string zone;   ///< Workers of one zone may be lost together; empty: none is told.
};

/// What a worker bears: one for each variant it hosts, and `busy_cost` for each slot that was in
/// use on average, so that where scripts run long fewer variants go.
inline constexpr uint64_t busy_cost = 16;
uint64_t cost_of(uint64_t variants, uint32_t slots, uint32_t busy_permille);

/// A variant that needs a worker.
struct homeless {
  std::string id;
  connection_number connection = 0;
  std::string wish; ///< The worker an operator or a plan has named; empty: any.
};

/// How many variants of a connection a worker hosts.
using kin_count = std::function<uint32_t(connection_number, const std::string& worker)>;

/// Chooses a worker for each variant: the one that was wished for, if it is among the workers; else
/// of all workers (of two drawn at random if there are more than eight: power of two choices,
/// Mitzenmacher 2001) the emptier one by cost per slot; of those that are about equal the one in
/// whose zone, and then on which, the connection has fewer variants, so that one provider account
/// is not served by one host alone. Pure but for `chance`. Returns pairs of id and worker in the
/// order asked, and nothing if there is no worker.
std::vector<std::pair<std::string, std::string>> place(const std::vector<homeless>& variants,
                                                       std::vector<worker_capacity> workers,
                                                       const kin_count& kin,
                                                       std::mt19937_64& chance);

/// A variant where it is.
struct hosted {
  std::string id;
  connection_number connection = 0;
};

/// One step of evening out.
struct relocation {
  std::string id;
  std::string from;
  std::string to;
};

/// Plans the fewest moves that even the workers out, the fullest giving to the emptiest, until they
/// differ by no more than a tenth (and four variants): a cluster that is about even is left alone.
/// Of what a worker gives, those go first whose connection it has most of. At most `moves_max`.
std::vector<relocation> plan_moves(std::vector<worker_capacity> workers,
                                   const std::map<std::string, std::vector<hosted>>& variants,
                                   size_t moves_max);

} // namespace varia
