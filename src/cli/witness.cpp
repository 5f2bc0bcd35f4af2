#include "cli/witness.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <fstream>

#include "store/witness_book.hpp"
#include "web/witness_site.hpp"

namespace landglass::cli {
namespace {

using base::Result;

Result<log::Signer> read_witness_key(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0)
    return base::refuse("KEY-FILE", "没有此密钥文件", "no such key file; `landglass witness key` makes one", path);
  if ((about.st_mode & 077) != 0)
    return base::refuse("KEY-FILE", "密钥文件他人可读，应为 0600", "others may read the key file; it must be of mode 0600",
                        path);
  std::ifstream in(path);
  std::string line;
  std::getline(in, line);
  LG_TRY(auto signer, log::Signer::parse(line));
  if (signer.verifier().kind != log::KeyKind::witness)
    return base::refuse("KEY-FILE", "不是见证密钥", "this is not the key of a witness (kind 0x04)", path);
  return signer;
}

// "127.0.0.1:8700", "[::1]:8700".
Result<std::pair<std::string, std::uint16_t>> read_address(const std::string& listen) {
  const auto colon = listen.rfind(':');
  std::uint16_t port = 0;
  const auto* end = listen.data() + listen.size();
  const auto read = colon == std::string::npos ? std::from_chars_result{nullptr, std::errc::invalid_argument}
                                               : std::from_chars(listen.data() + colon + 1, end, port);
  if (read.ec != std::errc() || read.ptr != end)
    return base::refuse("CLI-09", "监听地址应为 地址:端口", "where to listen is ADDRESS:PORT", listen);
  auto address = listen.substr(0, colon);
  if (address.size() > 2 && address.front() == '[' && address.back() == ']') address = address.substr(1, address.size() - 2);
  return std::pair(std::move(address), port);
}

class HeldWitness final : public RunningWitness {
 public:
  HeldWitness(log::Signer signer, std::vector<log::VerifierKey> logs, std::unique_ptr<log::WitnessState> book)
      : book_(std::move(book)), witness_(std::move(signer), std::move(logs), *book_) {}
  base::Status serve(web::ServerOptions options, base::Clock& clock) {
    LG_TRY(server_, web::Server::start(std::move(options), web::witness_site(witness_, clock, metrics_)));
    return base::Done{};
  }
  const log::VerifierKey& verifier() const override { return witness_.verifier(); }
  std::uint16_t port() const override { return server_->port(); }

 private:
  std::unique_ptr<log::WitnessState> book_;
  log::Witness witness_;
  web::Metrics metrics_;
  std::unique_ptr<web::Server> server_;  // last made, first ended
};

int serve_witness(const WitnessOptions& options) {
  // Blocked before any thread is made, so that they wait for the one below.
  sigset_t ends;
  ::sigemptyset(&ends);
  ::sigaddset(&ends, SIGINT);
  ::sigaddset(&ends, SIGTERM);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  static base::SystemClock clock;
  const auto witness = run_witness(options, clock);
  if (!witness) return tell(witness.trouble());
  std::printf("%s %s\n", (*witness)->verifier().text().c_str(),
              (options.listen.substr(0, options.listen.rfind(':')) + ":" + std::to_string((*witness)->port())).c_str());
  std::fflush(stdout);
  int which = 0;
  ::sigwait(&ends, &which);
  return k_done;
}

}  // namespace

Result<log::VerifierKey> make_witness_key(const std::string& name, const std::string& path) {
  if (!log::is_key_name(name))
    return base::refuse("NOTE-01", "见证人名称不得为空，不得含空格或加号", "a name without spaces and plus signs is needed",
                        name);
  base::SystemRandom random;
  const auto seed = random.bytes32();
  const auto text = log::Signer::private_text(name, log::KeyKind::witness, seed) + "\n";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0 && errno == EEXIST)
    return base::refuse("KEY-FILE", "文件已存在，不覆盖", "the file stands already and is not overwritten", path);
  if (file < 0) return base::fail("a key file could not be made: " + path);
  const bool written = ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  if (::close(file) != 0 || !written) return base::fail("a key file could not be written: " + path);
  return log::Signer(name, log::KeyKind::witness, seed).verifier();
}

Result<std::unique_ptr<RunningWitness>> run_witness(const WitnessOptions& options, base::Clock& clock) {
  LG_TRY(auto signer, read_witness_key(options.key));
  std::vector<log::VerifierKey> logs;
  for (const auto& text : options.logs) {
    LG_TRY(auto key, log::VerifierKey::parse(text));
    if (key.kind != log::KeyKind::log)
      return base::refuse("NOTE-01", "不是日志的公钥", "this is not the key of a log", text);
    logs.push_back(std::move(key));
  }
  LG_TRY(auto address, read_address(options.listen));
  LG_TRY(auto book, store::open_witness_book(options.state));
  auto server = web::witness_server_options();
  server.address = address.first;
  server.port = address.second;
  if (!options.tls_chain.empty()) server.tls = web::TlsFiles{options.tls_chain, options.tls_key};
  auto running = std::make_unique<HeldWitness>(std::move(signer), std::move(logs), std::move(book));
  LG_CHECK(running->serve(std::move(server), clock));
  return std::unique_ptr<RunningWitness>(std::move(running));
}

Command witness_command() {
  Command all{"witness", {"见证：为他人的日志联署检查点", "cosign the checkpoints of logs"}, {}, {}, {}};
  auto options = std::make_shared<WitnessOptions>();
  Command run{"run", {"开启见证服务", "serve C2SP tlog-witness until stopped"}, {}, {}, {}};
  run.needs("--key", &options->key, {"密钥文件", "file of its key"})
      .needs("--state", &options->state, {"见证簿文件", "file of what it has seen; keep it as long as the key"})
      .needs("--log", &options->logs, {"所见证日志的公钥", "verifier key of a log to watch; again for more"})
      .option("--listen", &options->listen, {"监听地址", "ADDRESS:PORT; plain HTTP on loopback only"})
      .option("--tls-chain", &options->tls_chain, {"证书", "certificate chain, PEM"})
      .option("--tls-key", &options->tls_key, {"私钥", "its key, PEM"});
  run.run = [options] { return serve_witness(*options); };
  struct KeyOptions {
    std::string name;
    std::string out;
  };
  auto key = std::make_shared<KeyOptions>();
  Command make{"key", {"生成见证密钥并印出公钥", "make a key and print what to hand out"}, {}, {}, {}};
  make.needs("--name", &key->name,
             {"见证人名称，如 witness.example.gov.cn", "name of the witness, such as witness.example.gov.cn"})
      .needs("--out", &key->out, {"密钥文件", "new file of the private key"});
  make.run = [key] {
    const auto made = make_witness_key(key->name, key->out);
    if (!made) return tell(made.trouble());
    std::printf("%s\n", made->text().c_str());
    return k_done;
  };
  all.subcommands = {std::move(run), std::move(make)};
  return all;
}

}  // namespace landglass::cli
