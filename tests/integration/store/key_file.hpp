#pragma once

#include "tests/support/redis_server.hpp"

#include <fstream>
#include <string>
#include <vector>

namespace varia::test {

/// A file of keys that seal secrets, gone with the test.
class key_file {
public:
  key_file() {
    char name[] = "/tmp/varia-keys-XXXXXX";
    close(mkstemp(name));
    path_ = name;
  }

  ~key_file() { std::filesystem::remove(path_); }

  key_file(const key_file&) = delete;
  key_file& operator=(const key_file&) = delete;

  /// Replaces its keys by those that are named with a digit each; the first one seals.
  void write(const std::vector<char>& names) {
    std::ofstream file{path_, std::ios::trunc};
    for (auto name : names)
      file << std::string(64, name) << std::string(64, '0') << '\n';
  }

  const std::string& path() const { return path_; }

  /// Opens a connection that uses the keys as they are now.
  redis open(const redis_server& server) const {
    redis_config config;
    config.url = server.url();
    config.key_file = path_;
    auto db = redis::make(config);
    if (!db)
      throw std::runtime_error(describe(db.error()));
    return std::move(*db);
  }

private:
  std::string path_;
};

} // namespace varia::test
