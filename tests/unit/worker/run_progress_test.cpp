#include "worker/run_progress.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>

using namespace varia;

namespace {

using namespace std::chrono_literals;

struct fixture {
  run_progress progress;
  run_progress::clock::time_point begin{};

  void request(const std::string& method, int status, uint64_t bytes = 10) {
    request_trace x;
    x.method = method;
    x.status = status;
    x.bytes = bytes;
    progress.count(x);
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(run_progress_test, fixture)

BOOST_AUTO_TEST_CASE(tells_what_was_saved_and_asked_for) {
  request("GET", 200);
  request("GET", 200, 0);
  request("GET", 304);
  request("POST", 201);
  request("GET", 429);
  request("GET", 0);
  progress.set_saved({3, 2, 1, 4, 5}, 7);
  BOOST_TEST(progress.text(begin)
             == R"({"batches":7,"budget_wait_ms":0,"deleted":1,"failed_requests":2,"pages":1,)"
                R"("requests":6,"saved":9,"unchanged":4})");
}

BOOST_AUTO_TEST_CASE(tells_how_long_it_has_waited_and_that_it_waits) {
  auto& budget = *progress.budget();
  budget.begin(begin);
  budget.begin(begin + 1s);
  budget.end(begin + 2s);
  auto text = progress.text(begin + 3s);
  BOOST_TEST(text.find(R"("budget_wait_ms":3000)") != std::string::npos, text);
  BOOST_TEST(text.find(R"("waits_for":"budget")") != std::string::npos, text);
  budget.end(begin + 4s);
  budget.end(begin + 5s);
  text = progress.text(begin + 60s);
  BOOST_TEST(text.find(R"("budget_wait_ms":4000)") != std::string::npos, text);
  BOOST_TEST(text.find("waits_for") == std::string::npos, text);
}

BOOST_AUTO_TEST_SUITE_END()
