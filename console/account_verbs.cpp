#include "console/verb_groups.hpp"

namespace varia {

std::vector<verb> account_verbs() {
  return {
    question("audit list", "Show who changed what in the environment, newest first", "/varia/audit",
             "entries",
             {{"AT", "/at"},
              {"WHO", "/who"},
              {"WHAT", "/what"},
              {"VIA", "/detail/via"},
              {"PATH", "/detail/path"}}),
    question("environments list", "List the environments", "/varia/environments", "environments",
             {{"ENVIRONMENT", "/name"}, {"UUID", "/uuid"}, {"KEYS", "/keys"}}),
    order("environments create", "Make an environment", "/varia/environments",
          {{"ENVIRONMENT", "name", "The name of the environment"}}),
    order("environments delete", "Delete an environment with everything in it",
          "/varia/environments/delete", {{"ENVIRONMENT", "name", "The environment"}})
      .destroying("environment {name} and everything in it"),
    question("keys list", "List the API keys and when each was last used", "/varia/keys", "keys",
             {{"ENVIRONMENT", "/environment"},
              {"NAME", "/name"},
              {"KEY ID", "/key"},
              {"SCOPES", "/scopes"},
              {"CREATED", "/created_at"},
              {"LAST USED", "/last_used_at"}}),
    order("keys create", "Make an API key and show it, once", "/varia/keys",
          {{"ENVIRONMENT", "environment", "The environment, or \"account\""},
           {"NAME", "name", "What the key is called"},
           {"SCOPES", "scopes", "What it may do, such as environment:*, with commas"}}),
    order("keys revoke", "Take an API key away", "/varia/keys/revoke",
          {{"ENVIRONMENT", "environment", "The environment, or \"account\""},
           {"KEY", "key", "The name or id of the key"}})
      .destroying("API key {key} of {environment}: it lets nobody in any more"),
  };
}

} // namespace varia
