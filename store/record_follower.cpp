#include "store/record_follower.hpp"

namespace varia {

namespace {

// How often a page is read anew because variants came or went while it was read.
constexpr auto attempts_max = 10;

} // namespace

expected<std::optional<record_page>> record_follower::next(redis& db) {
  for (auto attempt = 0; attempt < attempts_max; ++attempt) {
    auto answered = record_pages{db}.page(sources_, query_, {sources_question(which_)});
    if (!answered)
      return std::move(answered.error());
    auto sources = read_sources(which_, *answered->answers.front());
    if (!sources)
      return std::move(sources.error());
    auto is_same = are_same(sources_, *sources);
    if (sources->empty() || (!is_same && which_.name != every_variant))
      return std::optional<record_page>{};
    if (is_same) {
      query_.cursor = to_cursor(answered->page.end);
      return std::optional{std::move(answered->page)};
    }
    sources_ = std::move(*sources);
  }
  // They come and go too fast just now: nothing is lost by reading on a little later.
  return std::optional{record_page{}};
}

} // namespace varia
