#include "config/settings.hpp"
#include "console/deploy.hpp"
#include "console/exit_code.hpp"
#include "console/verb_groups.hpp"

#include <string>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

// The one connection that a listing was asked for.
expected<json> find_connection(const verb_call& call) {
  auto message = message_of(call.which, call.values);
  if (!message)
    return std::move(message.error());
  auto answer = ask(call.server, *message);
  if (!answer)
    return answer;
  auto all = answer->value("connections", json::array());
  if (all.empty())
    return fail(errc::not_found, "there is no such connection");
  return all.front();
}

int show_connection(const verb_call& call) {
  auto found = find_connection(call);
  if (!found)
    return give_up(call, found.error());
  print_answer(call, *found);
  return exit_code::ok;
}

int show_metadata(const verb_call& call) {
  auto found = find_connection(call);
  if (!found)
    return give_up(call, found.error());
  auto metadata = found->value("metadata", json(nullptr));
  print_answer(call, metadata.is_null() ? json::object() : metadata);
  return exit_code::ok;
}

int show_integration(const verb_call& call) {
  auto message = message_of(call.which, call.values);
  if (!message)
    return give_up(call, message.error());
  auto answer = ask(call.server, *message);
  if (!answer)
    return give_up(call, answer.error());
  print_answer(call, answer->value("data", json::object()));
  return exit_code::ok;
}

int deploy_functions(const verb_call& call) {
  auto x = read_settings({{}, varia_environment(), {}});
  if (!x)
    return give_up(call, x.error());
  auto body = compile_project(call.values.at("folder"), *x);
  if (!body)
    return give_up(call, body.error());
  auto answer = call.server.post_json("/sync/deploy", *body);
  if (!answer)
    return give_up(call, answer.error());
  print_answer(call, {{"functions", std::move(*answer)}});
  return exit_code::ok;
}

std::vector<verb_argument> listed_connection() {
  return {{"INTEGRATION", "integrationId", "The integration"},
          {"CONNECTION", "connectionId", "The connection"}};
}

std::vector<verb_argument> connection_words() {
  return {{"INTEGRATION", "provider_config_key", "The integration"},
          {"CONNECTION", "connection_id", "The connection"}};
}

std::vector<verb> integration_verbs() {
  constexpr auto text = argument_kind::text;
  verb_argument integration{"INTEGRATION", "provider_config_key", "The integration"};
  return {
    question("integrations list", "List the integrations", "/integrations", "data",
             {{"INTEGRATION", "/unique_key"},
              {"PROVIDER", "/provider"},
              {"NAME", "/display_name"},
              {"CREATED", "/created_at"},
              {"UPDATED", "/updated_at", true}}),
    question("integrations show", "Show an integration", "/integrations/{provider_config_key}", "",
             {}, {integration})
      .doing(show_integration),
    order("integrations create", "Make an integration: a provider of the catalogue under a name",
          "/integrations",
          {{"INTEGRATION", "unique_key", "The name it gets"},
           {"PROVIDER", "provider", "Of the catalogue, such as github or api-key"},
           {"--display-name", "display_name", "Its name for people", text, true},
           {"--custom", "custom", "How to talk to the API, where the catalogue does not say so",
            argument_kind::json, true},
           {"--file", "file", "A file with a JSON object of more members, such as credentials",
            argument_kind::file, true}}),
    order("integrations delete", "Delete an integration with all its connections",
          "/integrations/{provider_config_key}", {integration})
      .with_method("DELETE")
      .with_query()
      .destroying("the integration {provider_config_key} with all its connections, variants and "
                  "records"),
  };
}

std::vector<verb> single_connection_verbs() {
  constexpr auto text = argument_kind::text;
  return {
    question("connections list", "List the connections, newest first", "/connections",
             "connections",
             {{"INTEGRATION", "/provider_config_key"},
              {"CONNECTION", "/connection_id"},
              {"PROVIDER", "/provider"},
              {"CREATED", "/created"},
              {"END USER", "/end_user/id", true},
              {"TAGS", "/tags", true}},
             {{"--integration", "integrationId", "Of this integration", text, true},
              {"--connection", "connectionId", "Of this id", text, true},
              {"--search", "search", "With this in its id or end user", text, true},
              {"--limit", "limit", "So many", argument_kind::number, true},
              {"--page", "page", "The page, from 0 on", argument_kind::number, true}}),
    question("connections show", "Show a connection, without its credentials", "/connections", "",
             {}, listed_connection())
      .doing(show_connection),
    order("connections import",
          "Import a connection from a file: a JSON object with provider_config_key, connection_id, "
          "credentials and what else POST /connections takes; - is standard input",
          "/connections", {{"FILE", "file", "The file", argument_kind::file}}),
    order("connections delete", "Delete a connection with all its variants and records",
          "/connections/{connection_id}", connection_words())
      .with_method("DELETE")
      .with_query()
      .destroying("the connection {connection_id} with all its variants and records"),
    question("metadata get", "Show the metadata of a connection", "/connections", "", {},
             listed_connection())
      .doing(show_metadata),
    order("metadata set", "Replace the metadata of a connection", "/connections/metadata",
          with(connection_words(), {"METADATA", "metadata", "A JSON object", argument_kind::json})),
    order("metadata merge", "Replace some keys of the metadata of a connection",
          "/connections/metadata",
          with(connection_words(), {"METADATA", "metadata", "A JSON object", argument_kind::json}))
      .with_method("PATCH"),
    own_verb("functions deploy", "Compile a project folder and deploy it", deploy_functions,
             {{"FOLDER", "folder", "The project folder", argument_kind::path}})
      .with_rows("functions", {{"INTEGRATION", "/providerConfigKey"},
                               {"FUNCTION", "/name"},
                               {"TYPE", "/type"},
                               {"VERSION", "/version"},
                               {"MODELS", "/models", true}}),
  };
}

} // namespace

std::vector<verb> connection_verbs() {
  auto result = integration_verbs();
  for (auto& x : single_connection_verbs())
    result.push_back(x);
  return result;
}

} // namespace varia
