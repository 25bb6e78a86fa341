#include "api/record_routes.hpp"

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

} // namespace

std::vector<route> record_routes(const api_context& api) {
  return {make_route(api, "GET", "/records", list_records),
          make_route(api, "GET", "/records/stream", stream_records),
          make_route(api, "PATCH", "/records/prune", prune_records)};
}

} // namespace varia
