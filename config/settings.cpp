#include "config/settings.hpp"

#include "config/setting_values.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

namespace varia {

namespace {

struct setting {
  const char* name;
  setting_value (*of)(settings&);
  uint64_t minimum = 0; ///< Of numbers, and of durations in milliseconds.
  std::vector<std::string_view> choices = {};
  std::vector<std::string_view> prefixes = {};
};

// Every setting, once: file, environment and flags all go through this table.
const std::vector<setting> table = {
  {"redis.url",
   [](settings& s) -> setting_value { return &s.redis.url; },
   0,
   {},
   {"redis://", "redis+sentinel://", "unix://"}},
  {"redis.timeout", [](settings& s) -> setting_value { return &s.redis.timeout; }, 1},
  {"redis.key_file", [](settings& s) -> setting_value { return &s.redis.key_file; }},
  {"http.listen", [](settings& s) -> setting_value { return &s.http.listen; }},
  {"http.public_url", [](settings& s) -> setting_value { return &s.http.public_url; }},
  {"http.threads", [](settings& s) -> setting_value { return &s.http.threads; }, 1},
  {"http.body_bytes_max", [](settings& s) -> setting_value { return &s.http.body_bytes_max; }, 1},
  {"http.request_timeout", [](settings& s) -> setting_value { return &s.http.request_timeout; }, 1},
  {"http.proxy_calls_max", [](settings& s) -> setting_value { return &s.http.proxy_calls_max; }},
  {"http.calls_per_minute", [](settings& s) -> setting_value { return &s.http.calls_per_minute; }},
  {"http.metrics",
   [](settings& s) -> setting_value { return &s.http.metrics; },
   0,
   {"key", "open", "off"}},
  {"http.dashboard", [](settings& s) -> setting_value { return &s.http.dashboard; }},
  {"http.session_for", [](settings& s) -> setting_value { return &s.http.session_for; }, 1000},
  {"cluster.listen", [](settings& s) -> setting_value { return &s.cluster.listen; }},
  {"cluster.advertise", [](settings& s) -> setting_value { return &s.cluster.advertise; }},
  {"cluster.join", [](settings& s) -> setting_value { return &s.cluster.join; }},
  {"cluster.lease", [](settings& s) -> setting_value { return &s.cluster.lease; }, 1000},
  {"cluster.heartbeat", [](settings& s) -> setting_value { return &s.cluster.heartbeat; }, 1},
  {"cluster.silence_max", [](settings& s) -> setting_value { return &s.cluster.silence_max; }, 1},
  {"cluster.placements_per_s",
   [](settings& s) -> setting_value { return &s.cluster.placements_per_s; }, 10},
  {"cluster.spread_label", [](settings& s) -> setting_value { return &s.cluster.spread_label; }},
  {"cluster.rebalance", [](settings& s) -> setting_value { return &s.cluster.rebalance; }},
  {"cluster.name", [](settings& s) -> setting_value { return &s.cluster.name; }},
  {"cluster.tls_ca", [](settings& s) -> setting_value { return &s.cluster.tls_ca; }},
  {"cluster.tls_cert", [](settings& s) -> setting_value { return &s.cluster.tls_cert; }},
  {"cluster.tls_key", [](settings& s) -> setting_value { return &s.cluster.tls_key; }},
  {"variants.per_sync_max", [](settings& s) -> setting_value { return &s.variants.per_sync_max; }},
  {"variants.undelete_for", [](settings& s) -> setting_value { return &s.variants.undelete_for; }},
  {"variants.delete_max_percent",
   [](settings& s) -> setting_value { return &s.variants.delete_max_percent; }},
  {"variants.discover_every",
   [](settings& s) -> setting_value { return &s.variants.discover_every; }},
  {"variants.partition_grace",
   [](settings& s) -> setting_value { return &s.variants.partition_grace; }},
  {"limits.runs_per_connection",
   [](settings& s) -> setting_value { return &s.limits.runs_per_connection; }},
  {"limits.runs_per_integration",
   [](settings& s) -> setting_value { return &s.limits.runs_per_integration; }},
  {"records.deletions_max_percent",
   [](settings& s) -> setting_value { return &s.records.deletions_max_percent; }, 1},
  {"records.prune_after", [](settings& s) -> setting_value { return &s.records.prune_after; }},
  {"records.purge_after", [](settings& s) -> setting_value { return &s.records.purge_after; }},
  {"records.retention_interval",
   [](settings& s) -> setting_value { return &s.records.retention_interval; }, 1000},
  {"worker.name", [](settings& s) -> setting_value { return &s.worker.name; }},
  {"worker.stop_deadline", [](settings& s) -> setting_value { return &s.worker.stop_deadline; }},
  {"worker.runs_max", [](settings& s) -> setting_value { return &s.worker.runs_max; }},
  {"worker.labels", [](settings& s) -> setting_value { return &s.worker.labels; }},
  {"worker.metrics_listen", [](settings& s) -> setting_value { return &s.worker.metrics_listen; }},
  {"runtime.dir", [](settings& s) -> setting_value { return &s.runtime.dir; }},
  {"runtime.node", [](settings& s) -> setting_value { return &s.runtime.node; }},
  {"runtime.processes", [](settings& s) -> setting_value { return &s.runtime.processes; }, 1},
  {"runtime.slots", [](settings& s) -> setting_value { return &s.runtime.slots; }, 1},
  {"runtime.trust_domain",
   [](settings& s) -> setting_value { return &s.runtime.trust_domain; },
   0,
   {"environment", "connection", "function"}},
  {"runtime.sandbox",
   [](settings& s) -> setting_value { return &s.runtime.sandbox; },
   0,
   {"auto", "bwrap", "namespaces", "none"}},
  {"runtime.run_limit", [](settings& s) -> setting_value { return &s.runtime.run_limit; }, 1},
  {"runtime.cancel_grace", [](settings& s) -> setting_value { return &s.runtime.cancel_grace; }},
  {"runtime.hang_max", [](settings& s) -> setting_value { return &s.runtime.hang_max; }, 1000},
  {"runtime.memory_mb", [](settings& s) -> setting_value { return &s.runtime.memory_mb; }, 16},
  {"runtime.buffers_mb", [](settings& s) -> setting_value { return &s.runtime.buffers_mb; }, 64},
  {"runtime.schema_policy",
   [](settings& s) -> setting_value { return &s.runtime.schema_policy; },
   0,
   {"off", "warn", "reject"}},
  {"upstream.timeout", [](settings& s) -> setting_value { return &s.upstream.timeout; }, 1},
  {"upstream.connections_per_host",
   [](settings& s) -> setting_value { return &s.upstream.connections_per_host; }, 1},
  {"upstream.response_bytes_max",
   [](settings& s) -> setting_value { return &s.upstream.response_bytes_max; }, 1},
  {"upstream.token_margin", [](settings& s) -> setting_value { return &s.upstream.token_margin; }},
  {"upstream.allow", [](settings& s) -> setting_value { return &s.upstream.allow; }},
  {"upstream.refuse", [](settings& s) -> setting_value { return &s.upstream.refuse; }},
  {"upstream.origin_override",
   [](settings& s) -> setting_value { return &s.upstream.origin_override; }},
  {"upstream.trace_context",
   [](settings& s) -> setting_value { return &s.upstream.trace_context; }},
  {"actions.slots", [](settings& s) -> setting_value { return &s.actions.slots; }, 1},
  {"actions.queued_slots", [](settings& s) -> setting_value { return &s.actions.queued_slots; }, 1},
  {"actions.run_limit", [](settings& s) -> setting_value { return &s.actions.run_limit; }, 1},
  {"actions.keep_for", [](settings& s) -> setting_value { return &s.actions.keep_for; }, 1000},
  {"actions.waiting_max", [](settings& s) -> setting_value { return &s.actions.waiting_max; }, 1},
  {"webhooks.timeout", [](settings& s) -> setting_value { return &s.webhooks.timeout; }, 1},
  {"webhooks.tries_max", [](settings& s) -> setting_value { return &s.webhooks.tries_max; }, 1},
  {"webhooks.first_wait", [](settings& s) -> setting_value { return &s.webhooks.first_wait; }, 1},
  {"webhooks.longest_wait", [](settings& s) -> setting_value { return &s.webhooks.longest_wait; },
   1},
  {"webhooks.age_max", [](settings& s) -> setting_value { return &s.webhooks.age_max; }, 1},
  {"webhooks.incoming_per_minute",
   [](settings& s) -> setting_value { return &s.webhooks.incoming_per_minute; }},
  {"webhooks.incoming_bytes_max",
   [](settings& s) -> setting_value { return &s.webhooks.incoming_bytes_max; }, 1},
  {"logs.level",
   [](settings& s) -> setting_value { return &s.logs.level; },
   0,
   {"debug", "info", "warn", "error"}},
  {"logs.lines_per_run_max", [](settings& s) -> setting_value { return &s.logs.lines_per_run_max; },
   1},
  {"logs.bytes_per_run_max", [](settings& s) -> setting_value { return &s.logs.bytes_per_run_max; },
   1},
  {"logs.keep_runs", [](settings& s) -> setting_value { return &s.logs.keep_runs; }, 1},
  {"logs.keep_for", [](settings& s) -> setting_value { return &s.logs.keep_for; }, 1000},
  {"log.level",
   [](settings& s) -> setting_value { return &s.log.level; },
   0,
   {"debug", "info", "warn", "error"}},
  {"log.format", [](settings& s) -> setting_value { return &s.log.format; }},
  {"catalogue.providers", [](settings& s) -> setting_value { return &s.catalogue.providers; }},
};

const setting* find_setting(std::string_view name) {
  auto i = std::find_if(table.begin(), table.end(), [&](auto& x) { return x.name == name; });
  return i == table.end() ? nullptr : &*i;
}

bool is_section(const std::string& name) {
  return std::any_of(table.begin(), table.end(), [&](auto& x) {
    return std::string_view{x.name}.substr(0, name.size() + 1) == name + ".";
  });
}

std::string variable_of(const setting& x) {
  auto result = "VARIA_" + std::string{x.name};
  for (auto& c : result)
    c = c == '.' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return result;
}

bool starts_with_any(const std::string& text, const std::vector<std::string_view>& prefixes) {
  return prefixes.empty() || std::any_of(prefixes.begin(), prefixes.end(), [&](auto& x) {
           return text.compare(0, x.size(), x) == 0;
         });
}

// The values themselves stay out of all faults: a Redis URL may carry a password.
expected<void> assign(settings& result, const setting& which, const std::string& text) {
  auto list = [](auto& words) {
    std::string joined;
    for (auto& word : words)
      joined += (joined.empty() ? "" : ", ") + std::string{word};
    return joined;
  };
  if (auto& choices = which.choices;
      !choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
    return fail(errc::invalid, "wants one of " + list(choices));
  if (!starts_with_any(text, which.prefixes))
    return fail(errc::invalid, "wants a text that starts with one of " + list(which.prefixes));
  return parse_value(which.of(result), text, which.minimum);
}

/// Applies sources to the settings and remembers all that is wrong with them.
// Variables of the console, and the one that names the file.
bool is_not_a_setting(const std::string& variable) {
  static const std::set<std::string> others{"VARIA_API_KEY", "VARIA_API_KEY_FILE", "VARIA_CONFIG",
                                            "VARIA_CONTEXT", "VARIA_URL"};
  return others.count(variable) > 0;
}

class reader {
public:
  void read_file(const std::string& path) {
    std::ifstream stream{path};
    if (!stream) {
      faults_.push_back(path + ": cannot be read");
      return;
    }
    try {
      read_sections(path, toml::parse(stream, path));
    } catch (const toml::parse_error& what) {
      faults_.push_back(place(path, what.source()) + std::string{what.description()});
    }
    // The parser hands tables out in alphabetical order; people read files from the top.
    std::stable_sort(located_.begin(), located_.end(),
                     [](auto& a, auto& b) { return a.first < b.first; });
    for (auto& [line, text] : located_)
      faults_.push_back(std::move(text));
  }

  void read_environment(const std::map<std::string, std::string>& variables) {
    for (auto& [name, text] : variables) {
      if (is_not_a_setting(name))
        continue;
      auto i = std::find_if(table.begin(), table.end(),
                            [&, n = name](auto& x) { return variable_of(x) == n; });
      note(name,
           i == table.end() ? fail(errc::invalid, "is no setting") : assign(result_, *i, text));
    }
  }

  void read_flags(const std::map<std::string, std::string>& flags) {
    for (auto& [name, text] : flags) {
      auto which = find_setting(name);
      note("flag " + name,
           which == nullptr ? fail(errc::invalid, "is no setting") : assign(result_, *which, text));
    }
  }

  expected<settings> result() const {
    if (faults_.empty())
      return result_;
    std::string all;
    for (auto& fault : faults_)
      all += (all.empty() ? "" : "\n") + fault;
    return fail(errc::invalid, all);
  }

private:
  static std::string place(const std::string& path, const toml::source_region& where) {
    return path + ":" + std::to_string(where.begin.line) + ": ";
  }

  void note(const std::string& where, const expected<void>& outcome) {
    if (!outcome)
      faults_.push_back(where + ": " + detail_of(outcome.error()));
  }

  // Settings lie two levels deep: a section, and a key in it.
  void read_sections(const std::string& path, const toml::table& sections) {
    for (auto&& [name, content] : sections) {
      std::string section{name.str()};
      if (!content.is_table() || !is_section(section)) {
        note_line(path, name, section, "is no setting");
        continue;
      }
      for (auto&& [key, value] : *content.as_table())
        read_key(path, key, std::string{section}.append(".").append(key.str()), value);
    }
  }

  void read_key(const std::string& path, const toml::key& key, const std::string& name,
                const toml::node& value) {
    if (auto which = find_setting(name); which == nullptr)
      note_line(path, key, name, "is no setting");
    else if (auto assigned = read_value(*which, value); !assigned)
      note_line(path, key, name, detail_of(assigned.error()));
  }

  void note_line(const std::string& path, const toml::key& key, const std::string& name,
                 const std::string& fault) {
    located_.emplace_back(key.source().begin.line,
                          place(path, key.source()).append(name).append(": ").append(fault));
  }

  expected<void> read_value(const setting& which, const toml::node& value) {
    if (auto flag = value.value_exact<bool>(); flag && is_flag(which.of(result_)))
      return assign(result_, which, *flag ? "true" : "false");
    if (auto number = value.value_exact<int64_t>(); number && is_number(which.of(result_)))
      return assign(result_, which, std::to_string(*number));
    if (auto text = value.value_exact<std::string>();
        text && !is_number(which.of(result_)) && !is_flag(which.of(result_)))
      return assign(result_, which, *text);
    return fail(errc::invalid, wanted(which.of(result_), which.minimum));
  }

  settings result_;
  std::vector<std::string> faults_;
  std::vector<std::pair<toml::source_index, std::string>> located_; ///< Faults by line.
};

} // namespace

expected<settings> read_settings(const settings_sources& sources) {
  reader result;
  if (!sources.file.empty())
    result.read_file(sources.file);
  result.read_environment(sources.environment);
  result.read_flags(sources.flags);
  return result.result();
}

std::map<std::string, std::string> settings_as_text(const settings& x) {
  std::map<std::string, std::string> result;
  auto copy = x;
  for (auto& which : table)
    result.emplace(which.name, render_value(which.of(copy)));
  return result;
}

std::map<std::string, std::string> varia_environment() {
  std::map<std::string, std::string> result;
  for (auto entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string text{*entry};
    if (auto mark = text.find('='); mark != std::string::npos && text.rfind("VARIA_", 0) == 0)
      result.emplace(text.substr(0, mark), text.substr(mark + 1));
  }
  return result;
}

} // namespace varia
