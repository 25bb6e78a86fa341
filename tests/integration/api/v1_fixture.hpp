#pragma once

#include "tests/integration/api/api_fixture.hpp"

#include <string>

namespace varia::test {

/// An API with the variant `v1` of a sync, and the ways to name it.
struct v1_api : ready_api {
  v1_api() { create("v1"); }

  /// A body that names it.
  static json v1(json more = json::object()) {
    more["name"] = "orders";
    more["variant"] = "v1";
    return ids(more);
  }

  const std::string v1_query
    = "?connection_id=c1&provider_config_key=orders&name=orders&variant=v1";
};

} // namespace varia::test
