#include "api/record_prune.hpp"

#include "api/record_query.hpp"
#include "store/retention.hpp"

#include <algorithm>

namespace varia {

namespace {

constexpr double limit_most = 10'000;
constexpr size_t limit_default = 1000;

// Redis serves nobody else during a step.
constexpr size_t step_most = 500;

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto rules = object({{"model", model_name()},
                                    {"variant", optional(sync_name())},
                                    {"sync", optional(sync_name())},
                                    {"until_cursor", cursor_text()},
                                    {"limit", optional(whole_number(1, limit_most))}});
  if (auto no = x.refuse_body(rules))
    return no;
  return refuse_record_headers(x);
}

expected<prune_result> prune(redis& db, const variant_ref& variant, const std::string& model,
                             record_place until, size_t limit) {
  prune_result result;
  for (;;) {
    // The last step only looks whether anything is left.
    auto wanted = std::min(limit - result.pruned, step_most);
    auto step = retention{db}.prune(variant, model, until, wanted);
    if (!step && code_of(step.error()) == errc::not_found)
      return prune_result{result.pruned, false};
    if (!step)
      return step;
    result.pruned += step->pruned;
    result.has_more = step->has_more;
    if (!step->has_more || wanted == 0)
      return result;
  }
}

} // namespace

expected<http_response> prune_records(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto& body = *x.body;
  auto found = x.api.reader->locate(x.db, record_address_of(x, body));
  if (!found && code_of(found.error()) == errc::not_found)
    return refuse_unknown_connection();
  if (!found)
    return std::move(found.error());
  auto until = parse_cursor(text_at(body, "until_cursor"));
  prune_result done;
  if (!found->sources.empty()) {
    if (!until)
      return refuse(500, "server_error", "Failed to prune records");
    auto limit = member(body, "limit");
    auto pruned = prune(x.db, found->sources.front().variant, text_at(body, "model"), *until,
                        limit == nullptr ? limit_default : limit->get<size_t>());
    if (!pruned)
      return std::move(pruned.error());
    done = *pruned;
  }
  return json_answer(200, {{"count", done.pruned}, {"has_more", done.has_more}});
}

} // namespace varia
