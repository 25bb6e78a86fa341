#include "console/follow.hpp"

#include "console/exit_code.hpp"
#include "console/interrupt.hpp"

#include <algorithm>
#include <utility>

namespace varia {

namespace {

using json = nlohmann::ordered_json;

constexpr milliseconds pause{1000};

class follower {
public:
  explicit follower(const verb_call& call) : call_{call}, values_{call.values} {}

  // Returns true if there may be more at once.
  expected<bool> step() {
    auto rows = next_rows();
    if (!rows)
      return std::move(rows.error());
    if (rows->empty())
      return false;
    call_.out << render_rows(call_.which, *rows, call_.options);
    call_.out.flush();
    return true;
  }

private:
  expected<json> next_rows() {
    auto message = message_of(call_.which, values_, besides_);
    auto answer = message ? ask(call_.server, *message) : std::move(message.error());
    if (!answer)
      return std::move(answer.error());
    auto rows = answer->value(call_.which.rows, json::array());
    if (call_.which.follow.starts_newest_first && besides_.empty())
      std::reverse(rows.begin(), rows.end());
    if (!rows.empty())
      remember(rows.back());
    return rows;
  }

  void remember(const json& row) {
    json::json_pointer field{call_.which.follow.field};
    if (row.contains(field))
      besides_[call_.which.follow.parameter] = row.at(field);
  }

  const verb_call& call_;
  verb_values values_;
  json besides_ = json::object(); ///< Where to go on.
};

} // namespace

int run_followed(const verb_call& call) {
  if (auto message = message_of(call.which, call.values); !message)
    return give_up_usage(call, detail_of(message.error()));
  interrupt_guard guard;
  follower rows{call};
  auto was_out_of_reach = false;
  do {
    auto more = rows.step();
    if (more && *more)
      continue;
    auto is_out_of_reach = !more && code_of(more.error()) == errc::unavailable;
    if (is_interrupted())
      break;
    if (!more && !is_out_of_reach)
      return give_up(call, more.error());
    if (is_out_of_reach && !was_out_of_reach)
      give_up(call, more.error());
    was_out_of_reach = is_out_of_reach;
  } while (guard.wait(pause));
  return exit_code::ok;
}

} // namespace varia
