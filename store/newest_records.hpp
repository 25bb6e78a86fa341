#pragma once

#include "store/record_pages.hpp"

namespace varia {

/// Reads records of a variant from the newest change back, for people: those up to `until`, of the
/// wanted actions. `next_cursor` is where older ones begin; it is also there, on a page that may be
/// short, when enough changes were looked at for one call. What the query says of a cursor, a time
/// and ids counts for nothing.
expected<record_page> newest_records(redis& db, const variant_ref& variant,
                                     const record_query& query);

} // namespace varia
