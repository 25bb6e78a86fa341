#pragma once

#include "api/server/server.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace varia::test {

/// What streams take their bytes from, and what happened to them.
class stream_feed {
public:
  void put(const std::string& bytes) { add({bytes, false}); }

  void finish() { add({"", true}); }

  void wake() {
    std::unique_lock guard{mutex_};
    auto wakes = wakes_;
    guard.unlock();
    for (auto& each : wakes)
      each();
  }

  void add_wake(std::function<void()> wake) {
    change([&] { wakes_.push_back(std::move(wake)); });
  }

  next_chunk take() {
    next_chunk result;
    change([&] {
      ++calls_;
      if (waiting_.empty())
        return;
      result = std::move(waiting_.front());
      waiting_.pop_front();
    });
    return result;
  }

  void count_begin() {
    change([&] { ++begun_; });
  }

  void count_end() {
    change([&] { ++ended_; });
  }

  int calls() {
    std::lock_guard guard{mutex_};
    return calls_;
  }

  void await_calls(int count) {
    await([&] { return calls_ >= count; });
  }

  void await_begun(int count) {
    await([&] { return begun_ >= count; });
  }

  void await_ended(int count) {
    await([&] { return ended_ >= count; });
  }

private:
  void add(next_chunk chunk) {
    change([&] { waiting_.push_back(std::move(chunk)); });
    wake();
  }

  template <class Change>
  void change(Change f) {
    std::lock_guard guard{mutex_};
    f();
    changed_.notify_all();
  }

  template <class Condition>
  void await(Condition f) {
    std::unique_lock guard{mutex_};
    BOOST_REQUIRE(changed_.wait_for(guard, std::chrono::seconds{20}, f));
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<next_chunk> waiting_;
  std::vector<std::function<void()>> wakes_;
  int calls_ = 0;
  int begun_ = 0;
  int ended_ = 0;
};

/// Gives what `next` makes of the feed.
class feed_stream : public body_stream {
public:
  using next_function = std::function<next_chunk(stream_feed&)>;

  feed_stream(stream_feed& source, next_function next) : source_{source}, next_{std::move(next)} {
    source_.count_begin();
  }

  ~feed_stream() override { source_.count_end(); }

  void on_ready(std::function<void()> wake) override { source_.add_wake(std::move(wake)); }

  next_chunk next() override { return next_(source_); }

private:
  stream_feed& source_;
  next_function next_;
};

/// Answers everything but "/plain" with a stream of the feed.
template <class Stream = feed_stream>
http_server::request_handler streams_of(stream_feed& source,
                                        feed_stream::next_function next = &stream_feed::take) {
  return [&source, next](http_request request) {
    if (request.path == "/plain")
      return json_answer(200, "plain");
    http_response result;
    result.content_type = "text/event-stream";
    result.headers = {{"Cache-Control", "no-store"}};
    result.stream = std::make_shared<Stream>(source, next);
    return result;
  };
}

/// A server that neither beats nor gives up while a test runs.
inline server_config patient_server() {
  server_config result;
  result.port = 0;
  result.threads = 2;
  result.heartbeat = std::chrono::hours{1};
  result.request_timeout = std::chrono::hours{1};
  result.stop_deadline = std::chrono::hours{1};
  return result;
}

} // namespace varia::test
