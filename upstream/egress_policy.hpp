#pragma once

#include "core/error.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace varia {

/// An IP address of either family: 16 bytes, where those of version 4 are mapped (::ffff:a.b.c.d).
using ip_address = std::array<uint8_t, 16>;

/// Reads an address as it is written in full; nothing if the text is none.
std::optional<ip_address> parse_address(const std::string& text);

/// Returns the address of a socket; nothing for families other than IPv4 and IPv6.
std::optional<ip_address> address_of(const sockaddr& socket);

/// All addresses that begin with the same bits.
struct address_range {
  ip_address first{};
  unsigned bits = 128;

  bool contains(const ip_address& x) const;
};

/// Which addresses requests may be sent to. By itself it admits what is public: no private,
/// loopback, link-local, multicast, unspecified, reserved or documentation address, none at which
/// clouds serve their metadata, and no IPv6 form of any of these (mapped, NAT64, 6to4). It judges
/// the address that a socket is about to be opened to, so that neither spelling nor DNS deceives
/// it.
class egress_policy {
public:
  egress_policy() = default;

  /// Reads what is `allowed` although it is not public, and what is `refused` although it is
  /// public or allowed: addresses, ranges (10.0.0.0/8) and host names, separated by commas. Fails
  /// with `invalid` and the part that is none of these.
  static expected<egress_policy> make(const std::string& allowed, const std::string& refused);

  /// True if a request to `host` (as its URL names it) may open a socket to this address.
  bool admits(const ip_address& address, const std::string& host) const;

private:
  struct list {
    std::vector<address_range> ranges;
    std::vector<std::string> hosts; ///< In lower case.

    bool has(const std::vector<ip_address>& forms, const std::string& host) const;
  };

  static expected<list> read(const std::string& text);

  list allowed_;
  list refused_;
};

} // namespace varia
