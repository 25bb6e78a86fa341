// The runs of a process: how they come into it, leave it, and lose it.

#include "worker/runtime_child.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr size_t known_max = 1000;

// Where a frame has the number of its run.
constexpr size_t number_at = 4;

void write_number(std::string& bytes, uint32_t number) {
  for (auto i = 0; i < 4; ++i)
    bytes[number_at + static_cast<size_t>(i)] = static_cast<char>(number >> (24 - 8 * i));
}

} // namespace

void runtime_child::start(process_run run) {
  auto is_known = known_.count(run.job.sha) != 0;
  if (known_.size() >= known_max)
    known_.clear();
  known_.insert(run.job.sha);
  domain = run.job.domain;
  ++served_;
  auto wire = ++last_wire_;
  wires_[run.number] = wire;
  auto& entry = clients_[wire];
  entry.run = std::move(run);
  send_run(wire, entry, !is_known);
  // Its answer tells that the process takes up new work.
  if (phase_ == phase::ready)
    ping();
}

process_run runtime_child::take_back(uint32_t run) {
  auto wire = wires_.at(run);
  send_cancel(wire, "the run was moved to another process");
  auto taken = std::move(clients_[wire].run);
  clients_.erase(wire);
  wires_.erase(run);
  ++taken.moves;
  return taken;
}

std::vector<process_run> runtime_child::take_back_all() {
  std::vector<process_run> all;
  for (auto& [wire, entry] : std::exchange(clients_, {}))
    all.push_back(std::move(entry.run));
  wires_.clear();
  return all;
}

std::vector<uint32_t> runtime_child::unstarted() const {
  std::vector<uint32_t> all;
  for (const auto& [wire, entry] : clients_)
    if (!entry.has_started && !entry.grace)
      all.push_back(entry.run.number);
  return all;
}

bool runtime_child::has_run(const std::function<bool(const run_job&)>& like) const {
  return std::any_of(clients_.begin(), clients_.end(),
                     [&](const auto& x) { return like(x.second.run.job); });
}

void runtime_child::send_run(uint32_t wire, const client_entry& entry, bool with_code) {
  const auto& job = entry.run.job;
  frame_writer writer{wire, frame_kind::run};
  writer.map(with_code ? 4 : 3).text("sha").text(job.sha);
  if (with_code)
    writer.text("code").text(*job.code);
  writer.text("file").text(job.file).text("context");
  job.write_context(writer);
  auto bytes = std::move(writer).finish();
  if (bytes)
    return push(std::move(*bytes));
  auto client = entry.run.client;
  finish(wire);
  client->lose_process({"the script is too large", false, {}});
}

void runtime_child::send(uint32_t run, std::string bytes) {
  auto wire = wires_.find(run);
  if (wire == wires_.end())
    return;
  write_number(bytes, wire->second);
  push(std::move(bytes));
}

void runtime_child::send_cancel(uint32_t wire, const std::string& reason) {
  frame_writer writer{wire, frame_kind::cancel};
  writer.map(1).text("reason").text(reason);
  if (auto bytes = std::move(writer).finish())
    push(std::move(*bytes));
}

void runtime_child::cancel(uint32_t run, const std::string& reason,
                           std::chrono::milliseconds grace) {
  auto found = wires_.find(run);
  if (found == wires_.end() || clients_[found->second].grace)
    return;
  auto wire = found->second;
  send_cancel(wire, reason);
  // Where nothing can have begun there is nothing to wait for.
  if (phase_ == phase::starting) {
    auto client = clients_[wire].run.client;
    finish(wire);
    return client->lose_process({reason, false, {}});
  }
  auto& timer = clients_[wire].grace;
  timer = std::make_unique<asio::steady_timer>(loop_, grace);
  timer->async_wait([self = shared_from_this(), wire](error_code why) {
    auto entry = self->clients_.find(wire);
    if (why || entry == self->clients_.end() || !self->is_live())
      return;
    entry->second.is_stubborn = self->is_stubborn_known_ = true;
    self->kill("a cancelled script of the same process did not end");
  });
}

void runtime_child::finish(uint32_t wire) {
  auto found = clients_.find(wire);
  if (found == clients_.end())
    return;
  wires_.erase(found->second.run.number);
  clients_.erase(found);
  if (clients_.empty()) {
    idle_since_ = clock::now();
    if (phase_ == phase::draining)
      drain();
  }
  changed_();
}

process_loss runtime_child::judge(const client_entry& entry, const std::string& reason) {
  if (is_stopped_)
    return {reason, false, {}};
  const auto& job = entry.run.job;
  if (entry.is_stubborn) {
    judge_.blame(job.variant, job.sha);
    return {reason, false, {}};
  }
  // If one of them is known to be guilty, the others are not.
  if (is_stubborn_known_)
    return {reason, true, {}};
  if (judge_.lose(job.variant, job.sha, alone_since.has_value()) == quarantine::verdict::culprit)
    return {reason, false, output_->last_words()};
  return {reason, true, {}};
}

} // namespace varia
