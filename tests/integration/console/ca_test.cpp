#include "console/ca.hpp"
#include "core/openssl_handles.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <sstream>

#include <sys/stat.h>

using namespace varia;

namespace {

struct fixture {
  fixture() { BOOST_TEST_REQUIRE(!!init_authority(dir, 10)); }

  x509_ptr certificate(const std::string& name) const {
    bio_ptr file{BIO_new_file((dir + "/" + name).c_str(), "r")};
    BOOST_TEST_REQUIRE(!!file);
    return x509_ptr{PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr)};
  }

  errc refusal(const std::string& name, const std::vector<std::string>& hosts = {}) {
    auto done = issue_certificate(dir, name, hosts, 10);
    BOOST_TEST_REQUIRE(!done);
    BOOST_TEST(!detail_of(done.error()).empty());
    return code_of(done.error());
  }

  mode_t mode_of(const std::string& name) const {
    struct stat found {};
    BOOST_TEST_REQUIRE(stat((dir + "/" + name).c_str(), &found) == 0);
    return found.st_mode & 0777;
  }

  test::temporary_folder folder;
  std::string dir = folder.file("secrets/ca");
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(ca_test, fixture)

BOOST_AUTO_TEST_CASE(keeps_keys_for_their_owner) {
  BOOST_TEST_REQUIRE(!!issue_certificate(dir, "w1", {}, 10));
  BOOST_TEST(mode_of("ca.key") == 0600u);
  BOOST_TEST(mode_of("w1.key") == 0600u);
  BOOST_TEST(mode_of("w1.crt") == 0644u);
  BOOST_TEST(mode_of("") == 0700u);
}

BOOST_AUTO_TEST_CASE(signs_what_it_issues_for_both_ends_of_a_connection) {
  BOOST_TEST_REQUIRE(!!issue_certificate(dir, "w1", {"10.0.0.11", "::1", "w1.example.com"}, 10));
  auto authority = certificate("ca.crt");
  auto node = certificate("w1.crt");
  BOOST_TEST(X509_verify(node.get(), X509_get0_pubkey(authority.get())) == 1);
  BOOST_TEST((X509_get_extended_key_usage(node.get()) & (XKU_SSL_SERVER | XKU_SSL_CLIENT))
             == (XKU_SSL_SERVER | XKU_SSL_CLIENT));
  BOOST_TEST(X509_check_ca(node.get()) == 0);
  BOOST_TEST(X509_check_ca(authority.get()) == 1);
  BOOST_TEST(X509_check_host(node.get(), "w1", 0, 0, nullptr) == 1);
  BOOST_TEST(X509_check_host(node.get(), "w1.example.com", 0, 0, nullptr) == 1);
  BOOST_TEST(X509_check_ip_asc(node.get(), "10.0.0.11", 0) == 1);
  BOOST_TEST(X509_check_ip_asc(node.get(), "::1", 0) == 1);
  BOOST_TEST(X509_check_host(node.get(), "w2", 0, 0, nullptr) == 0);
}

BOOST_AUTO_TEST_CASE(issues_for_so_many_days) {
  BOOST_TEST_REQUIRE(!!issue_certificate(dir, "w1", {}, 3));
  auto in_days = [](int days) { return time(nullptr) + days * 24L * 60 * 60; };
  auto node = certificate("w1.crt");
  auto ends_after = [&](int days) {
    auto when = in_days(days);
    return X509_cmp_time(X509_get0_notAfter(node.get()), &when) > 0;
  };
  BOOST_TEST(ends_after(2));
  BOOST_TEST(!ends_after(4));
}

BOOST_AUTO_TEST_CASE(overwrites_nothing) {
  auto before = folder.read("secrets/ca/ca.key");
  auto again = init_authority(dir, 10);
  BOOST_TEST_REQUIRE(!again);
  BOOST_TEST((code_of(again.error()) == errc::exists));
  BOOST_TEST(folder.read("secrets/ca/ca.key") == before);
  folder.write("secrets/ca/w1.crt", "precious");
  BOOST_TEST((refusal("w1") == errc::exists));
  BOOST_TEST(folder.read("secrets/ca/w1.crt") == "precious");
  // Neither file, or both.
  BOOST_TEST(folder.read("secrets/ca/w1.key").empty());
  BOOST_TEST((refusal("ca") == errc::exists));
}

BOOST_AUTO_TEST_CASE(refuses_what_is_no_name_and_no_host) {
  for (auto* name : {"", "../w1", "a/b", "a b", "a,DNS:b", "-a", ".a", "w\xc3\xb6"})
    BOOST_TEST((refusal(name) == errc::invalid));
  BOOST_TEST((refusal(std::string(65, 'a')) == errc::invalid));
  for (auto* host : {"", "*", "a b", "x,DNS:evil", "10.0.0.0/8"})
    BOOST_TEST((refusal("w1", {host}) == errc::invalid));
  BOOST_TEST(folder.read("secrets/ca/w1.key").empty());
}

BOOST_AUTO_TEST_CASE(says_what_is_wrong_with_an_authority) {
  auto refused = issue_certificate(folder.file("nowhere"), "w1", {}, 10);
  BOOST_TEST(detail_of(refused.error()).find("nowhere/ca.key: cannot be read")
             != std::string::npos);
  folder.write("secrets/ca/ca.key", "no key");
  BOOST_TEST((refusal("w1") == errc::invalid));
}

BOOST_AUTO_TEST_CASE(refuses_the_key_of_another_authority) {
  auto other = folder.file("other");
  BOOST_TEST_REQUIRE(!!init_authority(other, 10));
  folder.write("other/ca.crt", folder.read("secrets/ca/ca.crt"));
  auto refused = issue_certificate(other, "w1", {}, 10);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST(detail_of(refused.error()).find("is not the key") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_verbs_tell_what_they_wrote) {
  std::ostringstream out;
  std::ostringstream err;
  BOOST_TEST(run_ca_init(folder.file("new"), 10, out, err) == 0);
  BOOST_TEST(run_ca_issue({folder.file("new"), {"w1", "w2"}, {}, 10}, out, err) == 0);
  BOOST_TEST(err.str().empty());
  for (auto* name : {"ca", "w1", "w2"})
    BOOST_TEST(out.str().find(folder.file("new/") + name + ".crt\n") != std::string::npos);
  BOOST_TEST(run_ca_issue({folder.file("new"), {"w1"}, {}, 10}, out, err) == 1);
  BOOST_TEST(err.str().find("exists already") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
