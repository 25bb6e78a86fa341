#pragma once

#include "store/redis.hpp"
#include "store/schema.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia::test {

/// A private redis-server on a unix socket with an empty memory, gone with the test.
class redis_server {
public:
  redis_server() {
    char name[] = "/tmp/varia-test-XXXXXX";
    if (mkdtemp(name) == nullptr)
      throw std::runtime_error("no directory for redis-server");
    directory_ = name;
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      auto socket = directory_ + "/redis.sock";
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(),
             "--save", "", "--appendonly", "no", "--dir", directory_.c_str(), "--logfile",
             "redis.log", nullptr);
      _exit(127);
    }
  }

  ~redis_server() {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    std::filesystem::remove_all(directory_);
  }

  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  std::string url() const { return "unix://" + directory_ + "/redis.sock"; }

  /// Opens a connection as soon as the server answers.
  redis connect() const {
    auto db = redis::make({url(), std::chrono::seconds{2}});
    for (auto attempt = 0; db && attempt < 200; ++attempt) {
      if (db->run({"PING"}))
        return std::move(*db);
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
    throw std::runtime_error("redis-server does not answer");
  }

  /// Opens a connection to a store that is ready to use.
  redis connect_prepared() const {
    auto db = connect();
    if (auto ready = prepare_store(db); !ready)
      throw std::runtime_error(describe(ready.error()));
    return db;
  }

private:
  std::string directory_;
  pid_t pid_;
};

} // namespace varia::test
