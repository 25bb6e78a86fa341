// Measures the store without API and scripts, and prints one row of JSON a line. bench.mjs runs it.

#include "store/call.hpp"
#include "store/content_hash.hpp"
#include "store/keys.hpp"
#include "store/record_pages.hpp"
#include "store/records.hpp"
#include "store/runs.hpp"
#include "store/variants.hpp"
#include "tests/support/redis_server.hpp"

#include <fmt/format.h>
#include <hiredis/hiredis.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

using namespace varia;

namespace {

const sync_id sync_of_bench{1, "bench"};
constexpr size_t payload_bytes = 300;
constexpr size_t writers = 4; // As many as a worker has threads for the store.

template <class T>
T must(expected<T> x) {
  if (!x)
    throw std::runtime_error(describe(x.error()));
  return std::move(*x);
}

class stopwatch {
public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void print(const std::string& name, double value, const std::string& note) {
  fmt::print("{{\"name\":\"{}\",\"value\":{},\"note\":\"{}\"}}\n", name, value, note);
  std::fflush(stdout);
}

run_ticket new_run(redis& db) {
  auto name = make_uuid();
  auto entry = must(variants{db}.add(1, {sync_of_bench, name}, false, 1'000'000));
  assignment wish{entry.key, entry.id, {1, make_nonce()}, false, entry.created_at, {}};
  must(variants{db}.place(1, "bench", {wish}));
  return must(runs{db}.begin(ref_of(entry), wish.owner, {})).ticket;
}

std::vector<saved_record> batch_of(size_t first, size_t count, int revision) {
  std::vector<saved_record> result;
  for (auto i = first; i < first + count; ++i) {
    auto head = fmt::format(R"({{"id":"rec_{:08}","revision":{},"text":")", i, revision);
    result.push_back({fmt::format("rec_{:08}", i),
                      head + std::string(payload_bytes - head.size() - 2, 'x') + "\"}"});
  }
  return result;
}

// The words of the same call that `records::save` makes, ready to be sent.
owned_command ready_save(const run_ticket& ticket, uint64_t number,
                         const std::vector<saved_record>& batch) {
  auto words
    = call_of("records_save",
              {keys::head(ticket.variant), keys::record_meta(ticket.variant, "Row"),
               keys::record_data(ticket.variant, "Row"), keys::record_order(ticket.variant, "Row"),
               keys::place(ticket.variant.sync), keys::feed(ticket.variant.sync)},
              {to_string(ticket.owner), std::to_string(ticket.run),
               fmt::format("{}/{}", number, ticket.answered), "Row", "", "0", "0", ""});
  for (auto& x : batch) {
    words.push_back(x.id);
    words.push_back(must(content_hash(x.payload)));
    words.push_back(x.payload);
  }
  return words;
}

// Sends calls that were made before, many at a time, and looks at nothing but errors.
double bare_rate(const test::redis_server& server, redis& db, size_t batches, size_t size) {
  auto ticket = new_run(db);
  std::vector<owned_command> calls;
  for (size_t n = 0; n < batches; ++n)
    calls.push_back(ready_save(ticket, n + 1, batch_of(n * size, size, 1)));
  auto path = server.url().substr(std::string{"unix://"}.size());
  std::unique_ptr<redisContext, void (*)(redisContext*)> link{redisConnectUnix(path.c_str()),
                                                              redisFree};
  constexpr size_t window = 16;
  size_t sent = 0;
  auto send = [&] {
    std::vector<const char*> words;
    std::vector<size_t> sizes;
    for (auto& x : calls[sent++]) {
      words.push_back(x.data());
      sizes.push_back(x.size());
    }
    redisAppendCommandArgv(link.get(), static_cast<int>(words.size()), words.data(), sizes.data());
  };
  stopwatch watch;
  while (sent < std::min(window, batches))
    send();
  for (size_t read = 0; read < batches; ++read) {
    void* answer = nullptr;
    if (redisGetReply(link.get(), &answer) != REDIS_OK)
      throw std::runtime_error("Redis did not answer a bare call");
    if (auto* reply = static_cast<redisReply*>(answer); reply->type == REDIS_REPLY_ERROR)
      throw std::runtime_error("a bare call failed: " + std::string(reply->str, reply->len));
    freeReplyObject(answer);
    if (sent < batches)
      send();
  }
  return static_cast<double>(batches * size) / watch.seconds();
}

double varia_rate(const test::redis_server& server, redis& db, size_t batches, size_t size) {
  std::vector<std::vector<std::vector<saved_record>>> work(writers);
  for (size_t n = 0; n < batches; ++n)
    work[n % writers].push_back(batch_of(n * size, size, 1));
  std::vector<run_ticket> tickets;
  for (size_t i = 0; i < writers; ++i)
    tickets.push_back(new_run(db));
  std::vector<std::thread> threads;
  stopwatch watch;
  for (size_t i = 0; i < writers; ++i)
    threads.emplace_back([&, i] {
      auto link = server.connect();
      uint64_t number = 0;
      for (auto& batch : work[i])
        must(records{link}.save(tickets[i], ++number, "Row", batch));
    });
  for (auto& x : threads)
    x.join();
  return static_cast<double>(batches * size) / watch.seconds();
}

void measure_commits() {
  test::redis_server server;
  auto db = server.connect_prepared();
  constexpr size_t batches = 1000, size = 100;
  varia_rate(server, db, batches / 10, size);
  std::vector<double> bare, ours, ratios;
  for (auto round = 0; round < 5; ++round) {
    bare.push_back(bare_rate(server, db, batches, size));
    ours.push_back(varia_rate(server, db, batches, size));
    ratios.push_back(ours.back() / bare.back());
  }
  print("commit_ratio", median(ratios),
        fmt::format("batches of 100: {:.0f}/s of {} writers against {:.0f}/s of a bare pipeline of "
                    "ready-made calls, median of 5",
                    median(ours), writers, median(bare)));
}

double used_memory(redis& db) {
  auto info = text_of(*must(db.run({"INFO", "memory"})));
  return std::strtod(info.c_str() + info.find("used_memory:") + 12, nullptr);
}

// Saves all records once and returns records per second and the longest commit in milliseconds.
std::pair<double, double> save_all(redis& db, const run_ticket& ticket, uint64_t& number,
                                   size_t count, int revision) {
  double busy = 0, longest = 0;
  for (size_t first = 0; first < count; first += batch_records_max) {
    auto batch = batch_of(first, batch_records_max, revision);
    stopwatch watch;
    must(records{db}.save(ticket, ++number, "Row", batch));
    busy += watch.seconds();
    longest = std::max(longest, watch.seconds());
  }
  return {static_cast<double>(count) / busy, longest * 1000};
}

void measure_growth(size_t count, const std::string& name) {
  test::redis_server server;
  auto db = server.connect_prepared();
  auto ticket = new_run(db);
  uint64_t number = 0;
  auto before = used_memory(db);
  auto [inserted, slowest_insert] = save_all(db, ticket, number, count, 1);
  auto bytes = (used_memory(db) - before) / static_cast<double>(count);
  auto [unchanged, slowest_unchanged] = save_all(db, ticket, number, count, 1);
  auto [changed, slowest_change] = save_all(db, ticket, number, count, 2);
  auto note = [](double slowest) {
    return fmt::format("batches of 1,000, one writer; the slowest commit took {:.1f} ms", slowest);
  };
  print("insert_per_s_" + name, inserted, note(slowest_insert));
  print("unchanged_per_s_" + name, unchanged, note(slowest_unchanged));
  print("changed_per_s_" + name, changed, note(slowest_change));
  print("record_bytes_" + name, bytes, "of Redis' memory, for a record of 300 bytes");
  auto newest = must(record_pages{db}.newest(ticket.variant, "Row"));
  auto first = must(record_pages{db}.page(ticket.variant, {"Row"})).records.front().meta.place;
  std::mt19937_64 chance{1};
  std::vector<double> micros;
  for (auto i = 0; i < 500; ++i) {
    record_query query;
    query.model = "Row";
    query.cursor = to_cursor(first + chance() % (newest - first + 1));
    stopwatch watch;
    must(record_pages{db}.page(ticket.variant, query));
    micros.push_back(watch.seconds() * 1e6);
  }
  print("page_us_" + name, median(micros), "100 records from a random cursor, one reader, median");
}

} // namespace

int main() {
  try {
    measure_commits();
    measure_growth(10'000, "10k");
    measure_growth(100'000, "100k");
    measure_growth(1'000'000, "1m");
    return 0;
  } catch (const std::exception& why) {
    fmt::print(stderr, "{}\n", why.what());
    return 1;
  }
}
