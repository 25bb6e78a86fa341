#pragma once

#include "api/caller.hpp"
#include "api/json.hpp"
#include "api/route_facts.hpp"
#include "core/error.hpp"
#include "core/trace_context.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varia {

/// One request, as the routes see it. Nothing here knows the server library.
struct http_request {
  std::string method;
  bool is_head = false; ///< Asked with HEAD, which routes see as GET.
  std::string target;   ///< Path and query as they came.
  std::string path;     ///< Without query, still percent-encoded, without trailing slash.
  std::vector<std::pair<std::string, std::string>> query; ///< Decoded, in order, repeats kept.
  std::map<std::string, std::string> headers;             ///< Names in lower case.
  std::string body;
  std::map<std::string, std::string> params; ///< The decoded `:name` parts of the matched route.
  std::string environment;                   ///< The environment that the API key opens.
  std::shared_ptr<const caller> from;        ///< Who asks; nobody where no key is needed.
  std::string peer;                          ///< The address that the request came from.
  trace_context trace;                       ///< That came with the request, or began with it.
  bool brought_trace = false;                ///< It came with the request.
};

/// What a stream has to say now.
struct next_chunk {
  std::string bytes;    ///< Empty: nothing for now. Kept in memory until the client has taken it.
  bool is_over = false; ///< The answer ends after `bytes`.
};

/// The body of an answer that comes bit by bit, such as Server-Sent Events. The server calls it on
/// its handler threads, never concurrently, and destroys it on one as soon as the connection ends,
/// whoever ended it. It holds no thread while there is nothing to send.
class body_stream {
public:
  virtual ~body_stream() = default;

  /// Called once, before the first `next`. `wake` says that `next` is worth calling. Any thread may
  /// call it, at any time and as often as it likes, with any lock held, also when the connection or
  /// the server is gone; it only leaves word.
  virtual void on_ready(std::function<void()> wake) = 0;

  /// Called when the headers are sent, again when the client has taken the bytes it gave, after a
  /// wake, and in silence once per heartbeat. May block as long as a round trip to Redis takes.
  /// What it throws cuts the connection off without the end of the body.
  virtual next_chunk next() = 0;

  /// What is sent in silence so that both sides see the connection lives; nothing if it is empty.
  /// By default a comment of Server-Sent Events. Called once, before `on_ready`.
  virtual std::string heartbeat() const { return ": \n\n"; }
};

struct http_response;

/// An answer that somebody else has to be waited for, such as a provider, without holding a thread.
class deferred_answer {
public:
  virtual ~deferred_answer() = default;

  /// Called once, on a handler thread. `give` takes the answer; it is to be called once, from any
  /// thread, and neither blocks nor throws.
  virtual void begin(std::function<void(http_response)> give) = 0;

  /// Says that the client has left or the server ends: the answer is to be given soon, whatever it
  /// is. Called on the network thread, any number of times, also after the answer was given.
  virtual void abandon() = 0;
};

/// One answer. `body` is JSON text (or what `content_type` says).
struct http_response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
  std::shared_ptr<body_stream> stream;       ///< If set it is sent instead of `body`.
  std::shared_ptr<deferred_answer> deferred; ///< If set it gives the answer in place of this one.
};

/// Whether a route asks for an API key, and whether for one that belongs to an environment.
enum class access { with_key, with_any_key, open };

struct noted_rule;

/// One line of the API. Routes are data: the server, the tests and the docs read the same table.
struct route {
  std::string method; ///< "*": any.
  std::string path;   ///< Such as "/sync/:name/variant/:variant"; "*" at the end takes any rest.
  std::function<http_response(const http_request&)> answer;
  access needs = access::with_key;
  bool takes_any_content = false; ///< Bodies need not be JSON.
  route_facts facts = {};
  /// Returns the rules by which it judges requests; empty if it does not say.
  std::function<std::vector<noted_rule>()> rules = {};
};

/// Answers with a JSON value, keys in the order they were put in.
http_response json_answer(int status, const json& body);

/// Decodes "%2F" and the like, and "+" as a blank if `plus_is_blank`. Fails with `invalid` on a
/// percent sign without two hexadecimal digits.
expected<std::string> percent_decode(std::string_view text, bool plus_is_blank = false);

/// Takes a request target such as "/records/?model=A&ids=1&ids=2" apart into path and query. Fails
/// with `invalid` if it does not begin with a slash or is badly encoded.
expected<http_request> parse_target(std::string_view target);

/// The first route that matches, with `params` filled in; nullptr if there is none. The request is
/// one that `parse_target` made.
const route* find_route(const std::vector<route>& routes, http_request& request);

} // namespace varia
