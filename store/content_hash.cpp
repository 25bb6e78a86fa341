#include "store/content_hash.hpp"

#include "store/json_text.hpp"

#include <openssl/evp.h>

namespace varia {

expected<std::string> content_hash(std::string_view json) {
  auto text = canonical_json(json);
  if (!text)
    return text;
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  if (EVP_Digest(text->data(), text->size(), reinterpret_cast<unsigned char*>(digest.data()),
                 nullptr, EVP_sha256(), nullptr)
      != 1)
    return fail(errc::internal, "no SHA-256");
  digest.resize(16);
  return digest;
}

} // namespace varia
