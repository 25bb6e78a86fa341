// Two processes under full control load over TLS, both ways, for so many seconds: does it stall,
// does it spin, does anything get lost? Prints one line a minute and the sums at the end.
//
//   tls_soak [SECONDS] [plain]

#include "actors/system.hpp"
#include "console/ca.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <thread>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

constexpr auto window = 128;
constexpr size_t size_min = 200;
constexpr size_t size_max = size_t{64} * 1024;
constexpr auto stall_min = 1s;

struct counters {
  std::atomic<uint64_t> answers{0};
  std::atomic<uint64_t> bytes{0};
  std::atomic<uint64_t> wrong{0};
};

caf::behavior echo() {
  return {[](const std::string& text) { return text; }};
}

struct load_state {
  std::minstd_rand chance{std::random_device{}()};
};

// Most messages are small, as between nodes; a few are as large as they get.
void ask(caf::stateful_actor<load_state>* self, const caf::actor& peer, counters* counts) {
  auto& chance = self->state.chance;
  std::uniform_int_distribution<size_t> small{size_min, 2000};
  std::uniform_int_distribution<size_t> any{size_min, size_max};
  std::string text(chance() % 8 == 0 ? any(chance) : small(chance), 'a');
  text.front() = static_cast<char>('a' + chance() % 26);
  self->request(peer, 60s, text)
    .then(
      [self, peer, counts, text](const std::string& answer) {
        ++counts->answers;
        counts->bytes += 2 * answer.size();
        counts->wrong += answer == text ? 0 : 1;
        ask(self, peer, counts);
      },
      [counts](const caf::error&) { ++counts->wrong; });
}

caf::behavior load(caf::stateful_actor<load_state>* self, const caf::actor& peer,
                   counters* counts) {
  for (auto i = 0; i < window; ++i)
    ask(self, peer, counts);
  return {[](int) {}};
}

double cpu_seconds() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  auto seconds = [](const timeval& x) {
    return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) / 1e6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

// Watches the counters until the end, and tells. Returns the exit status.
int watch(const char* who, counters& counts, std::chrono::seconds span) {
  auto began = clock_type::now();
  auto last = began;
  uint64_t seen = 0;
  auto stalls = 0;
  auto longest = clock_type::duration::zero();
  // How late this thread, which only sleeps, got a processor during a pause, and at most.
  auto late = clock_type::duration::zero();
  auto latest = late;
  auto next_line = began + 60s;
  for (auto now = began; now < began + span; now = clock_type::now()) {
    std::this_thread::sleep_for(20ms);
    late += clock_type::now() - now - 20ms;
    latest = std::max(latest, late);
    auto pause = clock_type::now() - last;
    longest = std::max(longest, pause);
    if (counts.answers != seen) {
      stalls += pause - late > stall_min ? 1 : 0;
      seen = counts.answers;
      last = clock_type::now();
      late = {};
    }
    if (now > next_line) {
      std::printf("%s: %lu answers\n", who, static_cast<unsigned long>(seen));
      std::fflush(stdout);
      next_line += 60s;
    }
  }
  auto seconds = std::chrono::duration<double>(clock_type::now() - began).count();
  auto megabytes = static_cast<double>(counts.bytes) / 1e6;
  std::printf("%s: %lu answers (%.0f/s), %.0f MB (%.0f MB/s), %lu wrong or lost, %d stalls of more "
              "than 1 s, longest pause %.0f ms (measured %.0f ms late), %.0f %% of a processor\n",
              who, static_cast<unsigned long>(seen), static_cast<double>(seen) / seconds, megabytes,
              megabytes / seconds, static_cast<unsigned long>(counts.wrong), stalls,
              std::chrono::duration<double, std::milli>(longest).count(),
              std::chrono::duration<double, std::milli>(latest).count(),
              100 * cpu_seconds() / seconds);
  std::fflush(stdout);
  return counts.wrong == 0 && stalls == 0 && seen > 0 ? 0 : 1;
}

identity_ptr identity(const std::string& dir, const std::string& name, bool plain) {
  if (plain)
    return nullptr;
  return *load_identity({dir + "/ca.crt", dir + "/" + name + ".crt", dir + "/" + name + ".key"},
                        name);
}

// The one that listens; it gets the other's actor in the first message.
int run_server(const identity_ptr& who, int port_out, std::chrono::seconds span) {
  cluster_config config{1s, 5s, who};
  caf::actor_system system{config};
  counters counts;
  auto front = system.spawn([&counts](caf::event_based_actor* self) -> caf::behavior {
    return {[](const std::string& text) { return text; },
            [self, &counts](const caf::actor& peer) { self->spawn(load, peer, &counts); }};
  });
  caf::scoped_actor self{system};
  self
    ->request(network_of(system), 10s, caf::publish_atom_v, uint16_t{0},
              caf::actor_cast<caf::strong_actor_ptr>(front), std::set<std::string>{},
              std::string{"127.0.0.1"}, false)
    .receive(
      [&](uint16_t port) {
        if (write(port_out, &port, sizeof(port)) != sizeof(port))
          std::abort();
      },
      [](const caf::error&) { std::abort(); });
  auto status = watch("server", counts, span);
  std::this_thread::sleep_for(2s);
  _exit(status);
}

int run_client(const identity_ptr& who, int port_in, std::chrono::seconds span) {
  uint16_t port = 0;
  if (read(port_in, &port, sizeof(port)) != sizeof(port))
    return 1;
  cluster_config config{1s, 5s, who};
  caf::actor_system system{config};
  counters counts;
  caf::actor peer;
  caf::scoped_actor self{system};
  self->request(network_of(system), 10s, caf::connect_atom_v, std::string{"127.0.0.1"}, port)
    .receive([&](const caf::node_id&, const caf::strong_actor_ptr& found,
                 const std::set<std::string>&) { peer = caf::actor_cast<caf::actor>(found); },
             [](const caf::error&) { std::abort(); });
  self->send(peer, system.spawn(echo));
  system.spawn(load, peer, &counts);
  _exit(watch("client", counts, span));
}

} // namespace

int main(int argc, char** argv) {
  auto span = std::chrono::seconds{argc > 1 ? std::atoi(argv[1]) : 600};
  auto plain = argc > 2 && std::string{argv[2]} == "plain";
  auto dir = (std::filesystem::temp_directory_path() / "varia-tls-soak-XXXXXX").string();
  if (mkdtemp(dir.data()) == nullptr)
    return 1;
  auto ready = init_authority(dir, 10) && issue_certificate(dir, "server", {}, 10)
               && issue_certificate(dir, "client", {}, 10);
  auto server = identity(dir, "server", plain);
  auto client = identity(dir, "client", plain);
  std::filesystem::remove_all(dir);
  int ports[2];
  if (!ready || pipe(ports) != 0)
    return 1;
  auto child = fork();
  if (child == 0)
    return run_client(client, ports[0], span);
  // The client ends a little earlier, and the server with it.
  return run_server(server, ports[1], span);
}
