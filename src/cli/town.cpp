#include "cli/town.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/number.hpp"
#include "engine/scenario.hpp"
#include "engine/scenario_bidders.hpp"
#include "institution/signed_act.hpp"
#include "institution/yaml.hpp"
#include "log/command_id.hpp"

namespace landglass::cli {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

namespace {

std::string yuan(std::int64_t amount) { return base::money_text({amount * 100}); }

}  // namespace

std::string Town::fresh_id(std::string_view institution) {
  ++commands_;
  std::array<std::uint8_t, 16> bytes{};
  random_.fill(bytes.data(), bytes.size());
  bool sealed = false;
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto* in = registry.pack().current(institution.substr(0, institution.find('/')));
    sealed = in != nullptr && in->sealed();
  });
  return log::command_id(sealed ? std::nullopt : std::optional(now()), bytes);
}

Result<engine::Answer> Town::send(engine::Command command, const Prepare& prepare) {
  command.id = fresh_id(command.record.empty() ? command.institution : command.record);
  if (prepare) LG_CHECK(prepare(command));
  command.sig = log::LeafSignature{"session", "", "demo"};
  sign(command);
  auto answer = engine_.call(command);
  // What is final waits for the witnesses; an official would press the button again.
  for (int i = 0; i < 50 && clock_ == nullptr && answer.refused() && answer.refusal().code == "EN-12"; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    answer = engine_.call(command);
  }
  return answer;
}

// With the key of the post that the act is his by; the word of a session stays where he has none.
void Town::sign(engine::Command& command) {
  if (post_keys_.empty()) return;
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto& pack = registry.pack();
    const auto* in =
        pack.current(command.record.empty() ? command.institution : command.record.substr(0, command.record.find('/')));
    if (in == nullptr) return;
    const auto* action = command.record.empty() ? &in->create : institution::find_action(*in, command.action);
    if (action == nullptr || !action->is_signed) return;
    const auto seats = registry.seats(command.actor, base::date_of(now()));
    if (!seats) return;
    // An act of somebody whom a field names is signed from his first seat, as the institutions take it.
    const bool named =
        std::any_of(action->by.begin(), action->by.end(), [](const auto& who) { return who.starts_with('@'); });
    for (const auto& seat : *seats) {
      const bool may = named || std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) {
                         return std::find(action->by.begin(), action->by.end(), role) != action->by.end();
                       });
      const auto key = may ? post_keys_.find({command.actor, seat.post}) : post_keys_.end();
      if (key == post_keys_.end()) continue;
      command.post = seat.post;
      auto act =
          institution::state_act(pack, engine_.options().origin, *in, *action, command, now() + base::k_minute, random_);
      if (!act) return;  // a field that does not read: the institution says so
      command.sig = log::LeafSignature{"es256", base::to_base64url(key->second.public_key()),
                                       base::to_base64url(key->second.sign(base::as_bytes(log::message_of(*act))))};
      command.statement = std::move(*act);
      return;
    }
  });
}

Status Town::make_post_keys(const std::string& place) {
  std::vector<std::pair<std::string, std::string>> seats;
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    for (auto at = names_.lower_bound(place.empty() ? "" : place + "/"); at != names_.end(); ++at) {
      if (!place.empty() && !at->first.starts_with(place + "/")) break;
      if (!at->second.starts_with("person/")) continue;
      const auto held = registry.seats(at->second, base::date_of(now()));
      if (!held) continue;
      for (const auto& seat : *held) seats.emplace_back(at->second, seat.post);
    }
  });
  const auto keeper = who(place, "secadmin");
  const bool first = std::none_of(seats.begin(), seats.end(), [&](const auto& seat) { return post_keys_.contains(seat); });
  for (const auto& seat : seats) {
    if (post_keys_.contains(seat) || (!first && seat.first == keeper)) continue;
    auto key = base::P256Key::generate();
    LG_TRY(auto made,
           create(seat.first, "post-key", {{"post", seat.second}, {"key", base::to_base64url(key.public_key())}}));
    // The security administrator does not confirm his own: he signs nothing in this town.
    if (seat.first == keeper) continue;
    LG_TRY(auto confirmed, act(keeper, made.record, "confirm"));
    post_keys_.emplace(seat, std::move(key));
  }
  return base::Done{};
}

base::Time Town::now() const {
  if (clock_ != nullptr) return clock_->now();
  return by_ != nullptr ? by_->now() : base::SystemClock().now();
}

std::string Town::who(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::string(name) : found->second;
}

std::string Town::who(std::string_view place, std::string_view name) const {
  if (!place.empty()) {
    const auto found = names_.find(std::string(place) + "/" + std::string(name));
    if (found != names_.end()) return found->second;
  }
  return who(name);
}

Result<engine::Answer> Town::act(std::string_view by, std::string_view record, std::string_view action, JsonObject fields) {
  engine::Command command;
  command.actor = who(by);
  command.record = record;
  command.action = action;
  command.fields = std::move(fields);
  return send(std::move(command));
}

Result<engine::Answer> Town::create(std::string_view by, std::string_view institution, JsonObject fields,
                                    const Prepare& prepare) {
  engine::Command command;
  command.actor = who(by);
  command.institution = institution;
  command.fields = std::move(fields);
  return send(std::move(command), prepare);
}

Status Town::found(const std::string& world_file, const std::string& region) {
  return found(world_file, Place{"", {{"350124", region}}});
}

Status Town::found(const std::string& world_file, const Place& place) {
  std::ifstream in(world_file);
  std::ostringstream text;
  text << in.rdbuf();
  LG_TRY(auto root, institution::read_yaml(place.here(text.str()), world_file));
  const auto resolve = [&](std::string_view name) {
    if (name.starts_with('$')) name.remove_prefix(1);
    // The keys of openers are those of the scenarios: a town's secrets are known.
    constexpr std::string_view k_opener = "opener-key.";
    if (name.starts_with(k_opener))
      return engine::ScenarioBidders::opener_key(base::whole_number(name.substr(k_opener.size())).value_or(0));
    return who(place.name, name);
  };
  const auto named = [&](const std::string& name) { return place.name.empty() ? name : place.name + "/" + name; };
  for (const auto& step : root.at("given").items) {
    if (step.at("by").is_absent()) continue;
    const auto by = resolve(step.text("by"));
    const auto name = std::string(step.text("as"));
    const std::string created(step.text("create"));
    const auto* what = engine_.registry().pack().current(created);
    JsonObject fields;
    for (const auto& [key, value] : step.at("with").members) {
      const auto* field = what == nullptr ? nullptr : what->field(key);
      fields[key] = engine::plain_value(value, field, [&](std::string_view one) { return resolve(one); });
    }
    const auto office = created == "office" ? named(std::string(fields.text("name"))) : std::string();
    if (offices_.contains(office)) {
      names_[named(name)] = offices_.at(office);
      continue;
    }
    const bool by_key = what != nullptr && what->id_from == "key";
    if (const auto key = fields.text("key"); by_key && !key.empty() && !place.name.empty())
      fields["key"] = std::string(key) + "-" + place.name;
    auto answer = created.empty() ? act(by, resolve(step.text("on")), step.text("do"), fields) : create(by, created, fields);
    if (created == "person" && answer.refused() && answer.refusal().code == "EN-15") {
      fields["key"] = std::string(fields.text("key")) + "-2";
      answer = create(by, created, fields);
    }
    if (created == "region-gate" && answer.refused() &&
        answer.refusal().code == "EN-15") {  // of a province, by another county
      names_[named(name)] = created + "/" + std::string(fields.text("region"));
      continue;
    }
    if (!answer) return answer.trouble();
    if (!office.empty()) offices_[office] = answer->record;
    if (name.empty()) continue;
    names_[named(name)] = answer->record;
    if (answer->record.starts_with("party/bidder")) {
      bidders_.push_back(
          {answer->record, std::string(fields.text("name")), std::string(fields.text("kind")), base::P256Key::generate()});
    }
  }
  return make_post_keys(place.name);
}

std::string Place::here(std::string text) const {
  for (const auto& [word, instead] : words) {
    if (word == instead) continue;
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word, at + instead.size()))
      text.replace(at, word.size(), instead);
  }
  return text;
}

Json Town::doc(std::string_view record) {
  Json doc;
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
    auto found = cache.find(record);
    if (found && *found != nullptr) doc = institution::save(**found);
  });
  return doc;
}

void Town::pass(base::Time until) {
  LG_ASSERT(clock_ != nullptr, "time passes by itself on a real clock");
  while (next_beside_) {
    const auto next = next_beside_();
    if (!next || *next > until) break;
    pass_alone(std::max(*next, clock_->now()));
    const auto played = play_beside_();
    LG_ASSERT(played, "what was played beside failed: " + base::explain(played.trouble()));
  }
  pass_alone(until);
}

void Town::settle() {
  while (engine_.step()) {
  }
}

void Town::pass_alone(base::Time until) {
  for (;;) {
    settle();
    const auto due = engine_.next_due();
    if (!due || *due > until) break;
    if (*due > clock_->now()) clock_->set(*due);
  }
  if (until > clock_->now()) clock_->set(until);
  settle();
  if (!watch_) return;
  const auto looked = watch_();
  LG_ASSERT(looked, "the watch failed: " + base::explain(looked.trouble()));
}

Result<std::string> Town::announce(const LotPlan& plan, std::string_view plan_id) {
  ++parcels_;
  auto serial = std::to_string(parcels_);
  serial.insert(0, 5 - std::min<std::size_t>(5, serial.size()), '0');
  const std::string code = plan.region + "001001GB" + serial;
  const std::string file(64, '1');
  const auto area = base::area_text({plan.area_m2 * 100});
  LG_TRY(
      auto parcel,
      create(
          "survey", "parcel",
          {{"parcel_code", code}, {"region", plan.region}, {"location", plan.location}, {"area", area}, {"use", plan.use}}));
  LG_TRY(auto cleared, act("land-use", parcel.record, "clear", {{"clear_proof", file}}));
  LG_TRY(auto conditions, create("planner", "planning-conditions",
                                 {{"parcel", parcel.record},
                                  {"region", plan.region},
                                  {"use", plan.use},
                                  {"far_max", "5/2"},
                                  {"green_min", "30%"}}));
  LG_TRY(auto issued, act("bureau-director", conditions.record, "issue"));
  JsonObject value{{"parcel", parcel.record},
                   {"region", plan.region},
                   {"value", yuan(plan.start_yuan)},
                   {"benchmark", yuan(plan.start_yuan)},
                   {"valued_on", base::format_date(base::date_of(now()))}};
  if (plan.use == "industrial") {  // reckoned by the grade of the place; the demonstration asks more
    value["grade"] = 12;
    value["minimum"] = yuan(plan.area_m2 * 120);
  }
  LG_TRY(auto worth, create("valuer", "valuation", std::move(value)));
  LG_TRY(auto accepted, act("land-use", worth.record, "accept"));
  LG_TRY(auto scheme, create("land-use2", "grant-scheme",
                             {{"parcel", parcel.record},
                              {"plan", std::string(plan_id)},
                              {"region", plan.region},
                              {"use", plan.use},
                              {"mode", plan.mode},
                              {"term_years", plan.term_years},
                              {"start_price", yuan(plan.start_yuan)},
                              {"increment", yuan(plan.increment_yuan)},
                              {"deposit", yuan(plan.deposit_yuan)}}));
  const auto reserve = yuan(plan.reserve_yuan != 0 ? plan.reserve_yuan : plan.start_yuan);
  const auto salt = random_.bytes32();
  const Json preimage(JsonArray{"landglass/reserve/1", reserve});
  const auto commitment = base::to_hex(base::hmac_sha256(salt, base::as_bytes(base::canonical(preimage))));
  for (const auto* member : {"bureau-director", "vice-director", "committee3"}) {
    LG_TRY(auto decided, act(member, scheme.record, "decide", {{"minutes", file}, {"reserve_commitment", commitment}}));
  }
  LG_TRY(auto approved, act("mayor", scheme.record, "approve"));
  JsonObject fields{{"scheme", scheme.record},
                    {"parcel", parcel.record},
                    {"region", plan.region},
                    {"location", plan.location},
                    {"use", plan.use},
                    {"area", area},
                    {"term_years", plan.term_years},
                    {"mode", plan.mode},
                    {"start_price", yuan(plan.start_yuan)},
                    {"increment", yuan(plan.increment_yuan)},
                    {"deposit", yuan(plan.deposit_yuan)},
                    {"apply_until", base::format_utc(plan.closes + -6 * base::k_day)},
                    {"opens", base::format_utc(plan.opens)},
                    {"closes", base::format_utc(plan.closes)},
                    {"variant", plan.variant},
                    {"guard_factor", 3}};
  if (plan.mode != "listing") {  // no timed bidding
    fields.erase("variant");
  } else if (plan.variant == "custom") {
    fields["trigger_seconds"] = plan.trigger_seconds;
    fields["trigger_bidders"] = 2;
    fields["prep_seconds"] = plan.prep_seconds;
    fields["window_seconds"] = plan.window_seconds;
  }
  LG_TRY(auto lot, create("clerk", "land-listing", std::move(fields)));
  if (plan.mode == "tender") LG_CHECK(draft_tender(lot.record, plan.region));
  LG_TRY(auto announced, act("clerk2", lot.record, "announce"));
  reserves_[lot.record] = {reserve, base::to_hex(salt)};
  return lot.record;
}

Result<Entry> Town::apply(const std::string& lot, std::size_t bidder) {
  const auto& who = bidders_[bidder];
  LG_TRY(auto application, create(who.party, "application",
                                  {{"lot", lot},
                                   {"applicant_name", who.name},
                                   {"kind", who.kind},
                                   {"bid_key", base::to_base64url(who.key.public_key())}}));
  // The deposit's record is an effect of the application; he pays under its code.
  std::string deposit;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto* in = registry.pack().current("land-listing");
    const auto* all = in == nullptr ? nullptr : in->fact("deposits");
    if (all == nullptr) return;
    auto ids = cache.index(all->key + "|" + lot, true);
    if (!ids) return;
    for (const auto& id : *ids) {
      auto found = cache.find(id);
      if (found && *found != nullptr && (*found)->fields.text("application") == application.record) deposit = id;
    }
  });
  if (deposit.empty()) return base::fail("the application made no deposit");
  tell(doc(deposit));
  Entry entry;
  entry.application = application.record;
  entry.bidder = bidder;
  return entry;
}

void Town::tell(const Json& deposit) {
  const auto& due = deposit.at("fields");
  to_pay_.push_back({{{std::string(due.text("lot"))}, {std::string(due.text("applicant"))}},
                     {std::string(due.text("applicant_name"))},
                     "",
                     std::string(due.text("reference")),
                     base::parse_money(due.text("required")).value_or(base::Money{}),
                     base::parse_time(due.text("until")).value_or(base::Time{})});
}

Status Town::pay(const std::string& contract) {
  const auto owed = doc(contract).at("fields");
  const auto money = [&owed](std::string_view name) { return base::parse_money(owed.text(name)).value_or(base::Money{}); };
  const auto first = money("first_amount").fen;
  for (const auto part : {base::Money{first - money("earnest_part").fen},
                          base::Money{money("price").fen - std::max(first, money("earnest_part").fen)}}) {
    if (part.fen <= 0) continue;
    to_pay_.push_back({{{std::string(owed.text("lot"))}, {std::string(owed.text("grantee"))}},
                       {std::string(owed.text("grantee_name"))},
                       "",
                       std::string(owed.text("pay_code")),
                       part,
                       base::end_of(base::date_of(now()) + 28)});
    LG_CHECK(bank());
  }
  return base::Done{};
}

bool Town::admitted(Entry& entry) {
  const auto held = doc(entry.application);
  if (held.text("state") != "admitted") return false;
  entry.plate = held.at("fields").at("plate").as_int();
  return true;
}

Result<engine::Answer> Town::offer(const std::string& lot, Entry& entry, base::Money price) {
  const auto& bidder = bidders_[entry.bidder];
  const std::string sheet(doc(lot).at("fields").text("rule_sheet_hash"));
  const Json statement(JsonObject{{"counter", entry.counter + 1},
                                  {"lot", lot},
                                  {"origin", engine_.options().origin},
                                  {"plate", entry.plate},
                                  {"price", base::money_text(price)},
                                  {"rule_sheet", sheet}});
  const auto message = "landglass/bid/1\n" + base::canonical(statement);
  engine::Command command;
  std::array<std::uint8_t, 16> bytes{};
  random_.fill(bytes.data(), bytes.size());
  command.id = log::command_id(base::Time{price.fen}, bytes);
  command.actor = bidder.party;
  command.record = lot;
  command.action = "offer";
  command.fields = {{"application", entry.application}, {"price", base::money_text(price)}, {"counter", entry.counter + 1}};
  command.sig = log::LeafSignature{"es256", base::to_base64url(bidder.key.public_key()),
                                   base::to_base64url(bidder.key.sign(base::as_bytes(message)))};
  auto answer = engine_.call(std::move(command));
  if (answer) ++entry.counter;
  return answer;
}

Status Town::open_reserve(const std::string& lot) {
  if (doc(lot).text("state") != "opening") return base::Done{};
  const auto& reserve = reserves_[lot];
  for (const auto* opener : {"opener", "opener2"}) {
    LG_TRY(auto opened,
           act(opener, lot, "open-reserve", {{"reserve_price", reserve.first}, {"reserve_salt", reserve.second}}));
  }
  if (clock_ != nullptr) pass(now() + base::k_minute);
  return base::Done{};
}

Result<std::string> Town::finish(const std::string& lot, const LotPlan& plan) {
  LG_CHECK(open_reserve(lot));
  const auto state = doc(lot);
  if (state.text("state") != "settled" && state.text("state") != "confirmed")
    return base::refuse("DEMO-01", "未成交", "not sold: " + std::string(state.text("state")), lot);
  if (state.text("state") == "settled") {
    LG_TRY(auto confirmed, act("clerk", lot, plan.mode == "tender" ? "notify" : "confirm"));
  }
  LG_TRY(auto reviewed, act("reviewer", lot, "pass-review"));
  LG_TRY(auto published, act("clerk", lot, "publish-result"));
  const auto price = base::parse_money(state.at("fields").text("deal_price")).value_or(base::Money{});
  const auto half = base::Money{price.fen / 2 + price.fen % 2};
  const auto today = base::date_of(now());
  LG_TRY(auto contract, create("bureau-director", "grant-contract",
                               {{"lot", lot},
                                {"region", plan.region},
                                {"price", base::money_text(price)},
                                {"first_amount", base::money_text(half)},
                                {"first_due", base::format_date(today + 28)},
                                {"rest_due", base::format_date(today + 180)},
                                {"handover_due", base::format_date(today + 240)},
                                {"start_due", base::format_date(today + 420)},
                                {"finish_due", base::format_date(today + 1'500)}}));
  LG_CHECK(pay(contract.record));
  if (doc(contract.record).text("state") != "paid")
    return base::refuse("DEMO-02", "价款未缴清", "the price is not paid: " + std::string(doc(contract.record).text("state")),
                        contract.record);
  LG_TRY(auto taxed, act("tax", contract.record, "deed-tax",
                         {{"amount", base::money_text({price.fen * 3 / 100})},
                          {"bank_reference", "DEMO" + std::to_string(random_.below(1'000'000'000))}}));
  LG_TRY(auto handed, act("land-use", contract.record, "hand-over-land"));
  const std::string parcel(state.at("fields").text("parcel"));
  LG_TRY(auto certificate, create("registrar", "land-certificate",
                                  {{"contract", contract.record},
                                   {"region", plan.region},
                                   {"unit_code", parcel.substr(7) + "W00000000"},
                                   {"location", plan.location}}));
  LG_TRY(auto issued, act("registrar2", certificate.record, "issue",
                          {{"term_from", base::format_date(today)},
                           {"term_to", base::format_date(base::add_months(today, plan.term_years * 12))}}));
  return certificate.record;
}

}  // namespace landglass::cli
