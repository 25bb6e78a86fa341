#pragma once

#include "actors/messages.hpp"
#include "core/error.hpp"
#include "store/leases.hpp"
#include "store/server_info.hpp"

#include <optional>
#include <string>
#include <vector>

namespace varia {

/// How serious a finding is.
enum class grade {
  ok,
  note, ///< Worth knowing.
  warn, ///< It should be looked after.
  bad   ///< Something does not work, or will not for long.
};

const char* to_string(grade x);

/// What one check of the doctor has found.
struct finding {
  std::string check; ///< Such as "redis.memory".
  grade verdict = grade::ok;
  std::string text;   ///< What was found, in words.
  std::string advice; ///< What to do about it; empty if nothing has to be done.
};

/// A certificate of the process that answers.
struct certificate_facts {
  std::string path;
  time_ms not_after = 0; ///< When it ends; 0: it cannot be read.
};

/// How the variants of an environment are.
struct environment_facts {
  uint64_t variants = 0;
  uint64_t failing = 0;                       ///< Whose last runs failed.
  uint64_t stopped = 0;                       ///< That were paused for failing.
  uint64_t without_function = 0;              ///< Whose function is gone.
  std::vector<std::string> failing_most = {}; ///< Names of those that failed most often in a row.
  uint64_t dead_letters = 0;
  uint64_t webhooks_waiting = 0;
};

/// All that the doctor looks at. What could not be asked is not there.
struct doctor_facts {
  time_ms now = 0; ///< By the clock of the process that answers.
  std::string software;
  std::optional<server_facts> redis;
  std::optional<leadership> lead;
  std::vector<coordinator_lease> coordinators;
  std::optional<cluster_status> cluster;
  std::vector<certificate_facts> certificates;
  std::optional<environment_facts> environment;
};

/// Judges the facts about the installation: Redis, coordinators, workers, certificates.
std::vector<finding> examine_installation(const doctor_facts& x);

/// Judges the facts about an environment.
std::vector<finding> examine_environment(const environment_facts& x);

/// The most serious of the verdicts.
grade worst_of(const std::vector<finding>& all);

} // namespace varia
