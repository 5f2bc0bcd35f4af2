#include "cli/serve.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/behaviours.hpp"
#include "web/desk_routes.hpp"
#include "web/gate.hpp"
#include "web/portal.hpp"

namespace landglass::cli {
namespace {

using base::Result;
using base::Status;
namespace fs = std::filesystem;

// 32 bytes from a file of mode 0600, made on first use.
Result<std::array<std::uint8_t, 32>> key_of(const fs::path& path, base::Random& random) {
  std::array<std::uint8_t, 32> key{};
  std::ifstream in(path);
  if (in) {
    std::string hex;
    in >> hex;
    const auto bytes = base::from_hex(hex);
    if (!bytes || bytes->size() != 32)
      return base::refuse("KEY-FILE", "密钥文件无法读取", "a key file does not hold 32 bytes in hex", path.string());
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
  }
  key = random.bytes32();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  const auto hex = base::to_hex(key) + "\n";
  if (file < 0 || ::write(file, hex.data(), hex.size()) != static_cast<ssize_t>(hex.size()) || ::fsync(file) != 0 ||
      ::close(file) != 0) {
    return base::fail("a key file could not be written: " + path.string());
  }
  return key;
}

int stop_pipe[2] = {-1, -1};
void on_signal(int) {
  const char byte = 1;
  const auto written = ::write(stop_pipe[1], &byte, 1);
  (void)written;
}

}  // namespace

Result<Core> open_core(const HouseOptions& options, base::Clock& clock, base::Random& random, bool threaded) {
  fs::create_directories(options.folder);
  fs::create_directories(options.keys);
  ::chmod(options.keys.c_str(), 0700);
  Core core;
  LG_TRY(core.pack, institution::Pack::load(options.pack, options.data));
  store::StoreOptions at;
  at.folder = options.folder;
  at.key_file = (fs::path(options.keys) / "vault.key").string();
  at.durable = options.durable;
  LG_TRY(core.store, store::open_sqlite(at));
  base::SystemRandom system;
  LG_TRY(auto seed, key_of(fs::path(options.keys) / "log.key", system));
  engine::Options settings;
  settings.origin = options.origin;
  settings.threaded = threaded;
  if (options.demo) settings.anchor_every_ms = 10 * base::k_minute;
  LG_TRY(core.engine, engine::Engine::start(settings, *core.store, *core.pack, behaviours(), clock, random,
                                            log::Signer(options.origin, log::KeyKind::log, seed)));
  return core;
}

Result<std::unique_ptr<web::Accounts>> open_accounts(const HouseOptions& options, base::Clock& clock, base::Random& random) {
  web::AccountOptions settings;
  LG_TRY(auto key, key_of(fs::path(options.keys) / "accounts.key", random));
  std::copy(key.begin(), key.end(), settings.key.begin());
  return web::Accounts::open((fs::path(options.folder) / "accounts.db").string(), settings, clock, random);
}

int serve(const HouseOptions& options, const std::function<void(Core&, web::Accounts&, std::uint16_t)>& ready) {
  static base::SystemClock clock;
  static base::SystemRandom random;
  auto core = open_core(options, clock, random, true);
  if (!core) return tell(core.trouble());
  auto accounts = open_accounts(options, clock, random);
  if (!accounts) return tell(accounts.trouble());
  auto templates = web::Templates::open(options.templates, options.texts);
  if (!templates) return tell(templates.trouble());
  auto assets = web::Assets::open(options.assets);
  if (!assets) return tell(assets.trouble());
  web::Metrics metrics;
  web::Live live({}, &metrics);
  web::GateOptions gate_options;
  gate_options.tls = !options.tls_chain.empty();
  web::Gate gate(**accounts, gate_options, clock);
  web::PortalOptions portal_options;
  portal_options.demo = options.demo;
  web::Portal portal(portal_options, *core->engine, *core->store, *core->pack, **templates, *assets, **accounts, gate, live,
                     metrics, clock);
  portal.follow_lots();
  web::Site site;
  gate.attach(site);
  site.metrics = &metrics;
  portal.add_routes(site.router);
  web::add_account_routes(site.router, **accounts, gate);
  web::add_health_routes(site.router, metrics, [&] { return std::string(); });
  web::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.workers = 4;
  if (!options.tls_chain.empty()) server_options.tls = web::TlsFiles{options.tls_chain, options.tls_key};
  auto server = web::Server::start(server_options, std::move(site));
  if (!server) return tell(server.trouble());
  if (::pipe(stop_pipe) != 0) return 1;
  struct sigaction action {};
  action.sa_handler = on_signal;
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
  std::printf("%s://%s:%u  %s\n", options.tls_chain.empty() ? "http" : "https", options.address.c_str(), (*server)->port(),
              options.origin.c_str());
  std::fflush(stdout);
  if (ready) ready(*core, **accounts, (*server)->port());
  char byte = 0;
  while (::read(stop_pipe[0], &byte, 1) < 0) {
  }
  (*server)->stop();
  core->engine->stop();
  return 0;
}

Command serve_command() {
  auto options = std::make_shared<HouseOptions>();
  Command command{"serve", {"开启平台", "serve pages and API"}, {}, {}, {}};
  command.option("--data", &options->folder, {"数据目录", "folder of the store"})
      .option("--keys", &options->keys, {"密钥目录", "folder of the keys, apart from the data"})
      .option("--origin", &options->origin, {"日志名", "name of the log"})
      .option("--address", &options->address, {"地址", "address"})
      .option("--port", &options->port, {"端口", "port"})
      .option("--tls-chain", &options->tls_chain, {"证书", "certificate chain, PEM"})
      .option("--tls-key", &options->tls_key, {"私钥", "its key, PEM"});
  command.run = [options] { return serve(*options); };
  return command;
}

}  // namespace landglass::cli
