#pragma once

#include "store/record.hpp"
#include "store/runs.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace varia::test {

using varia::describe;

inline const std::array<std::string, 2> variant_names{"eu", "us"};
inline const std::array<std::string, 2> model_names{"Order", "Item"};

enum class step {
  add,              ///< Registers the variant.
  drop,             ///< Removes the variant.
  own,              ///< Names a new owner.
  want,             ///< Triggers a run: `level` 1 plain, 2 with reset, 3 with an empty cache.
  begin,            ///< Begins a run as the last owner, for slot `time`.
  end,              ///< Ends a run with `outcome`.
  save,             ///< With `checkpoint`, if that is not empty.
  update,           ///< Merges `records` into what there is and writes the result.
  remove,           ///< With `time` as time of deletion.
  track,            ///< Begins to track deletions.
  sweep,            ///< Removes what tracking has not seen.
  untrack,          ///< Ends tracking.
  prune,            ///< Up to `place`, `level` records.
  purge,            ///< What is idle since long ago (`level` 0) or since just now.
  keep_checkpoint,  ///< Saves `checkpoint`.
  clear_checkpoint, ///< Clears it.
  load_checkpoint,  ///< Reads it.
  lead_clock,       ///< Lets places run ahead of the clock by `level` seconds.
};

/// One step of a history. It names everything in a way that has a meaning in every state, so that
/// any part of a history is a history.
struct operation {
  step what = step::add;
  size_t variant = 0;
  size_t model = 0;
  std::vector<saved_record> records;
  std::optional<time_ms> time; ///< Of deletion, or the slot of the run.
  int batch = 1;               ///< How far its number is from the last one: 0 repeats that.
  size_t stale = 0;            ///< Whose ticket it shows: 0 the last run's, 1 of the one before...
  bool marks = false;          ///< Marks unchanged records as seen.
  std::optional<size_t> place; ///< Stands for one of the places that records have ever had.
  std::string checkpoint;
  int version = 0; ///< How far the version of a checkpoint is from the right one.
  int level = 1;
  run_outcome outcome = run_outcome::success;
  unsigned seed = 0; ///< Of the questions that are asked after it.
};

using history = std::vector<operation>;

inline std::string readable(const std::string& bytes) {
  return nlohmann::json(bytes).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

inline std::string describe(const operation& x) {
  static const std::array<const char*, 18> words{
    "add",   "drop",  "own",     "want",  "begin", "end",  "save",  "update", "remove",
    "track", "sweep", "untrack", "prune", "purge", "keep", "clear", "load",   "lead the clock"};
  auto result = std::string{words.at(static_cast<size_t>(x.what))} + ' '
                + variant_names.at(x.variant) + ' ' + model_names.at(x.model);
  for (auto& record : x.records)
    result += "\n      " + readable(record.id) + ' ' + record.payload;
  auto tell = [&result](bool matters, const std::string& text) {
    if (matters)
      result += ", " + text;
  };
  tell(x.time.has_value(), "at " + std::to_string(x.time.value_or(0)));
  tell(x.batch != 1, "batch " + std::to_string(x.batch) + " from the last");
  tell(x.stale != 0, "ticket " + std::to_string(x.stale) + " before the last");
  tell(x.marks, "marking");
  tell(x.place.has_value(), "place " + std::to_string(x.place.value_or(0)));
  tell(!x.checkpoint.empty(), "checkpoint " + x.checkpoint);
  tell(x.version != 0, "version off by " + std::to_string(x.version));
  tell(x.level != 1, "level " + std::to_string(x.level));
  tell(x.outcome != run_outcome::success, to_string(x.outcome));
  return result;
}

inline std::string describe(const history& all) {
  std::string result;
  for (auto& x : all)
    result += "\n    " + describe(x);
  return result;
}

/// The report of a run that ends so.
inline std::string report_of(const operation& x) {
  return x.outcome == run_outcome::failed ? R"({"type":"script_error","description":"odd"})" : "";
}

/// Makes random histories: mostly what well-behaved workers do, with everything else in between.
class history_maker {
public:
  explicit history_maker(unsigned seed) : chance_{seed} {}

  history make(size_t length) {
    history result;
    while (result.size() < length)
      result.push_back(next());
    return result;
  }

  unsigned roll(unsigned below) { return static_cast<unsigned>(chance_() % below); }

private:
  // What the maker believes of a variant; refused steps make it err at times, which is fine.
  struct belief {
    bool lives = false, owned = false, runs = false;
  };

  operation next() {
    operation x;
    x.variant = roll(3) == 0 ? 1 : 0;
    x.model = roll(3) == 0 ? 1 : 0;
    x.seed = static_cast<unsigned>(chance_());
    auto& it = beliefs_.at(x.variant);
    x.what = step_for(it);
    it.lives = x.what == step::add || (it.lives && x.what != step::drop);
    it.owned = it.lives && (it.owned || x.what == step::own);
    auto ends = x.what == step::end || x.what == step::own;
    it.runs = it.owned && (x.what == step::begin || (it.runs && !ends));
    detail(x);
    return x;
  }

  step step_for(const belief& x) {
    if (roll(8) != 0) {
      if (!x.lives)
        return step::add;
      if (!x.owned)
        return step::own;
      if (!x.runs)
        return roll(4) == 0 ? step::want : step::begin;
    }
    static const std::vector<std::pair<step, unsigned>> weights{{step::save, 32},
                                                                {step::update, 12},
                                                                {step::remove, 12},
                                                                {step::track, 4},
                                                                {step::sweep, 6},
                                                                {step::untrack, 2},
                                                                {step::prune, 10},
                                                                {step::purge, 2},
                                                                {step::keep_checkpoint, 6},
                                                                {step::clear_checkpoint, 2},
                                                                {step::load_checkpoint, 4},
                                                                {step::end, 7},
                                                                {step::begin, 2},
                                                                {step::own, 2},
                                                                {step::want, 4},
                                                                {step::drop, 1},
                                                                {step::add, 1},
                                                                {step::lead_clock, 1}};
    unsigned sum = 0;
    for (auto& each : weights)
      sum += each.second;
    auto at = roll(sum);
    for (auto& [what, weight] : weights) {
      if (at < weight)
        return what;
      at -= weight;
    }
    return step::save;
  }

  void detail(operation& x) {
    auto is = [&x](std::initializer_list<step> steps) {
      return std::find(steps.begin(), steps.end(), x.what) != steps.end();
    };
    auto is_batch = is({step::save, step::update, step::remove, step::sweep});
    if (is({step::save, step::update, step::remove}))
      x.records = some_records(x.what == step::save && roll(15) == 0);
    if (is({step::remove, step::begin}) && roll(2) == 0)
      x.time = 1500000000000 + roll(1000);
    if (is_batch && roll(10) == 0)
      x.batch = static_cast<int>(roll(4)) - 1;
    if ((is_batch || is_of_run(x.what)) && roll(15) == 0)
      x.stale = 1 + roll(3);
    if (is({step::save, step::update})) {
      x.marks = roll(2) == 0;
      if (roll(4) == 0)
        x.place = roll(100);
    }
    if (x.what == step::prune && roll(2) == 0)
      x.place = roll(100);
    if (x.what == step::keep_checkpoint || (x.what == step::save && roll(6) == 0))
      x.checkpoint = R"({"page":)" + std::to_string(roll(3)) + "}";
    if (is({step::save, step::update, step::keep_checkpoint, step::clear_checkpoint})
        && roll(8) == 0)
      x.version = static_cast<int>(roll(4)) - 2;
    x.level = level_for(x.what);
    if (x.what == step::end && roll(4) == 0)
      x.outcome = roll(2) == 0 ? run_outcome::failed : run_outcome::interrupted;
  }

  static bool is_of_run(step x) {
    return x == step::end || x == step::track || x == step::untrack || x == step::keep_checkpoint
           || x == step::clear_checkpoint || x == step::load_checkpoint;
  }

  int level_for(step what) {
    switch (what) {
      case step::want: return 1 + static_cast<int>(roll(3));
      case step::prune: return roll(2) == 0 ? 1000 : 1 + static_cast<int>(roll(4));
      case step::purge: return static_cast<int>(roll(3));
      case step::lead_clock: return static_cast<int>(roll(3)) * 3600;
      default: return 1;
    }
  }

  std::vector<saved_record> some_records(bool many) {
    std::vector<saved_record> result;
    for (auto n = many ? 40 : roll(6); n > 0; --n)
      result.push_back({some_id(many), roll(3) == 0 ? some_object(3) : known_object()});
    return result;
  }

  // Few contents in several spellings, so that records are often saved unchanged.
  std::string known_object() {
    static const std::array<const char*, 5> all{
      R"({"a":1,"b":{"x":1,"y":2}})", R"({"b":{"y":2,"x":1},"a":1})",
      R"({ "b" : {"x":1,"y":2}, "a":1 })", "{}", R"({"c":[1,2]})"};
    return all.at(roll(all.size()));
  }

  std::string some_id(bool many) {
    if (many)
      return "w" + std::to_string(roll(60));
    return roll(20) == 0 ? std::string{"\0:{\xff", 4} : std::to_string(roll(7));
  }

  // An object of few fields and values, in any order.
  // NOLINTNEXTLINE(misc-no-recursion)
  std::string some_object(unsigned depth) {
    std::vector<std::string> fields;
    for (auto* name : {"a", "b", "c"})
      if (roll(2) == 0)
        fields.push_back('"' + std::string{name} + "\":" + some_value(depth));
    std::shuffle(fields.begin(), fields.end(), chance_);
    std::string result;
    for (auto& x : fields)
      result += (result.empty() ? "" : ",") + x;
    return '{' + result + '}';
  }

  // NOLINTNEXTLINE(misc-no-recursion)
  std::string some_value(unsigned depth) {
    static const std::array<const char*, 5> plain{"1", "2", "null", "\"\xc3\xa4\"",
                                                  "[1,{\"x\":2}]"};
    return depth > 1 && roll(3) == 0 ? some_object(depth - 1) : plain.at(roll(plain.size()));
  }

  std::mt19937 chance_;
  std::array<belief, 2> beliefs_;
};

/// Drops steps from a history, and records from its steps, as long as it fails without them.
template <class Fails>
class shrinker {
public:
  shrinker(history all, Fails fails) : all_{std::move(all)}, fails_{std::move(fails)} {}

  /// What is left fails, and does so no more without any one of its parts, unless finding that
  /// takes more than `tries_max` tries.
  history shrink() {
    for (auto size = std::max<size_t>(all_.size() / 2, 1); size > 0;)
      if (!drop_steps(size) || size > 1)
        size /= 2;
    for (auto& x : all_)
      for (size_t at = 0; at < x.records.size();) {
        auto dropped = x.records[at];
        x.records.erase(x.records.begin() + static_cast<ptrdiff_t>(at));
        if (!still_fails(all_))
          x.records.insert(x.records.begin() + static_cast<ptrdiff_t>(at++), dropped);
      }
    return std::move(all_);
  }

private:
  static constexpr size_t tries_max = 1000;

  bool still_fails(const history& less) { return ++tries_ <= tries_max && fails_(less); }

  // Drops as many parts of that size as possible; returns false if there was none.
  bool drop_steps(size_t size) {
    auto has_dropped = false;
    for (size_t at = 0; at < all_.size();) {
      auto less = all_;
      auto from = less.begin() + static_cast<ptrdiff_t>(at);
      less.erase(from, from + static_cast<ptrdiff_t>(std::min(size, all_.size() - at)));
      if (still_fails(less)) {
        all_ = std::move(less);
        has_dropped = true;
      } else {
        at += size;
      }
    }
    return has_dropped;
  }

  history all_;
  Fails fails_;
  size_t tries_ = 0;
};

} // namespace varia::test
