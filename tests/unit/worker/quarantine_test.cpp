#include "worker/quarantine.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace varia;

using verdict = quarantine::verdict;

BOOST_AUTO_TEST_SUITE(quarantine_test)

BOOST_AUTO_TEST_CASE(suspects_every_run_of_a_lost_process) {
  quarantine judge;
  BOOST_TEST(!judge.is_suspect("a"));
  BOOST_TEST((judge.lose("a", "s1", false) == verdict::innocent));
  BOOST_TEST((judge.lose("b", "s2", false) == verdict::innocent));
  BOOST_TEST(judge.is_suspect("a"));
  BOOST_TEST(judge.is_suspect("b"));
  BOOST_TEST(!judge.is_suspect("c"));
}

BOOST_AUTO_TEST_CASE(finds_the_culprit_when_it_is_alone) {
  quarantine judge;
  judge.lose("a", "s1", false);
  BOOST_TEST((judge.lose("a", "s1", true) == verdict::culprit));
  BOOST_TEST(judge.is_suspect("a"));
}

BOOST_AUTO_TEST_CASE(clears_a_suspect_by_its_first_success_only) {
  quarantine judge;
  judge.lose("a", "s1", false);
  judge.succeed("b", "s1");
  BOOST_TEST(judge.is_suspect("a"));
  judge.succeed("a", "s1");
  BOOST_TEST(!judge.is_suspect("a"));
}

BOOST_AUTO_TEST_CASE(suspects_a_run_that_was_found_guilty) {
  quarantine judge;
  judge.succeed("a", "s1");
  judge.blame("a", "s1");
  BOOST_TEST(judge.is_suspect("a"));
  BOOST_TEST(!judge.is_proven("s1"));
}

BOOST_AUTO_TEST_CASE(trusts_a_bundle_from_its_first_success_to_its_first_crime) {
  quarantine judge;
  BOOST_TEST(!judge.is_proven("s1"));
  judge.succeed("a", "s1");
  BOOST_TEST(judge.is_proven("s1"));
  judge.lose("b", "s1", false);
  BOOST_TEST(judge.is_proven("s1"));
  judge.lose("b", "s1", true);
  BOOST_TEST(!judge.is_proven("s1"));
}

BOOST_AUTO_TEST_CASE(forgets_the_oldest_of_too_many) {
  recent_set names{3};
  for (auto name : {"a", "b", "c", "a", "d"})
    names.add(name);
  BOOST_TEST(!names.has("a"));
  BOOST_TEST(names.has("b"));
  names.remove("b");
  names.remove("unknown");
  names.add("e");
  BOOST_TEST(names.has("c"));
  BOOST_TEST(names.has("d"));
  BOOST_TEST(names.has("e"));
}

BOOST_AUTO_TEST_SUITE_END()
