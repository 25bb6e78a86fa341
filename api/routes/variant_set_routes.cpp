#include "api/routes/variant_set_routes.hpp"

#include "api/syncs.hpp"
#include "api/variant_wishes.hpp"
#include "core/variant_plan.hpp"
#include "store/variant_limits.hpp"

#include <map>
#include <set>
#include <utility>

namespace varia {

namespace {

constexpr size_t wishes_max = 10'000;
constexpr auto creates = "environment:syncs:variant:create";
constexpr auto deletes = "environment:syncs:variant:delete";

std::optional<http_response> refuse_request(const api_call& x, const schema& body) {
  static const auto params = object({{"name", sync_name()}});
  static const auto query = nothing();
  if (auto no = x.refuse_body(body))
    return no;
  if (auto no = x.refuse_params(params))
    return no;
  return x.refuse_query(query);
}

// A list of names or of objects with one, each name once and none of them reserved.
void refuse_names(const json* value, const json_path& path, issues& found) {
  std::set<std::string> seen;
  for (size_t i = 0; i < value->size(); ++i) {
    auto& each = (*value)[i];
    auto name = each.is_string() ? each.get<std::string>() : text_at(each, "name");
    auto where = path;
    where.push_back(std::to_string(i));
    if (is_reserved_variant(name))
      found.push_back({"custom", "Variant name \"" + name + "\" is protected.", where});
    else if (!seen.insert(name).second)
      found.push_back({"custom", "Variant name \"" + name + "\" occurs twice", where});
  }
}

schema variant_list(schema element, size_t most) {
  return refined(list_of(std::move(element), most), refuse_names);
}

schema wish_list(size_t most) {
  return variant_list(either({sync_name(), wish_body({{"name", sync_name()}})},
                             "Each variant must be a name or an object { name: string, frequency?: "
                             "string | null, start?: boolean, settings?: object | null, "
                             "reset_on_change?: boolean }"),
                      most);
}

std::vector<variant_order> read_wishes(order_verb verb, const json& list,
                                       const function& deployed) {
  std::vector<variant_order> result;
  for (auto& each : list)
    result.push_back(each.is_string()
                       ? read_wish(verb, each.get<std::string>(), json::object(), deployed)
                       : read_wish(verb, text_at(each, "name"), each, deployed));
  return result;
}

// Finds the sync, then does the rest.
template <class Rest>
expected<http_response> with_sync(api_call& x, Rest rest) {
  auto found = find_sync(x, *x.body, x.param("name"));
  if (!found)
    return std::move(found.error());
  if (auto no = std::get_if<http_response>(&*found))
    return std::move(*no);
  return rest(std::get<sync_place>(*found));
}

json results_text(const batch_result& done) {
  auto result = json::array();
  for (auto& one : done.results)
    result.push_back(result_text(one, done.limit));
  return result;
}

// The first refusal of a batch that was refused as a whole; all results say what would have been.
http_response refuse_batch(const batch_result& done) {
  for (auto& one : done.results)
    if (is_refusal(one.outcome)) {
      auto answer = refuse_order(one.outcome, done.limit);
      auto body = json::parse(answer.body);
      body["results"] = results_text(done);
      return json_answer(answer.status, body);
    }
  return refuse_fault("a batch was refused without a reason");
}

expected<http_response> carry_out(api_call& x, const variant_batch& batch) {
  auto done = x.api.cluster->change(batch);
  if (!done)
    return std::move(done.error());
  if (!done->applied)
    return refuse_batch(*done);
  return json_answer(
    200, {{"results", results_text(*done)}, {"limit", limit_text(done->limit, done->named)}});
}

expected<http_response> create_many(api_call& x) {
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"variants", wish_list(orders_max)},
                                   {"all_or_nothing", optional(boolean())}});
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  return with_sync(x, [&](const sync_place& place) {
    auto batch = batch_for(place);
    batch.orders = read_wishes(order_verb::create, x.body->at("variants"), place.deployed);
    batch.all_or_nothing = flag_at(*x.body, "all_or_nothing");
    return carry_out(x, batch);
  });
}

// They name the lives that are meant, so that they may be sent again when their answer is lost.
expected<std::vector<variant_order>> removals_of(api_call& x, const sync_id& sync) {
  std::vector<variant_key> keys;
  for (auto& name : x.body->at("variants"))
    keys.push_back({sync, name.get<std::string>()});
  auto present = variants{x.db}.find(keys);
  if (!present)
    return std::move(present.error());
  std::map<std::string, std::string> ids;
  for (auto& entry : *present)
    ids[entry.key.name] = entry.id;
  std::vector<variant_order> result;
  for (auto& key : keys) {
    variant_order order;
    order.verb = order_verb::remove;
    order.name = key.name;
    order.id = ids[key.name];
    result.push_back(std::move(order));
  }
  return result;
}

expected<http_response> delete_many(api_call& x) {
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"variants", variant_list(sync_name(), orders_max)},
                                   {"all_or_nothing", optional(boolean())}});
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  return with_sync(x, [&](const sync_place& place) -> expected<http_response> {
    auto orders = removals_of(x, place.sync);
    if (!orders)
      return std::move(orders.error());
    auto batch = batch_for(place);
    batch.all_or_nothing = flag_at(*x.body, "all_or_nothing");
    batch.orders = std::move(*orders);
    return carry_out(x, batch);
  });
}

json plan_text(const variant_plan& plan) {
  return {{"create", plan.creates}, {"change", plan.changes}, {"delete", plan.deletes},
          {"keep", plan.keeps},     {"spare", plan.spares},   {"refused", plan.capped}};
}

http_response refuse_deletions(const variant_plan& plan, uint32_t percent) {
  auto answer
    = refuse(400, "deletion_guard",
             std::to_string(plan.deletes.size()) + " variants would be deleted, more " + "than "
               + std::to_string(percent) + " % of those that are there. Pass force to do it.");
  auto body = json::parse(answer.body);
  body["plan"] = plan_text(plan);
  return json_answer(400, body);
}

// Those that the plan left out because of the limit are reported as refused.
expected<http_response> carry_out(api_call& x, const sync_place& place, const variant_plan& plan,
                                  uint32_t limit, size_t named) {
  auto batch = batch_for(place);
  batch.orders = plan.orders;
  auto results = json::array();
  for (auto& step : in_steps(batch)) {
    auto done = x.api.cluster->change(step);
    if (!done)
      return std::move(done.error());
    for (auto& one : done->results)
      results.push_back(result_text(one, done->limit));
    limit = done->limit;
    named = done->named;
  }
  for (auto& name : plan.capped) {
    order_result refused;
    refused.outcome = order_outcome::full;
    refused.entry.key.name = name;
    results.push_back(result_text(refused, limit));
  }
  return json_answer(200, {{"applied", true},
                           {"plan", plan_text(plan)},
                           {"results", std::move(results)},
                           {"limit", limit_text(limit, named)}});
}

expected<http_response> plan_set(api_call& x, const sync_place& place) {
  auto& body = *x.body;
  auto present = variants{x.db}.list(place.sync);
  if (!present)
    return std::move(present.error());
  auto limit = variant_limits{x.db}.view({x.environment(), place.sync.connection, place.sync.name},
                                         x.api.variants.named_max);
  if (!limit)
    return std::move(limit.error());
  auto percent = body.contains("delete_max_percent") ? body.at("delete_max_percent").get<uint32_t>()
                                                     : x.api.variants.delete_max_percent;
  plan_rules rules{limit->effective, flag_at(body, "delete", true), percent,
                   flag_at(body, "force")};
  auto plan = plan_variants(
    *present, read_wishes(order_verb::put, body.at("variants"), place.deployed), rules);
  auto named = plan.deletes.size() + plan.changes.size() + plan.keeps.size() + plan.spares.size();
  if (flag_at(body, "dry_run"))
    return json_answer(200, {{"applied", false},
                             {"plan", plan_text(plan)},
                             {"guarded", plan.guarded},
                             {"limit", limit_text(limit->effective, named)}});
  if (plan.guarded)
    return refuse_deletions(plan, percent);
  if (!plan.deletes.empty() && !x.may(deletes))
    return refuse(403, "forbidden", std::string{"Insufficient scope. Required: "} + deletes);
  return carry_out(x, place, plan, limit->effective, named);
}

expected<http_response> put_set(api_call& x) {
  static const auto body = object({{"provider_config_key", provider_config_key()},
                                   {"connection_id", connection_id()},
                                   {"variants", wish_list(wishes_max)},
                                   {"dry_run", optional(boolean())},
                                   {"delete", optional(boolean())},
                                   {"force", optional(boolean())},
                                   {"delete_max_percent", optional(whole_number(0, 100))}});
  if (auto no = refuse_request(x, body))
    return std::move(*no);
  return with_sync(x, [&](const sync_place& place) { return plan_set(x, place); });
}

constexpr auto many_example = R"({"results":[{"variant":"eu","outcome":"created","id?":"",)"
                              R"("error?":{"code":"","message?":""}}],)"
                              R"("limit":{"max":100,"used":1}})";

constexpr auto set_example
  = R"({"applied":true,"plan":{"create":["eu"],"change":["us"],"delete":["x"],"keep":["y"],)"
    R"("spare":["z"],"refused":["zz"]},"results?":[{"variant":"eu","outcome":"created","id?":"",)"
    R"("error?":{"code":"","message?":""}}],"guarded?":false,"limit":{"max":100,"used":1}})";

route_facts facts(const char* summary, const char* scope) {
  return route_facts{summary}
    .scope(scope)
    .fails(400, "unknown_connection")
    .fails(400, "unknown_sync");
}

} // namespace

std::vector<route> variant_set_routes(const api_context& api) {
  std::string path = "/sync/:name/variants";
  return {
    make_route(api, "POST", path, create_many,
               facts("Creates many variants of a sync", creates)
                 .audited("variants.created")
                 .answers(200, many_example)
                 .fails(400, "resource_capped")
                 .fails(400, "sync_variant_already_exists")),
    make_route(api, "DELETE", path, delete_many,
               facts("Deletes many variants of a sync", deletes)
                 .audited("variants.deleted")
                 .answers(200, many_example)
                 .fails(404, "not_found")),
    make_route(api, "PUT", path, put_set,
               facts("Makes the variants of a sync be those of a list", creates)
                 .audited("variants.put")
                 .answers(200, set_example)
                 .fails(400, "deletion_guard")),
  };
}

} // namespace varia
