#pragma once

#include "tests/integration/api/api_fixture.hpp"

#include <string>
#include <vector>

namespace varia::test {

/// The API with the variant `v1` of `orders`, and ways to save records and to ask for them.
struct record_fixture : ready_api {
  record_fixture() { create("v1"); }

  static header_map whose() { return {{"connection-id", "c1"}, {"provider-config-key", "orders"}}; }

  api_answer read(const std::string& query) {
    return ask_with(whose(), "GET", "/records?" + query);
  }

  api_answer prune(const json& body) { return ask("PATCH", "/records/prune", body, whose()); }

  /// Saves records with these ids in one batch.
  void save(const run_ticket& ticket, uint64_t batch, const std::vector<std::string>& names,
            int rev = 0, const std::string& model = "Order") {
    std::vector<saved_record> all;
    for (auto& id : names)
      all.push_back({id, "{\"id\":\"" + id + "\",\"rev\":" + std::to_string(rev) + "}"});
    BOOST_REQUIRE(records{db}.save(ticket, batch, model, all));
  }

  void remove(const run_ticket& ticket, uint64_t batch, const std::vector<std::string>& names) {
    std::vector<removed_record> all;
    for (auto& id : names)
      all.push_back({id, "{}", {}});
    BOOST_REQUIRE(records{db}.remove(ticket, batch, "Order", all));
  }

  /// The ids that a query finds, in the order of the answer.
  std::string ids_in(const std::string& query) {
    auto answer = read(query);
    BOOST_REQUIRE_EQUAL(answer.status, 200);
    std::string result;
    auto body = answer.body();
    for (auto& x : body["records"])
      result += x["id"].get<std::string>() + " ";
    return result;
  }

  /// What is wrong with the request, such as `too_small["limit"] `, under this code.
  static std::string faults(const api_answer& answer, const std::string& code) {
    auto body = answer.body();
    BOOST_TEST(answer.status == 400);
    BOOST_TEST(body["error"]["code"] == code);
    std::string result;
    for (auto& x : body["error"]["errors"])
      result += x["code"].get<std::string>() + x["path"].dump() + " ";
    return result;
  }
};

} // namespace varia::test
