#pragma once

#include "api/http.hpp"
#include "store/redis_pool.hpp"
#include "upstream/provider_request.hpp"
#include "upstream/shared_budget.hpp"
#include "upstream/token_keeper.hpp"
#include "upstream/upstream.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace varia {

/// How the API speaks to providers: for `/proxy`, and to renew credentials that are read. It
/// outlives what it is asked, and must not end on a thread of its own: whoever owns it stops it
/// first.
struct provider_access {
  provider_access(const redis_config& store, const upstream_config& config, milliseconds margin,
                  size_t most)
    : stores{store}, out{config, std::make_shared<shared_budget>(store)},
      tokens{stores, out, margin}, calls_max{most} {}

  /// Ends all that is under way. No handler is called after it.
  void stop() {
    tokens.stop();
    out.stop();
  }

  std::atomic<size_t> calls{0};
  std::atomic<uint64_t> last_owner{0};
  redis_pool stores;
  upstream out;
  token_keeper tokens;
  size_t calls_max; ///< Proxied requests at once.
};

/// A deferred answer that is given once: by what it waits for, or by whoever abandons it.
class once_answer : public deferred_answer {
public:
  void begin(std::function<void(http_response)> give) final;
  void abandon() override;

protected:
  /// Starts what is waited for; it ends in `give`.
  virtual void start() = 0;

  void give(http_response response);

private:
  std::mutex mutex_;
  std::function<void(http_response)> give_;
};

/// The answer to a failure of `start_provider_request` or of the token keeper.
http_response refuse_failure(const std::string& failure, const std::string& message);

/// Answers with a connection whose credentials are renewed first.
std::shared_ptr<deferred_answer>
renewed_connection(provider_access& outside, provider_target target, token_need need,
                   std::function<http_response(const connection&)> show);

} // namespace varia
