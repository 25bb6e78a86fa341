#pragma once

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace varia::test {

/// Where threads of what is tested wait until the test opens it.
class gate {
public:
  void pass() {
    std::unique_lock guard{mutex_};
    ++waiting_;
    changed_.notify_all();
    changed_.wait(guard, [&] { return open_; });
  }

  void open() {
    std::lock_guard guard{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  void await(size_t count) {
    std::unique_lock guard{mutex_};
    BOOST_REQUIRE(
      changed_.wait_for(guard, std::chrono::seconds{20}, [&] { return waiting_ >= count; }));
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t waiting_ = 0;
  bool open_ = false;
};

} // namespace varia::test
