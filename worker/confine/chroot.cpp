#include "worker/confine/chroot.hpp"

#include "worker/confine/plan.hpp"

#include <climits>

#include <array>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace varia {

namespace {

// More folders than a path can name.
constexpr auto steps_max = PATH_MAX;

bool is_same(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

// Who stands outside of his root is not stopped by it on his way up.
bool climb_to_the_top() {
  for (auto step = 0; step < steps_max; ++step) {
    struct stat here {};
    struct stat above {};
    if (::stat(".", &here) != 0 || ::stat("..", &above) != 0)
      return false;
    if (is_same(here, above))
      return true;
    if (::chdir("..") != 0)
      return false;
  }
  return false;
}

} // namespace

std::string leave_chroot() {
  struct stat old_root {};
  auto former = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (former < 0 || ::fstat(former, &old_root) != 0 || ::chdir("/") != 0)
    give_up("/");
  // With a folder below as our root we stand outside of it.
  if (::geteuid() != 0 || ::chroot("/usr") != 0) {
    ::close(former);
    return {};
  }
  struct stat top {};
  if (!climb_to_the_top() || ::stat(".", &top) != 0 || ::chroot(".") != 0)
    give_up("the top of the file system");
  std::array<char, PATH_MAX> path{};
  if (::fchdir(former) != 0 || ::getcwd(path.data(), path.size()) == nullptr || ::chdir("/") != 0)
    give_up("the former root");
  ::close(former);
  return is_same(old_root, top) ? std::string{} : std::string{path.data()};
}

} // namespace varia
