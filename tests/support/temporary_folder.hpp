#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace varia::test {

/// An empty folder, gone with the test.
class temporary_folder {
public:
  temporary_folder() {
    char name[] = "/tmp/varia-test-XXXXXX";
    if (mkdtemp(name) == nullptr)
      throw std::runtime_error("no temporary folder");
    path_ = name;
  }

  ~temporary_folder() { std::filesystem::remove_all(path_); }

  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  const std::string& path() const { return path_; }

  std::string file(const std::string& name) const { return path_ + "/" + name; }

  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories(std::filesystem::path{file(name)}.parent_path());
    std::ofstream{file(name)} << text;
  }

  std::string read(const std::string& name) const {
    std::ifstream stream{file(name)};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }

private:
  std::string path_;
};

} // namespace varia::test
