#include "tests/integration/api/api_fixture.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;
using namespace varia::test;

namespace {

using headers = std::map<std::string, std::string>;

// One row of the contract's tables of errors: a request, and the status and code of its answer.
struct row {
  const char* what;
  const char* method;
  std::string target;
  json body;
  const char* answer;
  headers with = {};
};

const headers known{{"connection-id", "c1"}, {"provider-config-key", "orders"}};
const headers nobody{{"connection-id", "none"}, {"provider-config-key", "orders"}};

json other(const char* key, const char* connection, json more = json::object()) {
  auto result = json{{"provider_config_key", key}, {"connection_id", connection}};
  result.update(more);
  return result;
}

struct fixture : ready_api {
  void play(const std::vector<row>& rows) {
    for (auto& each : rows) {
      auto answer = each.body.is_null() ? ask_with(each.with, each.method, each.target)
                                        : ask(each.method, each.target, each.body, each.with);
      auto body = json::parse(answer.text, nullptr, false);
      auto code = body.is_object() && body.contains("error")
                    ? body["error"]["code"].get<std::string>()
                    : "none";
      BOOST_TEST(std::to_string(answer.status) + " " + code == each.answer, each.what);
    }
  }
};

const json syncs{{"syncs", json::array({"orders"})}};

} // namespace

BOOST_FIXTURE_TEST_SUITE(error_rows_test, fixture)

BOOST_AUTO_TEST_CASE(variants) {
  BOOST_REQUIRE_EQUAL(create("taken").status, 200);
  play({
    {"body", "POST", "/sync/orders/variant/a", json::object(), "400 invalid_body"},
    {"path", "POST", "/sync/orders/variant/a%20b", ids(), "400 invalid_uri_params"},
    {"query", "POST", "/sync/orders/variant/a?x=1", ids(), "400 invalid_query_params"},
    {"reserved", "POST", "/sync/orders/variant/Base", ids(), "400 invalid_variant"},
    {"connection", "POST", "/sync/orders/variant/a", other("orders", "no"),
     "400 unknown_connection"},
    {"integration", "POST", "/sync/orders/variant/a", other("no", "c1"), "400 unknown_connection"},
    {"sync", "POST", "/sync/none/variant/a", ids(), "400 unknown_sync"},
    {"twice", "POST", "/sync/orders/variant/taken", ids(), "400 sync_variant_already_exists"},
    {"delete body", "DELETE", "/sync/orders/variant/a", json::object(), "400 invalid_body"},
    {"delete path", "DELETE", "/sync/orders/variant/a.b", ids(), "400 invalid_uri_params"},
    {"delete query", "DELETE", "/sync/orders/variant/a?x", ids(), "400 invalid_query_params"},
    {"delete base", "DELETE", "/sync/orders/variant/base", ids(), "400 invalid_variant"},
    {"delete of nobody", "DELETE", "/sync/orders/variant/a", other("orders", "no"),
     "400 unknown_connection"},
    {"delete unknown", "DELETE", "/sync/orders/variant/none", ids(), "404 not_found"},
  });
  create("b");
  create("c");
  play({{"cap", "POST", "/sync/orders/variant/d", ids(), "400 resource_capped"},
        {"cap before twice", "POST", "/sync/orders/variant/taken", ids(), "400 resource_capped"}});
}

BOOST_AUTO_TEST_CASE(commands) {
  auto many = json::array();
  for (auto i = 0; i < 257; ++i)
    many.push_back("s" + std::to_string(i));
  for (std::string path : {"/sync/trigger", "/sync/pause", "/sync/start"})
    play({
      {"query", "POST", path + "?x=1", ids(syncs), "400 invalid_query_params"},
      {"body", "POST", path, ids(), "400 invalid_body"},
      {"integration", "POST", path, other("no", "c1", syncs), "400 unknown_provider_config"},
      {"connection", "POST", path, other("orders", "no", syncs), "404 unknown_connection"},
      {"sync", "POST", path, ids({{"syncs", {"none"}}}), "400 no_syncs_found"},
      {"variant", "POST", path, ids({{"syncs", {"orders::none"}}}), "400 no_syncs_found"},
    });
  play({
    {"header",
     "POST",
     "/sync/trigger",
     syncs,
     "400 invalid_headers",
     {{"provider-config-key", "orders/"}}},
    {"no integration", "POST", "/sync/trigger", syncs, "400 missing_provider_config_key"},
    {"both kinds of options", "POST", "/sync/trigger",
     ids({{"syncs", json::array()}, {"opts", json::object()}, {"full_resync", true}}),
     "400 invalid_body"},
    {"too many", "POST", "/sync/pause", ids({{"syncs", many}}), "400 invalid_body"},
    {"no headers here", "POST", "/sync/pause", syncs, "400 invalid_body", known},
  });
}

BOOST_AUTO_TEST_CASE(status_and_frequency) {
  auto put = [](json body) {
    body["frequency"] = body.contains("frequency") ? body["frequency"] : json("every 5m");
    return body;
  };
  auto path = "/sync/update-connection-frequency";
  play({
    {"query", "GET", "/sync/status?syncs=*", nullptr, "400 invalid_query_params"},
    {"connection", "GET", "/sync/status?syncs=*&provider_config_key=orders&connection_id=no",
     nullptr, "400 invalid_body"},
    {"body", "PUT", path, ids(), "400 invalid_body"},
    {"put query", "PUT", std::string{path} + "?x=1", put(ids({{"sync_name", "orders"}})),
     "400 invalid_query_params"},
    {"put connection", "PUT", path, put(other("orders", "no", {{"sync_name", "orders"}})),
     "400 unknown_connection"},
    {"put sync", "PUT", path, put(ids({{"sync_name", "none"}})), "400 unknown_sync"},
    {"put variant", "PUT", path, put(ids({{"sync_name", "orders"}, {"sync_variant", "none"}})),
     "400 unknown_sync"},
    {"put interval", "PUT", path, put(ids({{"sync_name", "orders"}, {"frequency", "29s"}})),
     "400 invalid_body"},
  });
}

BOOST_AUTO_TEST_CASE(records) {
  play({
    {"headers", "GET", "/records?model=Order", nullptr, "400 invalid_headers"},
    {"query", "GET", "/records", nullptr, "400 invalid_query_params", known},
    {"look-back", "GET", "/records?model=Order&modified_after=2020-01-01T00:00:00.000Z", nullptr,
     "400 invalid_query_params", known},
    {"connection", "GET", "/records?model=Order", nullptr, "400 unknown_connection", nobody},
    {"cursor", "GET", "/records?model=Order&cursor=zzz", nullptr, "500 server_error", known},
    {"prune body", "PATCH", "/records/prune", {{"model", "Order"}}, "400 invalid_body", known},
    {"prune headers",
     "PATCH",
     "/records/prune",
     {{"model", "Order"}, {"until_cursor", "x"}},
     "400 invalid_headers"},
    {"prune connection",
     "PATCH",
     "/records/prune",
     {{"model", "Order"}, {"until_cursor", "x"}},
     "400 unknown_connection",
     nobody},
    {"prune cursor",
     "PATCH",
     "/records/prune",
     {{"model", "Order"}, {"until_cursor", "zzz"}},
     "500 server_error",
     known},
  });
}

BOOST_AUTO_TEST_CASE(metadata) {
  auto given = json{{"metadata", {{"a", 1}}}};
  for (auto method : {"POST", "PATCH"})
    for (std::string path : {"/connections/metadata", "/connection/metadata"})
      play({
        {"body", method, path, ids(), "400 invalid_body"},
        {"query", method, path + "?x=1", ids(given), "400 invalid_query_params"},
        {"connection", method, path, other("orders", "no", given), "404 unknown_connection"},
        {"integration", method, path, other("no", "c1", given), "404 unknown_connection"},
        {"one of two",
         method,
         path,
         {{"provider_config_key", "orders"},
          {"connection_id", {"c1", "no"}},
          {"metadata", json::object()}},
         "404 unknown_connection"},
      });
  play({
    {"path",
     "POST",
     "/connection/no/metadata?provider_config_key=orders",
     {{"a", 1}},
     "404 unknown_connection"},
    {"path body", "PATCH", "/connection/c1/metadata?provider_config_key=orders", json::array(),
     "400 invalid_body"},
    {"path integration",
     "PATCH",
     "/connection/c1/metadata",
     {{"a", 1}},
     "400 missing_provider_config_key"},
    {"alias",
     "POST",
     "/metadata",
     {{"connection_id", "no"}, {"metadata", json::object()}},
     "404 unknown_connection"},
  });
}

BOOST_AUTO_TEST_CASE(connections_and_integrations) {
  auto none = json{{"credentials", {{"type", "NONE"}}}};
  auto of = std::string{"?provider_config_key=orders"};
  for (std::string path : {"/connections", "/connection"})
    play({
      {"integration", "POST", path, other("no", "x", none), "404 not_found"},
      {"body", "POST", path, ids(), "400 invalid_body"},
      {"query", "POST", path + "?x=1", ids(none), "400 invalid_query_params"},
      {"type", "POST", path,
       ids({{"credentials", {{"type", "BASIC"}, {"username", ""}, {"password", ""}}}}),
       "400 invalid_body"},
      {"list", "GET", path + "?limit=0", nullptr, "400 invalid_query_params"},
      {"read without", "GET", path + "/c1", nullptr, "400 invalid_query_params"},
      {"read", "GET", path + "/no" + of, nullptr, "404 not_found"},
      {"read of no", "GET", path + "/c1?provider_config_key=no", nullptr,
       "400 unknown_provider_config"},
      {"change", "PATCH", path + "/no" + of, {{"tags", json::object()}}, "404 not_found"},
      {"change body", "PATCH", path + "/c1" + of, {{"odd", 1}}, "400 invalid_body"},
      {"delete", "DELETE", path + "/no" + of, nullptr, "400 unknown_connection"},
    });
  play({
    {"provider",
     "POST",
     "/integrations",
     {{"provider", "no"}, {"unique_key", "a"}},
     "400 invalid_body"},
    {"twice",
     "POST",
     "/integrations",
     {{"provider", "basic"}, {"unique_key", "orders"}},
     "400 invalid_body"},
    {"read", "GET", "/integrations/no", nullptr, "404 not_found"},
    {"include", "GET", "/integrations/orders?include=x", nullptr, "400 invalid_query_params"},
    {"change", "PATCH", "/integrations/no", {{"display_name", "x"}}, "404 not_found"},
    {"delete", "DELETE", "/integrations/no", nullptr, "404 not_found"},
  });
}

BOOST_AUTO_TEST_CASE(what_all_routes_have_in_common) {
  play({{"path", "GET", "/nothing", nullptr, "404 not_found"},
        {"method", "PATCH", "/sync/orders/variant/a", ids(), "404 not_found"},
        {"proxy", "GET", "/proxy/x", nullptr, "400 invalid_headers"},
        {"proxy integration",
         "GET",
         "/proxy/x",
         nullptr,
         "400 unknown_provider_config",
         {{"connection-id", "c1"}, {"provider-config-key", "no"}}},
        {"proxy connection", "GET", "/proxy/x", nullptr, "400 unknown_connection", nobody}});
  auto typed = [&](const char* type, const std::string& body) {
    auto answer = send("POST", "/sync/trigger", body, {{"content-type", type}});
    return std::to_string(answer.status) + " " + answer.body()["error"]["code"].get<std::string>();
  };
  BOOST_TEST(typed("text/plain", "x") == "415 invalid_content_type");
  BOOST_TEST(typed("application/json; charset=utf-8", "{") == "400 invalid_json");
  BOOST_TEST(typed("application/json", R"("text")") == "400 invalid_json");
  BOOST_TEST(!parse_target("/sync/%E0%A4%A"));
}

BOOST_AUTO_TEST_SUITE_END()
