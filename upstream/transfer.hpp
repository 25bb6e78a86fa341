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
  /// `config` must outlive it.
  transfer(upstream_request request, upstream::handler done, const upstream_config& config);

  transfer(const transfer&) = delete;
  transfer& operator=(const transfer&) = delete;

  const upstream_request& request() const { return request_; }

  budget_permit permit; ///< Held as long as the transfer lives.

  /// Makes a libcurl handle for the next hop. Returns nullptr, with the result telling why, if the
  /// request cannot be sent.
  CURL* prepare();

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
  static curl_socket_t on_open(void* self, curlsocktype purpose, curl_sockaddr* address);

  std::string address_to_ask() const;
  bool set_options();
  bool set_headers();
  void set_method();
  void take_header(std::string_view line);
  curl_socket_t open_socket(const curl_sockaddr& address);
  void fail_hop(CURLcode code);
  bool follow(std::string location);

  upstream_request request_;
  upstream::handler done_;
  const upstream_config& config_;
  upstream_result result_;
  std::unique_ptr<CURL, free_easy> easy_;
  std::unique_ptr<curl_slist, free_list> headers_;
  std::string origin_;        ///< Where the credentials belong.
  bool at_home_ = true;       ///< Still at that origin.
  bool shows_headers_ = true; ///< Those that are secret, too.
  bool is_too_large_ = false;
  bool has_refused_ = false;  ///< The egress policy did not admit an address of this hop.
  bool has_admitted_ = false; ///< It did admit another one.
  int redirects_ = 0;
};

} // namespace varia
