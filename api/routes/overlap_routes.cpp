#include "api/routes/overlap_routes.hpp"

#include "store/connections.hpp"
#include "store/overlap.hpp"
#include "store/variants.hpp"

namespace varia {

namespace {

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto query = object({{"provider_config_key", provider_config_key()},
                                    {"connection_id", connection_id()},
                                    {"sync", sync_name()},
                                    {"model", model_name()}});
  return x.refuse_query(query);
}

json report_text(const std::string& model, const overlap_report& x) {
  auto result = json{{"model", model}, {"variants", x.variants}, {"live", x.live}};
  if (x.distinct)
    result["distinct"] = *x.distinct;
  result["overlapping"] = x.overlapping;
  result["exact"] = !x.margin;
  if (x.margin) {
    result["margin"] = *x.margin;
    return result;
  }
  auto& pairs = result["pairs"] = json::array();
  for (auto& pair : x.pairs)
    pairs.push_back({{"variants", {pair.first, pair.second}}, {"ids", pair.ids}});
  return result;
}

expected<http_response> report(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(x.query, "provider_config_key"), text_at(x.query, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return refuse(404, "unknown_connection");
  auto entries = variants{x.db}.list({*number, text_at(x.query, "sync")});
  if (!entries)
    return std::move(entries.error());
  if (entries->empty())
    return refuse(404, "unknown_sync");
  std::vector<record_source> sources;
  for (auto& entry : *entries)
    sources.push_back({ref_of(entry), entry.key.name});
  auto model = text_at(x.query, "model");
  auto measured = measure_overlap(x.db, sources, model);
  if (!measured)
    return std::move(measured.error());
  return json_answer(200, report_text(model, *measured));
}

} // namespace

std::vector<route> overlap_routes(const api_context& api) {
  return {make_route(api, "GET", "/varia/variants/overlap", report,
                     route_facts{"Counts record ids that live in several variants"}
                       .scope("environment:records:read")
                       .answers(200, R"({"model":"Order","overlapping":0,"exact":true})")
                       .fails(404, "unknown_connection"))};
}

} // namespace varia
