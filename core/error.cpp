#include "core/error.hpp"

#include <caf/make_message.hpp>

CAF_ERROR_CODE_ENUM(varia::errc, "varia")

namespace varia {

namespace {

const auto category = caf::atom("varia");

} // namespace

const char* to_string(errc code) {
  switch (code) {
    case errc::none: return "none";
    case errc::invalid: return "invalid";
    case errc::not_found: return "not_found";
    case errc::exists: return "exists";
    case errc::conflict: return "conflict";
    case errc::full: return "full";
    case errc::fenced: return "fenced";
    case errc::cancelled: return "cancelled";
    case errc::unavailable: return "unavailable";
    case errc::internal: return "internal";
  }
  return "internal";
}

caf::error fail(errc code, std::string detail) {
  return caf::make_error(code, std::move(detail));
}

errc code_of(const caf::error& what) {
  if (!what)
    return errc::none;
  return what.category() == category ? static_cast<errc>(what.code()) : errc::unavailable;
}

std::string detail_of(const caf::error& what) {
  if (what && what.context().match_elements<std::string>())
    return what.context().get_as<std::string>(0);
  return {};
}

std::string describe(const caf::error& what) {
  std::string result = to_string(code_of(what));
  if (auto detail = detail_of(what); !detail.empty())
    result += ": " + detail;
  return result;
}

} // namespace varia
