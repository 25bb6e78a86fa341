#pragma once

#include "config/settings.hpp"

#include <map>
#include <string>

namespace varia {

/// What the user asked `varia dev` for.
struct dev_options {
  std::string project; ///< The folder to deploy and to watch; empty: none.
  std::string data = ".varia";
  uint32_t workers = 2;
  std::string api_key;                      ///< Empty: the one of the last time, or a new one.
  std::string config_file;                  ///< Handed on to all processes.
  std::map<std::string, std::string> flags; ///< Settings given as flags, handed on as well.
  bool allows_loopback = false; ///< Scripts may reach this machine: nobody set `upstream.allow`.
};

/// Runs a whole cluster as child processes of this one until SIGINT or SIGTERM: Redis, a
/// coordinator that serves HTTP where the settings say, and workers. Deploys the project and does
/// so again when a file changes. Prints "ready URL" on standard output once everything works.
/// Returns the exit code of the program: 0 after a signal, 1 if the cluster cannot run. Call it
/// from a process without other threads or children.
int run_dev(const dev_options& options, const settings& x);

} // namespace varia
