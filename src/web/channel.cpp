#include "web/channel.hpp"

#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

namespace landglass::web {
namespace {

using boost::system::error_code;

// No initialiser list, aggregate or temporary stands in a co_await expression here: g++ 12.2 frees such things twice.
template <class Stream>
class StreamChannel : public Channel {
 public:
  Task<std::size_t> read(char* to, std::size_t room) override {
    error_code ec;
    const auto buffer = asio::buffer(to, room);
    auto token = asio::redirect_error(as_task, ec);
    const std::size_t count = co_await stream().async_read_some(buffer, token);
    co_return ec ? 0 : count;
  }
  Task<bool> write(std::string_view first, std::string_view second) override {
    error_code ec;
    std::array<asio::const_buffer, 2> buffers;
    buffers[0] = asio::const_buffer(first.data(), first.size());
    buffers[1] = asio::const_buffer(second.data(), second.size());
    auto token = asio::redirect_error(as_task, ec);
    co_await asio::async_write(stream(), buffers, token);
    co_return !ec;
  }
  void cancel() override {
    error_code ec;
    socket().cancel(ec);
  }
  void drop() override {
    error_code ec;
    socket().close(ec);
  }

 protected:
  virtual Stream& stream() = 0;
  virtual Socket& socket() = 0;
};

class PlainChannel final : public StreamChannel<Socket> {
 public:
  explicit PlainChannel(Socket socket) : socket_(std::move(socket)) {}
  Task<bool> open() override { co_return true; }
  Task<bool> finish() override {
    error_code ec;
    socket_.shutdown(Socket::shutdown_send, ec);
    co_return !ec;
  }

 private:
  Socket& stream() override { return socket_; }
  Socket& socket() override { return socket_; }
  Socket socket_;
};

using TlsStream = asio::ssl::stream<Socket>;

class TlsChannel final : public StreamChannel<TlsStream> {
 public:
  TlsChannel(Socket socket, std::shared_ptr<asio::ssl::context> context)
      : context_(std::move(context)), stream_(std::move(socket), *context_) {}
  Task<bool> open() override {
    error_code ec;
    auto token = asio::redirect_error(as_task, ec);
    co_await stream_.async_handshake(TlsStream::server, token);
    co_return !ec;
  }
  Task<bool> finish() override {
    error_code ec;
    auto token = asio::redirect_error(as_task, ec);
    co_await stream_.async_shutdown(token);
    co_return !ec;
  }

 private:
  TlsStream& stream() override { return stream_; }
  Socket& socket() override { return stream_.next_layer(); }
  std::shared_ptr<asio::ssl::context> context_;
  TlsStream stream_;
};

class LoadedTls final : public TlsContext {
 public:
  explicit LoadedTls(std::shared_ptr<asio::ssl::context> context) : context_(std::move(context)) {}
  std::unique_ptr<Channel> wrap(Socket socket) override { return std::make_unique<TlsChannel>(std::move(socket), context_); }

 private:
  std::shared_ptr<asio::ssl::context> context_;
};

}  // namespace

std::unique_ptr<Channel> plain_channel(Socket socket) { return std::make_unique<PlainChannel>(std::move(socket)); }

base::Result<std::shared_ptr<TlsContext>> open_tls(const std::string& chain_file, const std::string& key_file) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code ec;
  context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                           asio::ssl::context::no_tlsv1_1 | asio::ssl::context::no_compression,
                       ec);
  if (!ec) SSL_CTX_set_options(context->native_handle(), SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  if (!ec) context->use_certificate_chain_file(chain_file, ec);
  if (ec) return base::fail("certificate chain " + chain_file + ": " + ec.message());
  context->use_private_key_file(key_file, asio::ssl::context::pem, ec);
  if (ec) return base::fail("private key " + key_file + ": " + ec.message());
  if (SSL_CTX_check_private_key(context->native_handle()) != 1)
    return base::fail("the private key does not fit the certificate");
  return std::shared_ptr<TlsContext>(std::make_shared<LoadedTls>(std::move(context)));
}

}  // namespace landglass::web
