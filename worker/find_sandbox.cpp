#include "worker/process.hpp"
#include "worker/sandbox.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <thread>

#include <elf.h>
#include <poll.h>
#include <unistd.h>

namespace varia {

namespace {

namespace fs = std::filesystem;
using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds answer_max{10};
constexpr auto output_max = size_t{64} * 1024;
constexpr size_t path_max = 4096;

/// How a short-lived command ended, and what it said.
struct command_result {
  std::string end;
  std::string output;

  bool is_good() const { return end == "exited with status 0"; }

  /// The last line it said, else how it ended.
  std::string reason() const {
    auto last = output.find_last_not_of(" \n");
    if (last == std::string::npos)
      return end;
    auto first = output.rfind('\n', last);
    return output.substr(first + 1, last - first);
  }
};

command_result run_command(const std::vector<std::string>& words) {
  auto child = child_process::start(words);
  if (!child)
    return {detail_of(child.error()), {}};
  command_result result;
  auto output = child->take_output();
  auto until = clock::now() + answer_max;
  for (auto is_open = true; is_open && clock::now() < until;) {
    pollfd wait{output, POLLIN, 0};
    std::array<char, 4096> bytes{};
    if (::poll(&wait, 1, 100) <= 0)
      continue;
    auto count = ::read(output, bytes.data(), bytes.size());
    is_open = count > 0;
    if (is_open && result.output.size() < output_max)
      result.output.append(bytes.data(), static_cast<size_t>(count));
  }
  ::close(output);
  auto end = child->ended();
  for (; !end && clock::now() < until; end = child->ended())
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  result.end = end.value_or("did not end in 10 s");
  return result;
}

// The program that the kernel starts in place of one with shared libraries; empty for one without.
expected<std::string> loader_of(const std::string& program) {
  auto unreadable = fail(errc::invalid, program + " is no program that can be read");
  std::ifstream file{program, std::ios::binary};
  Elf64_Ehdr head{};
  if (!file.read(reinterpret_cast<char*>(&head), sizeof head)
      || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64)
    return unreadable;
  for (uint64_t i = 0; i < head.e_phnum; ++i) {
    Elf64_Phdr part{};
    file.seekg(static_cast<std::streamoff>(head.e_phoff + uint64_t{head.e_phentsize} * i));
    if (!file.read(reinterpret_cast<char*>(&part), sizeof part))
      return unreadable;
    if (part.p_type != PT_INTERP)
      continue;
    std::string path(std::min<size_t>(part.p_filesz, path_max), '\0');
    file.seekg(static_cast<std::streamoff>(part.p_offset));
    if (!file.read(path.data(), static_cast<std::streamsize>(path.size())))
      return unreadable;
    return path.substr(0, path.find('\0'));
  }
  return std::string{};
}

std::string find_bwrap() {
  auto path = std::getenv("PATH");
  std::istringstream folders{path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin"};
  for (std::string folder; std::getline(folders, folder, ':');)
    if (auto found = folder + "/bwrap";
        folder.rfind('/', 0) == 0 && ::access(found.c_str(), X_OK) == 0)
      return found;
  return {};
}

expected<sandbox::files> inside_libraries(const std::string& node) {
  auto paths = shared_libraries(node);
  if (!paths)
    return std::move(paths.error());
  sandbox::files result;
  std::error_code ignored;
  // The cache tells the loader of libraries in unusual places.
  paths->emplace_back("/etc/ld.so.cache");
  for (const auto& path : *paths)
    if (auto real = fs::canonical(path, ignored); !real.empty())
      result.emplace_back(real.string(), path);
  return result;
}

} // namespace

expected<std::vector<std::string>> shared_libraries(const std::string& program) {
  auto loader = loader_of(program);
  if (!loader)
    return std::move(loader.error());
  std::vector<std::string> result;
  if (loader->empty())
    return result;
  auto listing = run_command({*loader, "--list", program});
  if (!listing.is_good())
    return fail(errc::invalid, "the libraries of " + program + " are unknown: " + listing.reason());
  result.push_back(*loader);
  std::istringstream lines{listing.output};
  // Lines are "name => path (address)" or "path (address)".
  for (std::string line; std::getline(lines, line);) {
    auto start = line.find('/');
    if (auto arrow = line.find("=> "); arrow != std::string::npos)
      start = arrow + 3;
    if (start == std::string::npos || start >= line.size() || line[start] != '/')
      continue;
    auto path = line.substr(start, line.find(" (", start) - start);
    if (path != *loader)
      result.push_back(std::move(path));
  }
  return result;
}

expected<sandbox> find_sandbox(const settings& config, const runtime_paths& paths) {
  if (::access((paths.dir + "/confine").c_str(), X_OK) != 0)
    return fail(errc::invalid, "no program " + paths.dir + "/confine (setting runtime.dir)");
  const auto& wanted = config.runtime.sandbox;
  sandbox bare{sandbox_kind::none, config, paths, {}, {}};
  if (auto probe = run_command(bare.probe_command()); !probe.is_good())
    return fail(errc::invalid, "Node does not run: " + probe.reason() + " (setting runtime.node)");
  if (wanted == "none") {
    spdlog::warn("scripts run without a sandbox, as runtime.sandbox says: deploy only code that "
                 "may do whatever this worker may");
    return bare;
  }
  auto libraries = inside_libraries(bare.node());
  if (!libraries)
    return std::move(libraries.error());
  std::string faults;
  auto attempt = [&](sandbox_kind kind, const std::string& bwrap) {
    sandbox result{kind, config, paths, bwrap, *libraries};
    auto probe = run_command(result.probe_command());
    if (probe.is_good())
      return std::optional{std::move(result)};
    faults += std::string{faults.empty() ? "" : "; "} + to_string(kind) + ": " + probe.reason();
    return std::optional<sandbox>{};
  };
  if (wanted != "namespaces") {
    auto bwrap = find_bwrap();
    if (bwrap.empty())
      faults = "bwrap: not found in PATH";
    else if (auto found = attempt(sandbox_kind::bwrap, bwrap))
      return std::move(*found);
  }
  if (wanted != "bwrap")
    if (auto found = attempt(sandbox_kind::namespaces, {}))
      return std::move(*found);
  return fail(errc::invalid,
              "scripts cannot be kept in a sandbox here (" + faults
                + "): install bubblewrap, allow user namespaces, or set runtime.sandbox = \"none\" "
                  "to run them without one");
}

} // namespace varia
