#include "console/server_choice.hpp"

#include <fstream>
#include <optional>
#include <utility>

namespace varia {

namespace {

constexpr auto url_default = "http://127.0.0.1:3003";

using variables = std::map<std::string, std::string>;

std::string value_of(const variables& environment, const char* name) {
  auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

std::string first_of(const std::string& a, const std::string& b) {
  return a.empty() ? b : a;
}

expected<std::string> key_in(const std::string& file) {
  std::ifstream stream{file};
  std::string result;
  if (!std::getline(stream, result) || result.empty())
    return fail(errc::invalid, file + ": there is no API key in it");
  return result;
}

// A key, or the file that it is in.
struct key_place {
  std::string key;
  std::string file;

  bool is_empty() const { return key.empty() && file.empty(); }
};

expected<std::string> key_at(const key_place& x) {
  if (!x.key.empty() || x.file.empty())
    return x.key;
  return key_in(x.file);
}

struct named_context {
  std::string name;
  context what;
};

expected<named_context> context_of(const std::string& name, const contexts& known) {
  auto found = known.all.find(name);
  if (found == known.all.end())
    return fail(errc::not_found, "there is no context " + name);
  return named_context{name, found->second};
}

std::string host_of(const std::string& url) {
  auto begin = url.find("://");
  auto rest = begin == std::string::npos ? url : url.substr(begin + 3);
  rest = rest.substr(0, rest.find('/'));
  return rest.substr(rest.find('@') + 1);
}

} // namespace

expected<chosen_server> choose_server(const server_choice& words, const variables& environment,
                                      const contexts& known) {
  auto is_said = !words.context.empty();
  auto name = first_of(words.context, value_of(environment, "VARIA_CONTEXT"));
  auto url = first_of(words.url, is_said ? "" : value_of(environment, "VARIA_URL"));
  if (name.empty() && url.empty())
    name = known.current;
  named_context chosen;
  if (!name.empty()) {
    auto found = context_of(name, known);
    if (!found)
      return std::move(found.error());
    chosen = std::move(*found);
  }
  auto is_of_context = url.empty() || url == chosen.what.url;
  url = first_of(url, first_of(chosen.what.url, url_default));
  key_place said{words.api_key, words.api_key_file};
  key_place around{value_of(environment, "VARIA_API_KEY"),
                   value_of(environment, "VARIA_API_KEY_FILE")};
  key_place kept;
  if (is_of_context)
    kept = {chosen.what.api_key, chosen.what.api_key_file};
  // A context that was named with words stands before the environment.
  auto& second = is_said && !kept.is_empty() ? kept : around;
  auto& place = !said.is_empty() ? said : !second.is_empty() ? second : kept;
  auto key = key_at(place);
  if (!key)
    return std::move(key.error());
  return chosen_server{{url, std::move(*key)},
                       is_of_context && !chosen.name.empty() ? chosen.name : host_of(url)};
}

} // namespace varia
