#pragma once

#include "config/runtime_paths.hpp"
#include "worker/run_error.hpp"
#include "worker/runtime_pool.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/test/unit_test.hpp>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varia::test {

using namespace std::chrono_literals;

// A script process in a few lines. It ends each run with its own process number as the error, and
// asks for the code of every run that comes without it. The first letters of a bundle's hash may
// ask for something else: to loop for ever, before it begins or after, to end the process, to break
// the protocol, or to begin and stay until it is cancelled; a deaf one stays even then and keeps
// the process from answering.
inline constexpr auto fake_process = R"js(
  const net = require('node:net');
  const socket = new net.Socket({ fd: 3, readable: true, writable: true });
  const text = (s) => [0xa0 | s.length, ...Buffer.from(s)];
  const send = (run, kind, body) => {
    const head = Buffer.alloc(9);
    head.writeUInt32BE(body.length + 5, 0);
    head.writeUInt32BE(run, 4);
    head[8] = kind;
    socket.write(Buffer.concat([head, Buffer.from(body)]));
  };
  const done = (run, message) =>
    send(run, 18, [0x82, ...text('ok'), 0xc2, ...text('error'), 0x81, ...text('message'),
      ...text(message)]);
  const begin = (run) => { send(run, 23, [0x80]); send(run, 19, [0x80]); };
  let bytes = Buffer.alloc(0);
  let needs = 0;
  const deaf = new Set();
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const frame = bytes.subarray(0, 4 + bytes.readUInt32BE(0));
      bytes = bytes.subarray(frame.length);
      const run = frame.readUInt32BE(4);
      if (frame[8] === 8) process.exit(0);
      // The body of a ping is a map with its number, and that is what comes back.
      if (frame[8] === 6) send(0, 20, [0x82, ...text('rss'), 1, ...frame.subarray(10)]);
      if (frame[8] === 5 && deaf.has(run)) for (;;);
      if (frame[8] === 5) done(run, `${process.pid}`);
      if (frame[8] !== 1) continue;
      if (frame.includes('garbage')) socket.write(Buffer.alloc(64));
      else if (frame.includes('loop')) { begin(run); for (;;); }
      else if (frame.includes('stuck')) for (;;);
      else if (frame.includes('die')) process.kill(process.pid, 'SIGKILL');
      else if (frame.includes('stay') || frame.includes('deaf')) {
        if (frame.includes('deaf')) deaf.add(run);
        begin(run);
      }
      else if (frame.includes('code')) done(run, `${process.pid} ${needs}`);
      else { needs += 1; send(run, 22, [0x80]); }
    }
  });
  socket.on('close', () => process.exit(0));
  send(0, 16, [0x81, ...text('proto'), PROTO]);
)js";

inline std::vector<std::string> fake_command(const std::string& protocol) {
  auto node = std::filesystem::absolute(find_node("worker/runtime")).string();
  BOOST_REQUIRE(!node.empty());
  std::string program = fake_process;
  program.replace(program.find("PROTO]"), 5, protocol);
  return {node, "-e", program};
}

struct fake_client : run_client {
  void take_frame(frame x, std::shared_ptr<void>) override {
    has_begun = true;
    if (x.kind == frame_kind::log)
      return;
    auto body = frame_body::read(std::move(x.body));
    BOOST_REQUIRE(body);
    end = read_run_error(body->root().at("error")).description;
  }

  void lose_process(const process_loss& loss) override {
    end = (loss.goes_on ? "goes on: " : "lost: ") + loss.why;
  }

  std::optional<std::string> end;
  uint32_t number = 0;
  bool has_begun = false;
};

/// A pool over such processes. The number of a process is what a run ends with.
struct pool_fixture {
  explicit pool_fixture(runtime_pool_config config) : pool{loop, std::move(config)} {
    pool.set_command(fake_command("1"));
  }

  static runtime_pool_config limits(size_t processes = 1, size_t slots = 2) {
    runtime_pool_config result;
    result.processes = processes;
    result.slots = slots;
    result.limits = {1 << 30, 1 << 30, 1 << 30, 30s};
    result.cancel_grace = 200ms;
    return result;
  }

  ~pool_fixture() {
    pool.stop();
    loop.run_for(3s);
  }

  using run_handle = std::shared_ptr<fake_client>;

  // Starts a run of a bundle; the variant is called like it unless it has a name of its own.
  run_handle start(const std::string& domain, const std::string& sha, std::string variant = {}) {
    auto client = std::make_shared<fake_client>();
    client->number = ++last_run;
    run_job job;
    job.domain = domain;
    job.sha = sha;
    job.variant = variant.empty() ? sha : std::move(variant);
    job.code = std::make_shared<const std::string>("x");
    job.write_context = [](frame_writer& writer) { writer.map(0); };
    pool.start(last_run, std::move(job), client);
    return client;
  }

  // Waits until the script has begun.
  void await_begin(const run_handle& run) {
    auto until = std::chrono::steady_clock::now() + 20s;
    while (!run->has_begun && std::chrono::steady_clock::now() < until)
      loop.run_one_for(100ms);
    BOOST_TEST(run->has_begun);
  }

  std::string end(const run_handle& run) {
    auto until = std::chrono::steady_clock::now() + 20s;
    while (!run->end && std::chrono::steady_clock::now() < until)
      loop.run_one_for(100ms);
    return run->end.value_or("no end");
  }

  // Cancels a run and returns how it ended.
  std::string stop(const run_handle& run) {
    pool.cancel(run->number, "enough");
    return end(run);
  }

  std::string run(const std::string& domain, const std::string& sha = "s1") {
    return end(start(domain, sha));
  }

  std::string process_of(const std::string& domain, const std::string& sha = "s1") {
    auto answer = run(domain, sha);
    return answer.substr(0, answer.find(' '));
  }

  std::string prepare() {
    std::optional<caf::error> ready;
    pool.prepare([&ready](caf::error why) { ready = std::move(why); });
    auto until = std::chrono::steady_clock::now() + 20s;
    while (!ready && std::chrono::steady_clock::now() < until)
      loop.run_one_for(100ms);
    if (!ready)
      return "no answer";
    return *ready ? detail_of(*ready) : "ready";
  }

  // Lets the pool do what it does by itself.
  void wait(std::chrono::milliseconds span) { loop.run_for(span); }

  boost::asio::io_context loop;
  runtime_pool pool;
  uint32_t last_run = 0;
};

} // namespace varia::test
