#include "store/content_hash.hpp"

#include "store/json_text.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>

namespace varia {

namespace {

// Looking the algorithm up costs as much as hashing a small record, so each thread does it once.
class sha256 {
public:
  using digest = std::array<unsigned char, 32>;

  bool hash(std::string_view text, digest& result) {
    return EVP_DigestInit_ex2(context_.get(), kind_.get(), nullptr) == 1
           && EVP_DigestUpdate(context_.get(), text.data(), text.size()) == 1
           && EVP_DigestFinal_ex(context_.get(), result.data(), nullptr) == 1;
  }

private:
  std::unique_ptr<EVP_MD, void (*)(EVP_MD*)> kind_{EVP_MD_fetch(nullptr, "SHA256", nullptr),
                                                   EVP_MD_free};
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_{EVP_MD_CTX_new(), EVP_MD_CTX_free};
};

} // namespace

expected<std::string> content_hash(std::string_view json) {
  auto text = canonical_json(json);
  if (!text)
    return text;
  thread_local sha256 hasher;
  sha256::digest digest;
  if (!hasher.hash(*text, digest))
    return fail(errc::internal, "no SHA-256");
  return std::string{digest.begin(), digest.begin() + 16};
}

} // namespace varia
