#include "console/contexts.hpp"

#include "console/private_file.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace varia {

namespace {

constexpr size_t name_bytes_max = 64;

expected<std::string> text_of(const std::string& file, const toml::key& key,
                              const toml::node& value) {
  if (auto text = value.value_exact<std::string>())
    return *text;
  return fail(errc::invalid, file + ": " + std::string{key.str()} + " is not a text");
}

expected<context> read_context(const std::string& file, const toml::table& fields) {
  context result;
  for (auto&& [key, value] : fields) {
    auto text = text_of(file, key, value);
    if (!text)
      return std::move(text.error());
    if (key == "url")
      result.url = *text;
    else if (key == "api_key")
      result.api_key = *text;
    else if (key == "api_key_file")
      result.api_key_file = *text;
    else
      return fail(errc::invalid, file + ": a context has no " + std::string{key.str()});
  }
  return result;
}

expected<contexts> read_table(const std::string& file, const toml::table& fields) {
  contexts result;
  for (auto&& [key, value] : fields) {
    if (key == "current") {
      auto text = text_of(file, key, value);
      if (!text)
        return std::move(text.error());
      result.current = *text;
    } else if (key == "contexts" && value.is_table()) {
      for (auto&& [name, inner] : *value.as_table()) {
        if (!inner.is_table() || !is_context_name(std::string{name.str()}))
          return fail(errc::invalid, file + ": " + std::string{name.str()} + " is no context");
        auto one = read_context(file, *inner.as_table());
        if (!one)
          return std::move(one.error());
        result.all.emplace(name.str(), *one);
      }
    } else {
      return fail(errc::invalid, file + ": " + std::string{key.str()} + " means nothing here");
    }
  }
  return result;
}

bool is_open_to_others(const std::string& file) {
  struct stat facts = {};
  return stat(file.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0;
}

bool holds_a_key(const contexts& x) {
  return std::any_of(x.all.begin(), x.all.end(),
                     [](auto& entry) { return !entry.second.api_key.empty(); });
}

} // namespace

expected<contexts> read_contexts(const std::string& file) {
  std::ifstream stream{file};
  if (!stream)
    return contexts{};
  try {
    auto result = read_table(file, toml::parse(stream, file));
    if (result && holds_a_key(*result) && is_open_to_others(file))
      return fail(errc::invalid, file + ": holds a key, and others may read it: chmod 600 " + file);
    return result;
  } catch (const toml::parse_error& what) {
    return fail(errc::invalid, file + ":" + std::to_string(what.source().begin.line) + ": "
                                 + std::string{what.description()});
  }
}

expected<void> write_contexts(const std::string& file, const contexts& x) {
  toml::table all;
  for (auto& [name, one] : x.all) {
    toml::table fields;
    fields.insert("url", one.url);
    if (!one.api_key.empty())
      fields.insert("api_key", one.api_key);
    if (!one.api_key_file.empty())
      fields.insert("api_key_file", one.api_key_file);
    all.insert(name, std::move(fields));
  }
  toml::table result;
  if (!x.current.empty())
    result.insert("current", x.current);
  result.insert("contexts", std::move(all));
  std::ostringstream text;
  text << result << "\n";
  return write_private_file(file, text.str());
}

std::string contexts_file(const std::map<std::string, std::string>& environment) {
  return user_folder(environment, "XDG_CONFIG_HOME", ".config") + "/config.toml";
}

std::vector<std::string> context_names(const std::string& file) {
  std::vector<std::string> result;
  if (auto known = read_contexts(file))
    for (auto& [name, one] : known->all)
      result.push_back(name);
  return result;
}

bool is_context_name(const std::string& text) {
  auto fits
    = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= name_bytes_max
         && std::all_of(text.begin(), text.end(), fits);
}

} // namespace varia
