#include "store/schema.hpp"

#include "core/text.hpp"
#include "store/call.hpp"
#include "store/keys.hpp"
#include "store_functions.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

// The library as it is loaded: our files, and a Function that tells their hash.
std::string library_text(const std::string& hash) {
  return std::string{store_functions} + "\nredis.register_function {\n"
         + "  function_name = 'library_hash', callback = function() return '" + hash
         + "' end, flags = { 'no-writes' },\n}\n";
}

// Loading replaces the whole library in one step, and loading the same text twice changes nothing:
// processes that start at once need no lock.
expected<void> load_functions(redis& db) {
  auto hash = sha256_hex(store_functions);
  auto loaded = db.run({"FCALL_RO", "library_hash", "0"});
  if (loaded && text_of(**loaded) == hash)
    return caf::unit;
  if (!loaded && code_of(loaded.error()) == errc::unavailable)
    return std::move(loaded.error());
  auto text = library_text(hash);
  if (auto done = db.run({"FUNCTION", "LOAD", "REPLACE", text}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> check_schema(redis& db) {
  auto ours = std::to_string(schema_version);
  if (auto written = db.run({"SET", keys::schema, ours, "NX"}); !written)
    return std::move(written.error());
  auto found = db.run({"GET", keys::schema});
  if (!found)
    return std::move(found.error());
  auto text = text_of(**found);
  if (text != ours)
    return fail(errc::invalid, "the store has schema " + text + ", this program knows " + ours);
  return caf::unit;
}

// A store that may evict keys would lose records and leases in silence.
expected<void> check_eviction(redis& db) {
  auto info = db.run({"INFO", "memory"});
  if (!info)
    return std::move(info.error());
  if (text_of(**info).find("maxmemory_policy:noeviction") == std::string::npos)
    return fail(errc::invalid, "Redis must be set to maxmemory-policy noeviction");
  return caf::unit;
}

} // namespace

expected<void> prepare_store(redis& db) {
  for (auto step : {check_eviction, check_schema, load_functions})
    if (auto done = step(db); !done)
      return done;
  return caf::unit;
}

} // namespace varia
