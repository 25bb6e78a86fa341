#include "console/secret_prompt.hpp"

#include <iostream>

#include <termios.h>
#include <unistd.h>

namespace varia {

namespace {

/// Keeps the terminal on standard input, if it is one, from showing what is typed.
class silence {
public:
  silence() : is_on_{tcgetattr(STDIN_FILENO, &before_) == 0} {
    auto now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    if (is_on_)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &now);
  }

  ~silence() {
    if (is_on_)
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

  silence(const silence&) = delete;
  silence& operator=(const silence&) = delete;

  bool is_on() const { return is_on_; }

private:
  termios before_ = {};
  bool is_on_;
};

} // namespace

expected<std::string> read_secret(const std::string& question, std::ostream& to) {
  silence quiet;
  if (quiet.is_on())
    to << question << std::flush;
  std::string result;
  std::getline(std::cin, result);
  if (quiet.is_on())
    to << "\n" << std::flush;
  if (result.empty())
    return fail(errc::invalid, "there is no API key on standard input");
  return result;
}

} // namespace varia
