#include "cli/town.hpp"

#include <fstream>
#include <sstream>

#include "institution/yaml.hpp"

namespace landglass::cli {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

namespace {

std::string yuan(std::int64_t amount) { return base::money_text({amount * 100}); }

}  // namespace

std::string Town::fresh_id() {
  ++commands_;
  std::array<std::uint8_t, 16> bytes{};
  random_.fill(bytes.data(), bytes.size());
  return base::to_hex(bytes);
}

base::Time Town::now() const {
  if (clock_ != nullptr) return clock_->now();
  return by_ != nullptr ? by_->now() : base::SystemClock().now();
}

std::string Town::who(std::string_view name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? std::string(name) : found->second;
}

Result<engine::Answer> Town::act(std::string_view by, std::string_view record, std::string_view action, JsonObject fields) {
  engine::Command command;
  command.id = fresh_id();
  command.actor = who(by);
  command.record = record;
  command.action = action;
  command.fields = std::move(fields);
  command.sig = log::LeafSignature{"session", "", "demo"};
  return engine_.call(std::move(command));
}

Result<engine::Answer> Town::create(std::string_view by, std::string_view institution, JsonObject fields) {
  engine::Command command;
  command.id = fresh_id();
  command.actor = who(by);
  command.institution = institution;
  command.fields = std::move(fields);
  command.sig = log::LeafSignature{"session", "", "demo"};
  return engine_.call(std::move(command));
}

Status Town::found(const std::string& world_file, const std::string& region) {
  std::ifstream in(world_file);
  std::ostringstream text;
  text << in.rdbuf();
  LG_TRY(auto root, institution::read_yaml(text.str(), world_file));
  const auto resolve = [&](const std::string& name) {
    return name.starts_with('$') ? who(std::string_view(name).substr(1)) : name;
  };
  for (const auto& step : root.at("given").items) {
    JsonObject fields;
    for (const auto& [key, value] : step.at("with").members) {
      if (value.is_sequence()) {
        JsonArray list;
        for (const auto& item : value.items) list.emplace_back(item.scalar);
        fields[key] = std::move(list);
      } else {
        fields[key] = key == "region" ? region : resolve(value.scalar);
      }
    }
    const auto by = std::string(step.text("by"));
    auto answer =
        step.at("create").is_absent()
            ? act(resolve(by), resolve(std::string(step.text("on")).insert(0, step.text("on").starts_with('$') ? "" : "$")),
                  step.text("do"), fields)
            : create(resolve(by), step.text("create"), fields);
    if (!answer) return answer.trouble();
    if (const auto name = step.text("as"); !name.empty()) {
      names_[std::string(name)] = answer->record;
      if (answer->record.starts_with("party/")) {
        bidders_.push_back({answer->record, std::string(fields.text("name")), base::P256Key::generate()});
      }
    }
  }
  return base::Done{};
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
  for (;;) {
    while (engine_.step()) {
    }
    const auto due = engine_.next_due();
    if (!due || *due > until) break;
    if (*due > clock_->now()) clock_->set(*due);
  }
  if (until > clock_->now()) clock_->set(until);
  while (engine_.step()) {
  }
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
  // The reserve of a demonstration equals the start price; its commitment is real.
  const auto salt = random_.bytes32();
  const Json preimage(JsonArray{"landglass/reserve/1", yuan(plan.start_yuan)});
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
  if (plan.variant == "custom") {
    fields["trigger_seconds"] = plan.trigger_seconds;
    fields["trigger_bidders"] = 2;
    fields["prep_seconds"] = plan.prep_seconds;
    fields["window_seconds"] = plan.window_seconds;
  }
  LG_TRY(auto lot, create("clerk", "land-listing", std::move(fields)));
  LG_TRY(auto announced, act("clerk2", lot.record, "announce"));
  reserves_[lot.record] = {yuan(plan.start_yuan), base::to_hex(salt)};
  return lot.record;
}

Result<Entry> Town::apply(const std::string& lot, std::size_t bidder, std::int64_t deposit_yuan) {
  const auto& who = bidders_[bidder];
  LG_TRY(auto application, create(who.party, "application",
                                  {{"lot", lot},
                                   {"applicant_name", who.name},
                                   {"kind", "organisation"},
                                   {"bid_key", base::to_base64url(who.key.public_key())}}));
  // The deposit's record is an effect of the application; the bank's statement finds it by its reference.
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
  LG_TRY(auto received, act("system", deposit, "receive",
                            {{"amount", yuan(deposit_yuan)},
                             {"payer_name", who.name},
                             {"payer_account", "3500" + std::to_string(random_.below(100'000'000))},
                             {"bank_reference", "DEMO" + std::to_string(random_.below(1'000'000'000))},
                             {"value_time", base::format_utc(now())}}));
  const auto held = doc(application.record);
  Entry entry;
  entry.application = application.record;
  entry.bidder = bidder;
  if (!held.at("fields").at("plate").is_int()) return base::fail("the applicant was not admitted");
  entry.plate = held.at("fields").at("plate").as_int();
  return entry;
}

Result<engine::Answer> Town::offer(const std::string& lot, Entry& entry, base::Money price) {
  const auto& bidder = bidders_[entry.bidder];
  const auto sheet = doc(lot).at("fields").text("rule_sheet_hash");
  const Json statement(JsonObject{{"counter", entry.counter + 1},
                                  {"lot", lot},
                                  {"origin", engine_.options().origin},
                                  {"plate", entry.plate},
                                  {"price", base::money_text(price)},
                                  {"rule_sheet", std::string(sheet)}});
  const auto message = "landglass/bid/1\n" + base::canonical(statement);
  engine::Command command;
  command.id = fresh_id();
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

Result<std::string> Town::finish(const std::string& lot, const LotPlan& plan) {
  auto state = doc(lot);
  if (state.text("state") == "opening") {
    const auto& reserve = reserves_[lot];
    for (const auto* opener : {"opener", "opener2"}) {
      LG_TRY(auto opened,
             act(opener, lot, "open-reserve", {{"reserve_price", reserve.first}, {"reserve_salt", reserve.second}}));
    }
    if (clock_ != nullptr) pass(now() + base::k_minute);
    state = doc(lot);
  }
  if (state.text("state") != "settled")
    return base::refuse("DEMO-01", "未成交", "not sold: " + std::string(state.text("state")), lot);
  LG_TRY(auto confirmed, act("clerk", lot, "confirm"));
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
                                {"handover_due", base::format_date(today + 240)}}));
  for (const auto part : {half, base::Money{price.fen - half.fen}}) {
    LG_TRY(auto paid, act("system", contract.record, "pay",
                          {{"amount", base::money_text(part)},
                           {"value_date", base::format_date(base::date_of(now()))},
                           {"bank_reference", "DEMO" + std::to_string(random_.below(1'000'000'000))}}));
  }
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
