#include "api/backup_items.hpp"

#include "api/connection_text.hpp"
#include "core/text.hpp"

#include <utility>

namespace varia {

namespace {

caf::error broken(const char* what) {
  return fail(errc::invalid, std::string{"a broken item: "} + what);
}

// The members of a struct are those of its msgpack map.
template <class T>
json item_of(const char* type, const T& x) {
  json result{{"type", type}};
  result.update(json::from_msgpack(pack(x)));
  return result;
}

template <class T>
expected<T> read_item(const json& item) {
  auto bytes = json::to_msgpack(item);
  auto result = unpack<T>({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  if (!result)
    return broken(item.value("type", "?").c_str());
  return result;
}

// Which kind of credentials it were, without any of them.
std::string kind_of_credentials(const std::string& credentials) {
  auto all = stored_json(credentials, json::object());
  return json{{"type", all.is_object() ? all.value("type", "NONE") : "NONE"}}.dump();
}

std::string text_in(const json& item, const char* name) {
  auto found = item.find(name);
  return found != item.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

} // namespace

json integration_item(const integration& x, bool secrets) {
  auto kept = x;
  if (!secrets) {
    kept.credentials.clear();
    kept.incoming_secret.clear();
  }
  return item_of(backup_item::integration, kept);
}

json connection_item(const connection& x, bool secrets) {
  auto kept = x;
  if (!secrets) {
    kept.credentials = kind_of_credentials(x.credentials);
    kept.webhook_url_override.clear();
  }
  auto result = item_of(backup_item::connection, kept);
  result.erase("number");
  result.erase("environment");
  return result;
}

json function_item(const function& x, const std::string& code, const std::string& source) {
  auto result = item_of(backup_item::function, x);
  result["code"] = code;
  result["source"] = source;
  return result;
}

json variant_item(const connection& of, const variant_entry& x, const std::string& checkpoint) {
  return {{"type", backup_item::variant},
          {"provider_config_key", of.provider_config_key},
          {"connection_id", of.connection_id},
          {"name", x.key.sync.name},
          {"variant", x.key.name},
          {"frequency", x.frequency},
          {"schedule", x.schedule},
          {"settings", x.settings},
          {"discovered", x.discovered},
          {"checkpoint", checkpoint}};
}

json records_item(const connection& of, const variant_key& key, const std::string& model,
                  const std::vector<record_copy>& all) {
  auto list = json::array();
  for (auto& each : all)
    list.push_back({each.id, base64url(each.meta), each.payload});
  return {{"type", backup_item::records},
          {"provider_config_key", of.provider_config_key},
          {"connection_id", of.connection_id},
          {"name", key.sync.name},
          {"variant", key.name},
          {"model", model},
          {"records", std::move(list)}};
}

expected<integration> read_integration(const json& item) {
  auto result = read_item<integration>(item);
  if (result && result->unique_key.empty())
    return broken("an integration without a name");
  return result;
}

expected<connection> read_connection(const json& item) {
  auto result = read_item<connection>(item);
  if (result && (result->connection_id.empty() || result->provider_config_key.empty()))
    return broken("a connection without a name");
  return result;
}

expected<function_with_code> read_function(const json& item) {
  auto definition = read_item<function>(item);
  if (!definition)
    return std::move(definition.error());
  if (definition->name.empty() || definition->provider_config_key.empty())
    return broken("a function without a name");
  function_with_code result{std::move(*definition), text_in(item, "code"), text_in(item, "source")};
  if (sha256_hex(result.code) != result.definition.sha)
    return broken("the code of a function is not its own");
  return result;
}

expected<std::vector<record_copy>> read_records(const json& item) {
  auto list = item.find("records");
  if (list == item.end() || !list->is_array())
    return broken("no records");
  std::vector<record_copy> result;
  for (auto& each : *list) {
    if (!each.is_array() || each.size() != 3 || !each[0].is_string() || !each[1].is_string()
        || !each[2].is_string())
      return broken("a record");
    auto meta = parse_base64url(each[1].get<std::string>());
    if (!meta)
      return broken("a record");
    result.push_back({each[0].get<std::string>(), std::move(*meta), each[2].get<std::string>()});
  }
  return result;
}

std::string line_of(const json& item) {
  return item.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string checksum_of(const json& items) {
  std::string lines;
  for (auto& each : items)
    lines += line_of(each);
  return sha256_hex(lines);
}

} // namespace varia
