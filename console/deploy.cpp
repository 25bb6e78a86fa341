#include "console/deploy.hpp"

#include "config/runtime_paths.hpp"
#include "console/child.hpp"
#include "console/table.hpp"
#include "console/terminal.hpp"
#include "core/text.hpp"

#include <filesystem>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr std::chrono::seconds compile_timeout{120};

std::string text_at(const json& row, const char* field) {
  if (!row.is_object() || !row.contains(field) || row[field].is_null())
    return "";
  return row[field].is_string() ? row[field].get<std::string>() : row[field].dump();
}

std::string models_of(const json& row) {
  std::string result;
  if (row.is_object() && row.contains("models") && row["models"].is_array())
    for (auto& model : row["models"]) {
      auto name = model.is_object()   ? text_at(model, "name")
                  : model.is_string() ? model.get<std::string>()
                                      : "";
      result += (result.empty() ? "" : ", ") + name;
    }
  return result;
}

std::string render_deployed(const json& answer) {
  table result{{"INTEGRATION", "FUNCTION", "TYPE", "VERSION", "MODELS"}};
  for (auto& row : answer)
    result.add({text_at(row, "providerConfigKey"), text_at(row, "name"), text_at(row, "type"),
                text_at(row, "version"), models_of(row)});
  return result.render({terminal_width()});
}

} // namespace

expected<std::string> compile_project(const std::string& folder, const settings& x) {
  auto runtime = find_runtime(x);
  if (!runtime)
    return runtime.error();
  std::error_code failed;
  auto path = std::filesystem::canonical(folder, failed).string();
  if (failed)
    return fail(errc::invalid, folder + ": " + failed.message());
  child_command command;
  command.words = {runtime->node, runtime->dir + "/compile.cjs", path};
  command.death_signal = SIGKILL;
  auto outcome = run_child(std::move(command), compile_timeout);
  if (!outcome)
    return outcome.error();
  if (outcome->status != 0) {
    auto words = outcome->errors.empty() ? outcome->output : outcome->errors;
    return fail(errc::invalid, words.empty()
                                 ? "the compiler ended with " + describe_status(outcome->status)
                                 : words);
  }
  return std::move(outcome->output);
}

int run_deploy(const std::string& folder, const settings& x, const client_config& server,
               std::ostream& out, std::ostream& errors) {
  auto say = [&errors](const caf::error& why) {
    errors << "varia deploy: " << trim(detail_of(why)) << "\n";
    return 1;
  };
  auto body = compile_project(folder, x);
  if (!body)
    return say(body.error());
  auto answer = client{server}.post_json("/sync/deploy", *body);
  if (!answer)
    return say(answer.error());
  out << render_deployed(*answer);
  return 0;
}

} // namespace varia
