#include "console/verb_groups.hpp"

namespace varia {

std::vector<verb> webhook_verbs() {
  return {
    question("webhooks settings", "Show what the application is told of, and where",
             "/varia/webhooks/settings"),
    order("webhooks set", "Change one of these settings", "/varia/webhooks/set",
          {{"NAME", "name", "The setting, such as primary_url"},
           {"VALUE", "value", "Its value", argument_kind::text, false, {}, true}}),
    question("webhooks key", "Show the key that webhooks are signed with",
             "/varia/webhooks/signing-key"),
    order("webhooks rotate", "Sign webhooks with a new key from now on",
          "/environment/webhook-signing-key/rotate")
      .destroying("the key that webhooks are signed with now"),
    question("webhooks dead", "List the webhooks that were given up", "/varia/webhooks/dead",
             "letters",
             {{"LETTER", "/id"},
              {"TYPE", "/type"},
              {"SYNC", "/sync"},
              {"VARIANT", "/variant"},
              {"MODEL", "/model"},
              {"URL", "/url"},
              {"AT", "/at"},
              {"TRIES", "/tries"},
              {"WHY", "/why"}}),
    order("webhooks resend", "Send a webhook again that was given up", "/varia/webhooks/resend",
          {{"LETTER", "id", "One of those in the list, or all"}}),
    question("webhooks deliveries", "List the last deliveries of webhooks",
             "/varia/webhooks/deliveries", "deliveries",
             {{"AT", "/at"},
              {"TYPE", "/type"},
              {"SYNC", "/sync"},
              {"VARIANT", "/variant"},
              {"MODEL", "/model"},
              {"HOST", "/host"},
              {"ATTEMPT", "/attempt"},
              {"STATUS", "/status"},
              {"OUTCOME", "/outcome"},
              {"EVENT", "/event"}}),
    question("webhooks incoming", "Show how an integration takes webhooks of its provider",
             "/varia/webhooks/incoming", "", {},
             {{"INTEGRATION", "provider_config_key", "The integration"}}),
  };
}

} // namespace varia
