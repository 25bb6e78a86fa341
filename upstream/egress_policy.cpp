#include "upstream/egress_policy.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace varia {

namespace {

constexpr unsigned mapped_bits = 96;

ip_address mapped(const uint8_t* v4) {
  ip_address result{};
  result[10] = result[11] = 0xff;
  std::copy_n(v4, 4, result.begin() + 12);
  return result;
}

std::optional<address_range> parse_range(const std::string& text) {
  auto slash = text.find('/');
  auto first = parse_address(text.substr(0, slash));
  if (!first)
    return std::nullopt;
  address_range result{*first, 128};
  if (slash == std::string::npos)
    return result;
  auto is_v4 = text.find(':') == std::string::npos;
  unsigned bits = 0;
  const auto* end = text.data() + text.size();
  auto [rest, failure] = std::from_chars(text.data() + slash + 1, end, bits);
  if (failure != std::errc{} || rest != end || bits > (is_v4 ? 32U : 128U))
    return std::nullopt;
  result.bits = is_v4 ? bits + mapped_bits : bits;
  return result;
}

std::vector<address_range> ranges(const std::vector<const char*>& texts) {
  std::vector<address_range> result;
  for (const auto* text : texts)
    result.push_back(*parse_range(text));
  return result;
}

bool is_in(const std::vector<address_range>& all, const ip_address& x) {
  return std::any_of(all.begin(), all.end(), [&x](auto& range) { return range.contains(x); });
}

// The registries of special-purpose addresses (RFC 6890 and later), multicast, what is reserved,
// and the one address of a cloud's own services that lies among the public ones (168.63.129.16).
bool is_special(const ip_address& x) {
  static const auto v4 = ranges(
    {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
     "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
     "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16"});
  static const auto v6 = ranges({"2001::/23", "2001:db8::/32", "3fff::/20"});
  static const auto mapped_all = ranges({"::ffff:0:0/96"});
  static const auto nat64 = ranges({"64:ff9b::/96"});
  // Nothing outside of this range was ever given to anybody.
  static const auto given = ranges({"2000::/3"});
  if (is_in(mapped_all, x))
    return is_in(v4, x);
  return is_in(v6, x) || !(is_in(given, x) || is_in(nat64, x));
}

// The address, and the address of version 4 that packets to it may end up at.
std::vector<ip_address> forms_of(const ip_address& x) {
  static const auto nat64 = ranges({"64:ff9b::/96"});
  static const auto six_to_four = ranges({"2002::/16"});
  std::vector<ip_address> result{x};
  if (is_in(nat64, x))
    result.push_back(mapped(x.data() + 12));
  else if (is_in(six_to_four, x))
    result.push_back(mapped(x.data() + 2));
  return result;
}

bool is_host_name(const std::string& x) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
  };
  // What ends in a digit would be read as an address.
  return !x.empty() && std::all_of(x.begin(), x.end(), fits) && (x.back() < '0' || x.back() > '9');
}

} // namespace

std::optional<ip_address> parse_address(const std::string& text) {
  ip_address result{};
  std::array<uint8_t, 4> v4{};
  if (::inet_pton(AF_INET, text.c_str(), v4.data()) == 1)
    return mapped(v4.data());
  if (::inet_pton(AF_INET6, text.c_str(), result.data()) == 1)
    return result;
  return std::nullopt;
}

std::optional<ip_address> address_of(const sockaddr& socket) {
  if (socket.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &socket, sizeof v4);
    std::array<uint8_t, 4> bytes{};
    std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
    return mapped(bytes.data());
  }
  if (socket.sa_family != AF_INET6)
    return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &socket, sizeof v6);
  ip_address result{};
  std::memcpy(result.data(), &v6.sin6_addr, result.size());
  return result;
}

bool address_range::contains(const ip_address& x) const {
  auto whole = bits / 8;
  if (!std::equal(x.begin(), x.begin() + whole, first.begin()))
    return false;
  auto rest = bits % 8;
  return rest == 0 || (x[whole] ^ first[whole]) >> (8 - rest) == 0;
}

expected<egress_policy> egress_policy::make(const std::string& allowed,
                                            const std::string& refused) {
  auto allow = read(allowed);
  if (!allow)
    return std::move(allow.error());
  auto refuse = read(refused);
  if (!refuse)
    return std::move(refuse.error());
  egress_policy result;
  result.allowed_ = std::move(*allow);
  result.refused_ = std::move(*refuse);
  return result;
}

expected<egress_policy::list> egress_policy::read(const std::string& text) {
  list result;
  if (trim(text).empty())
    return result;
  for (const auto& part : split(text, ',')) {
    auto word = to_lower(trim(part));
    if (auto range = parse_range(word))
      result.ranges.push_back(*range);
    else if (is_host_name(word))
      result.hosts.push_back(word);
    else
      return fail(errc::invalid, "'" + word + "' is no address, range or host name");
  }
  return result;
}

bool egress_policy::list::has(const std::vector<ip_address>& forms, const std::string& host) const {
  auto name = to_lower(host);
  // A full name may end in a dot.
  if (!name.empty() && name.back() == '.')
    name.pop_back();
  return std::find(hosts.begin(), hosts.end(), name) != hosts.end()
         || std::any_of(forms.begin(), forms.end(),
                        [this](const ip_address& x) { return is_in(ranges, x); });
}

bool egress_policy::admits(const ip_address& address, const std::string& host) const {
  auto forms = forms_of(address);
  if (refused_.has(forms, host))
    return false;
  return allowed_.has(forms, host) || std::none_of(forms.begin(), forms.end(), is_special);
}

} // namespace varia
