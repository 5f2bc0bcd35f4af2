#include "war.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cli/behaviours.hpp"
#include "cli/town.hpp"
#include "store/disk.hpp"
#include "web/desk_routes.hpp"
#include "web/portal.hpp"

namespace landglass::tests {
namespace {

const std::string k_source = LG_SOURCE_DIR;

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "crash: %s\n", base::explain(result.trouble()).c_str());
    std::abort();
  }
  return *std::move(result);
}

web::AccountOptions cheap_accounts() {
  web::AccountOptions options;  // hashing costs nothing here: nobody signs in by password
  options.argon_passes = 1;
  options.argon_bytes = 8 << 10;
  options.key.fill(7);
  options.times.idle_ms = options.times.longest_ms = 30 * base::k_day;
  return options;
}

// The process died of what its disk told it. Where the power was cut, what was not yet durable goes with it.
std::shared_ptr<store::FaultyDisk> the_disk;
std::uint64_t the_seed = 0;
void on_abort(int) {
  if (the_disk && the_disk->power_is_cut()) the_disk->lose(the_seed);
  ::_exit(86);
}

std::shared_ptr<store::FaultyDisk> disk_of(Fault fault, std::uint64_t seed) {
  auto disk = std::make_shared<store::FaultyDisk>();
  const int soon = 2 + static_cast<int>(seed % 40);
  if (fault == Fault::fsync) disk->fail_sync_in(soon);
  if (fault == Fault::full) disk->fail_write_in(soon * 3);
  if (fault == Fault::power) disk->cut_power_in(soon * 5);
  return disk;
}

}  // namespace

War::War(std::string folder) : folder_(std::move(folder)), store_(folder_ + "/data") {
  pack_ = must(institution::Pack::load(k_source + "/packs/cn-land", k_source + "/build/data"));
  templates_ = must(web::Templates::open(k_source + "/web/templates", k_source + "/web/texts.json"));
  assets_ = must(web::Assets::open(k_source + "/build/assets"));
  found();
}

log::VerifierKey War::verifier() const { return log::Signer(origin_, log::KeyKind::log, seed_).verifier(); }

// A lot that has been open for days and stays so for weeks, with everybody admitted.
void War::found() {
  base::SystemRandom random;
  const auto now = base::SystemClock().now();
  base::VirtualClock clock(base::Time{now.ms - 60 * base::k_day});
  store::StoreOptions at;
  at.folder = store_;
  at.key_file = folder_ + "/vault.key";
  at.durable = false;
  auto store = must(store::open_sqlite(at));
  engine::Options settings;
  settings.origin = origin_;
  settings.threaded = false;
  auto engine = must(engine::Engine::start(settings, *store, *pack_, cli::behaviours(), clock, random,
                                           log::Signer(origin_, log::KeyKind::log, seed_)));
  cli::Town town(*engine, *store, &clock, 1);
  town.honest_bank();
  must(town.found(k_source + "/packs/cn-land/worlds/county.yaml", "350124"));
  const auto plan = must(town.create("land-use", "supply-plan",
                                     {{"region", "350124"},
                                      {"year", base::to_civil(base::date_of(now)).year},
                                      {"total_area", "2000000.00"},
                                      {"residential_area", "800000.00"}}));
  must(town.act("mayor", plan.record, "publish"));
  cli::LotPlan lot;
  lot.location = "崩溃试验地块";
  lot.start_yuan = start_fen() / 100;
  lot.increment_yuan = step_fen() / 100;
  lot.deposit_yuan = 2'010'000;
  lot.opens = base::Time{now.ms - 10 * base::k_day};
  lot.closes = base::Time{now.ms + 20 * base::k_day};
  lot_ = must(town.announce(lot, plan.record));
  auto accounts = must(web::Accounts::open(store_ + "/accounts.db", cheap_accounts(), clock, random));
  std::vector<cli::Entry> entries;
  for (std::size_t i = 0; i < town.bidders().size(); ++i) {
    entries.push_back(must(town.apply(lot_, i)));
    auto& bidder = town.bidders()[i];
    const auto login = "bidder" + std::to_string(i);
    must(accounts->create(login, "a long enough password", bidder.party));
    clock.set(now);
    const auto session = must(accounts->sessions().begin(login, "crash test"));
    clock.set(base::Time{now.ms - 60 * base::k_day});
    fighters_.push_back({bidder.party, std::move(bidder.key), 0, session.secret, session.caller->csrf});
  }
  must(town.bank());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (!town.admitted(entries[i])) base::bug("a bidder who paid was not admitted", __FILE__, __LINE__);
    fighters_[i].plate = entries[i].plate;
  }
  town.pass(now + -base::k_minute);
  rule_sheet_ = std::string(town.doc(lot_).at("fields").text("rule_sheet_hash"));
}

pid_t War::start(Fault fault, std::uint64_t seed) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) std::abort();
  const auto child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    serve(fault, seed, ends[1]);
  }
  ::close(ends[1]);
  if (told_ >= 0) ::close(told_);
  told_ = ends[0];
  return child;
}

std::uint16_t War::port_of(pid_t) {
  std::uint16_t port = 0;
  pollfd wait{told_, POLLIN, 0};
  if (::poll(&wait, 1, 60'000) <= 0) return 0;
  return ::read(told_, &port, sizeof port) == sizeof port ? port : 0;
}

void War::serve(Fault fault, std::uint64_t seed, int told) {
  static base::SystemClock clock;
  static base::SystemRandom random;
  store::StoreOptions at;
  at.folder = store_;
  at.key_file = folder_ + "/vault.key";
  if (fault != Fault::none) {
    the_disk = disk_of(fault, seed);
    the_seed = seed;
    store::mount_disk("crash", the_disk);
    at.disk = "crash";
    ::signal(SIGABRT, on_abort);
    const int nowhere = ::open("/dev/null", O_WRONLY);  // what it says of its end is no news here
    ::dup2(nowhere, 2);
  }
  const auto or_end = [](auto result) {
    if (!result) std::abort();
    return *std::move(result);
  };
  auto store = or_end(store::open_sqlite(at));
  engine::Options settings;
  settings.origin = origin_;
  auto engine = or_end(engine::Engine::start(settings, *store, *pack_, cli::behaviours(), clock, random,
                                             log::Signer(origin_, log::KeyKind::log, seed_)));
  auto accounts = or_end(web::Accounts::open(store_ + "/accounts.db", cheap_accounts(), clock, random));
  web::Metrics metrics;
  web::Live live({}, &metrics);
  web::GateOptions gate_options;
  gate_options.paces.fill({1'000'000, 1'000'000});
  web::Gate gate(*accounts, gate_options, clock);
  web::Portal portal({}, *engine, *store, *pack_, *templates_, assets_, *accounts, gate, live, metrics, clock);
  portal.follow_lots();
  web::Site site;
  gate.attach(site);
  portal.add_routes(site.router);
  web::ServerOptions options;
  options.workers = 1;
  auto server = or_end(web::Server::start(options, std::move(site)));
  const std::uint16_t port = server->port();
  if (::write(told, &port, sizeof port) != sizeof port) std::abort();
  for (;;) ::pause();
}

base::Status War::recover(const std::string& folder) {
  store::StoreOptions at;
  at.folder = folder;
  at.key_file = folder_ + "/vault.key";
  LG_TRY(const auto store, store::open_sqlite(at));
  return base::Done{};
}

base::Status War::starts(const std::string& folder, std::vector<log::WitnessView> known) {
  base::SystemClock clock;
  base::SystemRandom random;
  store::StoreOptions at;
  at.folder = folder;
  at.key_file = folder_ + "/vault.key";
  LG_TRY(auto store, store::open_sqlite(at));
  engine::Options settings;
  settings.origin = origin_;
  settings.threaded = false;
  settings.known = std::move(known);
  LG_TRY(auto engine, engine::Engine::start(settings, *store, *pack_, cli::behaviours(), clock, random,
                                            log::Signer(origin_, log::KeyKind::log, seed_)));
  return base::Done{};
}

}  // namespace landglass::tests
