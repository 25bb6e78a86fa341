#include "api/doctor.hpp"

#include "actors/system.hpp"
#include "api/why.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <utility>

namespace varia {

namespace {

constexpr std::array grade_words{"ok", "note", "warn", "bad"};

constexpr uint64_t redis_major_min = 7;
constexpr uint64_t memory_warn_percent = 85;
constexpr uint64_t memory_bad_percent = 95;
constexpr time_ms skew_warn = 1000;
constexpr time_ms skew_bad = 30'000;
constexpr milliseconds round_trip_warn{50};
constexpr uint32_t busy_permille_warn = 900;
constexpr uint32_t wait_warn_ms = 5000;
constexpr time_ms day = time_ms{24} * 3600 * 1000;
constexpr time_ms certificate_warn = 30 * day;
constexpr time_ms certificate_bad = 7 * day;

using findings = std::vector<finding>;

finding fine(const char* check, std::string text) {
  return {check, grade::ok, std::move(text), {}};
}

std::string mega(uint64_t bytes) {
  return fmt::format("{} MB", bytes / 1'000'000);
}

void examine_version(const server_facts& x, findings& to) {
  auto text = "Redis " + x.version;
  if (std::strtoull(x.version.c_str(), nullptr, 10) >= redis_major_min)
    to.push_back(fine("redis.version", text));
  else
    to.push_back({"redis.version", grade::bad, text, "Varia needs Redis 7 or later."});
}

void examine_eviction(const server_facts& x, findings& to) {
  auto text = "maxmemory-policy is " + x.eviction;
  if (x.eviction == "noeviction")
    to.push_back(fine("redis.eviction", text));
  else
    to.push_back({"redis.eviction", grade::bad, text,
                  "Set maxmemory-policy noeviction: records and leases get lost otherwise."});
}

void examine_memory(const server_facts& x, findings& to) {
  auto limit = x.max_bytes > 0 ? x.max_bytes : x.machine_bytes;
  auto percent = limit > 0 ? x.used_bytes * 100 / limit : 0;
  auto text = fmt::format("{} used, {}% of {}", mega(x.used_bytes), percent,
                          x.max_bytes > 0 ? "maxmemory (" + mega(limit) + ")"
                                          : "the machine's (" + mega(limit) + ")");
  auto advice = "Raise maxmemory, or let records go: records.prune_after, records.purge_after.";
  if (percent >= memory_bad_percent)
    to.push_back({"redis.memory", grade::bad, text, advice});
  else if (percent >= memory_warn_percent)
    to.push_back({"redis.memory", grade::warn, text, advice});
  else if (x.max_bytes == 0)
    to.push_back({"redis.memory", grade::note, text,
                  "Set maxmemory, so that Redis refuses to write before the machine kills it."});
  else
    to.push_back(fine("redis.memory", text));
}

void examine_persistence(const server_facts& x, findings& to) {
  if (!x.aof_is_good || !x.snapshot_is_good)
    to.push_back(
      {"redis.persistence", grade::bad,
       x.aof_is_good ? "the last snapshot failed" : "the last write to the append-only file failed",
       "Look at the disk of Redis and at its log."});
  else if (!x.has_aof)
    to.push_back({"redis.persistence", grade::warn, "there is no append-only file",
                  "Set appendonly yes: a restart of Redis loses what came after the last "
                  "snapshot."});
  else
    to.push_back(fine("redis.persistence", "an append-only file is written"));
}

void examine_replicas(const server_facts& x, findings& to) {
  if (x.role == "slave")
    to.push_back({"redis.replicas", grade::bad, "this Redis is a replica",
                  "Point redis.url at the primary, or at the Sentinels."});
  else if (x.replicas == 0)
    to.push_back({"redis.replicas", grade::note, "there is no replica",
                  "With a replica and Sentinels the loss of this Redis is got over."});
  else
    to.push_back(fine("redis.replicas", fmt::format("{} follow", x.replicas)));
}

void examine_clock(const server_facts& x, time_ms here, findings& to) {
  auto skew = std::abs(here - x.now);
  auto text = fmt::format("{} between Redis and this coordinator", in_words(milliseconds{skew}));
  auto advice = "Keep the clocks of all hosts together (chrony or systemd-timesyncd).";
  if (skew >= skew_bad)
    to.push_back({"redis.clock", grade::bad, text, advice});
  else if (skew >= skew_warn)
    to.push_back({"redis.clock", grade::warn, text, advice});
  else
    to.push_back(fine("redis.clock", text));
}

void examine_round_trip(const server_facts& x, findings& to) {
  auto text = fmt::format("{} for a question and its answer", in_words(x.round_trip));
  if (x.round_trip >= round_trip_warn)
    to.push_back({"redis.latency", grade::warn, text,
                  "Put Redis nearer, or look what keeps it busy (SLOWLOG GET)."});
  else
    to.push_back(fine("redis.latency", text));
}

void examine_redis(const doctor_facts& x, findings& to) {
  if (!x.redis) {
    to.push_back({"redis.reach", grade::bad, "Redis does not answer",
                  "Look whether it runs, and at the setting redis.url."});
    return;
  }
  examine_version(*x.redis, to);
  examine_persistence(*x.redis, to);
  examine_memory(*x.redis, to);
  examine_eviction(*x.redis, to);
  examine_replicas(*x.redis, to);
  examine_clock(*x.redis, x.now, to);
  examine_round_trip(*x.redis, to);
}

void examine_coordinators(const doctor_facts& x, findings& to) {
  if (!x.lead || x.lead->leader.empty() || !x.cluster)
    to.push_back({"cluster.leader", grade::bad, "no coordinator leads",
                  "Look whether coordinators run, and at their logs."});
  else
    to.push_back(
      fine("cluster.leader", fmt::format("{} leads, epoch {}", x.lead->leader, x.lead->epoch)));
  auto count = x.coordinators.size();
  if (count < 2)
    to.push_back({"cluster.coordinators", grade::note,
                  fmt::format("{} is alive", count == 0 ? "none" : "1"),
                  "With a second one the loss of this one is got over in seconds."});
  else
    to.push_back(fine("cluster.coordinators", fmt::format("{} are alive", count)));
}

std::string names_of(const std::vector<worker_info>& all, bool (*is_meant)(const worker_info&)) {
  std::string result;
  for (auto& each : all)
    if (is_meant(each))
      result += (result.empty() ? "" : ", ") + each.worker;
  return result;
}

void examine_alive(const std::vector<worker_info>& all, findings& to) {
  auto alive = std::count_if(all.begin(), all.end(), [](auto& w) { return w.alive; });
  auto lost = names_of(all, [](const worker_info& w) { return !w.alive; });
  if (alive == 0)
    to.push_back({"workers.alive", grade::bad, "no worker is alive", "Start one: varia worker."});
  else if (!lost.empty())
    to.push_back({"workers.alive", grade::warn, lost + " not alive",
                  "Look why, or forget it; its variants have gone to others."});
  else
    to.push_back(fine("workers.alive", fmt::format("{} alive", alive)));
}

void examine_duties(const std::vector<worker_info>& all, findings& to) {
  auto away = names_of(all, [](const worker_info& w) { return w.alive && w.duty != "active"; });
  if (away.empty())
    to.push_back(fine("workers.duty", "all of them take variants"));
  else
    to.push_back({"workers.duty", grade::note, away + " take no variants",
                  "varia workers uncordon gives them variants again."});
}

bool is_full(const worker_info& w) {
  return w.alive && w.load.queued > 0
         && (w.load.busy_permille >= busy_permille_warn || w.load.longest_wait_ms >= wait_warn_ms);
}

void examine_load(const std::vector<worker_info>& all, findings& to) {
  auto full = names_of(all, is_full);
  if (full.empty())
    to.push_back(fine("workers.load", "no worker is full"));
  else
    to.push_back({"workers.load", grade::warn, full + " full: runs wait for slots",
                  "Start more workers, or raise runtime.slots and runtime.processes."});
}

// A worker tells its version as a label.
void examine_versions(const doctor_facts& x, findings& to) {
  std::string others;
  for (auto& each : x.cluster->workers) {
    auto version = each.labels.find(version_label);
    if (each.alive && version != each.labels.end() && version->second != x.software)
      others += (others.empty() ? "" : ", ") + each.worker + " (" + version->second + ")";
  }
  if (others.empty())
    to.push_back(fine("workers.version", "all have " + x.software));
  else
    to.push_back({"workers.version", grade::warn,
                  fmt::format("this coordinator has {}, others have not: {}", x.software, others),
                  "Bring all processes to one version."});
}

void examine_placing(const cluster_status& x, findings& to) {
  if (x.unplaced == 0)
    to.push_back(fine("variants.placed", fmt::format("all {} have a worker", x.variants)));
  else
    to.push_back({"variants.placed", grade::warn,
                  fmt::format("{} of {} have no worker at this moment", x.unplaced, x.variants),
                  "If that stays so: start workers, or uncordon some."});
}

void examine_workers(const doctor_facts& x, findings& to) {
  if (!x.cluster)
    return;
  auto& all = x.cluster->workers;
  examine_alive(all, to);
  examine_duties(all, to);
  examine_load(all, to);
  examine_versions(x, to);
  examine_placing(*x.cluster, to);
}

void examine_certificate(const certificate_facts& x, time_ms now, findings& to) {
  auto left = x.not_after - now;
  auto advice = "varia ca issue makes a new one.";
  if (x.not_after == 0)
    to.push_back({"certificates", grade::bad, x.path + " cannot be read", advice});
  else if (left <= 0)
    to.push_back({"certificates", grade::bad, x.path + " has ended", advice});
  else {
    auto verdict = left < certificate_bad    ? grade::bad
                   : left < certificate_warn ? grade::warn
                                             : grade::ok;
    to.push_back({"certificates", verdict,
                  fmt::format("{} ends in {}", x.path, in_words(milliseconds{left})),
                  verdict == grade::ok ? "" : advice});
  }
}

} // namespace

const char* to_string(grade x) {
  return grade_words[static_cast<size_t>(x)];
}

findings examine_installation(const doctor_facts& x) {
  findings result;
  examine_redis(x, result);
  examine_coordinators(x, result);
  examine_workers(x, result);
  if (x.certificates.empty())
    result.push_back({"certificates", grade::note, "nodes speak to each other without TLS",
                      "Fine within one host or a private network; see varia ca."});
  for (auto& each : x.certificates)
    examine_certificate(each, x.now, result);
  return result;
}

findings examine_environment(const environment_facts& x) {
  findings result;
  if (x.failing == 0)
    result.push_back(fine("variants.failing", fmt::format("none of {}", x.variants)));
  else {
    std::string names;
    for (auto& each : x.failing_most)
      names += (names.empty() ? ": " : ", ") + each;
    result.push_back({"variants.failing", grade::warn,
                      fmt::format("{} of {}{}", x.failing, x.variants, names),
                      "varia why and varia variants log tell more."});
  }
  if (x.stopped > 0)
    result.push_back({"variants.stopped", grade::warn,
                      fmt::format("{} paused after failures in a row", x.stopped),
                      "When the cause is gone, varia variants start lets them run again."});
  if (x.without_function > 0)
    result.push_back({"variants.functions", grade::note,
                      fmt::format("{} have no function any more", x.without_function),
                      "Deploy it again, or delete them."});
  if (x.dead_letters > 0)
    result.push_back({"webhooks.dead", grade::warn,
                      fmt::format("{} could not be delivered", x.dead_letters),
                      "varia webhooks dead shows them, varia webhooks resend sends them again."});
  else
    result.push_back(fine("webhooks.dead", "there are none"));
  result.push_back(fine("webhooks.waiting", fmt::format("{} wait", x.webhooks_waiting)));
  return result;
}

grade worst_of(const findings& all) {
  auto result = grade::ok;
  for (auto& each : all)
    result = std::max(result, each.verdict);
  return result;
}

} // namespace varia
