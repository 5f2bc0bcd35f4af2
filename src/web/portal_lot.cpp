// The market, a lot with its ladder, the bidder's room, and the stream that both follow.
#include <algorithm>
#include <limits>

#include "base/crypto.hpp"
#include "base/json_text.hpp"
#include "law/auction_bid.hpp"
#include "log/command_id.hpp"
#include "log/leaf.hpp"
#include "web/amounts.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/portal_sale.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

// Of this year, as a rule: 11月28日 18:35.
Json day_and_hour(base::Time time) {
  static constexpr const char* k_months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = base::to_civil(base::date_of(time));
  const auto hour = base::format_local(time).substr(11, 5);
  return both(std::to_string(day.month) + "月" + std::to_string(day.day) + "日 " + hour,
              std::to_string(day.day) + " " + k_months[day.month - 1] + " " + hour);
}

}  // namespace

// Plates of a closed sale's offers by leaf; none before the close. On the sequencer's thread: it opens the vault.
std::map<std::int64_t, std::int64_t> Portal::plates_of(const Json& doc) {
  std::map<std::int64_t, std::int64_t> plates;
  const auto* offers = doc.at("behaviour").at("offers").if_array();
  if (offers == nullptr || !sale_closed(standing_of(doc).phase)) return plates;
  for (const auto& offer : *offers) {
    const auto* leaf = offer.at("leaf").if_int();
    if (leaf == nullptr) continue;
    const auto secret = store_.secret(log::Tree::open, static_cast<std::uint64_t>(*leaf), "bidder");
    if (!secret || !*secret) continue;
    if (const auto* plate = (*secret)->value.at("plate").if_int()) plates[*leaf] = *plate;
  }
  return plates;
}

// The newest offers: price and time; plates are committed until the close.
Json Portal::ladder_model(const Json& doc, const std::map<std::int64_t, std::int64_t>& plates) const {
  JsonArray rungs;
  const auto* offers = doc.at("behaviour").at("offers").if_array();
  if (offers != nullptr) {
    for (std::size_t i = 0; i < offers->size() && i < 20; ++i) {
      const auto& offer = (*offers)[i];
      const auto money = base::parse_money(offer.text("price")).value_or(base::Money{});
      Json step = "–";
      if (i + 1 < offers->size()) {
        const auto before = base::parse_money((*offers)[i + 1].text("price")).value_or(base::Money{});
        const auto raised = money_shown({money.fen - before.fen});
        step = both("+" + raised.zh, "+" + raised.en);
      }
      const auto time = base::parse_time(offer.text("time")).value_or(base::Time{});
      JsonObject rung{{"count", std::to_string(offers->size() - i)},
                      {"when", base::format_local(time).substr(11)},
                      {"iso", std::string(offer.text("time"))},
                      {"price", both(money_shown(money))},
                      {"step", std::move(step)}};
      if (const auto* leaf = offer.at("leaf").if_int()) {  // an offer of the practice lot has none
        rung["leaf"] = JsonObject{{"index", std::to_string(*leaf)}, {"to", "/log/" + std::to_string(*leaf)}};
        if (const auto plate = plates.find(*leaf); plate != plates.end()) rung["plate"] = std::to_string(plate->second);
      }
      if (i == 0) rung["leading"] = true;
      rungs.push_back(std::move(rung));
    }
  }
  JsonObject ladder;
  const bool over = sale_closed(standing_of(doc).phase);
  if (over) ladder["over"] = true;
  if (plates.empty() && !over)
    ladder["plates"] = both("竞买人和号牌在成交前不公开，成交后在此列出。",
                            "Bidders and their plates are secret until the close, and stand here after it.");
  if (rungs.empty()) {
    ladder["nothing"] = over ? both("没有报价", "There were no offers") : both("尚无报价", "No offers yet");
  } else {
    ladder["items"] = std::move(rungs);
  }
  return ladder;
}

namespace {

Json live_json(const Json& doc, const std::map<std::int64_t, std::int64_t>& plates, base::Time now, std::uint64_t size) {
  const auto standing = standing_of(doc);
  JsonArray ladder;
  if (const auto* offers = doc.at("behaviour").at("offers").if_array()) {
    for (std::size_t i = 0; i < offers->size() && i < 20; ++i) {
      const auto& leaf = (*offers)[i].at("leaf");
      JsonObject rung{{"count", static_cast<std::int64_t>(offers->size() - i)},
                      {"leading", i == 0},
                      {"price", (*offers)[i].at("price")},
                      {"time", (*offers)[i].at("time")}};
      if (leaf.is_int()) {
        rung["index"] = leaf;
        if (const auto plate = plates.find(leaf.as_int()); plate != plates.end())
          rung["plate"] = std::to_string(plate->second);
      }
      ladder.push_back(std::move(rung));
    }
  }
  const auto name = phase_name(standing.phase);
  const auto& head = doc.at("behaviour").at("head");
  JsonObject state{
      {"lot", std::string(doc.text("id"))},
      {"phase", JsonObject{{"id", standing.phase}, {"zh", name.zh}, {"en", name.en}}},
      {"price", standing.price},
      {"price_label", price_label(standing)},
      {"increment", std::string(doc.at("fields").text("increment"))},
      {"ends", standing.due.empty() || sale_closed(standing.phase) ? Json() : Json(standing.due)},
      {"ends_label", countdown_label(standing)},
      {"frozen", standing.phase == "frozen" ? both("交易已冻结，时间停止计算", "Frozen: the clock stands") : Json()},
      {"ladder", std::move(ladder)},
      {"least", head.at("least")},
      {"server_time", base::format_utc(now)},
      {"size", size}};
  if (head.at("calls").is_int()) state["calls"] = head.at("calls");
  return state;
}

bool may_be_bid_on(std::string_view state) {
  return state == "announced" || state == "listed" || state == "frozen" || state == "opening" || state == "drawing";
}

}  // namespace

Json Portal::live_state(const Json& doc, const std::map<std::int64_t, std::int64_t>& plates) const {
  return live_json(doc, plates, clock_.now(), engine_.head(log::Tree::open)->size);
}

void Portal::follow_lots() {
  follows_ = true;
  engine_.listen([this](const std::vector<engine::Published>& events) {
    forget_entrances(events);
    // Of each lot only its newest document counts; the hub lets five states a second through.
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
      if (event->institution != k_lots || event->doc == nullptr) continue;
      const bool later =
          std::any_of(events.rbegin(), event, [&](const engine::Published& other) { return other.record == event->record; });
      if (later) continue;
      std::map<std::int64_t, std::int64_t> plates;
      if (!may_be_bid_on(event->state)) plates = plates_of(base::read_own(*event->doc));
      live_.state(event->record, [doc = event->doc, plates = std::move(plates), now = clock_.now(),
                                  size = engine_.head(log::Tree::open)->size] {
        return base::canonical(live_json(base::read_own(*doc), plates, now, size));
      });
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
      live_.state(doc->text("id"), base::canonical(live_state(*doc, {})));
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
  const auto number = page_number(request.query.get("page"));
  constexpr int k_per_page = 24;
  sql +=
      " ORDER BY CASE state WHEN 'listed' THEN 0 WHEN 'frozen' THEN 1 WHEN 'opening' THEN 2 WHEN 'announced' THEN 3 ELSE 4 "
      "END, changed DESC LIMIT " +
      std::to_string(k_per_page + 1) + " OFFSET " + std::to_string((number - 1) * k_per_page);
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
    if (!standing.due.empty() && !sale_closed(standing.phase)) {
      const auto due = base::parse_time(standing.due).value_or(base::Time{});
      card["due"] = JsonObject{{"label", standing.phase == "waiting" ? both("开始", "opens") : both("截止", "closes")},
                               {"text", day_and_hour(due)},
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
    const auto figure = [&](std::size_t i) {
      return (*figures)[0][i].is_int() ? (*figures)[0][i].as_int() : std::int64_t{0};
    };
    market["figures"] = items(
        JsonArray{JsonObject{{"label", both("标的", "Lots")}, {"text", std::to_string(figure(0))}},
                  JsonObject{{"label", both("竞价中", "Bidding")}, {"text", std::to_string(figure(1))}},
                  JsonObject{{"label", both("公告中", "Announced")}, {"text", std::to_string(figure(2))}},
                  JsonObject{{"label", both("累计成交价", "Deals in all")}, {"text", both(money_shown({figure(3)}))}}});
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
  put_paging(market, number, rows->size() > k_per_page,
             [&](int n) { return "/?page=" + std::to_string(n) + (state.empty() ? "" : "&state=" + state); });
  model.as_object()["market"] = std::move(market);
  return render("market", model, request);
}

namespace {

struct TenderOf {
  std::string tender, application;  // the caller's own
  bool admitted = false;
};

// The record of a lot's tender while it runs; on the sequencer's thread.
std::string running_tender(institution::Registry& registry, engine::Cache& cache, const std::string& lot, base::Time now) {
  auto found = cache.find(lot);
  if (!found || *found == nullptr) return {};
  const institution::Record held = **found;  // looking further may let a clean record go
  const auto* in = registry.institution_of(held);
  const auto* fact = in == nullptr ? nullptr : in->fact("running_tender");
  if (fact == nullptr) return {};
  const auto value = registry.fact(held, *in, *fact, nullptr, now);
  const auto* id = value ? value->member("id") : nullptr;
  return id == nullptr ? std::string() : id->text_value;
}

// Of a lot by tender: its documents, and for who is admitted the form that locks a tender.
void link_tender(JsonObject& lot, const std::string& id, const TenderOf& of) {
  auto* part = lot.find("take_part");
  if (of.tender.empty() || part == nullptr || !part->is_object()) return;
  auto& shown = part->as_object();
  shown["items"].as_array().push_back(JsonObject{{"label", both("招标文件", "Tender documents")},
                                                 {"text", of.tender.substr(of.tender.find('/') + 1)},
                                                 {"to", href_of(of.tender)}});
  if (!of.admitted) return;
  shown["enrol"] = JsonObject{{"to", "/new/tender?lot=" + id + "&tender=" + of.tender + "&application=" + of.application},
                              {"label", both("递交投标（在本机加密）", "Hand in a tender, locked here")}};
  shown.erase("closed");
}

}  // namespace

// How to take part, with what it needs and until when; for everybody, in the order in which it is done.
Json Portal::take_part_model(const Json& doc, const std::string& key) const {
  const auto& fields = doc.at("fields");
  const auto until = base::parse_time(fields.text("apply_until"));
  const auto deposit = base::parse_money(fields.text("deposit"));
  JsonObject part;
  JsonArray list;
  if (until)
    list.push_back(JsonObject{{"label", both("报名和保证金截止", "Applications and deposits until")},
                              {"text", base::format_local(*until).substr(0, 16)}});
  if (deposit)
    list.push_back(JsonObject{{"label", both("竞买保证金", "Deposit")},
                              {"text", both(money_shown(*deposit))},
                              {"sub", both(money_spelled(*deposit))}});
  part["items"] = std::move(list);
  const bool open = until && clock_.now() < *until && (doc.text("state") == "announced" || doc.text("state") == "listed");
  if (open) {
    part["enrol"] =
        JsonObject{{"to", "/new/application?lot=land-listing/" + key}, {"label", both("申请竞买", "Apply to bid")}};
  } else {
    part["closed"] = both("报名已截止", "Applications are closed");
  }
  part["practice"] = JsonObject{{"to", "/practice"}, {"label", both("先到练习场试一试", "Try the practice lot first")}};
  return Json(std::move(part));
}

namespace {

// Of a sale that is over: from where it rose, by how much, and to whom.
JsonArray outcome_of(const Standing& standing, const JsonObject& fields) {
  JsonArray list;
  if (standing.phase != "sold") return list;
  const auto start = base::parse_money(fields.text("start_price"));
  const auto price = base::parse_money(standing.price);
  constexpr std::int64_t k_most = std::numeric_limits<std::int64_t>::max() / 20'000;
  if (start && price && start->fen > 0 && price->fen >= start->fen && price->fen < k_most) {
    const auto over = ((price->fen - start->fen) * 20'000 + start->fen) / (2 * start->fen);  // hundredths of a percent
    const auto digits = std::to_string(over % 100);
    list.push_back(JsonObject{{"label", both("溢价", "Above the start price")},
                              {"text", std::to_string(over / 100) + "." + (digits.size() < 2 ? "0" : "") + digits + "%"}});
  }
  const auto name = fields.text("winner_name");
  if (const auto* plate = fields.at("winner_plate").if_int())
    list.push_back(JsonObject{{"label", both("竞得人号牌", "Plate of the winner")}, {"text", std::to_string(*plate)}});
  if (!name.empty()) list.push_back(JsonObject{{"label", both("竞得人", "Winner")}, {"text", std::string(name)}});
  return list;
}

}  // namespace

// The host's acts as buttons with a key each: B begins, 1, 2 and 3 call, H lets the hammer fall. They leave the list of
// other acts.
Json Portal::host_model(Json& model, const Standing& standing) const {
  auto* acts = model.as_object().find("actions");
  if (acts == nullptr) return Json();
  auto& list = acts->as_object()["items"].as_array();
  JsonArray buttons;
  JsonArray rest;
  const auto next = standing.calls + 1;
  for (auto& item : list) {
    const std::string name(item.text("name"));
    const auto& form = item.at("form");
    const auto button = [&](const char* hotkey, base::Json label) {
      JsonObject one{{"hotkey", hotkey},
                     {"label", std::move(label)},
                     {"action", std::string(form.text("action"))},
                     {"command", std::string(form.text("command")) + hotkey}};
      return one;
    };
    if (name == "begin") {
      auto one = button("B", item.at("label"));
      one["asks"] = JsonObject{{"name", "present_bidders"}, {"label", both("到场竞买人数", "Bidders present")}};
      one["next"] = true;
      buttons.push_back(std::move(one));
    } else if (name == "call") {
      for (std::int64_t n = 1; n <= 3; ++n) {
        const auto text = std::to_string(n);
        static constexpr const char* k_zh[] = {"第一次报价", "第二次报价", "第三次报价"};
        static constexpr const char* k_en[] = {"Going once", "Going twice", "Third call"};
        auto one = button(text.c_str(), both(k_zh[n - 1], k_en[n - 1]));
        one["given"] = JsonObject{{"name", "call_number"}, {"value", text}};
        one[n == next ? "next" : "later"] = true;
        buttons.push_back(std::move(one));
      }
    } else if (name == "fall") {
      auto one = button("H", item.at("label"));
      one[next > 3 ? "next" : "later"] = true;
      buttons.push_back(std::move(one));
    } else {
      rest.push_back(std::move(item));
    }
  }
  if (buttons.empty()) {
    list = std::move(rest);
    return Json();
  }
  if (rest.empty()) {
    model.as_object().erase("actions");
  } else {
    list = std::move(rest);
  }
  return items(std::move(buttons));
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
  lot["phase"] = JsonObject{{"text", both(phase_name(standing.phase))}, {"tone", phase_tone(standing.phase)}};
  lot["price"] = price_model(standing, true);
  const std::string key(request.parameter("key"));
  // A draft has no sale yet, and a sale that is over no stream.
  const bool running = !sale_closed(standing.phase) && doc->text("state") != "drafted";
  if (running) lot["live"] = JsonObject{{"events", "/live/" + key}};
  if (auto countdown = countdown_model(standing); !countdown.is_null() && running) lot["countdown"] = std::move(countdown);
  if (standing.phase == "frozen")
    lot["frozen"] = JsonObject{{"text", both("交易已冻结，时间停止计算", "Frozen: the clock stands")}};
  if (running) lot["enter"] = JsonObject{{"to", "/room/" + key}, {"label", both("进入竞买室", "Enter the bidder's room")}};
  if (auto outcome = outcome_of(standing, fields); !outcome.empty()) lot["outcome"] = items(std::move(outcome));
  if (running) lot["take_part"] = take_part_model(*doc, key);
  JsonArray facts;
  static constexpr const char* k_facts[] = {"start_price", "increment",   "deposit", "area",   "use",
                                            "term_years",  "apply_until", "opens",   "closes", "visit"};
  for (const auto* name : k_facts) {
    const auto* field = in->field(name);
    const auto* value = fields.find(name);
    if (field == nullptr || value == nullptr) continue;
    facts.push_back(JsonObject{{"label", both(field->title)}, {"text", both(show_value(*field, *value, pack_))}});
  }
  lot["facts"] = items(std::move(facts));
  for (auto& section : model.as_object()["sections"].as_array()) {
    auto& list = section.as_object()["fields"].as_array();
    std::erase_if(list, [&](const Json& one) {
      const auto name = one.text("name");
      return name == "location" || name == "rule_sheet_hash" || name == "deal_price" || name == "winner_plate" ||
             std::any_of(std::begin(k_facts), std::end(k_facts), [&](const char* fact) { return name == fact; });
    });
  }
  // What stands above is not said a second time below.
  if (const auto place = fields.text("location"); !place.empty())
    model.as_object()["record"].as_object()["title"] = model.as_object()["title"] = std::string(place);
  std::map<std::int64_t, std::int64_t> plates;
  if (sale_closed(standing.phase))
    engine_.inspect([&](institution::Registry&, engine::Cache&) { plates = plates_of(*doc); });
  lot["ladder"] = ladder_model(*doc, plates);
  const auto hash = std::string(fields.text("rule_sheet_hash"));
  lot["rules"] = JsonObject{
      {"hash", hash.empty() ? "—" : hash},
      {"to", "/api/records/" + id},
      {"check", std::string("landglass verify ") + (fields.text("mode") == "tender" ? "tender " : "auction ") + id}};
  if (fields.text("mode") == "tender") {
    TenderOf of;
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      of.tender = running_tender(registry, cache, id, clock_.now());
      if (request.caller) of.application = application_of(registry, cache, id, request.caller->actor);
      auto own = of.application.empty() ? base::Result<institution::Record*>(nullptr) : cache.find(of.application);
      of.admitted = own && *own != nullptr && (*own)->state == "admitted";
    });
    link_tender(lot, id, of);
  }
  model.as_object()["lot"] = std::move(lot);
  model.as_object()["crumbs"] = items(JsonArray{JsonObject{{"label", both("市场", "Market")}, {"to", "/"}}});
  see_action(request, id, model);
  if (auto host = host_model(model, standing); !host.is_null())
    model.as_object()["lot"].as_object()["host"] = std::move(host);
  if (const auto done = request.query.get("done"); !done.empty()) model.as_object()["notices"] = done_notice(done);
  auto response = render("lot", model, request);
  return request.caller ? own_page(std::move(response)) : response;
}

}  // namespace landglass::web
