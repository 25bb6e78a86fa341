#include "store/store_settings.hpp"

namespace varia {

redis_config store_config_of(const settings& x) {
  redis_config result;
  result.url = x.redis.url;
  result.timeout = x.redis.timeout;
  result.key_file = x.redis.key_file;
  return result;
}

} // namespace varia
