#pragma once

#include "api/auth.hpp"
#include "api/call.hpp"
#include "api/live/live_subjects.hpp"
#include "store/run_logs.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace varia {

/// How far a page knows what it watches, as its browser tells when it comes back.
struct live_position {
  std::string life;      ///< Of the subject that the revision belongs to.
  uint64_t revision = 0; ///< Of the variants.
  std::string line;      ///< The last line of the log; empty: those to come.
};

/// Renders a position as the id of an event, and reads it again; nothing if the text is none.
std::string to_string(const live_position& x);
std::optional<live_position> parse_live_position(const std::string& text);

/// What a page watches. Whoever asks may see the workers if `shows_workers` says so.
struct live_interest {
  bool shows_workers = false;
  bool shows_syncs = false;
  std::optional<survey_query> variants;
  std::string only; ///< The name of the variant, if it is only one.
  std::optional<variant_ref> log;
};

/// The events of one page: `status`, `variants` and `log`. It ends, with `ended`, when whoever
/// asked may not ask any more.
class live_stream : public body_stream {
public:
  live_stream(const api_context& api, http_request request, live_interest what, live_position from);

  /// Begins to watch. Fails with `full`.
  expected<void> open();

  void on_ready(std::function<void()> wake) override;
  next_chunk next() override;

private:
  // Shared with the wakes of the subjects, which come before the server says how to wake it.
  struct bell;

  bool is_admitted() const;
  void add_status(std::string& to);
  void add_variants(std::string& to);
  void add_lines(std::string& to);
  void add_event(std::string& to, const char* name, const std::string& data) const;
  expected<std::vector<stored_line>> new_lines();

  std::shared_ptr<store_pool> stores_;
  std::shared_ptr<live_desk> desk_;
  std::shared_ptr<authenticator> keys_;
  std::shared_ptr<const cluster_commands> cluster_;
  http_request request_;
  live_interest what_;
  live_position at_;
  std::shared_ptr<bell> bell_;
  live_desk::following status_, variants_, log_;
  uint64_t status_revision_ = 0;
  bool greeted_ = false;
};

} // namespace varia
