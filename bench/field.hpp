#pragma once
// A lot that is open now, with as many admitted bidders as are asked for, in a store on disk: made once on a virtual clock
// and without waiting for the disk, then opened anew by the real clock, durable, as it would be served.

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cli/behaviours.hpp"
#include "cli/town.hpp"
#include "engine/engine.hpp"
#include "store/store.hpp"

namespace landglass::bench {

inline constexpr const char* k_origin = "bench.landglass.invalid/log";
inline constexpr const char* k_region = "350124";

template <class T>
T must(base::Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "bench: %s\n", base::explain(result.trouble()).c_str());
  std::exit(1);
}

// Where stores and clusters are put: on one disk, so that both sides wait for the same one.
inline std::string place(const std::string& name) {
  const char* folder = std::getenv("LG_BENCH_FOLDER");
  const auto path = std::filesystem::path(folder == nullptr ? std::filesystem::temp_directory_path() : folder) /
                    ("landglass-bench-" + std::to_string(::getpid()) + "-" + name);
  std::filesystem::remove_all(path);
  return path.string();
}

// Of the whole process so far: what a wall clock does not tell on a machine that others use too.
inline double processor_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto us = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return us(used.ru_utime) + us(used.ru_stime);
}

inline log::Signer signer() { return {k_origin, log::KeyKind::log, base::sha256(base::as_bytes("bench"))}; }

// The pack that stores are opened with; a program may put another in its place before the first.
inline std::string& pack_folder() {
  static std::string folder = "packs/cn-land";
  return folder;
}

// Store, pack and engine, opened by hand: the benchmarks set what the program leaves as it is.
struct Open {
  std::unique_ptr<institution::Pack> pack;
  std::unique_ptr<store::Store> store;
  std::unique_ptr<engine::Engine> engine;
};
inline Open open(const std::string& folder, base::Clock& clock, base::Random& random, bool threaded, bool durable,
                 int delay_us = 0) {
  Open out;
  out.pack = must(institution::Pack::load(pack_folder(), "build/data"));
  store::StoreOptions at;
  at.folder = folder + "/data";
  at.key_file = folder + "/keys/vault.key";
  at.durable = durable;
  at.fsync_delay_us = delay_us;
  std::filesystem::create_directories(at.folder);
  std::filesystem::create_directories(folder + "/keys");
  out.store = must(store::open_sqlite(at));
  engine::Options options;
  options.origin = k_origin;
  options.threaded = threaded;
  out.engine = must(engine::Engine::start(options, *out.store, *out.pack, cli::behaviours(), clock, random, signer()));
  return out;
}

struct Plate {
  std::string application;
  std::string party;
  std::int64_t number = 0;
  base::P256Key key;
  std::string public_key;  // base64url
};

struct Field {
  std::string folder;
  std::string lot;
  std::string rule_sheet;
  std::int64_t start_fen = 0;
  std::int64_t step_fen = 0;
  std::vector<Plate> plates;
  std::string certificate;  // of another lot that was sold, where asked for
};

inline Field make_field(const std::string& folder, std::size_t bidders, bool certificate = false) {
  static base::SystemRandom random;
  Field field;
  field.folder = folder;
  const auto now = base::SystemClock().now();
  base::VirtualClock clock(base::Time{now.ms - 400 * base::k_day});
  auto open = bench::open(folder, clock, random, false, false);
  cli::Town town(*open.engine, *open.store, &clock, 7);
  town.honest_bank();
  const auto admitted = [&](cli::Entry& entry) {
    if (!town.admitted(entry)) base::bug("a bidder who paid was not admitted", __FILE__, __LINE__);
  };
  must(town.found("packs/cn-land/worlds/county.yaml", k_region));
  const auto years_plan = [&] {
    const auto plan = must(town.create(
        "land-use", "supply-plan",
        {{"region", k_region}, {"year", base::to_civil(base::date_of(town.now())).year}, {"total_area", "2000000.00"}}));
    must(town.act("mayor", plan.record, "publish"));
    return plan.record;
  };
  const auto plan = years_plan();
  if (certificate) {
    cli::LotPlan sold;
    sold.location = "梅城镇解放大街";
    sold.opens = town.now() + 21 * base::k_day;
    sold.closes = town.now() + 32 * base::k_day;
    const auto lot = must(town.announce(sold, plan));
    std::vector<cli::Entry> entries;
    for (std::size_t i = 0; i < 3; ++i) entries.push_back(must(town.apply(lot, i)));
    must(town.bank());
    for (auto& entry : entries) admitted(entry);
    town.pass(sold.opens + base::k_hour);
    auto price = sold.start_yuan * 100;
    for (int i = 0; i < 9; ++i, price += sold.increment_yuan * 100)
      must(town.offer(lot, entries[static_cast<std::size_t>(i % 3)], {price}));
    town.pass(sold.closes + base::k_day);
    field.certificate = must(town.finish(lot, sold));
  }
  town.pass(base::Time{now.ms - 41 * base::k_day});
  cli::LotPlan open_lot;
  open_lot.location = "梅溪镇梅溪新城1号地块";
  open_lot.variant = "none";
  open_lot.increment_yuan = 10'000;
  open_lot.opens = base::Time{now.ms - 10 * base::k_day};
  open_lot.closes = base::Time{now.ms + 300 * base::k_day};
  field.lot = must(town.announce(open_lot, plan));
  field.start_fen = open_lot.start_yuan * 100;
  field.step_fen = open_lot.increment_yuan * 100;
  while (town.bidders().size() < bidders) {
    const auto key = "bench-" + std::to_string(town.bidders().size());
    const auto name = "演示竞买人" + key;
    const auto party = must(town.create("system", "party",
                                        {{"key", key},
                                         {"kind", "organisation"},
                                         {"name", name},
                                         {"number", "91350100M000100Y43"},
                                         {"contact", "0591-0000000"}}));
    town.bidders().push_back({party.record, name, "organisation", base::P256Key::generate()});
  }
  std::vector<cli::Entry> applied;
  for (std::size_t i = 0; i < bidders; ++i) applied.push_back(must(town.apply(field.lot, i)));
  must(town.bank());
  for (std::size_t i = 0; i < bidders; ++i) {
    auto& entry = applied[i];
    admitted(entry);
    auto& bidder = town.bidders()[i];
    field.plates.push_back({entry.application, bidder.party, entry.plate, *base::P256Key::from_scalar(bidder.key.scalar()),
                            base::to_base64url(bidder.key.public_key())});
  }
  town.pass(now + -base::k_minute);
  field.rule_sheet = std::string(town.doc(field.lot).at("fields").text("rule_sheet_hash"));
  open.engine->stop();
  return field;
}

// A bid as it stands before the engine: its signature was verified.
inline engine::Command bid_of(const Field& field, std::size_t plate, std::int64_t counter, std::int64_t price_fen,
                              const std::string& id, const std::string& signature = std::string(86, 'A')) {
  const auto& by = field.plates[plate];
  engine::Command command;
  command.id = id;
  command.actor = by.party;
  command.record = field.lot;
  command.action = "offer";
  command.fields = {{"application", by.application}, {"price", base::money_text({price_fen})}, {"counter", counter}};
  command.sig = log::LeafSignature{"es256", by.public_key, signature};
  return command;
}

inline std::string bid_message(const Field& field, std::size_t plate, std::int64_t counter, std::int64_t price_fen) {
  const base::Json statement(base::JsonObject{{"counter", counter},
                                              {"lot", field.lot},
                                              {"origin", k_origin},
                                              {"plate", field.plates[plate].number},
                                              {"price", base::money_text({price_fen})},
                                              {"rule_sheet", field.rule_sheet}});
  return "landglass/bid/1\n" + base::canonical(statement);
}

}  // namespace landglass::bench
