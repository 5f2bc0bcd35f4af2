// 三员: system, security and audit are administered by three separate people, and each has a page with only what is theirs.
// The system administrator sees what is set up, the security administrator who holds what, the audit administrator what the
// other two did. Acts are acts of institutions like anybody's; nothing is changed here.
#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "log/leaf.hpp"
#include "web/act_titles.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/tables.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::Text;

namespace {

constexpr std::size_t k_newest_rows = 25;  // of one register: the newest; the rest stands in the register itself
constexpr std::uint64_t k_reach = 50'000;  // leaves looked through for acts of the administrators
constexpr std::size_t k_acts = 25;
constexpr std::size_t k_accounts = 500;

struct Which {
  const char* name;
  const char* role;
  Text title;
  Text lead;
};
const Which k_which[] = {
    {"system",
     "system-admin",
     {"系统管理", "System administration"},
     {"设立单位、岗位和人员，提出任命和开户，复核安全管理员提出的代理授权；不复核任命，不放行制度，不看审计。",
      "Sets up offices, posts and people, proposes appointments and accounts and confirms the delegations that the security "
      "administrator "
      "proposes; confirms no appointment, puts no institution in force, reads no audit."}},
    {"security",
     "security-admin",
     {"安全管理", "Security administration"},
     {"复核任命和开户，停用账户，启用和停用岗位密钥，提出和终止代理授权；不设岗位，不看审计。",
      "Confirms appointments and accounts, ends accounts, puts keys of posts in force and ends them, proposes and ends "
      "delegations; sets up no post, "
      "reads no "
      "audit."}},
    {"audit",
     "audit-admin",
     {"审计管理", "Audit administration"},
     {"查看另两员的行为、补录和登录账户；不设岗位，不授权。",
      "Sees what the other two did, late entries and accounts; sets up and grants nothing."}}};

std::vector<std::string> roles_of(Portal& portal, const Request& request) {
  std::vector<std::string> roles;
  portal.engine().inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto seats = registry.seats(request.caller->actor, base::date_of(portal.clock().now()));
    if (!seats) return;
    for (const auto& seat : *seats) roles.insert(roles.end(), seat.roles.begin(), seat.roles.end());
  });
  return roles;
}

// A register as it stands, newest first: what it is called, these columns, its state.
Section register_of(Portal& portal, Names& names, const std::string& name, const std::vector<std::string>& states,
                    const std::vector<std::string>& columns) {
  const auto* in = portal.pack().current(name);
  Section section(name, in == nullptr ? Text{name, name} : in->title);
  if (in == nullptr) return section;
  section.column({"名称", "Name"});
  for (const auto& column : columns)
    section.column(in->field(column) == nullptr ? Text{column, column} : in->field(column)->title);
  section.column({"状态", "State"});
  std::string where;
  for (const auto& state : states) where += (where.empty() ? " WHERE state IN ('" : ", '") + state + "'";
  if (!where.empty()) where += ")";
  section.lines();
  const auto table = engine::Cache::table_of(name) + "_public";
  auto connection = portal.reader(store::Sight::open);
  auto rows = connection->query(
      "SELECT id, state, doc FROM " + table + where + " ORDER BY changed DESC, id LIMIT " + std::to_string(k_newest_rows),
      {});
  auto count = connection->query("SELECT count(*) FROM " + table + where, {});
  if (!rows || !count) return section;
  section.count(static_cast<std::size_t>((*count)[0][0].as_int()));
  for (const auto& row : *rows) {
    const auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto& fields = doc->at("fields").as_object();
    const auto& id = row[0].as_string();
    std::vector<Cell> cells{{both(names.or_number(*in, fields, id)), href_of(id), quoted_number(id)}};
    for (const auto& column : columns) {
      const auto* field = in->field(column);
      const auto* value = fields.find(column);
      if (field == nullptr || value == nullptr || value->is_null()) {
        cells.push_back({});
        continue;
      }
      Text shown;
      const auto add = [&](const institution::Field& of, const Json& one) {
        auto text = show_value(of, one, portal.pack());
        if (const auto* named = one.if_string(); named != nullptr && names_a_record(portal.pack(), *named)) {
          text = names.shown(*named);
        }
        shown.zh += (shown.zh.empty() ? "" : "、") + text.zh;
        shown.en += (shown.en.empty() ? "" : ", ") + text.en;
      };
      if (const auto* list = value->if_array(); list != nullptr && field->items) {
        for (const auto& one : *list) add(*field->items, one);
      } else {
        add(*field, *value);
      }
      cells.push_back({both(shown)});
    }
    cells.push_back({portal.state_model(*in, row[1].as_string()).at("text")});
    section.row(std::move(cells));
  }
  section.empty({"没有。", "None."});
  section.link({"全部", "All of them"}, "/list/" + name);
  return section;
}

// By his post, or by what he is called; the leaf has no more than a key.
Json who_acted(Names& names, const std::string& post, const std::string& actor) {
  if (actor == "system" || actor == "genesis") return both("系统", "System");
  return both(names.shown(post.empty() ? actor : post));
}

// What posts with these roles did lately, out of the log; and what was entered late by anybody.
Section acts_of(Portal& portal, Names& names, const std::vector<std::string>& roles, bool late, const std::string& earlier) {
  Section section(late ? "late" : "acts",
                  late ? Text{"补录", "Entered late"} : Text{"另两员的行为", "What the other two did"});
  section.lines();
  section.column({"行为", "Act"});
  section.column({"记录", "Record"});
  section.column({"岗位", "Post"});
  section.column({"时间", "When"});
  section.column({"日志", "Leaf"}, true);
  auto connection = portal.reader(store::Sight::open);
  std::set<std::string> posts;
  if (auto rows = connection->query("SELECT id, doc FROM post_public", {}); rows && !late) {
    for (const auto& row : *rows) {
      const auto doc = base::parse_json(row[1].as_string(), base::Profile::any);
      const auto* held = doc ? doc->at("fields").at("roles").if_array() : nullptr;
      if (held == nullptr) continue;
      if (std::any_of(held->begin(), held->end(), [&](const Json& one) {
            return one.is_string() && std::find(roles.begin(), roles.end(), one.as_string()) != roles.end();
          }))
        posts.insert(row[0].as_string());
    }
  }
  auto size = portal.engine().head(log::Tree::open)->size;
  if (std::uint64_t before = 0; std::from_chars(earlier.data(), earlier.data() + earlier.size(), before).ec == std::errc())
    size = std::min(size, before);
  const auto floor = size > k_reach ? size - k_reach : 0;
  std::string last;  // the oldest that is shown
  for (auto end = size; end > floor && section.rows() < k_acts;) {
    const auto from = end > floor + 500 ? end - 500 : floor;
    const auto leaves = connection->leaves(log::Tree::open, from, end - from);
    if (!leaves) break;
    for (std::size_t i = leaves->size(); i-- > 0 && section.rows() < k_acts;) {
      const auto& bytes = (*leaves)[i];
      if (bytes.find(late ? "\"late_entry\":true" : "\"post\":\"") == std::string::npos) continue;
      const auto leaf = log::decode(bytes);
      if (!leaf) continue;
      const std::string post(leaf->change.outcome.text("post"));
      if (!late && !posts.contains(post)) continue;
      const auto* in = portal.pack().current(leaf->change.institution);
      const auto act = in == nullptr ? Text{leaf->change.action, leaf->change.action}
                                     : action_title_in(*in, leaf->change.action, leaf->change.state);
      const auto called = names.of(leaf->change.record);
      const auto index = std::to_string(from + i);
      section.row(
          {{both(act), {}, in == nullptr ? Json() : both(in->title)},
           {called.empty() ? Json(number_of(leaf->change.record)) : both(called), href_of(leaf->change.record)},
           {who_acted(names, post, leaf->actor), leaf->actor.find('/') == std::string::npos ? "" : href_of(leaf->actor)},
           {base::format_local(leaf->time).substr(0, 16)},
           {index, "/log/" + index, {}, true}});
      last = index;
    }
    end = from;
  }
  section.empty(late ? Text{"没有补录。", "Nothing was entered late."} : Text{"没有行为。", "They did nothing yet."});
  if (section.rows() == k_acts)
    section.link({"更早的", "Earlier ones"}, "/admin/audit?" + section.id() + "=" + last + "#" + section.id());
  if (!earlier.empty()) section.link({"最近的", "The newest"}, "/admin/audit#" + section.id());
  return section;
}

Section accounts_of(Portal& portal, Names& names) {
  Section section("accounts", {"登录账户", "Accounts"});
  section.lines();
  section.column({"用户名", "Login"});
  section.column({"何人", "Whose"});
  section.column({"动态口令", "One-time codes"});
  section.column({"在用会话", "Sessions"}, true);
  section.column({"最近使用", "Last seen"});
  section.column({"状态", "State"});
  const auto all = portal.accounts().all();
  if (!all) return section;
  section.count(all->size());
  for (const auto& one : *all) {
    if (section.rows() >= k_accounts) break;
    const auto sessions = portal.accounts().sessions().list(one.login);
    base::Time seen;
    if (sessions) {
      for (const auto& pass : *sessions) seen = std::max(seen, pass.seen);
    }
    section.row({{one.login},
                 {who_acted(names, {}, one.actor), href_of(one.actor)},
                 {one.totp ? both("已启用", "in use") : both("未启用", "not in use")},
                 {std::to_string(sessions ? sessions->size() : 0), {}, {}, true},
                 {seen.ms > 0 ? base::format_local(seen).substr(0, 16) : std::string()},
                 {one.disabled ? both("已停用", "disabled") : both("可登录", "may sign in")}});
  }
  section.say(
      {"工作人员的账户由系统管理员提出、安全管理员复核，本人领取；运维人员在服务器上设立、停用的（landglass "
       "user），也列在此处，但日志中没有其记录。会话和令牌由本人查看、注销。",
       "An official's account is proposed by the system administrator, confirmed by the security administrator and "
       "opened by whose it is; what the operator makes or disables on the server (landglass user) stands here too, and "
       "in no log. Sessions and tokens are seen and ended by whose they are."});
  return section;
}

// What a post with this role may begin.
Section begins(Portal& portal, const std::string& role) {
  Section section("begin", {"可以办理", "What may be begun"});
  for (const auto* in : portal.pack().all()) {
    if (std::find(in->create.by.begin(), in->create.by.end(), role) == in->create.by.end()) continue;
    section.link({in->create.title.zh + "：" + in->title.zh, in->create.title.en + ": " + in->title.en}, "/new/" + in->name);
  }
  if (!section.has_links()) section.empty({"没有可由此员开始的事项。", "Nothing is begun by this administrator."});
  section.link({"待办", "Desk"}, "/desk");
  return section;
}

Response admin_page(Portal& portal, const Request& request) {
  const auto wanted = request.parameter("which");
  const auto which =
      std::find_if(std::begin(k_which), std::end(k_which), [&](const Which& one) { return wanted == one.name; });
  if (which == std::end(k_which))
    return portal.refuse(base::refuse("EN-01", "没有此页", "no such page", std::string(wanted)), request);
  const auto roles = roles_of(portal, request);
  if (std::find(roles.begin(), roles.end(), which->role) == roles.end())
    return portal.refuse(
        base::refuse("EN-04", "只由" + which->title.zh + "员查看", "for this administrator alone", which->role), request);
  auto model = portal.page(request, which->title);
  auto names = portal.names();
  std::vector<Section> sections;
  sections.push_back(begins(portal, which->role));
  const std::string name = which->name;
  if (name == "system") {
    sections.push_back(register_of(portal, names, "office", {"active"}, {"region", "kind"}));
    sections.push_back(register_of(portal, names, "post", {"active"}, {"roles"}));
    sections.push_back(register_of(portal, names, "person", {}, {}));
    sections.push_back(register_of(portal, names, "appointment", {"proposed"}, {"person", "from", "to"}));
    sections.push_back(halves_of(portal, names, request));
    sections.push_back(register_of(portal, names, "official-account", {"proposed", "confirmed", "open"}, {}));
  } else if (name == "security") {
    sections.push_back(register_of(portal, names, "appointment", {"proposed", "active"}, {"person", "from", "to"}));
    sections.push_back(halves_of(portal, names, request));
    sections.push_back(register_of(portal, names, "official-account", {"proposed", "confirmed", "open"}, {}));
    sections.push_back(register_of(portal, names, "post-key", {}, {"person"}));
    sections.push_back(register_of(portal, names, "delegation", {}, {"to_person", "from", "until"}));
    sections.push_back(register_of(portal, names, "erasure", {}, {"cause"}));
  } else {
    const auto earlier = [&](const char* section) { return std::string(request.query.get(section)); };
    sections.push_back(acts_of(portal, names, {"system-admin", "security-admin"}, false, earlier("acts")));
    sections.push_back(acts_of(portal, names, {}, true, earlier("late")));
    sections.push_back(accounts_of(portal, names));
    sections.push_back(register_of(portal, names, "erasure", {}, {"cause"}));
    sections.push_back(register_of(portal, names, "pack-change", {}, {"effective"}));
  }
  model.as_object()["tables"] = tables_of(sections, which->lead);
  auto response = portal.render("tables", model, request);
  response.header("cache-control", "no-store");
  return response;
}

}  // namespace

std::string admin_page_of(const std::vector<std::string>& roles) {
  for (const auto& one : k_which) {
    if (std::find(roles.begin(), roles.end(), one.role) != roles.end()) return "/admin/" + std::string(one.name);
  }
  return {};
}

void add_admin_pages(Router& router, Portal& portal) {
  router.add(Method::get, "/admin/{which}", [&portal](const Request& request) { return admin_page(portal, request); },
             {Access::caller, Pace::read, Run::worker});
}

}  // namespace landglass::web
