#include "store/record_reader.hpp"

#include "store/connections.hpp"
#include "store/functions.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <utility>

namespace varia {

namespace {

// How often a page is read anew because what it is made of changed while it was read.
constexpr auto attempts_max = 10;

std::string name_of(const record_address& x) {
  std::string result;
  for (auto part :
       {&x.environment, &x.provider_config_key, &x.connection_id, &x.sync, &x.variant, &x.model})
    result += keys::pair_of(*part, {});
  return result;
}

// The syncs whose records an address may mean, in the order in which they are tried.
expected<std::vector<variant_choice>> candidates_of(redis& db, const record_address& x,
                                                    connection_number connection) {
  auto deployed = functions{db}.list(x.environment, x.provider_config_key);
  if (!deployed)
    return std::move(deployed.error());
  std::vector<variant_choice> result;
  for (auto& each : *deployed) {
    auto& models = each.models;
    if ((x.sync.empty() || x.sync == each.name)
        && std::find(models.begin(), models.end(), x.model) != models.end())
      result.push_back({{connection, each.name}, x.variant});
  }
  return result;
}

} // namespace

// Where an address led, and what led there.
struct record_reader::finding {
  connection_number connection = 0;
  std::string functions_version;
  std::vector<variant_choice> candidates; // The last one has the sources; those before have none.
  std::vector<record_source> sources;
  std::vector<owned_command> proofs; // Ask for all of the above.

  // The functions come after their version, so that they are never older than it.
  static expected<finding> make(redis& db, const record_address& x) {
    finding result;
    result.proofs
      = {connections::number_question(x.environment, x.provider_config_key, x.connection_id),
         functions::version_question(x.environment)};
    auto answers = run_checked(db, result.proofs);
    if (!answers)
      return std::move(answers.error());
    result.connection = connection_in(*answers);
    result.functions_version = version_in(*answers);
    if (result.connection == 0)
      return fail(errc::not_found, "there is no such connection");
    auto candidates = candidates_of(db, x, result.connection);
    if (!candidates)
      return std::move(candidates.error());
    if (auto chosen = result.choose(db, std::move(*candidates)); !chosen)
      return std::move(chosen.error());
    return result;
  }

  // Judges the answers to the proofs.
  expected<bool> still_holds(const std::vector<redis::reply>& answers) const {
    if (connection_in(answers) != connection || version_in(answers) != functions_version)
      return false;
    for (size_t i = 0; i < candidates.size(); ++i) {
      auto found = read_sources(candidates[i], *answers[first_candidate + i]);
      if (!found)
        return std::move(found.error());
      auto is_last = i + 1 == candidates.size();
      if (is_last ? !are_same(*found, sources) : !found->empty())
        return false;
    }
    return true;
  }

private:
  static constexpr size_t first_candidate = 2; // Where the answers about the candidates begin.

  static connection_number connection_in(const std::vector<redis::reply>& answers) {
    return static_cast<connection_number>(number_of(*answers[0]));
  }

  static std::string version_in(const std::vector<redis::reply>& answers) {
    return text_of(*answers[1]);
  }

  // Takes the candidates up to the first one that has sources.
  expected<void> choose(redis& db, const std::vector<variant_choice>& all) {
    std::vector<owned_command> questions;
    for (auto& each : all)
      questions.push_back(sources_question(each));
    auto answers = run_checked(db, questions);
    if (!answers)
      return std::move(answers.error());
    for (size_t i = 0; i < all.size() && sources.empty(); ++i) {
      auto found = read_sources(all[i], *(*answers)[i]);
      if (!found)
        return std::move(found.error());
      sources = std::move(*found);
      candidates.push_back(all[i]);
      proofs.push_back(std::move(questions[i]));
    }
    return caf::unit;
  }
};

expected<record_reader::finding_ptr> record_reader::search(redis& db, const record_address& x) {
  auto result = finding::make(db, x);
  if (!result)
    return std::move(result.error());
  return std::make_shared<const finding>(std::move(*result));
}

expected<record_location> record_reader::locate(redis& db, const record_address& x) {
  auto found = search(db, x);
  if (!found)
    return std::move(found.error());
  auto& sources = (*found)->sources;
  if (sources.empty())
    return record_location{};
  return record_location{(*found)->candidates.back(), sources};
}

expected<record_page> record_reader::page(redis& db, const record_address& x,
                                          const record_query& query) {
  auto name = name_of(x);
  auto found = recall(name);
  for (auto attempt = 0; attempt < attempts_max; ++attempt) {
    auto is_new = found == nullptr;
    if (is_new) {
      auto searched = search(db, x);
      if (!searched)
        return std::move(searched.error());
      found = std::move(*searched);
    }
    if (found->sources.empty())
      return record_page{};
    auto answered = record_pages{db}.page(found->sources, query, found->proofs);
    if (!answered)
      return std::move(answered.error());
    auto holds = found->still_holds(answered->answers);
    if (!holds)
      return std::move(holds.error());
    if (*holds) {
      if (is_new)
        remember(name, found);
      return std::move(answered->page);
    }
    if (!is_new)
      forget(name);
    found = nullptr;
  }
  return fail(errc::unavailable, "variants come and go all the time");
}

record_reader::finding_ptr record_reader::recall(const std::string& name) {
  std::lock_guard guard{mutex_};
  auto found = known_.find(name);
  return found == known_.end() ? nullptr : found->second;
}

void record_reader::remember(const std::string& name, const finding_ptr& found) {
  std::lock_guard guard{mutex_};
  if (sources_ + found->sources.size() > sources_max) {
    known_.clear();
    sources_ = 0;
  }
  if (known_.emplace(name, found).second)
    sources_ += found->sources.size();
}

void record_reader::forget(const std::string& name) {
  std::lock_guard guard{mutex_};
  auto found = known_.find(name);
  if (found == known_.end())
    return;
  sources_ -= found->second->sources.size();
  known_.erase(found);
}

} // namespace varia
