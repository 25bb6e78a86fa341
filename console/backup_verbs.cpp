#include "console/backup.hpp"
#include "console/exit_code.hpp"
#include "core/text.hpp"

#include <string>
#include <utility>
#include <vector>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr size_t items_per_piece = 500;
constexpr size_t bytes_per_piece = size_t{8} * 1024 * 1024;

std::string value_in(const verb_call& call, const char* name) {
  auto found = call.values.find(name);
  return found == call.values.end() ? std::string{} : found->second;
}

bool has_flag(const verb_call& call, const char* name) {
  return !value_in(call, name).empty();
}

std::string lines_of(const json& items) {
  std::string result;
  for (auto& item : items)
    result += item.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  return result;
}

// Copies one environment, piece by piece. `name` is empty for the one of the key.
expected<void> save_environment(const verb_call& call, const std::string& name, backup_writer& to) {
  auto path
    = std::string{"/varia/backup?secrets="} + (has_flag(call, "secrets") ? "true" : "false");
  if (!name.empty())
    path += "&environment=" + percent_encode(name);
  if (auto begun = to.begin_environment(name); !begun)
    return begun;
  for (std::string cursor;;) {
    auto piece
      = call.server.get_json(cursor.empty() ? path : path + "&cursor=" + percent_encode(cursor));
    if (!piece)
      return std::move(piece.error());
    auto& items = (*piece)["items"];
    if (sha256_hex(lines_of(items)) != piece->value("sha256", ""))
      return fail(errc::unavailable, "a piece came with another checksum: try again");
    for (auto& item : items)
      if (auto added = to.add(item); !added)
        return added;
    if (!(*piece)["next_cursor"].is_string())
      return caf::unit;
    cursor = (*piece)["next_cursor"].get<std::string>();
  }
}

expected<std::vector<std::string>> environments_meant(const verb_call& call) {
  if (!has_flag(call, "account"))
    return std::vector<std::string>{value_in(call, "environment")};
  auto answer = call.server.get_json("/varia/environments");
  if (!answer)
    return std::move(answer.error());
  std::vector<std::string> result;
  for (auto& each : (*answer)["environments"])
    result.push_back(each.value("name", ""));
  return result;
}

expected<json> save(const verb_call& call) {
  auto meant = environments_meant(call);
  if (!meant)
    return std::move(meant.error());
  backup_writer file;
  auto path = value_in(call, "file");
  if (auto opened = file.open(path, has_flag(call, "secrets")); !opened)
    return std::move(opened.error());
  for (auto& name : *meant)
    if (auto saved = save_environment(call, name, file); !saved)
      return std::move(saved.error());
  if (auto done = file.finish(); !done)
    return std::move(done.error());
  return json{{"file", path},
              {"items", file.count()},
              {"environments", meant->size()},
              {"secrets", has_flag(call, "secrets")}};
}

// Sends the items of an environment in pieces, as they come.
class restorer {
public:
  restorer(const client& server, std::string environment)
    : server_{server}, environment_{std::move(environment)} {}

  expected<void> begin() {
    auto answer = send(json::object());
    if (!answer)
      return std::move(answer.error());
    restore_ = answer->value("restore", "");
    return caf::unit;
  }

  expected<void> add(json item) {
    bytes_ += item.dump().size();
    items_.push_back(std::move(item));
    if (items_.size() < items_per_piece && bytes_ < bytes_per_piece)
      return caf::unit;
    return flush(false);
  }

  expected<void> end() { return flush(true); }

private:
  expected<void> flush(bool is_last) {
    auto items = std::exchange(items_, json::array());
    bytes_ = 0;
    json body{{"restore", restore_}, {"sha256", sha256_hex(lines_of(items))}, {"is_last", is_last}};
    body["items"] = std::move(items);
    auto answer = send(std::move(body));
    return answer ? expected<void>{caf::unit} : answer.error();
  }

  expected<json> send(json body) {
    if (!environment_.empty())
      body["environment"] = environment_;
    return server_.post_json("/varia/backup/restore", body.dump());
  }

  const client& server_;
  std::string environment_;
  std::string restore_;
  json items_ = json::array();
  size_t bytes_ = 0;
};

// Of an account, environments that are not there yet are made.
expected<void> make_environment(const verb_call& call, const std::string& name) {
  auto made = call.server.post_json("/varia/environments", json{{"name", name}}.dump());
  if (!made && code_of(made.error()) != errc::conflict)
    return std::move(made.error());
  return caf::unit;
}

expected<void> restore(const verb_call& call, const backup_content& known) {
  std::unique_ptr<restorer> current;
  std::string last;
  auto into = value_in(call, "environment");
  if (!into.empty() && known.items.size() > 1)
    return fail(errc::invalid, "this backup has several environments; none can be named");
  auto turn_to = [&](const std::string& name) -> expected<void> {
    if (current)
      if (auto ended = current->end(); !ended)
        return ended;
    if (!name.empty() && into.empty())
      if (auto made = make_environment(call, name); !made)
        return made;
    current = std::make_unique<restorer>(call.server, into.empty() ? name : into);
    last = name;
    return current->begin();
  };
  auto visit = [&](const std::string& environment, json item) -> expected<void> {
    if (!current || environment != last)
      if (auto turned = turn_to(environment); !turned)
        return turned;
    return current->add(std::move(item));
  };
  auto done = read_backup(value_in(call, "file"), visit);
  if (!done)
    return std::move(done.error());
  return current ? current->end() : expected<void>{caf::unit};
}

json content_text(const std::string& path, const backup_content& x) {
  auto rows = json::array();
  for (auto& [environment, types] : x.items)
    for (auto& [type, count] : types)
      rows.push_back({{"environment", environment.empty() ? json(nullptr) : json(environment)},
                      {"type", type},
                      {"count", count}});
  return {{"file", path},
          {"at", x.at},
          {"items", x.count},
          {"secrets", x.secrets},
          {"content", std::move(rows)}};
}

} // namespace

int run_backup_save(const verb_call& call) {
  auto done = save(call);
  if (!done)
    return give_up(call, done.error());
  print_answer(call, *done);
  return exit_code::ok;
}

int run_backup_verify(const verb_call& call) {
  auto path = value_in(call, "file");
  auto content = read_backup(path, nullptr);
  if (!content)
    return give_up(call, content.error());
  print_answer(call, content_text(path, *content));
  return exit_code::ok;
}

int run_backup_restore(const verb_call& call) {
  auto path = value_in(call, "file");
  // Nothing is written from a file that is not whole.
  auto content = read_backup(path, nullptr);
  if (!content)
    return give_up(call, content.error());
  if (auto done = restore(call, *content); !done)
    return give_up(call, done.error());
  print_answer(call, content_text(path, *content));
  return exit_code::ok;
}

} // namespace varia
