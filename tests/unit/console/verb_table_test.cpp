#include "console/verbs.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

using namespace varia;

BOOST_AUTO_TEST_SUITE(verb_table_test)

BOOST_AUTO_TEST_CASE(no_verb_hides_another) {
  for (auto& x : verbs())
    for (auto& y : verbs())
      if (&x != &y)
        BOOST_TEST((std::string{y.words} + " ").find(std::string{x.words} + " ") != 0u,
                   x.words << " and " << y.words);
}

BOOST_AUTO_TEST_CASE(every_verb_tells_what_it_does_and_does_something) {
  for (auto& x : verbs()) {
    BOOST_TEST(std::string{x.help} != "", x.words);
    BOOST_TEST((x.path[0] == '/' || x.action), x.words);
    BOOST_TEST((x.columns.empty() == (*x.rows == '\0')), x.words);
  }
}

BOOST_AUTO_TEST_CASE(no_two_arguments_of_a_verb_have_one_name) {
  for (auto& x : verbs()) {
    std::set<std::string> options{"--output", "--quiet", "--help", "--watch", "--follow", "--yes"};
    if (!x.is_local)
      options.insert({"--url", "--api-key", "--api-key-file", "--context"});
    if (x.bulk != bulk_rule::none)
      options.insert("--dry-run");
    for (auto& argument : arguments_of(x))
      BOOST_TEST(options.insert(option_of(argument)).second, x.words << option_of(argument));
  }
}

BOOST_AUTO_TEST_CASE(words_that_must_be_said_come_before_those_that_need_not) {
  for (auto& x : verbs()) {
    auto was_optional = false;
    for (auto& argument : arguments_of(x)) {
      if (!is_positional(argument))
        continue;
      BOOST_TEST((argument.is_optional || !was_optional), x.words << " " << argument.title);
      was_optional = argument.is_optional;
    }
  }
}

BOOST_AUTO_TEST_CASE(parameters_in_paths_are_arguments) {
  std::set<std::string> of_variants{"provider_config_key", "connection_id", "name", "variant"};
  for (auto& x : verbs()) {
    std::string path{x.path};
    for (auto begin = path.find('{'); begin != std::string::npos;
         begin = path.find('{', begin + 1)) {
      auto name = path.substr(begin + 1, path.find('}', begin) - begin - 1);
      auto known = x.bulk != bulk_rule::none && of_variants.count(name) > 0;
      for (auto& argument : x.arguments)
        known = known || argument.parameter == name || argument.kind == argument_kind::file;
      BOOST_TEST(known, x.words << ": " << name);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_option_is_called_as_its_title) {
  BOOST_TEST(option_of({"SYNC", "name", ""}) == "--sync");
  BOOST_TEST(option_of({"KEY ID", "key", ""}) == "--key-id");
  BOOST_TEST(option_of({"--level", "level", ""}) == "--level");
}

BOOST_AUTO_TEST_SUITE_END()
