#include "worker/confine/root.hpp"

#include <cstring>
#include <string>

#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr auto old_root = "/old";
constexpr mode_t folder_mode = 0755;

// Any folder will do to mount the new root on; it is covered in our own view only.
const char* find_stage() {
  struct stat found {};
  for (auto path : {"/tmp", "/run", "/var", "/usr"})
    if (::stat(path, &found) == 0 && S_ISDIR(found.st_mode))
      return path;
  errno = ENOENT;
  give_up("a folder to mount on");
}

// Adds to the flags of a mount and of those below it; what a mount forbids already stays forbidden.
void forbid(const char* path, uint64_t flags, unsigned how) {
  mount_attr change{};
  change.attr_set = flags;
  if (::syscall(SYS_mount_setattr, AT_FDCWD, path, how, &change, sizeof change) != 0)
    give_up(path);
}

void make_folders(const std::string& path) {
  for (auto mark = path.find('/', 1); mark != std::string::npos; mark = path.find('/', mark + 1))
    if (::mkdir(path.substr(0, mark).c_str(), folder_mode) != 0 && errno != EEXIST)
      give_up(path.c_str());
}

void show(const inside_file& what, const std::string& former_root) {
  auto source = old_root + former_root + what.source;
  struct stat found {};
  if (::stat(source.c_str(), &found) != 0)
    give_up(what.source);
  make_folders(what.target);
  auto is_made = false;
  if (S_ISDIR(found.st_mode)) {
    is_made = ::mkdir(what.target, folder_mode) == 0 || errno == EEXIST;
  } else {
    auto file = ::open(what.target, O_CREAT | O_WRONLY | O_CLOEXEC, 0444);
    is_made = file >= 0 && ::close(file) == 0;
  }
  if (!is_made || ::mount(source.c_str(), what.target, nullptr, MS_BIND | MS_REC, nullptr) != 0)
    give_up(what.target);
  auto flags = uint64_t{MOUNT_ATTR_RDONLY} | MOUNT_ATTR_NOSUID;
  if (!S_ISCHR(found.st_mode))
    flags |= MOUNT_ATTR_NODEV;
  forbid(what.target, flags, AT_RECURSIVE);
}

// The kernel lets us have one only as long as the old root's is in sight.
void show_processes() {
  if (::mkdir("/proc", folder_mode) != 0
      || ::mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0)
    give_up("/proc");
  forbid("/proc", MOUNT_ATTR_RDONLY, 0);
}

void exchange_roots() {
  auto stage = find_stage();
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_SLAVE, nullptr) != 0)
    give_up("private mounts");
  if (::mount("tmpfs", stage, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,nr_inodes=1k,mode=755") != 0)
    give_up("tmpfs");
  auto old_place = std::string{stage} + old_root;
  if (::mkdir(old_place.c_str(), folder_mode) != 0
      || ::syscall(SYS_pivot_root, stage, old_place.c_str()) != 0 || ::chdir("/") != 0)
    give_up("pivot_root");
}

} // namespace

void build_root(const plan& what, const std::string& former_root) {
  ::umask(0);
  exchange_roots();
  for (const auto& file : what.files)
    show(file, former_root);
  show_processes();
  if (::umount2(old_root, MNT_DETACH) != 0 || ::rmdir(old_root) != 0)
    give_up("the old root");
  forbid("/", MOUNT_ATTR_RDONLY, 0);
}

} // namespace varia
