#pragma once
// Inside web/ only (Asio): a byte stream to one client, plain or TLS, so that everything above is compiled once.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace landglass::web {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;  // no type erasure: one thread runs one context
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
template <class T>
using Task = asio::awaitable<T, Executor>;
constexpr asio::use_awaitable_t<Executor> as_task{};

class Channel {
 public:
  virtual ~Channel() = default;
  virtual Task<bool> open() = 0;                                                  // the handshake
  virtual Task<std::size_t> read(char* to, std::size_t room) = 0;                 // 0: it is over
  virtual Task<bool> write(std::string_view first, std::string_view second) = 0;  // both, wholly
  virtual Task<bool> finish() = 0;                                                // no more will be written
  virtual void cancel() = 0;                                                      // whoever waits for it gets 0 or false
  virtual void drop() = 0;                                                        // cut at once
};

class TlsContext {
 public:
  virtual ~TlsContext() = default;
  virtual std::unique_ptr<Channel> wrap(Socket socket) = 0;
};

std::unique_ptr<Channel> plain_channel(Socket socket);
base::Result<std::shared_ptr<TlsContext>> open_tls(const std::string& chain_file, const std::string& key_file);

}  // namespace landglass::web
