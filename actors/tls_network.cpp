#include "actors/tls_network.hpp"

#include "actors/tls_session.hpp"
#include "config/setting_values.hpp"

#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/scoped_actor.hpp>

#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <utility>
#include <vector>

namespace varia {

namespace {

namespace net = caf::io::network;

// Who does not get through the handshake in this time has to go when others come.
constexpr std::chrono::seconds handshake_max{10};
constexpr size_t handshakes_max = 1000;
constexpr size_t failures_max = 1000;

using session_ptr = std::shared_ptr<tls_session>;

struct tls_policy {
  net::rw_state read_some(size_t& result, net::native_socket fd, void* to, size_t size) {
    return session->read_some(result, fd, to, size);
  }

  net::rw_state write_some(size_t& result, net::native_socket fd, const void* from, size_t size) {
    return session->write_some(result, fd, from, size);
  }

  bool must_read_more(net::native_socket fd, size_t threshold) {
    return session->must_read_more(fd, threshold);
  }

  session_ptr session;
};

// A connection. What is to be sent waits here until the other side is known.
class tls_scribe : public caf::io::scribe {
public:
  using failure_handler = std::function<void(const std::string& why)>;

  tls_scribe(net::default_multiplexer& backend, net::native_socket fd, session_ptr session,
             failure_handler failed)
    : scribe{net::conn_hdl_from_socket(fd)}, session_{std::move(session)}, stream_{
                                                                             backend, fd,
                                                                             tls_policy{session_}} {
    session_->listen(
      {[this] { begin(); }, [this] { stream_.force_empty_write(this); }, std::move(failed)});
  }

  ~tls_scribe() override { session_->listen({}); }

  void configure_read(caf::io::receive_policy::config config) override {
    stream_.configure_read(config);
    if (!std::exchange(launched_, true)) {
      stream_.start(this);
      // The multiplexer will notice a failure by itself.
      session_->advance();
    }
  }

  void ack_writes(bool enable) override { stream_.ack_writes(enable); }

  std::vector<char>& wr_buf() override { return session_->is_ready() ? stream_.wr_buf() : held_; }

  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }

  void flush() override {
    if (session_->is_ready())
      stream_.flush(this);
  }

  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }

  std::string addr() const override {
    auto result = net::remote_addr_of_fd(stream_.fd());
    return result ? *result : std::string{};
  }

  uint16_t port() const override {
    auto result = net::remote_port_of_fd(stream_.fd());
    return result ? *result : uint16_t{0};
  }

  void add_to_loop() override { stream_.activate(this); }

  void remove_from_loop() override { stream_.passivate(); }

private:
  void begin() {
    auto& buffer = stream_.wr_buf();
    buffer.insert(buffer.end(), held_.begin(), held_.end());
    held_ = {};
    stream_.flush(this);
  }

  session_ptr session_;
  std::vector<char> held_;
  net::stream_impl<tls_policy> stream_;
  bool launched_ = false;
};

// A port. It remembers who is still in the handshake.
class tls_doorman : public net::doorman_impl {
public:
  tls_doorman(net::default_multiplexer& backend, net::native_socket fd, tls_link_ptr link)
    : net::doorman_impl{backend, fd}, link_{std::move(link)} {}

  bool new_connection() override {
    auto fd = acceptor_.accepted_socket();
    drop_laggards();
    if (detached() || pending_.size() >= handshakes_max) {
      net::close_socket(fd);
      return false;
    }
    net::nonblocking(fd, true);
    auto session = std::make_shared<tls_session>(*link_->identity, fd, true);
    pending_.push_back(session);
    auto host = net::remote_addr_of_fd(fd);
    auto& backend = acceptor_.backend();
    auto scribe = caf::make_counted<tls_scribe>(
      backend, fd, std::move(session),
      [link = link_, host = host ? *host : "somebody"](const std::string& why) {
        link->reports.refused(host, why);
      });
    auto handle = scribe->hdl();
    parent()->add_scribe(std::move(scribe));
    return doorman::new_connection(&backend, handle);
  }

private:
  void drop_laggards() {
    auto is_over = [](const std::weak_ptr<tls_session>& one) {
      auto session = one.lock();
      if (session && session->lags(handshake_max))
        session->cut();
      return !session || session->is_ready() || session->lags(handshake_max);
    };
    pending_.erase(std::remove_if(pending_.begin(), pending_.end(), is_over), pending_.end());
  }

  tls_link_ptr link_;
  std::vector<std::weak_ptr<tls_session>> pending_;
};

class tls_middleman_actor : public caf::io::middleman_actor_impl {
public:
  tls_middleman_actor(caf::actor_config& config, caf::actor broker, tls_link_ptr link)
    : middleman_actor_impl{config, std::move(broker)}, link_{std::move(link)} {}

  const char* name() const override { return "tls_middleman"; }

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host, uint16_t port) override {
    auto fd = net::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    net::nonblocking(*fd, true);
    return caf::make_counted<tls_scribe>(
      backend(), *fd, std::make_shared<tls_session>(*link_->identity, *fd, false),
      [link = link_, to = varia::endpoint{host, port}](const std::string& why) {
        link->reports.failed(to, why);
      });
  }

  caf::expected<caf::io::doorman_ptr> open(uint16_t port, const char* host, bool reuse) override {
    auto fd = net::new_tcp_acceptor_impl(port, host, reuse);
    if (!fd)
      return std::move(fd.error());
    return caf::make_counted<tls_doorman>(backend(), *fd, link_);
  }

private:
  net::default_multiplexer& backend() {
    return dynamic_cast<net::default_multiplexer&>(system().middleman().backend());
  }

  tls_link_ptr link_;
};

class tls_module : public caf::actor_system::module {
public:
  tls_module(caf::actor_system& system, tls_link_ptr link)
    : system_{system}, link_{std::move(link)} {}

  void init(caf::actor_system_config&) override {}

  void start() override {
    // OpenSSL writes to sockets that are gone.
    std::signal(SIGPIPE, SIG_IGN);
    auto broker = system_.middleman().named_broker<caf::io::basp_broker>(caf::atom("BASP"));
    link_->network = system_.spawn<tls_middleman_actor, caf::detached + caf::hidden>(broker, link_);
  }

  // The actor listens to no other way of being told to end.
  void stop() override {
    caf::scoped_actor self{system_, true};
    self->send_exit(link_->network, caf::exit_reason::kill);
    self->wait_for(link_->network);
    link_->network = nullptr;
  }

  id_t id() const override { return openssl_manager; }

  void* subtype_ptr() override { return this; }

private:
  caf::actor_system& system_;
  tls_link_ptr link_;
};

milliseconds now() {
  auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(since);
}

} // namespace

void tls_reports::refused(const std::string& host, const std::string& why) {
  std::lock_guard<std::mutex> lock{mutex_};
  if (said_.may_say(host + why, now()))
    spdlog::warn("refused a connection from {}: {}", host, why);
}

void tls_reports::failed(const endpoint& to, const std::string& why) {
  std::lock_guard<std::mutex> lock{mutex_};
  if (failures_.size() >= failures_max)
    failures_.clear();
  failures_[to_string(to)] = why;
}

std::string tls_reports::take(const endpoint& to) {
  std::lock_guard<std::mutex> lock{mutex_};
  auto found = failures_.find(to_string(to));
  if (found == failures_.end())
    return {};
  auto result = std::move(found->second);
  failures_.erase(found);
  return result;
}

caf::actor_system::module* make_tls_module(caf::actor_system& system, tls_link_ptr link) {
  return new tls_module{system, std::move(link)};
}

} // namespace varia
