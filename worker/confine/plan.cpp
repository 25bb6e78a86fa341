#include "worker/confine/plan.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include <unistd.h>

namespace varia {

namespace {

constexpr int failed = 127;

/// Takes the words one after the other.
class words {
public:
  words(int count, char** all) : left_{count}, next_{all} {}

  char* take() {
    if (left_ <= 0)
      return nullptr;
    --left_;
    return *next_++;
  }

  bool take_number(std::optional<rlim_t>& number) {
    auto text = take();
    if (text == nullptr || *text < '0' || *text > '9')
      return false;
    char* end = nullptr;
    number = std::strtoull(text, &end, 10);
    return *end == '\0';
  }

  char** rest() const { return left_ > 0 ? next_ : nullptr; }

private:
  int left_;
  char** next_;
};

bool take_option(std::string_view name, words& from, plan& to) {
  if (name == "--namespaces")
    to.in_namespaces = to.with_init = true;
  else if (name == "--init")
    to.with_init = true;
  else if (name == "--filter")
    to.with_filter = true;
  else if (name == "--bind") {
    auto source = from.take();
    auto target = from.take();
    to.files.push_back({source, target});
    return target != nullptr && *source == '/' && *target == '/';
  } else if (name == "--data")
    return from.take_number(to.data_bytes);
  else if (name == "--cpu")
    return from.take_number(to.cpu_seconds);
  else if (name == "--threads")
    return from.take_number(to.threads);
  else if (name == "--files")
    return from.take_number(to.open_files);
  else
    return false;
  return true;
}

} // namespace

std::optional<plan> read_plan(int argc, char** argv) {
  plan result;
  words from{argc - 1, argv + 1};
  for (auto word = from.take(); word != nullptr; word = from.take()) {
    if (std::string_view{word} == "--") {
      result.command = from.rest();
      break;
    }
    if (!take_option(word, from, result))
      return std::nullopt;
  }
  if (result.command == nullptr)
    return std::nullopt;
  return result;
}

void give_up(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  ::_exit(failed);
}

} // namespace varia
