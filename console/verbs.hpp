#pragma once

#include "console/client.hpp"
#include "console/output.hpp"

#include <functional>
#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// A column of a listing: its title and the field it shows.
struct verb_column {
  const char* title;
  const char* field;    ///< A JSON pointer into the row, such as "/name".
  bool is_wide = false; ///< Left out of plain tables.
};

/// What an argument is, and how it is sent in a body. In a query, everything is text.
enum class argument_kind {
  text,
  number,
  flag, ///< An option without a value, such as --dry-run; sent as true.
  list, ///< Texts with commas between them; sent as a list of texts.
  json, ///< Any JSON value.
  file, ///< The path of a file with a JSON object, whose members are sent; "-": standard input.
  path, ///< The path of a file or folder, for the verb's own action; not sent.
};

/// A word that follows those of a verb, or an option of it: how help shows it and which parameter
/// it is. A title such as "SYNC" makes it a word, which may be given as `--sync VALUE` just as
/// well; one such as "--level" makes it an option only.
struct verb_argument {
  const char* title;
  const char* parameter; ///< Of the path, query or body, such as "provider_config_key"; or a JSON
                         ///< pointer into the body, such as "/opts/reset".
  const char* help;
  argument_kind kind = argument_kind::text;
  bool is_optional = false;
  std::vector<const char*> choices = {}; ///< The only values there are; empty: any.
  bool is_secret = false;                ///< Lines with it are kept in no history.
};

/// How the listing of a verb goes on as new rows come, with `--follow`.
struct follow_rule {
  const char* parameter = "";       ///< Of the query: where to go on; empty: it cannot be followed.
  const char* field = "";           ///< JSON pointer into a row: what to go on behind.
  bool starts_newest_first = false; ///< Without the parameter, the newest row comes first.
};

/// How an order to many variants is sent. Each has the parameters provider_config_key,
/// connection_id, name (of the sync) and variant.
enum class bulk_rule {
  none,
  by_variant,    ///< One request for each variant.
  by_sync,       ///< One for the variants of a sync, at most 500, as the list `variants`.
  by_connection, ///< One for those of a connection, at most 200, as the list `syncs`.
};

/// The values of a verb's arguments, by parameter.
using verb_values = std::map<std::string, std::string>;

struct verb_call;

/// What a verb does that is more than one request and its answer. Returns the exit code.
using verb_action = std::function<int(const verb_call&)>;

/// A question or an order to a server, typed at a shell or in the console. Verbs are data: the
/// program, its help, completion and manual, and the tests read one table. They are made by
/// `question`, `order`, `bulk_order` and `own_verb`, and refined by what they return.
struct verb {
  const char* words; ///< What the user types, such as "workers list".
  const char* help;
  const char* path = ""; ///< May have parameters in it, such as "{name}".
  const char* rows = ""; ///< The field of the answer that holds the rows.
  std::vector<verb_column> columns = {};
  std::vector<verb_argument> arguments = {};
  bool is_order = false; ///< It changes something.
  const char* method = "GET";
  bool sends_body = false;   ///< The arguments are sent as a JSON object, not in the query.
  const char* destroys = ""; ///< What it destroys, in words, with parameters in braces; empty:
                             ///< nothing. It is asked for confirmation first.
  follow_rule follow = {};
  bulk_rule bulk = bulk_rule::none;
  std::vector<std::pair<const char*, const char*>> constants = {}; ///< Sent always: JSON texts.
  verb_action action = nullptr; ///< Runs instead of the one request.
  bool is_local = false;        ///< It talks to no server.

  bool is_destructive() const { return *destroys != '\0'; }

  bool can_follow() const { return *follow.parameter != '\0'; }

  /// Has another method than GET or POST.
  verb with_method(const char* name) const;

  /// Sends the arguments of an order in the query.
  verb with_query() const;

  /// Has rows in the answer to an order.
  verb with_rows(const char* field, std::vector<verb_column> of) const;

  /// Destroys something, which the user is asked to confirm: "environment {name} and all in it".
  verb destroying(const char* what) const;

  /// Can be followed.
  verb following(follow_rule rule) const;

  /// Always sends a member besides: its name, and its value as JSON text.
  verb sending(const char* parameter, const char* value) const;

  /// Does something of its own, with the arguments of the verb.
  verb doing(verb_action what) const;
};

/// A verb that asks: GET, arguments in the query.
verb question(const char* words, const char* help, const char* path, const char* rows = "",
              std::vector<verb_column> columns = {}, std::vector<verb_argument> arguments = {});

/// A verb that changes something: POST, arguments in the body.
verb order(const char* words, const char* help, const char* path,
           std::vector<verb_argument> arguments = {});

/// A verb that changes all variants that a selector finds, and tells what became of each. The
/// selector's arguments come by themselves; those given here are sent besides.
verb bulk_order(const char* words, const char* help, const char* path, bulk_rule rule,
                std::vector<verb_argument> arguments = {});

/// A verb that is not one request.
verb own_verb(const char* words, const char* help, verb_action what,
              std::vector<verb_argument> arguments = {});

/// A verb that talks to no server.
verb local_verb(const char* words, const char* help, verb_action what,
                std::vector<verb_argument> arguments = {});

/// All verbs, by their words. No verb's words begin those of another.
const std::vector<verb>& verbs();

/// Returns the verb of these words; null if there is none.
const verb* find_verb(const std::string& words);

/// The name of an argument as an option: "--sync" of "SYNC", "--level" of "--level".
std::string option_of(const verb_argument& x);

/// True for an argument that is given by its place, too.
bool is_positional(const verb_argument& x);

/// What a verb sends, and where.
struct verb_message {
  std::string method;
  std::string path; ///< With the query.
  std::string body; ///< Empty: none is sent.
};

/// Builds the message of a verb, with members besides if there are any. Fails with `invalid`, in
/// words, if a value is not what it is to be, or a file cannot be read.
expected<verb_message> message_of(const verb& which, const verb_values& values,
                                  const nlohmann::ordered_json& besides
                                  = nlohmann::ordered_json::object());

/// All arguments that a verb takes: those of its selector, if it has one, and its own.
std::vector<verb_argument> arguments_of(const verb& which);

/// Fills the parameters in braces with their values, for people.
std::string fill_in(const std::string& text, const verb_values& values);

/// Everything that a verb runs with.
struct verb_call {
  const verb& which;
  const verb_values& values;
  const client& server;
  const output_options& options;
  std::ostream& out;
  std::ostream& errors;
};

/// Sends the message of a verb and reads the answer as JSON.
expected<nlohmann::ordered_json> ask(const client& server, const verb_message& message);

/// Prints an answer as the options say.
void print_answer(const verb_call& call, const nlohmann::ordered_json& answer);

/// Asks the user whether to destroy something, unless it was said that there is no need to. Returns
/// the exit code if it shall not be, or nobody can be asked.
std::optional<int> refuse_unconfirmed(const verb_call& call, const std::string& what);

/// Says on `errors` what is wrong with the words, and returns the exit code for it.
int give_up_usage(const verb_call& call, const std::string& why);

/// Says on `errors` why something failed and returns the exit code for it.
int give_up(const verb_call& call, const caf::error& why);

/// Runs a verb: asks for confirmation where it destroys something, asks the server, and prints its
/// answer; errors go to `errors`. Returns the exit code.
int run_verb(const verb_call& call);

} // namespace varia
