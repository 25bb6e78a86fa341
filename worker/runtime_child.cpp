#include "worker/runtime_child.hpp"

#include "worker/run_metrics.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::chrono::seconds beat_every{1};
constexpr int starved_factor = 6;
constexpr std::chrono::seconds exit_max{5};
constexpr std::chrono::seconds start_max{15};
constexpr std::chrono::milliseconds reap_every{10};
constexpr std::chrono::milliseconds leave_max{500};
constexpr std::chrono::seconds reap_max{2};

// Over these marks a process is not read until half of it is dealt with.
constexpr size_t out_bytes_mark = 16 * 1024 * 1024;
constexpr size_t held_bytes_mark = 32 * 1024 * 1024;

constexpr size_t read_bytes = 256 * 1024;
constexpr int protocol = 1;

// For people: "5 s", or "1500 ms".
std::string in_words(std::chrono::milliseconds span) {
  auto count = span.count();
  return count % 1000 == 0 ? std::to_string(count / 1000) + " s" : std::to_string(count) + " ms";
}

} // namespace

// Tells the child when the last holder has let go, whichever thread that is on.
class runtime_child::credit {
public:
  credit(std::weak_ptr<runtime_child> child, asio::io_context& loop, size_t bytes)
    : child_{std::move(child)}, loop_{loop}, bytes_{bytes} {}

  credit(const credit&) = delete;
  credit& operator=(const credit&) = delete;

  ~credit() {
    asio::post(loop_, [child = std::move(child_), bytes = bytes_] {
      if (auto alive = child.lock())
        alive->return_credit(bytes);
    });
  }

private:
  std::weak_ptr<runtime_child> child_;
  asio::io_context& loop_;
  size_t bytes_;
};

runtime_child::runtime_child(asio::io_context& loop, child_process process, limits most,
                             quarantine& judge, std::function<void()> changed)
  : loop_{loop}, process_{std::move(process)}, limits_{most}, judge_{judge}, changed_{std::move(
                                                                               changed)},
    socket_{loop, process_.take_socket()}, output_{std::make_shared<process_output>(
                                             loop, process_.take_output(), process_.pid())},
    beat_{loop}, reaper_{loop},
    in_(read_bytes), born_{clock::now()}, idle_since_{born_}, last_beat_{born_} {}

void runtime_child::open() {
  read_socket();
  output_->read();
  beat();
}

void runtime_child::read_socket() {
  if (is_reading_ || !is_live() || is_paused())
    return;
  is_reading_ = true;
  socket_.async_read_some(asio::buffer(in_), [self = shared_from_this()](error_code why, size_t n) {
    self->is_reading_ = false;
    if (!self->is_live())
      return;
    if (why)
      return self->end({});
    auto good = self->reader_.feed({self->in_.data(), n}, self->frames_);
    for (auto& x : std::exchange(self->frames_, {}))
      self->take(std::move(x));
    if (!good)
      return self->kill("the script's process broke the protocol: " + detail_of(good.error()));
    self->read_socket();
  });
}

void runtime_child::take(frame x) {
  if (!is_live())
    return;
  switch (x.kind) {
    case frame_kind::hello: return take_hello(x);
    case frame_kind::pong: return take_pong(x);
    case frame_kind::need: return take_need(x);
    case frame_kind::call:
    case frame_kind::log:
    case frame_kind::started:
    case frame_kind::done: break;
    default: return kill("the script's process sent a frame of an unknown kind");
  }
  auto found = clients_.find(x.run);
  if (found == clients_.end())
    return; // The last words of a run that is over.
  found->second.has_started = true;
  if (x.kind == frame_kind::started)
    return;
  auto wire = std::exchange(x.run, found->second.run.number);
  auto client = found->second.run.client;
  held_bytes_ += x.body.size();
  auto held = std::make_shared<credit>(weak_from_this(), loop_, x.body.size());
  auto is_last = x.kind == frame_kind::done;
  client->take_frame(std::move(x), std::move(held));
  if (is_last)
    finish(wire);
}

void runtime_child::take_hello(const frame& x) {
  auto body = frame_body::read(x.body);
  if (!body || phase_ != phase::starting)
    return kill("the script's process greets wrongly");
  if (auto proto = body->root().at("proto").number(); proto != protocol)
    return kill("the script's process speaks protocol " + std::to_string(proto));
  spdlog::debug("script process {} ready, node {}", process_.pid(), body->root().at("node").text());
  phase_ = phase::ready;
  changed_();
}

void runtime_child::take_pong(const frame& x) {
  auto body = frame_body::read(x.body);
  if (!body)
    return;
  pings_.answer(static_cast<uint64_t>(body->root().at("n").number()));
  if (phase_ != phase::ready)
    return;
  longest_turn_ = std::chrono::milliseconds{body->root().at("lag_ms").number()};
  auto rss = static_cast<uint64_t>(std::max<int64_t>(0, body->root().at("rss").number()));
  // Of a process without runs it is what Node itself takes.
  if (served_ == 0)
    size_at_first_ = rss;
  auto grown = rss - std::min(rss, size_at_first_);
  if (grown > (runs() == 0 ? limits_.recycle_bytes : limits_.drain_bytes)) {
    spdlog::info("script process {} is replaced: {} MB", process_.pid(), rss >> 20);
    drain();
    changed_();
  }
}

void runtime_child::take_need(const frame& x) {
  // A process that is told to cancel a run it has no code for has refused it already.
  if (auto found = clients_.find(x.run); found != clients_.end() && !found->second.grace)
    send_run(x.run, found->second, true);
}

void runtime_child::ping() {
  frame_writer writer{0, frame_kind::ping};
  writer.map(1).text("n").number(static_cast<int64_t>(pings_.send(clock::now())));
  if (auto bytes = std::move(writer).finish())
    push(std::move(*bytes));
}

// Nothing can be heard from a process that is not read.
runtime_child::clock::duration runtime_child::silence() const {
  return held_bytes_ > held_bytes_mark / 2 ? clock::duration{0} : pings_.silence(clock::now());
}

void runtime_child::push(std::string bytes) {
  if (!is_live())
    return;
  out_bytes_ += bytes.size();
  out_.push_back(std::move(bytes));
  if (out_.size() == 1)
    write_next();
}

void runtime_child::write_next() {
  asio::async_write(socket_, asio::buffer(out_.front()),
                    [self = shared_from_this()](error_code why, size_t) {
                      if (!self->is_live())
                        return;
                      if (why)
                        return self->end({});
                      self->out_bytes_ -= self->out_.front().size();
                      self->out_.pop_front();
                      if (!self->out_.empty())
                        self->write_next();
                      self->resume();
                    });
}

void runtime_child::return_credit(size_t bytes) {
  held_bytes_ -= bytes;
  resume();
}

bool runtime_child::is_paused() const {
  return out_bytes_ > out_bytes_mark || held_bytes_ > held_bytes_mark;
}

void runtime_child::resume() {
  if (is_reading_ || out_bytes_ > out_bytes_mark / 2 || held_bytes_ > held_bytes_mark / 2)
    return;
  read_socket();
}

void runtime_child::beat() {
  if (!is_live())
    return;
  auto now = clock::now();
  output_->allow_lines();
  // While we did not listen or did not run ourselves, silence proves nothing.
  if (held_bytes_ > held_bytes_mark / 2 || now - last_beat_ > 2 * beat_every)
    pings_.excuse(now);
  last_beat_ = now;
  watch(now);
  if (!is_live())
    return;
  if (phase_ != phase::starting)
    ping();
  beat_.expires_after(beat_every);
  beat_.async_wait([self = shared_from_this()](error_code why) {
    if (!why)
      self->beat();
  });
  changed_();
}

// What a process does that answers nothing can only be seen from outside.
void runtime_child::watch(clock::time_point now) {
  if (phase_ == phase::starting && now - born_ > start_max)
    return kill("the script's process did not get ready in " + in_words(start_max));
  auto use = process_.look();
  if (is_hung(now, use.processor_time))
    return kill("the script's process did not answer for " + in_words(limits_.hang_max));
  if (phase_ == phase::draining && runs() == 0 && now - idle_since_ > exit_max)
    return kill("the script's process did not exit when told to");
  // Until it is Node, its memory is the worker's, which it shares.
  auto bytes = phase_ == phase::starting ? 0 : use.resident_bytes;
  if (bytes > limits_.kill_bytes)
    kill("the script's process took more memory than it may: " + std::to_string(bytes >> 20)
         + " MB");
}

// One that gets no processor time cannot answer, and is no culprit; but it is not waited for for
// ever.
bool runtime_child::is_hung(clock::time_point now, std::chrono::milliseconds used) {
  auto silence = pings_.silence(now);
  if (silence < beat_every)
    used_when_heard_ = used;
  return silence > limits_.hang_max
         && (used - used_when_heard_ > limits_.hang_max / 4
             || silence > starved_factor * limits_.hang_max);
}

void runtime_child::drain() {
  if (phase_ != phase::ready && phase_ != phase::draining)
    return;
  phase_ = phase::draining;
  if (!clients_.empty())
    return;
  idle_since_ = clock::now();
  frame_writer writer{0, frame_kind::exit};
  writer.map(0);
  if (auto bytes = std::move(writer).finish())
    push(std::move(*bytes));
}

void runtime_child::stop(const std::string& why) {
  is_stopped_ = true;
  kill(why);
}

void runtime_child::kill(const std::string& why) {
  process_.kill();
  end(why);
}

void runtime_child::end(const std::string& why) {
  if (!is_live())
    return;
  if (phase_ == phase::starting)
    start_failure_ = why.empty() ? "it ended before it was ready" : why;
  phase_ = phase::dead;
  reason_ = why;
  kill_at_ = clock::now();
  // What closed its socket is about to end, and a sandbox takes a moment to say how.
  if (why.empty())
    kill_at_ += leave_max;
  else
    process_.kill();
  beat_.cancel();
  error_code ignored;
  socket_.close(ignored);
  reap_until_ = clock::now() + reap_max;
  reap();
}

// The runs are told only when the process is no more, and with what its end says of the reason.
void runtime_child::reap() {
  auto how = process_.ended();
  if (!how && clock::now() > kill_at_)
    process_.kill();
  if (how || clock::now() > reap_until_)
    return report(how.value_or("does not end"));
  reaper_.expires_after(reap_every);
  reaper_.async_wait([self = shared_from_this()](error_code) { self->reap(); });
}

void runtime_child::report(const std::string& how) {
  phase_ = phase::gone;
  output_->drain();
  if (!start_failure_.empty() && !output_->last_line().empty())
    start_failure_ += ": " + output_->last_line();
  auto reason = "the script's process " + how;
  if (output_->is_out_of_memory())
    reason = "the script's process ran out of memory";
  else if (!reason_.empty())
    reason = reason_;
  if (!clients_.empty() || !start_failure_.empty())
    spdlog::warn("script process {} has ended: {}; {} runs lost", process_.pid(), reason,
                 clients_.size());
  if (!clients_.empty())
    measured_runs().processes_lost.add();
  // Runs of a process that never got ready are the pool's to place again.
  if (start_failure_.empty() || is_stopped_) {
    wires_.clear();
    for (auto& [wire, entry] : std::exchange(clients_, {}))
      entry.run.client->lose_process(judge(entry, reason));
  }
  output_->close();
  changed_();
}

} // namespace varia
