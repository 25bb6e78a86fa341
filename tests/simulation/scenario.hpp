#pragma once

#include "tests/simulation/ledger.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace varia::test {

/// One history of a cluster, made from a seed: applications and operators at work, and what goes
/// wrong meanwhile. Then all is healed, and everything must come right within a minute.
class scenario {
public:
  explicit scenario(uint64_t seed, store_rules rules = {});

  /// Plays it, and returns what is wrong: nothing if all is well.
  complaints play();

  /// Is told what happens, and with `messages` what processes tell each other.
  void listen(std::function<void(const std::string&)> to, bool messages) {
    all_.time.listener = std::move(to);
    all_.time.traces_messages = messages;
  }

  const cluster& end() const { return all_; }
  const ledger& book() const { return book_; }
  size_t faults() const { return faults_; }

private:
  struct key_state {
    variant_key key;
    std::string id;              ///< As far as applications know.
    std::set<std::string> asked; ///< All ids that it may have had.
    uint64_t busy = 0;           ///< A command is under way.
  };

  world& time() { return all_.time; }
  size_t any_coordinator() { return time().roll(all_.coordinators.size()); }
  process_id any_process();

  void command();
  void create(key_state& key);
  void remove(key_state& key);
  void trigger(key_state& key);
  void pause(key_state& key, bool on);
  void operate();
  void count(const caf::error& why);
  template <class Answer, class Then, class... Words>
  void tell(key_state& key, Then then, const Words&... words);

  void fault();
  void cut(host_id a, host_id b, microseconds span);
  void halt(microseconds span);
  void crash(microseconds span);
  void trouble_redis(microseconds span);
  void restart_worker(microseconds span);

  void heal_all();
  void wake_all();
  std::vector<cluster_status> ask_status();
  complaints settle();

  cluster all_;
  ledger book_;
  std::vector<key_state> keys_;
  std::set<size_t> emptied_; ///< Workers that an operator does not want to be used.
  uint64_t ids_ = 0;
  uint64_t commands_ = 0;
  size_t faults_ = 0;
  bool is_calm_ = false;
};

} // namespace varia::test
