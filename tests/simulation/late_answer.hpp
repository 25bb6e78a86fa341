#pragma once

#include "core/error.hpp"

#include <caf/actor_cast.hpp>
#include <caf/delegated.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/make_message.hpp>
#include <caf/result.hpp>

#include <utility>

namespace varia::test {

/// The answer to the request that an actor works on at this moment, given later and from anywhere:
/// a promise of CAF's may be kept by the actor alone that made it.
template <class Answer>
class late_answer {
public:
  template <class Self>
  explicit late_answer(Self* self)
    : to_{self->current_mailbox_element()->sender}, from_{self->ctrl()},
      id_{self->current_mailbox_element()->mid} {}

  /// What a handler returns for it.
  caf::result<Answer> to_come() const { return caf::delegated<Answer>{}; }

  void give(const expected<Answer>& answer) const {
    if (to_ && id_.is_request())
      to_->enqueue(from_, id_.response_id(),
                   answer ? caf::make_message(*answer) : caf::make_message(answer.error()),
                   nullptr);
  }

private:
  caf::strong_actor_ptr to_, from_;
  caf::message_id id_;
};

} // namespace varia::test
