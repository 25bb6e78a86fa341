#include "api/routes/backup_routes.hpp"

#include "api/audited.hpp"
#include "api/backup_items.hpp"
#include "api/backup_reader.hpp"
#include "api/backup_restorer.hpp"
#include "store/environments.hpp"
#include "store/restores.hpp"

#include <utility>
#include <variant>

namespace varia {

namespace {

constexpr auto saves = "environment:backups:create";
constexpr auto saves_all = "account:backups:create";
constexpr auto restores_one = "environment:backups:restore";
constexpr auto restores_all = "account:backups:restore";
constexpr auto reads_credentials = "environment:connections:read_credentials";
constexpr auto reads_clients = "environment:integrations:read_credentials";

constexpr size_t cursor_max = 4096;
constexpr size_t items_max = 10'000;

http_response refuse_scope(const std::string& scope) {
  return refuse(403, "forbidden", "Insufficient scope. Required: " + scope);
}

// The environment that is meant: the caller's own, or any one for keys of the account.
expected<std::variant<std::string, http_response>>
environment_of(api_call& x, const json& from, const std::string& one, const std::string& all) {
  using result = std::variant<std::string, http_response>;
  auto wanted = text_at(from, "environment", x.environment());
  if (wanted.empty())
    return result{refuse(400, "invalid_query_params", "Say which environment is meant")};
  auto needed = wanted == x.environment() ? one : all;
  if (!x.may(needed))
    return result{refuse_scope(needed)};
  if (wanted == x.environment())
    return result{std::move(wanted)};
  auto known = environments{x.db}.list();
  if (!known)
    return std::move(known.error());
  if (known->count(wanted) == 0)
    return result{refuse(404, "not_found", "There is no such environment")};
  return result{std::move(wanted)};
}

const schema& save_rules() {
  static const auto rules = object({{"cursor", optional(text({at_most(cursor_max)}))},
                                    {"secrets", optional(one_of({"true", "false"}))},
                                    {"environment", optional(text({at_least(1), at_most(255)}))}});
  return rules;
}

route_facts save_facts() {
  return route_facts{"Copies an environment, piece by piece"}
    .scope(saves)
    .scope(saves_all)
    .answers(200, R"({"items":[{"type":"integration"}],)"
                  R"("sha256":"x","next_cursor":null})")
    .fails(404, "not_found");
}

// The first piece of each copy is kept in the audit stream.
void audit_beginning(const api_call& x) {
  auto facts = route_facts{}.audited("backup.saved");
  if (x.notes == nullptr)
    keep_audit(x, facts);
}

expected<http_response> save(api_call& x) {
  if (auto no = x.refuse_query(save_rules()))
    return std::move(*no);
  auto secrets = text_at(x.query, "secrets") == "true";
  for (auto scope : {reads_credentials, reads_clients})
    if (secrets && !x.may(scope))
      return refuse_scope(scope);
  auto place = parse_backup_cursor(text_at(x.query, "cursor"));
  if (!place)
    return refuse_issues("invalid_query_params", {{"custom", "Invalid cursor", {"cursor"}}});
  auto environment = environment_of(x, x.query, saves, saves_all);
  if (!environment)
    return std::move(environment.error());
  if (auto no = std::get_if<http_response>(&*environment))
    return std::move(*no);
  if (text_at(x.query, "cursor").empty())
    audit_beginning(x);
  auto piece = backup_reader{x.db, std::get<std::string>(*environment), secrets}.read(*place);
  if (!piece)
    return std::move(piece.error());
  auto sum = checksum_of(piece->items);
  return json_answer(
    200, {{"items", std::move(piece->items)},
          {"sha256", std::move(sum)},
          {"next_cursor", piece->next ? json(to_cursor(*piece->next)) : json(nullptr)}});
}

const schema& restore_rules() {
  static const auto item = record_of(any_value()).shown_as({{"type", "integration"}});
  static const auto rules = object({{"restore", optional(text({at_least(1), at_most(64)}))},
                                    {"items", optional(list_of(item, items_max))},
                                    {"sha256", optional(text({at_most(64)}))},
                                    {"is_last", optional(boolean())},
                                    {"environment", optional(text({at_least(1), at_most(255)}))}});
  return rules;
}

expected<std::string> take_up(api_call& x, const std::string& environment) {
  restores all{x.db};
  auto known = text_at(*x.body, "restore");
  if (known.empty())
    return all.begin(environment);
  if (auto goes_on = all.go_on(environment, known); !goes_on)
    return std::move(goes_on.error());
  return known;
}

// What is wrong with the items, or is in the way of them.
std::optional<http_response> refuse_restore(const caf::error& why) {
  switch (code_of(why)) {
    case errc::invalid: return refuse(400, "invalid_body", detail_of(why));
    case errc::full: return refuse(400, "resource_capped", detail_of(why));
    case errc::conflict: return refuse(409, "conflict", detail_of(why));
    case errc::not_found: return refuse(404, "not_found", detail_of(why));
    default: return std::nullopt;
  }
}

expected<http_response> write_items(api_call& x, const std::string& environment) {
  auto restore = take_up(x, environment);
  if (!restore)
    return std::move(restore.error());
  auto items = member(*x.body, "items");
  auto count = items == nullptr ? 0 : items->size();
  if (items != nullptr) {
    auto sum = text_at(*x.body, "sha256");
    if (!sum.empty() && sum != checksum_of(*items))
      return fail(errc::invalid, "the checksum of the items is another one");
    if (auto done = restore_items(x.api, x.db, environment, *items); !done)
      return std::move(done.error());
  }
  if (flag_at(*x.body, "is_last"))
    if (auto ended = restores{x.db}.end(environment, *restore); !ended)
      return std::move(ended.error());
  return json_answer(200, {{"restore", *restore}, {"restored", count}});
}

expected<http_response> restore(api_call& x) {
  if (auto no = x.refuse_query(nothing()))
    return std::move(*no);
  if (auto no = x.refuse_body(restore_rules()))
    return std::move(*no);
  auto environment = environment_of(x, *x.body, restores_one, restores_all);
  if (!environment)
    return std::move(environment.error());
  if (auto no = std::get_if<http_response>(&*environment))
    return std::move(*no);
  auto done = write_items(x, std::get<std::string>(*environment));
  if (!done)
    if (auto no = refuse_restore(done.error()))
      return std::move(*no);
  return done;
}

} // namespace

std::vector<route> backup_routes(const api_context& api) {
  std::vector<route> result{
    make_route(api, "GET", "/varia/backup", save, save_facts()),
    make_route(api, "POST", "/varia/backup/restore", restore,
               route_facts{"Writes the pieces of a backup into an empty environment"}
                 .scope(restores_one)
                 .scope(restores_all)
                 .audited("backup.restored")
                 .answers(200, R"({"restore":"cd698d3a-f399-46e3-b424-3007eff03e6b",)"
                               R"("restored":3})")
                 .fails(400, "resource_capped")
                 .fails(404, "not_found")
                 .fails(409, "conflict")),
  };
  for (auto& each : result)
    each.needs = access::with_any_key;
  return result;
}

} // namespace varia
