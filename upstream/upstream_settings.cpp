#include "upstream/upstream_settings.hpp"

#include "upstream/url.hpp"

#include <utility>

namespace varia {

namespace {

// An origin is where a URL without path, query and user leads.
bool is_origin(const std::string& text) {
  return origin_of(text) && text.find_first_of("@?#") == std::string::npos
         && text.find('/', text.find("://") + 3) == std::string::npos;
}

} // namespace

expected<upstream_config> upstream_config_of(const settings& x) {
  upstream_config result;
  result.timeout = x.upstream.timeout;
  result.connections_per_host = x.upstream.connections_per_host;
  result.response_bytes_max = x.upstream.response_bytes_max;
  result.origin_override = x.upstream.origin_override;
  if (!result.origin_override.empty() && !is_origin(result.origin_override))
    return fail(errc::invalid,
                "upstream.origin_override: wants an origin such as http://127.0.0.1:9000");
  for (auto [name, text] : {std::pair{"upstream.allow: ", &x.upstream.allow},
                            {"upstream.refuse: ", &x.upstream.refuse}})
    if (auto one = egress_policy::make(*text, {}); !one)
      return fail(errc::invalid, name + detail_of(one.error()));
  result.egress = *egress_policy::make(x.upstream.allow, x.upstream.refuse);
  return result;
}

} // namespace varia
