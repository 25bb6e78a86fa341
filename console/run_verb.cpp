#include "console/bulk.hpp"
#include "console/exit_code.hpp"
#include "console/follow.hpp"
#include "console/verbs.hpp"
#include "console/watch.hpp"

#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

} // namespace

expected<json> ask(const client& server, const verb_message& message) {
  if (message.method == "GET")
    return server.get_json(message.path);
  return server.send_json(message.method, message.path, message.body);
}

void print_answer(const verb_call& call, const json& answer) {
  call.out << render_answer(call.which, answer, call.options);
  call.out.flush();
}

int give_up(const verb_call& call, const caf::error& why) {
  call.errors << "varia: " << detail_of(why) << "\n";
  return exit_code_of(why);
}

int give_up_usage(const verb_call& call, const std::string& why) {
  call.errors << "varia: " << why << "\n";
  return exit_code::usage;
}

std::optional<int> refuse_unconfirmed(const verb_call& call, const std::string& what) {
  if (call.options.says_yes)
    return std::nullopt;
  if (!call.options.ask)
    return give_up_usage(call, "this destroys " + what + ": say --yes where nobody can be asked");
  auto answer = call.options.ask("This destroys " + what + ". Type yes to go on: ");
  if (answer == "yes" || answer == "y")
    return std::nullopt;
  call.errors << "varia: nothing was done\n";
  return exit_code::failed;
}

namespace {

int run_request(const verb_call& call) {
  auto message = message_of(call.which, call.values);
  if (!message)
    return give_up_usage(call, detail_of(message.error()));
  if (call.which.is_destructive())
    if (auto no = refuse_unconfirmed(call, fill_in(call.which.destroys, call.values)))
      return *no;
  auto answer = ask(call.server, *message);
  if (!answer)
    return give_up(call, answer.error());
  if (!call.which.is_order || !call.options.is_quiet)
    print_answer(call, *answer);
  return exit_code::ok;
}

int run_once(const verb_call& call) {
  if (call.options.follows)
    return run_followed(call);
  if (call.which.action)
    return call.which.action(call);
  if (call.which.bulk != bulk_rule::none)
    return run_bulk(call);
  return run_request(call);
}

} // namespace

int run_verb(const verb_call& call) {
  if (call.options.watch && call.options.follows)
    return give_up_usage(call, "--watch and --follow exclude one another");
  return call.options.watch ? run_watched(call, run_once) : run_once(call);
}

} // namespace varia
