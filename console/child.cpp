#include "console/child.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace varia {

namespace {

using std::chrono::steady_clock;

constexpr auto exit_not_started = 127;

constexpr size_t printed_bytes_max = size_t{256} * 1024 * 1024;

/// A pipe whose far end a child writes to.
class pipe_reader {
public:
  explicit pipe_reader(std::string& text) : text_{text} {
    if (pipe2(ends_.data(), O_CLOEXEC) != 0)
      ends_ = {-1, -1};
  }

  ~pipe_reader() {
    close_end(ends_[0]);
    close_end(ends_[1]);
  }

  pipe_reader(const pipe_reader&) = delete;
  pipe_reader& operator=(const pipe_reader&) = delete;

  int handle() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  size_t size() const { return text_.size(); }
  bool is_open() const { return ends_[0] >= 0; }
  void close_writer() { close_end(ends_[1]); }

  void read_some() {
    std::array<char, 65536> bytes;
    auto count = read(ends_[0], bytes.data(), bytes.size());
    if (count > 0)
      text_.append(bytes.data(), static_cast<size_t>(count));
    else if (count == 0 || errno != EINTR)
      close_end(ends_[0]);
  }

private:
  static void close_end(int& end) {
    if (end >= 0)
      close(end);
    end = -1;
  }

  std::string& text_;
  std::array<int, 2> ends_{};
};

int milliseconds_until(steady_clock::time_point deadline) {
  auto left = std::chrono::duration_cast<milliseconds>(deadline - steady_clock::now());
  return std::max(0, static_cast<int>(left.count()));
}

// True once both pipes ended in time and within the bound.
bool read_both(pipe_reader& a, pipe_reader& b, steady_clock::time_point deadline) {
  while (a.is_open() || b.is_open()) {
    // A descriptor of -1 is one that poll passes over.
    std::array<pollfd, 2> handles{{{a.handle(), POLLIN, 0}, {b.handle(), POLLIN, 0}}};
    if (poll(handles.data(), handles.size(), milliseconds_until(deadline)) == 0)
      return false;
    if (handles[0].revents != 0)
      a.read_some();
    if (handles[1].revents != 0)
      b.read_some();
    if (a.size() + b.size() > printed_bytes_max)
      return false;
  }
  return true;
}

// A child may close its pipes before it ends.
bool reap_until(pid_t child, int& status, steady_clock::time_point deadline) {
  while (waitpid(child, &status, WNOHANG) == 0) {
    if (steady_clock::now() >= deadline)
      return false;
    std::this_thread::sleep_for(milliseconds{2});
  }
  return true;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (auto& text : texts)
    result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// Runs in the child: nothing here may allocate memory.
[[noreturn]] void become(const child_command& command, char** words, char** variables,
                         pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, command.death_signal);
  // The parent may have died before the line above took effect.
  if (getppid() != parent)
    _exit(exit_not_started);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  auto nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  dup2(nothing, STDIN_FILENO);
  // Copies first: one of the two may be the descriptor that the other is to be put on.
  auto output = fcntl(command.output < 0 ? nothing : command.output, F_DUPFD_CLOEXEC, 3);
  auto errors = fcntl(command.errors < 0 ? nothing : command.errors, F_DUPFD_CLOEXEC, 3);
  dup2(output, STDOUT_FILENO);
  dup2(errors, STDERR_FILENO);
  // Files that our own parent left open are not meant for our children.
  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
  execvpe(words[0], words, variables);
  _exit(exit_not_started);
}

} // namespace

expected<pid_t> start_child(const child_command& command) {
  auto words = command.words;
  std::vector<std::string> variables;
  for (auto& [name, value] : command.environment)
    variables.emplace_back(name).append("=").append(value);
  auto word_pointers = pointers_to(words);
  auto variable_pointers = pointers_to(variables);
  auto parent = getpid();
  auto child = fork();
  if (child == 0)
    become(command, word_pointers.data(), variable_pointers.data(), parent);
  if (child < 0)
    return fail(errc::unavailable, "cannot start a process: " + std::string{strerror(errno)});
  return child;
}

expected<child_outcome> run_child(child_command command, milliseconds timeout) {
  auto deadline = steady_clock::now() + timeout;
  child_outcome result;
  pipe_reader output{result.output};
  pipe_reader errors{result.errors};
  command.output = output.writer();
  command.errors = errors.writer();
  auto child = start_child(command);
  output.close_writer();
  errors.close_writer();
  if (!child)
    return child.error();
  auto complete
    = read_both(output, errors, deadline) && reap_until(*child, result.status, deadline);
  if (!complete) {
    kill(-*child, SIGKILL);
    waitpid(*child, &result.status, 0);
    return fail(errc::unavailable, command.words.front() + " took too long or printed too much");
  }
  return result;
}

std::string describe_status(int status) {
  if (WIFSIGNALED(status))
    return "signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) == exit_not_started)
    return "could not be started";
  return "exit code " + std::to_string(WEXITSTATUS(status));
}

std::map<std::string, std::string> environment_of_process() {
  std::map<std::string, std::string> result;
  for (auto entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string text{*entry};
    if (auto mark = text.find('='); mark != std::string::npos)
      result.emplace(text.substr(0, mark), text.substr(mark + 1));
  }
  return result;
}

} // namespace varia
