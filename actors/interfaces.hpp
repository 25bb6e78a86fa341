#pragma once

#include "actors/atoms.hpp"
#include "actors/messages.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace varia {

/// The most assignments one message carries: far below what would delay a heartbeat.
inline constexpr size_t assignments_max = 500;

/// The NODE of a worker hosts variants: the coordinator says which, the NODE spawns a VARIANT for
/// each. One per worker process.
using node_actor = caf::typed_actor<
  // Hosts these variants, or tells hosted ones what they should be now.
  caf::replies_to<atom::put, std::vector<assignment>>::with<atom::ok>,
  // Stops hosting these, and cancels what they run, at the word of the leader of an epoch. One that
  // has come again under another token stays. A leader of the past is refused with `fenced`.
  caf::replies_to<atom::leave, uint64_t, hosted_list>::with<atom::ok>,
  // Cancels what these ids run, for a reason in words.
  caf::replies_to<atom::cancel, std::vector<std::string>, std::string>::with<atom::ok>,
  // Says that runs of these ids wait in the store. With true, a run in progress is cancelled first.
  caf::replies_to<atom::wake, std::vector<std::string>, bool>::with<atom::ok>,
  // Lets go of these ids and answers with those that it let go of: of the ones that run, none with
  // a deadline of 0; else each as soon as its script has saved a checkpoint or ended, and at the
  // latest after so many milliseconds, when it is interrupted. Refused likewise.
  caf::replies_to<atom::yield, uint64_t, std::vector<std::string>,
                  uint64_t>::with<std::vector<std::string>>>;

/// The COORDINATOR owns the registry of variants, enforces their limit, decides which worker hosts
/// which, and passes commands on. Everything fails with `fenced` where it does not lead, and
/// nothing has been done then: whoever leads may be asked instead.
using coordinator_actor = caf::typed_actor<
  // A worker joins. It is told afterwards what to host.
  caf::replies_to<atom::join, join_request, node_actor>::with<atom::ok>,
  // A worker tells how full it is. Fails with `not_found` if it should join again.
  caf::replies_to<atom::report, std::string, worker_load>::with<atom::ok>,
  // A worker is about to stop, and gives its running scripts so many milliseconds: its variants
  // move elsewhere now.
  caf::replies_to<atom::leave, std::string, uint64_t>::with<atom::ok>,
  // A worker was refused by the store for what it hosts under this token: somebody else must be
  // named, if it is the token that the coordinator knows of.
  caf::replies_to<atom::lost, std::string, std::string, token>::with<atom::ok>,
  // Creates a variant under this id, due as its function says, paused or not. Fails with `full` or
  // `exists`; asked again for the same id it answers as the first time.
  caf::replies_to<atom::add, variant_key, std::string, bool, timing>::with<variant_entry>,
  // Deletes a variant; it may be brought back for a while. Fails with `not_found`.
  caf::replies_to<atom::remove, variant_key>::with<atom::ok>,
  // Carries out orders for variants of one sync; asked again it changes nothing more.
  caf::replies_to<atom::change, variant_batch>::with<batch_result>,
  // Pauses variants, which cancels what they run.
  caf::replies_to<atom::pause, std::vector<variant_key>>::with<atom::ok>,
  // The same, for a reason in words.
  caf::replies_to<atom::pause, std::vector<variant_key>, std::string>::with<atom::ok>,
  // Starts variants.
  caf::replies_to<atom::start, std::vector<variant_key>>::with<atom::ok>,
  // Cancels what variants run, for a reason in words; nothing else changes.
  caf::replies_to<atom::cancel, std::vector<variant_key>, std::string>::with<atom::ok>,
  // Makes variants run now.
  caf::replies_to<atom::trigger, std::vector<variant_key>, trigger_options>::with<atom::ok>,
  // Says that something waits in the store for these variants; those that are gone are passed over.
  caf::replies_to<atom::wake, std::vector<variant_key>>::with<atom::ok>,
  // Sets or (empty) removes a frequency override; what the function says comes along.
  caf::replies_to<atom::frequency, variant_key, std::string, timing>::with<atom::ok>,
  // Gives a variant a schedule of its own, or (empty) the function's, of which the timing comes
  // along. With true its frequency override goes.
  caf::replies_to<atom::schedule, variant_key, std::string, bool, timing>::with<atom::ok>,
  // Gives syncs their base variant and what a newly deployed function says of when they are due.
  caf::replies_to<atom::ensure, std::vector<sync_wish>>::with<atom::ok>,
  // Sets or removes a limit of named variants. Fails with `conflict` if a sync has more already.
  caf::replies_to<atom::limit, limit_change>::with<atom::ok>,
  // Deletes all variants of a connection for good.
  caf::replies_to<atom::forget, connection_number>::with<atom::ok>,
  // Deletes all variants of one sync for good.
  caf::replies_to<atom::forget, sync_id>::with<atom::ok>,
  // Gives a worker nothing more (true), or variants like all others (false).
  caf::replies_to<atom::cordon, std::string, bool>::with<atom::ok>,
  // Moves all variants of a worker elsewhere, those that run within so many milliseconds. Fails
  // with `conflict` if nobody could take them.
  caf::replies_to<atom::drain, std::string, uint64_t>::with<atom::ok>,
  // Moves one variant to a worker, within so many milliseconds if it runs.
  caf::replies_to<atom::move, variant_key, std::string, uint64_t>::with<atom::ok>,
  // Plans the moves that even the workers out, and begins them (true).
  caf::replies_to<atom::rebalance, bool>::with<std::vector<planned_move>>,
  // Hands the lead to the coordinator of this name.
  caf::replies_to<atom::promote, std::string>::with<atom::ok>,
  // Describes the cluster; answered by a follower too.
  caf::replies_to<atom::status>::with<cluster_status>>;

/// The STORE of a coordinator makes the registry's blocking calls to Redis, in a thread of its own.
/// Writes carry the leader's epoch and fail with `fenced` under a newer one.
using store_actor = caf::typed_actor<
  // Says that a coordinator lives, takes or renews the lead for it, and answers with who leads.
  caf::replies_to<atom::lead, candidate>::with<leadership>,
  // Hands the lead to the live coordinator of this name, for so many milliseconds.
  caf::replies_to<atom::promote, std::string, std::string, uint64_t>::with<atom::ok>,
  // Gives the lead up.
  caf::replies_to<atom::resign, std::string>::with<atom::ok>,
  // Reads the whole registry for the leader of an epoch, and shuts out those of the past.
  caf::replies_to<atom::load, uint64_t>::with<std::vector<variant_row>>,
  // Names the workers whose lease lives, and what is wanted of them.
  caf::replies_to<atom::workers>::with<std::vector<worker_lease>>,
  // Keeps what is wanted of a worker.
  caf::replies_to<atom::cordon, uint64_t, std::string, worker_duty>::with<atom::ok>,
  // Adds a variant under this id, unless there are so many named ones in its sync already, or as
  // many as a limit says.
  caf::replies_to<atom::add, uint64_t, variant_key, std::string, bool,
                  uint32_t>::with<variant_entry>,
  // Removes a variant for good.
  caf::replies_to<atom::remove, uint64_t, variant_key>::with<variant_entry>,
  // Carries out orders. Of named variants there may be so many unless a limit says otherwise;
  // deleted ones may be brought back for so many milliseconds.
  caf::replies_to<atom::change, uint64_t, variant_batch, uint32_t, uint64_t>::with<batch_result>,
  // Sets or removes a limit, where so many named variants are allowed by default.
  caf::replies_to<atom::limit, uint64_t, limit_change, uint32_t>::with<atom::ok>,
  // Pauses (true) or starts variants, for a reason in words.
  caf::replies_to<atom::pause, uint64_t, std::vector<variant_key>, bool,
                  std::string>::with<std::vector<variant_entry>>,
  // Sets a frequency override.
  caf::replies_to<atom::frequency, uint64_t, variant_key, std::string>::with<variant_entry>,
  // Sets a schedule; with true the frequency override goes.
  caf::replies_to<atom::schedule, uint64_t, variant_key, std::string, bool>::with<variant_entry>,
  // Makes a run of each wanted.
  caf::replies_to<atom::trigger, uint64_t, std::vector<variant_key>,
                  trigger_options>::with<std::vector<variant_entry>>,
  // Names a worker as the owner of each; those that are gone are left out of the answer.
  caf::replies_to<atom::place, uint64_t, std::string,
                  std::vector<assignment>>::with<std::vector<assignment>>>;

/// The RETENTION of a coordinator takes old records out of the store, in a thread of its own and in
/// so short steps with so long pauses that nobody else notices.
using retention_actor = caf::typed_actor<
  // Makes a round over all variants, unless one is under way.
  caf::reacts_to<atom::start>,
  // Ends the round that is under way.
  caf::reacts_to<atom::cancel>>;

/// The DISCOVERY of a coordinator has functions tell their partitions, and gives each partition its
/// variant: see coordinator/discovery_actor.hpp.
using discovery_actor = caf::typed_actor<
  // Begins; its coordinator leads.
  caf::reacts_to<atom::start>,
  // Rests; its coordinator does not lead any more.
  caf::reacts_to<atom::cancel>>;

/// The side of a NODE that its own worker sees.
using host_actor = caf::typed_actor<
  // The VARIANT of this id ends by itself: the token it had is worthless.
  caf::reacts_to<atom::lost, std::string, token>,
  // A script wants these variants to run, or to be started: passed on to the coordinator.
  caf::replies_to<atom::trigger, std::vector<variant_key>, trigger_options>::with<atom::ok>,
  caf::replies_to<atom::start, std::vector<variant_key>>::with<atom::ok>,
  // A variant has failed too often and is to be paused, for a reason in words: passed on likewise.
  caf::replies_to<atom::pause, variant_key, std::string>::with<atom::ok>,
  // Says whether it has joined; answered at once.
  caf::replies_to<atom::status>::with<bool>,
  // Hands all variants to others, running ones within so many milliseconds, and leaves the cluster.
  caf::replies_to<atom::drain, uint64_t>::with<atom::ok>>;

/// The VARIANT runs one variant: its timer, its state, its runs. Lives on a worker.
using variant_actor = caf::typed_actor<
  // What the variant should be now.
  caf::reacts_to<atom::put, assignment>,
  // A run is wanted. With true, a run in progress is cancelled first.
  caf::reacts_to<atom::wake, bool>,
  // The run in progress is to be cancelled, for a reason in words.
  caf::reacts_to<atom::cancel, std::string>,
  // Cancels what runs and ends.
  caf::reacts_to<atom::leave>,
  // Begins no run any more and answers when none is in progress; one that is may go on until it has
  // saved a checkpoint, but for so many milliseconds at most.
  caf::replies_to<atom::yield, uint64_t>::with<atom::ok>,
  // A run has ended.
  caf::reacts_to<atom::ended, run_end>>;

/// The RUNTIME of a worker lends run slots to variants, connections in turn, and has their scripts
/// run. It answers each `run` with `ended` to the VARIANT that asked.
using runtime_actor = caf::typed_actor<
  // Queues a run of this variant.
  caf::reacts_to<atom::run, variant_actor, assignment, run_order>,
  // Cancels the run of a variant id, queued or running, for a reason in words.
  caf::reacts_to<atom::cancel, std::string, std::string>,
  // Interrupts the run of a variant id, which goes on elsewhere: when it has saved a checkpoint, or
  // now (true).
  caf::reacts_to<atom::yield, std::string, bool>,
  // Begins nothing (true) until the lease of the worker is good again (false).
  caf::reacts_to<atom::pause, bool>,
  // Starts nothing more; answers when nothing runs.
  caf::replies_to<atom::drain>::with<atom::ok>,
  // Says how full it is; `variants` is 0.
  caf::replies_to<atom::load>::with<worker_load>>;

/// The NODE STORE of a worker makes blocking calls to Redis for NODE and VARIANTs, in a thread of
/// its own.
using node_store_actor = caf::typed_actor<
  // Renews the lease of this worker and answers with who leads.
  caf::replies_to<atom::renew, uint64_t>::with<leadership>,
  // Gives the lease up.
  caf::replies_to<atom::resign>::with<atom::ok>,
  // Reads what these variants were doing, in the same order.
  caf::replies_to<atom::load, std::vector<assignment>>::with<std::vector<variant_past>>,
  // Notes in the history of a variant why slots had no run.
  caf::reacts_to<atom::note, assignment, tick_note>>;

/// The DOOR of a coordinator is the one actor that others find by an address. It finds out who
/// knocks before it lets him see the COORDINATOR.
using door_actor = caf::typed_actor<
  // Somebody introduces himself, and learns who answers. Fails with `invalid`, in words, for whom
  // the DOOR stays shut.
  caf::replies_to<atom::knock, greeting>::with<greeting>,
  // The same one proves by a signature (empty where the cluster has no certificates) that he is who
  // he said, and gets the COORDINATOR.
  caf::replies_to<atom::enter, std::string>::with<coordinator_actor>>;

/// The DIALER of a process finds the COORDINATOR behind an address "host:port".
using dialer_actor = caf::typed_actor<
  // Tries once, for some seconds at most. Fails with `unavailable` if nobody is there, and with
  // `invalid` if either side refuses the other, both in words. Whoever asks repeats it, with
  // jitter.
  caf::replies_to<atom::dial, std::string>::with<coordinator_actor>>;

/// The LINE of a coordinator process is what its API talks to: it passes every command on to
/// whoever leads, here or elsewhere, and holds it back for a while when nobody does.
using line_actor = coordinator_actor::extend<
  // The COORDINATOR of this process, which this is, has heard who leads.
  caf::reacts_to<atom::lead, leadership, coordinator_actor>>;

} // namespace varia

// The name of a type is its identity on the wire: renaming one breaks a rolling upgrade. The block
// begins well behind the atoms.
CAF_BEGIN_TYPE_ID_BLOCK(varia, caf::first_custom_type_id + 100)

  CAF_ADD_TYPE_ID(varia, (varia::assignment))
  CAF_ADD_TYPE_ID(varia, (varia::batch_result))
  CAF_ADD_TYPE_ID(varia, (varia::candidate))
  CAF_ADD_TYPE_ID(varia, (varia::cluster_status))
  CAF_ADD_TYPE_ID(varia, (varia::failing))
  CAF_ADD_TYPE_ID(varia, (varia::greeting))
  CAF_ADD_TYPE_ID(varia, (varia::join_request))
  CAF_ADD_TYPE_ID(varia, (varia::leadership))
  CAF_ADD_TYPE_ID(varia, (varia::limit_change))
  CAF_ADD_TYPE_ID(varia, (varia::order_result))
  CAF_ADD_TYPE_ID(varia, (varia::planned_move))
  CAF_ADD_TYPE_ID(varia, (varia::run_end))
  CAF_ADD_TYPE_ID(varia, (varia::run_order))
  CAF_ADD_TYPE_ID(varia, (varia::sync_id))
  CAF_ADD_TYPE_ID(varia, (varia::sync_wish))
  CAF_ADD_TYPE_ID(varia, (varia::tick_note))
  CAF_ADD_TYPE_ID(varia, (varia::timing))
  CAF_ADD_TYPE_ID(varia, (varia::token))
  CAF_ADD_TYPE_ID(varia, (varia::trigger_options))
  CAF_ADD_TYPE_ID(varia, (varia::variant_batch))
  CAF_ADD_TYPE_ID(varia, (varia::variant_entry))
  CAF_ADD_TYPE_ID(varia, (varia::variant_key))
  CAF_ADD_TYPE_ID(varia, (varia::variant_order))
  CAF_ADD_TYPE_ID(varia, (varia::variant_past))
  CAF_ADD_TYPE_ID(varia, (varia::variant_row))
  CAF_ADD_TYPE_ID(varia, (varia::worker_duty))
  CAF_ADD_TYPE_ID(varia, (varia::worker_info))
  CAF_ADD_TYPE_ID(varia, (varia::worker_lease))
  CAF_ADD_TYPE_ID(varia, (varia::worker_load))

  CAF_ADD_TYPE_ID(varia, (varia::coordinator_actor))
  CAF_ADD_TYPE_ID(varia, (varia::door_actor))
  CAF_ADD_TYPE_ID(varia, (varia::host_actor))
  CAF_ADD_TYPE_ID(varia, (varia::node_actor))
  CAF_ADD_TYPE_ID(varia, (varia::variant_actor))

  CAF_ADD_TYPE_ID(varia, (std::vector<std::string>))
  CAF_ADD_TYPE_ID(varia, (varia::hosted_list))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::assignment>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::order_result>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::planned_move>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::sync_wish>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::variant_entry>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::variant_key>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::variant_order>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::variant_past>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::variant_row>))
  CAF_ADD_TYPE_ID(varia, (std::vector<varia::worker_lease>))

CAF_END_TYPE_ID_BLOCK(varia)
