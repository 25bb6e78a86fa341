#pragma once

#include "config/runtime_paths.hpp"
#include "config/settings.hpp"
#include "core/error.hpp"

#include <string>
#include <utility>
#include <vector>

namespace varia {

/// What keeps script processes from the machine they run on.
enum class sandbox_kind { bwrap, namespaces, none };

const char* to_string(sandbox_kind x);

/// How script processes are started: under limits, and, unless the settings ask for `none`, in
/// namespaces of their own without a network, without rights, and without any file but Node, its
/// libraries and the runtime's, with a filter on system calls. Plain: it only makes command lines.
class sandbox {
public:
  /// What of this machine is seen inside: from where, and under which path.
  using files = std::vector<std::pair<std::string, std::string>>;

  sandbox(sandbox_kind kind, const settings& config, runtime_paths paths, std::string bwrap,
          files libraries);

  sandbox_kind kind() const { return kind_; }

  /// Where Node really is.
  const std::string& node() const { return paths_.node; }

  /// Returns the command that runs child.cjs.
  std::vector<std::string> child_command() const;

  /// Returns a command that ends with status 0 if the sandbox works here.
  std::vector<std::string> probe_command() const;

private:
  std::vector<std::string> command(const std::vector<std::string>& arguments) const;
  std::vector<std::string> outside() const;
  std::vector<std::string> limits() const;
  files inside_files() const;

  sandbox_kind kind_;
  runtime_paths paths_;
  std::string bwrap_;
  files libraries_;
  uint64_t heap_mb_;
  uint64_t data_bytes_;
  uint64_t cpu_seconds_;
};

/// The memory that one script process may have, in bytes: what the limit on its data is, and the
/// resident size over which it is killed. Both leave room for Node itself.
uint64_t data_bytes_max(const settings& config);
uint64_t resident_bytes_max(const settings& config);

/// Chooses the sandbox that `runtime.sandbox` asks for and tries it out, for which it starts
/// processes and waits for them, 10 s at most each. "auto" takes bubblewrap if it is there and
/// works, else namespaces of our own. Fails with `invalid` and says what does not work and what
/// can be done.
expected<sandbox> find_sandbox(const settings& config, const runtime_paths& paths);

/// Returns the shared libraries of a program, its loader among them, each by the path that the
/// program asks for; empty for a program that needs none. Starts a process and waits for it.
expected<std::vector<std::string>> shared_libraries(const std::string& program);

} // namespace varia
