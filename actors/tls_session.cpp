#include "actors/tls_session.hpp"

#include <openssl/sslerr.h>

#include <algorithm>
#include <limits>
#include <utility>

#include <sys/socket.h>

namespace varia {

namespace {

// Who looks whether a port is open leaves at once and without a word.
constexpr std::chrono::milliseconds glance{500};

int as_int(size_t size) {
  return static_cast<int>(std::min<size_t>(size, std::numeric_limits<int>::max()));
}

} // namespace

tls_session::tls_session(const node_identity& identity, native_socket socket, bool server)
  : ssl_{SSL_new(identity.context())}, server_{server} {
  SSL_set_fd(ssl_.get(), socket);
  if (server)
    SSL_set_accept_state(ssl_.get());
  else
    SSL_set_connect_state(ssl_.get());
}

bool tls_session::advance() {
  ERR_clear_error();
  auto outcome = SSL_do_handshake(ssl_.get());
  if (outcome == 1) {
    ready_ = true;
    if (listener_.ready)
      listener_.ready();
    return true;
  }
  switch (SSL_get_error(ssl_.get(), outcome)) {
    case SSL_ERROR_WANT_READ: return true;
    case SSL_ERROR_WANT_WRITE:
      if (listener_.wants_room)
        listener_.wants_room();
      return true;
    default: report(outcome); return false;
  }
}

bool tls_session::lags(std::chrono::milliseconds limit) const {
  return !ready_ && std::chrono::steady_clock::now() - since_ > limit;
}

void tls_session::cut() {
  shutdown(SSL_get_fd(ssl_.get()), SHUT_RDWR);
}

tls_session::rw_state tls_session::read_some(size_t& result, native_socket, void* to, size_t size) {
  result = 0;
  if (!ready_ && !advance())
    return rw_state::failure;
  if (!ready_)
    return rw_state::success;
  ERR_clear_error();
  auto outcome = SSL_read(ssl_.get(), to, as_int(size));
  auto state = judge(outcome, result);
  // The other side judges our certificate after the handshake has ended for us.
  if (state == rw_state::failure && !heard_ && !server_)
    report(outcome);
  heard_ = heard_ || outcome > 0;
  return state;
}

tls_session::rw_state tls_session::write_some(size_t& result, native_socket, const void* from,
                                              size_t size) {
  result = 0;
  if (!ready_ && !advance())
    return rw_state::failure;
  if (!ready_ || size == 0)
    return rw_state::indeterminate;
  ERR_clear_error();
  return judge(SSL_write(ssl_.get(), from, as_int(size)), result);
}

bool tls_session::must_read_more(native_socket, size_t threshold) {
  return static_cast<size_t>(SSL_pending(ssl_.get())) >= threshold;
}

tls_session::rw_state tls_session::judge(int outcome, size_t& result) {
  if (outcome > 0) {
    result = static_cast<size_t>(outcome);
    return rw_state::success;
  }
  auto error = SSL_get_error(ssl_.get(), outcome);
  auto waits = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
  return waits ? rw_state::success : rw_state::failure;
}

void tls_session::report(int outcome) {
  auto silent = BIO_number_read(SSL_get_rbio(ssl_.get())) == 0;
  if (!listener_.failed || (server_ && silent && !lags(glance)))
    return;
  // What the same failure looks like the next time says less.
  std::exchange(listener_.failed, nullptr)(silent ? "it says nothing of TLS" : words_for(outcome));
}

std::string tls_session::words_for(int outcome) const {
  if (auto code = SSL_get_verify_result(ssl_.get()); code != X509_V_OK)
    return std::string{"its certificate is not good: "} + X509_verify_cert_error_string(code);
  auto error = ERR_peek_error();
  auto reason = ERR_GET_REASON(error);
  auto* words = ERR_reason_error_string(error);
  if (SSL_get_error(ssl_.get(), outcome) != SSL_ERROR_SSL || words == nullptr
      || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING)
    return "it left during the handshake";
  if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
    return "it shows no certificate";
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST)
    return "it does not speak TLS";
  if (reason >= SSL_AD_REASON_OFFSET)
    return std::string{"it refuses our certificate: "} + words;
  return words;
}

} // namespace varia
