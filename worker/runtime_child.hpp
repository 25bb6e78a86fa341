#pragma once

#include "core/error.hpp"
#include "worker/frame.hpp"
#include "worker/heartbeat.hpp"
#include "worker/process.hpp"
#include "worker/process_output.hpp"
#include "worker/quarantine.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace varia {

/// What a run is told that has no process any more, or gets none.
struct process_loss {
  std::string why;
  bool goes_on = false;   ///< Not the run's fault: it is to be started again at once.
  std::string last_words; ///< What the process wrote before its end, if it was the run's fault.
};

/// One run as its process's side of the worker sees it. Called on the loop's thread; must not
/// block.
class run_client {
public:
  virtual ~run_client() = default;

  /// A CALL, LOG or DONE of this run; nothing follows a DONE. The process is not read any further
  /// while too many bytes are held by living `credit`s: let go as soon as the frame is dealt with.
  virtual void take_frame(frame x, std::shared_ptr<void> credit) = 0;

  /// The process ended or could not be had. Nothing follows.
  virtual void lose_process(const process_loss& loss) = 0;
};

/// What a process must be told to run a script. The code is sent only to a process that lacks it.
struct run_job {
  std::string domain;  ///< Runs of different domains never share a process.
  std::string variant; ///< Its id.
  std::string sha;
  std::shared_ptr<const std::string> code;
  std::string file;
  std::function<void(frame_writer&)> write_context; ///< Writes the map `context`.
  /// So many processes beyond the ordinary ones may be started if it finds no room.
  size_t processes_beyond = 0;
};

/// A run on its way into a process.
struct process_run {
  uint32_t number = 0;
  run_job job;
  std::shared_ptr<run_client> client;
  int moves = 0; ///< How often it was taken from a process before it started.
};

/// One Node process and its socket: frames in and out, pings, its output, and its end. On the wire
/// each of its runs has a number that is used once, so that late frames belong to nobody. Belongs
/// to the loop's thread. The pool holds it; a dead one lets go of itself.
class runtime_child : public std::enable_shared_from_this<runtime_child> {
public:
  using clock = std::chrono::steady_clock;

  /// `dead` is on its way out; `gone` has been reaped and has told all its runs.
  enum class phase { starting, ready, draining, dead, gone };

  struct limits {
    uint64_t recycle_bytes = 0; ///< An idle process that grew by more than this is replaced,
    uint64_t drain_bytes = 0;   ///< a busy one that did takes no more runs,
    uint64_t kill_bytes = 0;    ///< and one larger than this is killed.
    std::chrono::milliseconds hang_max{5000};
  };

  /// `changed` is called when the process got ready, became freer or ended, and every second.
  runtime_child(boost::asio::io_context& loop, child_process process, limits most,
                quarantine& judge, std::function<void()> changed);

  void open();

  phase state() const { return phase_; }
  size_t runs() const { return clients_.size(); }
  uint64_t served() const { return served_; }
  clock::time_point born() const { return born_; }
  clock::time_point idle_since() const { return idle_since_; }

  /// How long it has owed us the answer to a ping.
  clock::duration silence() const;

  /// The longest that one piece of work has kept all others waiting, in the last second.
  std::chrono::milliseconds longest_turn() const { return longest_turn_; }

  /// Why it died before it was ready; empty if it got ready.
  const std::string& start_failure() const { return start_failure_; }

  std::string domain;                           ///< Whose runs it takes; empty until its first.
  std::optional<clock::time_point> alone_since; ///< Set if its one run must have it to itself.

  /// Gives it a run. It must be starting or ready.
  void start(process_run run);

  /// Takes back one of the runs that `unstarted` names.
  process_run take_back(uint32_t run);

  /// Returns a run that it has.
  const process_run& find(uint32_t run) const { return clients_.at(wires_.at(run)).run; }

  /// Takes back all runs; for a process that never got ready.
  std::vector<process_run> take_back_all();

  /// The runs whose scripts have not begun, oldest first.
  std::vector<uint32_t> unstarted() const;

  /// True if one of its runs is like that.
  bool has_run(const std::function<bool(const run_job&)>& like) const;

  /// Sends bytes that `frame_writer` made; nothing happens if the run is over.
  void send(uint32_t run, std::string bytes);

  /// Tells a run to end, and kills the process if it has not ended after `grace`.
  void cancel(uint32_t run, const std::string& reason, std::chrono::milliseconds grace);

  bool has(uint32_t run) const { return wires_.count(run) != 0; }

  /// Takes no more runs and ends after the last.
  void drain();

  /// Ends the process now, because the worker ends. Its runs lose it for the reason given.
  void stop(const std::string& why);

private:
  struct client_entry {
    process_run run;
    std::unique_ptr<boost::asio::steady_timer> grace;
    bool has_started = false;
    bool is_stubborn = false; ///< It was told to end, and did not.
  };

  class credit;

  void read_socket();
  void take(frame x);
  void take_hello(const frame& x);
  void take_pong(const frame& x);
  void take_need(const frame& x);
  void send_run(uint32_t wire, const client_entry& entry, bool with_code);
  void send_cancel(uint32_t wire, const std::string& reason);
  void ping();
  void push(std::string bytes);
  void write_next();
  void return_credit(size_t bytes);
  bool is_paused() const;
  void resume();
  void beat();
  void watch(clock::time_point now);
  void finish(uint32_t wire);
  void kill(const std::string& why);
  void end(const std::string& why);
  void reap();
  void report(const std::string& how);
  process_loss judge(const client_entry& entry, const std::string& reason);
  bool is_hung(clock::time_point now, std::chrono::milliseconds used);
  bool is_live() const { return phase_ < phase::dead; }

  boost::asio::io_context& loop_;
  child_process process_;
  limits limits_;
  quarantine& judge_;
  std::function<void()> changed_;
  phase phase_ = phase::starting;
  boost::asio::posix::stream_descriptor socket_;
  std::shared_ptr<process_output> output_;
  boost::asio::steady_timer beat_;
  boost::asio::steady_timer reaper_;
  frame_reader reader_;
  std::vector<char> in_;
  std::vector<frame> frames_;
  std::deque<std::string> out_;
  size_t out_bytes_ = 0;
  size_t held_bytes_ = 0; ///< Of frames that clients have not dealt with.
  bool is_reading_ = false;
  std::map<uint32_t, client_entry> clients_; ///< By the number on the wire.
  std::map<uint32_t, uint32_t> wires_;       ///< That number, by the number of the run.
  uint32_t last_wire_ = 0;
  std::set<std::string> known_; ///< Bundles it has been sent.
  uint64_t served_ = 0;
  std::chrono::milliseconds used_when_heard_{0}; ///< Processor time when it still answered.
  std::chrono::milliseconds longest_turn_{0};
  uint64_t size_at_first_ = 0; ///< Bytes it had before its first run.
  heartbeat pings_;
  clock::time_point born_;
  clock::time_point idle_since_;
  clock::time_point last_beat_;
  clock::time_point kill_at_;
  clock::time_point reap_until_;
  std::string reason_; ///< Why it was ended, if it did not end by itself.
  bool is_stopped_ = false;
  bool is_stubborn_known_ = false; ///< It was killed for one run, which is known.
  std::string start_failure_;
};

} // namespace varia
