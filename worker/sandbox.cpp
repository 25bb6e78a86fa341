#include "worker/sandbox.hpp"

#include <array>
#include <chrono>
#include <filesystem>

namespace varia {

namespace {

namespace fs = std::filesystem;

constexpr auto megabyte = uint64_t{1024} * 1024;

// What Node itself needs beside the heap and the buffers of scripts: its own data, stacks of its
// threads; and its code, which is resident too.
constexpr uint64_t node_data_mb = 128;
constexpr uint64_t node_code_mb = 64;

// Node has about ten threads.
constexpr auto threads_max = "64";
constexpr auto open_files_max = "64";

// No process lives much longer than this and its longest run.
constexpr std::chrono::hours process_life{1};

constexpr auto inside_dir = "/runtime";
constexpr std::array devices{"/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"};

// Debian's Node reads parts of itself from here.
constexpr auto debian_builtins = "/usr/share/nodejs";

std::string confine_of(const runtime_paths& paths) {
  return paths.dir + "/confine";
}

std::string real_path(const std::string& path) {
  std::error_code ignored;
  auto real = fs::canonical(path, ignored);
  return real.empty() ? path : real.string();
}

} // namespace

const char* to_string(sandbox_kind x) {
  switch (x) {
    case sandbox_kind::bwrap: return "bwrap";
    case sandbox_kind::namespaces: return "namespaces";
    case sandbox_kind::none: return "none";
  }
  return "none";
}

uint64_t data_bytes_max(const settings& config) {
  return (config.runtime.memory_mb + config.runtime.buffers_mb + node_data_mb) * megabyte;
}

uint64_t resident_bytes_max(const settings& config) {
  return data_bytes_max(config) + node_code_mb * megabyte;
}

sandbox::sandbox(sandbox_kind kind, const settings& config, runtime_paths paths, std::string bwrap,
                 files libraries)
  : kind_{kind}, paths_{std::move(paths)}, bwrap_{std::move(bwrap)},
    libraries_{std::move(libraries)}, heap_mb_{config.runtime.memory_mb},
    data_bytes_{data_bytes_max(config)} {
  // Node looks for parts of itself beside its program, where that really is.
  paths_.node = real_path(paths_.node);
  auto longest = config.runtime.run_limit + process_life;
  cpu_seconds_
    = static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(longest).count());
}

std::vector<std::string> sandbox::child_command() const {
  auto dir = kind_ == sandbox_kind::none ? paths_.dir : inside_dir;
  return command({"--max-old-space-size=" + std::to_string(heap_mb_), dir + "/child.cjs"});
}

std::vector<std::string> sandbox::probe_command() const {
  return command({"--version"});
}

std::vector<std::string> sandbox::command(const std::vector<std::string>& arguments) const {
  auto words = outside();
  for (auto& word : limits())
    words.push_back(std::move(word));
  words.insert(words.end(), {"--", paths_.node});
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

std::vector<std::string> sandbox::outside() const {
  if (kind_ == sandbox_kind::none)
    return {confine_of(paths_)};
  if (kind_ == sandbox_kind::namespaces) {
    std::vector<std::string> words{confine_of(paths_), "--namespaces"};
    for (const auto& [source, target] : inside_files())
      words.insert(words.end(), {"--bind", source, target});
    for (auto device : devices)
      words.insert(words.end(), {"--bind", device, device});
    return words;
  }
  std::vector<std::string> words{
    bwrap_,  "--unshare-all",     "--unshare-user", "--as-pid-1", "--uid",      "65534", "--gid",
    "65534", "--die-with-parent", "--cap-drop",     "ALL",        "--hostname", "varia"};
  for (const auto& [source, target] : inside_files())
    words.insert(words.end(), {"--ro-bind", source, target});
  for (auto device : devices)
    words.insert(words.end(), {"--dev-bind", device, device});
  auto confine = std::string{inside_dir} + "/confine";
  words.insert(words.end(), {"--ro-bind", real_path(confine_of(paths_)), confine});
  words.insert(words.end(), {"--proc", "/proc", "--remount-ro", "/proc", "--remount-ro", "/",
                             "--chdir", "/", "--", confine, "--init"});
  return words;
}

std::vector<std::string> sandbox::limits() const {
  std::vector<std::string> words{"--data",  std::to_string(data_bytes_),
                                 "--cpu",   std::to_string(cpu_seconds_),
                                 "--files", open_files_max};
  // Without namespaces the threads of everything else that this user runs would count.
  if (kind_ != sandbox_kind::none)
    words.insert(words.end(), {"--threads", threads_max, "--filter"});
  return words;
}

sandbox::files sandbox::inside_files() const {
  auto result = libraries_;
  std::string dir{inside_dir};
  result.emplace_back(paths_.node, paths_.node);
  result.emplace_back(real_path(paths_.dir + "/child.cjs"), dir + "/child.cjs");
  std::error_code ignored;
  if (auto packages = paths_.dir + "/node_modules"; fs::is_directory(packages, ignored))
    result.emplace_back(real_path(packages), dir + "/node_modules");
  if (fs::is_directory(debian_builtins, ignored))
    result.emplace_back(debian_builtins, debian_builtins);
  return result;
}

} // namespace varia
