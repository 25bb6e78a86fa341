#pragma once

#include "tests/simulation/network.hpp"
#include "tests/simulation/store_model.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <utility>

namespace varia::test {

/// The Redis of a simulation, and the ways to it. A call may be lost on its way, be done late, or
/// be done with its answer lost; whoever called hears `unavailable` then and knows no more.
class redis_room {
public:
  redis_room(world& all, network& net, host_id host)
    : world_{all}, net_{net}, host_{host}, model_{[&all] { return all.now_ms(); }} {}

  store_model& model() { return model_; }
  const store_model& model() const { return model_; }
  host_id host() const { return host_; }

  /// Asks in the name of a process, which hears the answer.
  template <class T>
  void call(process_id who, std::function<expected<T>(store_model&)> ask,
            std::function<void(expected<T>)> done) {
    auto open = std::make_shared<bool>(true);
    auto settle = [this, who, open, done](microseconds wait, expected<T> answer) {
      world_.after(wait, who, [open, done, answer = std::move(answer)] {
        if (std::exchange(*open, false))
          done(answer);
      });
    };
    settle(timeout, fail(errc::unavailable, "Redis does not answer"));
    auto visit = [this, who, ask, settle] {
      auto answer = ask(model_);
      auto server = visits_;
      world_.after(net_.latency(), [this, who, settle, server, answer = std::move(answer)] {
        if (server != visits_ || world_.one_in(losses))
          settle(microseconds{0}, fail(errc::unavailable, "the connection to Redis broke"));
        else if (!net_.is_cut(world_.host_of(who), host_))
          settle(microseconds{0}, answer);
      });
    };
    auto refuse = [this, settle] {
      settle(net_.latency(), fail(errc::unavailable, "Redis cannot be reached"));
    };
    world_.after(net_.latency(), [this, who, visit, refuse] { knock(who, visit, refuse); });
  }

  /// Ends the server, or starts it again, perhaps without its leases.
  void stop();
  void start(bool keeps_leases);

  /// Stops the server where it is, or lets it go on with what has piled up.
  void freeze(bool on);

  bool is_well() const { return !down_ && !frozen_; }

  /// A way to it has been healed: what was sent before may still come.
  void hear_late(host_id from);

  /// One of so many answers is lost without a reason.
  uint64_t losses = 100'000;

private:
  static constexpr microseconds timeout{2'000'000};

  void knock(process_id who, const std::function<void()>& visit,
             const std::function<void()>& refuse);

  world& world_;
  network& net_;
  host_id host_;
  store_model model_;
  bool down_ = false;
  bool frozen_ = false;
  uint64_t visits_ = 0; ///< Grows with every end of the server.
  std::deque<std::function<void()>> piled_;
  std::deque<std::pair<host_id, std::function<void()>>> late_;
};

/// One connection of a process to Redis: one call after the other.
class redis_line : public std::enable_shared_from_this<redis_line> {
public:
  redis_line(redis_room& room, process_id who) : room_{room}, who_{who} {}

  template <class T>
  void call(std::function<expected<T>(store_model&)> ask, std::function<void(expected<T>)> done) {
    // Kept by its actor alone: what never ends must not keep it either.
    push([this, ask = std::move(ask), done = std::move(done)] {
      room_.call<T>(who_, ask, [line = weak_from_this(), done](expected<T> answer) {
        if (auto self = line.lock())
          self->pop();
        done(std::move(answer));
      });
    });
  }

private:
  void push(std::function<void()> work);
  void pop();

  redis_room& room_;
  process_id who_;
  std::deque<std::function<void()>> waiting_; ///< The first one is under way.
};

} // namespace varia::test
