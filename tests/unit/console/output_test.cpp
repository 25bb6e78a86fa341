#include "console/output.hpp"
#include "console/verbs.hpp"

#include <boost/test/unit_test.hpp>

using namespace varia;

namespace {

using json = nlohmann::ordered_json;

verb listing() {
  return question("things list", "", "/things", "things",
                  {{"NAME", "/name"}, {"STATE", "/state"}, {"NOTE", "/note", true}});
}

json answer() {
  return json::parse(R"({"total":2,"things":[
    {"name":"a","state":"RUNNING","note":"one, \"two\""},{"name":"b","state":"ERROR"}]})");
}

std::string rendered(output_format format, bool is_quiet = false) {
  output_options options;
  options.format = format;
  options.is_quiet = is_quiet;
  return render_answer(listing(), answer(), options);
}

} // namespace

BOOST_AUTO_TEST_SUITE(output_test)

BOOST_AUTO_TEST_CASE(a_plain_table_leaves_wide_columns_out) {
  BOOST_TEST(rendered(output_format::table)
             == "WHAT   VALUE\ntotal      2\n\nNAME  STATE\na     RUNNING\nb     ERROR\n");
  BOOST_TEST(
    rendered(output_format::wide).find("NAME  STATE    NOTE\na     RUNNING  one, \"two\"\n")
    != std::string::npos);
}

BOOST_AUTO_TEST_CASE(csv_has_all_columns_and_quotes_what_needs_it) {
  BOOST_TEST(rendered(output_format::csv)
             == "NAME,STATE,NOTE\r\na,RUNNING,\"one, \"\"two\"\"\"\r\nb,ERROR,\r\n");
}

BOOST_AUTO_TEST_CASE(json_lines_are_the_rows) {
  BOOST_TEST(rendered(output_format::jsonl)
             == "{\"name\":\"a\",\"state\":\"RUNNING\",\"note\":\"one, \\\"two\\\"\"}\n"
                "{\"name\":\"b\",\"state\":\"ERROR\"}\n");
  BOOST_TEST(json::parse(rendered(output_format::json)) == answer());
}

BOOST_AUTO_TEST_CASE(quiet_output_has_rows_and_nothing_else) {
  BOOST_TEST(rendered(output_format::table, true) == "a  RUNNING\nb  ERROR\n");
  BOOST_TEST(rendered(output_format::csv, true)
             == "a,RUNNING,\"one, \"\"two\"\"\"\r\nb,ERROR,\r\n");
}

BOOST_AUTO_TEST_CASE(an_answer_without_rows_is_facts_in_every_format) {
  auto x = question("thing show", "", "/thing");
  auto facts = json::parse(R"({"name":"a","inner":{"deep":[1,2]}})");
  output_options options;
  options.format = output_format::csv;
  BOOST_TEST(render_answer(x, facts, options)
             == "WHAT,VALUE\r\nname,a\r\ninner.deep.0,1\r\ninner.deep.1,2\r\n");
  options.format = output_format::jsonl;
  BOOST_TEST(render_answer(x, facts, options) == facts.dump() + "\n");
}

BOOST_AUTO_TEST_CASE(colours_stand_around_words_and_take_no_room) {
  output_options options;
  options.has_colours = true;
  options.width = 13;
  auto text = render_answer(listing(), answer(), options);
  BOOST_TEST(text.find("\x1b[1mNAME  STATE\x1b[0m\n") != std::string::npos);
  BOOST_TEST(text.find("a     \x1b[32mRUNNING\x1b[0m\n") != std::string::npos);
  BOOST_TEST(text.find("b     \x1b[31mERROR\x1b[0m\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rows_that_follow_have_no_titles) {
  output_options options;
  BOOST_TEST(render_rows(listing(), answer()["things"], options) == "a  RUNNING\nb  ERROR\n");
  BOOST_TEST(render_rows(listing(), json::array(), options) == "");
  options.format = output_format::json;
  BOOST_TEST(render_rows(listing(), json::parse(R"([{"a":1}])"), options) == "{\"a\":1}\n");
}

BOOST_AUTO_TEST_SUITE_END()
