// The offices' lights: every card of a term that stands, by office, and beside the light that the watch gave it a place
// where the reader's browser says what it computed itself from the public events.
#include <algorithm>
#include <map>

#include "watch/watch.hpp"
#include "web/lamps.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/tables.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::size_t k_cards = 20;  // computed again on one page: each asks for the leaves of its matter

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

using LightCounts = std::map<std::string, std::size_t, std::less<>>;  // by light

// A card of a term that has not ended.
struct OfficeCard {
  std::string id, state;
  JsonObject fields;
  std::string_view light() const { return fields.text("light"); }
  std::string_view office() const { return fields.text("office"); }
  std::string_view due() const { return fields.text("due"); }
};

struct Shade {
  const char* light;
  Text title;
  const char* tone;
};
// The gravest first.
const Shade k_shades[] = {
    {"red", {"红牌", "Red"}, "bad"}, {"yellow", {"黄牌", "Yellow"}, "warn"}, {"reminder", {"提示", "Reminder"}, "info"}};

int gravity(std::string_view light) {
  int at = 0;
  for (const auto& shade : k_shades) {
    if (light == shade.light) break;
    ++at;
  }
  return at;
}

base::Result<std::vector<OfficeCard>> open_cards(Portal& portal) {
  LG_TRY(const auto rows, portal.reader(store::Sight::open)
                              ->query("SELECT id, state, doc FROM " + engine::Cache::table_of(watch::k_card) +
                                          "_public WHERE state NOT IN ('finished', 'revoked', 'closed', 'appealed', 'kept') "
                                          "ORDER BY due DESC, id LIMIT 5000",
                                      {}));
  std::vector<OfficeCard> cards;
  for (const auto& row : rows) {
    auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
    if (doc) cards.push_back({row[0].as_string(), row[1].as_string(), doc->at("fields").as_object()});
  }
  // What is worst, and has been so for longest, stands first.
  std::stable_sort(cards.begin(), cards.end(), [](const OfficeCard& a, const OfficeCard& b) {
    return std::pair(gravity(a.light()), a.due()) < std::pair(gravity(b.light()), b.due());
  });
  return cards;
}

std::string address_of(const std::string& office, const std::string& light, int page = 1) {
  std::string query;
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) query += std::string(query.empty() ? "?" : "&") + name + "=" + encode_component(value);
  };
  add("office", office);
  add("light", light);
  if (page > 1) add("page", std::to_string(page));
  return "/lights" + query;
}

Section offices_of(const std::vector<OfficeCard>& cards, Names& names) {
  std::map<std::string, LightCounts> offices;
  for (const auto& card : cards) ++offices[std::string(card.office())][std::string(card.light())];
  Section by("offices", {"按单位", "By office"});
  by.column({"单位", "Office"});
  for (const auto& shade : k_shades) by.column(shade.title, true);
  std::vector<std::pair<std::string, LightCounts>> order(offices.begin(), offices.end());
  const auto worse = [](const auto& a, const auto& b) {
    for (const auto& shade : k_shades) {
      const auto count = [&](const auto& one) {
        const auto found = one.second.find(shade.light);
        return found == one.second.end() ? std::size_t{0} : found->second;
      };
      if (count(a) != count(b)) return count(a) > count(b);
    }
    return false;
  };
  std::stable_sort(order.begin(), order.end(), worse);
  for (auto& [office, counts] : order) {
    std::vector<Cell> row{{office.empty() ? both("未定单位", "no office yet") : both(names.of(office)),
                           office.empty() ? std::string() : address_of(office, "")}};
    for (const auto& shade : k_shades) {
      const auto n = counts[shade.light];
      row.push_back({std::to_string(n), n == 0 || office.empty() ? "" : address_of(office, shade.light), {}, true});
    }
    by.row(std::move(row));
  }
  by.empty({"没有单位亮灯。", "No office has a light."});
  return by;
}

Response lights_page(Portal& portal, const Request& request) {
  auto model = portal.page(request, {"各单位的灯", "The offices' lights"});
  const auto* file = portal.pack().current(watch::k_card);
  auto names = portal.names();
  std::vector<OfficeCard> all;
  if (file != nullptr) {
    auto found = open_cards(portal);
    if (!found) return portal.refuse(found.trouble(), request);
    all = std::move(*found);
  }
  const std::string office(request.query.get("office"));
  const std::string light(request.query.get("light"));
  const auto page = static_cast<std::size_t>(page_number(request.query.get("page")));
  std::vector<const OfficeCard*> chosen;
  for (const auto& card : all) {
    if ((office.empty() || card.office() == office) && (light.empty() || card.light() == light)) chosen.push_back(&card);
  }
  Section cards("cards", {"时限卡", "Cards"});
  cards.lines();
  cards.column({"事项", "Matter"});
  cards.column({"平台的灯", "This site's light"});
  cards.column({"时限", "Term"});
  cards.column({"应办结日", "Due"});
  cards.column({"您的浏览器重算", "Computed in your browser"});
  const auto now = portal.clock().now();
  for (auto i = (page - 1) * k_cards; i < std::min(chosen.size(), page * k_cards); ++i) {
    const auto& card = *chosen[i];
    const std::string matter(card.fields.text("matter")), due(card.due());
    const auto* in = portal.pack().current(matter.substr(0, matter.find('/')));
    auto name = names.of(matter);
    if (name.empty()) name = {number_of(matter), number_of(matter)};
    const auto shown = show_value(*file->field("light"), Json(std::string(card.light())), portal.pack());
    const auto* tone = gravity(card.light()) < 3 ? k_shades[gravity(card.light())].tone : "neutral";
    const auto day = base::parse_date(due);
    cards.row_json(
        {{both(name), href_of(matter), in == nullptr ? Json() : both(in->title)},
         {portal.state_model(*file, card.state).at("text"),
          href_of(card.id),
          {},
          false,
          JsonObject{{"text", both(shown)}, {"tone", tone}}},
         {both(show_value(*file->field("term"), card.fields.at("term"), portal.pack())), {}, both(names.of(card.office()))},
         {due, {}, day ? both(time_left(base::end_of(*day), now)) : Json()},
         {}},
        {{"recompute", JsonObject{{"record", matter},
                                  {"deadline", std::string(card.fields.text("deadline"))},
                                  {"due", due},
                                  {"light", std::string(card.light())}}}});
  }
  cards.count(chosen.size());
  cards.empty({"没有将到期或超期的事项。", "Nothing is about to fall due, and nothing is late."});
  if (!office.empty() || !light.empty()) {
    Text only = office.empty() ? Text() : names.of(office);
    for (const auto& shade : k_shades) {
      if (light == shade.light)
        only = {only.zh + (only.zh.empty() ? "" : " · ") + shade.title.zh,
                only.en + (only.en.empty() ? "" : " · ") + shade.title.en};
    }
    cards.say({"只列：" + only.zh, "Only: " + only.en});
    cards.link({"看全部单位", "All offices"}, "/lights");
  }
  cards.pages(static_cast<int>(page), chosen.size() > page * k_cards,
              [&](int n) { return address_of(office, light, n) + "#cards"; });
  cards.link({"登记簿：全部时限卡", "The register of all cards"}, "/list/" + std::string(watch::k_card));
  cards.link({"灯怎样计算", "How a light is computed"}, "/methods#lights");
  auto tables =
      tables_of({offices_of(all, names), std::move(cards)},
                {"灯只由日期、日历和公布的参数算出，无人设定。每张卡旁边是您的浏览器自己取公开事件、核对证明后算出的"
                 "结果。",
                 "A light follows from dates, the calendar and published numbers; nobody sets it. Beside each card "
                 "stands what your browser computed itself, from public events whose proofs it checked."});
  if (!chosen.empty()) tables["recomputes"] = true;
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
