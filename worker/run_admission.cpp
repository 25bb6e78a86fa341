#include "worker/run_admission.hpp"

#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <vector>

namespace varia {

namespace {

namespace asio = boost::asio;

// A run counts for so long after it was renewed last: the time that a dead worker's runs stay.
constexpr milliseconds span{10000};
constexpr milliseconds renew_every{3000};

void read_limit(const nlohmann::json& runs, const char* field, uint32_t& limit) {
  auto found = runs.find(field);
  if (found != runs.end() && found->is_number_unsigned())
    limit = found->get<uint32_t>();
}

} // namespace

run_limits read_run_limits(const std::string& settings, const run_limits& defaults) {
  auto result = defaults;
  // Few integrations have limits of their own.
  if (settings.find("\"runs\"") == std::string::npos)
    return result;
  auto parsed = nlohmann::json::parse(settings, nullptr, false);
  auto runs = parsed.is_object() ? parsed.find("runs") : parsed.end();
  if (runs == parsed.end() || !runs->is_object())
    return result;
  read_limit(*runs, "per_connection", result.per_connection);
  read_limit(*runs, "total", result.per_integration);
  return result;
}

run_admission::run_admission(asio::io_context& loop, asio::thread_pool& threads, redis_pool& stores)
  : loop_{loop}, threads_{threads}, stores_{stores}, timer_{loop} {}

expected<gate> run_admission::enter(const gate_pass& pass) {
  if (!pass.limits.are_set())
    return gate::none;
  auto where = stores_.use([&](redis& db) { return gates{db}.enter(pass, span); });
  if (!where || *where != gate::none)
    return where;
  std::lock_guard guard{mutex_};
  inside_[pass.run] = pass;
  if (inside_.size() == 1)
    asio::post(loop_, [this] { plan_renewal(); });
  return where;
}

void run_admission::leave(const std::string& run, bool forget) {
  gate_pass pass;
  {
    std::lock_guard guard{mutex_};
    auto found = inside_.find(run);
    if (found == inside_.end())
      return;
    pass = std::move(found->second);
    inside_.erase(found);
  }
  if (forget)
    return;
  std::lock_guard telling{telling_};
  if (auto left = stores_.use([&](redis& db) { return gates{db}.leave(pass); }); !left)
    spdlog::warn("a run that has ended counts for some seconds yet: {}", describe(left.error()));
}

void run_admission::plan_renewal() {
  timer_.expires_after(renew_every);
  timer_.async_wait([this](boost::system::error_code why) {
    if (!why)
      asio::post(threads_, [this] { renew(); });
  });
}

void run_admission::renew() {
  std::vector<gate_pass> all;
  std::lock_guard telling{telling_};
  {
    std::lock_guard guard{mutex_};
    for (const auto& [run, pass] : inside_)
      all.push_back(pass);
  }
  if (all.empty())
    return;
  if (auto done = stores_.use([&](redis& db) { return gates{db}.renew(all, span); }); !done)
    spdlog::warn("the runs with limits were not renewed: {}", describe(done.error()));
  asio::post(loop_, [this] { plan_renewal(); });
}

} // namespace varia
