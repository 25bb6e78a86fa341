#include "store/budgets.hpp"

#include "store/call.hpp"
#include "store/keys.hpp"

#include <hiredis/hiredis.h>

namespace varia {

namespace {

constexpr size_t state_words = 7;

std::vector<std::string> keys_of(const std::string& connection) {
  auto budget = keys::budget(connection);
  return {keys::budgets, budget, budget + ":permits", budget + ":row"};
}

owned_command question_of(const std::string& process, const budget_question& x) {
  std::vector<std::string> args{x.connection,
                                process,
                                std::to_string(x.requests),
                                std::to_string(x.per.count()),
                                std::to_string(x.margin.count()),
                                std::to_string(x.reports.size())};
  for (const auto& report : x.reports) {
    args.emplace_back(report.what == budget_report::kind::held ? "held" : "over");
    args.push_back(std::to_string(report.permit));
    args.push_back(std::to_string(report.left.count()));
  }
  args.insert(args.end(), x.claims.begin(), x.claims.end());
  return call_of("budget_ask", keys_of(x.connection), args);
}

budget_answer answer_of(const redisReply& words) {
  auto number = [&words](size_t i) { return number_of(*words.element[i]); };
  budget_answer result;
  result.is_open = number(0) == 1;
  result.ask_in = milliseconds{number(1)};
  result.paused = milliseconds{number(2)};
  for (size_t i = 3; i + 1 < words.elements; i += 2)
    result.grants.push_back(
      {static_cast<size_t>(number(i)) - 1, static_cast<uint64_t>(number(i + 1))});
  return result;
}

} // namespace

expected<std::vector<budget_answer>> budgets::ask(const std::vector<budget_question>& questions) {
  std::vector<owned_command> commands;
  commands.reserve(questions.size());
  for (const auto& question : questions)
    commands.push_back(question_of(process_, question));
  auto answers = run_checked(db_, commands);
  if (!answers)
    return std::move(answers.error());
  std::vector<budget_answer> result;
  result.reserve(answers->size());
  for (const auto& answer : *answers)
    result.push_back(answer_of(*answer));
  return result;
}

expected<void> budgets::pause(const std::string& connection, milliseconds wait,
                              const std::string& why) {
  auto done = call(db_, "budget_pause", keys_of(connection),
                   {connection, std::to_string(wait.count()), why});
  if (!done)
    return std::move(done.error());
  return caf::unit;
}

expected<std::vector<budget_state>> budgets::list() {
  auto reply = call(db_, "budgets_list", {keys::budgets});
  if (!reply)
    return std::move(reply.error());
  const auto& words = **reply;
  std::vector<budget_state> result;
  for (size_t i = 0; i + state_words <= words.elements; i += state_words) {
    auto number = [&](size_t which) { return number_of(*words.element[i + which]); };
    budget_state state;
    state.connection = text_of(*words.element[i]);
    state.requests = static_cast<uint32_t>(number(1));
    state.per = milliseconds{number(2)};
    state.waiting = static_cast<uint64_t>(number(3));
    state.granted = static_cast<uint64_t>(number(4));
    state.paused_until = number(5);
    state.reason = text_of(*words.element[i + 6]);
    result.push_back(std::move(state));
  }
  return result;
}

} // namespace varia
