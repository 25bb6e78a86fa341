#include "webhooks/incoming_rules.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

constexpr time_ms now = 1'700'000'000'000;

incoming_webhook hook(std::map<std::string, std::string> headers) {
  return {"POST", "https://v.example/webhook/e/k", std::move(headers), {}, R"({"type":"x"})"};
}

std::string judged(const std::string& rules, const incoming_webhook& x, time_ms at = now) {
  return refuse_origin(read_incoming_rules({}, rules, "shh"), x, at).value_or("taken");
}

incoming_facts facts(const std::string& rules, const std::string& body,
                     std::map<std::string, std::string> headers = {}) {
  return read_facts(read_incoming_rules({}, rules, {}), {"POST", {}, std::move(headers), {}, body});
}

const std::string hex = "e0ee30da4c7e24c967e569aa293ff95fa8b50fbef6d571b34c109521dcb5c6d5";
const std::string hex_with_time
  = "065d797e6d84add9f82dbdf19f7d4d7fd6184cc5102c31aac65bd14c9020f623";

} // namespace

// The signatures were computed by Node's crypto with the secret "shh".
BOOST_AUTO_TEST_SUITE(incoming_rules_test)

BOOST_AUTO_TEST_CASE(takes_nothing_without_rules_or_secret) {
  BOOST_TEST(judged("", hook({})) == "webhooks are not taken");
  BOOST_TEST(judged(R"({"scheme":"hmac"})", hook({})) == "webhooks are not taken");
  auto rules = read_incoming_rules(R"({"scheme":"token","header":"X-Token"})", {}, {});
  BOOST_TEST((rules.scheme == incoming_rules::check::disabled));
  BOOST_TEST(judged(R"({"scheme":"none"})", hook({})) == "taken");
}

BOOST_AUTO_TEST_CASE(checks_a_signature_in_a_header) {
  auto rules = R"({"scheme":"hmac","header":"X-Hub-Signature-256","prefix":"sha256="})";
  BOOST_TEST(judged(rules, hook({{"x-hub-signature-256", "sha256=" + hex}})) == "taken");
  BOOST_TEST(judged(rules, hook({{"x-hub-signature-256", hex}})) == "the signature is wrong");
  BOOST_TEST(judged(rules, hook({})) == "the signature is wrong");
  auto forged = hook({{"x-hub-signature-256", "sha256=" + hex}});
  forged.body = R"({"type":"y"})";
  BOOST_TEST(judged(rules, forged) == "the signature is wrong");
}

BOOST_AUTO_TEST_CASE(knows_other_digests_and_base_64) {
  BOOST_TEST(judged(R"({"scheme":"hmac","header":"s","algorithm":"sha1","encoding":"base64"})",
                    hook({{"s", "nYOQ6+QojRTB81Utopjel/leiy4="}}))
             == "taken");
}

BOOST_AUTO_TEST_CASE(a_signed_timestamp_must_be_fresh) {
  auto rules = R"({"scheme":"hmac","header":"s","prefix":"v0=","timestamp_header":"T",)"
               R"("signed":"v0:{timestamp}:{body}"})";
  auto signed_hook = hook({{"s", "v0=" + hex_with_time}, {"t", "1700000000"}});
  BOOST_TEST(judged(rules, signed_hook) == "taken");
  BOOST_TEST(judged(rules, signed_hook, now + 299'000) == "taken");
  BOOST_TEST(judged(rules, signed_hook, now + 301'000) == "the timestamp is too old");
  BOOST_TEST(judged(rules, signed_hook, now - 301'000) == "the timestamp is too old");
  BOOST_TEST(judged(rules, hook({{"s", "v0=" + hex_with_time}})) == "the timestamp is missing");
  BOOST_TEST(judged(rules, hook({{"s", "v0=" + hex_with_time}, {"t", "1700000001"}}))
             == "the signature is wrong");
}

BOOST_AUTO_TEST_CASE(a_header_may_be_a_list_with_several_signatures) {
  auto rules = R"({"scheme":"hmac","header":"s","part":"v1","timestamp_part":"t",)"
               R"("signed":"v0:{timestamp}:{body}"})";
  BOOST_TEST(judged(rules, hook({{"s", "t=1700000000, v1=00,v1=" + hex_with_time}})) == "taken");
  BOOST_TEST(judged(rules, hook({{"s", "t=1700000000,v1=00"}})) == "the signature is wrong");
}

BOOST_AUTO_TEST_CASE(method_and_url_may_be_signed_too) {
  auto rules = R"({"scheme":"hmac","header":"s","encoding":"base64","timestamp_header":"t",)"
               R"("signed":"{method}{url}{body}{timestamp}"})";
  auto x = hook({{"s", "SkNnI22+GHuA3ZsXxU857TdU2/C4oqoJVt1D6pizNI8="}, {"t", "1700000000"}});
  BOOST_TEST(judged(rules, x) == "taken");
}

BOOST_AUTO_TEST_CASE(checks_a_token_in_a_header_or_in_the_query) {
  auto in_header = R"({"scheme":"token","header":"X-Token","prefix":"Bearer "})";
  BOOST_TEST(judged(in_header, hook({{"x-token", "Bearer shh"}})) == "taken");
  BOOST_TEST(judged(in_header, hook({{"x-token", "Bearer shhh"}})) == "the token is wrong");
  auto in_query = R"({"scheme":"token","query":"token"})";
  auto x = hook({});
  BOOST_TEST(judged(in_query, x) == "the token is wrong");
  x.query = {{"token", "shh"}};
  BOOST_TEST(judged(in_query, x) == "taken");
}

BOOST_AUTO_TEST_CASE(own_rules_win_over_those_of_the_provider) {
  auto rules = read_incoming_rules(R"({"scheme":"hmac","header":"A","type_path":"t"})",
                                   R"({"header":"B","tolerance":"10s"})", "shh");
  BOOST_TEST(rules.header == "b");
  BOOST_TEST(rules.type_path == "t");
  BOOST_TEST((rules.tolerance == std::chrono::seconds{10}));
}

BOOST_AUTO_TEST_CASE(reads_what_a_body_says) {
  auto rules = R"({"type_path":"events.0.type","connection_path":"team.id","variant_path":"v",)"
               R"("challenge_path":"challenge"})";
  auto found = facts(rules, R"({"events":[{"type":"a"}],"team":{"id":7},"v":"eu"})");
  BOOST_TEST(found.type == "a");
  BOOST_TEST(found.connection == "7");
  BOOST_TEST(found.variant == "eu");
  BOOST_TEST(found.challenge == "");
  BOOST_TEST(facts(rules, R"({"challenge":"xyz"})").challenge == "xyz");
  BOOST_TEST(facts(rules, R"({"events":{}})").type == "");
  BOOST_TEST(facts(R"({"type_header":"X-Event"})", "{}", {{"x-event", "push"}}).type == "push");
}

BOOST_AUTO_TEST_CASE(a_connection_is_found_by_the_field_that_the_rules_name) {
  auto by = [](const char* rules) { return read_incoming_rules({}, rules, {}).connection_by; };
  BOOST_TEST(by("{}") == "");
  BOOST_TEST(by(R"({"connection_path":"installation.id"})") == "connection_config.id");
  BOOST_TEST(by(R"({"connection_path":"a.id","connection_field":"installation_id"})")
             == "connection_config.installation_id");
  BOOST_TEST(by(R"({"connection_path":"a.id","connection_by":"connection_id"})")
             == "connection_id");
}

BOOST_AUTO_TEST_CASE(a_payload_is_json_whatever_the_body_is) {
  BOOST_TEST(facts("", "{\"a\" : 1}").payload == "{\"a\" : 1}");
  BOOST_TEST(facts("", "a=1&b=%2Fx+y&c",
                   {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}})
               .payload
             == R"({"a":"1","b":"/x y","c":""})");
  BOOST_TEST(facts("", "<a/>").payload == "\"<a/>\"");
  BOOST_TEST(facts("", "").payload == "\"\"");
  BOOST_TEST(facts("", std::string(1000, '[') + std::string(1000, ']')).payload.front() == '"');
}

BOOST_AUTO_TEST_SUITE_END()
