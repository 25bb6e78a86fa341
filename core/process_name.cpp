#include "core/process_name.hpp"

#include <array>

#include <unistd.h>

namespace varia {

std::string process_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0)
    return "localhost/" + std::to_string(getpid());
  return std::string{host.data()} + "/" + std::to_string(getpid());
}

} // namespace varia
