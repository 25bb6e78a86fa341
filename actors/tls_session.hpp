#pragma once

#include "actors/node_identity.hpp"

#include <caf/io/network/native_socket.hpp>
#include <caf/io/network/rw_state.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace varia {

/// One connection between two nodes that show each other their certificates, in the shape that
/// CAF's streams want: nothing blocks, everything happens in the thread of the multiplexer. The
/// socket is the caller's, connected and non-blocking. No byte goes through until both sides are
/// known, and a session asks to be woken for writing only if that brings it on.
class tls_session {
public:
  using rw_state = caf::io::network::rw_state;
  using native_socket = caf::io::network::native_socket;

  /// Who wants to know what becomes of a session. Neither function may end the session.
  struct listener {
    std::function<void()> ready;                        ///< Both sides are known.
    std::function<void()> wants_room;                   ///< It goes on when bytes can be sent.
    std::function<void(const std::string& why)> failed; ///< It came to nothing, in words.
  };

  tls_session(const node_identity& identity, native_socket socket, bool server);

  void listen(listener to) { listener_ = std::move(to); }

  /// Takes the handshake as far as it goes now; false if it has failed.
  bool advance();

  bool is_ready() const { return ready_; }

  /// True if the handshake goes on for longer than this.
  bool lags(std::chrono::milliseconds limit) const;

  /// Ends the connection in both directions; the multiplexer notices.
  void cut();

  // What a stream of CAF's asks of its policy.
  rw_state read_some(size_t& result, native_socket, void* to, size_t size);
  rw_state write_some(size_t& result, native_socket, const void* from, size_t size);
  bool must_read_more(native_socket, size_t threshold);

private:
  rw_state judge(int outcome, size_t& result);
  void report(int outcome);
  std::string words_for(int outcome) const;

  ssl_ptr ssl_;
  listener listener_;
  std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
  bool server_;
  bool ready_ = false;
  bool heard_ = false; ///< The other side has sent something since.
};

} // namespace varia
