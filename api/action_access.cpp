#include "api/action_access.hpp"

#include "api/refusals.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace varia {

namespace {

namespace asio = boost::asio;

class action_call : public once_answer, public std::enable_shared_from_this<action_call> {
public:
  action_call(action_access& access, action_order order)
    : access_{access}, order_{std::move(order)} {}

  void abandon() override {
    access_.waits.give_up(order_.id);
    once_answer::abandon();
  }

protected:
  void start() override {
    auto give_outcome = [self = shared_from_this()](const expected<action_state>& how) {
      self->give(response_of(answer_of(how)));
    };
    access_.waits.wait(order_, give_outcome);
    auto put = access_.stores.use(
      [this](redis& db) { return actions{db}.put(order_, access_.rules.limits); });
    if (!put)
      access_.waits.fail_with(order_.id, put.error());
  }

private:
  action_access& access_;
  action_order order_;
};

class event_calls : public once_answer, public std::enable_shared_from_this<event_calls> {
public:
  event_calls(action_access& access, std::vector<action_order> orders, event_sequel then)
    : access_{access}, orders_{std::move(orders)}, then_{std::move(then)} {}

protected:
  void start() override {
    asio::post(access_.work, [self = shared_from_this()] { self->go_on(); });
  }

private:
  void go_on() {
    if (next_ == orders_.size())
      return end(std::nullopt);
    const auto& order = orders_[next_++];
    auto hear = [self = shared_from_this()](const expected<action_state>& how) {
      std::optional<action_answer> failure;
      if (!how || how->phase != action_phase::success)
        failure = answer_of(how);
      asio::post(self->access_.work, [self, failure] { self->hear(failure); });
    };
    access_.waits.wait(order, hear);
    auto put
      = access_.stores.use([&](redis& db) { return actions{db}.put(order, access_.rules.limits); });
    if (!put)
      access_.waits.fail_with(order.id, put.error());
  }

  void hear(const std::optional<action_answer>& failure) {
    if (failure)
      end(failure);
    else
      go_on();
  }

  void end(const std::optional<action_answer>& failure) {
    expected<http_response> result = access_.stores.use(
      [&](redis& db) -> expected<http_response> { return then_(db, failure); });
    give(result ? std::move(*result) : refuse_error(result.error()));
  }

  action_access& access_;
  std::vector<action_order> orders_;
  event_sequel then_;
  size_t next_ = 0;
};

} // namespace

http_response response_of(const action_answer& x) {
  http_response result;
  result.status = x.status;
  result.body = x.body;
  if (x.status == 429 || x.status == 503)
    result.headers.emplace_back("retry-after", "1");
  return result;
}

std::shared_ptr<deferred_answer> called_action(action_access& access, action_order order) {
  return std::make_shared<action_call>(access, std::move(order));
}

std::shared_ptr<deferred_answer>
called_events(action_access& access, std::vector<action_order> orders, event_sequel then) {
  return std::make_shared<event_calls>(access, std::move(orders), std::move(then));
}

expected<std::vector<action_order>> orders_for_event(redis& db, const action_access& access,
                                                     const connection& of, const std::string& event,
                                                     const trace_context& trace) {
  auto all = functions{db}.list(of.environment, of.provider_config_key, function_kind::on_event);
  if (!all)
    return std::move(all.error());
  std::vector<action_order> result;
  for (auto& each : *all)
    if (each.event == event)
      result.emplace_back(order_call(of, each, access.rules)).trace = to_text(trace.child());
  return result;
}

} // namespace varia
