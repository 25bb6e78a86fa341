#pragma once

#include "store/record_pages.hpp"
#include "store/records.hpp"
#include "store/run_logs.hpp"
#include "store/runs.hpp"
#include "store/variants.hpp"
#include "tests/support/redis_server.hpp"

#include <hiredis/hiredis.h>

#include <string>

namespace varia::test {

/// A store with one sync, and the shortest way to a running run.
struct store_fixture {
  redis_server server;
  redis db = server.connect_prepared();
  variants registry{db};
  runs all_runs{db};
  run_logs logs{db};
  records cache{db};
  record_pages reader{db};
  sync_id sync{14, "orders"};
  uint64_t epoch = 1;

  variant_entry add(const std::string& name) {
    auto entry = registry.add(epoch, {sync, name}, false, 100);
    if (!entry)
      throw std::runtime_error(describe(entry.error()));
    return *entry;
  }

  /// Names a new owner of a variant and returns its token.
  token own(const variant_entry& x, const std::string& worker = "worker-1") {
    assignment wish{x.key, x.id, {epoch, make_nonce()}, false, x.created_at, {}};
    auto placed = registry.place(epoch, worker, {wish});
    if (!placed || placed->size() != 1)
      throw std::runtime_error("not placed");
    return wish.owner;
  }

  run_start begin(const variant_entry& x, const token& owner) {
    auto start = all_runs.begin(ref_of(x), owner, {});
    if (!start)
      throw std::runtime_error(describe(start.error()));
    return *start;
  }

  run_ticket begin(const variant_entry& x) { return begin(x, own(x)).ticket; }

  variant_state state_of(const variant_entry& x) {
    auto states = all_runs.states({ref_of(x)});
    if (!states)
      throw std::runtime_error(describe(states.error()));
    return states->front();
  }

  /// Returns all records of a model, in change order.
  std::vector<stored_record> read_all(const variant_entry& x, const std::string& model = "Order") {
    record_query query;
    query.model = model;
    query.limit = 10000;
    auto page = reader.page(ref_of(x), query);
    if (!page)
      throw std::runtime_error(describe(page.error()));
    return page->records;
  }

  /// How many keys the store has that belong to a variant.
  size_t keys_of(const variant_entry& x) {
    auto pattern = "*" + x.id + "*";
    auto reply = db.run({"KEYS", pattern});
    return reply ? (*reply)->elements : 999;
  }
};

/// Returns the value, or ends the test with the error's words.
template <class T>
T must(expected<T> x) {
  if (!x)
    throw std::runtime_error(describe(x.error()));
  return std::move(*x);
}

inline void must(expected<void> x) {
  if (!x)
    throw std::runtime_error(describe(x.error()));
}

template <class T>
errc code(const expected<T>& x) {
  return x ? errc::none : code_of(x.error());
}

} // namespace varia::test
