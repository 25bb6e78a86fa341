#pragma once

#include "core/error.hpp"
#include "worker/frame.hpp"
#include "worker/process.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace varia {

/// One run as its process's side of the worker sees it. Called on the loop's thread; must not
/// block.
class run_client {
public:
  virtual ~run_client() = default;

  /// A CALL, LOG or DONE of this run; nothing follows a DONE. The process is not read any further
  /// while too many bytes are held by living `credit`s: let go as soon as the frame is dealt with.
  virtual void take_frame(frame x, std::shared_ptr<void> credit) = 0;

  /// The process ended or could not be had. Nothing follows.
  virtual void lose_process(const std::string& why) = 0;
};

/// What a process must be told to run a script. The code is sent only to a process that lacks it.
struct run_job {
  std::string domain; ///< Runs of different domains never share a process.
  std::string sha;
  std::shared_ptr<const std::string> code;
  std::string file;
  std::function<void(frame_writer&)> write_context; ///< Writes the map `context`.
};

/// One Node process and its socket: frames in and out, pings, standard error into the log, and its
/// end. Belongs to the loop's thread. The pool holds it; a dead one lets go of itself.
class runtime_child : public std::enable_shared_from_this<runtime_child> {
public:
  /// `dead` is on its way out; `gone` has been reaped and has told all its runs.
  enum class phase { starting, ready, draining, dead, gone };

  struct memory {
    uint64_t recycle_bytes = 0; ///< An idle process larger than this is replaced,
    uint64_t drain_bytes = 0;   ///< and a busy one larger than this takes no more runs.
  };

  /// `changed` is called when the process got ready, became freer or ended.
  runtime_child(boost::asio::io_context& loop, child_process process, memory limits,
                std::function<void()> changed);

  void open();

  phase state() const { return phase_; }
  size_t runs() const { return clients_.size(); }
  uint64_t served() const { return served_; }
  std::chrono::steady_clock::time_point idle_since() const { return idle_since_; }

  /// Why it died before it was ready; empty if it got ready.
  const std::string& start_failure() const { return start_failure_; }

  std::string domain; ///< Whose runs it takes; empty until its first.

  /// Gives it a run. It must be starting or ready.
  void start(uint32_t run, run_job job, std::shared_ptr<run_client> client);

  /// Sends bytes that `frame_writer` made; nothing happens if the run is over.
  void send(uint32_t run, std::string bytes);

  /// Tells a run to end, and kills the process if it has not ended after `grace`.
  void cancel(uint32_t run, const std::string& reason, std::chrono::milliseconds grace);

  bool has(uint32_t run) const { return clients_.count(run) != 0; }

  /// Takes no more runs and ends after the last.
  void drain();

  /// Ends the process now. Its runs lose it for the reason given.
  void kill(const std::string& why);

private:
  struct client_entry {
    run_job job;
    std::shared_ptr<run_client> client;
    std::unique_ptr<boost::asio::steady_timer> grace;
  };

  class credit;

  void read_socket();
  void read_output();
  void log_output(std::string_view bytes);
  void take(frame x);
  void take_hello(const frame& x);
  void take_pong(const frame& x);
  void take_need(const frame& x);
  void send_run(uint32_t run, const client_entry& entry, bool with_code);
  void push(std::string bytes);
  void write_next();
  void return_credit(size_t bytes);
  bool is_paused() const;
  void resume();
  void beat();
  void finish(uint32_t run);
  void end(const std::string& why);
  void reap();
  void report(const std::string& how);
  bool is_live() const { return phase_ < phase::dead; }

  boost::asio::io_context& loop_;
  child_process process_;
  memory limits_;
  std::function<void()> changed_;
  phase phase_ = phase::starting;
  boost::asio::posix::stream_descriptor socket_;
  boost::asio::posix::stream_descriptor output_;
  boost::asio::steady_timer beat_;
  boost::asio::steady_timer reaper_;
  frame_reader reader_;
  std::vector<char> in_;
  std::vector<frame> frames_;
  std::array<char, 4096> output_bytes_{};
  std::string output_line_;
  uint64_t output_lines_ = 0; ///< Logged in this beat.
  std::deque<std::string> out_;
  size_t out_bytes_ = 0;
  size_t held_bytes_ = 0; ///< Of frames that clients have not dealt with.
  bool is_reading_ = false;
  std::map<uint32_t, client_entry> clients_;
  std::set<std::string> known_; ///< Bundles it has been sent.
  uint64_t served_ = 0;
  uint64_t pings_ = 0;
  std::chrono::steady_clock::time_point heard_;
  std::chrono::steady_clock::time_point idle_since_;
  std::chrono::steady_clock::time_point last_beat_;
  std::chrono::steady_clock::time_point reap_until_;
  std::string reason_; ///< Why it was ended, if it did not end by itself.
  bool is_out_of_memory_ = false;
  std::string start_failure_;
};

} // namespace varia
