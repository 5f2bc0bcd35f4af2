#include "village.hpp"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "cli/behaviours.hpp"
#include "cli/keep.hpp"
#include "cli/snapshot_log.hpp"
#include "cli/town.hpp"
#include "life.hpp"
#include "log/checkpoint.hpp"
#include "store/folder.hpp"

namespace landglass::tests {
namespace {

namespace fs = std::filesystem;
const std::string k_source = LG_SOURCE_DIR;
constexpr std::array<std::uint8_t, 32> k_log_seed = {1, 2, 3};

template <class T>
T must(base::Result<T> result, const char* what) {
  if (!result) base::bug(std::string(what) + ": " + base::explain(result.trouble()), __FILE__, __LINE__);
  return *std::move(result);
}
void must(const base::Status& status, const char* what) {
  if (!status) base::bug(std::string(what) + ": " + base::explain(status.trouble()), __FILE__, __LINE__);
}

}  // namespace

log::Signer signer_of(const Village& village) { return log::Signer(village.origin(), log::KeyKind::log, k_log_seed); }

Village::Village(std::string folder) : home_(std::move(folder)), folder_(home_ + "/founded") {
  pack_ = must(institution::Pack::load(k_source + "/packs/cn-land", k_source + "/build/data"), "the pack");
  found();
}

log::VerifierKey Village::verifier() const { return signer_of(*this).verifier(); }

void Village::found() {
  fs::create_directories(keys());
  base::SystemRandom random;
  base::VirtualClock clock(base::parse_time("2012-02-01T01:00:00.000Z").value());
  store::StoreOptions at;
  at.folder = store();
  at.key_file = keys() + "/vault.key";
  at.durable = false;
  auto store = must(store::open_sqlite(at), "the store");
  engine::Options settings;
  settings.origin = origin();
  settings.threaded = false;
  auto engine = must(engine::Engine::start(settings, *store, *pack_, cli::behaviours(), clock, random, signer_of(*this)),
                     "the engine");
  engine->listen([this](const std::vector<engine::Published>& events) {
    for (const auto& event : events) {
      auto& ids = known_.records[event.institution];
      if (std::find(ids.begin(), ids.end(), event.record) == ids.end()) ids.push_back(event.record);
    }
  });
  known_.region = "350124";
  for (const auto* text : {"一份纸质材料", "another paper"}) known_.files.push_back(must(store->keep_file(text), "a file"));
  cli::Town town(*engine, *store, &clock, 1);
  town.honest_bank();
  must(town.found(k_source + "/packs/cn-land/worlds/county.yaml", known_.region), "the county");
  for (const auto& role : pack_->table("roles")->values) {
    for (const auto* which : {"1", "2"}) {
      const auto key = "sim-" + role.key + which;
      const auto by_genesis = [&](const char* institution, base::JsonObject fields) {
        return must(town.create("genesis", institution, std::move(fields)), institution).record;
      };
      by_genesis("post", {{"key", key}, {"title", "岗"}, {"office", "office/zrzy"}, {"roles", base::JsonArray{role.key}}});
      by_genesis("person", {{"key", key}, {"name", "某氏"}});
      const auto seat =
          by_genesis("appointment", {{"person", "person/" + key}, {"post", "post/" + key}, {"from", "2007-01-01"}});
      must(town.act("genesis", seat, "confirm"), "a seat");
      in_role_[role.key].push_back("person/" + key);
    }
  }
  const auto plan =
      must(town.create(
               "land-use", "supply-plan",
               {{"region", known_.region}, {"year", 2012}, {"total_area", "2000000.00"}, {"residential_area", "800000.00"}}),
           "a plan");
  must(town.act("mayor", plan.record, "publish"), "a plan");
  cli::LotPlan lot;
  lot.location = "模拟地块";
  lot.opens = clock.now() + 21 * base::k_day;
  lot.closes = clock.now() + 40 * base::k_day;
  const auto id = must(town.announce(lot, plan.record), "a lot");
  std::vector<cli::Entry> entries;
  for (std::size_t i = 0; i < town.bidders().size(); ++i) entries.push_back(must(town.apply(id, i), "an application"));
  must(town.bank(), "a statement");
  for (auto& entry : entries) {
    if (!town.admitted(entry)) base::bug("a bidder who paid was not admitted", __FILE__, __LINE__);
    parties_.push_back(town.bidders()[entry.bidder].party);
  }
  town.pass(lot.opens + base::k_hour);
  // Signed here, once: a signature has chance in it, and the same seed is to make the same leaves.
  const std::string sheet(town.doc(id).at("fields").text("rule_sheet_hash"));
  for (std::int64_t i = 0; i < 400; ++i) {
    auto& entry = entries[static_cast<std::size_t>(i) % entries.size()];
    const auto price = base::money_text({(lot.start_yuan + i * lot.increment_yuan) * 100});
    const base::Json statement(base::JsonObject{{"counter", ++entry.counter},
                                                {"lot", id},
                                                {"origin", origin()},
                                                {"plate", entry.plate},
                                                {"price", price},
                                                {"rule_sheet", sheet}});
    const auto& key = town.bidders()[entry.bidder].key;
    engine::Command command;
    command.id = base::to_hex(random.bytes32()).substr(0, 32);
    command.actor = town.bidders()[entry.bidder].party;
    command.record = id;
    command.action = "offer";
    command.fields = {{"application", entry.application}, {"price", price}, {"counter", entry.counter}};
    command.sig =
        log::LeafSignature{"es256", base::to_base64url(key.public_key()),
                           base::to_base64url(key.sign(base::as_bytes("landglass/bid/1\n" + base::canonical(statement))))};
    bids_.push_back(std::move(command));
  }
  now_ = clock.now();
  founded_ = known_;
}

void Village::begin_anew(const std::string& folder) {
  folder_ = home_ + "/" + folder;
  fs::remove_all(folder_);
  fs::copy(home_ + "/founded", folder_, fs::copy_options::recursive);
  known_ = founded_;
}

Told Village::live(const Plan& plan) {
  int ends[2];
  if (::pipe(ends) != 0) std::abort();
  std::fflush(nullptr);
  const auto child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    live_here(*this, plan, ends[1]);
  }
  ::close(ends[1]);
  std::string text;
  char room[65'536];
  for (ssize_t got = 0; (got = ::read(ends[0], room, sizeof room)) > 0;) text.append(room, static_cast<std::size_t>(got));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  Told told = read_told(text, plan);
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  const bool as_ruined = plan.ruin == Ruin::none ? code == k_lived : code == k_lived || code == k_ruined;
  if (!as_ruined && told.wrong.empty())
    told.wrong = "the process ended with " + std::to_string(code) + " (status " + std::to_string(status) + ")";
  for (const auto& id : told.records) {
    auto& ids = known_.records[id.substr(0, id.find('/'))];
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return told;
}

std::string Village::as_it_was_left() const {
  store::StoreOptions at;
  at.folder = folder_ + "/as it was left";
  at.key_file = keys() + "/vault.key";
  std::filesystem::remove_all(at.folder);
  must(store::back_up_folder(store(), at.folder), "a copy");
  must(store::open_sqlite(at), "the copy");
  return at.folder;
}

std::string Village::roots() const {
  store::StoreOptions at;
  at.folder = store();
  at.key_file = keys() + "/vault.key";
  const auto held = must(store::open_sqlite(at), "the store");
  std::string out;
  for (const auto tree : {log::Tree::open, log::Tree::sealed}) {
    const auto leaves = must(held->leaves(tree, 0, UINT32_MAX), "the leaves");
    log::Frontier frontier;
    for (const auto& leaf : leaves) frontier.append(log::leaf_hash(leaf));
    out += std::to_string(leaves.size()) + " " + (leaves.empty() ? "" : base::to_hex(frontier.root())) + "\n";
  }
  return out;
}

std::string Village::contradiction() const {
  cli::HouseOptions house;
  house.folder = store();
  house.keys = keys();
  house.pack = k_source + "/packs/cn-land";
  house.data = k_source + "/build/data";
  const auto rebuilt = cli::rebuild_house(house, true);
  if (!rebuilt) return "it cannot be made anew: " + base::explain(rebuilt.trouble());
  std::string out;
  for (const auto& table : rebuilt->differing) out += "table " + table + " is not that of the log; ";
  return out;
}

}  // namespace landglass::tests
