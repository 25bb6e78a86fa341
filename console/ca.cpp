#include "console/ca.hpp"

#include "console/certificate.hpp"

#include <openssl/pem.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace varia {

namespace {

constexpr auto owner_only = 0600;
constexpr auto for_all = 0644;

std::string path_of(const std::string& dir, const std::string& name, const char* kind) {
  return dir + "/" + name + kind;
}

caf::error cannot(const char* what, const std::string& path) {
  return fail(errc::invalid,
              path + ": cannot be " + what + ": " + std::generic_category().message(errno));
}

expected<void> write_new(const std::string& path, BIO& text, int mode) {
  auto fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (fd < 0 && errno == EEXIST)
    return fail(errc::exists, path + " exists already, and is not overwritten");
  if (fd < 0)
    return cannot("written", path);
  char* bytes = nullptr;
  auto size = static_cast<size_t>(BIO_get_mem_data(&text, &bytes));
  std::string_view rest{bytes, size};
  auto written = ssize_t{0};
  while (!rest.empty() && (written = write(fd, rest.data(), rest.size())) > 0)
    rest.remove_prefix(static_cast<size_t>(written));
  if (!rest.empty() || fsync(fd) != 0) {
    auto why = cannot("written", path);
    close(fd);
    unlink(path.c_str());
    return why;
  }
  close(fd);
  return caf::unit;
}

// Both files, or neither.
expected<void> write_pair(const std::string& dir, const std::string& name, const credential& what) {
  bio_ptr key{BIO_new(BIO_s_mem())};
  bio_ptr certificate{BIO_new(BIO_s_mem())};
  if (PEM_write_bio_PrivateKey(key.get(), what.key.get(), nullptr, nullptr, 0, nullptr, nullptr)
        != 1
      || PEM_write_bio_X509(certificate.get(), what.certificate.get()) != 1)
    return fail(errc::internal, "OpenSSL cannot write the certificate");
  auto key_path = path_of(dir, name, ".key");
  if (auto done = write_new(key_path, *key, owner_only); !done)
    return done;
  auto done = write_new(path_of(dir, name, ".crt"), *certificate, for_all);
  if (!done)
    unlink(key_path.c_str());
  return done;
}

template <class T, class Read>
expected<T> read_pem(const std::string& path, Read read) {
  errno = 0;
  bio_ptr file{BIO_new_file(path.c_str(), "r")};
  if (!file) {
    ERR_clear_error();
    return cannot("read", path);
  }
  T result{read(file.get())};
  ERR_clear_error();
  if (!result)
    return fail(errc::invalid, path + ": is not what `varia ca init` wrote");
  return result;
}

expected<credential> read_authority(const std::string& dir) {
  auto no_passphrase = [](char*, int, int, void*) { return -1; };
  auto key = read_pem<pkey_ptr>(path_of(dir, "ca", ".key"), [&](BIO* file) {
    return PEM_read_bio_PrivateKey(file, nullptr, no_passphrase, nullptr);
  });
  if (!key)
    return std::move(key.error());
  auto certificate = read_pem<x509_ptr>(path_of(dir, "ca", ".crt"), [](BIO* file) {
    return PEM_read_bio_X509(file, nullptr, nullptr, nullptr);
  });
  if (!certificate)
    return std::move(certificate.error());
  if (X509_check_private_key(certificate->get(), key->get()) != 1) {
    ERR_clear_error();
    return fail(errc::invalid, dir + ": ca.key is not the key of ca.crt");
  }
  return credential{std::move(*key), std::move(*certificate)};
}

int tell(const expected<void>& done, const std::string& dir, const std::string& name,
         std::ostream& out, std::ostream& err) {
  if (!done) {
    err << detail_of(done.error()) << "\n";
    return 1;
  }
  out << path_of(dir, name, ".key") << "\n" << path_of(dir, name, ".crt") << "\n";
  return 0;
}

} // namespace

expected<void> init_authority(const std::string& dir, uint32_t days) {
  std::error_code code;
  auto is_new = std::filesystem::create_directories(dir, code);
  if (code)
    return fail(errc::invalid, dir + ": cannot be made: " + code.message());
  if (is_new)
    std::filesystem::permissions(dir, std::filesystem::perms::owner_all, code);
  auto made = make_authority(days);
  if (!made)
    return std::move(made.error());
  return write_pair(dir, "ca", *made);
}

expected<void> issue_certificate(const std::string& dir, const std::string& name,
                                 const std::vector<std::string>& hosts, uint32_t days) {
  auto authority = read_authority(dir);
  if (!authority)
    return std::move(authority.error());
  auto made = make_node(*authority, name, hosts, days);
  if (!made)
    return std::move(made.error());
  return write_pair(dir, name, *made);
}

int run_ca_init(const std::string& dir, uint32_t days, std::ostream& out, std::ostream& err) {
  return tell(init_authority(dir, days), dir, "ca", out, err);
}

int run_ca_issue(const issue_options& what, std::ostream& out, std::ostream& err) {
  for (auto& name : what.names) {
    auto done = issue_certificate(what.dir, name, what.hosts, what.days);
    if (auto status = tell(done, what.dir, name, out, err); status != 0)
      return status;
  }
  return 0;
}

} // namespace varia
