#include "api/rehearsal.hpp"

#include "api/call.hpp"
#include "core/text.hpp"

#include <exception>
#include <utility>

namespace varia {

namespace {

// More than there are parts of a request.
constexpr auto rounds_max = 8;

json example_for(const rehearsal& x, request_part part) {
  json result = nullptr;
  for (auto& note : x.notes)
    if (note.part == part)
      result = note.rules.example();
  return result;
}

std::map<std::string, std::string> texts_of(const json& object) {
  std::map<std::string, std::string> result;
  if (object.is_object())
    for (auto& [key, value] : object.items())
      result[key] = value.is_string() ? value.get<std::string>() : value.dump();
  return result;
}

http_request request_for(const rehearsal& x, const std::string& path) {
  http_request result;
  result.environment = "dev";
  result.path = path;
  for (auto& part : split(path, '/'))
    if (part.size() > 1 && part.front() == ':')
      result.params[part.substr(1)] = "example";
  for (auto& [name, value] : texts_of(example_for(x, request_part::params)))
    result.params[name] = value;
  result.headers = texts_of(example_for(x, request_part::headers));
  return result;
}

void try_out(const handler& answer, const std::string& path, rehearsal& x) {
  static const auto catalogue = std::make_shared<const providers>(*providers::load());
  api_context nothing_there;
  nothing_there.stores = std::make_shared<store_pool>(redis_config{"none:", {}, false});
  nothing_there.cluster = std::make_shared<cluster_commands>();
  nothing_there.catalogue = catalogue;
  auto request = request_for(x, path);
  auto body = example_for(x, request_part::body);
  auto query = example_for(x, request_part::query);
  api_call call{nothing_there,
                request,
                lent_store{},
                body.is_null() ? nullptr : &body,
                query.is_null() ? json::object() : query,
                &x};
  try {
    (void)answer(call);
  } catch (const rehearsal_over&) {
    // It got as far as it can.
  } catch (const std::exception&) {
    // It missed something that only real requests have.
  }
}

} // namespace

std::vector<noted_rule> rehearse(const handler& answer, const std::string& path) {
  rehearsal x;
  for (auto round = 0; round < rounds_max; ++round) {
    auto known = x.notes.size();
    try_out(answer, path, x);
    if (x.notes.size() == known)
      break;
  }
  return std::move(x.notes);
}

} // namespace varia
