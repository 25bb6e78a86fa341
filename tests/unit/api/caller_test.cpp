#include "api/caller.hpp"
#include "api/scopes.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

BOOST_AUTO_TEST_SUITE(caller_test)

BOOST_AUTO_TEST_CASE(a_scope_covers_itself_and_a_wildcard_what_is_below_it) {
  BOOST_TEST(covers("environment:syncs:read", "environment:syncs:read"));
  BOOST_TEST(covers("environment:syncs:*", "environment:syncs:read"));
  BOOST_TEST(covers("environment:syncs:*", "environment:syncs:variant:create"));
  BOOST_TEST(covers("environment:*", "environment:proxy"));
  BOOST_TEST(covers("*", "account:environments:create"));
  BOOST_TEST(!covers("environment:*", "account:environments:create"));
  BOOST_TEST(!covers("environment:syncs:read", "environment:syncs:update"));
  BOOST_TEST(!covers("environment:sync*", "environment:syncs:read"));
  BOOST_TEST(!covers("environment:syncs", "environment:syncs:read"));
  BOOST_TEST(!covers("", "environment:syncs:read"));
}

BOOST_AUTO_TEST_CASE(knows_scopes_by_their_form) {
  for (auto good : {"*", "environment:*", "environment:connections:read_credentials", "account:*"})
    BOOST_TEST(is_scope(good), good);
  for (auto bad : {"", "environment", "environment:", "environment:a:*:b", "other:read",
                   "environment:Read", "environment::read", "environment:a*"})
    BOOST_TEST(!is_scope(bad), bad);
}

BOOST_AUTO_TEST_CASE(refuses_scopes_that_open_nothing) {
  std::set<std::string> known{"environment:syncs:read", "account:environments:list"};
  BOOST_TEST(unknown_scope(known, {"environment:syncs:*", "*"}) == "");
  BOOST_TEST(unknown_scope(known, {"environment:sync:read"}) == "environment:sync:read");
  BOOST_TEST(unknown_scope(known, {"environment:records:*"}) == "environment:records:*");
}

BOOST_AUTO_TEST_CASE(nobody_gives_more_of_the_account_than_he_has) {
  caller admin{"", "id", "admin", {"account:environments:*"}};
  BOOST_TEST(ungrantable_scope(admin, {"environment:*", "environment:proxy"}) == "");
  BOOST_TEST(ungrantable_scope(admin, {"account:environments:create"}) == "");
  BOOST_TEST(ungrantable_scope(admin, {"account:*"}) == "account:*");
  BOOST_TEST(ungrantable_scope(admin, {"*"}) == "*");
  caller owner{"dev", "id", "owner", {"*"}};
  BOOST_TEST(ungrantable_scope(owner, {"*", "account:*"}) == "");
}

BOOST_AUTO_TEST_SUITE_END()
