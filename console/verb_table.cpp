#include "console/verb_groups.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace varia {

std::vector<verb_argument> sync_words() {
  return {{"INTEGRATION", "provider_config_key", "The integration"},
          {"CONNECTION", "connection_id", "The connection"},
          {"SYNC", "name", "The sync"}};
}

std::vector<verb_argument> variant_words() {
  return with(sync_words(), {"VARIANT", "variant", "The variant"});
}

verb_argument deadline_option() {
  return {"--deadline", "deadline_s", "Seconds that what runs has to save a checkpoint, not 30",
          argument_kind::number, true};
}

std::vector<verb_argument> with(std::vector<verb_argument> words, verb_argument last) {
  words.push_back(std::move(last));
  return words;
}

namespace {

std::vector<verb> collect_verbs() {
  std::vector<verb> result;
  for (auto group : {account_verbs, care_verbs, cluster_verbs, connection_verbs, context_verbs,
                     function_verbs, record_verbs, variant_verbs, webhook_verbs}) {
    auto some = group();
    std::move(some.begin(), some.end(), std::back_inserter(result));
  }
  auto by_words
    = [](auto& a, auto& b) { return std::string_view{a.words} < std::string_view{b.words}; };
  std::sort(result.begin(), result.end(), by_words);
  return result;
}

} // namespace

const std::vector<verb>& verbs() {
  static const auto all = collect_verbs();
  return all;
}

} // namespace varia
