#include "store/server_info.hpp"

#include "core/text.hpp"
#include "store/call.hpp"

#include <hiredis/hiredis.h>

#include <cstdlib>
#include <map>

namespace varia {

namespace {

// "name:value" by line; titles of sections have no colon.
std::map<std::string, std::string> fields_of_info(const std::string& info) {
  std::map<std::string, std::string> result;
  for (auto& line : split(info, '\n')) {
    auto text = trim(line);
    if (auto mark = text.find(':'); mark != std::string_view::npos)
      result.emplace(text.substr(0, mark), text.substr(mark + 1));
  }
  return result;
}

} // namespace

server_facts parse_server_info(const std::string& info) {
  auto fields = fields_of_info(info);
  auto number = [&](const char* name) { return std::strtoull(fields[name].c_str(), nullptr, 10); };
  auto is_ok = [&](const char* name) { return fields.count(name) == 0 || fields[name] == "ok"; };
  server_facts result;
  result.version = fields["redis_version"];
  result.eviction = fields["maxmemory_policy"];
  result.used_bytes = number("used_memory");
  result.max_bytes = number("maxmemory");
  result.machine_bytes = number("total_system_memory");
  result.has_aof = fields["aof_enabled"] == "1";
  result.aof_is_good = is_ok("aof_last_write_status") && is_ok("aof_last_bgrewrite_status");
  result.snapshot_is_good = is_ok("rdb_last_bgsave_status");
  result.role = fields["role"];
  result.replicas = number("connected_slaves");
  result.clients = number("connected_clients");
  result.evicted_keys = number("evicted_keys");
  result.replica_is_linked
    = fields.count("master_link_status") == 0 || fields["master_link_status"] == "up";
  return result;
}

expected<server_facts> read_server_facts(redis& db) {
  auto begin = steady_ms();
  auto time = db.run({"TIME"});
  if (!time)
    return std::move(time.error());
  auto took = steady_ms() - begin;
  auto info = db.run({"INFO"});
  if (!info)
    return std::move(info.error());
  auto result = parse_server_info(text_of(**info));
  result.now = number_of(*(*time)->element[0]) * 1000 + number_of(*(*time)->element[1]) / 1000;
  result.round_trip = milliseconds{took};
  return result;
}

} // namespace varia
