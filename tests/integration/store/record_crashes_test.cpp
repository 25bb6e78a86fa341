#include "tests/integration/store/history_player.hpp"
#include "tests/support/redis_server.hpp"

#include <boost/test/unit_test.hpp>

#include <fstream>
#include <iterator>
#include <thread>

using namespace varia;
using namespace varia::test;

namespace {

struct fixture {
  redis_server server{redis_disk::written_first};
  redis db = server.connect_prepared();

  void restart() {
    server.start();
    db = server.connect();
  }
};

// What Redis has appended, by file.
class appended_files {
public:
  explicit appended_files(const redis_server& server) : folder_{server.appended_folder()} {
    for (auto& x : std::filesystem::directory_iterator{folder_}) {
      std::ifstream stream{x.path(), std::ios::binary};
      files_[x.path().filename()] = {std::istreambuf_iterator<char>{stream}, {}};
    }
  }

  // The file that grows.
  static std::string growing(const redis_server& server) {
    for (auto& x : std::filesystem::directory_iterator{server.appended_folder()})
      if (x.path().filename().string().find(".incr.") != std::string::npos)
        return x.path();
    throw std::runtime_error("Redis appends to no file");
  }

  static size_t size(const redis_server& server) {
    return std::filesystem::file_size(growing(server));
  }

  // Puts everything back, but of the file that grows only so many bytes.
  void put_back(size_t size) const {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directory(folder_);
    for (auto& [name, bytes] : files_) {
      auto grows = name.find(".incr.") != std::string::npos;
      std::ofstream stream{folder_ / name, std::ios::binary};
      stream << (grows ? bytes.substr(0, size) : bytes);
    }
  }

  // The bytes from there on.
  std::string growth(size_t from) const {
    for (auto& [name, bytes] : files_)
      if (name.find(".incr.") != std::string::npos)
        return bytes.substr(from);
    return {};
  }

private:
  std::filesystem::path folder_;
  std::map<std::string, std::string> files_;
};

// A store as it was once: how long its file was, and what the model says.
struct milestone {
  size_t size = 0;
  record_model model;
  std::array<variant_ref, 2> refs;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(record_crashes_test, fixture)

BOOST_AUTO_TEST_CASE(what_was_acknowledged_survives_kill_9) {
  std::random_device fresh;
  for (unsigned seed : {1U, 2U, unsigned{fresh()}}) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      BOOST_TEST_REQUIRE(!!db.run({"FLUSHALL"}));
      history_player player{db};
      history_maker chance{seed};
      size_t lost = 0;
      for (auto round = 0; round < 6; ++round) {
        std::thread killer{[this, delay = std::chrono::microseconds{2000 + chance.roll(60000)}] {
          std::this_thread::sleep_for(delay);
          server.crash();
        }};
        std::optional<operation> unanswered;
        while (!unanswered) {
          auto next = chance.make(1).front();
          try {
            player.play(next);
          } catch (const lost_connection&) {
            unanswered = next;
          }
        }
        killer.join();
        restart();
        player.recover(*unanswered);
        player.check_all(unanswered->seed);
        ++lost;
      }
      BOOST_TEST(lost == 6u);
    }
  }
}

// Every commit is whole or not there, wherever the file ends; and it is the last one that fits.
BOOST_AUTO_TEST_CASE(a_file_that_was_cut_anywhere_holds_whole_commits) {
  auto seed = std::random_device{}();
  BOOST_TEST_CONTEXT("seed " << seed) {
    history_player player{db};
    history_maker chance{seed};
    std::vector<milestone> milestones;
    auto note = [&] {
      milestones.push_back({appended_files::size(server), player.model(), player.refs()});
    };
    note();
    for (auto& x : chance.make(80)) {
      player.play(x);
      note();
    }
    server.crash();
    appended_files files{server};
    auto first = milestones.front().size;
    auto length = milestones.back().size - first;
    auto growth = files.growth(first);
    size_t inside = 0;
    for (auto n = 0; n < 110; ++n) {
      auto cut = first + chance.roll(static_cast<unsigned>(length + 1));
      auto after = [](size_t size, const milestone& x) { return size < x.size; };
      auto last = std::upper_bound(milestones.begin(), milestones.end(), cut, after) - 1;
      auto begun = growth.substr(0, cut - first).rfind("MULTI");
      inside += begun != std::string::npos && growth.find("EXEC", begun) > cut - first ? 1 : 0;
      files.put_back(cut);
      restart();
      BOOST_TEST_CONTEXT("cut after " << cut << " bytes, step " << last - milestones.begin()) {
        BOOST_CHECK_NO_THROW(
          (store_checker{db, last->model, last->refs}.check_all(static_cast<unsigned>(cut))));
      }
      server.crash();
    }
    BOOST_TEST(inside > 30u);
  }
}

BOOST_AUTO_TEST_SUITE_END()
