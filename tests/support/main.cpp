#define BOOST_TEST_MODULE varia
#include <boost/test/unit_test.hpp>
