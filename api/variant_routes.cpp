#include "api/variant_routes.hpp"

#include "api/syncs.hpp"
#include "store/connections.hpp"
#include "store/functions.hpp"

namespace varia {

namespace {

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto body = connection_body();
  static const auto params = object({{"name", sync_name()}, {"variant", sync_name()}});
  static const auto query = nothing();
  if (auto no = x.refuse_body(body))
    return no;
  if (auto no = x.refuse_params(params))
    return no;
  return x.refuse_query(query);
}

// 0 if there is no such connection.
expected<connection_number> connection_of(const api_call& x) {
  return connections{x.db}.number_of(x.environment(), text_at(*x.body, "provider_config_key"),
                                     text_at(*x.body, "connection_id"));
}

std::string leading_number(const std::string& text) {
  return text.substr(0, text.find_first_not_of("0123456789"));
}

http_response refuse_creation(const caf::error& why) {
  switch (code_of(why)) {
    case errc::full:
      return refuse(400, "resource_capped",
                    "Maximum number of variants per sync (" + leading_number(detail_of(why))
                      + ") reached");
    case errc::exists: return refuse(400, "sync_variant_already_exists");
    default: return refuse_error(why);
  }
}

expected<http_response> create(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto& variant = x.param("variant");
  if (is_reserved_variant(variant))
    return refuse(400, "invalid_variant", "Variant name \"" + variant + "\" is protected.");
  auto number = connection_of(x);
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(400, "unknown_connection");
  auto deployed = functions{x.db}.find(x.environment(), text_at(*x.body, "provider_config_key"),
                                       x.param("name"));
  if (!deployed)
    return std::move(deployed.error());
  if (!*deployed)
    return refuse(400, "unknown_sync");
  auto& of = **deployed;
  auto entry = x.api.cluster->create({{*number, of.name}, variant}, !of.auto_start, timing_of(of));
  if (!entry)
    return refuse_creation(entry.error());
  return json_answer(200, {{"id", entry->id}, {"name", of.name}, {"variant", variant}});
}

expected<http_response> remove(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto& variant = x.param("variant");
  if (is_reserved_variant(variant))
    return refuse(400, "invalid_variant", "Cannot delete protected variant \"" + variant + "\".");
  auto number = connection_of(x);
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(400, "unknown_connection");
  if (auto done = x.api.cluster->remove({{*number, x.param("name")}, variant}); !done)
    return std::move(done.error());
  return succeed();
}

} // namespace

std::vector<route> variant_routes(const api_context& api) {
  return {
    make_route(api, "POST", "/sync/:name/variant/:variant", create,
               route_facts{"Creates a variant of a sync"}
                 .scope("environment:syncs:variant:create")
                 .audited("variant.created")
                 .answers(200, R"({"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","name":"orders",)"
                               R"("variant":"eu"})")
                 .fails(400, "invalid_variant")
                 .fails(400, "unknown_connection")
                 .fails(400, "resource_capped")
                 .fails(400, "sync_variant_already_exists")
                 .fails(400, "unknown_sync")),
    make_route(api, "DELETE", "/sync/:name/variant/:variant", remove,
               route_facts{"Deletes a variant with all it owns"}
                 .scope("environment:syncs:variant:delete")
                 .audited("variant.deleted")
                 .answers(200, R"({"success":true})")
                 .fails(400, "invalid_variant")
                 .fails(400, "unknown_connection")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
