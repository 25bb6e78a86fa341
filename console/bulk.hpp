#pragma once

#include "console/verbs.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace varia {

/// Which variants a bulk order is for: those that fit everything that is said.
struct variant_selector {
  std::string integration;
  std::string connection;
  std::string sync;
  std::string variant;
  std::string prefix; ///< Of the variant's name.
  std::string state;  ///< The status, in any letter case.
  bool is_failing = false;
  bool is_all = false; ///< Said where nothing else is.

  /// True if it says nothing, not even that all are meant.
  bool is_empty() const;
};

/// The arguments that bulk orders have to say so.
std::vector<verb_argument> selector_arguments();

variant_selector selector_of(const verb_values& values);

/// True if a row of GET /varia/variants is selected.
bool selects(const variant_selector& x, const nlohmann::ordered_json& row);

/// One request of a bulk order.
struct bulk_request {
  nlohmann::ordered_json members;              ///< Sent besides the verb's own arguments.
  std::vector<nlohmann::ordered_json> targets; ///< The rows of the variants that it is for.
};

/// Puts variants together into as few requests as the rule allows.
std::vector<bulk_request> bulk_requests(bulk_rule rule,
                                        const std::vector<nlohmann::ordered_json>& targets);

/// Runs a bulk order: finds the variants, asks for confirmation where it destroys something, sends
/// the requests, and prints what became of each variant. What fails does not keep the others from
/// being tried, unless the server is out of reach. Returns the exit code of the first failure.
int run_bulk(const verb_call& call);

} // namespace varia
