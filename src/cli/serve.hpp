#pragma once
// A running Landglass: store, engine, accounts, pages and server, opened in this order and closed in the other.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "cli/command.hpp"
#include "engine/engine.hpp"
#include "institution/pack.hpp"
#include "log/witness.hpp"
#include "store/store.hpp"
#include "tips/postbox.hpp"
#include "web/accounts.hpp"
#include "web/server.hpp"
#include "web/witnesses.hpp"

namespace landglass::cli {

struct HouseOptions {
  std::string folder = "landglass-data";  // store and accounts
  std::string keys = "landglass-keys";    // vault key, log key, account key: outside the folder, mode 0600
  std::string pack = "packs/cn-land";
  std::string data = "build/data";
  std::string assets = "build/assets";
  std::string templates = "web/templates";
  std::string texts = "web/texts.json";
  std::string licence = "CC BY 4.0";
  std::string licence_url = "https://creativecommons.org/licenses/by/4.0/";
  std::string origin = "landglass.invalid/log";
  std::string address = "127.0.0.1";
  std::uint16_t port = 8642;
  std::string signing = "post-key";  // what a signed action demands: "post-key", or "session" besides
  std::string tls_chain;
  std::string tls_key;
  std::vector<std::string> origins;  // our own, "https://host[:port]"; empty: scheme and Host of the request
  bool behind_proxy = false;         // one on loopback speaks TLS
  bool access_log = true;
  int threads = 1;  // of connections
  int workers = 4;
  int heavy = 2;  // of case files, printed papers and whole registers
  web::Limits limits;
  bool join = true;              // citizens and bidders open accounts for themselves
  web::AccountOptions accounts;  // but its key, which is read from the keys
  std::int64_t stop_ms = 10'000;
  std::uint64_t queue = 4'096;
  std::uint64_t batch = 1'024;
  std::uint64_t cached_records = 100'000;
  std::int64_t anchor_ms = base::k_hour;
  std::string witnesses;           // file of a C2SP tlog-policy (docs/formats/witness.md); empty: none, and one level only
  std::string require = "quorum";  // quorum, any or none: how many must confirm at the start before anything is written
  std::int64_t files_mib = 512;    // of files that one account may hand in a day
  std::int64_t files_uncited_h = 24;
  bool demo = false;
  bool durable = true;
  bool paced = true;       // false: no limits on rates, for measuring
  bool published = false;  // a log of imports: no behaviours, no timers
};

// 32 bytes in hex from a file of mode 0600, made on first use. Refuses KEY-FILE.
base::Result<std::array<std::uint8_t, 32>> key_file(const std::string& path, base::Random& random);
base::Result<log::Signer> log_signer(const HouseOptions& options, base::Random& random);
// Refuses CONF-05 a policy that cannot be read; nothing where none is configured.
base::Result<std::optional<web::WitnessSettings>> witness_settings(const HouseOptions& options);

// Store, pack and engine without pages: what demonstrations, imports and tests write through.
struct Core {
  std::unique_ptr<store::Store> store;
  std::unique_ptr<institution::Pack> pack;
  std::unique_ptr<engine::Engine> engine;
};
// Refuses LOG-01 and LOG-02 a store that was set back: a checkpoint given out says more, or another history.
base::Result<Core> open_core(const HouseOptions& options, base::Clock& clock, base::Random& random, bool threaded,
                             std::vector<log::WitnessView> known = {});

base::Result<std::unique_ptr<web::Accounts>> open_accounts(const HouseOptions& options, base::Clock& clock,
                                                           base::Random& random);
// Tips wait in a file of the data folder, under a key made of that of the vault.
base::Result<std::unique_ptr<tips::Postbox>> open_postbox(const HouseOptions& options, engine::Engine& engine,
                                                          base::Clock& clock, base::Random& random);

// Serves until SIGINT or SIGTERM; `ready` is called once with the port, and `ending` when it is asked to stop, while the
// core still answers: who acts on it beside the server is at rest when that returns. Returns the exit code. By the system's
// clock where none is given.
int serve(const HouseOptions& options, const std::function<void(Core&, web::Accounts&, std::uint16_t port)>& ready = {},
          base::Clock* by = nullptr, const std::function<void()>& ending = {});
Command serve_command();

}  // namespace landglass::cli
