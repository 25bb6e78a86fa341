#include "console/private_file.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace varia {

namespace {

namespace fs = std::filesystem;

caf::error failed(const std::string& file) {
  return fail(errc::unavailable, file + ": cannot be written: " + strerror(errno));
}

bool write_all(int to, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    auto count = write(to, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR)
      return false;
    done += count > 0 ? static_cast<size_t>(count) : 0;
  }
  return fsync(to) == 0;
}

// Folders that are made on the way are for the owner alone, too.
void make_folder(const fs::path& folder) {
  std::error_code ignored;
  if (folder.empty() || fs::exists(folder, ignored))
    return;
  make_folder(folder.parent_path());
  mkdir(folder.c_str(), 0700);
}

} // namespace

std::string user_folder(const std::map<std::string, std::string>& environment,
                        const std::string& variable, const std::string& in_home) {
  auto value = environment.find(variable);
  if (value != environment.end() && fs::path{value->second}.is_absolute())
    return value->second + "/varia";
  auto home = environment.find("HOME");
  return (home == environment.end() ? "" : home->second) + "/" + in_home + "/varia";
}

expected<void> write_private_file(const std::string& file, const std::string& text) {
  make_folder(fs::path{file}.parent_path());
  auto part = file + ".XXXXXX";
  auto to = mkostemp(part.data(), O_CLOEXEC); // With mode 0600.
  if (to < 0)
    return failed(file);
  auto done = write_all(to, text);
  close(to);
  if (done && rename(part.c_str(), file.c_str()) == 0)
    return caf::unit;
  auto result = failed(file);
  unlink(part.c_str());
  return result;
}

} // namespace varia
