#include "worker/confine/filter.hpp"

#include "worker/confine/plan.hpp"

#include <array>
#include <cerrno>

#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>

namespace varia {

namespace {

// By name, because not every processor and kernel has them all.
constexpr std::array refused{
  // The network. The one socket there is was made by the worker.
  "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4",
  // Other processes.
  "fork", "vfork", "execveat", "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise",
  "process_mrelease", "kcmp", "pidfd_open", "pidfd_getfd", "pidfd_send_signal",
  // Another view of the system.
  "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
  "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "sethostname",
  "setdomainname", "name_to_handle_at", "open_by_handle_at", "quotactl", "quotactl_fd",
  "fanotify_init", "fanotify_mark",
  // The kernel itself.
  "bpf", "perf_event_open", "userfaultfd", "add_key", "request_key", "keyctl", "io_uring_setup",
  "io_uring_enter", "io_uring_register", "kexec_load", "kexec_file_load", "init_module",
  "finit_module", "delete_module", "create_module", "reboot", "swapon", "swapoff", "acct", "syslog",
  "iopl", "ioperm", "modify_ldt", "personality", "vhangup", "settimeofday", "stime",
  "clock_settime", "clock_adjtime", "adjtimex", "lookup_dcookie", "nfsservctl", "uselib",
  "migrate_pages", "move_pages", "mbind", "set_mempolicy",
  // Memory that the limits do not count.
  "shmget", "shmat", "shmctl", "msgget", "msgsnd", "semget", "semop", "mq_open", "memfd_create",
  "memfd_secret"};

class filter {
public:
  filter() : context_{::seccomp_init(SCMP_ACT_ALLOW)} {
    if (context_ == nullptr)
      fail(-ENOMEM);
    check(::seccomp_attr_set(context_, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
  }

  template <class... Arguments>
  void refuse(const char* name, int error, Arguments... arguments) {
    auto number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR)
      return;
    auto action = SCMP_ACT_ERRNO(static_cast<uint32_t>(error));
    check(::seccomp_rule_add(context_, action, number, sizeof...(arguments), arguments...));
  }

  void load() { check(::seccomp_load(context_)); }

private:
  static void check(int result) {
    if (result < 0)
      fail(result);
  }

  [[noreturn]] static void fail(int result) {
    errno = -result;
    give_up("seccomp");
  }

  scmp_filter_ctx context_;
};

} // namespace

void refuse_calls() {
  filter calls;
  for (auto name : refused)
    calls.refuse(name, EPERM);
  // Threads are needed, processes are not.
  calls.refuse("clone", EPERM,
               scmp_arg_cmp{0, SCMP_CMP_MASKED_EQ, static_cast<scmp_datum_t>(CLONE_THREAD), 0});
  // Its flags lie in memory, where no filter looks; the C library then takes `clone`.
  calls.refuse("clone3", ENOSYS);
  calls.refuse(
    "ioctl", EPERM,
    scmp_arg_cmp{1, SCMP_CMP_MASKED_EQ, 0xffffffffU, static_cast<scmp_datum_t>(TIOCSTI)});
  calls.load();
}

} // namespace varia
