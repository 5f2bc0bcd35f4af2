// The offices' lights: every card of a term that stands, by office, and beside the light that the watch gave it a place
// where the reader's browser says what it computed itself from the public events.
#include <algorithm>
#include <map>

#include "watch/watch.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/tables.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr int k_cards = 60;  // computed again on one page: each asks for the leaves of its matter

struct Thresholds {
  std::int64_t reminder = 1;
  std::int64_t red = 3;
};

Thresholds thresholds_of(Portal& portal, base::Date today) {
  Thresholds by;
  const auto* card = portal.pack().current(watch::k_card);
  const auto read = [&](const char* name, std::int64_t& out) {
    const auto* parameter = card == nullptr ? nullptr : card->parameter(name);
    if (parameter == nullptr) return;
    for (const auto& value : parameter->values) {
      if (!value.from || *value.from <= today) out = value.value.number;
    }
  };
  read("reminder_days", by.reminder);
  read("red_days", by.red);
  return by;
}

// What a browser needs to count days as the law does.
Response calendar_json(Portal& portal) {
  JsonArray off;
  JsonArray work;
  for (const auto& [date, is_off] : portal.pack().calendar().published()) {
    if (is_off) {
      off.emplace_back(base::format_date(date));
    } else {
      work.emplace_back(base::format_date(date));
    }
  }
  JsonArray known;
  for (const auto year : portal.pack().calendar().known_years()) known.emplace_back(static_cast<std::int64_t>(year));
  const auto today = base::date_of(portal.clock().now());
  const auto by = thresholds_of(portal, today);
  return json(200, Json(JsonObject{{"off", std::move(off)},
                                   {"work", std::move(work)},
                                   {"known_years", std::move(known)},
                                   {"today", base::format_date(today)},
                                   {"reminder", by.reminder},
                                   {"red", by.red}}))
      .header("cache-control", "no-cache");
}

struct Office {
  std::size_t reminder = 0, yellow = 0, red = 0;
};

Response lights_page(Portal& portal, const Request& request) {
  auto model = portal.page(request, {"各单位的灯", "The offices' lights"});
  const auto* card = portal.pack().current(watch::k_card);
  auto names = portal.names();
  std::map<std::string, Office> offices;
  Section cards("cards", {"时限卡", "Cards"});
  cards.column({"事项", "Matter"});
  cards.column({"时限", "Term"});
  cards.column({"应办结日", "Due"});
  cards.column({"平台的灯", "This site's light"});
  cards.column({"您的浏览器重算", "Computed in your browser"});
  std::size_t all = 0;
  if (card != nullptr) {
    auto rows =
        portal.reader(store::Sight::open)
            ->query("SELECT id, state, doc FROM " + engine::Cache::table_of(watch::k_card) +
                        "_public WHERE state NOT IN ('finished', 'revoked', 'closed') ORDER BY due DESC, id LIMIT 5000",
                    {});
    if (!rows) return portal.refuse(rows.trouble(), request);
    for (const auto& row : *rows) {
      const auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
      if (!doc) continue;
      const auto& fields = doc->at("fields").as_object();
      const std::string light(fields.text("light"));
      auto& office = offices[std::string(fields.text("office"))];
      ++(light == "red" ? office.red : light == "yellow" ? office.yellow : office.reminder);
      ++all;
      if (cards.rows() >= k_cards) continue;
      const std::string matter(fields.text("matter"));
      const auto* in = portal.pack().current(matter.substr(0, matter.find('/')));
      auto name = names.of(matter);
      if (name.empty()) name = {number_of(matter), number_of(matter)};
      const auto shown = show_value(*card->field("light"), Json(light), portal.pack());
      cards.row_json({{both(name), href_of(matter), in == nullptr ? Json() : both(in->title)},
                      {both(show_value(*card->field("term"), fields.at("term"), portal.pack())),
                       {},
                       both(names.of(fields.text("office")))},
                      {std::string(fields.text("due"))},
                      {both(shown), href_of(row[0].as_string()), portal.state_model(*card, row[1].as_string()).at("text")},
                      {}},
                     {{"recompute", JsonObject{{"record", matter},
                                               {"deadline", std::string(fields.text("deadline"))},
                                               {"due", std::string(fields.text("due"))},
                                               {"light", light}}}});
    }
  }
  cards.count(all);
  cards.empty({"没有将到期或超期的事项。", "Nothing is about to fall due, and nothing is late."});
  if (all > cards.rows())
    cards.say({"列出最近到期的 " + std::to_string(cards.rows()) + " 张；其余见登记簿。",
               "The " + std::to_string(cards.rows()) + " that fell due last are here; the register has the others."});
  cards.link({"全部时限卡", "All cards"}, "/list/" + std::string(watch::k_card));
  cards.link({"灯怎样计算", "How a light is computed"}, "/methods#lights");
  Section by("offices", {"按单位", "By office"});
  by.column({"单位", "Office"});
  by.column({"提示", "Reminder"}, true);
  by.column({"黄牌", "Yellow"}, true);
  by.column({"红牌", "Red"}, true);
  for (const auto& [office, count] : offices) {
    const auto name = names.of(office);
    by.row(
        {{office.empty() ? both("未定单位", "no office yet") : both(name), office.empty() ? std::string() : href_of(office)},
         {std::to_string(count.reminder), {}, {}, true},
         {std::to_string(count.yellow), {}, {}, true},
         {std::to_string(count.red), {}, {}, true}});
  }
  by.empty({"没有单位亮灯。", "No office has a light."});
  auto tables = tables_of(
      {std::move(by), std::move(cards)},
      {"灯只由日期、日历和公布的参数算出，无人设定。右侧一栏由您的浏览器取公开事件、核对其证明后自行计算。",
       "A light follows from dates, the calendar and published numbers; nobody sets it. The right-hand column is what your "
       "browser computed itself, from public events whose proofs it checked."});
  if (all > 0) tables["recomputes"] = true;
  model.as_object()["tables"] = std::move(tables);
  return portal.render("tables", model, request);
}

}  // namespace

void add_light_pages(Router& router, Portal& portal) {
  const RouteOptions open{Access::open, Pace::read, Run::worker};
  router.add(
      Method::get, "/lights", [&portal](const Request& request) { return lights_page(portal, request); }, open);
  router.add(
      Method::get, "/api/calendar", [&portal](const Request&) { return calendar_json(portal); }, open);
}

}  // namespace landglass::web
