#pragma once

#include "core/error.hpp"

#include <msgpack.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varia {

/// What a frame between the worker and a script process means.
enum class frame_kind : uint8_t {
  run = 1,
  reply = 2,
  error = 3,
  cancel = 5,
  ping = 6,
  exit = 8,
  hello = 16,
  call = 17,
  done = 18,
  log = 19,
  pong = 20,
  need = 22,
  started = 23,
};

/// The most bytes of a frame that we send, and of one that we accept.
inline constexpr size_t frame_sent_max = 32 * 1024 * 1024;
inline constexpr size_t frame_received_max = 16 * 1024 * 1024;

/// One message of a run; run 0 is the process itself. The body is msgpack, not yet read.
struct frame {
  uint32_t run = 0;
  frame_kind kind{};
  std::string body;
};

/// Cuts a stream of bytes into frames: `u32be length | u32be run | u8 kind | body`, where the
/// length counts what comes after it.
class frame_reader {
public:
  explicit frame_reader(size_t frame_max = frame_received_max) : frame_max_{frame_max} {}

  /// Takes the next bytes of the stream and appends the frames that they complete to `out`. Fails
  /// with `invalid` on a length that cannot be; nothing after it can be read.
  expected<void> feed(std::string_view bytes, std::vector<frame>& out);

private:
  expected<void> read_header();

  size_t frame_max_;
  std::string header_;
  frame current_;
  size_t missing_ = 0; ///< Bytes of the body still to come.
};

/// A value inside a frame's body. Asking for what is not there gives an empty answer, never an
/// error: the other side is not trusted, and every caller has to say what "nothing" means.
class frame_value {
public:
  frame_value() = default;
  explicit frame_value(const msgpack::object* value) : value_{value} {}

  bool is_nil() const;
  std::optional<std::string_view> bytes() const; ///< Of a string or of binary data.
  std::string text() const;                      ///< Empty if it is neither.
  int64_t number(int64_t otherwise = 0) const;   ///< Fractions are cut off.
  bool flag() const;

  /// The value under a key of a map.
  frame_value at(std::string_view key) const;

  /// How many elements an array or a map has.
  size_t size() const;

  /// One element of an array.
  frame_value item(size_t index) const;

  /// One entry of a map.
  std::pair<std::string_view, frame_value> entry(size_t index) const;

private:
  const msgpack::object* value_ = nullptr;
};

/// A frame's body after reading. Strings point into the bytes that came: nothing is copied.
class frame_body {
public:
  /// Fails with `invalid` if the bytes are not one msgpack value of sensible size and depth.
  static expected<frame_body> read(std::string bytes);

  frame_value root() const { return frame_value{&handle_->get()}; }

private:
  frame_body() = default;

  std::unique_ptr<std::string> bytes_;
  std::unique_ptr<msgpack::object_handle> handle_;
};

/// Builds a frame to send: values in order, maps and arrays announced by their size.
class frame_writer {
public:
  frame_writer(uint32_t run, frame_kind kind);

  frame_writer& map(size_t entries);
  frame_writer& array(size_t items);
  frame_writer& text(std::string_view value);
  frame_writer& bytes(std::string_view value);
  frame_writer& number(int64_t value);
  frame_writer& flag(bool value);
  frame_writer& nil();

  /// Returns the bytes for the socket. Fails with `full` if they are more than `frame_sent_max`.
  expected<std::string> finish() &&;

private:
  struct sink {
    std::string bytes;
    void write(const char* data, size_t size) { bytes.append(data, size); }
  };

  sink sink_;
};

} // namespace varia
