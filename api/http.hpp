#pragma once

#include "core/error.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varia {

/// JSON as the API speaks it: the keys of an object keep their order.
using json = nlohmann::ordered_json;

/// One request, as the routes see it. Nothing here knows the server library.
struct http_request {
  std::string method;
  std::string path; ///< Without query, still percent-encoded, without trailing slash.
  std::vector<std::pair<std::string, std::string>> query; ///< Decoded, in order, repeats kept.
  std::map<std::string, std::string> headers;             ///< Names in lower case.
  std::string body;
  std::map<std::string, std::string> params; ///< The decoded `:name` parts of the matched route.
  std::string environment;                   ///< The environment that the API key opens.
};

/// One answer. `body` is JSON text (or what `content_type` says).
struct http_response {
  int status = 200;
  std::string body;
  std::string content_type = "application/json; charset=utf-8";
  std::vector<std::pair<std::string, std::string>> headers;
};

/// Whether a route asks for an API key.
enum class access { with_key, open };

/// One line of the API. Routes are data: the server, the tests and the docs read the same table.
struct route {
  std::string method;
  std::string path; ///< Such as "/sync/:name/variant/:variant".
  std::function<http_response(const http_request&)> answer;
  access needs = access::with_key;
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
