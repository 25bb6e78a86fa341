#include "worker/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr int child_socket = 3;

// Files that are to be moved to 0..3 must not lie there themselves.
constexpr int lowest_file = 10;

struct files {
  int parent_socket = -1;
  int child_socket = -1;
  int output_read = -1;
  int output_write = -1;
  int null = -1;

  void close_all() {
    for (auto* file : {&parent_socket, &child_socket, &output_read, &output_write, &null})
      close_one(*file);
  }

  static void close_one(int& file) {
    if (file >= 0)
      ::close(file);
    file = -1;
  }
};

int moved_up(int file) {
  auto moved = ::fcntl(file, F_DUPFD_CLOEXEC, lowest_file);
  ::close(file);
  return moved;
}

bool open_files(files& all) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0)
    return false;
  all.parent_socket = pair[0];
  all.child_socket = moved_up(pair[1]);
  if (::pipe2(pair.data(), O_CLOEXEC) != 0)
    return false;
  all.output_read = pair[0];
  all.output_write = moved_up(pair[1]);
  auto null = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  if (null < 0)
    return false;
  all.null = moved_up(null);
  return all.child_socket >= 0 && all.output_write >= 0 && all.null >= 0;
}

// Runs in the child of a process with many threads: only calls that are safe in a signal handler.
[[noreturn]] void become(const files& all, char* const* words, pid_t parent) {
  ::setsid();
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent)
    ::_exit(127);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (auto signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD})
    ::signal(signal, SIG_DFL);
  if (::dup2(all.null, 0) < 0 || ::dup2(all.output_write, 1) < 0 || ::dup2(all.output_write, 2) < 0
      || ::dup2(all.child_socket, child_socket) < 0)
    ::_exit(127);
  // Libraries may have opened files without the flag that closes them here.
  ::close_range(child_socket + 1, ~0U, 0);
  if (::chdir("/") != 0)
    ::_exit(127);
  char* const no_environment[] = {nullptr};
  ::execve(words[0], words, no_environment);
  ::_exit(127);
}

// A sandbox tells the signal that ended its program like a shell: as 128 and more.
std::string end_in_words(int status) {
  constexpr auto signal_mark = 128;
  if (WIFSIGNALED(status))
    return "killed by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) > signal_mark && WEXITSTATUS(status) < signal_mark + NSIG)
    return "killed by signal " + std::to_string(WEXITSTATUS(status) - signal_mark);
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

// A sandbox is a process that waits for one that reaps the script's.
constexpr int generations_max = 4;

uint64_t resident_bytes_of(const std::string& folder) {
  uint64_t size = 0;
  uint64_t resident = 0;
  std::ifstream{folder + "/statm"} >> size >> resident;
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

// In user mode and in the kernel. The name of the program, which may hold anything, ends at the
// last bracket; eleven words stand between it and the times.
int64_t ticks_of(const std::string& folder) {
  std::ifstream file{folder + "/stat"};
  std::string text{std::istreambuf_iterator<char>{file}, {}};
  auto end = text.rfind(')');
  if (end == std::string::npos)
    return 0;
  std::istringstream words{text.substr(end + 1)};
  std::string word;
  for (auto i = 0; i < 11; ++i)
    words >> word;
  int64_t user = 0;
  int64_t kernel = 0;
  words >> user >> kernel;
  return user + kernel;
}

} // namespace

expected<child_process> child_process::start(const std::vector<std::string>& words) {
  std::vector<char*> pointers;
  for (const auto& word : words)
    pointers.push_back(const_cast<char*>(word.c_str()));
  pointers.push_back(nullptr);
  files all;
  if (!open_files(all)) {
    auto why = std::string{std::strerror(errno)};
    all.close_all();
    return fail(errc::unavailable, "no files for a child process: " + why);
  }
  auto parent = ::getpid();
  auto pid = ::fork();
  if (pid == 0)
    become(all, pointers.data(), parent);
  if (pid < 0) {
    auto why = std::string{std::strerror(errno)};
    all.close_all();
    return fail(errc::unavailable, "no child process: " + why);
  }
  child_process result;
  result.pid_ = pid;
  result.socket_ = std::exchange(all.parent_socket, -1);
  result.output_ = std::exchange(all.output_read, -1);
  all.close_all();
  return result;
}

child_process::child_process(child_process&& other) noexcept
  : pid_{std::exchange(other.pid_, -1)}, socket_{std::exchange(other.socket_, -1)},
    output_{std::exchange(other.output_, -1)}, reaped_{other.reaped_}, end_{std::move(other.end_)} {
}

child_process::~child_process() {
  files::close_one(socket_);
  files::close_one(output_);
  if (pid_ < 0 || reaped_)
    return;
  kill();
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR)
    continue;
}

int child_process::take_socket() {
  return std::exchange(socket_, -1);
}

int child_process::take_output() {
  return std::exchange(output_, -1);
}

void child_process::kill() {
  if (pid_ < 0 || reaped_)
    return;
  ::kill(-pid_, SIGKILL);
  ::kill(pid_, SIGKILL);
}

child_process::usage child_process::look() const {
  usage result;
  int64_t ticks = 0;
  std::vector<pid_t> generation;
  if (pid_ >= 0 && !reaped_)
    generation.push_back(pid_);
  for (auto i = 0; i < generations_max; ++i) {
    std::vector<pid_t> next;
    for (auto pid : generation) {
      auto folder = "/proc/" + std::to_string(pid);
      result.resident_bytes += resident_bytes_of(folder);
      ticks += ticks_of(folder);
      std::ifstream children{folder + "/task/" + std::to_string(pid) + "/children"};
      for (pid_t child = 0; children >> child;)
        next.push_back(child);
    }
    generation = std::move(next);
  }
  result.processor_time = std::chrono::milliseconds{ticks * 1000 / ::sysconf(_SC_CLK_TCK)};
  return result;
}

std::optional<std::string> child_process::ended() {
  if (!reaped_) {
    auto status = 0;
    auto found = ::waitpid(pid_, &status, WNOHANG);
    if (found == 0 || (found < 0 && errno == EINTR))
      return std::nullopt;
    reaped_ = true;
    end_ = found == pid_ ? end_in_words(status) : "ended unseen";
  }
  return end_;
}

} // namespace varia
