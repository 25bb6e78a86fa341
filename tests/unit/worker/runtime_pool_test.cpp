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

using namespace varia;
using namespace std::chrono_literals;

namespace {

// A script process in a few lines. It ends each run with its own process number as the error, and
// asks for the code of every run that comes without it.
constexpr auto fake_process = R"js(
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
  let bytes = Buffer.alloc(0);
  let needs = 0;
  socket.on('data', (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const frame = bytes.subarray(0, 4 + bytes.readUInt32BE(0));
      bytes = bytes.subarray(frame.length);
      const run = frame.readUInt32BE(4);
      if (frame[8] === 8) process.exit(0);
      if (frame[8] === 6) send(0, 20, [0x81, ...text('rss'), 1]);
      if (frame[8] !== 1) continue;
      if (frame.includes('garbage')) socket.write(Buffer.alloc(64));
      else if (frame.includes('code')) done(run, `${process.pid} ${needs}`);
      else { needs += 1; send(run, 22, [0x80]); }
    }
  });
  socket.on('close', () => process.exit(0));
  send(0, 16, [0x81, ...text('proto'), PROTO]);
)js";

std::vector<std::string> fake_command(const std::string& protocol) {
  auto node = std::filesystem::absolute(find_node("worker/runtime")).string();
  BOOST_REQUIRE(!node.empty());
  std::string program = fake_process;
  program.replace(program.find("PROTO]"), 5, protocol);
  return {node, "-e", program};
}

struct fake_client : run_client {
  void take_frame(frame x, std::shared_ptr<void>) override {
    auto body = frame_body::read(std::move(x.body));
    BOOST_REQUIRE(body);
    end = read_run_error(body->root().at("error")).description;
  }

  void lose_process(const std::string& why) override { end = "lost: " + why; }

  std::optional<std::string> end;
};

struct fixture {
  fixture() { pool.set_command(fake_command("1")); }

  static runtime_pool_config limits() {
    runtime_pool_config result;
    result.processes = 1;
    result.slots = 2;
    return result;
  }

  ~fixture() {
    pool.stop();
    loop.run_for(3s);
  }

  std::string run(const std::string& domain, const std::string& sha = "s1") {
    auto client = std::make_shared<fake_client>();
    run_job job;
    job.domain = domain;
    job.sha = sha;
    job.code = std::make_shared<const std::string>("x");
    job.write_context = [](frame_writer& writer) { writer.map(0); };
    pool.start(++last_run, std::move(job), client);
    auto until = std::chrono::steady_clock::now() + 20s;
    while (!client->end && std::chrono::steady_clock::now() < until)
      loop.run_one_for(100ms);
    return client->end.value_or("no end");
  }

  std::string process_of(const std::string& domain) {
    auto answer = run(domain);
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

  boost::asio::io_context loop;
  runtime_pool pool{loop, limits()};
  uint32_t last_run = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(runtime_pool_test, fixture)

BOOST_AUTO_TEST_CASE(keeps_a_process_for_the_next_run_of_its_domain) {
  BOOST_TEST(prepare() == "ready");
  auto first = process_of("dev");
  BOOST_TEST(std::stoi(first) > 1);
  BOOST_TEST(process_of("dev") == first);
}

BOOST_AUTO_TEST_CASE(never_puts_two_domains_into_one_process) {
  auto dev = process_of("dev");
  auto prod = process_of("prod");
  BOOST_TEST(std::stoi(prod) > 1);
  BOOST_TEST(prod != dev);
  BOOST_TEST(process_of("prod") == prod);
}

BOOST_AUTO_TEST_CASE(sends_code_again_to_a_process_that_lost_it) {
  BOOST_TEST(run("dev").find(" 0") != std::string::npos);
  BOOST_TEST(run("dev").find(" 1") != std::string::npos);
  BOOST_TEST(run("dev", "s2").find(" 1") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(replaces_a_process_after_its_share_of_runs) {
  auto first = process_of("dev");
  for (auto i = 1; i < 500; ++i)
    BOOST_REQUIRE(process_of("dev") == first);
  auto next = process_of("dev");
  BOOST_TEST(std::stoi(next) > 1);
  BOOST_TEST(next != first);
}

BOOST_AUTO_TEST_CASE(kills_a_process_that_breaks_the_protocol) {
  auto first = process_of("dev");
  BOOST_TEST(run("dev", "garbage").find("lost: the script's process broke the protocol") == 0U);
  BOOST_TEST(process_of("dev") != first);
}

BOOST_AUTO_TEST_CASE(refuses_a_process_of_another_protocol) {
  pool.set_command(fake_command("2"));
  BOOST_TEST(prepare()
             == "the script runtime does not start: the script's process speaks protocol 2");
}

BOOST_AUTO_TEST_CASE(tells_waiting_runs_when_no_process_gets_ready) {
  pool.set_command({"/bin/false"});
  BOOST_TEST(run("dev").find("lost: ") == 0U);
}

BOOST_AUTO_TEST_SUITE_END()
