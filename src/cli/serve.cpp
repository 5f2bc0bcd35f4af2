#include "cli/serve.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "cli/behaviours.hpp"
#include "cli/clock_guard.hpp"
#include "cli/config.hpp"
#include "cli/file_purge.hpp"
#include "cli/given_out.hpp"
#include "cli/health.hpp"
#include "engine/watched_clock.hpp"
#include "store/cipher.hpp"
#include "tips/postbox.hpp"
#include "watch/watch.hpp"
#include "web/desk_routes.hpp"
#include "web/gate.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/report_routes.hpp"

namespace landglass::cli {
namespace {

using base::Result;
using base::Status;
namespace fs = std::filesystem;

int stop_pipe[2] = {-1, -1};
void on_signal(int) {
  const char byte = 1;
  const auto written = ::write(stop_pipe[1], &byte, 1);
  (void)written;
}

}  // namespace

Result<std::array<std::uint8_t, 32>> key_file(const std::string& path, base::Random& random) {
  std::array<std::uint8_t, 32> key{};
  std::ifstream in(path);
  if (in) {
    std::string hex;
    in >> hex;
    const auto bytes = base::from_hex(hex);
    if (!bytes || bytes->size() != 32)
      return base::refuse("KEY-FILE", "密钥文件无法读取", "a key file does not hold 32 bytes in hex", path);
    std::copy(bytes->begin(), bytes->end(), key.begin());
    return key;
  }
  key = random.bytes32();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, 0600);
  const auto hex = base::to_hex(key) + "\n";
  if (file < 0 || ::write(file, hex.data(), hex.size()) != static_cast<ssize_t>(hex.size()) || ::fsync(file) != 0 ||
      ::close(file) != 0) {
    return base::fail("a key file could not be written: " + path);
  }
  return key;
}

Result<log::Signer> log_signer(const HouseOptions& options, base::Random& random) {
  LG_TRY(auto seed, key_file(options.keys + "/log.key", random));
  return log::Signer(options.origin, log::KeyKind::log, seed);
}

Result<std::optional<web::WitnessSettings>> witness_settings(const HouseOptions& options) {
  if (options.witnesses.empty()) return std::optional<web::WitnessSettings>();
  web::WitnessSettings settings;
  settings.require = options.require == "none"  ? web::Require::none
                     : options.require == "any" ? web::Require::any
                                                : web::Require::quorum;
  std::ifstream in(options.witnesses, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in)
    return base::refuse("CONF-05", "见证策略文件无法读取", "the policy of witnesses cannot be read", options.witnesses);
  settings.policy = text.str();
  return std::optional(std::move(settings));
}

Result<Core> open_core(const HouseOptions& options, base::Clock& clock, base::Random& random, bool threaded,
                       std::vector<log::WitnessView> known) {
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
  LG_TRY(auto signer, log_signer(options, system));
  engine::Options settings;
  settings.origin = options.origin;
  settings.threaded = threaded;
  settings.signing =
      options.signing == "session" || options.demo ? institution::Signing::session : institution::Signing::post_key;
  settings.queue_limit = options.queue;
  settings.batch_limit = options.batch;
  settings.cached_records = options.cached_records;
  settings.anchor_every_ms = options.demo ? 10 * base::k_minute : options.anchor_ms;
  settings.published = options.published;
  LG_TRY(settings.known, given_out(options.keys, signer.verifier()));
  settings.known.insert(settings.known.end(), known.begin(), known.end());
  LG_TRY(const auto watched, witness_settings(options));
  if (threaded && watched) {
    LG_TRY(const auto policy, web::read_witness_policy(*watched, signer.verifier().text()));
    settings.witnesses = policy.wants_witnesses();
    settings.held = watched->require != web::Require::none;
  }
  LG_TRY(core.engine,
         engine::Engine::start(settings, *core.store, *core.pack,
                               options.published ? std::vector<std::shared_ptr<institution::Behaviour>>() : behaviours(),
                               clock, random, std::move(signer)));
  return core;
}

Result<std::unique_ptr<web::Accounts>> open_accounts(const HouseOptions& options, base::Clock& clock, base::Random& random) {
  auto settings = options.accounts;
  LG_TRY(auto key, key_file(options.keys + "/accounts.key", random));
  std::copy(key.begin(), key.end(), settings.key.begin());
  return web::Accounts::open((fs::path(options.folder) / "accounts.db").string(), settings, clock, random);
}

Result<std::unique_ptr<tips::Postbox>> open_postbox(const HouseOptions& options, engine::Engine& engine, base::Clock& clock,
                                                    base::Random& random) {
  LG_TRY(const auto vault, store::vault_key((fs::path(options.keys) / "vault.key").string(), false));
  tips::PostboxOptions settings;
  settings.file = (fs::path(options.folder) / "tips.box").string();
  settings.key = base::hmac_sha256(vault, base::as_bytes("landglass/tips-box/1"));
  return tips::Postbox::open(std::move(settings), engine, clock, random);
}

int serve(const HouseOptions& options, const std::function<void(Core&, web::Accounts&, std::uint16_t)>& ready,
          base::Clock* by, const std::function<void()>& ending) {
  static base::SystemClock wall;
  static engine::WatchedClock watch(wall, engine::boot_ms);
  base::Clock& clock = by == nullptr ? static_cast<base::Clock&>(watch) : *by;
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
  gate_options.tls = !options.tls_chain.empty() || options.behind_proxy;
  gate_options.origins = options.origins;
  if (!options.paced) gate_options.paces.fill({1'000'000'000, 1'000'000'000});
  web::Gate gate(**accounts, gate_options, clock);
  web::PortalOptions portal_options;
  portal_options.demo = options.demo;
  portal_options.join = options.join;
  portal_options.licence = options.licence;
  portal_options.licence_url = options.licence_url;
  portal_options.files_per_day = options.paced ? options.files_mib << 20 : std::numeric_limits<std::int64_t>::max();
  web::Portal portal(portal_options, *core->engine, *core->store, *core->pack, **templates, *assets, **accounts, gate, live,
                     metrics, clock);
  portal.follow_lots();
  web::follow_official_accounts(portal);
  std::unique_ptr<watch::Watch> watching;
  if (!options.published) {
    auto opened = watch::Watch::open(*core->engine, *core->store, *core->pack, clock);
    if (!opened) return tell(opened.trouble());
    watching = std::move(*opened);
    portal.use_watch(*watching);
    show_watch(*watching, metrics);
  }
  std::unique_ptr<tips::Postbox> postbox;
  if (!options.published) {
    auto opened = open_postbox(options, *core->engine, clock, random);
    if (!opened) return tell(opened.trouble());
    postbox = std::move(*opened);
    portal.use_postbox(*postbox);
  }
  Readiness readiness;
  watch_engine(*core->engine, options.folder, clock, metrics, readiness);
  readiness.add([&core] {
    const auto halted = core->engine->halted();
    return halted ? halted->code + " " + halted->say.en : std::string();
  });
  GivenOut kept(*core->engine, options.keys);
  readiness.add([&kept] { return kept.trouble(); });
  std::unique_ptr<web::Witnesses> witnesses;
  auto watched = witness_settings(options);
  if (!watched) return tell(watched.trouble());
  if (*watched) {
    auto started = web::Witnesses::start(std::move(**watched), *core->engine, *core->store, clock, &metrics);
    if (!started) return tell(started.trouble());
    witnesses = std::move(*started);
    portal.use_witnesses(*witnesses);
  }
  const auto jumped = [by] {
    if (by != nullptr) return std::int64_t{0};  // a clock that is moved on purpose
    (void)watch.now();
    return watch.off_ms();
  };
  const auto witnesses_say = [&] { return witnesses ? witnesses->clock_off_ms() : 0; };
  auto clock_guard = std::make_unique<ClockGuard>(*core->engine, jumped, witnesses_say, metrics);
  FilePurge file_purge(*core->store, options.files_uncited_h * base::k_hour, metrics);
  web::Site site;
  gate.attach(site);
  site.metrics = &metrics;
  portal.add_routes(site.router);
  if (auto report = disclosure::load_work_report(options.pack, *core->pack)) {
    web::add_report_routes(site.router, portal, *core->engine, clock,
                           {*std::move(report), options.assets + "/fonts", options.demo});
  } else if (!report.refused() || report.refusal().code != "PACK-03") {  // a pack may have none
    return tell(report.trouble());
  }
  web::add_account_routes(site.router, **accounts, gate);
  web::add_health_routes(site.router, metrics, [&] { return readiness.why_not(); });
  if (options.access_log && !options.demo)
    site.access_log = [](std::string_view line) { std::fwrite(line.data(), 1, line.size(), stderr); };
  web::ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  server_options.threads = static_cast<std::size_t>(options.threads);
  server_options.workers = static_cast<std::size_t>(options.workers);
  server_options.heavy = static_cast<std::size_t>(options.heavy);
  server_options.limits = options.limits;
  server_options.trust_forwarded = options.behind_proxy;
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
  if (watching) watching->run();
  if (postbox) postbox->run();
  if (ready) ready(*core, **accounts, (*server)->port());
  char byte = 0;
  while (::read(stop_pipe[0], &byte, 1) < 0) {
  }
  readiness.stopping();
  if (ending) ending();
  if (postbox) postbox->stop();  // who waits for its beat is told; what is held is on disk
  (*server)->stop(options.stop_ms);
  clock_guard.reset();
  witnesses.reset();
  if (watching) watching->stop();
  core->engine->stop();
  return 0;
}

Command serve_command() {
  auto arguments = std::make_shared<HouseArguments>();
  Command command{"serve", {"开启平台", "serve pages and API"}, {}, {}, {}};
  add_house_options(command, *arguments);
  add_serving_options(command, *arguments);
  command.run = [arguments] {
    const auto options = house_of(*arguments);
    return options ? serve(*options) : tell(options.trouble());
  };
  return command;
}

}  // namespace landglass::cli
