#include "worker/frame.hpp"

#include <algorithm>

namespace varia {

namespace {

constexpr size_t length_bytes = 4;
constexpr size_t header_bytes = 9;

// What counts for the length beside the body: the run and the kind.
constexpr size_t header_counted = header_bytes - length_bytes;

// The sizes that a body claims are reserved before its elements arrive, so they need limits of
// their own. A batch has a thousand records; nothing of ours nests deeper than a handful.
constexpr size_t elements_max = 65536;
constexpr size_t depth_max = 32;

uint32_t read_u32(const char* at) {
  auto byte = [at](int i) { return static_cast<uint32_t>(static_cast<unsigned char>(at[i])); };
  return byte(0) << 24 | byte(1) << 16 | byte(2) << 8 | byte(3);
}

void put_u32(std::string& out, size_t at, uint32_t value) {
  for (size_t i = 0; i < 4; ++i)
    out[at + i] = static_cast<char>(value >> (24 - 8 * i));
}

} // namespace

expected<void> frame_reader::feed(std::string_view bytes, std::vector<frame>& out) {
  while (!bytes.empty()) {
    if (header_.size() < header_bytes) {
      auto part = bytes.substr(0, header_bytes - header_.size());
      header_.append(part);
      bytes.remove_prefix(part.size());
      if (header_.size() < header_bytes)
        break;
      if (auto good = read_header(); !good)
        return good;
    }
    auto part = bytes.substr(0, missing_);
    current_.body.append(part);
    bytes.remove_prefix(part.size());
    missing_ -= part.size();
    if (missing_ > 0)
      break;
    out.push_back(std::move(current_));
    current_ = {};
    header_.clear();
  }
  return caf::unit;
}

expected<void> frame_reader::read_header() {
  size_t length = read_u32(header_.data());
  if (length < header_counted || length > frame_max_)
    return fail(errc::invalid, "a frame of " + std::to_string(length) + " bytes");
  current_.run = read_u32(header_.data() + length_bytes);
  current_.kind = static_cast<frame_kind>(header_[header_bytes - 1]);
  missing_ = length - header_counted;
  current_.body.reserve(missing_);
  return caf::unit;
}

bool frame_value::is_nil() const {
  return value_ == nullptr || value_->type == msgpack::type::NIL;
}

std::optional<std::string_view> frame_value::bytes() const {
  if (is_nil())
    return std::nullopt;
  if (value_->type == msgpack::type::STR)
    return std::string_view{value_->via.str.ptr, value_->via.str.size};
  if (value_->type == msgpack::type::BIN)
    return std::string_view{value_->via.bin.ptr, value_->via.bin.size};
  return std::nullopt;
}

std::string frame_value::text() const {
  return std::string{bytes().value_or(std::string_view{})};
}

int64_t frame_value::number(int64_t otherwise) const {
  if (is_nil())
    return otherwise;
  switch (value_->type) {
    case msgpack::type::POSITIVE_INTEGER:
      return static_cast<int64_t>(
        std::min(value_->via.u64, static_cast<uint64_t>(std::numeric_limits<int64_t>::max())));
    case msgpack::type::NEGATIVE_INTEGER: return value_->via.i64;
    case msgpack::type::FLOAT32:
    case msgpack::type::FLOAT64:
      // Every number of JavaScript is a double; what lies beyond its exact integers is no count.
      if (value_->via.f64 > -9e15 && value_->via.f64 < 9e15)
        return static_cast<int64_t>(value_->via.f64);
      return otherwise;
    default: return otherwise;
  }
}

bool frame_value::flag() const {
  return !is_nil() && value_->type == msgpack::type::BOOLEAN && value_->via.boolean;
}

frame_value frame_value::at(std::string_view key) const {
  if (is_nil() || value_->type != msgpack::type::MAP)
    return {};
  for (size_t i = 0; i < size(); ++i)
    if (auto [name, value] = entry(i); name == key)
      return value;
  return {};
}

size_t frame_value::size() const {
  if (is_nil())
    return 0;
  if (value_->type == msgpack::type::ARRAY)
    return value_->via.array.size;
  return value_->type == msgpack::type::MAP ? value_->via.map.size : 0;
}

frame_value frame_value::item(size_t index) const {
  if (is_nil() || value_->type != msgpack::type::ARRAY || index >= value_->via.array.size)
    return {};
  return frame_value{value_->via.array.ptr + index};
}

std::pair<std::string_view, frame_value> frame_value::entry(size_t index) const {
  if (is_nil() || value_->type != msgpack::type::MAP || index >= value_->via.map.size)
    return {};
  const auto& found = value_->via.map.ptr[index];
  return {frame_value{&found.key}.bytes().value_or(std::string_view{}), frame_value{&found.val}};
}

expected<frame_body> frame_body::read(std::string bytes) {
  frame_body result;
  result.bytes_ = std::make_unique<std::string>(std::move(bytes));
  auto by_reference = [](msgpack::type::object_type, size_t, void*) { return true; };
  msgpack::unpack_limit limit{elements_max, elements_max, frame_received_max, frame_received_max, 0,
                              depth_max};
  try {
    size_t end = 0;
    result.handle_ = std::make_unique<msgpack::object_handle>(msgpack::unpack(
      result.bytes_->data(), result.bytes_->size(), end, by_reference, nullptr, limit));
    if (end != result.bytes_->size())
      return fail(errc::invalid, "a frame with bytes to spare");
  } catch (const std::exception& why) {
    return fail(errc::invalid, std::string{"a frame that is no msgpack: "} + why.what());
  }
  return result;
}

frame_writer::frame_writer(uint32_t run, frame_kind kind) {
  sink_.bytes.assign(header_bytes, '\0');
  put_u32(sink_.bytes, length_bytes, run);
  sink_.bytes[header_bytes - 1] = static_cast<char>(kind);
}

frame_writer& frame_writer::map(size_t entries) {
  msgpack::packer<sink>{sink_}.pack_map(static_cast<uint32_t>(entries));
  return *this;
}

frame_writer& frame_writer::array(size_t items) {
  msgpack::packer<sink>{sink_}.pack_array(static_cast<uint32_t>(items));
  return *this;
}

frame_writer& frame_writer::text(std::string_view value) {
  msgpack::packer<sink> packer{sink_};
  packer.pack_str(static_cast<uint32_t>(value.size()));
  packer.pack_str_body(value.data(), static_cast<uint32_t>(value.size()));
  return *this;
}

frame_writer& frame_writer::bytes(std::string_view value) {
  msgpack::packer<sink> packer{sink_};
  packer.pack_bin(static_cast<uint32_t>(value.size()));
  packer.pack_bin_body(value.data(), static_cast<uint32_t>(value.size()));
  return *this;
}

frame_writer& frame_writer::number(int64_t value) {
  msgpack::packer<sink>{sink_}.pack_int64(value);
  return *this;
}

frame_writer& frame_writer::flag(bool value) {
  msgpack::packer<sink> packer{sink_};
  value ? packer.pack_true() : packer.pack_false();
  return *this;
}

frame_writer& frame_writer::nil() {
  msgpack::packer<sink>{sink_}.pack_nil();
  return *this;
}

expected<std::string> frame_writer::finish() && {
  auto length = sink_.bytes.size() - length_bytes;
  if (length > frame_sent_max)
    return fail(errc::full, "a frame of " + std::to_string(length) + " bytes");
  put_u32(sink_.bytes, 0, static_cast<uint32_t>(length));
  return std::move(sink_.bytes);
}

} // namespace varia
