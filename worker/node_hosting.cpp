#include "worker/node_state.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <utility>

namespace varia::hosting {

namespace {

void host(self_ptr self, arriving_variant arrived, const variant_past& past) {
  auto& my = self->state;
  auto id = arrived.what.id;
  auto owner = arrived.what.owner;
  auto actor = spawn_variant(self->system(), my.peers, std::move(arrived.what), past);
  if (arrived.woken)
    self->send(actor, atom::wake_v, arrived.restart);
  my.hosted[id] = {std::move(actor), owner};
}

// Hands what is known already to its VARIANT, and returns the rest.
std::vector<assignment> take_news(self_ptr self, std::vector<assignment>& variants) {
  auto& my = self->state;
  std::vector<assignment> strangers;
  for (auto& what : variants) {
    auto hosted = my.hosted.find(what.id);
    if (hosted != my.hosted.end() && hosted->second.owner == what.owner) {
      self->send(hosted->second.actor, atom::put_v, std::move(what));
      continue;
    }
    auto arriving = my.arriving.find(what.id);
    if (arriving != my.arriving.end() && arriving->second.what.owner == what.owner) {
      arriving->second.what = std::move(what);
      continue;
    }
    drop(self, what.id);
    my.arriving[what.id].what = what;
    strangers.push_back(std::move(what));
  }
  return strangers;
}

void settle_in(self_ptr self, const std::vector<assignment>& strangers,
               const std::vector<variant_past>& pasts) {
  auto& my = self->state;
  for (size_t i = 0; i < strangers.size() && i < pasts.size(); ++i) {
    auto found = my.arriving.find(strangers[i].id);
    if (found == my.arriving.end() || found->second.what.owner != strangers[i].owner)
      continue;
    auto arrived = std::move(found->second);
    my.arriving.erase(found);
    host(self, std::move(arrived), pasts[i]);
  }
}

// Unless it has come again meanwhile, under another token.
void turn_away(self_ptr self, const assignment& stranger) {
  auto& arriving = self->state.arriving;
  auto found = arriving.find(stranger.id);
  if (found != arriving.end() && found->second.what.owner == stranger.owner)
    arriving.erase(found);
}

// What a leader of the past takes away would be missed by the one that has been told of it.
caf::error check_leader(self_ptr self, uint64_t epoch) {
  if (epoch < self->state.joined.epoch)
    return fail(errc::fenced, "the worker has joined a later leader");
  return {};
}

// Gathers which of many variants have been let go of, and answers when the last one has spoken.
class parting_words {
public:
  parting_words(self_ptr self, size_t asked)
    : promise_{self->make_response_promise<std::vector<std::string>>()}, left_{asked} {
    if (left_ == 0)
      promise_.deliver(std::vector<std::string>{});
  }

  void hear(const std::string& id, bool is_free) {
    if (is_free)
      free_.push_back(id);
    if (--left_ == 0)
      promise_.deliver(std::move(free_));
  }

  caf::result<std::vector<std::string>> answer() const { return promise_; }

private:
  caf::typed_response_promise<std::vector<std::string>> promise_;
  size_t left_;
  std::vector<std::string> free_;
};

} // namespace

void drop(self_ptr self, const std::string& id) {
  auto& my = self->state;
  my.arriving.erase(id);
  if (auto found = my.hosted.find(id); found != my.hosted.end()) {
    self->send(found->second.actor, atom::leave_v);
    my.hosted.erase(found);
  }
}

caf::result<atom::ok> put(self_ptr self, std::vector<assignment>& variants) {
  auto strangers = take_news(self, variants);
  if (strangers.empty())
    return atom::ok_v;
  auto promise = self->make_response_promise<atom::ok>();
  self->request(self->state.store, patience, atom::load_v, strangers)
    .then(
      [self, strangers, promise](const std::vector<variant_past>& pasts) mutable {
        settle_in(self, strangers, pasts);
        promise.deliver(atom::ok_v);
      },
      [self, strangers, promise](caf::error& why) mutable {
        for (auto& stranger : strangers)
          turn_away(self, stranger);
        promise.deliver(std::move(why));
      });
  return promise;
}

caf::result<atom::ok> leave(self_ptr self, uint64_t epoch, const hosted_list& which) {
  auto& my = self->state;
  if (auto why = check_leader(self, epoch))
    return why;
  for (auto& [id, owner] : which) {
    auto hosted = my.hosted.find(id);
    auto arriving = my.arriving.find(id);
    if ((hosted != my.hosted.end() && hosted->second.owner == owner)
        || (arriving != my.arriving.end() && arriving->second.what.owner == owner))
      drop(self, id);
  }
  return atom::ok_v;
}

// What is not here, or not yet, needs no parting.
caf::result<std::vector<std::string>>
yield(self_ptr self, uint64_t epoch, const std::vector<std::string>& ids, uint64_t deadline) {
  auto& my = self->state;
  if (auto why = check_leader(self, epoch))
    return why;
  auto words = std::make_shared<parting_words>(self, ids.size());
  for (auto& id : ids) {
    my.arriving.erase(id);
    auto found = my.hosted.find(id);
    if (found == my.hosted.end()) {
      words->hear(id, true);
      continue;
    }
    self->request(found->second.actor, patience + milliseconds{deadline}, atom::yield_v, deadline)
      .then(
        [self, words, id, owner = found->second.owner](atom::ok) {
          lose(self, id, owner);
          words->hear(id, true);
        },
        // One that has ended by itself is free, too.
        [words, id](const caf::error& why) {
          words->hear(id, why == caf::sec::request_receiver_down);
        });
  }
  return words->answer();
}

void wake(self_ptr self, const std::vector<std::string>& ids, bool restart) {
  auto& my = self->state;
  for (auto& id : ids) {
    if (auto found = my.hosted.find(id); found != my.hosted.end()) {
      self->send(found->second.actor, atom::wake_v, restart);
    } else if (auto early = my.arriving.find(id); early != my.arriving.end()) {
      early->second.woken = true;
      early->second.restart = early->second.restart || restart;
    }
  }
}

void cancel(self_ptr self, const std::vector<std::string>& ids, const std::string& why) {
  auto& hosted = self->state.hosted;
  for (auto& id : ids)
    if (auto found = hosted.find(id); found != hosted.end())
      self->send(found->second.actor, atom::cancel_v, why);
}

void lose(self_ptr self, const std::string& id, const token& owner) {
  auto& hosted = self->state.hosted;
  if (auto found = hosted.find(id); found != hosted.end() && found->second.owner == owner)
    hosted.erase(found);
}

} // namespace varia::hosting
