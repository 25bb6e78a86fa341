#include "worker/confine/filter.hpp"
#include "worker/confine/namespaces.hpp"
#include "worker/confine/plan.hpp"

#include <array>
#include <cstdio>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr int usage_fault = 126;

// Scripts shall not slow down the worker that serves them.
constexpr int niceness = 5;

// Input, output, errors, and the socket to the worker.
constexpr unsigned files_kept = 4;

void limit(int what, const std::optional<rlim_t>& most) {
  rlimit both{most.value_or(0), most.value_or(0)};
  if (most && ::setrlimit(static_cast<__rlimit_resource_t>(what), &both) != 0)
    give_up("setrlimit");
}

void limit_all(const plan& what) {
  limit(RLIMIT_CORE, 0);
  limit(RLIMIT_FSIZE, 0);
  limit(RLIMIT_DATA, what.data_bytes);
  limit(RLIMIT_CPU, what.cpu_seconds);
  limit(RLIMIT_NPROC, what.threads);
  limit(RLIMIT_NOFILE, what.open_files);
  // It is a favour; where it is refused scripts run as they are.
  static_cast<void>(::setpriority(PRIO_PROCESS, 0, niceness));
}

[[noreturn]] void become(const plan& what) {
  if (::close_range(files_kept, ~0U, 0) != 0)
    give_up("close_range");
  limit_all(what);
  if (what.with_filter)
    refuse_calls();
  std::array<char*, 1> no_environment{};
  ::execve(what.command[0], what.command, no_environment.data());
  give_up(what.command[0]);
}

int run(int argc, char** argv) {
  auto what = read_plan(argc, argv);
  if (!what) {
    std::fputs("usage: confine [--namespaces] [--init] [--bind SOURCE TARGET]... [--filter]\n"
               "         [--data BYTES] [--cpu SECONDS] [--threads N] [--files N] -- COMMAND...\n",
               stderr);
    return usage_fault;
  }
  if (what->in_namespaces)
    enter_namespaces(*what);
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    give_up("no_new_privs");
  if (!what->with_init)
    become(*what);
  drop_privileges();
  // The program may be of our own user, but must not look into us or change us.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    give_up("not dumpable");
  auto program = ::fork();
  if (program < 0)
    give_up("fork");
  if (program == 0)
    become(*what);
  // The socket must close when the program closes it.
  ::close_range(0, ~0U, 0);
  reap_until_end(program);
}

} // namespace

} // namespace varia

int main(int argc, char** argv) {
  return varia::run(argc, argv);
}
