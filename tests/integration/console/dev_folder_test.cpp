#include "console/dev_folder.hpp"
#include "core/ids.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <thread>

#include <sys/wait.h>

using namespace varia;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

struct fixture {
  test::temporary_folder folder;
};

bool only_for_owner(const std::string& path) {
  return (fs::status(path).permissions() & (fs::perms::group_all | fs::perms::others_all))
         == fs::perms::none;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(dev_folder_test, fixture)

BOOST_AUTO_TEST_CASE(is_created_and_belongs_to_one_process) {
  auto first = dev_folder::open(folder.file("a/b"));
  BOOST_REQUIRE(first);
  BOOST_TEST(fs::is_directory(folder.file("a/b")));
  auto second = dev_folder::open(folder.file("a/b"));
  BOOST_REQUIRE(!second);
  BOOST_TEST((code_of(second.error()) == errc::exists));
}

BOOST_AUTO_TEST_CASE(is_free_again_afterwards) {
  BOOST_TEST(static_cast<bool>(dev_folder::open(folder.path())));
  BOOST_TEST(static_cast<bool>(dev_folder::open(folder.path())));
}

BOOST_AUTO_TEST_CASE(cannot_be_where_a_file_is) {
  folder.write("taken", "");
  BOOST_TEST(!dev_folder::open(folder.file("taken")));
}

BOOST_AUTO_TEST_CASE(makes_a_key_once_and_keeps_it_to_its_owner) {
  auto data = dev_folder::open(folder.path());
  BOOST_REQUIRE(data);
  auto key = data->api_key("");
  BOOST_REQUIRE(key);
  BOOST_TEST(is_uuid_v4(*key));
  BOOST_TEST(only_for_owner(folder.file("api-key")));
  BOOST_TEST(*data->api_key("") == *key);
}

BOOST_AUTO_TEST_CASE(takes_the_key_that_is_wanted) {
  auto data = dev_folder::open(folder.path());
  BOOST_REQUIRE(data);
  auto wanted = make_uuid();
  data->api_key("");
  BOOST_TEST(*data->api_key(wanted) == wanted);
  BOOST_TEST(*data->api_key("") == wanted);
  auto refused = data->api_key("secret");
  BOOST_REQUIRE(!refused);
  BOOST_TEST(detail_of(refused.error()).find("secret") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(redis_uses_a_socket_where_its_path_is_short) {
  auto data = dev_folder::open(folder.path());
  BOOST_REQUIRE(data);
  auto store = dev_redis::prepare(*data);
  BOOST_REQUIRE(store);
  BOOST_TEST(store->url() == "unix://" + folder.path() + "/redis.sock");
  BOOST_TEST(!store->answers());
  BOOST_TEST(only_for_owner(folder.file("redis.conf")));
}

BOOST_AUTO_TEST_CASE(redis_uses_a_port_and_a_password_where_the_path_is_long) {
  auto data = dev_folder::open(folder.file(std::string(80, 'x') + " \"y\" z"));
  BOOST_REQUIRE(data);
  auto store = dev_redis::prepare(*data);
  BOOST_REQUIRE(store);
  BOOST_TEST(store->url().find("redis://:") == 0u);
  auto command = store->command();
  for (auto& word : command.words)
    BOOST_TEST(store->url().find(word) == std::string::npos);
  command.environment = environment_of_process();
  command.death_signal = SIGKILL;
  auto server = start_child(command);
  BOOST_REQUIRE(server);
  auto answered = false;
  for (auto i = 0; i < 1000 && !answered; ++i) {
    answered = store->answers();
    std::this_thread::sleep_for(10ms);
  }
  kill(*server, SIGKILL);
  waitpid(*server, nullptr, 0);
  BOOST_TEST(answered);
}

BOOST_AUTO_TEST_CASE(tells_whether_an_address_is_free) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor taken{context, {boost::asio::ip::address_v4::loopback(), 0}};
  BOOST_TEST(!check_free({"127.0.0.1", taken.local_endpoint().port()}));
  BOOST_TEST(static_cast<bool>(check_free({"127.0.0.1", *free_port()})));
  BOOST_TEST(!check_free({"192.0.2.1", 3003}));
}

BOOST_AUTO_TEST_SUITE_END()
