#include "store/partitions.hpp"
#include "store/variants.hpp"
#include "worker/script_calls.hpp"

#include <utility>

namespace varia {

void script_calls::load_settings(const call& x) {
  if (facts_.call)
    return refuse(x, fail(errc::invalid, "an action has no variant, so no settings"));
  const auto& sync = facts_.ticket.variant.sync;
  auto found = ask_store(x, [&](redis& db) { return variants{db}.find({sync, facts_.variant}); });
  if (!found)
    return refuse(x, found.error());
  // A name that was created again is somebody else's.
  auto is_ours = *found && (*found)->id == facts_.ticket.variant.id;
  if (!is_ours || (*found)->settings.empty())
    return reply_text(x, std::nullopt);
  reply_text(x, (*found)->settings);
}

void script_calls::tell_partitions(const call& x) {
  if (!facts_.discovers)
    return refuse(x, fail(errc::invalid, "only partitions tells what there is"));
  if (!x.args.at("hook").flag()) {
    has_told_ = true;
    return reply_done(x, ask_store(x, [&](redis& db) {
                        return partitions{db}.tell(facts_.ticket, partitions_outcome::absent,
                                                   "the script has no partitions");
                      }));
  }
  auto found = read_partitions(x.args.at("json").text());
  if (!found)
    return refuse(x, found.error());
  has_told_ = true;
  reply_done(x,
             ask_store(x, [&](redis& db) { return partitions{db}.tell(facts_.ticket, *found); }));
}

} // namespace varia
