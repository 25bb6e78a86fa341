#include "api/ask_coordinator.hpp"

#include <caf/actor_system.hpp>
#include <caf/scoped_actor.hpp>

#include <utility>

namespace varia {

namespace {

constexpr std::chrono::seconds patience{10};

// Asks from a thread that is no actor and waits for the answer.
template <class Answer>
class asker {
public:
  explicit asker(coordinator_actor coordinator) : coordinator_{std::move(coordinator)} {}

  template <class... Words>
  expected<Answer> operator()(const Words&... words) const {
    expected<Answer> answer{fail(errc::unavailable, "the coordinator does not answer")};
    caf::scoped_actor self{coordinator_->home_system()};
    self->request(coordinator_, patience, words...)
      .receive([&](Answer& x) { answer = std::move(x); },
               [&](caf::error& why) {
                 // CAF's own errors tell an application nothing.
                 if (code_of(why) != errc::unavailable || !detail_of(why).empty())
                   answer = std::move(why);
               });
    return answer;
  }

private:
  coordinator_actor coordinator_;
};

expected<void> without_value(const expected<atom::ok>& answer) {
  if (!answer)
    return answer.error();
  return caf::unit;
}

} // namespace

cluster_commands ask_coordinator(const coordinator_actor& coordinator) {
  using keys = std::vector<variant_key>;
  asker<atom::ok> tell{coordinator};
  asker<variant_entry> ask_entry{coordinator};
  asker<cluster_status> ask_status{coordinator};
  asker<std::vector<planned_move>> ask_moves{coordinator};
  cluster_commands result;
  result.create = [=](const variant_key& key, bool paused, const timing& due) {
    // The id is ours, so that the command may be repeated when its answer is lost.
    return ask_entry(atom::add_v, key, make_uuid(), paused, due);
  };
  result.remove = [=](const variant_key& key) { return without_value(tell(atom::remove_v, key)); };
  asker<batch_result> ask_batch{coordinator};
  result.change = [=](const variant_batch& batch) { return ask_batch(atom::change_v, batch); };
  result.set_limit
    = [=](const limit_change& what) { return without_value(tell(atom::limit_v, what)); };
  result.pause = [=](const keys& which) { return without_value(tell(atom::pause_v, which)); };
  result.start = [=](const keys& which) { return without_value(tell(atom::start_v, which)); };
  result.wake = [=](const keys& which) { return without_value(tell(atom::wake_v, which)); };
  result.trigger = [=](const keys& which, const trigger_options& options) {
    return without_value(tell(atom::trigger_v, which, options));
  };
  result.set_frequency = [=](const variant_key& key, const std::string& text, const timing& due) {
    return without_value(tell(atom::frequency_v, key, text, due));
  };
  result.cancel = [=](const keys& which, const std::string& reason) {
    return without_value(tell(atom::cancel_v, which, reason));
  };
  result.set_schedule = [=](const variant_key& key, const std::string& text,
                            bool replaces_frequency, const timing& due) {
    return without_value(tell(atom::schedule_v, key, text, replaces_frequency, due));
  };
  result.ensure = [=](const std::vector<sync_wish>& wishes) {
    return without_value(tell(atom::ensure_v, wishes));
  };
  result.forget
    = [=](connection_number connection) { return without_value(tell(atom::forget_v, connection)); };
  result.cordon = [=](const std::string& worker, bool on) {
    return without_value(tell(atom::cordon_v, worker, on));
  };
  result.drain = [=](const std::string& worker, milliseconds deadline) {
    return without_value(tell(atom::drain_v, worker, static_cast<uint64_t>(deadline.count())));
  };
  result.move = [=](const variant_key& key, const std::string& worker, milliseconds deadline) {
    return without_value(tell(atom::move_v, key, worker, static_cast<uint64_t>(deadline.count())));
  };
  result.rebalance = [=](bool apply) { return ask_moves(atom::rebalance_v, apply); };
  result.promote
    = [=](const std::string& name) { return without_value(tell(atom::promote_v, name)); };
  result.status = [=] { return ask_status(atom::status_v); };
  return result;
}

} // namespace varia
