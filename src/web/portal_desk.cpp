// The desk of whoever is signed in: what waits for him, by deadline, and what he may begin. The same for every post.
#include <algorithm>

#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/portal_sale.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;

namespace {

constexpr std::size_t k_per_group = 50;

struct Task {
  Json model;
  std::string light;
  std::int64_t due = 0;
};

// Something that has to be done moves the matter on. What stops it (a freeze, a default) and what may be done at any time
// are no tasks; they stand on the record's page. A host's calls move nothing and are his task all the same. An act that
// needs a reason and ends the matter (a key revoked, a request refused) is a way out, never what a post has to do.
bool is_task(const Institution& in, const Action& action) {
  if (action.verb != institution::Verb::none || !action.grounds.empty() || action.raise) return false;
  for (const auto& who : action.by) {
    if (who == "anyone" || who == "system" || who.starts_with("via:")) return false;
    if (who == "host") return true;
  }
  const bool ends = std::all_of(action.to.begin(), action.to.end(), [&](const institution::Target& target) {
    const auto* state = in.main.find(target.state);
    return state != nullptr && state->final;
  });
  const bool reasoned = std::find(action.need.begin(), action.need.end(), "reason") != action.need.end();
  return !action.to.empty() && !(ends && reasoned);
}

Text light_text(std::string_view light) {
  if (light == "red") return {"逾期", "overdue"};
  if (light == "yellow") return {"将到期", "due soon"};
  return {"在期限内", "in time"};
}

}  // namespace

Portal::Post Portal::post_of(const Request& request) {
  Post post;
  if (!request.caller) return post;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto seats = registry.seats(request.caller->actor, base::date_of(clock_.now()));
    if (!seats) return;
    for (const auto& seat : *seats) {
      post.roles.insert(post.roles.end(), seat.roles.begin(), seat.roles.end());
      if (!post.title.empty()) continue;
      auto held = cache.find(seat.post);
      auto office = cache.find(seat.office);
      if (office && *office != nullptr) post.title = std::string((*office)->fields.text("name"));
      if (held && *held != nullptr)
        post.title += (post.title.empty() ? "" : " ") + std::string((*held)->fields.text("title"));
    }
  });
  return post;
}

// Sales that are on, for those who organise and oversee: the price and the clock, never who leads.
Json Portal::live_lots() {
  auto rows = reader(store::Sight::open)
                  ->query(
                      "SELECT id, state, doc FROM land_listing_public WHERE state IN ('listed', 'frozen', 'opening', "
                      "'drawing') ORDER BY changed DESC LIMIT 30",
                      {});
  JsonArray tasks;
  if (!rows) return Json();
  const auto* in = pack_.current(k_lots);
  for (const auto& row : *rows) {
    auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto standing = standing_of(*doc);
    const auto due = base::parse_time(standing.due);
    const auto& fields = doc->at("fields");
    const auto& id = row[0].as_string();
    const bool frozen = row[1].as_string() == "frozen";
    tasks.push_back(JsonObject{
        {"title", fields.text("location").empty() ? id : std::string(fields.text("location"))},
        {"to", href_of(id)},
        {"institution", both(phase_name(standing.phase))},
        {"number", std::string(fields.text("notice_no").empty() ? std::string_view(id) : fields.text("notice_no"))},
        {"step", base::money_zh(base::parse_money(standing.price).value_or(base::Money{}))},
        {"state", state_model(*in, row[1].as_string())},
        {"due", JsonObject{{"text", due ? Json(base::format_local(*due).substr(5, 14)) : both("–", "–")},
                           {"iso", due ? base::format_utc(*due) : base::format_utc(clock_.now())},
                           {"light", frozen ? "red" : "green"},
                           {"light_text", frozen ? both("已冻结", "frozen") : both("进行中", "running")}}}});
  }
  if (tasks.empty()) return Json();
  const auto count = std::to_string(tasks.size());
  return JsonObject{{"title", both("正在交易的标的", "Sales that are on")}, {"count", count}, {"tasks", std::move(tasks)}};
}

Response Portal::inbox(const Request& request) {
  auto model = page(request, {"待办", "Desk"});
  const std::string query(request.query.get("q"));
  const std::string wanted(request.query.get("light"));
  std::vector<Task> tasks;
  std::vector<std::pair<const Institution*, std::string>> candidates;
  auto connection = reader(store::Sight::open);
  for (const auto* in : pack_.all()) {
    if (in->sealed()) continue;
    std::string finals;
    for (const auto& state : in->main.states) {
      if (state.final) finals += (finals.empty() ? "'" : ", '") + state.name + "'";
    }
    auto rows = connection->query("SELECT id FROM " + engine::Cache::table_of(in->name) + "_public" +
                                      (finals.empty() ? "" : " WHERE state NOT IN (" + finals + ")") +
                                      " ORDER BY changed DESC LIMIT 200",
                                  {});
    if (!rows) continue;
    for (const auto& row : *rows) candidates.emplace_back(in, row[0].as_string());
  }
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    // Of sealed records those that wait for a day, where this post may read them.
    if (auto waiting = cache.sealed_waiting(400)) {
      for (auto& id : *waiting) {
        auto found = cache.find(id);
        if (!found || *found == nullptr) continue;
        const institution::Record record = **found;  // looking further may let a clean record go
        const auto* in = registry.institution_of(record);
        if (in != nullptr && may_see(registry, cache, *in, record, request, now)) candidates.emplace_back(in, std::move(id));
      }
    }
    for (const auto& [in, id] : candidates) {
      auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const auto& record = **found;
      const Action* first = nullptr;
      for (const auto* action : registry.actions_of(record)) {
        if (first == nullptr && is_task(*in, *action) && registry.may(record, *action, request.caller->actor, "", now))
          first = action;
      }
      if (first == nullptr) continue;
      const std::string name(record.fields.text("location"));
      const auto title = name.empty() ? id.substr(id.find('/') + 1) : name;
      if (!query.empty() && title.find(query) == std::string::npos && id.find(query) == std::string::npos) continue;
      base::Time due{now.ms + 3'650 * base::k_day};
      bool timed = false;
      for (const auto& [timer_name, timer] : record.timers) {
        if (!timer.left_ms && timer.due < due && timer_name != "tick") {
          due = timer.due;
          timed = true;
        }
      }
      const auto left = due - now;
      const std::string light = !timed ? "green" : left < 0 ? "red" : left < 2 * base::k_day ? "yellow" : "green";
      const auto when = base::format_local(due).substr(0, 16);
      JsonObject task{{"title", title},
                      {"to", href_of(id)},
                      {"institution", both(in->title)},
                      {"number", id.substr(id.find('/') + 1)},
                      {"step", both(first->title)},
                      {"state", state_model(*in, record.states())},
                      {"due", JsonObject{{"text", timed ? both(when, when) : both("无期限", "no deadline")},
                                         {"iso", base::format_utc(due)},
                                         {"light", light},
                                         {"light_text", both(light_text(light))}}}};
      tasks.push_back({Json(std::move(task)), light, due.ms});
    }
  });
  std::sort(tasks.begin(), tasks.end(), [](const Task& a, const Task& b) { return a.due < b.due; });
  const auto kept = query.empty() ? std::string() : "&q=" + encode_component(query);
  JsonArray lights;
  for (const auto& [light, zh, en] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"red", "逾期", "Overdue"}, {"yellow", "将到期", "Due soon"}, {"green", "在期限内", "In time"}}) {
    const auto count =
        std::count_if(tasks.begin(), tasks.end(), [&, key = light](const Task& task) { return task.light == key; });
    JsonObject one{
        {"light", light},
        {"label", both(zh, en)},
        {"count", std::to_string(count)},
        {"to", light == wanted ? "/desk" + (kept.empty() ? "" : "?" + kept.substr(1)) : "/desk?light=" + light + kept}};
    if (light == wanted) one["current"] = true;
    lights.push_back(std::move(one));
  }
  const auto post = post_of(request);
  JsonObject inbox{{"lights", items(std::move(lights))}};
  if (!post.title.empty()) inbox["lead"] = post.title;
  JsonObject filter{{"action", "/desk"}, {"placeholder", both("坐落或编号", "Place or number")}};
  if (!query.empty()) filter["query"] = query;
  inbox["filter"] = std::move(filter);
  JsonArray groups;
  for (const auto& [light, zh, en] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"red", "逾期", "Overdue"}, {"yellow", "将到期", "Due soon"}, {"green", "待办", "Waiting"}}) {
    if (!wanted.empty() && wanted != light) continue;
    JsonArray group;
    std::size_t all = 0;
    for (const auto& task : tasks) {
      if (task.light != light) continue;
      if (++all <= k_per_group) group.push_back(task.model);
    }
    if (group.empty()) continue;
    groups.push_back(JsonObject{{"title", both(zh, en)}, {"count", std::to_string(all)}, {"tasks", std::move(group)}});
  }
  if (groups.empty()) {
    inbox["nothing"] = JsonObject{{"title", both("没有待办", "Nothing waits")},
                                  {"text", both("您目前没有必须办理的事项。", "There is nothing that you must do now.")}};
  }
  const auto has = [&](std::string_view role) {
    return std::find(post.roles.begin(), post.roles.end(), role) != post.roles.end();
  };
  if (wanted.empty() && query.empty() &&
      (has("overseer") || has("discipline") || has("organiser") || has("host") || has("director"))) {
    if (auto live = live_lots(); !live.is_null()) groups.push_back(std::move(live));
  }
  if (!groups.empty()) inbox["groups"] = items(std::move(groups));
  JsonArray desks;
  for (const auto* in : pack_.all()) {
    if (in->sealed() && !lists_sealed(request, *in).empty())
      desks.push_back(JsonObject{{"label", both(in->title)}, {"to", "/list/" + in->name}, {"count", "›"}});
  }
  for (const auto* in : pack_.all()) {
    const auto& by = in->create.by;
    const bool mine = std::any_of(by.begin(), by.end(), [&](const std::string& who) {
      return (who == "party" && request.caller->actor.starts_with("party/")) || has(who);
    });
    if (!mine) continue;
    desks.push_back(
        JsonObject{{"label", both(in->create.title.zh + "：" + in->title.zh, in->create.title.en + ": " + in->title.en)},
                   {"to", "/new/" + in->name},
                   {"count", "+"}});
  }
  {
    gather_warnings();
    const std::lock_guard lock(warnings_mutex_);
    desks.push_back(
        JsonObject{{"label", both("预警", "Warnings")}, {"to", "/warnings"}, {"count", std::to_string(warnings_.size())}});
  }
  inbox["desks"] = items(std::move(desks));
  model.as_object()["inbox"] = std::move(inbox);
  return own_page(render("inbox", model, request));
}

}  // namespace landglass::web
