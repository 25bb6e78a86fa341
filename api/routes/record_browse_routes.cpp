#include "api/routes/record_browse_routes.hpp"

#include "api/record_query.hpp"
#include "api/variant_rows.hpp"
#include "store/newest_records.hpp"
#include "store/record_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <variant>

namespace varia {

namespace {

constexpr double page_max = 1000;
constexpr size_t page_bytes_max = size_t{2} * 1024 * 1024;
constexpr size_t id_max = 256;

fields names_of_variant() {
  return {{"connection_id", connection_id()},
          {"provider_config_key", provider_config_key()},
          {"name", sync_name()},
          {"variant", optional(sync_name())}};
}

fields with(fields some, fields more) {
  some.insert(some.end(), more.begin(), more.end());
  return some;
}

// The sync that the query names, or the refusal.
expected<std::variant<sync_id, http_response>> find_sync(api_call& x) {
  using answer = std::variant<sync_id, http_response>;
  auto number = connections{x.db}.number_of(
    x.environment(), text_at(x.query, "provider_config_key"), text_at(x.query, "connection_id"));
  if (!number)
    return std::move(number.error());
  if (*number == 0)
    return answer{refuse(404, "unknown_connection")};
  return answer{sync_id{*number, text_at(x.query, "name")}};
}

record_query page_query(const json& query) {
  auto result = record_query_of(query);
  result.cursor.clear();
  result.bytes_max = page_bytes_max;
  if (auto cursor = text_at(query, "cursor"); !cursor.empty())
    // What a cursor stands for has been shown.
    result.until = std::max<record_place>(*parse_cursor(cursor), 1) - 1;
  return result;
}

http_response show(const record_page& page) {
  http_response result;
  result.body = page_text(page);
  return result;
}

expected<http_response> browse_variant(api_call& x, const variant_ref& which) {
  if (auto id = text_at(x.query, "id"); !id.empty()) {
    auto found = record_pages{x.db}.find(which, text_at(x.query, "model"), {id});
    if (!found)
      return std::move(found.error());
    record_page page;
    page.records = std::move(found->records);
    return show(page);
  }
  auto page = newest_records(x.db, which, page_query(x.query));
  if (!page)
    return std::move(page.error());
  return show(*page);
}

expected<http_response> browse(api_call& x) {
  static const auto actions = comma_list_of(one_of({"added", "updated", "deleted"}));
  static const auto query
    = object(with(names_of_variant(), {{"model", model_name()},
                                       {"order", optional(one_of({"newest"}))},
                                       {"cursor", optional(known_cursor())},
                                       {"limit", optional(number_text(1, page_max))},
                                       {"filter", optional(actions)},
                                       {"id", optional(text({at_least(1), at_most(id_max)}))}}));
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto sync = find_sync(x);
  if (!sync)
    return std::move(sync.error());
  if (auto no = std::get_if<http_response>(&*sync))
    return std::move(*no);
  auto entry
    = variants{x.db}.find({std::get<sync_id>(*sync), text_at(x.query, "variant", base_variant)});
  if (!entry)
    return std::move(entry.error());
  if (!*entry)
    return refuse(404, "unknown_sync");
  return browse_variant(x, ref_of(**entry));
}

// How many records there are of each model, and how large they are.
class record_sums {
public:
  void add(const variant_state& x) {
    for (auto& [model, count] : x.record_count)
      sums_[model].first += count;
    for (auto& [model, bytes] : x.record_bytes)
      sums_[model].second += bytes;
  }

  json text() const {
    std::pair<int64_t, int64_t> all;
    auto models = json::array();
    for (auto& [model, sum] : sums_) {
      all.first += sum.first;
      all.second += sum.second;
      models.push_back({{"model", model}, {"records", sum.first}, {"bytes", sum.second}});
    }
    return {{"records", all.first}, {"bytes", all.second}, {"models", std::move(models)}};
  }

private:
  std::map<std::string, std::pair<int64_t, int64_t>> sums_;
};

expected<http_response> count(api_call& x) {
  static const auto query = object(names_of_variant());
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  auto sync = find_sync(x);
  if (!sync)
    return std::move(sync.error());
  if (auto no = std::get_if<http_response>(&*sync))
    return std::move(*no);
  auto& which = std::get<sync_id>(*sync);
  auto census = count_variants(x.db, {{which.connection}, which.name});
  if (!census)
    return std::move(census.error());
  record_sums all;
  auto each_one = json::array();
  for (auto& [entry, state] : census->variants) {
    if (text_at(x.query, "variant", entry.key.name) != entry.key.name)
      continue;
    record_sums own;
    own.add(state);
    all.add(state);
    json row{{"variant", entry.key.name}};
    row.update(own.text());
    each_one.push_back(std::move(row));
  }
  if (each_one.empty())
    return refuse(404, "unknown_sync");
  auto result = all.text();
  result["variants"] = std::move(each_one);
  return json_answer(200, result);
}

constexpr auto page_example
  = R"({"next_cursor":null,"records":[{"id":"1","_nango_metadata":{)"
    R"("first_seen_at":"2026-11-22T16:41:24.300+00:00",)"
    R"("last_modified_at":"2026-11-22T16:41:24.300+00:00","last_action":"ADDED",)"
    R"("deleted_at":null,"pruned_at":null,"cursor":"MjoxNzAw"}}]})";
constexpr auto count_example
  = R"({"records":1,"bytes":8,"models":[{"model":"Order","records":1,"bytes":8}],)"
    R"("variants":[{"variant":"base","records":1,"bytes":8,)"
    R"("models":[{"model":"Order","records":1,"bytes":8}]}]})";

route_facts facts_of(const char* summary) {
  return route_facts{summary}
    .scope("environment:records:read")
    .fails(404, "unknown_connection")
    .fails(404, "unknown_sync");
}

} // namespace

std::vector<route> record_browse_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/varia/records", browse,
               facts_of("Shows the records of a variant, the newest changes first")
                 .answers(200, page_example)),
    make_route(
      api, "GET", "/varia/records/count", count,
      facts_of("Counts the records of a sync by model and variant").answers(200, count_example))};
}

} // namespace varia
