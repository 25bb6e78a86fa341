#pragma once

#include "api/json.hpp"

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
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

/// Judges one value (nullptr: there is none), appends what is wrong with it, and can tell in the
/// words of JSON Schema what it wants. Schemas are values: small ones are built into bigger ones,
/// once, when the program starts.
class schema {
public:
  using judge = std::function<void(const json* value, const json_path& path, issues& found)>;

  /// Of a judge alone, that documentation can say nothing about.
  template <class F, class = std::enable_if_t<
                       std::is_invocable_v<F&, const json*, const json_path&,
                                           issues&> && !std::is_same_v<std::decay_t<F>, schema>>>
  schema(F says) : schema{judge{std::move(says)}, json::object(), nullptr} {}

  schema(judge says, json description, json example, bool may_be_absent = false)
    : parts_{std::make_shared<const parts>(
      parts{std::move(says), std::move(description), std::move(example), may_be_absent})} {}

  void operator()(const json* value, const json_path& path, issues& found) const {
    parts_->judges(value, path, found);
  }

  /// What it wants, as JSON Schema 2020-12.
  const json& description() const { return parts_->description; }

  /// A value that it takes, with no more than it must have.
  const json& example() const { return parts_->example; }

  /// Whether there may be no value at all.
  bool may_be_absent() const { return parts_->may_be_absent; }

  /// The same, with an example of its own.
  schema shown_as(json example) const;

private:
  struct parts {
    judge judges;
    json description;
    json example;
    bool may_be_absent;
  };

  std::shared_ptr<const parts> parts_;
};

/// One more demand on a text that is known to be a string.
struct text_rule {
  using judge = std::function<void(const std::string& value, const json_path& path, issues& found)>;

  template <class F, class = std::enable_if_t<
                       std::is_invocable_v<F&, const std::string&, const json_path&,
                                           issues&> && !std::is_same_v<std::decay_t<F>, text_rule>>>
  text_rule(F says) : judges{std::move(says)} {}

  // Braces would make lists of the two.
  text_rule(judge says, json words, json shown = nullptr)
    : judges(std::move(says)), description(std::move(words)), example(std::move(shown)) {}

  void operator()(const std::string& value, const json_path& path, issues& found) const {
    judges(value, path, found);
  }

  judge judges;
  json description = json::object(); ///< What it adds to a JSON Schema.
  json example;                      ///< A text that follows it; null if it has none to show.
};

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
/// What `inner` takes and `further`, which sees only such values, finds no fault with.
schema refined(schema inner, schema::judge further);

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
