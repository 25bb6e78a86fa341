#include "api/live/live_desk.hpp"
#include "api/live/live_stream.hpp"
#include "store/run_logs.hpp"
#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

struct event {
  std::string id;
  std::string kind;
  json data;
};

// A page that watches, asked as the server would ask it.
class watcher {
public:
  explicit watcher(const api_answer& answer) : stream_{answer.whole.stream} {
    BOOST_REQUIRE(stream_);
    stream_->on_ready([] {});
  }

  /// The next event of a kind that is as wanted; what comes before it is passed over.
  event await(const std::string& kind, const std::function<bool(const json&)>& wanted) {
    for (auto i = 0; i < 2000; ++i) {
      for (auto& each : read())
        if (each.kind == kind && wanted(each.data))
          return each;
      BOOST_REQUIRE(!is_over);
      std::this_thread::sleep_for(milliseconds{5});
    }
    BOOST_REQUIRE_MESSAGE(false, "no such event " << kind);
    return {};
  }

  event await(const std::string& kind) {
    return await(kind, [](auto&) { return true; });
  }

  std::vector<event> read() {
    auto chunk = stream_->next();
    is_over = chunk.is_over;
    std::vector<event> result;
    size_t at = 0;
    for (auto end = chunk.bytes.find("\n\n"); end != std::string::npos;
         at = end + 2, end = chunk.bytes.find("\n\n", at)) {
      auto text = chunk.bytes.substr(at, end - at);
      if (auto kind = field(text, "event: "); !kind.empty())
        result.push_back({field(text, "id: "), kind, json::parse(field(text, "data: "))});
    }
    return result;
  }

  bool is_over = false;

private:
  static std::string field(const std::string& text, const std::string& name) {
    auto at = text.rfind(name, 0) == 0 ? 0 : text.find('\n' + name);
    if (at == std::string::npos)
      return {};
    at = text.find(' ', at) + 1;
    return text.substr(at, text.find('\n', at) - at);
  }

  std::shared_ptr<body_stream> stream_;
};

struct fixture : record_fixture {
  fixture() {
    context.live = std::make_shared<live_desk>(context.stores, milliseconds{20});
    handler = make_handler(context);
  }
  ~fixture() { context.live->stop(); }

  watcher watch(const std::string& query = "", header_map headers = {}) {
    return watcher{ask_with(std::move(headers), "GET", "/varia/live" + query)};
  }

  static std::string sync_query(const std::string& more = "") {
    return "?provider_config_key=orders&connection_id=c1&name=orders" + more;
  }

  static std::function<bool(const json&)> has_row(const std::string& variant, const char* outcome) {
    return [=](const json& data) {
      for (auto& row : data["variants"])
        if (row["variant"] == variant && row["last_outcome"] == outcome)
          return true;
      return false;
    };
  }

  void log(const run_ticket& ticket, const std::string& message) {
    BOOST_REQUIRE(
      run_logs{db}.append(ticket, {{log_level::info, json{{"message", message}}.dump()}}, {}));
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(live_routes_test, fixture)

BOOST_AUTO_TEST_CASE(tells_how_things_are_and_what_becomes_of_them) {
  auto page = watch();
  auto first = page.await("status");
  BOOST_TEST(first.data["variants"]["running"] == 0);
  BOOST_TEST(!first.data.contains("syncs"));
  begin_run("orders", "v1");
  page.await("status", [](auto& data) { return data["variants"]["running"] == 1; });
  BOOST_TEST(watch("?syncs=true").await("status").data["syncs"].size() == 2U);
}

BOOST_AUTO_TEST_CASE(tells_all_rows_at_first_and_then_those_that_change) {
  auto page = watch(sync_query());
  auto first = page.await("variants");
  BOOST_TEST(first.data["full"] == true);
  BOOST_TEST(first.data["variants"].size() == 2U);
  auto ticket = begin_run("orders", "v1");
  auto next = page.await("variants", has_row("v1", "running"));
  BOOST_TEST(next.data["full"] == false);
  BOOST_TEST(next.data["variants"].size() == 1U);
  BOOST_REQUIRE(runs{db}.end(ticket, {run_outcome::success, ""}));
  auto last = page.await("variants", has_row("v1", "success"));
  BOOST_TEST(last.data["variants"][0]["recent"].size() == 1U);
  ask("DELETE", "/sync/orders/variant/v1", ids());
  page.await("variants", [](auto& data) { return data["gone"] == json::array({"v1"}); });
}

BOOST_AUTO_TEST_CASE(who_comes_back_is_told_what_was_missed) {
  auto id = watch(sync_query()).await("variants").id;
  begin_run("orders", "v1");
  auto again = watch(sync_query(), {{"last-event-id", id}});
  auto news = again.await("variants");
  BOOST_TEST(news.data["full"] == false);
  BOOST_TEST(news.data["variants"][0]["variant"] == "v1");
  auto stranger = watch(sync_query(), {{"last-event-id", "other.2."}});
  BOOST_TEST(stranger.await("variants").data["full"] == true);
}

BOOST_AUTO_TEST_CASE(follows_the_log_of_a_variant) {
  auto ticket = begin_run("orders", "v1");
  log(ticket, "old");
  auto page = watch(sync_query("&variant=v1"));
  page.await("status");
  log(ticket, "one");
  auto news = page.await("log");
  BOOST_REQUIRE(news.data["lines"].size() == 1U);
  BOOST_TEST(news.data["lines"][0]["message"] == "one");
  auto id = news.data["lines"][0]["id"].get<std::string>();
  log(ticket, "two");
  auto from_line = watch(sync_query("&variant=v1&after=" + id)).await("log");
  BOOST_TEST(from_line.data["lines"][0]["message"] == "two");
  auto resumed = watch(sync_query("&variant=v1"), {{"last-event-id", news.id}}).await("log");
  BOOST_TEST(resumed.data["lines"][0]["message"] == "two");
}

BOOST_AUTO_TEST_CASE(ends_when_the_key_is_revoked) {
  auto made = ask("POST", "/varia/keys",
                  {{"environment", "dev"}, {"name", "x"}, {"scopes", "environment:syncs:read"}});
  auto own = std::exchange(key, made.body()["secret"].get<std::string>());
  auto page = watch();
  BOOST_TEST(page.await("status").data["workers"].empty());
  BOOST_TEST(ask("GET", "/varia/live" + sync_query("&variant=v1")).status == 403);
  key = own;
  ask("POST", "/varia/keys/revoke", {{"environment", "dev"}, {"key", "x"}});
  page.await("ended");
  BOOST_TEST(page.is_over);
}

BOOST_AUTO_TEST_CASE(refuses_what_names_half_a_sync) {
  for (auto query : {"?name=orders", "?variant=v1", "?provider_config_key=orders&connection_id=c1",
                     "?all=true", "?after=1-1&syncs=maybe"})
    BOOST_TEST(ask("GET", std::string{"/varia/live"} + query).status == 400, query);
  BOOST_TEST(
    ask("GET", "/varia/live?provider_config_key=orders&connection_id=no&name=orders").status
    == 404);
  BOOST_TEST(ask("GET", "/varia/live" + sync_query("&variant=no")).status == 404);
  BOOST_TEST(ask("GET", "/varia/live" + sync_query("&variant=v1&after=x")).status == 400);
}

BOOST_AUTO_TEST_CASE(reads_positions_that_it_has_written_and_no_others) {
  auto read = parse_live_position(to_string(live_position{"a1b2", 17, "5-1"}));
  BOOST_REQUIRE(read);
  BOOST_TEST(read->life == "a1b2");
  BOOST_TEST(read->revision == 17U);
  BOOST_TEST(read->line == "5-1");
  for (auto text : {"", "a", "a.b.c", "a.1", "a.1.x", "a.-1.", "a.1.5-1.x"})
    BOOST_TEST(!parse_live_position(text), text);
}

BOOST_AUTO_TEST_SUITE_END()
