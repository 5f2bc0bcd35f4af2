// The market, a lot with its ladder, the bidder's room, and the stream that both follow.
#include <algorithm>

#include "base/crypto.hpp"
#include "law/auction_bid.hpp"
#include "log/command_id.hpp"
#include "log/leaf.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::string_view k_lots = "land-listing";

Text phase_name(std::string_view phase) {
  static const std::vector<std::pair<std::string_view, Text>> k_names = {{"waiting", {"公告中", "Announced"}},
                                                                         {"listing", {"挂牌报价", "Listing"}},
                                                                         {"inquiry", {"询问期", "Inquiry"}},
                                                                         {"prep", {"准备期", "Preparation"}},
                                                                         {"timed", {"限时竞价", "Timed bidding"}},
                                                                         {"calling", {"拍卖", "Auction"}},
                                                                         {"ceiling", {"已达限价", "At the ceiling"}},
                                                                         {"drawing", {"待摇号", "Draw awaited"}},
                                                                         {"opening", {"待开启底价", "Reserve to be opened"}},
                                                                         {"sold", {"已成交", "Sold"}},
                                                                         {"failed", {"流拍", "No sale"}},
                                                                         {"frozen", {"已冻结", "Frozen"}},
                                                                         {"withdrawn", {"已终止", "Withdrawn"}}};
  for (const auto& [key, name] : k_names) {
    if (key == phase) return name;
  }
  return {std::string(phase), std::string(phase)};
}

bool closed(std::string_view phase) { return phase == "sold" || phase == "failed" || phase == "withdrawn"; }

struct Standing {
  std::string phase;
  std::string price;  // as JSON
  bool offered = false;
  std::string due;  // instant, or empty
};
Standing standing_of(const Json& doc) {
  const auto& head = doc.at("behaviour").at("head");
  Standing standing;
  standing.phase = head.is_null() ? std::string("waiting") : std::string(head.text("phase"));
  standing.offered = head.at("top").is_string();
  standing.price = standing.offered ? std::string(head.text("top")) : std::string(doc.at("fields").text("start_price"));
  // What people wait for: the opening, the close of the listing, or the end of a window.
  standing.due = head.text("due");
  if (standing.phase == "waiting") standing.due = doc.at("fields").text("opens");
  return standing;
}

Json price_model(const Standing& standing, bool with_upper) {
  const auto money = base::parse_money(standing.price).value_or(base::Money{});
  // The live price is in 元, so the page that it replaces is too.
  auto text = with_upper ? base::money_yuan(money) : base::money_zh(money);
  std::string unit;
  if (const auto space = text.rfind(' '); space != std::string::npos) {
    unit = text.substr(space + 1);
    text = text.substr(0, space);
  }
  JsonObject price{{"label", standing.offered ? both("当前最高价", "Highest offer") : both("起始价", "Start price")},
                   {"text", text},
                   {"unit", unit}};
  if (with_upper) price["upper"] = base::money_upper(money);
  return price;
}

}  // namespace

// The newest offers: price and time only; plates are committed until the close.
Json Portal::ladder_model(const Json& doc) const {
  JsonArray rungs;
  const auto* offers = doc.at("behaviour").at("offers").if_array();
  const auto phase = standing_of(doc).phase;
  if (offers != nullptr) {
    for (std::size_t i = 0; i < offers->size() && i < 20; ++i) {
      const auto& offer = (*offers)[i];
      const auto money = base::parse_money(offer.text("price")).value_or(base::Money{});
      std::string step = "—";
      if (i + 1 < offers->size()) {
        const auto before = base::parse_money((*offers)[i + 1].text("price")).value_or(base::Money{});
        step = "+" + base::money_zh({money.fen - before.fen});
      }
      const auto time = base::parse_time(offer.text("time")).value_or(base::Time{});
      JsonObject rung{
          {"count", std::to_string(offers->size() - i)},
          {"when", base::format_local(time).substr(11)},
          {"iso", std::string(offer.text("time"))},
          {"plate", closed(phase) && i == 0 ? both(std::to_string(doc.at("fields").at("winner_plate").is_int()
                                                                      ? doc.at("fields").at("winner_plate").as_int()
                                                                      : 0) +
                                                       " 号",
                                                   "No. " + std::to_string(doc.at("fields").at("winner_plate").is_int()
                                                                               ? doc.at("fields").at("winner_plate").as_int()
                                                                               : 0))
                                            : both("竞价结束后公开", "after the close")},
          {"price", base::money_zh(money)},
          {"step", step},
          {"leaf", JsonObject{{"index", std::to_string(offer.at("leaf").as_int())},
                              {"to", "/log/" + std::to_string(offer.at("leaf").as_int())}}}};
      if (i == 0) rung["leading"] = true;
      rungs.push_back(std::move(rung));
    }
  }
  JsonObject ladder;
  if (rungs.empty()) {
    ladder["nothing"] = both("尚无报价", "No offers yet");
  } else {
    ladder["items"] = std::move(rungs);
  }
  return ladder;
}

Json Portal::live_state(const Json& doc) const {
  const auto standing = standing_of(doc);
  JsonArray ladder;
  if (const auto* offers = doc.at("behaviour").at("offers").if_array()) {
    for (std::size_t i = 0; i < offers->size() && i < 20; ++i) {
      ladder.push_back(JsonObject{{"count", static_cast<std::int64_t>(offers->size() - i)},
                                  {"index", (*offers)[i].at("leaf")},
                                  {"leading", i == 0},
                                  {"plate", "—"},
                                  {"price", (*offers)[i].at("price")},
                                  {"time", (*offers)[i].at("time")}});
    }
  }
  const auto name = phase_name(standing.phase);
  const auto& head = doc.at("behaviour").at("head");
  return JsonObject{
      {"lot", std::string(doc.text("id"))},
      {"phase", JsonObject{{"id", standing.phase}, {"zh", name.zh}, {"en", name.en}}},
      {"price", standing.price},
      {"ends", standing.due.empty() || closed(standing.phase) ? Json() : Json(standing.due)},
      {"frozen", standing.phase == "frozen" ? both("交易已冻结，时间停止计算", "Frozen: the clock stands") : Json()},
      {"ladder", std::move(ladder)},
      {"least", head.at("least")},
      {"server_time", base::format_utc(clock_.now())},
      {"size", engine_.head(log::Tree::open)->size}};
}

void Portal::follow_lots() {
  engine_.listen([this](const std::vector<engine::Published>& events) {
    // Of each lot only its newest document counts; the hub lets five states a second through.
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (event->institution != k_lots || event->doc.is_null()) continue;
      const bool later =
          std::any_of(events.rbegin(), event, [&](const engine::Published& other) { return other.record == event->record; });
      if (!later) live_.state(event->record, base::canonical(live_state(event->doc)));
    }
  });
  // What stands open already: who follows it after a restart sees it as it is, not only from its next change on.
  const auto open = reader(store::Sight::open)
                        ->query(
                            "SELECT doc FROM land_listing_public WHERE state IN ('announced', 'listed', 'frozen', "
                            "'opening', 'drawing') ORDER BY changed DESC LIMIT 2000",
                            {});
  if (!open) return;  // a log that holds no such institution
  for (const auto& row : *open) {
    if (auto doc = base::parse_json(row[0].as_string(), base::Profile::any))
      live_.state(doc->text("id"), base::canonical(live_state(*doc)));
  }
}

Response Portal::market(const Request& request) {
  auto model = page(request, {"土地市场", "Land market"});
  const auto query = std::string(request.query.get("q"));
  const auto state = std::string(request.query.get("state"));
  std::string sql = "SELECT doc FROM land_listing_public WHERE state NOT LIKE 'drafted%'";
  std::vector<Json> bind;
  if (!query.empty()) {
    sql += " AND (location LIKE ? OR notice_no LIKE ? OR id LIKE ?)";
    for (int i = 0; i < 3; ++i) bind.emplace_back("%" + query + "%");
  }
  if (state == "open") sql += " AND state IN ('announced', 'listed', 'frozen', 'opening')";
  if (state == "done") sql += " AND state NOT IN ('announced', 'listed', 'frozen', 'opening')";
  const auto page_number = std::max(1, std::atoi(std::string(request.query.get("page")).c_str()));
  constexpr int k_per_page = 24;
  sql +=
      " ORDER BY CASE state WHEN 'listed' THEN 0 WHEN 'frozen' THEN 1 WHEN 'opening' THEN 2 WHEN 'announced' THEN 3 ELSE 4 "
      "END, changed DESC LIMIT " +
      std::to_string(k_per_page + 1) + " OFFSET " + std::to_string((page_number - 1) * k_per_page);
  auto rows = reader(store::Sight::open)->query(sql, bind);
  if (!rows) return refuse(rows.trouble(), request);
  const auto* in = pack_.current(k_lots);
  JsonArray cards;
  for (const auto& row : *rows) {
    if (cards.size() == k_per_page) break;
    auto doc = base::parse_json(row[0].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto& fields = doc->at("fields").as_object();
    const auto standing = standing_of(*doc);
    const std::string id(doc->text("id"));
    const auto shown = [&](const char* name) {
      const auto* field = in->field(name);
      const auto* value = fields.find(name);
      return field == nullptr || value == nullptr ? Json("—") : both(show_value(*field, *value, pack_));
    };
    JsonObject card{
        {"number", fields.text("notice_no").empty() ? id.substr(id.find('/') + 1) : std::string(fields.text("notice_no"))},
        {"title", fields.text("location").empty() ? id : std::string(fields.text("location"))},
        {"to", href_of(id)},
        {"place", shown("region")},
        {"use", shown("use")},
        {"area", shown("area")},
        {"state", state_model(*in, doc->text("state"))},
        {"price", price_model(standing, false)}};
    if (doc->text("state") == "listed") card["live"] = true;
    if (!standing.due.empty() && !closed(standing.phase)) {
      const auto due = base::parse_time(standing.due).value_or(base::Time{});
      card["due"] = JsonObject{{"label", standing.phase == "waiting" ? both("开始", "opens") : both("截止", "closes")},
                               {"text", base::format_local(due).substr(5, 11)},
                               {"iso", standing.due}};
    }
    cards.push_back(std::move(card));
  }
  JsonObject market;
  market["lead"] = both("每一次报价、每一项审批都是日志中的一条，任何人可以自行核验。",
                        "Every offer and every approval is a leaf of the log that anyone can check.");
  auto figures = reader(store::Sight::open)
                     ->query(
                         "SELECT count(*), sum(state = 'listed'), sum(state = 'announced'), sum(CASE WHEN deal_price IS NOT "
                         "NULL THEN deal_price ELSE 0 END) FROM land_listing_public",
                         {});
  if (figures && !figures->empty()) {
    const auto number = [&](std::size_t i) {
      return (*figures)[0][i].is_int() ? (*figures)[0][i].as_int() : std::int64_t{0};
    };
    market["figures"] =
        items(JsonArray{JsonObject{{"label", both("标的", "Lots")}, {"text", std::to_string(number(0))}},
                        JsonObject{{"label", both("竞价中", "Bidding")}, {"text", std::to_string(number(1))}},
                        JsonObject{{"label", both("公告中", "Announced")}, {"text", std::to_string(number(2))}},
                        JsonObject{{"label", both("累计成交价", "Deals in all")}, {"text", base::money_zh({number(3)})}}});
  }
  JsonArray options;
  for (const auto& [value, zh, en] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"", "全部", "All"}, {"open", "进行中", "Open"}, {"done", "已结束", "Done"}}) {
    JsonObject option{{"value", value.empty() ? "all" : value}, {"label", both(zh, en)}};
    if (value == state) option["selected"] = true;
    options.push_back(std::move(option));
  }
  JsonObject filter{{"action", "/"},
                    {"placeholder", both("地块坐落、公告文号", "Place or notice number")},
                    {"choices", JsonArray{JsonObject{
                                    {"name", "state"}, {"label", both("状态", "State")}, {"options", std::move(options)}}}}};
  if (!query.empty()) filter["query"] = query;
  market["filter"] = std::move(filter);
  if (cards.empty()) {
    market["nothing"] = JsonObject{{"title", both("没有符合条件的标的", "No such lots")},
                                   {"text", both("换一个条件，或查看登记簿。", "Try another filter, or the registers.")}};
  } else {
    market["lots"] = items(std::move(cards));
  }
  if (page_number > 1 || rows->size() > k_per_page) {
    JsonObject paging{{"text", both("第 " + std::to_string(page_number) + " 页", "Page " + std::to_string(page_number))}};
    const auto link = [&](int n) { return "/?page=" + std::to_string(n) + (state.empty() ? "" : "&state=" + state); };
    if (page_number > 1) paging["previous"] = link(page_number - 1);
    if (rows->size() > k_per_page) paging["next"] = link(page_number + 1);
    market["paging"] = std::move(paging);
  }
  model.as_object()["market"] = std::move(market);
  return render("market", model, request);
}

Response Portal::lot(const Request& request) {
  const std::string id = std::string(k_lots) + "/" + std::string(request.parameter("key"));
  auto doc = public_doc(k_lots, id);
  if (!doc) return refuse(doc.trouble(), request);
  const auto* in = pack_.current(k_lots);
  auto model = page(request, in->title);
  auto body = record_body(*in, *doc, request, false);
  for (auto& [name, value] : body.as_object()) model.as_object()[name] = std::move(value);
  model.as_object()["title"] = model.at("record").at("title");
  const auto standing = standing_of(*doc);
  const auto& fields = doc->at("fields").as_object();
  JsonObject lot;
  lot["id"] = id;
  const auto phase = phase_name(standing.phase);
  lot["phase"] =
      JsonObject{{"text", both(phase)},
                 {"tone", standing.phase == "frozen" || standing.phase == "failed" || standing.phase == "withdrawn" ? "bad"
                          : standing.phase == "sold"                                                                ? "good"
                                                     : "info"}};
  lot["price"] = price_model(standing, true);
  if (!closed(standing.phase)) lot["live"] = JsonObject{{"events", "/live/" + std::string(request.parameter("key"))}};
  if (!standing.due.empty() && !closed(standing.phase)) {
    const auto due = base::parse_time(standing.due).value_or(base::Time{});
    lot["countdown"] = JsonObject{
        {"label", standing.phase == "waiting" ? both("距开始", "Opens in") : both("距本阶段结束", "This phase ends in")},
        {"iso", standing.due},
        {"text", base::format_local(due)}};
  }
  if (standing.phase == "frozen")
    lot["frozen"] = JsonObject{{"text", both("交易已冻结，时间停止计算", "Frozen: the clock stands")}};
  if (!closed(standing.phase))
    lot["enter"] = JsonObject{{"to", "/room/" + std::string(request.parameter("key"))},
                              {"label", both("进入竞买室", "Enter the bidder's room")}};
  JsonArray facts;
  for (const auto* name :
       {"start_price", "increment", "deposit", "area", "use", "term_years", "apply_until", "opens", "closes"}) {
    const auto* field = in->field(name);
    const auto* value = fields.find(name);
    if (field == nullptr || value == nullptr) continue;
    facts.push_back(JsonObject{{"label", both(field->title)}, {"text", both(show_value(*field, *value, pack_))}});
  }
  lot["facts"] = items(std::move(facts));
  lot["ladder"] = ladder_model(*doc);
  const auto hash = std::string(fields.text("rule_sheet_hash"));
  lot["rules"] = JsonObject{
      {"hash", hash.empty() ? "—" : hash}, {"to", "/api/records/" + id}, {"check", "landglass verify auction " + id}};
  model.as_object()["lot"] = std::move(lot);
  model.as_object()["crumbs"] = JsonObject{{"items", JsonArray{JsonObject{{"label", both("市场", "Market")}, {"to", "/"}},
                                                               JsonObject{{"label", id.substr(id.find('/') + 1)}}}}};
  see_action(request, id, model);
  return render("lot", model, request);
}

Response Portal::room(const Request& request) {
  const std::string key(request.parameter("key"));
  const std::string id = std::string(k_lots) + "/" + key;
  auto doc = public_doc(k_lots, id);
  if (!doc) return refuse(doc.trouble(), request);
  const auto standing = standing_of(*doc);
  const auto& fields = doc->at("fields").as_object();
  Json application;
  if (const auto mine = application_of(id, request.caller->actor); !mine.empty()) {
    engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
      auto found = cache.find(mine);
      if (found && *found != nullptr) application = institution::save(**found);
    });
  }
  auto model = page(request, {"竞买室", "Bidder's room"});
  const auto least = doc->at("behaviour").at("head").at("least");
  const auto price = base::parse_money(standing.price).value_or(base::Money{});
  JsonObject room;
  room["lot"] = id;
  room["lot_title"] = fields.text("location").empty() ? id : std::string(fields.text("location"));
  room["lot_to"] = href_of(id);
  room["origin"] = engine_.options().origin;
  room["rule_sheet"] = std::string(fields.text("rule_sheet_hash"));
  room["price"] = standing.price;
  room["increment"] = std::string(fields.text("increment"));
  room["start"] = std::string(fields.text("start_price"));
  const auto shown = base::money_yuan(price);
  room["price_text"] = shown.substr(0, shown.rfind(" "));
  room["price_unit"] = both("元", "yuan");
  room["price_upper"] = base::money_upper(price);
  const auto minimum = least.is_string() ? base::parse_money(least.as_string()).value_or(price) : price;
  room["minimum_text"] = base::money_zh(minimum);
  room["events"] = "/live/" + key;
  room["bids"] = "/bids/" + key;
  room["keys"] = "/keys/" + key;
  room["counter"] = "0";
  const auto phase = phase_name(standing.phase);
  room["phase"] = JsonObject{{"text", both(phase)}, {"tone", "info"}};
  if (!standing.due.empty())
    room["countdown"] = JsonObject{{"label", both("距本阶段结束", "This phase ends in")},
                                   {"iso", standing.due},
                                   {"text", base::format_local(base::parse_time(standing.due).value_or(base::Time{}))}};
  JsonArray deposit;
  Text state{"尚未申请", "Not applied"};
  const char* tone = "neutral";
  if (!application.is_null()) {
    const auto& held = application.at("fields");
    state =
        application.text("state") == "admitted" ? Text{"已到账，可竞价", "Arrived: you may bid"} : Text{"待到账", "Awaited"};
    tone = application.text("state") == "admitted" ? "good" : "warn";
    if (held.at("plate").is_int()) room["plate"] = std::to_string(held.at("plate").as_int());
    if (!held.text("bid_key").empty()) room["key"] = std::string(held.text("bid_key"));
    deposit.push_back(
        JsonObject{{"label", both("申请", "Application")}, {"text", std::string(application.text("id")).substr(12, 12)}});
  }
  deposit.push_back(JsonObject{{"label", both("应缴保证金", "Deposit due")},
                               {"text", base::money_zh(base::parse_money(fields.text("deposit")).value_or(base::Money{}))}});
  room["deposit"] = JsonObject{{"state", JsonObject{{"text", both(state)}, {"tone", tone}}}, {"items", std::move(deposit)}};
  room["ladder"] = ladder_model(*doc);
  model.as_object()["room"] = std::move(room);
  return render("room", model, request);
}

// By the kept index of a lot's applications: the one that refuses a second application of the same party.
std::string Portal::application_of(std::string_view lot, std::string_view party) {
  std::string application;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto* lots = registry.pack().current(k_lots);
    const auto* all = lots == nullptr ? nullptr : lots->fact("applications");
    if (all == nullptr) return;
    auto ids = cache.index(all->key + "|" + std::string(lot), true);
    if (!ids) return;
    for (const auto& one : *ids) {
      auto found = cache.find(one);
      if (!found || *found == nullptr) continue;
      const auto& held = (*found)->fields;
      if (held.text("applicant") == party || held.text("agent") == party) application = one;  // the agent acts for him
    }
  });
  return application;
}

// A key is bound to its bidder by the application, which is a sealed event; here the room only learns whether it is that
// one.
Response Portal::register_key(const Request& request) {
  auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  const auto application =
      application_of(std::string(k_lots) + "/" + std::string(request.parameter("key")), request.caller->actor);
  std::string held;
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
    auto found = cache.find(application);
    if (!application.empty() && found && *found != nullptr) held = (*found)->fields.text("bid_key");
  });
  if (held.empty() || held != body->text("key")) {
    return problem(base::Trouble(base::refuse("AU-20", "报价公钥须在竞买申请中登记",
                                              "the key for offers is registered with the application to bid", "key")),
                   request);
  }
  return json(200, Json(JsonObject{{"key", held}}));
}

// POST /bids/{key}: the signature is verified here, on a worker, before the one writer sees the command.
void Portal::bid(Request request, Respond respond) {
  auto body = base::parse_json(request.body);
  if (!body) return respond(problem(body.trouble(), request));
  const std::string lot = std::string(k_lots) + "/" + std::string(request.parameter("key"));
  const auto& sig = body->at("sig");
  const auto key = base::from_base64url(sig.text("key"));
  const auto bytes = base::from_base64url(sig.text("bytes"));
  const auto* counter = body->at("counter").if_int();
  const auto bad = [&](const char* zh, const char* en, const char* where) {
    respond(problem(base::Trouble(base::refuse("EN-13", zh, en, where)), request));
  };
  if (body->text("lot") != lot || !key || !bytes || counter == nullptr)
    return bad("报价内容不完整", "the bid is not complete", "bid");
  const auto* plate_number = body->at("plate").if_int();
  const std::int64_t plate = plate_number != nullptr ? *plate_number : std::atoll(std::string(body->text("plate")).c_str());
  const auto price = base::parse_money(body->text("price"));
  const auto sheet = base::from_hex(body->text("rule_sheet"));
  if (!price || base::money_text(*price) != body->text("price") || !sheet || sheet->size() != 32 || *counter < 1 ||
      plate < 1 || plate > UINT32_MAX)
    return bad("报价内容不完整", "the bid is not complete", "bid");
  law::Bid said{engine_.options().origin,
                lot,
                {},
                static_cast<std::uint32_t>(plate),
                static_cast<std::uint64_t>(*counter),
                *price,
                body->at("other").is_int() ? body->at("other").as_int() : 0,
                body->at("confirmed").is_bool() && body->at("confirmed").as_bool()};
  std::copy(sheet->begin(), sheet->end(), said.rule_sheet.begin());
  const auto message = law::bid_bytes(said);
  const auto public_key = base::P256PublicKey::parse(*key);
  if (!public_key || !public_key->verify(base::as_bytes(message), *bytes))
    return bad("签名不符", "the signature does not fit", "sig");
  engine::Command command;
  const Json name(JsonArray{"bid", lot, plate, *counter, request.caller->actor, base::to_base64url(*key)});
  // Offers of a lot rise, so an id that begins with the price (which is public) lies beside the one before it; the time is
  // not known to who sends the same bid twice. The counter stays inside the hash: it would tell whose offers belong
  // together.
  command.id = log::command_id(base::Time{price->fen & 0xffffffffffff},
                               base::sha256(base::as_bytes(base::canonical(name))));
  command.record = lot;
  command.action = "offer";
  command.actor = request.caller->actor;
  command.sig = log::LeafSignature{"es256", base::to_base64url(*key), base::to_base64url(*bytes)};
  command.fields = JsonObject{{"price", std::string(body->text("price"))}, {"counter", *counter}};
  command.fields["application"] = application_of(lot, request.caller->actor);
  if (said.confirmed) command.fields["confirmed"] = true;
  if (said.other != 0) command.fields["other"] = said.other;
  // What else he signed must be this lot's and his own, or nobody could verify the sale: the one writer compares them.
  command.fields["plate"] = plate;
  command.fields["rule_sheet"] = std::string(body->text("rule_sheet"));
  this->command(std::move(command), request, std::move(respond), true);
}

}  // namespace landglass::web
