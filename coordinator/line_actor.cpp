#include "coordinator/line_actor.hpp"

#include <caf/actor_system.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace varia {

namespace {

// How long one coordinator may take to answer.
constexpr std::chrono::seconds answer_max{5};

// The DIALER has limits of its own, which are shorter.
constexpr std::chrono::seconds dial_max{30};

// How long to wait before a command is asked again.
constexpr milliseconds pause{50};

// The public interface, and the time to ask again what waits.
using impl_actor = line_actor::extend<caf::reacts_to<atom::tick>>;

struct line_state {
  static inline const char* name = "line";

  line_config config;
  dialer_actor dialer;
  leadership last;          ///< What was heard last.
  coordinator_actor leader; ///< Invalid if nobody is known to lead, or is not in reach.
  bool dialing = false;
  bool ticking = false;
  std::vector<std::function<void()>> waiting; ///< Commands that are to be asked again.
};

using self_ptr = impl_actor::stateful_pointer<line_state>;

void reach_leader(self_ptr self);

void ask_again(self_ptr self, std::function<void()> command) {
  auto& my = self->state;
  my.waiting.push_back(std::move(command));
  if (!std::exchange(my.ticking, true))
    self->delayed_send(self, pause, atom::tick_v);
}

// A refusal by one who does not lead has changed nothing, and one that CAF made up says that the
// answer is lost. All else is the answer.
bool may_help(const caf::error& why) {
  return code_of(why) == errc::fenced
         || (code_of(why) == errc::unavailable && detail_of(why).empty());
}

// One command on its way to whoever leads.
template <class Answer, class... Words>
class errand : public std::enable_shared_from_this<errand<Answer, Words...>> {
public:
  errand(self_ptr self, Words... words)
    : self_{self}, promise_{self->make_response_promise<Answer>()},
      until_{self->state.config.now() + self->state.config.patience.count()}, words_{std::move(
                                                                                words)...} {}

  caf::result<Answer> answer() const { return promise_; }

  void go() {
    if (!self_->state.leader)
      return wait(fail(errc::unavailable, "no coordinator leads at this moment"));
    std::apply(
      [this](const auto&... words) {
        self_->request(self_->state.leader, answer_max, words...)
          .then([me = this->shared_from_this()](
                  Answer& found) { me->promise_.deliver(std::move(found)); },
                [me = this->shared_from_this()](caf::error& why) { me->fail_with(why); });
      },
      words_);
  }

private:
  void fail_with(caf::error& why) {
    if (may_help(why)) {
      answer_lost_ = answer_lost_ || code_of(why) != errc::fenced;
      return wait(fail(errc::unavailable, "the leader cannot be reached"));
    }
    if constexpr (is_removal)
      if (answer_lost_ && code_of(why) == errc::not_found) {
        promise_.deliver(atom::ok_v);
        return;
      }
    promise_.deliver(std::move(why));
  }

  void wait(caf::error last_word) {
    auto& my = self_->state;
    if (my.config.now() >= until_ || my.waiting.size() >= my.config.waiting_max)
      promise_.deliver(std::move(last_word));
    else
      ask_again(self_, [me = this->shared_from_this()] { me->go(); });
  }

  // What is gone when asked for a second time may have been removed the first time.
  static constexpr bool is_removal
    = std::is_same_v<std::tuple<Words...>, std::tuple<atom::remove, variant_key>>;

  self_ptr self_;
  caf::typed_response_promise<Answer> promise_;
  time_ms until_;
  std::tuple<Words...> words_;
  bool answer_lost_ = false;
};

template <class Answer, class... Words>
caf::result<Answer> pass_on(self_ptr self, Words... words) {
  auto command = std::make_shared<errand<Answer, Words...>>(self, std::move(words)...);
  command->go();
  return command->answer();
}

void follow(self_ptr self, const leadership& now, const coordinator_actor& own) {
  auto& my = self->state;
  auto is_same = my.last.leader == now.leader && my.last.epoch == now.epoch;
  my.last = now;
  if (now.leader == my.config.name)
    my.leader = own;
  else if (!is_same)
    my.leader = nullptr;
  reach_leader(self);
}

void reach_leader(self_ptr self) {
  auto& my = self->state;
  if (my.leader || my.dialing || my.last.leader.empty() || my.last.address.empty())
    return;
  my.dialing = true;
  self->request(my.dialer, dial_max, atom::dial_v, my.last.address)
    .then(
      [self, of = my.last](const coordinator_actor& found) {
        self->state.dialing = false;
        if (self->state.last.leader != of.leader)
          return reach_leader(self);
        self->monitor(found);
        self->state.leader = found;
      },
      [self](const caf::error& why) {
        self->state.dialing = false;
        spdlog::warn("the leader at {} cannot be reached: {}", self->state.last.address,
                     describe(why));
      });
}

void tick(self_ptr self) {
  auto& my = self->state;
  my.ticking = false;
  reach_leader(self);
  for (auto& command : std::exchange(my.waiting, {}))
    command();
}

impl_actor::behavior_type line(self_ptr self, line_config config, dialer_actor dialer) {
  self->state.config = std::move(config);
  self->state.dialer = std::move(dialer);
  self->set_down_handler([self](const caf::down_msg& down) {
    auto& my = self->state;
    if (my.leader && down.source == my.leader.address())
      my.leader = nullptr;
  });
  using keys = std::vector<variant_key>;
  using ok = atom::ok;
  return {
    [self](atom::join x, const join_request& who, const node_actor& node) {
      return pass_on<ok>(self, x, who, node);
    },
    [self](atom::report x, const std::string& worker, const worker_load& load) {
      return pass_on<ok>(self, x, worker, load);
    },
    [self](atom::leave x, const std::string& worker, uint64_t deadline) {
      return pass_on<ok>(self, x, worker, deadline);
    },
    [self](atom::lost x, const std::string& worker, const std::string& id, const token& owner) {
      return pass_on<ok>(self, x, worker, id, owner);
    },
    [self](atom::add x, const variant_key& key, const std::string& id, bool paused,
           const timing& due) { return pass_on<variant_entry>(self, x, key, id, paused, due); },
    [self](atom::remove x, const variant_key& key) { return pass_on<ok>(self, x, key); },
    [self](atom::change x, const variant_batch& batch) {
      return pass_on<batch_result>(self, x, batch);
    },
    [self](atom::limit x, const limit_change& what) { return pass_on<ok>(self, x, what); },
    [self](atom::pause x, const keys& which) { return pass_on<ok>(self, x, which); },
    [self](atom::pause x, const keys& which, const std::string& why) {
      return pass_on<ok>(self, x, which, why);
    },
    [self](atom::cancel x, const keys& which, const std::string& why) {
      return pass_on<ok>(self, x, which, why);
    },
    [self](atom::start x, const keys& which) { return pass_on<ok>(self, x, which); },
    [self](atom::trigger x, const keys& which, const trigger_options& options) {
      return pass_on<ok>(self, x, which, options);
    },
    [self](atom::wake x, const keys& which) { return pass_on<ok>(self, x, which); },
    [self](atom::frequency x, const variant_key& key, const std::string& text, const timing& due) {
      return pass_on<ok>(self, x, key, text, due);
    },
    [self](atom::schedule x, const variant_key& key, const std::string& text,
           bool replaces_frequency,
           const timing& due) { return pass_on<ok>(self, x, key, text, replaces_frequency, due); },
    [self](atom::ensure x, const std::vector<sync_wish>& wishes) {
      return pass_on<ok>(self, x, wishes);
    },
    [self](atom::forget x, connection_number which) { return pass_on<ok>(self, x, which); },
    [self](atom::forget x, const sync_id& which) { return pass_on<ok>(self, x, which); },
    [self](atom::cordon x, const std::string& worker, bool on) {
      return pass_on<ok>(self, x, worker, on);
    },
    [self](atom::drain x, const std::string& worker, uint64_t deadline) {
      return pass_on<ok>(self, x, worker, deadline);
    },
    [self](atom::move x, const variant_key& key, const std::string& worker, uint64_t deadline) {
      return pass_on<ok>(self, x, key, worker, deadline);
    },
    [self](atom::rebalance x, bool apply) {
      return pass_on<std::vector<planned_move>>(self, x, apply);
    },
    [self](atom::promote x, const std::string& name) { return pass_on<ok>(self, x, name); },
    [self](atom::status x) { return pass_on<cluster_status>(self, x); },
    [self](atom::lead, const leadership& now, const coordinator_actor& own) {
      follow(self, now, own);
    },
    [self](atom::tick) { tick(self); },
  };
}

} // namespace

line_actor spawn_line(caf::actor_system& system, line_config config, dialer_actor dialer) {
  return system.spawn(line, std::move(config), std::move(dialer));
}

} // namespace varia
