#include "store/record.hpp"

#include "store/packing.hpp"

namespace varia {

namespace {

// Where the parts stand that readers are shown.
constexpr size_t first_seen_from = 8, pruned_from = 14, bytes_from = 20, action_from = 32;
constexpr size_t size_plain = 49;
constexpr size_t time_size = 6, bytes_size = 4;

std::optional<last_action> action_of(char letter) {
  switch (letter) {
    case 'A': return last_action::added;
    case 'U': return last_action::updated;
    case 'D': return last_action::deleted;
    default: return std::nullopt;
  }
}

} // namespace

const char* to_string(last_action x) {
  switch (x) {
    case last_action::added: return "ADDED";
    case last_action::updated: return "UPDATED";
    case last_action::deleted: return "DELETED";
  }
  return "DELETED";
}

expected<record_meta> read_record_meta(std::string_view bytes) {
  auto has_own_time = bytes.size() == size_plain + time_size;
  auto action = bytes.size() > action_from ? action_of(bytes[action_from]) : std::nullopt;
  if (!action || (bytes.size() != size_plain && !has_own_time))
    return fail(errc::internal, "broken bytes in the store: no record");
  auto time_at
    = [bytes](size_t from) { return static_cast<time_ms>(big_endian(bytes, from, time_size)); };
  record_meta result;
  result.place = big_endian(bytes, 0, first_seen_from);
  result.first_seen_at = time_at(first_seen_from);
  if (auto at = time_at(pruned_from); at != 0)
    result.pruned_at = at;
  result.bytes = big_endian(bytes, bytes_from, bytes_size);
  result.action = *action;
  if (*action == last_action::deleted)
    result.deleted_at = has_own_time ? time_at(size_plain) : time_of(result.place);
  return result;
}

} // namespace varia
