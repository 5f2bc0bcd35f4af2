// The bidder's room: his application, deposit and key, the ladder he bids on, and what became of it.
#include <algorithm>
#include <cstdio>
#include <exception>

#include "base/crypto.hpp"
#include "law/auction_bid.hpp"
#include "log/command_id.hpp"
#include "log/leaf.hpp"
#include "web/amounts.hpp"
#include "web/known_keys.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/portal_sale.hpp"
#include "web/problem.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

Text state_title(const institution::Pack& pack, const Json& record) {
  const auto* in = pack.current(record.text("institution"));
  const auto* state = in == nullptr ? nullptr : in->main.find(record.text("state"));
  const std::string name(record.text("state"));
  return state == nullptr ? Text{name, name} : state->title;
}

JsonObject line(Text label, Json text) { return JsonObject{{"label", both(label)}, {"text", std::move(text)}}; }

}  // namespace

// By the kept index of a lot's applications: the one that refuses a second application of the same party.
std::string Portal::application_of(institution::Registry& registry, engine::Cache& cache, std::string_view lot,
                                   std::string_view party) {
  const auto* lots = registry.pack().current(k_lots);
  const auto* all = lots == nullptr ? nullptr : lots->fact("applications");
  if (all == nullptr) return {};
  auto ids = cache.index(all->key + "|" + std::string(lot), true);
  if (!ids) return {};
  for (const auto& id : *ids) {
    auto found = cache.find(id);
    if (!found || *found == nullptr) continue;
    const auto& held = (*found)->fields;
    if (held.text("applicant") == party || held.text("agent") == party) return id;  // the agent acts for him
  }
  return {};
}

// What of a lot is one party's own. On the sequencer's thread.
Portal::Own Portal::own_of(institution::Registry& registry, engine::Cache& cache, std::string_view lot,
                           std::string_view party) {
  Own own;
  const auto application = application_of(registry, cache, lot, party);
  if (application.empty()) return own;
  if (auto found = cache.find(application); found && *found != nullptr) own.application = institution::save(**found);
  // The deposit was made in the application's first leaf, as its effect; no index keeps it once the sale is settled.
  const auto* leaves = own.application.at("leaves").if_array();
  if (leaves != nullptr && !leaves->empty() && leaves->front().is_int()) {
    const auto first = store_.leaves(log::Tree::sealed, static_cast<std::uint64_t>(leaves->front().as_int()), 1);
    auto leaf = first && !first->empty() ? log::decode(first->front()) : base::Result<log::Leaf>(base::fail("no leaf"));
    for (std::size_t i = 0; leaf && i < leaf->effects.size(); ++i) {
      if (leaf->effects[i].institution != "deposit") continue;
      auto found = cache.find(leaf->effects[i].record);
      if (found && *found != nullptr) own.deposit = institution::save(**found);
    }
  }
  const auto* plate = own.application.at("fields").at("plate").if_int();
  if (plate == nullptr) return own;
  own.plate = *plate;
  auto found = cache.find(lot);
  if (!found || *found == nullptr || !(*found)->behaviour) return own;
  const auto sale = (*found)->behaviour->save();
  if (const auto* bidders = sale.at("ladder").at("bidders").if_array()) {
    for (const auto& bidder : *bidders) {  // [plate, counter, …], as auction_save.cpp keeps him
      const auto* numbers = bidder.if_array();
      if (numbers != nullptr && numbers->size() >= 2 && (*numbers)[0].as_int() == own.plate)
        own.counter = (*numbers)[1].as_int();
    }
  }
  // His own offers among the newest: each is known by its opening, which only he may see before the close.
  if (const auto* offers = sale.at("shown").if_array()) {
    for (const auto& offer : *offers) {
      const auto leaf = offer.at("leaf").as_int();
      const auto secret = store_.secret(log::Tree::open, static_cast<std::uint64_t>(leaf), "bidder");
      if (!secret || !*secret) continue;
      const auto* by = (*secret)->value.at("plate").if_int();
      if (by == nullptr || *by != own.plate) continue;
      const auto* counter = (*secret)->value.at("counter").if_int();
      own.offers.push_back(JsonObject{{"price", offer.at("price")},
                                      {"time", offer.at("time")},
                                      {"leaf", leaf},
                                      {"counter", counter == nullptr ? std::int64_t{0} : *counter}});
    }
  }
  return own;
}

// The parts of a room that a lot and a practice lot have in common.
JsonObject Portal::room_model(const Json& doc, const std::string& paths) const {
  const auto standing = standing_of(doc);
  const auto& fields = doc.at("fields");
  const auto price = base::parse_money(standing.price).value_or(base::Money{});
  JsonObject room;
  const std::string id(doc.text("id"));
  room["lot"] = id;
  room["lot_title"] = fields.text("location").empty() ? id : std::string(fields.text("location"));
  room["origin"] = engine_.options().origin;
  room["rule_sheet"] = std::string(fields.text("rule_sheet_hash"));
  room["price"] = standing.price;
  room["increment"] = std::string(fields.text("increment"));
  room["start"] = std::string(fields.text("start_price"));
  if (const auto ceiling = fields.text("ceiling_price"); !ceiling.empty()) room["ceiling"] = std::string(ceiling);
  const auto shown = price_model(standing, false);
  room["price_label"] = shown.at("label");
  room["price_text"] = shown.at("text");
  room["price_unit"] = shown.at("unit");
  room["price_upper"] = both(money_spelled(price));
  const auto least = doc.at("behaviour").at("head").at("least");
  room["minimum_text"] = both(money_shown(least.is_string() ? base::parse_money(least.as_string()).value_or(price) : price));
  room["events"] = paths + "/live";
  room["bids"] = paths + "/bids";
  room["keys"] = paths + "/keys";
  room["counter"] = "0";
  room["phase"] = JsonObject{{"text", both(phase_name(standing.phase))}, {"tone", phase_tone(standing.phase)}};
  if (auto countdown = countdown_model(standing); !countdown.is_null()) room["countdown"] = std::move(countdown);
  return room;
}

namespace {

// A sealed tender has no ladder: where it stands on its way from announcement to award, and until when.
Json tender_stages(Portal& portal, const Json& lot) {
  const auto* fact = portal.pack().current(k_lots)->fact("running_tender");
  const auto* in = fact == nullptr ? nullptr : portal.pack().current(fact->institution);
  if (in == nullptr) return Json();
  auto rows = portal.reader(store::Sight::open)
                  ->query("SELECT doc FROM " + engine::Cache::table_of(in->name) +
                              "_public WHERE lot = ? ORDER BY changed DESC LIMIT 1",
                          {Json(std::string(lot.text("id")))});
  Json doc;
  if (rows && !rows->empty()) {
    if (auto read = base::parse_json((*rows)[0][0].as_string(), base::Profile::any)) doc = std::move(*read);
  }
  const auto now = doc.text("state");
  bool before = !now.empty();
  JsonArray list;
  for (const auto& state : in->main.states) {
    const bool here = state.name == now;
    if (state.final && !here && !(state.name == "awarded")) continue;
    JsonObject stage{{"label", both(state.title)}};
    if (here) {
      before = false;
      stage["current"] = true;
      std::string until;
      for (const auto& [name, due] : doc.at("timers").as_object()) {
        const auto time = due.is_string() ? base::parse_time(due.as_string()) : std::optional<base::Time>();
        if (time && (until.empty() || base::format_local(*time).substr(0, 16) < until))
          until = base::format_local(*time).substr(0, 16);
      }
      if (!until.empty()) stage["until"] = both("至 " + until, "until " + until);
    } else if (before) {
      stage["met"] = true;
    }
    list.push_back(std::move(stage));
  }
  return items(std::move(list));
}

}  // namespace

Response Portal::room(const Request& request) {
  const std::string key(request.parameter("key"));
  const std::string id = std::string(k_lots) + "/" + key;
  auto doc = public_doc(k_lots, id);
  if (!doc) return refuse(doc.trouble(), request);
  const auto standing = standing_of(*doc);
  Own own;
  std::map<std::int64_t, std::int64_t> plates;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    own = own_of(registry, cache, id, request.caller->actor);
    plates = plates_of(*doc);
  });
  auto model = page(request, {"竞买室", "Bidder's room"});
  auto room = room_model(*doc, "");
  room["lot_to"] = href_of(id);
  room["events"] = "/live/" + key;
  room["bids"] = "/bids/" + key;
  room["keys"] = "/keys/" + key;
  room["status"] = "/room/" + key + "/status";
  const auto& fields = doc->at("fields");
  const auto due = base::parse_money(fields.text("deposit")).value_or(base::Money{});
  const bool closed = sale_closed(standing.phase);
  JsonArray deposit;
  Text state{"尚未申请", "Not applied"};
  const char* tone = "neutral";
  if (own.application.is_null()) {
    room["apply"] = take_part_model(*doc, key);
    deposit.push_back(line({"应缴", "Due"}, both(money_shown(due))));
  } else {
    room["applied"] = state_title(pack_, own.application).zh.empty() ? Json("–") : both(state_title(pack_, own.application));
    if (own.plate > 0) room["own_plate"] = std::to_string(own.plate);
    if (const auto held = own.application.at("fields").text("bid_key"); !held.empty()) room["key"] = std::string(held);
    room["counter"] = std::to_string(own.counter);
    if (!own.deposit.is_null()) {
      const auto& paid = own.deposit.at("fields");
      state = state_title(pack_, own.deposit);
      const auto at = own.deposit.text("state");
      tone = at == "awaiting" || at == "partial" || at == "refund_due" ? "warn" : at == "forfeited" ? "bad" : "good";
      deposit.push_back(line({"应缴", "Due"}, both(money_shown(due))));
      deposit.push_back(line({"大写", "In words"}, both(money_spelled(due))));
      if (const auto got = base::parse_money(paid.text("received")))
        deposit.push_back(line({"已到账", "Arrived"}, both(money_shown(*got))));
      deposit.push_back(line({"缴款识别码", "Payment reference"}, std::string(paid.text("reference"))));
      if (const auto until = base::parse_time(paid.text("until")))
        deposit.push_back(line({"截止", "Until"}, base::format_local(*until).substr(0, 16)));
      room["slip"] = "/room/" + key + "/slip";
    }
  }
  if (closed && own.plate > 0) {
    const auto* winner = fields.at("winner_plate").if_int();
    const bool won = standing.phase == "sold" && winner != nullptr && *winner == own.plate;
    room["outcome"] = JsonObject{
        {"tone", won ? "good" : "info"},
        {"text",
         won ? both("您已竞得。请按公告的期限签订成交确认书；保证金转作定金。",
                    "The lot is yours. Sign the confirmation in the time that the notice says; the deposit becomes "
                    "earnest money.")
         : standing.phase == "sold"
             ? both("竞价已结束，您未竞得。保证金将退回原付款账户。",
                    "The sale is over and another bidder has won. Your deposit goes back to the account it came from.")
             : both("本次出让未成交。保证金将退回原付款账户。",
                    "There was no sale. Your deposit goes back to the account it came from.")},
        {"to", href_of(id)},
        {"label", both("查看结果与全部号牌", "See the result and all plates")}};
  }
  if (!own.offers.empty()) {
    JsonArray list;
    for (const auto& offer : own.offers) {
      const auto leaf = std::to_string(offer.at("leaf").as_int());
      const bool leads = offer.text("price") == standing.price;
      list.push_back(JsonObject{
          {"count", std::to_string(offer.at("counter").as_int())},
          {"price", both(money_shown(base::parse_money(offer.text("price")).value_or(base::Money{})))},
          {"when", base::format_local(base::parse_time(offer.text("time")).value_or(base::Time{})).substr(11)},
          {"state",
           leads ? JsonObject{{"text", closed ? both("最高报价", "The highest") : both("领先", "Leading")}, {"tone", "good"}}
                 : JsonObject{{"text", both("有效，已被超过", "Valid, outbid")}, {"tone", "neutral"}}},
          {"receipt", "/receipt/" + leaf}});
    }
    room["own"] = items(std::move(list));
  }
  room["deposit"] =
      JsonObject{{"state", JsonObject{{"text", both(state)}, {"tone", tone}}}, {"lines", items(std::move(deposit))}};
  if (fields.text("mode") == "tender") {
    room["stages"] = tender_stages(*this, *doc);
  } else {
    room["ladder"] = ladder_model(*doc, plates);
  }
  if (own.plate > 0 && !closed && room.find("stages") == nullptr) {
    base::SystemRandom random;
    JsonObject wish{{"action", "/wishes/" + key}, {"command", log::command_id(std::nullopt, random.bytes32())}};
    if (standing.phase == "inquiry") wish["asked"] = true;
    room["wish"] = std::move(wish);
  }
  if (request.query.get("done") == "wish") {
    model.as_object()["notices"] =
        items(JsonArray{JsonObject{{"tone", "good"},
                                   {"text", both("已表示愿意参加限时竞价；竞价结束前不公开。",
                                                 "Your wish to go on is in, and secret until the close.")}}});
  } else if (!request.query.get("done").empty()) {
    model.as_object()["notices"] = items(JsonArray{JsonObject{
        {"tone", "good"},
        {"text", both("申请已提交，竞价结束前不公开。请按缴款通知单缴纳保证金。",
                      "The application is in, and secret until the close. Pay the deposit as the payment slip says.")}}});
  }
  model.as_object()["room"] = std::move(room);
  return own_page(render("room", model, request));
}

// What is one person's own is kept by no cache on the way.
Response Portal::own_page(Response response) { return std::move(response.header("cache-control", "no-store")); }

// Whether the deposit has arrived meanwhile: the room asks while it has no plate.
Response Portal::room_status(const Request& request) {
  const std::string id = std::string(k_lots) + "/" + std::string(request.parameter("key"));
  Own own;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    own = own_of(registry, cache, id, request.caller->actor);
  });
  return own_page(json(200, Json(JsonObject{{"application", std::string(own.application.text("state"))},
                                            {"deposit", std::string(own.deposit.text("state"))},
                                            {"plate", own.plate},
                                            {"counter", own.counter}})));
}

// The payment slip (缴款通知单): what a bank clerk needs, on one page that prints.
Response Portal::slip(const Request& request) {
  const std::string key(request.parameter("key"));
  const std::string id = std::string(k_lots) + "/" + key;
  auto doc = public_doc(k_lots, id);
  if (!doc) return refuse(doc.trouble(), request);
  Own own;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    own = own_of(registry, cache, id, request.caller->actor);
  });
  if (own.deposit.is_null())
    return refuse(base::refuse("EN-01", "您尚未申请竞买此标的", "you have not applied for this lot", id), request);
  const auto& paid = own.deposit.at("fields");
  const auto& lot = doc->at("fields");
  const auto due = base::parse_money(paid.text("required")).value_or(base::Money{});
  auto model = page(request, {"保证金缴款通知单", "Deposit payment slip"});
  JsonArray fields;
  const auto put = [&](Text label, Json text, Json sub = Json()) {
    JsonObject field{{"name", label.en}, {"label", both(label)}, {"text", std::move(text)}};
    if (!sub.is_null()) field["sub"] = std::move(sub);
    fields.push_back(std::move(field));
  };
  put({"标的", "Lot"}, std::string(lot.text("location").empty() ? std::string_view(id) : lot.text("location")));
  if (const auto number = lot.text("notice_no"); !number.empty()) put({"公告文号", "Notice"}, std::string(number));
  put({"付款人（须与申请人一致）", "Payer (must be the applicant)"}, std::string(paid.text("applicant_name")));
  put({"金额", "Amount"}, both(base::money_yuan(due), money_shown(due).en), both(money_spelled(due)));
  put({"缴款识别码（填入附言）", "Payment reference (in the remittance text)"}, std::string(paid.text("reference")));
  // The account is the institution's to say (collection account or a sub-account of this application).
  const auto* in = pack_.current("deposit");
  for (const auto* name : {"pay_to_holder", "pay_to", "pay_to_bank"}) {
    const auto* field = in == nullptr ? nullptr : in->field(name);
    if (const auto value = paid.text(name); field != nullptr && !value.empty()) put(field->title, std::string(value));
  }
  if (const auto until = base::parse_time(paid.text("until")))
    put({"到账截止", "To arrive by"}, base::format_local(*until).substr(0, 16));
  put({"状态", "State"}, both(state_title(pack_, own.deposit)));
  model.as_object()["slip"] =
      JsonObject{{"lead", both("以银行到账时间为准；付款人与申请人不一致的款项原路退回。",
                               "The time of arrival at the bank counts; money from another payer goes back to where it came "
                               "from.")},
                 {"fields", std::move(fields)},
                 {"back", JsonObject{{"to", "/room/" + key}, {"label", both("返回竞买室", "Back to the room")}}}};
  model.as_object()["crumbs"] =
      items(JsonArray{JsonObject{{"label", both("竞买室", "Bidder's room")}, {"to", "/room/" + key}},
                      JsonObject{{"label", both("缴款通知单", "Payment slip")}}});
  return own_page(render("slip", model, request));
}

// The practice lot in the same room, with the same island: other addresses, and a word that it is one.
Response Portal::practice(const Request& request) {
  const auto seen = practice_.open(request.caller->actor);
  const std::string id(seen.doc.text("id"));
  auto model = page(request, {"练习场", "Practice lot"});
  auto room = room_model(seen.doc, "/practice");
  room["events"] = "/" + id + "/live";
  room["origin"] = practice_.origin();
  room["lot_to"] = "/practice";
  room["lot_title"] = both("练习标的", "A lot to practise on");
  room["own_plate"] = std::to_string(seen.plate);
  room["counter"] = std::to_string(seen.counter);
  if (!seen.key.empty()) room["key"] = seen.key;
  room["practice"] =
      JsonObject{{"text", both("练习：不收保证金，不入日志，不产生任何后果。规则、签名和竞价阶梯与真实标的相同。",
                               "Practice: no deposit, no log, no consequence. Rules, signatures and ladder are "
                               "those of a real lot.")},
                 {"again", "/practice/again"}};
  room["applied"] = both("练习", "Practice");
  const auto standing = standing_of(seen.doc);
  if (sale_closed(standing.phase)) {
    const auto* winner = seen.doc.at("fields").at("winner_plate").if_int();
    const bool won = winner != nullptr && *winner == seen.plate;
    room["outcome"] =
        JsonObject{{"tone", won ? "good" : "info"},
                   {"text", won ? both("练习结束：您竞得了练习标的。", "The practice is over: you won the lot.")
                                : both("练习结束：另一号牌竞得。", "The practice is over: another plate won.")},
                   {"to", "/"},
                   {"label", both("到市场看真实标的", "To the market")}};
  }
  if (!seen.offers.empty()) {
    JsonArray list;
    for (const auto& offer : seen.offers) {
      const bool leads = offer.text("price") == standing.price;
      list.push_back(
          JsonObject{{"count", std::to_string(offer.at("counter").as_int())},
                     {"price", both(money_shown(base::parse_money(offer.text("price")).value_or(base::Money{})))},
                     {"when", base::format_local(base::parse_time(offer.text("time")).value_or(base::Time{})).substr(11)},
                     {"state", leads ? JsonObject{{"text", both("领先", "Leading")}, {"tone", "good"}}
                                     : JsonObject{{"text", both("有效，已被超过", "Valid, outbid")}, {"tone", "neutral"}}}});
    }
    room["own"] = items(std::move(list));
  }
  room["deposit"] = JsonObject{{"state", JsonObject{{"text", both("无需缴纳", "None needed")}, {"tone", "good"}}}};
  auto ladder = ladder_model(seen.doc, {});
  room["ladder"] = std::move(ladder);
  model.as_object()["room"] = std::move(room);
  return own_page(render("room", model, request));
}

Response Portal::practice_keys(const Request& request) {
  auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  const std::string key(body->text("key"));
  if (auto held = practice_.register_key(request.caller->actor, key); !held) return problem(held.trouble(), request);
  return json(200, Json(JsonObject{{"key", key}}));
}

Response Portal::practice_bid(const Request& request) {
  auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  auto taken = practice_.bid(request.caller->actor, *body);
  if (!taken) return problem(taken.trouble(), request);
  return json(200, Json(JsonObject{{"counter", *taken}, {"practice", true}}));
}

Response Portal::practice_again(const Request& request) {
  practice_.again(request.caller->actor);
  return redirect("/practice");
}

// A key is bound to its bidder by the application, which is a sealed event; here the room only learns whether it is that
// one.
Response Portal::register_key(const Request& request) {
  auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  Own own;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    own = own_of(registry, cache, std::string(k_lots) + "/" + std::string(request.parameter("key")), request.caller->actor);
  });
  const std::string held(own.application.at("fields").text("bid_key"));
  if (held.empty() || held != body->text("key")) {
    return problem(base::Trouble(base::refuse("AU-20", "报价公钥须在竞买申请中登记",
                                              "the key for offers is registered with the application to bid", "key")),
                   request);
  }
  return json(200, Json(JsonObject{{"key", held}}));
}

base::Result<SignedBid> read_signed_bid(const base::Json& body, std::string_view lot, std::string_view origin) {
  const auto bad = [&](const char* zh, const char* en, const char* where) { return base::refuse("EN-13", zh, en, where); };
  const auto& sig = body.at("sig");
  const auto key = base::from_base64url(sig.text("key"));
  const auto bytes = base::from_base64url(sig.text("bytes"));
  const auto* counter = body.at("counter").if_int();
  const auto* plate = body.at("plate").if_int();
  if (body.text("lot") != lot || !key || !bytes || counter == nullptr || plate == nullptr)
    return bad("报价内容不完整", "the bid is not complete", "bid");
  law::Bid bid;
  bid.origin = origin;
  bid.lot = lot;
  bid.plate = static_cast<std::uint32_t>(*plate);
  bid.counter = static_cast<std::uint64_t>(*counter);
  bid.confirmed = body.at("confirmed").is_bool() && body.at("confirmed").as_bool();
  if (const auto* other = body.at("other").if_int()) bid.other = *other;
  const auto price = base::parse_money(body.text("price"));
  const auto sheet = base::from_hex(body.text("rule_sheet"));
  if (!price || base::money_text(*price) != body.text("price") || !sheet || sheet->size() != bid.rule_sheet.size() ||
      *plate < 1 || *plate > 0xffffffffLL || *counter < 1)
    return bad("报价内容无法读取", "the bid does not read", "bid");
  bid.price = *price;
  std::copy(sheet->begin(), sheet->end(), bid.rule_sheet.begin());
  static KnownKeys known;  // of the process: a key is the same whoever asks
  if (!known.verify(*key, base::as_bytes(law::bid_bytes(bid)), *bytes))
    return bad("签名不符", "the signature does not fit", "sig");
  return SignedBid{std::move(bid), base::to_base64url(*key), base::to_base64url(*bytes)};
}

// POST /bids/{key}. It is here whole now, so its place among the lot's bids is drawn now, on the connection's thread; the
// signature is verified on a worker, beside others, before the one writer sees the command, and in the order of the places.
void Portal::bid(Request request, Respond respond) {
  const std::string lot = std::string(k_lots) + "/" + std::string(request.parameter("key"));
  auto ticket = std::make_shared<Arrivals::Ticket>(arrivals_.draw(lot));
  auto held = std::make_shared<Request>(std::move(request));
  auto answer_to = std::make_shared<Respond>(std::move(respond));
  const bool taken = verifiers_.run([this, lot, held, answer_to, ticket = std::move(ticket)] {
    try {
      take_bid(held, answer_to, lot, *ticket);
    } catch (const std::exception& error) {  // the ticket is given up, and who holds no answer is told so
      std::fprintf(stderr, "landglass: a bid could not be read: %s\n", error.what());
    }
  });
  if (!taken) (*answer_to)(problem(base::fail("too many bids wait to be verified: try again shortly", true), *held));
}

void Portal::take_bid(const std::shared_ptr<Request>& request, const std::shared_ptr<Respond>& respond,
                      const std::string& lot, Arrivals::Ticket& ticket) {
  auto body = base::parse_json(request->body);
  if (!body) return (*respond)(problem(body.trouble(), *request));
  auto read = read_signed_bid(*body, lot, engine_.options().origin);
  if (!read) return (*respond)(problem(read.trouble(), *request));
  const auto& bid = read->bid;
  const auto& actor = request->caller->actor;
  const auto sheet = base::to_hex(bid.rule_sheet);
  auto entrance = this->entrance(lot, actor);
  if (sheet != entrance.sheet) {
    return (*respond)(problem(
        base::Trouble(base::refuse("AU-04", "竞价规则已变更，请刷新页面后重新签名报价",
                                   "the rules of this sale have changed: reload the page and sign anew", "rule_sheet")),
        *request));
  }
  engine::Command command;
  // (lot, plate, counter) of one bidder is one command for ever: sent again, it is answered as the first time.
  const Json name(JsonArray{"bid", lot, std::int64_t{bid.plate}, bid.counter, actor, read->key});
  // Offers of a lot rise, so an id that begins with the price (which is public) lies beside the one before it; the time is
  // not known to who sends the same bid twice. The counter stays inside the hash: it would tell whose offers belong
  // together.
  command.id =
      log::command_id(base::Time{bid.price.fen & 0xffffffffffff}, base::sha256(base::as_bytes(base::canonical(name))));
  command.record = lot;
  command.action = "offer";
  command.actor = actor;
  command.sig = log::LeafSignature{"es256", read->key, read->bytes};
  command.fields = JsonObject{{"price", base::money_text(bid.price)}, {"counter", bid.counter}};
  command.fields["application"] = std::move(entrance.application);
  if (bid.confirmed) command.fields["confirmed"] = true;
  if (bid.other != 0) command.fields["other"] = bid.other;
  // What else he signed must be this lot's and his own, or nobody could verify the sale: the one writer compares them.
  command.fields["plate"] = std::int64_t{bid.plate};
  command.fields["rule_sheet"] = sheet;
  ticket.pass([this, request, respond, held = std::make_shared<engine::Command>(std::move(command))] {
    engine_.submit(std::move(*held), [request, respond](base::Result<engine::Answer> answer) {
      Response later;
      later.made = [request, held = std::make_shared<base::Result<engine::Answer>>(std::move(answer))] {
        return command_answer(*held, *request);
      };
      (*respond)(std::move(later));
    });
  });
}

Portal::Entrance Portal::entrance(const std::string& lot, const std::string& party) {
  constexpr std::size_t k_kept_lots = 1'024, k_kept_parties = 4'096;
  std::uint64_t epoch = 0;
  {
    const std::scoped_lock lock(entrances_mutex_);
    epoch = entrances_epoch_;
    if (const auto at = entrances_.find(lot); at != entrances_.end()) {
      if (const auto one = at->second.find(party); one != at->second.end()) return one->second;
    }
  }
  Entrance entrance;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    entrance.application = application_of(registry, cache, lot, party);
    if (auto found = cache.find(lot); found && *found != nullptr) entrance.sheet = (*found)->fields.text("rule_sheet_hash");
  });
  const std::scoped_lock lock(entrances_mutex_);
  if (!follows_ || epoch != entrances_epoch_ || entrance.application.empty()) return entrance;
  if (entrances_.size() >= k_kept_lots) entrances_.clear();
  auto& parties = entrances_[lot];
  if (parties.size() >= k_kept_parties) parties.clear();
  parties[party] = entrance;
  return entrance;
}

void Portal::forget_entrances(const std::vector<engine::Published>& events) {
  const bool stale = std::any_of(events.begin(), events.end(), [](const engine::Published& event) {
    return event.institution == "application" ||
           (event.institution == k_lots && event.action != "offer" && event.action != "tick");
  });
  if (!stale) return;
  const std::scoped_lock lock(entrances_mutex_);
  entrances_.clear();
  ++entrances_epoch_;
}

}  // namespace landglass::web
