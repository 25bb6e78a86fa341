#include "console/bundle.hpp"

#include "console/exit_code.hpp"

#include <array>
#include <filesystem>
#include <fstream>
#include <string>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

// What is asked for, and the file it goes to. Answers with credentials, settings of webhooks,
// variables and records are none of it.
struct bundled {
  const char* path;
  const char* file;
};

constexpr std::array bundled_answers{
  bundled{"/varia/status", "status.json"},     bundled{"/varia/coordinators", "coordinators.json"},
  bundled{"/varia/workers", "workers.json"},   bundled{"/varia/doctor", "doctor.json"},
  bundled{"/varia/settings", "settings.json"}, bundled{"/varia/rebalance", "rebalance.json"},
  bundled{"/varia/variants", "variants.json"}, bundled{"/varia/functions", "functions.json"},
  bundled{"/varia/budgets", "budgets.json"},   bundled{"/varia/log", "log.json"},
  bundled{"/metrics", "metrics.txt"},          bundled{"/ready", "ready.json"},
};

expected<void> write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  if (!file)
    return fail(errc::invalid, path.string() + ": cannot be written");
  return caf::unit;
}

// Returns whether the server answered with something.
expected<bool> fetch(const client& server, const bundled& what,
                     const std::filesystem::path& folder) {
  auto answer = server.get(what.path);
  if (!answer)
    return std::move(answer.error());
  if (answer->status != 200)
    return false;
  if (auto written = write_file(folder / what.file, answer->body); !written)
    return std::move(written.error());
  return true;
}

expected<void> make_folder(const std::filesystem::path& folder) {
  std::error_code failed;
  if (!std::filesystem::create_directory(folder, failed))
    return fail(errc::invalid, folder.string() + ": "
                                 + (failed ? failed.message() : std::string{"is there already"}));
  std::filesystem::permissions(folder, std::filesystem::perms::owner_all, failed);
  return caf::unit;
}

} // namespace

int run_debug_bundle(const verb_call& call) {
  std::filesystem::path folder{call.values.at("folder")};
  if (auto made = make_folder(folder); !made)
    return give_up(call, made.error());
  auto files = json::array();
  for (auto& each : bundled_answers) {
    auto got = fetch(call.server, each, folder);
    if (!got)
      return give_up(call, got.error());
    files.push_back(
      {{"file", each.file}, {"from", each.path}, {"outcome", *got ? "ok" : "missing"}});
  }
  json answer{{"folder", folder.string()}, {"files", std::move(files)}};
  if (auto written = write_file(folder / "bundle.json", answer.dump(2) + "\n"); !written)
    return give_up(call, written.error());
  print_answer(call, answer);
  return exit_code::ok;
}

} // namespace varia
