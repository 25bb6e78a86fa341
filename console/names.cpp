#include "console/names.hpp"

#include <algorithm>
#include <set>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds patience{1500};

constexpr std::chrono::seconds kept{5};

// Where the names of a kind are found: in the field of each row of an answer.
struct name_source {
  const char* kind;
  const char* path;
  const char* rows;
  const char* field;
};

constexpr name_source sources[] = {
  {"integration", "/integrations", "data", "unique_key"},
  {"connection", "/connections", "connections", "connection_id"},
  {"sync", "/varia/functions", "functions", "name"},
  {"function", "/varia/functions", "functions", "name"},
  {"variant", "/varia/variants", "variants", "variant"},
  {"worker", "/varia/workers", "workers", "worker"},
  {"coordinator", "/varia/coordinators", "coordinators", "coordinator"},
  {"environment", "/varia/environments", "environments", "name"},
  {"process", "/varia/log-level", "processes", "process"},
  {"key", "/varia/keys", "keys", "name"},
  {"letter", "/varia/webhooks/dead", "letters", "id"},
};

// What a value that is known already is called in the rows.
constexpr std::pair<const char*, const char*> fields[] = {
  {"integration", "provider_config_key"},
  {"connection", "connection_id"},
  {"sync", "sync"},
  {"type", "type"},
  {"environment", "environment"},
};

const name_source* source_of(const std::string& kind) {
  auto found
    = std::find_if(std::begin(sources), std::end(sources), [&](auto& x) { return x.kind == kind; });
  return found == std::end(sources) ? nullptr : &*found;
}

std::string text_at(const json& row, const char* field) {
  auto found = row.is_object() ? row.find(field) : row.end();
  return found != row.end() && found->is_string() ? found->get<std::string>() : "";
}

client_config with_patience(client_config server) {
  server.timeout = patience;
  return server;
}

// What a row does not tell does not speak against it.
bool fits(const json& row, const std::string& kind, const names::values& known) {
  for (auto& [name, field] : fields)
    for (auto& [given, value] : known)
      if (given == name && kind != name)
        if (auto there = text_at(row, field); !there.empty() && there != value)
          return false;
  return kind != "sync" || text_at(row, "type") == "sync";
}

} // namespace

std::vector<std::string> names_in(const json& rows, const std::string& kind,
                                  const names::values& known) {
  std::set<std::string> result;
  auto source = source_of(kind);
  if (source == nullptr || !rows.is_array())
    return {};
  for (auto& row : rows)
    if (auto name = text_at(row, source->field); !name.empty() && fits(row, kind, known))
      result.insert(name);
  return {result.begin(), result.end()};
}

names::names(client_config server) : server_{with_patience(std::move(server))} {}

std::vector<std::string> names::of(const std::string& kind, const values& known) {
  auto source = source_of(kind);
  return source == nullptr ? std::vector<std::string>{}
                           : names_in(rows_at(source->path, source->rows), kind, known);
}

const json& names::rows_at(const std::string& path, const std::string& field) {
  auto& entry = answers_[path];
  if (clock::now() < entry.until)
    return entry.rows;
  auto found = server_.get_json(path);
  entry.rows = found && found->is_object() ? found->value(field, json::array()) : json::array();
  entry.until = clock::now() + kept;
  return entry.rows;
}

} // namespace varia
