#pragma once

#include "store/record_sources.hpp"

#include <optional>
#include <vector>

namespace varia {

/// Reads the records of some variants of a sync page by page, and goes on when more have come. It
/// misses nothing: variants that are made meanwhile join in if all are read.
class record_follower {
public:
  /// `sources` are those that the choice stands for. The query's cursor is where to begin.
  record_follower(variant_choice which, std::vector<record_source> sources, record_query query)
    : which_{std::move(which)}, sources_{std::move(sources)}, query_{std::move(query)} {}

  /// Returns what has come after the former page; an empty page also while variants come and go too
  /// fast to tell. Returns nothing at all as soon as there is
  /// nothing to follow: the variant is gone, or all are. A cursor that is not ours fails with
  /// `invalid`; after any failure the call can be repeated.
  expected<std::optional<record_page>> next(redis& db);

private:
  variant_choice which_;
  std::vector<record_source> sources_;
  record_query query_;
};

} // namespace varia
