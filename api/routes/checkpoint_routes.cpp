#include "api/routes/checkpoint_routes.hpp"

#include "api/connection_text.hpp"
#include "api/named_variant.hpp"
#include "store/checkpoints.hpp"

#include <utility>

namespace varia {

namespace {

constexpr double version_max = 9e15;

expected<http_response> show_checkpoint(api_call& x, const variant_ref& variant) {
  auto shown = checkpoints{x.db}.show(variant);
  if (!shown && code_of(shown.error()) == errc::not_found)
    return refuse(404, "unknown_sync");
  if (!shown)
    return std::move(shown.error());
  return json_answer(200, {{"checkpoint", stored_json(shown->what.json.value_or(""), nullptr)},
                           {"version", shown->what.version},
                           {"in_progress", shown->in_progress}});
}

expected<http_response> read(api_call& x) {
  static const auto query = naming();
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  return with_variant(
    x, x.query, [&](const named_variant& what) { return show_checkpoint(x, ref_of(what.entry)); });
}

std::optional<uint64_t> version_in(const json& body) {
  auto version = member(body, "version");
  return version == nullptr ? std::nullopt : std::optional{version->get<uint64_t>()};
}

// A run that goes on could not save what it comes to any more, so it ends.
expected<void> cancel_run(api_call& x, const variant_key& key) {
  auto done = x.api.cluster->cancel({key}, "the checkpoint was set");
  return !done && code_of(done.error()) != errc::not_found ? done : expected<void>{caf::unit};
}

expected<http_response> change(api_call& x, const std::string& json_text) {
  auto force = flag_at(*x.body, "force");
  return with_variant(x, *x.body, [&](const named_variant& what) -> expected<http_response> {
    auto ref = ref_of(what.entry);
    auto done = checkpoints{x.db}.put(ref, json_text, version_in(*x.body), force);
    if (!done && code_of(done.error()) == errc::invalid)
      return refuse_issues("invalid_body", {{"custom", detail_of(done.error()), {"checkpoint"}}});
    if (!done && code_of(done.error()) == errc::conflict)
      return refuse(409, "conflict", detail_of(done.error()));
    if (!done && code_of(done.error()) == errc::not_found)
      return refuse(404, "unknown_sync");
    if (!done)
      return std::move(done.error());
    if (force)
      if (auto cancelled = cancel_run(x, what.entry.key); !cancelled)
        return std::move(cancelled.error());
    return show_checkpoint(x, ref);
  });
}

// A checkpoint is an object; what may be in it is judged by the store.
schema checkpoint_value() {
  return record_of(any_value()).shown_as({{"page", 1}});
}

expected<http_response> set(api_call& x) {
  static const auto query = nothing();
  static const auto body = naming({{"checkpoint", checkpoint_value()},
                                   {"version", optional(whole_number(0, version_max))},
                                   {"force", optional(boolean())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return change(x, x.body->at("checkpoint").dump());
}

expected<http_response> reset(api_call& x) {
  static const auto query = nothing();
  static const auto body
    = naming({{"version", optional(whole_number(0, version_max))}, {"force", optional(boolean())}});
  if (auto no = x.refuse_query(query))
    return std::move(*no);
  if (auto no = x.refuse_body(body))
    return std::move(*no);
  return change(x, {});
}

constexpr auto example = R"({"checkpoint":null,"version":7,"in_progress":false})";

route_facts change_facts(const char* summary, const char* what) {
  return route_facts{summary}
    .scope("environment:syncs:update")
    .audited(what)
    .answers(200, example)
    .fails(404, "unknown_connection")
    .fails(404, "unknown_sync")
    .fails(409, "conflict");
}

} // namespace

std::vector<route> checkpoint_routes(const api_context& api) {
  const std::string path = "/varia/variants/checkpoint";
  return {make_route(api, "GET", path, read,
                     route_facts{"Shows the checkpoint of a variant"}
                       .scope("environment:syncs:read")
                       .answers(200, example)
                       .fails(404, "unknown_connection")
                       .fails(404, "unknown_sync")),
          make_route(api, "PUT", path, set,
                     change_facts("Sets the checkpoint of a variant", "checkpoint.set")),
          make_route(api, "DELETE", path, reset,
                     change_facts("Forgets the checkpoint of a variant", "checkpoint.reset"))};
}

} // namespace varia
