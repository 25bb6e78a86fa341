#pragma once

#include "api/http.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace varia {

/// One thing that is wrong with a request, in the words and codes of zod 4, which clients know.
struct issue {
  std::string code;
  std::string message;
  std::vector<std::string> path;
};

using issues = std::vector<issue>;
using json_path = std::vector<std::string>;

/// Judges one value (nullptr: there is none) and appends what is wrong with it. Schemas are values:
/// small ones are built into bigger ones, once, when the program starts.
using schema = std::function<void(const json* value, const json_path& path, issues& found)>;

/// One more demand on a text that is known to be a string.
using text_rule
  = std::function<void(const std::string& value, const json_path& path, issues& found)>;

using fields = std::vector<std::pair<std::string, schema>>;

/// What happens to keys that an object does not declare.
enum class other_keys { refused, ignored };

schema any_value();
schema text(std::vector<text_rule> rules = {});
schema boolean();
schema whole_number(double least, double most);

/// A number written as text, as queries have it.
schema number_text(double least, double most);

/// One of these texts.
schema one_of(std::vector<std::string> options);

/// An object with these fields. Issues come in the order of the fields, unknown keys last.
schema object(fields declared, other_keys rest = other_keys::refused);

/// An object whose keys are free and whose values follow one schema.
schema record_of(schema value);
schema list_of(schema element, size_t most = SIZE_MAX);

/// A text or a list of them, comma-separated or repeated; each part follows `part`.
schema comma_list_of(schema part);

/// Whatever one of the options takes. `message` is what is said if none does.
schema either(std::vector<schema> options, std::string message = "Invalid input");
schema optional(schema inner); ///< May be absent.
schema nullable(schema inner); ///< May be null.

/// A pattern, judged by a predicate and named by its text in the message.
text_rule matches(bool (*predicate)(const std::string&), std::string pattern);
text_rule at_least(size_t characters);
text_rule at_most(size_t characters);

/// Any rule with a message of its own; the issue has the code `custom`.
text_rule holds(std::function<bool(const std::string&)> predicate, std::string message);

/// An absolute http or https URL.
text_rule is_url();

/// A moment such as "2026-11-22T16:40:59.838Z".
text_rule is_moment();

/// Returns all that is wrong with a value, in zod's order; empty if nothing is.
issues check(const schema& rules, const json* value);

/// The value of a key of an object, or nullptr.
const json* member(const json& object, const std::string& key);

/// The text under a key of an object; `otherwise` if there is none.
std::string text_at(const json& object, const std::string& key, const std::string& otherwise = {});

/// The boolean under a key of an object; `otherwise` if there is none.
bool flag_at(const json& object, const std::string& key, bool otherwise = false);

/// A query as an object: repeated names become arrays, as do `ids[]=1`; `tags[a]=b` becomes an
/// object. Everything else is text.
json query_object(const std::vector<std::pair<std::string, std::string>>& query);

/// True for an absolute URL with scheme http or https and a host.
bool is_http_url(const std::string& text);

} // namespace varia
