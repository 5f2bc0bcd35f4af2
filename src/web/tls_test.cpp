// The server over TLS, spoken to by OpenSSL's own client with a certificate made on the spot.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

#include "web/live.hpp"
#include "web/security.hpp"
#include "web/server.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

struct Certificate {
  Certificate() {
    const auto folder = std::filesystem::temp_directory_path() / ("lg-tls-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder);
    chain = (folder / "chain.pem").string();
    key = (folder / "key.pem").string();
    EVP_PKEY* pair = EVP_EC_gen("P-256");
    X509* cert = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(cert), 1);
    X509_gmtime_adj(X509_getm_notBefore(cert), -60);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    X509_set_pubkey(cert, pair);
    const auto* name = reinterpret_cast<const unsigned char*>("localhost");
    X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC, name, -1, -1, 0);
    X509_set_issuer_name(cert, X509_get_subject_name(cert));
    X509_sign(cert, pair, EVP_sha256());
    std::FILE* out = std::fopen(chain.c_str(), "w");
    PEM_write_X509(out, cert);
    std::fclose(out);
    out = std::fopen(key.c_str(), "w");
    PEM_write_PrivateKey(out, pair, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(out);
    X509_free(cert);
    EVP_PKEY_free(pair);
  }
  ~Certificate() { std::filesystem::remove_all(std::filesystem::path(chain).parent_path()); }
  std::string chain, key;
};

struct TlsClient {
  explicit TlsClient(std::uint16_t port, int highest = TLS1_3_VERSION)
      : context(SSL_CTX_new(TLS_client_method())), ssl(nullptr) {
    SSL_CTX_set_min_proto_version(context, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context, highest);
    SSL_CTX_set_security_level(context, 0);
    fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval wait{5, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    ::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    ssl = SSL_new(context);
    SSL_set_fd(ssl, fd);
    open = SSL_connect(ssl) == 1;
  }
  ~TlsClient() {
    SSL_free(ssl);
    SSL_CTX_free(context);
    ::close(fd);
  }
  void send(std::string_view bytes) { SSL_write(ssl, bytes.data(), static_cast<int>(bytes.size())); }
  std::string until(std::string_view mark) {
    char bytes[4096];
    while (held.find(mark) == std::string::npos) {
      const int count = SSL_read(ssl, bytes, sizeof bytes);
      if (count <= 0) break;
      held.append(bytes, static_cast<std::size_t>(count));
    }
    const auto at = held.find(mark);
    const auto size = at == std::string::npos ? held.size() : at + mark.size();
    auto text = held.substr(0, size);
    held.erase(0, size);
    return text;
  }
  SSL_CTX* context;
  SSL* ssl;
  int fd;
  bool open = false;
  std::string held;
};

struct TlsServer {
  TlsServer() {
    ServerOptions options;
    options.address = "0.0.0.0";
    options.tls = TlsFiles{certificate.chain, certificate.key};
    options.limits.head_ms = 300;
    Site site;
    site.constant_headers = security_headers(true);
    site.router.add(Method::get, "/secure", [](const Request& request) { return text(200, request.secure ? "yes" : "no"); });
    site.router.add(Method::post, "/size",
                    [](const Request& request) { return text(200, std::to_string(request.body.size())); });
    site.router.add(Method::get, "/large", [](const Request&) { return text(200, std::string(2 << 20, 'x') + "end"); });
    site.router.add(Method::get, "/live", [this](const Request& request) { return follow(live, "lot", request); });
    auto started = Server::start(options, std::move(site));
    if (started)
      server = *std::move(started);
    else
      ADD_FAILURE() << base::explain(started.trouble());
  }
  Certificate certificate;
  Live live;
  std::unique_ptr<Server> server;
};

}  // namespace

TEST(Tls, CarriesRequestsLargeBodiesAndLiveStreams) {
  TlsServer tls;
  TlsClient client(tls.server->port());
  ASSERT_TRUE(client.open);
  client.send("GET /secure HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto head = client.until("\r\n\r\n");
  EXPECT_NE(head.find("strict-transport-security: max-age=31536000\r\n"), std::string::npos) << head;
  EXPECT_EQ(client.until("yes"), "yes");
  const std::string body(700'000, 'b');
  client.send("POST /size HTTP/1.1\r\nHost: a\r\nContent-Length: 700000\r\n\r\n" + body);
  client.until("\r\n\r\n");
  EXPECT_EQ(client.until("700000"), "700000");
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  client.until("\r\n\r\n");
  EXPECT_EQ(client.until("end").size(), (2u << 20) + 3);
  client.send("GET /live HTTP/1.1\r\nHost: a\r\n\r\n");
  client.until("\r\n\r\n");
  for (int i = 0; i < 3; ++i) {
    tls.live.event("lot", "bid", std::to_string(i));
    EXPECT_NE(client.until("\n\n").find("event: bid\ndata: " + std::to_string(i)), std::string::npos);
  }
  std::thread stop([&] { tls.server->stop(3'000); });
  EXPECT_NE(client.until("\n\n").find("event: closing"), std::string::npos);
  stop.join();
}

TEST(Tls, RefusesOldProtocolsPlainTextAndASilentPeer) {
  TlsServer tls;
  EXPECT_FALSE(TlsClient(tls.server->port(), TLS1_1_VERSION).open);
  EXPECT_TRUE(TlsClient(tls.server->port(), TLS1_2_VERSION).open);
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(tls.server->port());
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const timeval wait{5, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  ASSERT_EQ(::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
  char byte = 0;
  const auto count = ::recv(fd, &byte, 1, 0);
  EXPECT_LE(count, 0) << "a peer that never begins the handshake is cut";
  EXPECT_NE(errno, EAGAIN);
  ::close(fd);
}

TEST(Tls, SaysWhichFileIsWrong) {
  ServerOptions options;
  options.tls = TlsFiles{"/nowhere/chain.pem", "/nowhere/key.pem"};
  const auto started = Server::start(options, {});
  ASSERT_TRUE(started.failed());
  EXPECT_NE(started.failure().what.find("/nowhere/chain.pem"), std::string::npos);
}
