#include "worker/frame_json.hpp"

#include <nlohmann/json.hpp>

namespace varia {

namespace {

using nlohmann::json;

void write_plain(frame_writer& writer, const json& value) {
  if (value.is_string())
    writer.text(value.get_ref<const std::string&>());
  else if (value.is_number_integer())
    writer.number(value.get<int64_t>());
  else if (value.is_boolean())
    writer.flag(value.get<bool>());
  else
    writer.nil();
}

} // namespace

void write_plain_object(frame_writer& writer, const std::string& text) {
  auto object = json::parse(text, nullptr, false);
  if (!object.is_object())
    object = json::object();
  writer.map(object.size());
  for (const auto& [key, value] : object.items())
    write_plain(writer.text(key), value);
}

} // namespace varia
