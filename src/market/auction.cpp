#include "market/auction.hpp"

#include <algorithm>
#include <deque>

#include "base/bytes.hpp"
#include "base/json_text.hpp"
#include "institution/record_text.hpp"
#include "institution/registry.hpp"
#include "law/auction_event.hpp"
#include "law/auction_ladder.hpp"
#include "market/sealed_bids.hpp"
#include "market/tender.hpp"

namespace landglass::market {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using institution::Behaviour;
using institution::BehaviourOutcome;
using institution::BehaviourState;
using institution::Command;
using institution::Look;
using institution::Record;
using law::Ladder;
using law::Phase;

struct Shown {  // of an offer, to anybody: price, time and leaf
  Shown(std::string its_price, std::string its_time, std::uint64_t its_leaf)
      : price(std::move(its_price)), time(std::move(its_time)), leaf(its_leaf) {
    base::ObjectText row(text);
    row.integer("leaf", leaf);
    row.text("price", price);
    row.text("time", time);
    row.end();
  }
  std::string price;
  std::string time;
  std::uint64_t leaf = 0;  // its index in the open tree
  std::string text;        // as a sale holds it, saved and published, made once: both are with fifty batches
};

class Sale final : public institution::StateText {
 public:
  std::shared_ptr<const law::RuleSheet> sheet;
  std::shared_ptr<const std::string> saved_sheet;  // its canonical JSON
  std::optional<Ladder> ladder;
  std::deque<Shown> shown;  // newest first
  std::uint64_t offers = 0;

  void save_to(std::string& out) const override {
    base::ObjectText doc(out);
    if (ladder) {
      ladder->save_to(doc.member("ladder"));
    } else {
      doc.null("ladder");
    }
    doc.integer("offers", offers);
    if (sheet) {
      doc.member("sheet") += *saved_sheet;
    } else {
      doc.null("sheet");
    }
    list_to(doc.member("shown"));
    doc.end();
  }
  void take_sheet(law::RuleSheet read) {
    saved_sheet = std::make_shared<const std::string>(base::canonical(law::to_json(read)));
    sheet = std::make_shared<const law::RuleSheet>(std::move(read));
  }
  void publish_to(std::string& out) const override {
    base::ObjectText doc(out);
    if (ladder) {
      doc.object("head", ladder->head());
    } else {
      doc.null("head");
    }
    list_to(doc.member("offers"));
    doc.end();
  }
  bool sealed() const override { return true; }  // the plates tell how many bid
  std::unique_ptr<BehaviourState> copy() const override { return std::make_unique<Sale>(*this); }

 private:
  void list_to(std::string& out) const {
    base::ArrayText list(out);
    for (const auto& one : shown) list.next() += one.text;
    list.end();
  }
};

std::string state_of(Phase phase) {
  switch (phase) {
    case Phase::waiting: return "announced";
    case Phase::drawing: return "drawing";
    case Phase::opening: return "opening";
    case Phase::sold: return "sold";
    case Phase::failed: return "failed";
    case Phase::frozen: return "frozen";
    case Phase::withdrawn: return "withdrawn";
    default: return "listed";
  }
}

// Of an object, or of a value that is one: neither is copied into the other.
template <class Fields>
std::int64_t number(const Fields& fields, std::string_view name, std::int64_t otherwise) {
  const auto* value = fields.at(name).if_int();
  return value == nullptr ? otherwise : *value;
}
std::int64_t seconds(const JsonObject& fields, std::string_view name) { return number(fields, name, 0) * base::k_second; }

// The weights of a tender stand in its documents, drafted beside the lot.
Result<law::TenderRules> tender_rules(const Record& lot, Look& look) {
  // Before the announcement the draft, afterwards the tender that runs.
  LG_TRY(auto tender, look.fact(lot, "the_tender"));
  if (tender.is_null()) {
    LG_TRY(tender, look.fact(lot, "running_tender"));
  }
  const auto* id = tender.member("id");
  LG_TRY(const auto* record, look.record(id == nullptr ? std::string_view() : std::string_view(id->text_value)));
  if (record == nullptr)
    return base::refuse("AU-01", "规则表缺少招标文件", "the rule sheet lacks the documents of the tender", "tender");
  return tender_rules_of(record->fields);
}

Result<law::RuleSheet> sheet_of(const Record& record, Look& look) {
  const auto& fields = record.fields;
  const auto money = [&](std::string_view name) { return base::parse_money(fields.text(name)); };
  law::RuleSheet sheet;
  const auto mode = fields.text("mode");
  sheet.mode = mode == "english"  ? law::SaleMode::english
               : mode == "tender" ? law::SaleMode::tender
                                  : law::SaleMode::listing;
  const auto opens = base::parse_time(fields.text("opens"));
  const auto closes = base::parse_time(fields.text("closes"));
  const auto start = money("start_price");
  const auto step = money("increment");
  if (!opens || !start || !step || (!closes && sheet.mode != law::SaleMode::english)) {
    return base::refuse("AU-01", "规则表缺少起止时间、起始价或增价幅度",
                        "the rule sheet lacks times, start price or increment", "rule_sheet");
  }
  sheet.opens = *opens;
  if (sheet.mode != law::SaleMode::english) sheet.closes = closes;
  sheet.start_price = *start;
  sheet.increments = {{std::nullopt, {0}, *step}};
  sheet.multiple = true;
  sheet.min_bidders = number(fields, "min_bidders", 1);
  sheet.guard.factor = number(fields, "guard_factor", 0);
  if (const auto commitment = base::from_hex(fields.text("reserve_commitment")); commitment && commitment->size() == 32) {
    law::ReserveRules reserve;
    base::Hash hash{};
    std::copy(commitment->begin(), commitment->end(), hash.begin());
    reserve.commitment = hash;
    sheet.reserve = reserve;
  }
  if (sheet.mode == law::SaleMode::tender) {
    LG_TRY(sheet.tender, tender_rules(record, look));
    return sheet;
  }
  if (const auto ceiling = money("ceiling_price")) {
    law::CeilingRules rules;
    rules.price = *ceiling;
    rules.mode = fields.text("ceiling_mode") == "stop_and_lot" ? law::CeilingRules::Mode::stop_and_lot
                                                               : law::CeilingRules::Mode::notify_only;
    rules.join_ms = seconds(fields, "ceiling_join_seconds");
    if (const auto salt = base::from_hex(fields.text("draw_salt_hash")); salt && salt->size() == 32) {
      base::Hash hash{};
      std::copy(salt->begin(), salt->end(), hash.begin());
      rules.salt_hash = hash;
    }
    sheet.ceiling = rules;
  }
  sheet.silence.max_gap_ms = seconds(fields, "outage_seconds");
  if (sheet.mode == law::SaleMode::english) {
    law::CallRules calls;
    calls.gap_ms = seconds(fields, "call_gap_seconds");
    sheet.calls = calls;
    return sheet;
  }
  const auto variant = fields.text("variant");
  if (variant == "fujian") {
    law::apply_fujian(sheet);
  } else if (variant == "suzhou") {
    law::apply_suzhou_park(sheet);
  } else if (variant == "custom") {
    law::TimedRules timed;
    timed.trigger_last_ms = seconds(fields, "trigger_seconds");
    timed.trigger_bidders = number(fields, "trigger_bidders", 2);
    timed.pause_ms = seconds(fields, "pause_seconds");
    timed.inquiry_ms = seconds(fields, "inquiry_seconds");
    timed.prep_ms = seconds(fields, "prep_seconds");
    timed.window_ms = seconds(fields, "window_seconds");
    timed.restart_within_ms = timed.window_ms;
    const auto join = fields.text("timed_join");
    timed.join = join == "wished"    ? law::TimedRules::Join::wished
                 : join == "offered" ? law::TimedRules::Join::offered
                                     : law::TimedRules::Join::qualified;
    sheet.timed = timed;
  }
  return sheet;
}

// An act of an official has the words of its institution; what it is to the ladder stands beside them, so that who verifies
// needs no file.
void say_event(const law::sale::Event& event, BehaviourOutcome& out) {
  auto said = law::sale_set(event);
  said["do"] = law::sale_action(event);
  out.outcome["event"] = std::move(said);
}

// What follows from the ladder after an event: outcome, timer and state.
void settle(const Ladder& ladder, const law::PhaseSteps& steps, base::Time now, const Record& record,
            BehaviourOutcome& out) {
  auto outcome = law::auction_outcome(ladder, steps);
  for (auto& [name, value] : outcome) out.outcome[name] = std::move(value);
  const auto state = state_of(ladder.phase());
  if (state != record.state) out.to = state;
  const auto froze = std::find_if(steps.begin(), steps.end(), [](const auto& one) { return one.to == Phase::frozen; });
  if (froze != steps.end() && ladder.reason() == "outage") {
    out.outcome["raise"] = JsonArray{
        JsonObject{{"code", "AU-50"}, {"detail", "限时竞价中系统中断，自" + base::format_local(froze->at) + "起冻结"}}};
  }
  if (ladder.phase() == Phase::sold) {
    out.set["deal_price"] = base::money_text(ladder.top());
    out.set["winner_plate"] = static_cast<std::int64_t>(ladder.leader());
  }
  auto due = ladder.due();
  if (ladder.phase() == Phase::timed) {
    const auto tick = now + ladder.sheet().silence.tick_ms;
    due = due ? std::min(*due, tick) : tick;
  }
  const auto standing = record.timers.find("tick");
  if (due) {
    out.due["tick"] = base::format_utc(*due);
  } else if (standing != record.timers.end()) {
    out.due["tick"] = nullptr;
  }
}

std::vector<law::PhaseStep> claimed(const JsonObject& outcome) {
  std::vector<law::PhaseStep> steps;
  const auto* list = outcome.at("steps").if_array();
  if (list == nullptr) return steps;
  for (const auto& row : *list) {
    const auto phase = law::phase_named(row.text("phase"));
    const auto at = base::parse_time(row.text("at"));
    if (phase && at) steps.push_back({*phase, *at});
  }
  return steps;
}

class Auction final : public Behaviour {
 public:
  std::string_view name() const override { return "auction@1"; }

  bool answers(std::string_view phase, std::string_view action) const override {
    if (action == "due:tick") return true;
    return phase == "offers" && (action == "offer" || action == "wish");
  }

  // Wishes of an inquiry and who accepts a ceiling: applications hold them until it is over.
  bool went_elsewhere(const Record& record) const override {
    const auto* sale = static_cast<const Sale*>(record.behaviour.get());
    return sale != nullptr && sale->ladder && (sale->ladder->asked_at().ms != 0 || sale->ladder->capped());
  }

  Result<BehaviourOutcome> joins(const Record& before, const Record& after, const Command& command, base::Time now,
                                 Look& look) override {
    BehaviourOutcome out;
    const auto& action = command.action;
    if (action == "announce" || (action == "correct" && before.state == "announced")) {
      LG_TRY(auto sheet, sheet_of(after, look));
      const auto json = law::to_json(sheet);
      LG_TRY(auto checked, law::parse_rule_sheet(json));
      const auto hash = base::to_hex(law::rule_sheet_hash(checked));
      if (before.fields.text("rule_sheet_hash") == hash) return out;  // what was corrected decides nothing of the sale
      out.set["rule_sheet"] = json;
      out.set["rule_sheet_hash"] = hash;
      out.outcome["rule_sheet"] = hash;
      if (checked.mode == law::SaleMode::tender) return out;  // no ladder: the tender's own record goes on from here
      auto shared = std::make_shared<law::RuleSheet>(std::move(checked));
      LG_TRY(auto ladder, Ladder::open(shared));
      settle(ladder, law::PhaseSteps(), now, after, out);
      out.to.clear();  // the file says where it goes
      return out;
    }
    if (after.fields.text("mode") == "tender") return out;
    const auto event = event_of(command, after, now);
    if (!event) return out;
    const auto* sale = static_cast<const Sale*>(before.behaviour.get());
    if (sale == nullptr || !sale->ladder) return base::refuse("AU-02", "尚无竞价", "there is no sale yet", action);
    auto ladder = *sale->ladder;
    const auto due = ladder.due();
    LG_CHECK(end_sealed_phase(ladder, now, before, look, out));
    LG_TRY(auto steps, ladder.apply(*event));
    settle(ladder, steps, now, before, out);
    say_event(*event, out);
    if (const auto* begin = std::get_if<law::sale::Begin>(&*event)) out.secrets.push_back({"bidders", "", begin->bidders});
    if ((action == "freeze" || action == "withdraw") && ladder.has_top()) {
      // Who stops a lot in the last seconds does it with the leading price in view: both stand in the leaf.
      out.outcome["stopped_at"] =
          JsonObject{{"top", base::money_text(ladder.top())}, {"left_ms", due ? *due - now : std::int64_t{0}}};
    }
    return out;
  }

  Result<BehaviourOutcome> decide(const Record& record, const Command& command, base::Time now, Look& look) override {
    const auto* sale = static_cast<const Sale*>(record.behaviour.get());
    if (sale == nullptr || !sale->ladder) return base::refuse("AU-02", "尚无竞价", "there is no sale yet", command.action);
    BehaviourOutcome out;
    out.outcome["own"] = true;
    auto ladder = *sale->ladder;
    if (command.action == "due:tick") {
      LG_CHECK(end_sealed_phase(ladder, now, record, look, out));
      LG_TRY(auto steps, ladder.apply(law::sale::Event(law::sale::Tick{now})));
      settle(ladder, steps, now, record, out);
      return out;
    }
    const auto& fields = command.fields;
    LG_TRY(const auto* application, admitted(record, command, look));
    const auto plate = static_cast<std::uint32_t>(number(application->fields, "plate", 0));
    if (command.action == "wish") return wish_sealed(ladder, record, *application, plate, now);
    const auto price = base::parse_money(fields.text("price"));
    const auto* counter = fields.at("counter").if_int();
    if (!price || counter == nullptr || *counter < 1) {
      return base::refuse("AU-29", "报价或序号无法读取", "price or counter does not read", "price");
    }
    if (!command.sig)
      return base::refuse("EN-13", "报价须以竞买人密钥签名", "an offer is signed with the bidder's key", "sig");
    const auto signed_as = [&](std::string_view name, const Json& standing) {
      return fields.at(name).is_null() || fields.at(name) == standing;
    };
    if (!signed_as("plate", application->fields.at("plate")) ||
        !signed_as("rule_sheet", record.fields.at("rule_sheet_hash")))
      return base::refuse("AU-06", "签名所载号牌或规则表不是本标的的", "signed for another plate or rule sheet", "sig");
    law::sale::Offer offer{now,
                           plate,
                           *price,
                           static_cast<std::uint64_t>(*counter),
                           number(fields, "other", 0),
                           fields.at("confirmed").is_bool() && fields.at("confirmed").as_bool()};
    if (ladder.phase() == Phase::ceiling) return join_sealed(ladder, record, *application, offer, *command.sig);
    LG_CHECK(end_sealed_phase(ladder, now, record, look, out));
    LG_TRY(auto steps, ladder.apply(offer));
    settle(ladder, steps, now, record, out);
    out.set["price"] = base::money_text(*price);
    if (offer.other != 0) out.set["other"] = offer.other;
    if (offer.confirmed) out.set["confirmed"] = true;
    JsonObject bidder;
    bidder.reserve(5);
    bidder.insert("alg", command.sig->alg);
    bidder.insert("counter", *counter);
    bidder.insert("key", command.sig->key);
    bidder.insert("plate", static_cast<std::int64_t>(plate));
    bidder.insert("sig", command.sig->bytes);
    out.secrets.push_back({"bidder", std::string(application->fields.text("applicant")), std::move(bidder)});
    out.hide_actor = true;
    return out;
  }

  void evolve(Record& record, const log::Change& change, const JsonObject& secrets, base::Time time) override {
    auto* sale = static_cast<Sale*>(record.behaviour.get());
    if (sale == nullptr) {
      auto fresh = std::make_unique<Sale>();
      sale = fresh.get();
      record.behaviour = std::move(fresh);
    }
    const auto& set = change.set;
    if (const auto& sheet = set.at("rule_sheet"); sheet.is_object()) {
      auto read = law::parse_rule_sheet(sheet);
      LG_ASSERT(read, "a rule sheet of the log does not read");
      sale->take_sheet(std::move(*read));
      if (sale->sheet->mode == law::SaleMode::tender) return;
      auto ladder = Ladder::open(sale->sheet);
      LG_ASSERT(ladder, "a rule sheet of the log opens no ladder");
      sale->ladder = std::move(*ladder);
      return;
    }
    if (!sale->ladder || change.outcome.at("ladder").is_null()) return;
    const auto& bidder = secrets.at("bidder");
    auto plate = static_cast<std::uint32_t>(number(bidder, "plate", 0));
    follow_sealed(*sale->ladder, secrets);
    // Who bid was erased: from here on prices and times are followed, and what hung on who as the log says it went.
    if (change.action == "offer" && plate == 0) sale->ladder->go_blind();
    if (sale->ladder->blind()) {
      plate = 0;
      sale->ladder->claim(claimed(change.outcome));
    }
    std::optional<law::sale::Event> event;
    if (change.action == "offer") {
      const auto price = base::parse_money(set.text("price")).value_or(base::Money{});
      event = law::sale::Offer{time,
                               plate,
                               price,
                               plate == 0 ? 0 : static_cast<std::uint64_t>(number(bidder, "counter", 0)),
                               number(set, "other", 0),
                               set.at("confirmed").is_bool()};
      sale->shown.emplace_front(base::money_text(price), base::format_utc(time), record.last_leaf);
      if (sale->shown.size() > k_shown_offers) sale->shown.pop_back();
      ++sale->offers;
    } else if (change.action == "tick") {
      event = law::sale::Tick{time};
    } else {
      Command command;
      command.action = change.action;
      event = event_of(command, record, time);
    }
    if (!event) return;
    const auto steps = sale->ladder->apply(*event);
    LG_ASSERT(steps, "a sale's event that stood in the log is refused");
  }

  std::unique_ptr<BehaviourState> load(const Json& saved) const override {
    auto sale = std::make_unique<Sale>();
    sale->offers = static_cast<std::uint64_t>(number(saved, "offers", 0));
    if (saved.at("sheet").is_object()) {
      auto sheet = law::parse_rule_sheet(saved.at("sheet"));
      LG_ASSERT(sheet, "a saved rule sheet does not read");
      sale->take_sheet(std::move(*sheet));
      if (sale->sheet->mode == law::SaleMode::tender) return sale;
      auto ladder = Ladder::load(sale->sheet, saved.at("ladder"));
      LG_ASSERT(ladder, "a saved ladder does not read");
      sale->ladder = std::move(*ladder);
    }
    if (const auto* shown = saved.at("shown").if_array()) {
      for (const auto& one : *shown) {
        sale->shown.emplace_back(std::string(one.text("price")), std::string(one.text("time")),
                                 static_cast<std::uint64_t>(one.at("leaf").as_int()));
      }
    }
    return sale;
  }

 private:
  // Who offers: an application for this very lot, admitted, of this actor, under this key.
  static Result<const Record*> admitted(const Record& lot, const Command& command, Look& look) {
    LG_TRY(const auto* application, look.record(command.fields.text("application")));
    const auto no = [&](const char* zh, const char* en) {
      return base::refuse("AU-20", zh, en, "application", "国土资源部令第39号");
    };
    if (application == nullptr || application->institution != "application")
      return no("没有此竞买申请", "no such application");
    const auto& held = application->fields;
    const bool his = held.text("applicant") == command.actor || held.text("agent") == command.actor;
    if (held.text("lot") != lot.id || !his)
      return no("竞买申请不属于此标的或此人", "the application is of another lot or bidder");
    if (application->state != "admitted") return no("尚未取得竞买资格", "not admitted to bid");
    if (command.action == "offer" && command.sig && held.text("bid_key") != command.sig->key)
      return no("签名密钥与申请时不同", "signed with another key than the application's");
    if (number(held, "plate", 0) < 1) return no("尚无号牌", "no plate");
    return application;
  }

  static std::optional<law::sale::Event> event_of(const Command& command, const Record& record, base::Time now) {
    const auto& fields = record.fields;
    const auto& action = command.action;
    if (action == "freeze") return law::sale::Freeze{now};
    if (action == "resume") return law::sale::Resume{now, base::parse_time(fields.text("resumes_at")).value_or(now), 0};
    if (action == "withdraw") return law::sale::Withdraw{now};
    if (action == "begin") return law::sale::Begin{now, number(fields, "present_bidders", 0)};
    if (action == "call") return law::sale::Call{now, number(fields, "call_number", 0)};
    if (action == "fall") return law::sale::Fall{now};
    if (action == "adjust") {
      const auto step = base::parse_money(fields.text("increment"));
      if (!step) return std::nullopt;
      return law::sale::Adjust{now, {{std::nullopt, {0}, *step}}};
    }
    if (action == "draw") {
      const auto salt = base::from_hex(fields.text("draw_salt"));
      const auto root = base::from_hex(fields.text("draw_root"));
      if (!salt || !root || root->size() != 32) return std::nullopt;
      law::sale::Draw draw{now, {}, *salt, static_cast<std::uint64_t>(number(fields, "draw_root_size", 0))};
      std::copy(root->begin(), root->end(), draw.root.begin());
      return draw;
    }
    if (action == "open-reserve") {
      const auto price = base::parse_money(fields.text("reserve_price"));
      const auto salt = base::from_hex(fields.text("reserve_salt"));
      if (!price || !salt) return std::nullopt;
      return law::sale::OpenReserve{now, *price, *salt};
    }
    return std::nullopt;
  }
};

}  // namespace

std::shared_ptr<institution::Behaviour> auction() { return std::make_shared<Auction>(); }

}  // namespace landglass::market
