#pragma once

#include "core/error.hpp"
#include "worker/runtime_child.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace varia {

struct runtime_pool_config {
  std::vector<std::string> command; ///< Program and arguments of a process; may be set later.
  size_t processes = 2;
  size_t slots = 16; ///< Runs per process.
  uint64_t memory_mb = 512;
  std::chrono::milliseconds cancel_grace{5000};
};

/// The script processes of a worker: starts them, hands runs to the least busy one of the right
/// domain, replaces those that died, hung or grew too large. Belongs to the loop's thread.
class runtime_pool {
public:
  runtime_pool(boost::asio::io_context& loop, runtime_pool_config config);

  /// Says what to start; comes before anything else.
  void set_command(std::vector<std::string> words) { config_.command = std::move(words); }

  /// Starts a process and calls `done` once: with nothing when it is ready, or with the reason why
  /// it did not get ready.
  void prepare(std::function<void(caf::error)> done);

  /// Gives a run to a process, or lets it wait for one. `run` is not 0 and not in use.
  void start(uint32_t run, run_job job, std::shared_ptr<run_client> client);

  /// Sends bytes that `frame_writer` made to the process of a run.
  void send(uint32_t run, std::string bytes);

  /// Tells a run to end. One that still waits for a process loses its place at once.
  void cancel(uint32_t run, const std::string& reason);

  /// Kills all processes; every run loses its own, and later ones get none.
  void stop();

private:
  struct waiting_run {
    uint32_t run;
    run_job job;
    std::shared_ptr<run_client> client;
  };

  using child_ptr = std::shared_ptr<runtime_child>;

  void changed();
  void look_after();
  void drop_ended();
  void note_failure(const std::string& why);
  void refuse_waiting(const std::string& why);
  void recycle(const child_ptr& child);
  bool place(waiting_run& x);
  child_ptr find_child(const std::string& domain);
  child_ptr spawn();
  bool retire_stranger(const std::string& domain);
  size_t count_usable() const;
  void keep_spare();
  void tell_prepared();

  boost::asio::io_context& loop_;
  runtime_pool_config config_;
  std::vector<child_ptr> children_;
  std::list<waiting_run> waiting_;
  boost::asio::steady_timer backoff_;
  std::function<void(caf::error)> prepared_;
  bool is_change_posted_ = false;
  bool is_stopped_ = false;
  int failures_ = 0; ///< Of starts, in a row.
  std::chrono::steady_clock::time_point spawn_at_{};
};

} // namespace varia
