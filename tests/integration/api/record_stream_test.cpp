#include "api/record_stream.hpp"
#include "tests/integration/api/record_fixture.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <condition_variable>
#include <mutex>

using namespace varia;
using namespace varia::test;

namespace {

// One event as a client takes it from the stream.
struct event {
  std::string id, name, data;
};

// Does with the body of an answer what the server does, but waits where the server would go on to
// something else.
class listener {
public:
  explicit listener(const api_answer& answer) : stream_{answer.whole.stream} {
    BOOST_REQUIRE(stream_);
    stream_->on_ready([this] {
      std::lock_guard guard{mutex_};
      woken_ = true;
      changed_.notify_all();
    });
  }

  ~listener() { stream_.reset(); }

  // The next event; without a name if the stream is over.
  event next() {
    for (;;) {
      if (auto end = text_.find("\n\n"); end != std::string::npos) {
        auto found = parse(text_.substr(0, end + 1));
        text_.erase(0, end + 2);
        if (!found.name.empty())
          return found;
      } else if (over_) {
        return {};
      } else {
        take();
      }
    }
  }

  // The next events in short, such as "added a, gone".
  std::string next(int count) {
    std::string result;
    for (; count > 0; --count) {
      auto x = next();
      last_ = x.id;
      auto record = json::parse(x.data.empty() ? "{}" : x.data);
      result += (result.empty() ? "" : ", ") + x.name;
      if (record.contains("id"))
        result += " " + record["id"].get<std::string>();
    }
    return result;
  }

  // The id of the last one.
  const std::string& last() const { return last_; }

private:
  void take() {
    auto chunk = stream_->next();
    text_ += chunk.bytes;
    over_ = chunk.is_over;
    if (!chunk.bytes.empty() || over_)
      return;
    std::unique_lock guard{mutex_};
    BOOST_REQUIRE(changed_.wait_for(guard, std::chrono::seconds{20}, [this] { return woken_; }));
    woken_ = false;
  }

  static event parse(const std::string& text) {
    event result;
    std::string_view rest{text};
    while (!rest.empty()) {
      auto line = rest.substr(0, rest.find('\n'));
      rest.remove_prefix(line.size() + 1);
      auto name = line.substr(0, line.find(": "));
      std::string value{line.substr(name.size() + 2)};
      if (name == "id")
        result.id = value;
      if (name == "event")
        result.name = value;
      if (name == "data")
        result.data += (result.data.empty() ? "" : "\n") + value;
    }
    return result;
  }

  std::shared_ptr<body_stream> stream_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool woken_ = false;
  bool over_ = false;
  std::string text_, last_;
};

struct fixture : record_fixture {
  api_answer stream(const std::string& query, header_map more = {}) {
    more.merge(whose());
    auto answer = ask_with(more, "GET", "/records/stream?" + query);
    return answer;
  }

  run_ticket in_v1 = begin_run("orders", "v1");
};

const std::string v1 = "model=Order&variant=v1";

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_stream_test, fixture)

BOOST_AUTO_TEST_CASE(sends_what_there_is_and_then_what_comes) {
  save(in_v1, 1, {"a", "b"});
  listener client{stream(v1)};
  BOOST_TEST(client.next(2) == "added a, added b");
  save(in_v1, 2, {"c"});
  BOOST_TEST(client.next(1) == "added c");
  save(in_v1, 3, {"a"}, 1);
  BOOST_TEST(client.next(1) == "updated a");
  remove(in_v1, 4, {"b"});
  BOOST_TEST(client.next(1) == "deleted b");
}

BOOST_AUTO_TEST_CASE(an_event_is_the_record_as_pages_have_it) {
  save(in_v1, 1, {"a"});
  auto x = listener{stream(v1)}.next();
  auto record = read(v1).body()["records"][0];
  BOOST_TEST(json::parse(x.data) == record);
  BOOST_TEST(x.id == record["_nango_metadata"]["cursor"]);
}

BOOST_AUTO_TEST_CASE(answers_as_event_streams_do) {
  auto answer = stream(v1).whole;
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.content_type == "text/event-stream");
  auto has_cache_control = false;
  for (auto& [name, value] : answer.headers)
    has_cache_control = has_cache_control || (name == "cache-control" && value == "no-store");
  BOOST_TEST(has_cache_control);
}

BOOST_AUTO_TEST_CASE(goes_on_behind_the_last_event) {
  save(in_v1, 1, {"a", "b", "c"});
  listener client{stream(v1)};
  BOOST_TEST(client.next(1) == "added a");
  auto first = client.last();
  BOOST_TEST(listener{stream(v1 + "&cursor=" + first)}.next(2) == "added b, added c");
  client.next(1);
  // The header wins: a client that comes back asks with the URL it began with.
  BOOST_TEST(listener{stream(v1 + "&cursor=" + first, {{"last-event-id", client.last()}})}.next(1)
             == "added c");
}

BOOST_AUTO_TEST_CASE(filters_by_what_happened_and_when) {
  save(in_v1, 1, {"a", "b"});
  save(in_v1, 2, {"a"}, 1);
  BOOST_TEST(listener{stream(v1 + "&filter=updated")}.next(1) == "updated a");
  listener client{stream(v1 + "&filter=deleted")};
  remove(in_v1, 3, {"b"});
  BOOST_TEST(client.next(1) == "deleted b");
  auto past = to_iso_z(now_ms() - 3'600'000);
  BOOST_TEST(listener{stream(v1 + "&modified_after=" + past)}.next(2) == "updated a, deleted b");
}

BOOST_AUTO_TEST_CASE(many_records_come_in_pages) {
  for (auto batch = 1; batch <= 3; ++batch) {
    std::vector<std::string> names;
    for (auto i = 0; i < 400; ++i)
      names.push_back(std::to_string(1000 * batch + i));
    save(in_v1, static_cast<uint64_t>(batch), names);
  }
  listener client{stream(v1)};
  std::string expected_ids, found_ids;
  for (auto i = 0; i < 1200; ++i) {
    expected_ids += std::to_string(1000 * (i / 400 + 1) + i % 400) + " ";
    found_ids += json::parse(client.next().data)["id"].get<std::string>() + " ";
  }
  BOOST_TEST(found_ids == expected_ids);
}

BOOST_AUTO_TEST_CASE(a_deleted_variant_ends_its_stream) {
  save(in_v1, 1, {"a"});
  listener client{stream(v1)};
  client.next(1);
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/orders/variant/v1", ids()).status, 200);
  create("v1");
  BOOST_TEST(client.next(2) == "gone, ");
}

BOOST_AUTO_TEST_CASE(what_does_not_exist_is_gone_at_once) {
  for (auto query :
       {"model=Order&variant=nope", "model=Nope", "model=Order&sync=nope", "model=Nope&variant=*"})
    BOOST_TEST(listener{stream(query)}.next(2) == "gone, ", query);
}

BOOST_AUTO_TEST_CASE(all_variants_come_in_one_stream) {
  save(in_v1, 1, {"a"});
  auto in_base = begin_run("orders", "base");
  save(in_base, 1, {"b"});
  listener client{stream("model=Order&variant=*")};
  BOOST_TEST(client.next(2) == "added a, added b");
  create("v2");
  auto in_v2 = begin_run("orders", "v2");
  save(in_v2, 1, {"c"});
  auto x = client.next();
  BOOST_TEST(json::parse(x.data)["_nango_metadata"]["variant"] == "v2");
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/sync/orders/variant/v2", ids()).status, 200);
  save(in_v1, 2, {"a"}, 1);
  BOOST_TEST(client.next(1) == "updated a");
  BOOST_REQUIRE_EQUAL(ask("DELETE", "/connections/c1?provider_config_key=orders").status, 200);
  BOOST_TEST(client.next(2) == "gone, ");
}

BOOST_AUTO_TEST_CASE(a_lost_connection_to_redis_is_no_end) {
  save(in_v1, 1, {"a"});
  listener client{stream(v1)};
  client.next(1);
  for (auto round = 2; round < 5; ++round) {
    BOOST_REQUIRE(db.run({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"}));
    save(in_v1, static_cast<uint64_t>(round), {std::to_string(round)});
    BOOST_TEST(client.next(1) == "added " + std::to_string(round));
  }
}

BOOST_AUTO_TEST_CASE(refuses_what_is_wrong) {
  auto fault
    = [&](const std::string& query) { return faults(stream(query), "invalid_query_params"); };
  BOOST_TEST(fault("variant=v1") == R"(invalid_type["model"] )");
  BOOST_TEST(fault("model=Order&cursor=zzz") == R"(custom["cursor"] )");
  BOOST_TEST(fault("model=Order&limit=1") == "unrecognized_keys[] ");
  BOOST_TEST(fault("model=Order&ids=1") == "unrecognized_keys[] ");
  BOOST_TEST(fault("model=Order&filter=foo") == R"(invalid_value["filter","0"] )");
  BOOST_TEST(fault("model=Order&modified_after=2001-01-01T00:00:00Z")
             == R"(custom["modified_after"] )");
  BOOST_TEST(faults(stream("model=Order", {{"last-event-id", "zzz"}}), "invalid_headers")
             == R"(custom["last-event-id"] )");
  BOOST_TEST(faults(ask("GET", "/records/stream?model=Order"), "invalid_headers")
             == R"(invalid_type["connection-id"] invalid_type["provider-config-key"] )");
  BOOST_TEST(stream("model=Order", {{"connection-id", "nobody"}}).body()["error"]["code"]
             == "unknown_connection");
}

BOOST_AUTO_TEST_CASE(line_ends_in_a_payload_are_cut_into_lines_of_data) {
  stored_record record;
  record.id = "7";
  record.payload = "{\r\n  \"id\": \"7\",\n\r\"a\": 1}";
  auto text = event_text(record);
  BOOST_TEST(text.find("\nevent: added\ndata: {\ndata: \ndata:   \"id\": \"7\",\ndata: \n"
                       "data: \"a\": 1,\"_nango_metadata\":{")
             != std::string::npos);
  BOOST_TEST(text.find('\r') == std::string::npos);
  BOOST_TEST(text.substr(text.size() - 3) == "}\n\n");
}

BOOST_AUTO_TEST_SUITE_END()
