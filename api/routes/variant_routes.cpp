#include "api/routes/variant_routes.hpp"

#include "api/syncs.hpp"
#include "api/variant_wishes.hpp"
#include "store/connections.hpp"
#include "store/variant_orders.hpp"

namespace varia {

namespace {

fields ids_fields() {
  return {{"provider_config_key", provider_config_key()}, {"connection_id", connection_id()}};
}

std::optional<http_response> refuse_request(const api_call& x, const schema& body) {
  static const auto params = object({{"name", sync_name()}, {"variant", sync_name()}});
  static const auto query = nothing();
  if (auto no = x.refuse_body(body))
    return no;
  if (auto no = x.refuse_params(params))
    return no;
  return x.refuse_query(query);
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

std::optional<http_response> refuse_reserved(const std::string& variant) {
  if (!is_reserved_variant(variant))
    return std::nullopt;
  return refuse(400, "invalid_variant", "Variant name \"" + variant + "\" is protected.");
}

// What the contract knows, to the letter.
expected<http_response> create_plainly(api_call& x, const sync_place& place,
                                       const std::string& variant) {
  auto& of = place.deployed;
  auto entry = x.api.cluster->create({place.sync, variant}, !of.auto_start, timing_of(of));
  if (!entry)
    return refuse_creation(entry.error());
  return json_answer(200, {{"id", entry->id}, {"name", of.name}, {"variant", variant}});
}

// Carries one order out; the answer is that of a creation, and says what came of it where that is
// not clear.
expected<http_response> carry_out(api_call& x, const sync_place& place, variant_order order,
                                  bool says_outcome) {
  auto batch = batch_for(place);
  batch.orders = {std::move(order)};
  auto done = x.api.cluster->change(batch);
  if (!done)
    return std::move(done.error());
  auto& result = done->results.front();
  if (is_refusal(result.outcome))
    return refuse_order(result.outcome, done->limit);
  auto answer
    = json{{"id", result.entry.id}, {"name", place.sync.name}, {"variant", result.entry.key.name}};
  if (says_outcome)
    answer["outcome"] = to_string(result.outcome);
  return json_answer(200, answer);
}

// Creates a variant; with the verb `put` creates it or changes it.
expected<http_response> make_so(api_call& x, order_verb verb) {
  static const auto body = wish_body(ids_fields());
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  auto& variant = x.param("variant");
  if (auto no = refuse_reserved(variant))
    return std::move(*no);
  auto found = find_sync(x, *x.body, x.param("name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  auto& place = std::get<sync_place>(*found);
  auto creates = verb == order_verb::create;
  if (creates && x.body->size() == ids_fields().size())
    return create_plainly(x, place, variant);
  return carry_out(x, place, read_wish(verb, variant, *x.body, place.deployed), !creates);
}

expected<http_response> create(api_call& x) {
  return make_so(x, order_verb::create);
}

expected<http_response> put(api_call& x) {
  return make_so(x, order_verb::put);
}

expected<http_response> remove(api_call& x) {
  static const auto body = connection_body();
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  auto& variant = x.param("variant");
  if (is_reserved_variant(variant))
    return refuse(400, "invalid_variant", "Cannot delete protected variant \"" + variant + "\".");
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(*x.body, "provider_config_key"), text_at(*x.body, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(400, "unknown_connection");
  if (auto done = x.api.cluster->remove({{*number, x.param("name")}, variant}); !done)
    return std::move(done.error());
  return succeed();
}

// The life of a name that was deleted last, or the one of this id; an empty id if there is none.
expected<std::string> find_life(api_call& x, const sync_id& sync, const std::string& id) {
  auto olds = variant_orders{x.db}.deleted(sync);
  if (!olds)
    return std::move(olds.error());
  for (auto& old : *olds)
    if (old.entry.key.name == x.param("variant") && (id.empty() || old.entry.id == id))
      return old.entry.id;
  return std::string{};
}

expected<http_response> undelete(api_call& x) {
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"id", optional(text({at_most(36)}))}});
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  auto found = find_sync(x, *x.body, x.param("name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  auto& place = std::get<sync_place>(*found);
  auto id = find_life(x, place.sync, text_at(*x.body, "id"));
  if (!id)
    return std::move(id.error());
  if (id->empty())
    return refuse(404, "not_found", "No deleted variant of this name can be brought back");
  variant_order order;
  order.verb = order_verb::undelete;
  order.name = x.param("variant");
  order.id = std::move(*id);
  return carry_out(x, place, std::move(order), false);
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
    make_route(api, "PUT", "/sync/:name/variant/:variant", put,
               route_facts{"Makes a variant be as it is wished, new or not"}
                 .scope("environment:syncs:variant:create")
                 .audited("variant.put")
                 .answers(200, R"({"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","name":"orders",)"
                               R"("variant":"eu","outcome":"created"})")
                 .fails(400, "invalid_variant")
                 .fails(400, "unknown_connection")
                 .fails(400, "resource_capped")
                 .fails(400, "unknown_sync")),
    make_route(api, "DELETE", "/sync/:name/variant/:variant", remove,
               route_facts{"Deletes a variant, which can be brought back for a while"}
                 .scope("environment:syncs:variant:delete")
                 .audited("variant.deleted")
                 .answers(200, R"({"success":true})")
                 .fails(400, "invalid_variant")
                 .fails(400, "unknown_connection")
                 .fails(404, "not_found")),
    make_route(api, "POST", "/sync/:name/variant/:variant/undelete", undelete,
               route_facts{"Brings a deleted variant back with all it had"}
                 .scope("environment:syncs:variant:create")
                 .audited("variant.undeleted")
                 .answers(200, R"({"id":"cd698d3a-f399-46e3-b424-3007eff03e6b","name":"orders",)"
                               R"("variant":"eu"})")
                 .fails(400, "unknown_connection")
                 .fails(400, "unknown_sync")
                 .fails(400, "resource_capped")
                 .fails(400, "sync_variant_already_exists")
                 .fails(404, "not_found")),
  };
}

} // namespace varia
