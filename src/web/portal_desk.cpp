// The desk of whoever is signed in: what waits for him, by deadline, and what he may begin. The same for every post.
#include <algorithm>
#include <set>

#include "institution/verbs.hpp"
#include "watch/watch.hpp"
#include "web/amounts.hpp"
#include "web/lamps.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/portal_sale.hpp"
#include "web/uri.hpp"
#include "web/waiting.hpp"
#include "web/warned.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Institution;

namespace {

constexpr std::size_t k_per_group = 50;  // of one light, where the reader asked for it; of all lights at once fewer
constexpr std::size_t k_at_first = 12;
constexpr std::size_t k_brief = 30;  // tasks on one page for a phone
constexpr int k_of_state = 2'000;    // sealed records of one state that are looked through
constexpr std::size_t k_tasks_of_register =
    500;                                   // tasks of one register; nobody has so many before him that these are not enough
constexpr int k_rounds = 50;               // through a register, where most of it turns out not to be his
constexpr std::size_t k_naming_him = 500;  // sealed records that name him
constexpr std::size_t k_looked_at_once = 32;  // records that the sequencer looks at before it goes on

std::string finals_of(const Institution& in) {
  std::string finals;
  for (const auto& state : in.main.states) {
    if (state.final) finals += (finals.empty() ? "'" : ", '") + state.name + "'";
  }
  return finals;
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
      post.regions.push_back(seat.region);
      post.offices.push_back(seat.office);
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
  const auto now = clock_.now();
  const auto* in = pack_.current(k_lots);
  for (const auto& row : *rows) {
    auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto standing = standing_of(*doc);
    const auto due = base::parse_time(standing.due);
    const auto& fields = doc->at("fields");
    const auto& id = row[0].as_string();
    const bool frozen = row[1].as_string() == "frozen";
    JsonObject term{{"left", both("时间停止计算", "the clock stands")},
                    {"light", frozen ? "red" : "green"},
                    {"light_text", frozen ? both("已冻结", "frozen") : both("进行中", "running")}};
    if (due) {
      term["left"] = both(time_left(*due, now));
      term["text"] = base::format_local(*due).substr(0, 16);
      term["iso"] = base::format_utc(*due);
    }
    tasks.push_back(JsonObject{
        {"title", fields.text("location").empty() ? id : std::string(fields.text("location"))},
        {"to", href_of(id)},
        {"institution", both(in->title)},
        {"number", std::string(fields.text("notice_no").empty() ? std::string_view(id) : fields.text("notice_no"))},
        {"step", both(phase_name(standing.phase))},
        {"price", both(money_shown(base::parse_money(standing.price).value_or(base::Money{})))},
        {"state", state_model(*in, row[1].as_string())},
        {"due", std::move(term)}});
  }
  if (tasks.empty()) return Json();
  const auto count = std::to_string(tasks.size());
  return JsonObject{{"title", both("正在交易的标的", "Sales that are on")}, {"count", count}, {"tasks", std::move(tasks)}};
}

// Of the sealed registers that he may list, what stands in a state in which his posts act (past its day a record has no
// deadline any more, and waits all the same); of all of them what names him, and what waits for a day: he may not read all
// of it.
std::vector<std::string> Portal::sealed_candidates(const Request& request, const std::vector<std::string>& roles) {
  std::set<std::string> sealed;
  const auto take = [&](const base::Result<std::vector<std::string>>& ids) {
    if (ids) sealed.insert(ids->begin(), ids->end());
  };
  for (const auto* in : pack_.all()) {
    const auto regions = in->sealed() && works_on(*in, roles) ? lists_sealed(request, *in) : std::vector<std::string>();
    if (regions.empty()) continue;
    for (const auto& state : in->main.states) {
      if (waits_for(*in, state, roles)) take(watch_->listed({in->name, regions, state.name, "", 0, k_of_state}));
    }
  }
  if (watch_ != nullptr) take(watch_->own(request.caller->actor, k_naming_him));
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) { take(cache.sealed_waiting(400)); });
  return {sealed.begin(), sealed.end()};
}

Portal::Tasks Portal::tasks_of(const Request& request, const std::string& query) {
  Tasks tasks;
  const auto post = post_of(request);
  const auto& roles = post.roles;
  const Worker worker{request.caller->actor, roles, post.regions, post.offices};
  struct Seen {
    const Institution* in;
    std::string id;
    JsonObject fields;
    Text step;
    std::string states;
    std::optional<base::Time> due;
  };
  std::vector<Seen> seen;
  std::set<std::string, std::less<>> met;
  const auto now = clock_.now();
  const auto look = [&](institution::Registry& registry, engine::Cache& cache, const Institution* in,
                        const std::string& id) {
    if (!met.insert(id).second) return;
    auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    if (in == nullptr) {
      in = registry.institution_of(record);
      if (in == nullptr || !may_see(registry, cache, *in, record, request, now)) return;
    }
    for (const auto* action : registry.actions_of(record)) {
      if (!is_task(*in, *action) || !registry.may(record, *action, request.caller->actor, "", now) ||
          !institution::verb_fits(*in, record, *action, request.caller->actor))
        continue;
      seen.push_back({in, id, record.fields, action->title, record.states(), next_due(*in, record)});
      return;
    }
  };
  // A few at a time: bids do not wait behind a desk.
  const auto look_through = [&](const Institution* in, const std::vector<std::string>& ids) {
    for (std::size_t from = 0; from < ids.size(); from += k_looked_at_once) {
      engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
        const auto end = std::min(ids.size(), from + k_looked_at_once);
        for (auto i = from; i < end; ++i) look(registry, cache, in, ids[i]);
      });
    }
  };
  {
    auto connection = reader(store::Sight::internal);
    for (const auto* in : pack_.all()) {
      if (in->sealed()) continue;
      const auto before = seen.size();
      for (int round = 0;; ++round) {
        const auto waiting = waiting_records(*connection, *in, worker, round);
        if (!waiting) break;
        look_through(in, waiting->ids);
        if (!waiting->more) break;
        if (round < k_rounds && seen.size() < before + k_tasks_of_register) continue;
        tasks.among.push_back(in);
        break;
      }
    }
  }
  look_through(nullptr, sealed_candidates(request, roles));
  // What a record is called is looked up when the sequencer has gone on.
  auto names = this->names();
  for (const auto& one : seen) {
    const auto title = names.or_number(*one.in, one.fields, one.id);
    if (!query.empty() && title.zh.find(query) == std::string::npos && title.en.find(query) == std::string::npos &&
        one.id.find(query) == std::string::npos)
      continue;
    const auto& lamp = lamp_of(one.due, base::date_of(now), pack_.calendar());
    JsonObject task{{"title", both(title)},   {"to", href_of(one.id)},
                    {"kind", one.in->name},   {"institution", both(one.in->title)},
                    {"step", both(one.step)}, {"state", state_model(*one.in, one.states)}};
    if (auto number = quoted_number(one.id); !number.empty() && number != title.zh) task["number"] = std::move(number);
    if (one.due) task["due"] = due_model(*one.due, now, pack_.calendar());
    tasks.list.push_back({Json(std::move(task)), lamp.name, one.due.value_or(base::Time{INT64_MAX}).ms});
  }
  std::stable_sort(tasks.list.begin(), tasks.list.end(), [](const Task& a, const Task& b) { return a.due < b.due; });
  return tasks;
}

Response Portal::inbox(const Request& request) {
  auto model = page(request, {"待办", "Desk"});
  const std::string query(request.query.get("q"));
  const std::string wanted(request.query.get("light"));
  const std::string kind(request.query.get("kind") == "all" ? "" : request.query.get("kind"));
  gather_warnings();
  auto all_tasks = tasks_of(request, query);
  auto& tasks = all_tasks.list;
  std::map<std::string, std::pair<Json, std::size_t>> kinds;
  for (const auto& task : tasks) {
    auto& held = kinds[std::string(task.model.text("kind"))];
    held.first = task.model.at("institution");
    ++held.second;
  }
  if (!kind.empty()) std::erase_if(tasks, [&](const Task& task) { return task.model.text("kind") != kind; });
  const auto kept = (query.empty() ? std::string() : "&q=" + encode_component(query)) +
                    (kind.empty() ? std::string() : "&kind=" + encode_component(kind));
  JsonArray lights;
  for (const auto& lamp : all_lamps()) {
    const std::string light = lamp.name;
    const auto count = std::count_if(tasks.begin(), tasks.end(), [&](const Task& task) { return task.light == light; });
    JsonObject one{
        {"light", light},
        {"label", both(lamp.title)},
        {"count", std::to_string(count)},
        {"to", light == wanted ? "/desk" + (kept.empty() ? "" : "?" + kept.substr(1)) : "/desk?light=" + light + kept}};
    if (light == wanted) one["current"] = true;
    lights.push_back(std::move(one));
  }
  if (!all_tasks.among.empty()) {
    Text more;
    for (const auto* in : all_tasks.among)
      more = {more.zh + (more.zh.empty() ? "" : "、") + in->title.zh,
              more.en + (more.en.empty() ? "" : ", ") + in->title.en};
    model.as_object()["notices"] = items(JsonArray{JsonObject{
        {"tone", "info"},
        {"text",
         both("以下登记簿中等您办理的很多，此处先列最早到期和等候最久的：" + more.zh,
              "So much waits for you here that what is due first and has waited longest is told first: " + more.en)}}});
  }
  const auto post = post_of(request);
  JsonObject inbox{{"lights", items(std::move(lights))}};
  if (!post.title.empty()) inbox["lead"] = post.title;
  JsonObject filter{{"action", "/desk"}, {"placeholder", both("坐落、名称或编号", "Place, name or number")}};
  if (!query.empty()) filter["query"] = query;
  if (kinds.size() > 1) {
    JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
    for (const auto& [name, held] : kinds) {
      const auto count = " (" + std::to_string(held.second) + ")";
      JsonObject option{
          {"value", name},
          {"label", both(std::string(held.first.text("zh")) + count, std::string(held.first.text("en")) + count)}};
      if (name == kind) option["selected"] = true;
      options.push_back(std::move(option));
    }
    filter["choices"] =
        JsonArray{JsonObject{{"name", "kind"}, {"label", both("事项", "Matter")}, {"options", std::move(options)}}};
  }
  inbox["filter"] = std::move(filter);
  JsonArray groups;
  for (const auto& lamp : all_lamps()) {
    const std::string light = lamp.name;
    if (!wanted.empty() && wanted != light) continue;
    JsonArray group;
    std::size_t all = 0;
    for (const auto& task : tasks) {
      if (task.light != light) continue;
      if (++all <= (wanted.empty() ? k_at_first : k_per_group)) group.push_back(task.model);
    }
    if (group.empty()) continue;
    JsonObject one{{"title", both(lamp.title)}, {"count", std::to_string(all)}};
    if (wanted.empty() && all > group.size())
      one["more"] = JsonObject{{"to", "/desk?light=" + light + kept},
                               {"label", both("看全部 " + std::to_string(all) + " 件", "See all " + std::to_string(all))}};
    one["tasks"] = std::move(group);
    groups.push_back(std::move(one));
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
  JsonArray boards, closed, begins, more;
  for (const auto* in : pack_.all()) {
    if (!in->board || (in->sealed() ? lists_sealed(request, *in).empty() : !works_on(*in, post.roles))) continue;
    boards.push_back(JsonObject{{"label", both(in->title)}, {"to", "/board/" + in->name}});
  }
  for (const auto* in : pack_.all()) {
    if (in->sealed() && !lists_sealed(request, *in).empty())
      closed.push_back(JsonObject{{"label", both(in->title)}, {"to", "/list/" + in->name}});
  }
  for (const auto* in : pack_.all()) {
    const auto& by = in->create.by;
    const bool mine = std::any_of(by.begin(), by.end(), [&](const std::string& who) {
      return (who == "party" && request.caller->actor.starts_with("party/")) || has(who);
    });
    if (!mine || request.caller->actor.starts_with(in->name + "/")) continue;  // nobody enrols himself twice
    begins.push_back(JsonObject{
        {"label", in->create.title.zh == in->title.zh || in->create.title.en == in->title.en
                      ? both(in->title)
                      : both(in->create.title.zh + "：" + in->title.zh, in->create.title.en + ": " + in->title.en)},
        {"to", "/new/" + in->name}});
  }
  if (const auto page = admin_page_of(post.roles); !page.empty())
    more.push_back(JsonObject{{"label", both("管理员页面", "Administration")}, {"to", page}});
  more.push_back(JsonObject{{"label", both("我的记录与证明", "My records and proofs")}, {"to", "/own"}});
  more.push_back(JsonObject{{"label", both("账户与安全", "Account and security")}, {"to", "/account"}});
  if (!post.title.empty()) more.push_back(JsonObject{{"label", both("领导一页", "In brief")}, {"to", "/brief"}});
  {
    const auto told = sealed_warnings(request).size();
    const std::lock_guard lock(warnings_mutex_);
    more.push_back(JsonObject{
        {"label", both("预警", "Warnings")}, {"to", "/warnings"}, {"count", std::to_string(warnings_.size() + told)}});
  }
  JsonArray desks;
  const auto panel = [&](const char* id, Text title, JsonArray links) {
    if (!links.empty()) desks.push_back(JsonObject{{"id", id}, {"title", both(title)}, {"links", std::move(links)}});
  };
  panel("begin", {"可以新办", "Begin"}, std::move(begins));
  panel("boards", {"看板", "Boards"}, std::move(boards));
  panel("closed", {"不公开的登记簿", "Registers that are not public"}, std::move(closed));
  panel("more", {"其他", "More"}, std::move(more));
  inbox["desks"] = items(std::move(desks));
  model.as_object()["inbox"] = std::move(inbox);
  return own_page(render("inbox", model, request));
}

// One page of what waits for a leader, for a phone: what he has to decide now, how the matters of his region stand, and what
// was warned of.
Response Portal::brief(const Request& request) {
  auto model = page(request, {"领导一页", "In brief"});
  gather_warnings();
  const auto all_tasks = tasks_of(request, "");
  const auto& tasks = all_tasks.list;
  const auto post = post_of(request);
  const auto now = clock_.now();
  JsonObject brief;
  if (!post.title.empty()) brief["lead"] = post.title;
  JsonArray waiting;
  for (const auto& task : tasks) {
    if (waiting.size() == k_brief) break;
    waiting.push_back(task.model);
  }
  const auto late = std::count_if(tasks.begin(), tasks.end(),
                                  [](const Task& task) { return task.light == "red" || task.light == "yellow"; });
  const auto soon = std::count_if(tasks.begin(), tasks.end(), [](const Task& task) { return task.light == "reminder"; });
  JsonArray figures{JsonObject{{"label", both("等您办理", "Waiting for you")}, {"text", std::to_string(tasks.size())}},
                    JsonObject{{"label", both("其中逾期", "Of these overdue")}, {"text", std::to_string(late)}},
                    JsonObject{{"label", both("将到期", "Due soon")}, {"text", std::to_string(soon)}}};
  if (!waiting.empty()) brief["tasks"] = items(std::move(waiting));

  // Everything that has a term, institution by institution: how many are open, and how many fall due in a month.
  auto connection = reader(store::Sight::internal);
  const auto horizon = base::Time{now.ms + 30 * base::k_day};
  std::map<std::string, std::size_t> due;
  auto timers = connection->query(
      "SELECT record, min(due) FROM timers WHERE due <= ? AND name NOT IN ('tick', 'settle') GROUP BY record LIMIT 20000",
      {Json(horizon.ms)});
  if (timers) {
    for (const auto& row : *timers) {
      const auto& id = row[0].as_string();
      ++due[id.substr(0, id.find('/'))];
    }
  }
  std::map<std::string, std::size_t> raised;
  std::map<std::pair<std::string, std::string>, std::size_t> codes;  // by code and the institution whose words it has
  std::size_t recent = 0;
  {
    const std::lock_guard lock(warnings_mutex_);
    for (const auto& one : warnings_) {
      if (one.time + 30 * base::k_day < now) continue;
      ++recent;
      ++raised[one.institution];
      ++codes[{one.code, one.institution}];
    }
  }
  figures.push_back(JsonObject{{"label", both("近30日预警", "Warnings of 30 days")}, {"text", std::to_string(recent)}});
  brief["figures"] = items(std::move(figures));
  JsonArray rows;
  for (const auto* in : pack_.all()) {
    if (in->sealed()) continue;
    const auto soon_here = due[in->name];
    const auto warned = raised[in->name];
    if (soon_here + warned == 0) continue;
    const auto finals = finals_of(*in);
    auto count = connection->query("SELECT count(*) FROM " + engine::Cache::table_of(in->name) + "_public" +
                                       (finals.empty() ? "" : " WHERE state NOT IN (" + finals + ")"),
                                   {});
    const auto open = count && !count->empty() ? (*count)[0][0].as_int() : 0;
    rows.push_back(JsonObject{{"label", both(in->title)},
                              {"to", "/list/" + in->name},
                              {"open", std::to_string(open)},
                              {"soon", std::to_string(soon_here)},
                              {"warned", std::to_string(warned)}});
  }
  if (!rows.empty()) brief["rows"] = items(std::move(rows));
  JsonArray warned;
  std::vector<std::pair<std::pair<std::string, std::string>, std::size_t>> most(codes.begin(), codes.end());
  std::stable_sort(most.begin(), most.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [at, count] : most)
    warned.push_back(JsonObject{{"label", both(code_and_words(pack_, at.second, at.first))},
                                {"count", std::to_string(count)},
                                {"to", "/warnings?code=" + encode_component(at.first)}});
  if (!warned.empty()) brief["warned"] = items(std::move(warned));
  if (tasks.empty())
    brief["nothing"] = JsonObject{{"title", both("没有等您办理的事项", "Nothing waits for you")},
                                  {"text", both("新的事项到达后会出现在这里。", "What comes in will stand here.")}};
  model.as_object()["brief"] = std::move(brief);
  return own_page(render("brief", model, request));
}

}  // namespace landglass::web
