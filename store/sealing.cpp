#include "store/sealing.hpp"

namespace varia {

std::string seal_payload(std::string_view json) {
  return std::string{json};
}

expected<std::string> open_payload(std::string_view bytes) {
  constexpr std::string_view plain_begins = "{ \t\r\n";
  if (!bytes.empty() && plain_begins.find(bytes.front()) == std::string_view::npos)
    return fail(errc::internal, "a payload is sealed in a way this program does not know");
  return std::string{bytes};
}

} // namespace varia
