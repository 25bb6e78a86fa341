#include "store/call_rates.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

expected<rate_window> call_rates::take(const std::string& bucket, uint64_t points,
                                       milliseconds window) {
  auto reply = call(db_, "rate_take", {keys::rate(bucket)},
                    {std::to_string(points), std::to_string(window.count())});
  if (!reply)
    return std::move(reply.error());
  if ((*reply)->elements != 2)
    return fail(errc::internal, "rate_take answers something else");
  return rate_window{static_cast<uint64_t>(number_of(*(*reply)->element[0])),
                     milliseconds{number_of(*(*reply)->element[1])}};
}

} // namespace varia
