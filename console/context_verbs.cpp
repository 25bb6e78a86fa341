#include "console/child.hpp"
#include "console/contexts.hpp"
#include "console/exit_code.hpp"
#include "console/secret_prompt.hpp"
#include "console/verb_groups.hpp"

#include <functional>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

std::string value_at(const verb_call& call, const char* name) {
  auto found = call.values.find(name);
  return found == call.values.end() ? "" : found->second;
}

std::string file_of_user() {
  return contexts_file(environment_of_process());
}

// What a key is, without the key.
const char* key_kind(const context& x) {
  if (!x.api_key.empty())
    return "kept";
  return x.api_key_file.empty() ? "none" : "file";
}

int list(const verb_call& call) {
  auto known = read_contexts(file_of_user());
  if (!known)
    return give_up(call, known.error());
  auto rows = json::array();
  for (auto& [name, one] : known->all)
    rows.push_back({{"name", name},
                    {"current", name == known->current},
                    {"url", one.url},
                    {"key", key_kind(one)},
                    {"api_key_file", one.api_key_file}});
  print_answer(call, {{"contexts", std::move(rows)}});
  return exit_code::ok;
}

using change = std::function<expected<void>(contexts&, const std::string&)>;

// Changes the context of the name that was given, and writes all of them.
int change_contexts(const verb_call& call, const change& what) {
  auto name = value_at(call, "name");
  if (!is_context_name(name))
    return give_up_usage(call, "not the name of a context: " + name);
  auto file = file_of_user();
  auto known = read_contexts(file);
  if (!known)
    return give_up(call, known.error());
  if (auto done = what(*known, name); !done)
    return give_up(call, done.error());
  if (auto written = write_contexts(file, *known); !written)
    return give_up(call, written.error());
  return exit_code::ok;
}

expected<void> need(const contexts& x, const std::string& name) {
  if (x.all.count(name) == 0)
    return fail(errc::not_found, "there is no context " + name);
  return caf::unit;
}

expected<void> make_current(contexts& x, const std::string& name) {
  x.current = name;
  return need(x, name);
}

expected<void> forget(contexts& x, const std::string& name) {
  auto known = need(x, name);
  x.all.erase(name);
  if (x.current == name)
    x.current.clear();
  return known;
}

expected<void> set(const verb_call& call, contexts& x, const std::string& name) {
  auto& one = x.all[name];
  if (auto url = value_at(call, "url"); !url.empty())
    one.url = url;
  if (one.url.empty())
    return fail(errc::invalid, "a new context needs --url");
  if (auto file = value_at(call, "api_key_file"); !file.empty()) {
    one.api_key_file = file;
    one.api_key.clear();
  }
  if (!value_at(call, "api_key_stdin").empty()) {
    auto key = read_secret("API key: ", call.errors);
    if (!key)
      return std::move(key.error());
    one.api_key = std::move(*key);
    one.api_key_file.clear();
  }
  if (x.current.empty())
    x.current = name;
  return caf::unit;
}

int run_use(const verb_call& call) {
  return change_contexts(call, make_current);
}

int run_delete(const verb_call& call) {
  return change_contexts(call, forget);
}

int run_set(const verb_call& call) {
  return change_contexts(
    call, [&call](contexts& x, const std::string& name) { return set(call, x, name); });
}

} // namespace

std::vector<verb> context_verbs() {
  constexpr auto path = argument_kind::path;
  constexpr auto text = argument_kind::text;
  constexpr auto flag = argument_kind::flag;
  auto all = local_verb("context list", "List the servers that have a name", list);
  all.rows = "contexts";
  all.columns = {{"CONTEXT", "/name"},
                 {"CURRENT", "/current"},
                 {"URL", "/url"},
                 {"KEY", "/key"},
                 {"KEY FILE", "/api_key_file", true}};
  return {
    all,
    local_verb("context use", "Talk to this server where no other is named", run_use,
               {{"CONTEXT", "name", "Its name"}}),
    local_verb("context set", "Give a server a name, or change what is kept of it", run_set,
               {{"CONTEXT", "name", "Its name"},
                {"--url", "url", "Where it is, such as https://varia.example.org", text, true},
                {"--api-key-file", "api_key_file", "The file that holds its API key", path, true},
                {"--api-key-stdin", "api_key_stdin",
                 "Read its API key from standard input, and keep it", flag, true}}),
    local_verb("context delete", "Forget a name and its key", run_delete,
               {{"CONTEXT", "name", "Its name"}}),
  };
}

} // namespace varia
