#include "console/exit_code.hpp"

namespace varia {

int exit_code_of(const caf::error& why) {
  switch (code_of(why)) {
    case errc::not_found: return exit_code::not_found;
    case errc::exists:
    case errc::conflict:
    case errc::full: return exit_code::conflict;
    case errc::unavailable: return exit_code::unavailable;
    default: return exit_code::failed;
  }
}

} // namespace varia
