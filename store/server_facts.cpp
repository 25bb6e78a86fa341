#include "store/server_facts.hpp"

#include "core/metrics.hpp"

#include <charconv>
#include <map>
#include <string>
#include <string_view>

namespace varia {

namespace {

struct server_metrics {
  gauge up{"varia_redis_up", "1 if the Redis server answered this coordinator, else 0."};
  gauge used{"varia_redis_memory_used_bytes", "Memory that the Redis server uses."};
  gauge most{"varia_redis_memory_max_bytes", "Memory that it may use; 0 where nothing is said."};
  gauge clients{"varia_redis_clients", "Connections to the Redis server."};
  gauge replicas{"varia_redis_replicas", "Replicas that follow the Redis server."};
  gauge persisted{"varia_redis_persistence_ok",
                  "1 if the last writes to its disk went well, else 0."};
  gauge evicted{"varia_redis_evicted_keys", "Keys that it gave up for want of memory."};
};

using facts = std::map<std::string, std::string, std::less<>>;

// INFO answers lines "name:value" between headings.
facts read_facts(std::string_view text) {
  facts result;
  while (!text.empty()) {
    auto end = text.find("\r\n");
    auto line = text.substr(0, end);
    if (auto mark = line.find(':'); mark != std::string_view::npos)
      result.emplace(line.substr(0, mark), line.substr(mark + 1));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
  }
  return result;
}

double number_of(const facts& all, std::string_view name) {
  auto found = all.find(name);
  int64_t result = 0;
  if (found != all.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), result);
  return static_cast<double>(result);
}

bool is_ok(const facts& all, std::string_view name) {
  auto found = all.find(name);
  return found == all.end() || found->second == "ok";
}

} // namespace

void measure_redis_server(redis& db) {
  static const auto& to = *new server_metrics;
  auto answer = db.run({"INFO"});
  to.up.set(answer ? 1 : 0);
  if (!answer)
    return;
  auto all = read_facts(text_of(**answer));
  to.used.set(number_of(all, "used_memory"));
  to.most.set(number_of(all, "maxmemory"));
  to.clients.set(number_of(all, "connected_clients"));
  to.replicas.set(number_of(all, "connected_slaves"));
  auto persists = is_ok(all, "aof_last_write_status") && is_ok(all, "rdb_last_bgsave_status");
  to.persisted.set(persists ? 1 : 0);
  to.evicted.set(number_of(all, "evicted_keys"));
}

} // namespace varia
