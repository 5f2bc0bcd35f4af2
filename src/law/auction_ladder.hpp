#pragma once
// The ladder of one sale (竞价阶梯): a state machine with value semantics. It reads no clock: each event carries the time at
// which it was logged, and first of all the ladder moves itself through everything that was due by then. So an offer is
// judged by when things were due, never by whether a tick had run. A refused event leaves the ladder untouched.
// docs/formats/auction.md has the rules in words and the vectors.

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"
#include "law/auction_rules.hpp"

namespace landglass::law {

enum class Phase : std::uint8_t {
  waiting,  // announced, not begun
  listing,  // 挂牌
  inquiry,  // 询问期
  prep,     // 准备期: bidding rests before the timed part
  timed,    // 限时竞价
  calling,  // 拍卖: the host asks and calls
  ceiling,  // the ceiling is reached; who accepts it may still join
  drawing,  // several accept it: a draw is awaited
  opening,  // the reserve is awaited
  sold,
  failed,     // 流拍
  frozen,     // 冻结
  withdrawn,  // 终止
};
std::string_view name_of(Phase phase);
std::optional<Phase> phase_named(std::string_view name);

namespace sale {  // what may happen; `time` is when it was logged

struct Offer {
  base::Time time;
  std::uint32_t plate = 0;  // 号牌, from 1
  base::Money price;
  std::uint64_t counter = 0;  // rises with each offer of a plate
  std::int64_t other = 0;     // the other quantity, once the ceiling is reached
  bool confirmed = false;     // signed to be meant, though far above
};
struct Tick {
  base::Time time;
};
struct Wish {
  base::Time time;
  std::uint32_t plate = 0;
};  // in the inquiry: wishes to go on
struct Begin {
  base::Time time;
  std::int64_t bidders = 0;
};  // English: the host opens, so many hold plates
struct Call {
  base::Time time;
  std::int64_t n = 0;
};  // the n-th call of the price that stands
struct Fall {
  base::Time time;
};  // the hammer
struct Adjust {
  base::Time time;
  std::vector<IncrementTier> increments;
};
struct Freeze {
  base::Time time;
};
struct Resume {
  base::Time time;
  base::Time at;
  std::int64_t extra_ms = 0;
};  // extra: granted beyond what the freeze took
struct Withdraw {
  base::Time time;
};
struct CommitReserve {
  base::Time time;
  base::Hash commitment{};
};
struct OpenReserve {
  base::Time time;
  base::Money price;
  base::Bytes salt;
};
struct Draw {
  base::Time time;
  base::Hash root{};
  base::Bytes salt;
  std::uint64_t root_size = 0;  // of the tree with that root: for who verifies, the ladder does not look at it
};

using Event =
    std::variant<Offer, Tick, Wish, Begin, Call, Fall, Adjust, Freeze, Resume, Withdraw, CommitReserve, OpenReserve, Draw>;
base::Time time_of(const Event& event);

}  // namespace sale

// A change of phase and the instant at which it was due; of one event, in order.
struct PhaseStep {
  Phase to = Phase::waiting;
  base::Time at;
};
class PhaseSteps {
 public:
  void add(Phase to, base::Time at) {
    LG_ASSERT(count_ < steps_.size(), "more changes of phase than one event can cause");
    steps_[count_++] = {to, at};
  }
  std::size_t size() const { return count_; }
  bool empty() const { return count_ == 0; }
  auto begin() const { return steps_.begin(); }
  auto end() const { return steps_.begin() + static_cast<std::ptrdiff_t>(count_); }

 private:
  std::array<PhaseStep, 10> steps_;
  std::size_t count_ = 0;
};

class Ladder {
 public:
  // A ladder of a listing or an English auction before anything has happened. Refuses AU-02 a tender.
  static base::Result<Ladder> open(std::shared_ptr<const RuleSheet> sheet);

  // Accepts, and returns the changes of phase that it found due or caused; or refuses with code, law, both sides of the
  // figure and the ladder's head as it would be, leaving all as it was:
  //   AU-10 earlier than what the ladder has seen   AU-11 offers are not taken in this phase   AU-12 below the start price
  //   AU-13 raise below the increment               AU-14 raise is no whole number of steps    AU-15 the leader's own raise
  //   AU-16 counter seen already                    AU-17 above the ceiling                    AU-18 above the greatest
  //   price AU-19 far above and not confirmed             AU-20 not admitted to the timed part       AU-21 the other
  //   quantity is wrong AU-22 this event has no place in this phase   AU-23 call out of turn                     AU-24 call
  //   too early AU-25 the opening does not fit the reserve    AU-26 resumption too early                 AU-27 reserve not
  //   to be set now AU-28 the salt does not fit the draw          AU-29 figure out of range
  base::Result<PhaseSteps> apply(const sale::Event& event);
  base::Result<PhaseSteps> apply(const sale::Offer& offer);  // the hot path: no allocation once a plate is known

  const RuleSheet& sheet() const { return *sheet_; }
  Phase phase() const { return phase_; }
  bool closed() const { return phase_ == Phase::sold || phase_ == Phase::failed || phase_ == Phase::withdrawn; }
  bool has_top() const { return top_.fen != 0; }
  base::Money top() const { return top_; }  // 0 before the first offer
  std::int64_t top_other() const { return top_other_; }
  std::uint32_t leader() const { return top_plate_; }  // private until the close; 0: nobody
  std::optional<base::Time> due() const;               // when it moves by itself
  base::Time closes() const { return closes_; }        // of the listing, with what freezes added
  base::Time now() const { return now_; }              // of the last event or change of phase
  bool capped() const { return capped_; }              // the ceiling has been reached
  base::Time asked_at() const { return asked_at_; }    // when the inquiry began, or began anew: wishes count from then on
  std::string_view reason() const {
    return reason_;
  }                              // of a failed sale: no_offer, too_few_bidders, below_reserve; of a freeze: outage or empty
  base::Money least() const;     // the next offer at least
  std::int64_t bidders() const;  // distinct plates with an offer: private until the close
  std::vector<std::uint32_t> pool() const;  // who takes part in a draw, by plate

  // What a leaf may say of it: price and times, and the winner's plate once sold. Never a number of bidders.
  base::JsonObject head() const;

  // All of it, private parts too; load(sheet, save()) is the same ladder. Refuses AU-03 what is no saved ladder.
  base::Json save() const;
  void save_to(std::string& out) const;  // the same as canonical text: a lot is saved with every batch of its bids
  static base::Result<Ladder> load(std::shared_ptr<const RuleSheet> sheet, const base::Json& saved);

  bool operator==(const Ladder& other) const;

  // For a verifier without openings: offers carry no plate, and what hangs on who bid follows the changes of phase that the
  // leaf claims.
  void go_blind() { blind_ = true; }
  bool blind() const { return blind_; }
  void claim(std::vector<PhaseStep> steps) { claims_ = std::move(steps); }

 private:
  struct Bidder {
    std::uint32_t plate = 0;
    std::uint64_t counter = 0;
    base::Time last;  // his last offer, moved on by freezes
    bool offered = false;
    bool wished = false;
    bool pooled = false;
    bool operator==(const Bidder&) const = default;
  };
  using Steps = PhaseSteps;

  bool moves_by(base::Time time) const;
  void advance(base::Time time, Steps& steps);
  void fire(base::Time at, Steps& steps);
  void enter(Phase phase, base::Time at, Steps& steps);
  void end_listing(base::Time at, Steps& steps);
  void begin_timed_part(base::Time at, Steps& steps);
  void rest(base::Time at, base::Time until, Steps& steps);
  void conclude(base::Time at, Steps& steps);
  void finish_freeze(base::Time at, Steps& steps);
  bool triggered() const;
  bool decide(bool computed, std::initializer_list<Phase> yes, base::Time at, const Steps& steps) const;

  base::Status take(const sale::Offer& offer, Steps& steps);
  base::Status take(const sale::Tick& tick, Steps& steps);
  base::Status take(const sale::Wish& wish, Steps& steps);
  base::Status take(const sale::Begin& begin, Steps& steps);
  base::Status take(const sale::Call& call, Steps& steps);
  base::Status take(const sale::Fall& fall, Steps& steps);
  base::Status take(const sale::Adjust& adjust, Steps& steps);
  base::Status take(const sale::Freeze& freeze, Steps& steps);
  base::Status take(const sale::Resume& resume, Steps& steps);
  base::Status take(const sale::Withdraw& withdraw, Steps& steps);
  base::Status take(const sale::CommitReserve& commit, Steps& steps);
  base::Status take(const sale::OpenReserve& open, Steps& steps);
  base::Status take(const sale::Draw& draw, Steps& steps);

  base::Status check_offer(const sale::Offer& offer, const Bidder* bidder) const;
  base::Status check_price(const sale::Offer& offer) const;
  base::Status check_other(const sale::Offer& offer) const;
  bool at_cap() const;
  base::Money step_at(base::Time time, base::Money price) const;
  const Bidder* find(std::uint32_t plate) const;
  Bidder& bidder(std::uint32_t plate);
  base::Refusal no(std::string code, std::string zh, std::string en, std::string law, std::string sides) const;
  base::Refusal misplaced(std::string zh, std::string en) const;

  std::shared_ptr<const RuleSheet> sheet_;
  Phase phase_ = Phase::waiting;
  Phase frozen_phase_ = Phase::waiting;
  base::Time now_;  // the last event or change of phase
  base::Time opens_;
  base::Time closes_;
  base::Time until_;  // end of inquiry, prep, timed, ceiling
  base::Time asked_at_;
  base::Time frozen_at_;
  std::optional<base::Time> resumes_;
  std::int64_t extra_ms_ = 0;
  bool paused_ = false;  // the trigger before the close has been tried
  bool capped_ = false;  // the ceiling has been reached
  base::Money top_;
  std::int64_t top_other_ = 0;
  std::uint32_t top_plate_ = 0;
  std::int64_t calls_ = 0;
  base::Time called_at_;  // of the last offer or call
  std::vector<IncrementTier> increments_;
  std::optional<base::Hash> reserve_;  // commitment in force
  std::string reason_;
  std::vector<Bidder> bidders_;  // by plate
  bool blind_ = false;
  std::vector<PhaseStep> claims_;
};

// The outcome of a leaf: {"ladder": head, "steps": [{"phase", "at"}, …]}; no "steps" where there are none.
base::JsonObject auction_outcome(const Ladder& ladder, const PhaseSteps& steps);

}  // namespace landglass::law
