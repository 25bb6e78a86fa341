#pragma once

#include "console/verbs.hpp"

#include <vector>

namespace varia {

// The verbs by what they are about; `verbs` is all of them. A new verb is a row in one of these.

std::vector<verb> account_verbs(); ///< Environments, keys, audit.
std::vector<verb> care_verbs();    ///< What looks after things: why, doctor, checkpoints, backups.
std::vector<verb> cluster_verbs(); ///< Status, coordinators, workers, budgets.
std::vector<verb> connection_verbs(); ///< Integrations, connections, metadata.
std::vector<verb> context_verbs();    ///< Servers that the user gave names.
std::vector<verb> function_verbs();   ///< Functions and actions.
std::vector<verb> record_verbs();     ///< Records, and how they change.
std::vector<verb> variant_verbs();    ///< Variants, and what they did.
std::vector<verb> webhook_verbs();    ///< Webhooks that are sent and taken.

/// The words that name a sync of a connection.
std::vector<verb_argument> sync_words();

/// The words that name a variant.
std::vector<verb_argument> variant_words();

/// How long what runs may take to make way for a move.
verb_argument deadline_option();

/// Appends one argument to others.
std::vector<verb_argument> with(std::vector<verb_argument> words, verb_argument last);

} // namespace varia
