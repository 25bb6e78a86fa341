#include "api/schemas.hpp"

#include "core/ids.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <string_view>

namespace varia {

namespace {

constexpr size_t name_max = 255;
constexpr size_t tag_value_max = 255;

bool is_letter(char x) {
  return (x >= 'a' && x <= 'z') || (x >= 'A' && x <= 'Z');
}

bool is_alnum(char x) {
  return is_letter(x) || (x >= '0' && x <= '9');
}

bool is_made_of(std::string_view value, std::string_view marks) {
  return std::all_of(value.begin(), value.end(), [=](char x) {
    return is_alnum(x) || marks.find(x) != std::string_view::npos;
  });
}

bool is_sync_name(const std::string& x) {
  return !x.empty() && is_made_of(x, "_-");
}

bool is_provider_config_key(const std::string& x) {
  return !x.empty() && is_made_of(x, "~:.@ _-");
}

bool is_connection_id(const std::string& x) {
  return !x.empty() && is_made_of(x, ",.;:=+~[]|@${}\"'\\/_ -");
}

bool is_model(const std::string& x) {
  return x.size() > 1 && x[0] >= 'A' && x[0] <= 'Z' && is_made_of(x, "_-");
}

bool is_email(const std::string& x) {
  auto at = x.find('@');
  return at != std::string::npos && at > 0 && x.find('.', at) != std::string::npos
         && x.find_first_of(" \t\r\n") == std::string::npos;
}

bool is_tag_key(const std::string& x) {
  return !x.empty() && is_letter(x[0]) && is_made_of(x, "_-./") && x.size() <= name_max;
}

} // namespace

schema sync_name() {
  return text({matches(is_sync_name, "^[a-zA-Z0-9_-]+$"), at_most(name_max)}).shown_as("orders");
}

schema provider_config_key() {
  return text({matches(is_provider_config_key, "^[a-zA-Z0-9~:.@ _-]+$"), at_most(name_max)})
    .shown_as("shop");
}

schema connection_id() {
  return text({matches(is_connection_id, R"re(^[a-zA-Z0-9,.;:=+~[\]|@${}"'\\/_ -]+$)re"),
               at_most(name_max)})
    .shown_as("user-1");
}

schema model_name() {
  return text({matches(is_model, "^[A-Z][a-zA-Z0-9_-]+$"), at_most(name_max)}).shown_as("Order");
}

bool is_reserved_variant(const std::string& name) {
  return to_lower(name) == base_variant;
}

schema nothing() {
  return object({});
}

schema connection_body() {
  return object(
    {{"provider_config_key", provider_config_key()}, {"connection_id", connection_id()}});
}

schema sync_list(other_keys in_objects, size_t most) {
  auto named = object({{"name", text()}, {"variant", text()}}, in_objects);
  return list_of(
    either({text(), named},
           "Each sync must be either a string or a { name: string, variant: string } object"),
    most);
}

schema tag_map() {
  auto has_keys = [](const json* value, const json_path& path, issues& found) {
    for (auto& [key, ignored] : value->items())
      if (!is_tag_key(key))
        found.push_back({"custom",
                         "A tag begins with a letter, followed by letters, digits, '_', '-', '.' "
                         "and '/'",
                         path});
  };
  return refined(record_of(text({at_most(tag_value_max)})), has_keys);
}

schema end_user() {
  auto email = holds([](const std::string& x) { return is_email(x); }, "Invalid email address");
  return object({{"id", text({at_least(1), at_most(name_max)})},
                 {"email", optional(text({email}).shown_as("user@example.com"))},
                 {"display_name", optional(text({at_most(name_max)}))},
                 {"tags", optional(tag_map())}});
}

} // namespace varia
