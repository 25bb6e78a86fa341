#pragma once

#include "store/connections.hpp"
#include "store/runs.hpp"
#include "worker/auth.hpp"
#include "worker/call_host.hpp"
#include "worker/frame.hpp"
#include "worker/redis_pool.hpp"
#include "worker/upstream.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace varia {

/// What the calls of a run need to know of it.
struct run_facts {
  uint32_t run = 0; ///< Its number in the frames.
  run_ticket ticket;
  connection link;
  provider_rules rules;
  std::vector<std::string> models;
};

/// Answers what a script asks: a table from method to function. One per run, used on its strand.
class script_calls {
public:
  script_calls(run_facts facts, redis_pool& stores, upstream& out)
    : facts_{std::move(facts)}, stores_{stores}, out_{out} {}

  const run_facts& facts() const { return facts_; }

  /// Answers one CALL; `host` gets a REPLY or ERROR, at once or, for requests to providers, later.
  void take(const std::shared_ptr<call_host>& host, const frame_body& body);

private:
  struct call {
    const std::shared_ptr<call_host>& host;
    int64_t seq;
    frame_value args;
  };

  struct entry;
  struct batch_part;

  static const std::vector<entry>& table();

  void http(const call& x);
  void save_batch(const call& x);
  void delete_batch(const call& x);
  void load_checkpoint(const call& x);
  void save_checkpoint(const call& x);
  void clear_checkpoint(const call& x);
  void load_metadata(const call& x);
  void load_connection(const call& x);

  template <class Call>
  auto ask_store(const call& x, Call&& ask);

  expected<connection> find_connection(const call& x);
  expected<provider_rules> rules_of(const call& x, const connection& link);
  expected<std::string> read_model(const call& x) const;
  expected<std::vector<batch_part>> cut_batch(const call& x) const;

  void reply_text(const call& x, const std::optional<std::string>& text);
  void reply_counts(const call& x, std::initializer_list<std::pair<const char*, int64_t>> counts);
  void send(const call& x, frame_writer writer);
  void refuse(const call& x, const caf::error& why);

  run_facts facts_;
  redis_pool& stores_;
  upstream& out_;
  uint64_t batches_ = 0;
};

} // namespace varia
