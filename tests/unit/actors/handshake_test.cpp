#include "actors/handshake.hpp"
#include "actors/system.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace varia;

namespace {

greeting proper() {
  return {cluster_protocol, "0.1.0", "worker", "w1", "0123456789abcdef", "a certificate", {}};
}

std::string refusal(const greeting& other) {
  auto result = judge(other);
  BOOST_TEST_REQUIRE(!result);
  BOOST_TEST((code_of(result.error()) == errc::invalid));
  return detail_of(result.error());
}

} // namespace

BOOST_AUTO_TEST_SUITE(handshake_test)

BOOST_AUTO_TEST_CASE(talks_to_its_own_protocol_whatever_the_software) {
  auto other = proper();
  other.software = "7.1";
  BOOST_TEST(!!judge(other));
}

BOOST_AUTO_TEST_CASE(names_both_versions_when_it_refuses_another_protocol) {
  auto other = proper();
  other.protocol = cluster_protocol + 1;
  other.software = "7.1";
  auto words = refusal(other);
  BOOST_TEST(words.find("w1 (varia 7.1) speaks protocol " + std::to_string(cluster_protocol + 1))
             != std::string::npos);
  BOOST_TEST(words.find(software_version) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(refuses_what_gives_no_proper_name) {
  for (auto* name : {"", "two\nlines", "\x1b[31m"}) {
    auto other = proper();
    other.name = name;
    BOOST_TEST(refusal(other) == "it gives no proper name");
  }
  auto other = proper();
  other.name = std::string(201, 'x');
  refusal(other);
}

BOOST_AUTO_TEST_CASE(refuses_strange_kinds_and_missing_nonces) {
  auto other = proper();
  other.kind = "console";
  refusal(other);
  other = proper();
  other.nonce = "short";
  refusal(other);
}

BOOST_AUTO_TEST_CASE(refuses_what_would_fill_its_memory) {
  auto other = proper();
  other.nonce = std::string(257, 'x');
  refusal(other);
  other = proper();
  other.certificate = std::string(65'537, 'x');
  refusal(other);
}

BOOST_AUTO_TEST_CASE(signs_other_texts_for_other_sides_words_and_nodes) {
  handshake all{proper(), proper(), "node-1", "node-2"};
  std::set<std::string> texts{text_to_sign(side::guest, all), text_to_sign(side::door, all)};
  auto note = [&texts, all](auto change) {
    auto changed = all;
    change(changed);
    texts.insert(text_to_sign(side::guest, changed));
  };
  note([](auto& x) { x.guest.name = "w2"; });
  note([](auto& x) { x.door.name = "w2"; });
  note([](auto& x) { x.guest.nonce += "!"; });
  note([](auto& x) { x.door.nonce += "!"; });
  note([](auto& x) { x.guest.certificate = "another"; });
  note([](auto& x) { x.guest_node = "node-3"; });
  note([](auto& x) { x.door_node = "node-3"; });
  note([](auto& x) {
    x.guest.kind = "work";
    x.guest.name = "er" + x.guest.name;
  });
  BOOST_TEST(texts.size() == 10u);
}

BOOST_AUTO_TEST_SUITE_END()
