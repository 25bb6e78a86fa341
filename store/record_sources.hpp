#pragma once

#include "store/call.hpp"
#include "store/record_pages.hpp"

#include <string>
#include <vector>

struct redisReply;

namespace varia {

/// Stands for all variants of a sync. No variant can have this name.
inline constexpr auto every_variant = "*";

/// Which variants of a sync are read: the one of a name, or with `every_variant` all there are.
struct variant_choice {
  sync_id sync;
  std::string name;
};

/// The command that asks which variants a choice stands for just now.
owned_command sources_question(const variant_choice& x);

/// Reads the answer: by name, none if there is no such variant. Where a choice may stand for
/// several, their records shall carry their names.
expected<std::vector<record_source>> read_sources(const variant_choice& x, const redisReply& reply);

/// True if both are the same variants, in the same life of each.
bool are_same(const std::vector<record_source>& a, const std::vector<record_source>& b);

} // namespace varia
