#pragma once

#include <string>
#include <utility>
#include <vector>

namespace varia {

/// An error that a route answers beside those that all routes have.
struct route_error {
  int status = 400;
  std::string code;
};

/// What a route says of itself: who may call it, what the audit stream calls it, and what the
/// documentation shows. Written in the route table, as
/// `route_facts{"Pauses syncs"}.scope("environment:syncs:execute").audited("sync.paused")`.
struct route_facts {
  route_facts() = default;
  explicit route_facts(std::string text) : summary{std::move(text)} {}

  /// A key needs one of the scopes that are named. A route without any asks for the scope `*`.
  route_facts&& scope(std::string name) &&;

  /// Calls that succeed are kept in the audit stream under this name.
  route_facts&& audited(std::string what) &&;

  /// The same, in the stream of the whole installation.
  route_facts&& audited_for_all(std::string what) &&;

  /// What a successful answer looks like: JSON text, in which a key that ends in `?` may be
  /// missing and null stands for anything. Empty text: no body.
  route_facts&& answers(int code, std::string text) &&;

  /// An error of its own.
  route_facts&& fails(int code, std::string name) &&;

  std::string summary;
  std::vector<std::string> scopes;
  std::string audit;           ///< Empty: not audited.
  bool audits_for_all = false; ///< Whether that concerns no single environment.
  int status = 200;
  std::string example; ///< Of the answer.
  std::vector<route_error> errors;
};

inline route_facts&& route_facts::scope(std::string name) && {
  scopes.push_back(std::move(name));
  return std::move(*this);
}

inline route_facts&& route_facts::audited(std::string what) && {
  audit = std::move(what);
  return std::move(*this);
}

inline route_facts&& route_facts::audited_for_all(std::string what) && {
  audits_for_all = true;
  return std::move(*this).audited(std::move(what));
}

inline route_facts&& route_facts::answers(int code, std::string text) && {
  status = code;
  example = std::move(text);
  return std::move(*this);
}

inline route_facts&& route_facts::fails(int code, std::string name) && {
  errors.push_back({code, std::move(name)});
  return std::move(*this);
}

} // namespace varia
