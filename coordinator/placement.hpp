#pragma once

#include "core/ids.hpp"

#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// How full a worker is, as far as placement cares.
struct worker_capacity {
  std::string worker;
  uint32_t slots = 1;    ///< Runs that fit at once; more slots take more variants.
  uint32_t variants = 0; ///< Hosted, or on their way.
};

/// A variant that needs a worker.
struct homeless {
  std::string id;
  connection_number connection = 0;
};

/// Chooses a worker for each variant: the emptier, by variants per slot, of two workers drawn at
/// random (power of two choices, Mitzenmacher 2001), and between equals the one with fewer variants
/// of the same connection, so that one provider account is not served by one host alone. With two
/// workers or fewer all are compared. Pure but for `chance`. Returns pairs of id and worker in the
/// order asked, and nothing if there is no worker.
std::vector<std::pair<std::string, std::string>> place(const std::vector<homeless>& variants,
                                                       std::vector<worker_capacity> workers,
                                                       std::mt19937_64& chance);

} // namespace varia
