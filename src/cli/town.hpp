#pragma once
// A town in a log: its offices and people out of a world file, and the acts of a sale one after the other, through the same
// engine and institutions as everybody's. For demonstrations, benchmarks and tests.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "engine/engine.hpp"
#include "law/locked.hpp"
#include "money/bank_simulator.hpp"

namespace landglass::cli {

struct Bidder {
  std::string party;  // "party/bidder-a"
  std::string name;
  std::string kind;  // organisation, person
  base::P256Key key;
};

struct LotPlan {
  std::string region = "350124";
  std::string location;
  std::string use = "residential";
  std::string mode = "listing";
  std::int64_t area_m2 = 20'000;
  int term_years = 70;
  std::int64_t start_yuan = 10'000'000;
  std::int64_t increment_yuan = 100'000;
  std::int64_t deposit_yuan = 2'000'000;
  std::int64_t reserve_yuan = 0;  // 0: the start price
  std::string variant = "fujian";
  int window_seconds = 300;
  int prep_seconds = 60;
  int trigger_seconds = 3'600;
  base::Time opens;
  base::Time closes;
};

struct Entry {  // a bidder of a lot; with a plate once the bank's statement has admitted him
  std::string application;
  std::int64_t plate = 0;
  std::size_t bidder = 0;
  std::int64_t counter = 0;
};

// Where the people of a world live: worlds tell of one county (350124), its city and its province, and are founded elsewhere
// under other codes and names.
struct Place {
  std::string name;  // of the place, begins its people's names: "110101/inv1"; or empty
  std::vector<std::pair<std::string, std::string>> words;  // of the world, and what stands for them here
  std::string here(std::string text) const;
};

class Town {
 public:
  Town(engine::Engine& engine, store::Store& store, base::VirtualClock* clock, std::uint64_t seed)
      : engine_(engine), store_(store), clock_(clock), random_(seed) {}

  // The same town on another engine of the same log, by the real clock: what a demonstration does when it goes on live.
  Town(Town&& elder, engine::Engine& engine, store::Store& store, base::Clock* by = nullptr)
      : engine_(engine),
        store_(store),
        clock_(nullptr),
        by_(by),
        random_(static_cast<std::uint64_t>(base::SystemClock().now().ms)),
        names_(std::move(elder.names_)),
        bidders_(std::move(elder.bidders_)),
        post_keys_(std::move(elder.post_keys_)),
        reserves_(std::move(elder.reserves_)),
        openers_(std::move(elder.openers_)),
        tenders_(std::move(elder.tenders_)),
        bank_(std::move(elder.bank_)),
        to_pay_(std::move(elder.to_pay_)),
        parcels_(elder.parcels_) {}

  // Offices, posts, people and parties of a world file, each waiting left out. Refuses what the institutions refuse. An
  // office of a name that stands already is that office; a person whose key is taken gets another.
  base::Status found(const std::string& world_file, const std::string& region);
  base::Status found(const std::string& world_file, const Place& place);
  const std::map<std::string, std::string, std::less<>>& names() const { return names_; }
  std::string who(std::string_view name) const;  // "person/li" for the world's name of him
  // The same, seen from a place: what was founded there goes before what was founded for all.
  std::string who(std::string_view place, std::string_view name) const;
  void call(std::string name, std::string record) { names_[std::move(name)] = std::move(record); }

  base::Result<engine::Answer> act(std::string_view by, std::string_view record, std::string_view action,
                                   base::JsonObject fields = {});
  // `prepare` has the command with its id, before it is signed and sent.
  using Prepare = std::function<base::Status(engine::Command&)>;
  base::Result<engine::Answer> create(std::string_view by, std::string_view institution, base::JsonObject fields,
                                      const Prepare& prepare = {});

  // A tip, or what its reporter adds, locked as his browser does (town_tips.cpp); it waits for the roll, which is given out
  // whether anything waits or not. Returns the record that it will be.
  base::Result<std::string> report(std::string_view institution, base::JsonObject fields, std::string_view text,
                                   std::size_t together);
  base::Result<engine::Answer> answer_tip(std::string_view by, base::JsonObject fields, std::string_view text);
  base::Status give_out_roll();

  // From survey to announcement; returns the lot's record id. `plan_id` is a published supply plan of the region.
  base::Result<std::string> announce(const LotPlan& plan, std::string_view plan_id);
  // The bidder is told where to pay; whether he does, and rightly, the next statement of the simulated bank shows.
  base::Result<Entry> apply(const std::string& lot, std::size_t bidder);
  bool admitted(Entry& entry);  // and with which plate
  // The price of a contract, of which the earnest money is a part, in two payments of the grantee's.
  base::Status pay(const std::string& contract);
  void tell(const base::Json& deposit);  // who owes this deposit is told where to pay; a bidder of the pages is, by them
  // 演示: the simulated bank's statement up to now, through the same parser and act as a real one: what was paid since, with
  // its errors, and what became of the refund orders, which go out to it as a file.
  base::Status bank();
  void honest_bank() { errors_ = {0, 0, 0, 0, 0, 0, 0, 0, 0}; }  // from the first statement on: everybody pays as told
  std::vector<money::Refund> orders();                           // refunds that the bank is still to pay
  std::vector<std::string> bounced();                            // and orders that came back
  std::vector<money::Expected> told() { return std::exchange(to_pay_, {}); }  // what bidders were told to pay, once
  base::Result<engine::Answer> offer(const std::string& lot, Entry& entry, base::Money price);
  base::Status open_reserve(const std::string& lot);  // where the reserve is to be opened
  // Of a lot by tender (town_tender.cpp). The bidder locks his price to the openers; after the deadline everybody does his
  // part up to the award. Nothing where the tender failed.
  base::Result<engine::Answer> hand_in(const std::string& lot, const Entry& entry, base::Money price,
                                       const std::string& undertakings);
  base::Status conduct_tender(const std::string& lot);
  std::vector<std::string> ids_of(std::string_view record, std::string_view fact);  // that the fact of its file lists
  const std::map<std::string, law::OpenerKey>& openers() const { return openers_; }
  // Of a lot by tender: its own record, the salt of the draw; price and salt of the reserve.
  std::pair<std::string, std::string> tender_of(const std::string& lot) const { return tenders_.at(lot); }
  std::pair<std::string, std::string> reserve_of(const std::string& lot) const { return reserves_.at(lot); }
  // After the sale: confirmation (where it is not yet signed), review, result, contract, payments by statement, tax,
  // handover, certificate. Returns the certificate's id; refuses DEMO-02 where the payer erred, so that the contract is left
  // unpaid.
  base::Result<std::string> finish(const std::string& lot, const LotPlan& plan);

  // Somebody who looks on whenever time has passed: the watch, on a virtual clock.
  void watched_by(std::function<base::Status()> watch) { watch_ = std::move(watch); }
  // Others who act while time passes: the instant at which the first of them does, and what does it then.
  void beside(std::function<std::optional<base::Time>()> next, std::function<base::Status()> play) {
    next_beside_ = std::move(next);
    play_beside_ = std::move(play);
  }
  // The keys of its tip investigators, a file each: login and path. Of a demonstration, whose visitors play them.
  base::Result<std::vector<std::pair<std::string, std::string>>> write_tip_keys(const std::string& folder);
  void pass(base::Time until);  // on a virtual clock: every deadline fires at its instant
  void settle();                // what was ordered is done, at this instant
  base::Time now() const;
  std::vector<Bidder>& bidders() { return bidders_; }
  base::SeededRandom& random() { return random_; }
  base::Json doc(std::string_view record);
  base::Result<std::string> keep(std::string_view bytes) { return store_.keep_file(bytes); }  // by its hash, in the vault

 private:
  std::string fresh_id(std::string_view institution);
  base::Result<engine::Answer> send(engine::Command command, const Prepare& prepare = {});
  // Every official makes a key for each of his posts, and the security administrator confirms it.
  base::Status make_post_keys(const std::string& place);
  void pass_alone(base::Time until);
  void sign(engine::Command& command);
  base::Status draft_tender(const std::string& lot, const std::string& region);
  base::Status open_tenders(const std::string& tender);
  base::Status score(const std::string& tender);
  engine::Engine& engine_;
  store::Store& store_;
  base::VirtualClock* clock_;
  base::Clock* by_ = nullptr;  // of a live town; null: the system's
  base::SeededRandom random_;
  std::map<std::string, std::string, std::less<>> names_;
  std::map<std::string, std::string> offices_;  // by place and name
  std::vector<Bidder> bidders_;
  std::map<std::pair<std::string, std::string>, base::P256Key> post_keys_;  // (person, post)
  std::map<std::string, std::pair<std::string, std::string>> reserves_;     // lot -> price, salt
  std::map<std::string, law::OpenerKey> openers_;                           // by their names in the world
  std::map<std::string, std::pair<std::string, std::string>> tenders_;      // lot -> its tender, salt of the draw
  std::unique_ptr<money::BankSimulator> bank_;
  money::BankErrors errors_;
  std::vector<money::Expected> to_pay_;   // told since the last statement
  std::vector<engine::Command> letters_;  // tips that wait for the roll
  std::function<base::Status()> watch_;
  std::function<std::optional<base::Time>()> next_beside_;
  std::function<base::Status()> play_beside_;
  std::uint64_t parcels_ = 0;
  std::uint64_t commands_ = 0;
};

}  // namespace landglass::cli
