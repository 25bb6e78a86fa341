#pragma once

#include "api/commands.hpp"
#include "api/json.hpp"
#include "api/live/live_board.hpp"
#include "api/live/live_desk.hpp"
#include "api/variant_rows.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace varia {

/// How an environment and its cluster are doing, as `GET /varia/overview` tells it.
class status_subject : public live_subject {
public:
  status_subject(std::string environment, std::shared_ptr<const cluster_commands> cluster)
    : environment_{std::move(environment)}, cluster_{std::move(cluster)} {}

  expected<bool> look(redis& db) override;

  struct view {
    uint64_t revision = 0; ///< 0: nobody has looked yet.
    std::string text;
  };

  /// What was seen last; with the workers, and with the list of syncs, if asked for.
  view seen(bool shows_workers, bool shows_syncs) const;

private:
  std::string environment_;
  std::shared_ptr<const cluster_commands> cluster_;
  mutable std::mutex mutex_;
  uint64_t revision_ = 0;
  json seen_;
};

/// The variants of a sync, as rows of `GET /varia/variants`.
class variants_subject : public live_subject {
public:
  explicit variants_subject(survey_query which) : which_{std::move(which)} {}

  expected<bool> look(redis& db) override;

  /// As the board tells it; `only` is the name of a variant, or empty for all.
  live_board::difference since(uint64_t revision, size_t count, const std::string& only) const;

  /// Tells this life of the subject from all others, whose revisions mean something else.
  const std::string& life() const { return life_; }

private:
  survey_query which_;
  std::string life_ = make_uuid().substr(0, 8);
  mutable std::mutex mutex_;
  live_board board_;
};

/// The end of the log of a variant.
class log_subject : public live_subject {
public:
  explicit log_subject(variant_ref which) : which_{std::move(which)} {}

  expected<bool> look(redis& db) override;

private:
  variant_ref which_;
  std::string last_; // The thread's.
};

} // namespace varia
