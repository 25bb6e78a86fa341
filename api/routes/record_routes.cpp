#include "api/routes/record_routes.hpp"

#include "api/record_prune.hpp"
#include "api/record_query.hpp"
#include "api/record_stream.hpp"
#include "store/record_text.hpp"

namespace varia {

namespace {

expected<http_response> list_records(api_call& x) {
  static const auto rules = page_rules();
  if (auto no = x.refuse_query(rules))
    return std::move(*no);
  if (auto no = refuse_record_headers(x))
    return std::move(*no);
  auto page = x.api.reader->page(x.db, record_address_of(x, x.query), record_query_of(x.query));
  if (!page && code_of(page.error()) == errc::not_found)
    return refuse_unknown_connection();
  if (!page && code_of(page.error()) == errc::invalid)
    return refuse(500, "server_error", "Failed to fetch records");
  if (!page)
    return std::move(page.error());
  http_response result;
  result.body = page_text(*page);
  return result;
}

constexpr auto page_example
  = R"({"next_cursor":null,"records":[{"id":"1","_nango_metadata":{)"
    R"("first_seen_at":"2026-11-22T16:41:24.300+00:00",)"
    R"("last_modified_at":"2026-11-22T16:41:24.300+00:00","last_action":"ADDED",)"
    R"("deleted_at":null,"pruned_at":null,"cursor":"MjoxNzAw"}}]})";

} // namespace

std::vector<route> record_routes(const api_context& api) {
  return {
    make_route(api, "GET", "/records", list_records,
               route_facts{"Reads a page of the records of a variant"}
                 .scope("environment:records:read")
                 .answers(200, page_example)
                 .fails(400, "unknown_connection")
                 .fails(500, "server_error")),
    make_route(api, "GET", "/records/stream", stream_records,
               route_facts{"Follows the records of a variant as Server-Sent Events"}
                 .scope("environment:records:read")
                 .answers(200, {})
                 .fails(400, "unknown_connection")),
    make_route(api, "PATCH", "/records/prune", prune_records,
               route_facts{"Empties the payloads of records up to a cursor"}
                 .scope("environment:records:write")
                 .audited("records.pruned")
                 .answers(200, R"({"count":10,"has_more":false})")
                 .fails(400, "unknown_connection")
                 .fails(500, "server_error")),
  };
}

} // namespace varia
