#include "api/record_stream.hpp"

#include "api/record_query.hpp"
#include "core/text.hpp"
#include "store/record_follower.hpp"
#include "store/record_text.hpp"

#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace varia {

namespace {

// What a stream holds in memory for a client that reads slowly.
constexpr size_t page_records_max = 500;
constexpr size_t page_bytes_max = 1024 * 1024;

constexpr auto last_event_id = "last-event-id";

// How long clients wait before they come back, in ms.
constexpr auto greeting = "retry: 1000\n\n";
constexpr auto farewell = "event: gone\ndata: {}\n\n";

class record_stream : public body_stream {
public:
  record_stream(const api_context& api, record_feed::interest what, record_follower records)
    : stores_{api.stores}, feed_{api.feed}, what_{std::move(what)}, records_{std::move(records)} {}

  void on_ready(std::function<void()> wake) override {
    subscription_ = feed_->subscribe(what_, std::move(wake));
  }

  next_chunk next() override {
    if (!std::exchange(greeted_, true))
      return {greeting, false};
    auto page = read();
    // The feed wakes us when Redis is back.
    if (!page && code_of(page.error()) == errc::unavailable)
      return {};
    if (!page)
      throw std::runtime_error(describe(page.error()));
    if (!*page)
      return {farewell, true};
    next_chunk result;
    for (auto& each : (*page)->records)
      result.bytes += event_text(each);
    return result;
  }

private:
  expected<std::optional<record_page>> read() {
    auto db = stores_->lend();
    if (!db)
      return std::move(db.error());
    auto page = records_.next(**db);
    // A connection that broke while nobody used it shows it by failing once.
    if (!page && code_of(page.error()) == errc::unavailable)
      page = records_.next(**db);
    return page;
  }

  std::shared_ptr<store_pool> stores_;
  std::shared_ptr<record_feed> feed_;
  record_feed::interest what_;
  record_follower records_;
  record_feed::subscription subscription_;
  bool greeted_ = false;
};

// A stream of something that is not there.
class ended_stream : public body_stream {
public:
  void on_ready(std::function<void()>) override {}
  next_chunk next() override { return {farewell, true}; }
};

std::optional<http_response> refuse_request(const api_call& x) {
  static const auto rules = stream_rules();
  static const fields headers = {{last_event_id, optional(known_cursor())}};
  if (auto no = x.refuse_query(rules))
    return no;
  if (auto no = refuse_record_headers(x))
    return no;
  return x.refuse_headers(headers);
}

record_query query_of(const api_call& x) {
  auto result = record_query_of(x.query);
  result.limit = page_records_max;
  result.bytes_max = page_bytes_max;
  if (auto last = x.header(last_event_id); !last.empty())
    result.cursor = last;
  return result;
}

std::shared_ptr<body_stream> open_stream(const api_context& api, record_location found,
                                         record_query query) {
  if (found.sources.empty())
    return std::make_shared<ended_stream>();
  auto has_all = found.which.name == every_variant;
  record_feed::interest what{
    found.which.sync, has_all ? std::string{} : found.sources.front().variant.id, query.model};
  return std::make_shared<record_stream>(
    api, std::move(what),
    record_follower{std::move(found.which), std::move(found.sources), std::move(query)});
}

} // namespace

expected<http_response> stream_records(api_call& x) {
  if (auto no = refuse_request(x))
    return std::move(*no);
  auto found = x.api.reader->locate(x.db, record_address_of(x, x.query));
  if (!found && code_of(found.error()) == errc::not_found)
    return refuse_unknown_connection();
  if (!found)
    return std::move(found.error());
  http_response result;
  result.content_type = "text/event-stream";
  result.headers = {{"cache-control", "no-store"}, {"x-accel-buffering", "no"}};
  result.stream = open_stream(x.api, std::move(*found), query_of(x));
  return result;
}

std::string event_text(const stored_record& x) {
  auto result = "id: " + x.cursor() + "\nevent: " + to_lower(to_string(x.meta.action)) + '\n';
  auto text = record_text(x);
  std::string_view rest{text};
  // A payload may have line ends between its parts, which are as good as any other blank.
  for (;;) {
    auto end = rest.find_first_of("\r\n");
    result += "data: ";
    result += rest.substr(0, end);
    result += '\n';
    if (end == std::string_view::npos)
      return result + '\n';
    rest.remove_prefix(end + 1);
  }
}

} // namespace varia
