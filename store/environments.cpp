#include "store/environments.hpp"

#include "core/ids.hpp"
#include "store/call.hpp"
#include "store/keyring.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>

namespace varia {

namespace {

// The entries of a hash: each name with its value.
expected<std::vector<environment_variable>> read_pairs(redis& db, const std::string& key) {
  auto reply = db.run({"HGETALL", key});
  if (!reply)
    return std::move(reply.error());
  std::vector<environment_variable> result;
  for (size_t i = 0; i + 1 < (*reply)->elements; i += 2)
    result.push_back({text_of(*(*reply)->element[i]), text_of(*(*reply)->element[i + 1])});
  return result;
}

std::string place_of(const std::string& environment, const std::string& name) {
  return "variable/" + environment + "/" + name;
}

} // namespace

expected<std::string> environments::id_of(const std::string& name) {
  auto answers
    = run_checked(db_, std::vector<owned_command>{{"HSETNX", keys::environments, name, make_uuid()},
                                                  {"HGET", keys::environments, name}});
  if (!answers)
    return std::move(answers.error());
  return text_of(*(*answers)[1]);
}

expected<std::optional<std::string>> environments::name_of(const std::string& id) {
  auto all = read_pairs(db_, keys::environments);
  if (!all)
    return std::move(all.error());
  for (auto& [name, its_id] : *all)
    if (its_id == id)
      return std::optional{name};
  return std::nullopt;
}

expected<std::string> environments::add(const std::string& name) {
  auto count = db_.run({"HLEN", keys::environments});
  if (!count)
    return std::move(count.error());
  if (number_of(**count) >= static_cast<int64_t>(environments_max))
    return fail(errc::full, std::to_string(environments_max) + " environments");
  auto id = make_uuid();
  auto added = db_.run({"HSETNX", keys::environments, name, id});
  if (!added)
    return std::move(added.error());
  if (number_of(**added) == 0)
    return fail(errc::exists, "an environment of this name");
  return id;
}

expected<std::map<std::string, std::string>> environments::list() {
  auto all = read_pairs(db_, keys::environments);
  if (!all)
    return std::move(all.error());
  std::map<std::string, std::string> result;
  for (auto& each : *all)
    result.emplace(std::move(each.name), std::move(each.value));
  return result;
}

expected<void> environments::remove(const std::string& name) {
  auto answers = run_checked(
    db_, std::vector<owned_command>{
           {"HDEL", keys::environments, name},
           {"UNLINK", keys::variables(name), keys::integrations(name), keys::functions(name)}});
  if (!answers)
    return std::move(answers.error());
  if (number_of(*(*answers)[0]) == 0)
    return fail(errc::not_found, "there is no environment of this name");
  return caf::unit;
}

expected<std::vector<environment_variable>>
environments::variables(const std::string& environment) {
  auto result = read_pairs(db_, keys::variables(environment));
  if (!result)
    return result;
  for (auto& each : *result) {
    auto value = db_.keys().open(place_of(environment, each.name), std::move(each.value));
    if (!value)
      return std::move(value.error());
    each.value = std::move(*value);
  }
  std::sort(result->begin(), result->end(), [](auto& a, auto& b) { return a.name < b.name; });
  return result;
}

expected<void> environments::set_variable(const std::string& environment,
                                          const environment_variable& x) {
  auto all = keys::variables(environment);
  auto value = db_.keys().seal(place_of(environment, x.name), x.value);
  if (auto done = db_.run({"HSET", all, x.name, value}); !done)
    return std::move(done.error());
  return caf::unit;
}

expected<void> environments::remove_variable(const std::string& environment,
                                             const std::string& name) {
  auto all = keys::variables(environment);
  auto done = db_.run({"HDEL", all, name});
  if (!done)
    return std::move(done.error());
  if (number_of(**done) == 0)
    return fail(errc::not_found, "there is no variable of this name");
  return caf::unit;
}

} // namespace varia
