#define BOOST_TEST_MODULE varia
#include <boost/test/unit_test.hpp>

#include <csignal>

namespace {

// As the program does: a peer that is gone shows as an error of the write.
struct without_sigpipe {
  without_sigpipe() { std::signal(SIGPIPE, SIG_IGN); }
};

} // namespace

BOOST_TEST_GLOBAL_FIXTURE(without_sigpipe);
