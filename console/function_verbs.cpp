#include "console/verb_groups.hpp"

namespace varia {

namespace {

std::vector<verb_argument> function_words() {
  return {{"INTEGRATION", "provider_config_key", "The integration"},
          {"TYPE",
           "type",
           "sync, action or on-event",
           argument_kind::text,
           false,
           {"sync", "action", "on-event"}},
          {"FUNCTION", "name", "The function"}};
}

} // namespace

std::vector<verb> function_verbs() {
  return {
    question("actions list",
             "List the last calls of actions and on-event functions for a connection, newest first",
             "/varia/actions", "actions",
             {{"ID", "/id"},
              {"TYPE", "/type"},
              {"NAME", "/name"},
              {"STATUS", "/status"},
              {"ASYNC", "/async"},
              {"TRIES", "/tries"},
              {"WORKER", "/worker"},
              {"CREATED", "/created_at"},
              {"FINISHED", "/finished_at"},
              {"ERROR", "/error/type"}},
             {{"INTEGRATION", "provider_config_key", "The integration"},
              {"CONNECTION", "connection_id", "The connection"}}),
    question("functions list", "List the functions that are deployed", "/varia/functions",
             "functions",
             {{"INTEGRATION", "/provider_config_key"},
              {"TYPE", "/type"},
              {"FUNCTION", "/name"},
              {"VERSION", "/version"},
              {"FREQUENCY", "/frequency"},
              {"DEPLOYED", "/deployed_at"}}),
    question("functions versions", "List the versions of a function that there are, newest first",
             "/varia/functions/versions", "versions",
             {{"VERSION", "/version"},
              {"CURRENT", "/current"},
              {"DEPLOYED", "/deployed_at"},
              {"SHA", "/sha"}},
             function_words()),
    order("functions rollback", "Make a former version of a function the current one",
          "/varia/functions/rollback",
          with(function_words(), {"VERSION", "version", "The version"})),
  };
}

} // namespace varia
