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

/// What a redis-server keeps when it is killed.
enum class redis_disk {
  unused,
  written_first, ///< All that it acknowledged, in `appended_folder`.
};

/// A private redis-server on a unix socket with an empty memory, gone with the test.
class redis_server {
public:
  explicit redis_server(redis_disk disk = redis_disk::unused) : disk_{disk} {
    char name[] = "/tmp/varia-test-XXXXXX";
    if (mkdtemp(name) == nullptr)
      throw std::runtime_error("no directory for redis-server");
    directory_ = name;
    start();
  }

  ~redis_server() {
    crash();
    std::filesystem::remove_all(directory_);
  }

  redis_server(const redis_server&) = delete;
  redis_server& operator=(const redis_server&) = delete;

  /// Starts the server again after a crash, with what is on its disk. Only the thread that made it
  /// may do that: the server ends with the thread that started it.
  void start() {
    auto socket = directory_ + "/redis.sock";
    auto appends = disk_ == redis_disk::unused ? "no" : "yes";
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      execlp("redis-server", "redis-server", "--port", "0", "--unixsocket", socket.c_str(),
             "--save", "", "--appendonly", appends, "--appendfsync", "always",
             "--aof-load-truncated", "yes", "--dir", directory_.c_str(), "--logfile", "redis.log",
             nullptr);
      _exit(127);
    }
  }

  /// Ends the server as `kill -9` does; fine if it has ended.
  void crash() {
    if (pid_ <= 0)
      return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = 0;
  }

  /// Stops the server from doing anything, or lets it go on.
  void freeze() const { kill(pid_, SIGSTOP); }
  void thaw() const { kill(pid_, SIGCONT); }

  /// Where a server that uses its disk keeps what it was told.
  std::string appended_folder() const { return directory_ + "/appendonlydir"; }

  std::string url() const { return "unix://" + directory_ + "/redis.sock"; }

  /// Opens a connection as soon as the server answers, to a store that is left as it is.
  redis connect() const {
    auto db = redis::make({url(), std::chrono::seconds{2}, false});
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
  redis_disk disk_;
  std::string directory_;
  pid_t pid_ = 0;
};

} // namespace varia::test
