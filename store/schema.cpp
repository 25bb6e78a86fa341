#include "store/schema.hpp"

#include "core/text.hpp"
#include "store/keys.hpp"
#include "store_functions.hpp"

#include <hiredis/hiredis.h>
#include <spdlog/spdlog.h>

#include <functional>
#include <string>

namespace varia {

namespace {

// Asks a server something; an error answer fails.
using asker = std::function<expected<redis::reply>(const redis::command&)>;

std::string answering(const std::string& name, const std::string& value) {
  return "\nredis.register_function {\n  function_name = '" + name
         + "', callback = function() return " + value + " end, flags = { 'no-writes' },\n}\n";
}

// The library as it is loaded: our files, and two Functions that tell their version and hash.
std::string library_text(const std::string& hash) {
  return std::string{store_functions}
         + answering("library_version", std::to_string(library_version))
         + answering("library_hash", "'" + hash + "'");
}

// Returns the version of the library that is loaded; 0 if it has none or is not there.
expected<int64_t> loaded_version(const asker& ask) {
  auto loaded = ask({"FCALL_RO", "library_version", "0"});
  if (loaded)
    return number_of(**loaded);
  // The answer that there is no such Function.
  if (detail_of(loaded.error()).find("Function") != std::string::npos)
    return 0;
  return std::move(loaded.error());
}

// Loading replaces the whole library in one step, and loading the same text twice changes nothing:
// processes that start at once need no lock.
expected<void> load_functions(const asker& ask) {
  auto version = loaded_version(ask);
  if (!version)
    return std::move(version.error());
  if (*version > library_version)
    return caf::unit;
  auto hash = sha256_hex(store_functions);
  if (*version == library_version) {
    auto loaded = ask({"FCALL_RO", "library_hash", "0"});
    if (loaded && text_of(**loaded) == hash)
      return caf::unit;
  }
  auto text = library_text(hash);
  if (auto done = ask({"FUNCTION", "LOAD", "REPLACE", text}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> check_schema(const asker& ask) {
  auto ours = std::to_string(schema_version);
  if (auto written = ask({"SET", keys::schema, ours, "NX"}); !written)
    return std::move(written.error());
  auto found = ask({"GET", keys::schema});
  if (!found)
    return std::move(found.error());
  auto text = text_of(**found);
  if (text != ours)
    return fail(errc::invalid, "the store has schema " + text + ", this program knows " + ours);
  return caf::unit;
}

// A store that may evict keys would lose records and leases in silence.
expected<void> check_eviction(const asker& ask) {
  auto info = ask({"INFO", "memory"});
  if (!info)
    return std::move(info.error());
  if (text_of(**info).find("maxmemory_policy:noeviction") == std::string::npos)
    return fail(errc::invalid, "Redis must be set to maxmemory-policy noeviction");
  return caf::unit;
}

expected<void> prepare(const asker& ask) {
  for (auto step : {check_eviction, check_schema, load_functions})
    if (auto done = step(ask); !done)
      return done;
  return caf::unit;
}

} // namespace

expected<void> prepare_store(redis& db) {
  return prepare([&db](const redis::command& words) { return db.run(words); });
}

expected<void> keep_functions(redis_link& server) {
  asker ask = [&server](const redis::command& words) {
    auto answer = server.ask(words);
    if (answer)
      if (auto refused = error_of(**answer))
        return expected<redis::reply>{std::move(refused)};
    return answer;
  };
  auto version = loaded_version(ask);
  if (version && *version >= library_version)
    return caf::unit;
  auto prepared = version ? prepare(ask) : expected<void>{std::move(version.error())};
  if (!prepared)
    return fail(errc::unavailable, detail_of(prepared.error()));
  spdlog::info("Redis was without our Functions, or had older ones; it has them now");
  return caf::unit;
}

} // namespace varia
