#include "upstream/budget_desk.hpp"

#include <algorithm>

namespace varia {

namespace {

// Of one question, and of one round.
constexpr size_t claims_max = 1000;
constexpr size_t questions_max = 64;

} // namespace

void budget_desk::add(uint64_t ticket, const budget_claim& claim, time_point now) {
  auto& line = lines_[claim.connection];
  line.rate = bounded(claim.rate);
  auto& mine = line.waiting[claim.variant];
  if (mine.empty()) {
    line.turns.push_back(claim.variant);
    line.ask_at = now;
  }
  mine.push_back(ticket);
  tickets_.emplace(ticket, std::pair{claim.connection, claim.variant});
}

void budget_desk::sent(uint64_t ticket, time_point now) {
  auto known = tickets_.find(ticket);
  if (known == tickets_.end())
    return;
  auto& line = lines_.at(known->second.first);
  auto found = line.out.find(ticket);
  if (found == line.out.end())
    return;
  auto& permit = found->second;
  permit.is_sent = true;
  // Leaving a little late is within the margin.
  if (now - permit.told < line.margin() / 8)
    return;
  permit.told = now;
  line.reports.push_back({budget_report::kind::held, permit.id, line.rate.per + line.margin()});
  line.ask_at = now;
}

void budget_desk::end(uint64_t ticket, time_point now) {
  auto known = tickets_.find(ticket);
  if (known == tickets_.end())
    return;
  auto which = lines_.find(known->second.first);
  auto& line = which->second;
  if (auto found = line.out.find(ticket); found != line.out.end())
    end_permit(line, found, now);
  else
    stop_waiting(line, known->second.second, ticket, now);
  tickets_.erase(known);
  forget_if_idle(which);
}

// What has been answered within the margin has arrived earlier than the store assumes, and what was
// never sent will not arrive.
void budget_desk::end_permit(line_state& of, std::map<uint64_t, permit_state>::iterator which,
                             time_point now) {
  auto& permit = which->second;
  if (!permit.is_sent || now - permit.told < of.margin()) {
    auto left = permit.is_sent ? of.rate.per : milliseconds{0};
    of.reports.push_back({budget_report::kind::over, permit.id, left});
    of.ask_at = now;
  }
  of.out.erase(which);
}

void budget_desk::stop_waiting(line_state& of, const std::string& variant, uint64_t ticket,
                               time_point now) {
  auto found = of.waiting.find(variant);
  if (found == of.waiting.end())
    return;
  auto& mine = found->second;
  mine.erase(std::remove(mine.begin(), mine.end(), ticket), mine.end());
  if (!mine.empty())
    return;
  of.waiting.erase(found);
  of.turns.erase(std::find(of.turns.begin(), of.turns.end(), variant));
  // The place in the row must not hold others up.
  of.ask_at = now;
}

std::optional<budget_desk::time_point> budget_desk::next_moment() const {
  auto first = time_point::max();
  for (const auto& [connection, line] : lines_)
    first = std::min(first, moment_of(line));
  return first == time_point::max() ? std::nullopt : std::optional{first};
}

budget_desk::time_point budget_desk::moment_of(const line_state& of) {
  auto result = of.ask_at;
  for (const auto& [ticket, permit] : of.out)
    if (!permit.is_sent)
      result = std::min(result, permit.told + of.margin() / 2);
  return std::max(result, of.not_before);
}

// A request that was granted but cannot leave yet, for want of a connection to the provider, keeps
// its permit from coming free.
void budget_desk::report_held(line_state& of, time_point now) {
  for (auto& [ticket, permit] : of.out)
    if (!permit.is_sent && now - permit.told >= of.margin() / 2) {
      permit.told = now;
      of.reports.push_back({budget_report::kind::held, permit.id, of.rate.per + of.margin()});
    }
}

std::vector<budget_question> budget_desk::questions(time_point now) {
  std::vector<budget_question> result;
  for (auto at = lines_.begin(); at != lines_.end() && result.size() < questions_max;) {
    auto which = at++;
    auto& line = which->second;
    if (moment_of(line) > now)
      continue;
    report_held(line, now);
    auto claims = std::min(line.turns.size(), claims_max);
    budget_question question;
    question.connection = which->first;
    question.requests = line.rate.requests;
    question.per = line.rate.per;
    question.margin = line.margin();
    question.reports = std::exchange(line.reports, {});
    question.claims
      = {line.turns.begin(), line.turns.begin() + static_cast<std::ptrdiff_t>(claims)};
    line.ask_at = time_point::max();
    result.push_back(std::move(question));
    forget_if_idle(which);
  }
  return result;
}

std::vector<uint64_t> budget_desk::take(const budget_question& question,
                                        const budget_answer& answer, time_point now) {
  std::vector<uint64_t> granted;
  auto which = lines_.find(question.connection);
  if (which == lines_.end()) {
    // All that waited was given up meanwhile, and what was granted is to be given back.
    if (answer.grants.empty())
      return granted;
    which = lines_.try_emplace(question.connection).first;
    which->second.rate = {question.requests, question.per};
  }
  auto& line = which->second;
  if (answer.is_open) {
    for (auto& [variant, tickets] : std::exchange(line.waiting, {}))
      granted.insert(granted.end(), tickets.begin(), tickets.end());
    for (auto ticket : granted)
      tickets_.erase(ticket);
    line.turns.clear();
    line.ask_at = time_point::max();
    forget_if_idle(which);
    return granted;
  }
  for (const auto& grant : answer.grants)
    if (auto ticket = this->grant(line, question.claims.at(grant.claim), grant.permit, now))
      granted.push_back(ticket);
  if (!line.waiting.empty())
    line.ask_at = std::min(line.ask_at, now + answer.ask_in);
  return granted;
}

// Returns 0 if the variant wants nothing any more.
uint64_t budget_desk::grant(line_state& of, const std::string& variant, uint64_t id,
                            time_point now) {
  auto found = of.waiting.find(variant);
  if (found == of.waiting.end()) {
    of.reports.push_back({budget_report::kind::over, id, milliseconds{0}});
    of.ask_at = now;
    return 0;
  }
  auto ticket = found->second.front();
  found->second.pop_front();
  of.turns.erase(std::find(of.turns.begin(), of.turns.end(), variant));
  if (found->second.empty()) {
    of.waiting.erase(found);
  } else {
    of.turns.push_back(variant);
    of.ask_at = now;
  }
  of.out[ticket] = {id, now, false};
  return ticket;
}

void budget_desk::postpone(const std::vector<budget_question>& unanswered, time_point until) {
  for (const auto& question : unanswered)
    if (auto found = lines_.find(question.connection); found != lines_.end()) {
      found->second.not_before = until;
      found->second.ask_at = std::min(found->second.ask_at, until);
    }
}

void budget_desk::forget_if_idle(lines_type::iterator which) {
  auto& line = which->second;
  if (line.waiting.empty() && line.out.empty() && line.reports.empty()
      && line.ask_at == time_point::max())
    lines_.erase(which);
}

} // namespace varia
