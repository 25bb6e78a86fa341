#pragma once

#include "upstream/request_budget.hpp"
#include "upstream/upstream.hpp"

#include <curl/curl.h>

#include <memory>
#include <string>

namespace varia {

/// One request on its way through libcurl, over all its redirects. Belongs to the upstream thread.
class transfer {
public:
  transfer(upstream_request request, upstream::handler done, uint64_t response_bytes_max);

  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  const upstream_request& request() const { return request_; }

  budget_permit permit; ///< Held as long as the transfer lives.

  /// Makes a libcurl handle for the next hop. Returns nullptr, with the result telling why, if the
  /// request cannot be sent.
  CURL* prepare(milliseconds timeout);

  /// Takes in how a hop ended. Returns true if there is another one to `prepare`.
  bool finish_hop(CURLcode code);

  /// Ends the request without an answer.
  void fail_with(std::string code, std::string message);

  /// Calls the handler with what there is. Comes last.
  void deliver() { done_(std::move(result_)); }

private:
  struct free_easy {
    void operator()(CURL* handle) const { ::curl_easy_cleanup(handle); }
  };

  struct free_list {
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
  };

  static size_t on_header(char* data, size_t size, size_t count, void* self);
  static size_t on_body(char* data, size_t size, size_t count, void* self);

  bool set_options(milliseconds timeout);
  bool set_headers();
  void set_method();
  void take_header(std::string_view line);
  bool follow(const std::string& location);

  upstream_request request_;
  upstream::handler done_;
  uint64_t bytes_max_;
  upstream_result result_;
  std::unique_ptr<CURL, free_easy> easy_;
  std::unique_ptr<curl_slist, free_list> headers_;
  std::string origin_;  ///< Where the credentials belong.
  bool at_home_ = true; ///< Still at that origin.
  bool is_too_large_ = false;
  int redirects_ = 0;
};

} // namespace varia
