#include "console/exit_code.hpp"
#include "console/interrupt.hpp"
#include "console/verb_groups.hpp"
#include "core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds pause{1000};
constexpr auto page_size = 200;
// A follower that was away for long goes on with so many of the newest changes.
constexpr size_t behind_max = 10'000;

// The place of a change, which a cursor holds as "<version>:<place>".
uint64_t place_of(const json& record) {
  json::json_pointer field{"/_nango_metadata/cursor"};
  if (!record.contains(field) || !record[field].is_string())
    return 0;
  auto text = parse_base64url(record[field].get<std::string>()).value_or("");
  return std::strtoull(text.substr(text.find(':') + 1).c_str(), nullptr, 10);
}

// Reads changes newest first, page by page, until it meets what it has shown.
class record_follower {
public:
  explicit record_follower(const verb_call& call) : call_{call} {}

  expected<void> step() {
    auto fresh = read_fresh();
    if (!fresh)
      return std::move(fresh.error());
    if (fresh->empty())
      return caf::unit;
    last_ = place_of(fresh->front());
    std::reverse(fresh->begin(), fresh->end());
    call_.out << render_rows(call_.which, *fresh, call_.options);
    call_.out.flush();
    return caf::unit;
  }

private:
  expected<json> read_fresh() {
    auto result = json::array();
    auto besides = json{{"limit", page_size}};
    while (result.size() < behind_max) {
      auto message = message_of(call_.which, call_.values, besides);
      auto answer = message ? ask(call_.server, *message) : std::move(message.error());
      if (!answer)
        return std::move(answer.error());
      for (auto& record : answer->value("records", json::array())) {
        if (has_begun_ && place_of(record) <= last_)
          return result;
        result.push_back(record);
      }
      auto next = answer->value("next_cursor", json(nullptr));
      if (next.is_null() || !has_begun_)
        break;
      besides["cursor"] = next;
    }
    has_begun_ = true;
    return result;
  }

  const verb_call& call_;
  bool has_begun_ = false;
  uint64_t last_ = 0; ///< The place of the newest change that was shown.
};

int follow_records(const verb_call& call) {
  if (auto message = message_of(call.which, call.values); !message)
    return give_up_usage(call, detail_of(message.error()));
  interrupt_guard guard;
  record_follower records{call};
  auto was_out_of_reach = false;
  do {
    auto done = records.step();
    if (is_interrupted())
      break;
    auto is_out_of_reach = !done && code_of(done.error()) == errc::unavailable;
    if (!done && !is_out_of_reach)
      return give_up(call, done.error());
    if (is_out_of_reach && !was_out_of_reach)
      give_up(call, done.error());
    was_out_of_reach = is_out_of_reach;
  } while (guard.wait(pause));
  return exit_code::ok;
}

std::vector<verb_column> record_columns() {
  return {{"CHANGED", "/_nango_metadata/last_modified_at"},
          {"WHAT", "/_nango_metadata/last_action"},
          {"ID", "/id"},
          {"FIRST SEEN", "/_nango_metadata/first_seen_at"},
          {"DELETED", "/_nango_metadata/deleted_at", true},
          {"PRUNED", "/_nango_metadata/pruned_at", true},
          {"CURSOR", "/_nango_metadata/cursor", true}};
}

std::vector<verb_argument> model_words() {
  return with(variant_words(), {"MODEL", "model", "The model of the records"});
}

verb_argument filter() {
  return {"--filter", "filter", "Of added, updated and deleted, with commas between",
          argument_kind::text, true};
}

} // namespace

std::vector<verb> record_verbs() {
  constexpr auto text = argument_kind::text;
  auto listed = with(model_words(), filter());
  for (auto& x : std::vector<verb_argument>{
         {"--id", "id", "This record alone", text, true},
         {"--limit", "limit", "So many", argument_kind::number, true},
         {"--cursor", "cursor", "What is older than the answer before: its next_cursor", text,
          true}})
    listed.push_back(x);
  return {
    question("records list", "List the records of a variant, those that changed last first",
             "/varia/records", "records", record_columns(), listed),
    question("records count", "Count the records of a sync or of one variant",
             "/varia/records/count", "variants",
             {{"VARIANT", "/variant"}, {"RECORDS", "/records"}, {"BYTES", "/bytes"}},
             with(sync_words(), {"VARIANT", "variant", "This variant alone", text, true})),
    question("records follow", "Show the records of a variant as they change, until Ctrl-C",
             "/varia/records", "records", record_columns(), with(model_words(), filter()))
      .doing(follow_records),
  };
}

} // namespace varia
