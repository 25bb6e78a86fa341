#pragma once

#include "api/call.hpp"
#include "store/record_reader.hpp"

#include <optional>

namespace varia {

/// The rules of the query of `GET /records` and of `GET /records/stream`.
schema page_rules();
schema stream_rules();

/// A text that may be a cursor, and one that is a cursor of ours.
schema cursor_text();
schema known_cursor();

/// The refusal if the two headers that say whose records are meant do not follow the rules.
std::optional<http_response> refuse_record_headers(const api_call& x);

/// Whose records a request means by its headers and by `names`: model, and variant and sync if they
/// are there.
record_address record_address_of(const api_call& x, const json& names);

/// What a query asks for.
record_query record_query_of(const json& query);

/// What is answered if the headers name no connection.
http_response refuse_unknown_connection();

} // namespace varia
