#include "console/backup.hpp"

#include "console/exit_code.hpp"
#include "core/openssl_handles.hpp"
#include "core/text.hpp"
#include "core/time.hpp"

#include <array>
#include <cstdio>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr auto format_version = 1;

std::string line_of(const json& x) {
  return x.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string part_of(const std::string& path) {
  return path + ".part";
}

} // namespace

struct running_checksum::state {
  digest_ptr context{EVP_MD_CTX_new()};
};

running_checksum::running_checksum() : state_{std::make_unique<state>()} {
  EVP_DigestInit_ex(state_->context.get(), EVP_sha256(), nullptr);
}

running_checksum::~running_checksum() = default;

void running_checksum::add(const std::string& bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string running_checksum::finish() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), bytes.data(), &size);
  std::string result;
  for (unsigned i = 0; i < size; ++i) {
    constexpr auto digits = "0123456789abcdef";
    result += digits[bytes.at(i) >> 4];
    result += digits[bytes.at(i) & 15];
  }
  return result;
}

expected<void> backup_writer::open(const std::string& path, bool secrets) {
  if (::access(path.c_str(), F_OK) == 0)
    return fail(errc::invalid, path + " is there already");
  path_ = path;
  // Nobody else may read it, from the first byte on.
  auto file = ::open(part_of(path).c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0)
    return fail(errc::invalid, part_of(path) + " cannot be written");
  ::close(file);
  file_.open(part_of(path), std::ios::binary | std::ios::trunc);
  return write(
    {{"varia_backup", format_version}, {"at", to_iso_z(now_ms())}, {"secrets", secrets}});
}

expected<void> backup_writer::begin_environment(const std::string& name) {
  return write({{"environment", name}});
}

expected<void> backup_writer::add(const json& item) {
  ++count_;
  return write(item);
}

expected<void> backup_writer::write(const json& line) {
  auto text = line_of(line);
  sum_.add(text);
  file_ << text;
  if (!file_)
    return fail(errc::invalid, part_of(path_) + " cannot be written");
  return caf::unit;
}

expected<void> backup_writer::finish() {
  file_ << line_of({{"end", true}, {"items", count_}, {"sha256", sum_.finish()}});
  file_.close();
  if (!file_ || std::rename(part_of(path_).c_str(), path_.c_str()) != 0)
    return fail(errc::invalid, path_ + " cannot be written");
  is_finished_ = true;
  return caf::unit;
}

backup_writer::~backup_writer() {
  if (!is_finished_ && file_.is_open()) {
    file_.close();
    std::remove(part_of(path_).c_str());
  }
}

namespace {

// A backup while it is read.
struct reading {
  backup_content content;
  std::string environment;
  running_checksum sum;
  bool has_begun = false;
  bool has_ended = false;
};

expected<void> read_first(const json& line, reading& to) {
  if (line.value("varia_backup", 0) != format_version)
    return fail(errc::invalid, "this is no backup, or one of another version");
  to.has_begun = true;
  to.content.secrets = line.value("secrets", false);
  to.content.at = line.value("at", "");
  return caf::unit;
}

expected<void> read_last(const json& line, reading& to) {
  to.has_ended = true;
  if (line.value("items", size_t{0}) != to.content.count
      || line.value("sha256", "") != to.sum.finish())
    return fail(errc::invalid, "the backup has been changed: its checksum is another one");
  return caf::unit;
}

expected<void> read_line(const std::string& text, reading& to, const backup_visitor& visit) {
  auto line = json::parse(text, nullptr, false);
  if (!line.is_object())
    return fail(errc::invalid, "the backup is broken");
  if (to.has_ended)
    return fail(errc::invalid, "something stands behind the end of the backup");
  if (to.has_begun && line.contains("end"))
    return read_last(line, to);
  to.sum.add(text + "\n");
  if (!to.has_begun)
    return read_first(line, to);
  if (line.contains("environment") && !line.contains("type")) {
    to.environment = line.value("environment", "");
    to.content.items[to.environment];
    return caf::unit;
  }
  ++to.content.count;
  ++to.content.items[to.environment][line.value("type", "?")];
  return visit ? visit(to.environment, std::move(line)) : expected<void>{caf::unit};
}

} // namespace

expected<backup_content> read_backup(const std::string& path, const backup_visitor& visit) {
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return fail(errc::invalid, path + ": cannot be read");
  reading state;
  for (std::string text; std::getline(file, text);)
    if (auto done = read_line(text, state, visit); !done)
      return code_of(done.error()) == errc::invalid
               ? fail(errc::invalid, path + ": " + detail_of(done.error()))
               : done.error();
  if (!state.has_ended)
    return fail(errc::invalid, path + ": the backup has no end");
  return std::move(state.content);
}

} // namespace varia
