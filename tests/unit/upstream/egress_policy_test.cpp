#include "upstream/egress_policy.hpp"

#include <boost/test/unit_test.hpp>

#include <netinet/in.h>

using namespace varia;

namespace {

bool admits(const egress_policy& policy, const std::string& address,
            const std::string& host = "api.example.com") {
  auto parsed = parse_address(address);
  BOOST_REQUIRE_MESSAGE(parsed.has_value(), address);
  return policy.admits(*parsed, host);
}

egress_policy policy_of(const std::string& allowed, const std::string& refused = {}) {
  auto result = egress_policy::make(allowed, refused);
  BOOST_REQUIRE(result);
  return *result;
}

} // namespace

BOOST_AUTO_TEST_SUITE(egress_policy_test)

BOOST_AUTO_TEST_CASE(admits_what_is_public) {
  for (auto address :
       {"1.1.1.1",          "8.8.8.8",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",      "126.255.255.255", "128.0.0.1",     "169.253.255.255", "172.15.255.255",
        "172.32.0.0",       "192.167.255.255", "192.169.0.0",   "198.17.255.255",  "198.20.0.0",
        "223.255.255.255",  "2606:4700::1111", "2001:200::1",   "2a00:1450::1",    "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8", "2002:808:808::1"})
    BOOST_TEST(admits({}, address), address);
}

BOOST_AUTO_TEST_CASE(refuses_everything_else_of_version_4) {
  for (auto address : {"0.0.0.0",         "0.1.2.3",         "10.0.0.1",        "10.255.255.255",
                       "100.64.0.1",      "100.100.100.200", "100.127.255.255", "127.0.0.1",
                       "127.255.255.254", "169.254.0.1",     "169.254.169.254", "172.16.0.1",
                       "172.31.255.255",  "192.0.0.192",     "192.0.2.1",       "192.88.99.1",
                       "192.168.0.1",     "198.18.0.1",      "198.19.255.255",  "198.51.100.1",
                       "203.0.113.1",     "224.0.0.1",       "239.255.255.255", "240.0.0.1",
                       "255.255.255.255", "168.63.129.16"})
    BOOST_TEST(!admits({}, address), address);
}

BOOST_AUTO_TEST_CASE(refuses_everything_else_of_version_6) {
  for (auto address : {"::", "::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1", "febf::1",
                       "fec0::1", "ff02::1", "100::1", "2001::1", "2001:db8::1", "3fff::1",
                       "5f00::1", "4000::1", "64:ff9b:1::1", "::ffff:0:1.1.1.1"})
    BOOST_TEST(!admits({}, address), address);
}

BOOST_AUTO_TEST_CASE(sees_through_the_forms_that_hold_an_address_of_version_4) {
  for (auto address :
       {"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "::8.8.8.8",
        "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::192.168.1.1", "2002:7f00:1::1",
        "2002:a00:1::", "2002:a9fe:a9fe::"})
    BOOST_TEST(!admits({}, address), address);
}

BOOST_AUTO_TEST_CASE(admits_what_is_allowed_and_nothing_beside_it) {
  auto policy = policy_of("127.0.0.1, 10.2.0.0/15,fd12::/16");
  for (auto address : {"127.0.0.1", "::ffff:127.0.0.1", "10.2.0.1", "10.3.255.255", "fd12::7"})
    BOOST_TEST(admits(policy, address), address);
  for (auto address : {"127.0.0.2", "10.1.255.255", "10.4.0.0", "fd13::7", "::1"})
    BOOST_TEST(!admits(policy, address), address);
}

BOOST_AUTO_TEST_CASE(allows_a_host_by_name_wherever_it_lies) {
  auto policy = policy_of("files.internal,LocalHost");
  BOOST_TEST(admits(policy, "10.0.0.9", "Files.Internal"));
  BOOST_TEST(admits(policy, "::1", "localhost"));
  BOOST_TEST(!admits(policy, "10.0.0.9", "other.files.internal"));
}

BOOST_AUTO_TEST_CASE(lets_refusing_win_over_allowing) {
  auto policy = policy_of("127.0.0.0/8,inner.example", "127.0.0.2,8.8.0.0/16,inner.example");
  BOOST_TEST(admits(policy, "127.0.0.1"));
  BOOST_TEST(!admits(policy, "127.0.0.2"));
  BOOST_TEST(!admits(policy, "::ffff:127.0.0.2"));
  BOOST_TEST(!admits(policy, "8.8.8.8"));
  BOOST_TEST(!admits(policy, "64:ff9b::8.8.8.8"));
  BOOST_TEST(!admits(policy, "1.1.1.1", "inner.example"));
  BOOST_TEST(!admits(policy, "1.1.1.1", "Inner.example."));
}

BOOST_AUTO_TEST_CASE(takes_ranges_of_any_width) {
  auto all = policy_of("0.0.0.0/0,::/0");
  BOOST_TEST(admits(all, "127.0.0.1"));
  BOOST_TEST(admits(all, "fe80::1"));
  auto odd = policy_of("", "1.128.0.0/9");
  BOOST_TEST(admits(odd, "1.127.255.255"));
  BOOST_TEST(!admits(odd, "1.128.0.0"));
}

BOOST_AUTO_TEST_CASE(names_the_part_that_is_no_address) {
  for (std::string text : {"127.0.0.1/33", "::/129", "127.0.0.1/", "1.2.3", "0x7f.1", "a b",
                           "127.0.0.1,,::1", "http://a", "10.0.0.0/-1"}) {
    auto policy = egress_policy::make(text, "");
    BOOST_REQUIRE_MESSAGE(!policy, text);
    BOOST_TEST((code_of(policy.error()) == errc::invalid));
    BOOST_TEST(!egress_policy::make("", text));
  }
  BOOST_TEST(detail_of(egress_policy::make("::1,1.2.3", "").error()).find("'1.2.3'")
             != std::string::npos);
}

BOOST_AUTO_TEST_CASE(reads_the_address_of_a_socket) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  BOOST_TEST((address_of(reinterpret_cast<sockaddr&>(v4)) == parse_address("127.0.0.1")));
  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  BOOST_TEST((address_of(reinterpret_cast<sockaddr&>(v6)) == parse_address("::1")));
  sockaddr other{};
  other.sa_family = AF_UNIX;
  BOOST_TEST(!address_of(other).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
