#pragma once

#include "api/validation.hpp"

#include <vector>

namespace varia {

enum class request_part { body, query, params, headers };

/// A rule by which a route judges a part of its requests.
struct noted_rule {
  request_part part = request_part::body;
  schema rules;
};

/// What a handler that is tried out has said of its requests so far.
struct rehearsal {
  std::vector<noted_rule> notes;
};

/// Ends the trial of a handler.
struct rehearsal_over {};

} // namespace varia
