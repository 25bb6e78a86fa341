#include "tests/support/temporary_folder.hpp"
#include "worker/process.hpp"
#include "worker/sandbox.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>

#include <poll.h>
#include <unistd.h>

using namespace varia;
using namespace std::chrono_literals;

namespace {

namespace fs = std::filesystem;

// What every script begins with: `tell` runs a line of code and writes what it came to.
constexpr auto preamble = R"js(
  const fs = require('node:fs');
  const tell = (name, work) => {
    let said;
    try { said = JSON.stringify(work()); } catch (error) { said = error.code ?? error.message; }
    process.stdout.write(`${name}: ${said}\n`);
  };
)js";

struct fixture {
  fixture() {
    auto program = fs::read_symlink("/proc/self/exe");
    built = (program.parent_path().parent_path() / "runtime").string();
    fs::copy_file(built + "/confine", folder.file("confine"));
    folder.write("child.cjs", "");
    paths.dir = folder.path();
    paths.node = find_node(built);
    BOOST_REQUIRE(!paths.node.empty());
  }

  // Runs the script in place of child.cjs, and returns what it and the sandbox wrote.
  std::string run(const std::string& kind, const std::string& script) {
    auto child = start(kind, script);
    auto output = child.take_output();
    std::string result;
    char bytes[4096];
    for (pollfd wait{output, POLLIN, 0}; ::poll(&wait, 1, 20000) > 0;) {
      auto count = ::read(output, bytes, sizeof bytes);
      if (count <= 0)
        break;
      result.append(bytes, static_cast<size_t>(count));
    }
    ::close(output);
    for (auto i = 0; i < 2000 && !child.ended(); ++i)
      std::this_thread::sleep_for(5ms);
    end = child.ended().value_or("runs on");
    return result;
  }

  child_process start(const std::string& kind, const std::string& script) {
    folder.write("child.cjs", preamble + script);
    config.runtime.sandbox = kind;
    auto found = find_sandbox(config, paths);
    BOOST_REQUIRE_MESSAGE(found, (found ? "" : describe(found.error())));
    auto child = child_process::start(found->child_command());
    BOOST_REQUIRE(child);
    return std::move(*child);
  }

  bool is_there(const std::string& kind) {
    config.runtime.sandbox = kind;
    auto found = find_sandbox(config, paths);
    BOOST_TEST_MESSAGE("sandbox " << kind << ": " << (found ? "" : describe(found.error())));
    return bool{found};
  }

  // Does something in every kind of sandbox that this machine has.
  void everywhere(const std::function<void(const std::string&)>& work) {
    for (std::string kind : {"bwrap", "namespaces"}) {
      if (!is_there(kind)) {
        BOOST_TEST_MESSAGE("passed over: this machine has no sandbox of the kind " + kind);
        continue;
      }
      BOOST_TEST_CONTEXT(kind) {
        work(kind);
      }
    }
  }

  test::temporary_folder folder;
  settings config;
  std::string built;
  runtime_paths paths;
  std::string end;
};

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(sandbox_test, fixture)

BOOST_AUTO_TEST_CASE(shows_no_file_but_those_of_the_runtime) {
  everywhere([this](const std::string& kind) {
    auto said = run(kind, R"js(
      tell('runtime', () => fs.readdirSync('/runtime').includes('child.cjs'));
      tell('etc', () => fs.readdirSync('/etc').filter((name) => name !== 'ld.so.cache'));
      for (const path of ['/bin/sh', '/usr/bin/env', '/sys', '/dev/mem', '/dev/kmsg', '/dev/tty',
        '/dev/shm', '/dev/null/../../etc/passwd', '/old', '/proc/self/cwd/etc/passwd'])
        tell(path, () => fs.statSync(path).mode);
      tell('first', () => fs.statSync('/proc/1/root/etc/passwd').mode);
      for (const path of ['/x', '/runtime/x', '/dev/x', '/proc/x', '/runtime/child.cjs',
        '/proc/sys/kernel/core_pattern', '/proc/sysrq-trigger', '/proc/self/mem', '/proc/1/mem'])
        tell(`write ${path}`, () => fs.writeFileSync(path, 'x'));
      tell('rename', () => fs.renameSync('/runtime', '/elsewhere'));
      tell('link', () => fs.symlinkSync('/', '/link'));
    )js");
    BOOST_TEST(has(said, "runtime: true"), said);
    BOOST_TEST(has(said, "etc: []"), said);
    for (auto path : {"/bin/sh", "/usr/bin/env", "/sys", "/dev/mem", "/dev/kmsg", "/dev/tty",
                      "/dev/shm", "/old", "/proc/self/cwd/etc/passwd"})
      BOOST_TEST(has(said, std::string{"\n"} + path + ": ENOENT"), path << " in " << said);
    BOOST_TEST(has(said, "/dev/null/../../etc/passwd: ENO"), said);
    BOOST_TEST(has(said, "first: E"), said);
    BOOST_TEST(!has(said, ": undefined"), said);
  });
}

BOOST_AUTO_TEST_CASE(shows_no_environment_and_no_other_process) {
  ::setenv("VARIA_TEST_SECRET", "s3cret", 1);
  everywhere([this](const std::string& kind) {
    auto said = run(kind, R"js(
      tell('environment', () => process.env);
      tell('processes', () => fs.readdirSync('/proc').filter((x) => /^\d+$/.test(x)));
      for (const path of ['environ', 'mem', 'maps', 'root', 'cwd', 'exe'])
        tell(`1/${path}`, () => fs.readFileSync(`/proc/1/${path}`).length);
      tell('1/fd', () => fs.readdirSync('/proc/1/fd').length);
      tell('host', () => require('node:os').hostname());
      tell('files', () => fs.readdirSync('/proc/self/fd').filter((x) => x === '3').length);
    )js");
    BOOST_TEST(has(said, "environment: {}\n"), said);
    BOOST_TEST(has(said, "processes: [\"1\",\"2\"]\n"), said);
    for (auto path : {"environ", "mem", "maps", "root", "cwd", "exe"})
      BOOST_TEST(has(said, std::string{"1/"} + path + ": E"), path << " in " << said);
    // It has no file open, should they be seen.
    BOOST_TEST(has(said, "1/fd: 0") != has(said, "1/fd: EACCES"), said);
    BOOST_TEST(has(said, "host: \"varia\""), said);
    BOOST_TEST(has(said, "files: 1"), said);
    BOOST_TEST(!has(said, "s3cret"));
  });
}

BOOST_AUTO_TEST_CASE(gives_no_network) {
  everywhere([this](const std::string& kind) {
    auto said = run(kind, R"js(
      const net = require('node:net');
      const failed = (name) => (error) => process.stdout.write(`${name}: ${error.code}\n`);
      net.connect(80, '127.0.0.1').on('error', failed('tcp'));
      net.connect('/run/any.sock').on('error', failed('unix'));
      net.connect({ path: '\0abstract' }).on('error', failed('abstract'));
      net.createServer().listen(0).on('error', failed('listen'));
      require('node:http').get('http://127.0.0.1/').on('error', failed('http'));
      tell('udp', () => require('node:dgram').createSocket('udp4').bind(0) && null);
      process.on('uncaughtException', failed('other'));
      tell('interfaces', () => require('node:os').networkInterfaces());
      tell('devices', () => fs.readFileSync('/proc/self/net/dev', 'utf8').split('\n').length);
    )js");
    for (auto name : {"tcp", "unix", "abstract", "listen", "http"})
      BOOST_TEST(has(said, std::string{name} + ": EPERM"), name << " in " << said);
    BOOST_TEST((!has(said, "udp: null\n") || has(said, "other: EPERM")), said);
    // Two lines of titles, the loopback device, and nothing after the last line.
    BOOST_TEST(has(said, "devices: 4\n"), said);
  });
}

BOOST_AUTO_TEST_CASE(lets_no_process_be_started_or_hurt) {
  everywhere([this](const std::string& kind) {
    auto said = run(kind, R"js(
      const { spawnSync, execFileSync, fork } = require('node:child_process');
      const started = (result) => { if (result.error) throw result.error; return result.status; };
      tell('node', () => started(spawnSync(process.execPath, ['--version'])));
      tell('confine', () => started(spawnSync('/runtime/confine', [])));
      tell('shell', () => execFileSync('/bin/sh', ['-c', 'true']) && 1);
      tell('fork', () => fork('/runtime/child.cjs').pid ?? null);
      process.on('uncaughtException', () => {});
      tell('cluster', () => require('node:cluster').fork() && 1);
      tell('parent', () => process.kill(process.ppid, 'SIGKILL'));
      tell('everybody', () => process.kill(-1, 'SIGUSR2') && 1);
      setTimeout(() => tell('alive', () => 1), 200);
      process.on('SIGUSR2', () => {});
    )js");
    for (auto name : {"node", "confine", "shell"})
      BOOST_TEST(has(said, std::string{name} + ": EPERM"), name << " in " << said);
    BOOST_TEST(!has(said, "fork: 3"), said);
    // What the first process of a namespace gets from inside, it does not even notice.
    BOOST_TEST(has(said, "alive: 1"), said);
    BOOST_TEST(end == "exited with status 0");
  });
}

BOOST_AUTO_TEST_CASE(gives_no_rights) {
  everywhere([this](const std::string& kind) {
    auto said = run(kind, R"js(
      const status = fs.readFileSync('/proc/self/status', 'utf8');
      for (const name of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb', 'NoNewPrivs',
        'Seccomp'])
        tell(name, () => status.match(new RegExp(`^${name}:\\s*(.*)$`, 'm'))[1]);
      tell('user', () => process.getuid() !== 0 && process.getgid() !== 0);
      tell('setuid', () => process.setuid(0));
      tell('groups', () => process.setgroups([0]));
      tell('chroot', () => process.binding('fs') && 0);
      tell('priority', () => require('node:os').setPriority(0, -20));
      tell('report', () => process.report.writeReport('/runtime/report') && 0);
      tell('native', () => process.dlopen({ exports: {} }, '/lib/x86_64-linux-gnu/libc.so.6'));
    )js");
    for (auto name : {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"})
      BOOST_TEST(has(said, std::string{name} + ": \"0000000000000000\""), name << " in " << said);
    BOOST_TEST(has(said, "NoNewPrivs: \"1\""), said);
    BOOST_TEST(has(said, "Seccomp: \"2\""), said);
    BOOST_TEST(has(said, "user: true"), said);
    BOOST_TEST(has(said, "setuid: EINVAL") != has(said, "setuid: EPERM"), said);
    BOOST_TEST(!has(said, "groups: undefined"), said);
    BOOST_TEST(!has(said, "priority: undefined"), said);
  });
}

BOOST_AUTO_TEST_CASE(limits_what_is_beside_the_heap) {
  config.runtime.memory_mb = 64;
  config.runtime.buffers_mb = 100;
  auto check = [this](const std::string& kind) {
    auto said = run(kind, R"js(
      const all = [];
      tell('buffers', () => { for (;;) all.push(Buffer.alloc(20 << 20, 1)); });
      const count = all.length;
      all.length = 0;
      tell('some', () => count > 2 && count < 15);
      tell('files', () => { const open = []; for (;;) open.push(fs.openSync('/dev/null')); });
    )js");
    BOOST_TEST(has(said, "buffers: ERR_MEMORY_ALLOCATION_FAILED")
                 != has(said, "buffers: Array buffer allocation failed"),
               said);
    BOOST_TEST(has(said, "some: true"), said);
    BOOST_TEST(has(said, "files: EMFILE"), said);
  };
  everywhere(check);
  check("none");
}

BOOST_AUTO_TEST_CASE(says_which_signal_ended_a_script) {
  auto check = [this](const std::string& kind) {
    run(kind, "process.abort();");
    BOOST_TEST(end == "killed by signal 6");
    run(kind, "process.kill(process.pid, 'SIGKILL'); setTimeout(() => {}, 10000);");
    BOOST_TEST(end == "killed by signal 9");
    run(kind, "process.exit(3);");
    BOOST_TEST(end == "exited with status 3");
  };
  everywhere(check);
  check("none");
}

BOOST_AUTO_TEST_CASE(ends_with_everything_inside_when_it_is_killed) {
  everywhere([this](const std::string& kind) {
    auto child = start(kind, "process.stdout.write('here'); setInterval(() => {}, 1000);");
    auto output = child.take_output();
    pollfd wait{output, POLLIN, 0};
    BOOST_REQUIRE(::poll(&wait, 1, 20000) == 1);
    char bytes[16];
    BOOST_REQUIRE(::read(output, bytes, sizeof bytes) == 4);
    BOOST_TEST(child.look().resident_bytes > 20'000'000U);
    BOOST_TEST(child.look().processor_time.count() > 0);
    // Not the group: only the outermost process, as if the system had chosen it.
    ::kill(child.pid(), SIGKILL);
    BOOST_REQUIRE(::poll(&wait, 1, 20000) == 1);
    // Everybody who could write is gone.
    BOOST_TEST(::read(output, bytes, sizeof bytes) == 0);
    ::close(output);
  });
}

BOOST_AUTO_TEST_CASE(closes_the_socket_when_the_script_closes_it) {
  everywhere([this](const std::string& kind) {
    auto child = start(kind, "fs.closeSync(3); setTimeout(() => {}, 20000);");
    auto socket = child.take_socket();
    pollfd wait{socket, POLLIN, 0};
    BOOST_REQUIRE(::poll(&wait, 1, 15000) == 1);
    char byte = 0;
    BOOST_TEST(::read(socket, &byte, 1) == 0);
    ::close(socket);
  });
}

BOOST_AUTO_TEST_CASE(runs_the_node_of_the_system_too) {
  if (::access("/usr/bin/node", X_OK) != 0) {
    BOOST_TEST_MESSAGE("passed over: this machine has no /usr/bin/node");
    return;
  }
  paths.node = "/usr/bin/node";
  everywhere([this](const std::string& kind) {
    BOOST_TEST(run(kind, "tell('path', () => process.execPath);")
               == "path: \"" + fs::canonical("/usr/bin/node").string() + "\"\n");
  });
}

BOOST_AUTO_TEST_CASE(takes_bubblewrap_first_and_namespaces_else) {
  config.runtime.sandbox = "auto";
  auto found = find_sandbox(config, paths);
  BOOST_REQUIRE(found);
  auto wanted = is_there("bwrap") ? sandbox_kind::bwrap : sandbox_kind::namespaces;
  BOOST_TEST((found->kind() == wanted));
  auto path = std::string{std::getenv("PATH")};
  ::setenv("PATH", "/nonexistent", 1);
  config.runtime.sandbox = "auto";
  auto without = find_sandbox(config, paths);
  config.runtime.sandbox = "bwrap";
  auto refused = find_sandbox(config, paths);
  ::setenv("PATH", path.c_str(), 1);
  BOOST_TEST((!without || without->kind() == sandbox_kind::namespaces));
  BOOST_REQUIRE(!refused);
  BOOST_TEST((code_of(refused.error()) == errc::invalid));
  BOOST_TEST(has(detail_of(refused.error()), "bwrap: not found in PATH"));
  BOOST_TEST(has(detail_of(refused.error()), "runtime.sandbox = \"none\""));
}

BOOST_AUTO_TEST_CASE(says_when_node_or_the_runtime_is_missing) {
  paths.node = "/bin/false";
  auto broken = find_sandbox(config, paths);
  BOOST_REQUIRE(!broken);
  BOOST_TEST(has(detail_of(broken.error()), "runtime.node"));
  paths.dir = "/nonexistent";
  auto missing = find_sandbox(config, paths);
  BOOST_REQUIRE(!missing);
  BOOST_TEST(has(detail_of(missing.error()), "/nonexistent/confine"));
}

BOOST_AUTO_TEST_CASE(finds_the_libraries_of_a_program) {
  auto all = shared_libraries(paths.node);
  BOOST_REQUIRE(all);
  auto has_libc = std::any_of(all->begin(), all->end(),
                              [](const std::string& x) { return has(x, "/libc.so"); });
  BOOST_TEST(has_libc);
  BOOST_TEST(shared_libraries(built + "/confine")->empty());
  BOOST_TEST(!shared_libraries("/etc/passwd"));
  BOOST_TEST(!shared_libraries("/nonexistent"));
}

BOOST_AUTO_TEST_SUITE_END()
