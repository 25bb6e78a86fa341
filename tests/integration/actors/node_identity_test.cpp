#include "actors/node_identity.hpp"
#include "tests/support/certificates.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

using namespace varia;

namespace {

struct fixture {
  void refuses(const tls_files& files, const std::string& words) {
    auto loaded = load_identity(files, "w1");
    BOOST_TEST_REQUIRE(!loaded);
    BOOST_TEST((code_of(loaded.error()) == errc::invalid));
    BOOST_TEST_CONTEXT(detail_of(loaded.error()))
    BOOST_TEST(detail_of(loaded.error()).find(words) != std::string::npos);
  }

  static std::string words_of(const expected<void>& refused) {
    BOOST_TEST_REQUIRE(!refused);
    BOOST_TEST((code_of(refused.error()) == errc::invalid));
    return detail_of(refused.error());
  }

  test::authority ours;
  test::authority others;
  test::temporary_folder folder;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(node_identity_test, fixture)

BOOST_AUTO_TEST_CASE(is_nobody_without_files) {
  auto loaded = load_identity({}, "w1");
  BOOST_TEST_REQUIRE(!!loaded);
  BOOST_TEST(!*loaded);
}

BOOST_AUTO_TEST_CASE(wants_all_files_or_none) {
  auto files = ours.files_for("w1");
  refuses({files.ca, {}, {}}, "together or not at all");
  refuses({{}, files.cert, files.key}, "together or not at all");
}

BOOST_AUTO_TEST_CASE(names_setting_and_file_that_cannot_be_read) {
  auto files = ours.files_for("w1");
  refuses({"/nowhere", files.cert, files.key},
          "cluster.tls_ca: /nowhere: cannot be read: No such file");
  refuses({files.ca, files.key, files.key}, "cluster.tls_cert: " + files.key + ": holds no cert");
  refuses({files.ca, files.cert, files.cert}, "cluster.tls_key: " + files.cert + ": holds no priv");
}

BOOST_AUTO_TEST_CASE(refuses_the_key_of_another_certificate) {
  auto files = ours.files_for("w1");
  refuses({files.ca, files.cert, ours.files_for("w2").key}, "is not the key of " + files.cert);
}

BOOST_AUTO_TEST_CASE(refuses_the_certificate_of_another_authority) {
  auto files = others.files_for("w1");
  refuses({ours.file("ca.crt"), files.cert, files.key}, "does not vouch for it");
}

BOOST_AUTO_TEST_CASE(refuses_the_certificate_of_another_name) {
  refuses(ours.files_for("w2"), "is not for \"w1\" but for w2");
}

// The authority's own certificate is for neither end of a connection.
BOOST_AUTO_TEST_CASE(refuses_a_certificate_for_another_purpose) {
  refuses({ours.file("ca.crt"), ours.file("ca.crt"), ours.file("ca.key")}, "cluster.tls_cert");
}

BOOST_AUTO_TEST_CASE(does_not_miss_files_that_go_later) {
  auto files = ours.files_for("w1");
  auto who = load_identity(files, "w1");
  BOOST_TEST_REQUIRE(!!who);
  std::filesystem::remove_all(ours.dir());
  auto proof = (*who)->sign("text");
  BOOST_TEST_REQUIRE(!!proof);
  BOOST_TEST(!!(*who)->verify((*who)->certificate(), "w1", "text", *proof));
}

BOOST_AUTO_TEST_CASE(believes_the_owner_of_a_certificate) {
  auto w1 = ours.identity_of("w1");
  auto c1 = ours.identity_of("c1");
  auto proof = w1->sign("text");
  BOOST_TEST_REQUIRE(!!proof);
  BOOST_TEST(!!c1->verify(w1->certificate(), "w1", "text", *proof));
}

BOOST_AUTO_TEST_CASE(believes_no_other) {
  auto w1 = ours.identity_of("w1");
  auto c1 = ours.identity_of("c1");
  auto proof = *w1->sign("text");
  BOOST_TEST(words_of(c1->verify(w1->certificate(), "w2", "text", proof))
             == "the certificate is not for \"w2\" but for w1");
  auto no_key = "\"w1\" does not have the key of its certificate";
  BOOST_TEST(words_of(c1->verify(w1->certificate(), "w1", "another text", proof)) == no_key);
  BOOST_TEST(words_of(c1->verify(w1->certificate(), "w1", "text", *c1->sign("text"))) == no_key);
  BOOST_TEST(words_of(c1->verify(w1->certificate(), "w1", "text", {})) == no_key);
  BOOST_TEST(words_of(c1->verify({}, "w1", "text", proof)) == "\"w1\" shows no certificate");
  BOOST_TEST(words_of(c1->verify("nonsense", "w1", "text", proof))
             == "\"w1\" shows no certificate");
  auto stranger = others.identity_of("w1");
  auto words = words_of(c1->verify(stranger->certificate(), "w1", "text", *stranger->sign("text")));
  BOOST_TEST(words.find("does not vouch for it") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
