#include "api/live/live_stream.hpp"

#include "api/run_text.hpp"
#include "core/text.hpp"
#include "store/run_logs.hpp"

#include <charconv>
#include <mutex>
#include <utility>
#include <variant>

namespace varia {

namespace {

// What one event holds at most.
constexpr size_t rows_max = 500;
constexpr size_t lines_max = 200;

// How long browsers wait before they come back, in ms.
constexpr auto come_back = "retry: 1000\n\n";
constexpr auto farewell = "event: ended\ndata: {}\n\n";

// What comes before every line of a log.
constexpr auto before_all_lines = "0-0";

// Rows are JSON texts already.
std::string list_of_texts(const std::vector<std::string>& all) {
  std::string result{"["};
  for (auto& each : all)
    result += (result.size() > 1 ? "," : "") + each;
  return result + ']';
}

std::string variants_text(const live_board::difference& x) {
  return std::string{R"({"full":)"} + (x.is_full ? "true" : "false") + R"(,"variants":)"
         + list_of_texts(x.rows) + R"(,"gone":)" + json(x.gone).dump() + '}';
}

std::string log_name(const variant_ref& x) {
  return "log of " + to_string(x.sync) + ' ' + x.id;
}

std::string variants_name(const survey_query& x) {
  return "variants of "
         + json{x.environment, x.provider_config_key, x.connection_id, x.sync}.dump();
}

template <class Subject>
Subject& as(const live_desk::following& x) {
  return static_cast<Subject&>(*x.subject);
}

} // namespace

struct live_stream::bell {
  std::mutex mutex;
  std::function<void()> wake;

  void ring() {
    std::lock_guard guard{mutex};
    if (wake)
      wake();
  }
};

std::string to_string(const live_position& x) {
  return x.life + '.' + std::to_string(x.revision) + '.' + x.line;
}

std::optional<live_position> parse_live_position(const std::string& text) {
  auto parts = split(text, '.');
  if (parts.size() != 3 || parts[0].size() > 64 || (!parts[2].empty() && !is_line_id(parts[2])))
    return std::nullopt;
  live_position result{parts[0], 0, parts[2]};
  auto end = parts[1].data() + parts[1].size();
  auto [rest, fault] = std::from_chars(parts[1].data(), end, result.revision);
  if (fault != std::errc{} || rest != end)
    return std::nullopt;
  return result;
}

live_stream::live_stream(const api_context& api, http_request request, live_interest what,
                         live_position from)
  : stores_{api.stores}, desk_{api.live}, keys_{api.keys}, cluster_{api.cluster},
    request_{std::move(request)}, what_{std::move(what)}, at_{std::move(from)},
    bell_{std::make_shared<bell>()} {}

expected<void> live_stream::open() {
  auto follow = [this](const std::string& name, const live_desk::maker& make,
                       live_desk::following& to) -> expected<void> {
    auto done = desk_->follow(name, make, [bell = bell_] { bell->ring(); });
    if (!done)
      return std::move(done.error());
    to = std::move(*done);
    return caf::unit;
  };
  auto& environment = request_.environment;
  auto done = follow(
    "status of " + environment,
    [&] { return std::make_shared<status_subject>(environment, cluster_); }, status_);
  if (done && what_.variants)
    done = follow(
      variants_name(*what_.variants),
      [&] { return std::make_shared<variants_subject>(*what_.variants); }, variants_);
  if (done && what_.log)
    done = follow(
      log_name(*what_.log), [&] { return std::make_shared<log_subject>(*what_.log); }, log_);
  return done;
}

void live_stream::on_ready(std::function<void()> wake) {
  std::lock_guard guard{bell_->mutex};
  bell_->wake = std::move(wake);
}

next_chunk live_stream::next() {
  if (!is_admitted())
    return {farewell, true};
  next_chunk result;
  if (!std::exchange(greeted_, true))
    result.bytes = come_back;
  add_status(result.bytes);
  if (what_.variants)
    add_variants(result.bytes);
  if (what_.log)
    add_lines(result.bytes);
  return result;
}

// Who may not ask any more is told nothing more; while the store is away nobody can tell.
bool live_stream::is_admitted() const {
  auto admitted = keys_->admit(request_);
  auto no = std::get_if<http_response>(&admitted);
  return no == nullptr || no->status >= 500;
}

void live_stream::add_event(std::string& to, const char* name, const std::string& data) const {
  to += "id: " + to_string(at_) + "\nevent: " + name + "\ndata: " + data + "\n\n";
}

void live_stream::add_status(std::string& to) {
  auto seen = as<status_subject>(status_).seen(what_.shows_workers, what_.shows_syncs);
  if (std::exchange(status_revision_, seen.revision) != seen.revision)
    add_event(to, "status", seen.text);
}

void live_stream::add_variants(std::string& to) {
  auto& subject = as<variants_subject>(variants_);
  if (std::exchange(at_.life, subject.life()) != subject.life())
    at_.revision = 0;
  auto news = subject.since(at_.revision, rows_max, what_.only);
  at_.revision = news.revision;
  if (!news.is_empty())
    add_event(to, "variants", variants_text(news));
}

void live_stream::add_lines(std::string& to) {
  auto lines = new_lines();
  if (!lines || lines->empty())
    return;
  auto all = json::array();
  for (auto& each : *lines)
    all.push_back(line_text(each));
  at_.line = lines->back().id;
  add_event(to, "log",
            json{{"lines", std::move(all)}}.dump(-1, ' ', false, json::error_handler_t::replace));
}

expected<std::vector<stored_line>> live_stream::new_lines() {
  auto db = stores_->lend();
  if (!db)
    return std::move(db.error());
  run_logs logs{**db};
  log_query query;
  query.count = at_.line.empty() ? 1 : lines_max;
  query.after = at_.line;
  auto lines = logs.read(*what_.log, query);
  if (!lines || !at_.line.empty())
    return lines;
  // From the end on.
  at_.line = lines->empty() ? std::string{before_all_lines} : lines->front().id;
  return std::vector<stored_line>{};
}

} // namespace varia
