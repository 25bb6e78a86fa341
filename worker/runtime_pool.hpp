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
  runtime_child::limits limits;
  std::chrono::milliseconds age_max{30 * 60 * 1000}; ///< An older process takes no more runs.
  /// A process that owes an answer for this long gets no more runs,
  std::chrono::milliseconds silence_max{100};
  /// and after this long the runs that did not begin in it are moved.
  std::chrono::milliseconds move_after{30};
  std::chrono::milliseconds cancel_grace{5000};
};

/// The script processes of a worker: starts them, hands runs to the least busy one of the right
/// domain, replaces those that died, hung, grew too large or served long enough. It keeps apart
/// what the quarantine says: a suspect run gets a process to itself beside the others, and an
/// unproven bundle shares one with others only if there is no room elsewhere. A run whose script
/// does not begin, because something else keeps its process busy, is moved to another. Belongs to
/// the loop's thread.
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

  /// A run has ended well.
  void succeed(const std::string& variant, const std::string& sha);

  /// Kills all processes; every run loses its own, and later ones get none.
  void stop();

private:
  struct waiting_run {
    process_run run;
    std::chrono::steady_clock::time_point since;
  };

  using child_ptr = std::shared_ptr<runtime_child>;

  void changed();
  void look_after();
  void drop_ended();
  void note_failure(const std::string& why);
  void refuse_waiting(const std::string& why);
  void recycle(const child_ptr& child);
  bool place(waiting_run& x);
  void relocate();
  void relocate(const child_ptr& from, uint32_t number, int most);
  void plan_relocation();
  child_ptr find_child(const run_job& job, const child_ptr& except);
  child_ptr find_room(const run_job& job, const child_ptr& except) const;
  child_ptr find_cell();
  bool is_crowded(const runtime_child& child, const run_job& job) const;
  child_ptr spawn();
  child_ptr launch();
  bool retire_stranger(const std::string& domain);
  void make_room(const waiting_run& x);
  bool is_open(const runtime_child& x) const;
  bool is_idle(const runtime_child& x) const;
  size_t count_open() const;
  size_t count_ordinary() const;
  void keep_spare();
  void tell_prepared();

  boost::asio::io_context& loop_;
  runtime_pool_config config_;
  std::vector<child_ptr> children_;
  std::list<waiting_run> waiting_;
  quarantine quarantine_;
  boost::asio::steady_timer backoff_;
  boost::asio::steady_timer mover_;
  bool is_move_planned_ = false;
  std::function<void(caf::error)> prepared_;
  bool is_change_posted_ = false;
  bool is_stopped_ = false;
  int failures_ = 0; ///< Of starts, in a row.
  std::chrono::steady_clock::time_point spawn_at_{};
};

} // namespace varia
