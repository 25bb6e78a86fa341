#include "core/process_name.hpp"

#include <array>

#include <unistd.h>

namespace varia {

std::string host_name() {
  std::array<char, 256> host{};
  if (gethostname(host.data(), host.size() - 1) != 0)
    return "localhost";
  return host.data();
}

std::string process_name() {
  return host_name() + "/" + std::to_string(getpid());
}

} // namespace varia
