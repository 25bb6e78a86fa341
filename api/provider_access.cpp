#include "api/provider_access.hpp"

#include "api/refusals.hpp"

namespace varia {

namespace {

http_response refuse_for_now(const std::string& message) {
  auto result = refuse(503, "service_unavailable", message);
  result.headers.emplace_back("retry-after", "1");
  return result;
}

class renewed_answer : public once_answer, public std::enable_shared_from_this<renewed_answer> {
public:
  renewed_answer(provider_access& outside, provider_target target, token_need need,
                 std::function<http_response(const connection&)> show)
    : outside_{outside}, target_{std::move(target)}, need_{need}, show_{std::move(show)} {}

protected:
  void start() override {
    outside_.tokens.freshen(std::move(target_.link), std::move(target_.rules), need_,
                            [self = shared_from_this()](const token_result& x) {
                              self->give(x.failure.empty() ? self->show_(x.link)
                                                           : refuse_failure(x.failure, x.message));
                            });
  }

private:
  provider_access& outside_;
  provider_target target_;
  token_need need_;
  std::function<http_response(const connection&)> show_;
};

} // namespace

void once_answer::begin(std::function<void(http_response)> give) {
  {
    std::lock_guard guard{mutex_};
    give_ = std::move(give);
  }
  start();
}

void once_answer::abandon() {
  give(refuse_for_now("The request was given up."));
}

void once_answer::give(http_response response) {
  std::function<void(http_response)> give;
  {
    std::lock_guard guard{mutex_};
    give = std::exchange(give_, nullptr);
  }
  if (give)
    give(std::move(response));
}

http_response refuse_failure(const std::string& failure, const std::string& message) {
  if (failure == "invalid_credentials" || failure == "connection_refresh_backoff")
    return refuse(400, failure, message);
  if (failure == "invalid_request")
    return refuse(400, "invalid_request", message);
  if (failure == "not_found")
    return refuse(404, "not_found", message);
  if (failure == "unavailable" || failure == "cancelled")
    return refuse_for_now("Not available at the moment. Try again.");
  return refuse(500, "server_error", failure + ": " + message);
}

std::shared_ptr<deferred_answer>
renewed_connection(provider_access& outside, provider_target target, token_need need,
                   std::function<http_response(const connection&)> show) {
  return std::make_shared<renewed_answer>(outside, std::move(target), need, std::move(show));
}

} // namespace varia
