#include "worker/confine/namespaces.hpp"

#include "worker/confine/chroot.hpp"
#include "worker/confine/root.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia {

namespace {

// The user and the group that are called "nobody" and "nogroup".
constexpr unsigned nobody = 65534;

constexpr int signal_mark = 128;

bool write_text(const std::string& path, const std::string& text) {
  auto file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  auto is_written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  ::close(file);
  return is_written;
}

struct channel {
  channel() {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
      give_up("pipe");
    read = ends[0];
    write = ends[1];
  }

  void close_all() const {
    ::close(read);
    ::close(write);
  }

  int read;
  int write;
};

// Both root and nobody exist inside: the files are put together by the one, the program runs as
// the other, who has no rights outside either.
bool write_two_ids(pid_t process) {
  auto folder = "/proc/" + std::to_string(process) + "/";
  auto other = std::to_string(nobody);
  auto ids = "0 0 1\n" + other + " " + other + " 1\n";
  for (auto name : {"uid_map", "gid_map"}) {
    if (!write_text(folder + name, ids))
      return false;
  }
  return true;
}

// Only a process outside may name more than one user of a new namespace, so one is left behind
// that does it when the namespace is there.
pid_t leave_writer(const channel& go) {
  auto owner = ::getpid();
  auto writer = ::fork();
  if (writer != 0)
    return writer;
  ::close(go.write);
  char word = 0;
  auto is_wanted = ::read(go.read, &word, 1) == 1;
  ::_exit(is_wanted && write_two_ids(owner) ? 0 : 1);
}

bool has_ended_well(pid_t process) {
  auto status = 0;
  while (::waitpid(process, &status, 0) < 0)
    if (errno != EINTR)
      return false;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

void name_one_user(uid_t user, gid_t group) {
  auto inside = std::to_string(nobody) + " ";
  if (!write_text("/proc/self/setgroups", "deny"))
    give_up("setgroups");
  if (!write_text("/proc/self/uid_map", inside + std::to_string(user) + " 1\n"))
    give_up("uid_map");
  if (!write_text("/proc/self/gid_map", inside + std::to_string(group) + " 1\n"))
    give_up("gid_map");
}

void enter_user_namespace() {
  auto user = ::geteuid();
  auto group = ::getegid();
  channel go;
  auto writer = user == 0 ? leave_writer(go) : -1;
  if (::unshare(CLONE_NEWUSER) != 0)
    give_up("a user namespace");
  auto is_named = false;
  if (writer > 0) {
    auto is_told = ::write(go.write, "1", 1) == 1;
    is_named = has_ended_well(writer) && is_told;
  }
  go.close_all();
  if (!is_named)
    name_one_user(user, group);
}

void enter_other_namespaces() {
  if (::unshare(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS) != 0)
    give_up("namespaces");
  // Some kernels have none of these; it hides names, and nothing more.
  static_cast<void>(::unshare(CLONE_NEWCGROUP));
}

// A change of credentials makes the kernel forget this, so it is said again after each.
void die_with_parent() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
    give_up("die with the parent");
}

[[noreturn]] void wait_outside(pid_t inside) {
  // The socket must close when the program closes it.
  ::close_range(STDOUT_FILENO, ~0U, 0);
  reap_until_end(inside);
}

} // namespace

void enter_namespaces(const plan& what) {
  auto parent = ::getppid();
  auto former_root = leave_chroot();
  enter_user_namespace();
  die_with_parent();
  if (::getppid() != parent)
    ::_exit(signal_mark + SIGKILL);
  enter_other_namespaces();
  channel life;
  auto inside = ::fork();
  if (inside < 0)
    give_up("fork");
  if (inside > 0) {
    ::close(life.read);
    // Its other end tells the process inside that this one lives; it stays open until the end.
    auto kept = ::dup2(life.write, STDIN_FILENO);
    if (kept < 0)
      give_up("dup2");
    wait_outside(inside);
  }
  ::close(life.write);
  build_root(what, former_root);
  if (::sethostname("varia", 5) != 0)
    give_up("sethostname");
  drop_privileges();
  die_with_parent();
  // The parent may have died before that was said.
  pollfd wait{life.read, 0, 0};
  if (::poll(&wait, 1, 0) != 0)
    ::_exit(signal_mark + SIGKILL);
  ::close(life.read);
}

void reap_until_end(int program) {
  for (;;) {
    auto status = 0;
    auto ended = ::waitpid(-1, &status, 0);
    if (ended < 0 && errno != EINTR)
      ::_exit(signal_mark);
    if (ended != program)
      continue;
    ::_exit(WIFSIGNALED(status) ? signal_mark + WTERMSIG(status) : WEXITSTATUS(status));
  }
}

void drop_privileges() {
  for (auto capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
    static_cast<void>(::prctl(PR_CAPBSET_DROP, capability));
  if (::geteuid() == 0
      && (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0
          || ::setresuid(nobody, nobody, nobody) != 0))
    give_up("another user");
  ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, 2> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0)
    give_up("no capabilities");
}

} // namespace varia
