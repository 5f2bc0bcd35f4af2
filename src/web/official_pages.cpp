// An official's account is given out by two (decision 0189): each of them prints half of the code that opens it, and whose
// it is opens it with both. What stands is the record's state in the log; the account follows it.
#include <sodium.h>

#include "log/command_id.hpp"
#include "web/account_parts.hpp"
#include "web/open_pages.hpp"
#include "web/portal.hpp"
#include "web/problem.hpp"
#include "web/tables.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::string_view k_officials = "official-account";

struct AccountStanding {
  std::string state;
  std::string person;
  std::string proposed_by, confirmed_by;
  base::Time until;  // of the code
};

// As of now; a state that is empty: there is no such account.
AccountStanding account_standing(Portal& portal, std::string_view record) {
  AccountStanding out;
  if (!record.starts_with(std::string(k_officials) + "/")) return out;
  portal.engine().inspect([&](institution::Registry&, engine::Cache& cache) {
    const auto found = cache.find(record);
    if (!found || *found == nullptr) return;
    const auto& held = **found;
    out.state = held.state;
    out.person = held.fields.text("person");
    const auto by = [&](const char* action) {
      const auto done = held.done.find(action);
      return done == held.done.end() ? std::string() : done->second.actor;
    };
    out.proposed_by = by("create");
    out.confirmed_by = by("confirm");
    if (const auto term = held.timers.find("term"); term != held.timers.end()) out.until = term->second.due;
  });
  return out;
}

Response private_page(Response response) {
  response.header("cache-control", "no-store");
  return response;
}

// -- half of the code, for one of the two --

Response half_page(Portal& portal, const Request& request) {
  const std::string record = std::string(k_officials) + "/" + std::string(request.parameter("number"));
  const auto standing = account_standing(portal, record);
  if (standing.state.empty())
    return portal.refuse(base::refuse("EN-01", "没有这个账户", "there is no such account", record), request);
  if (standing.state != "confirmed")
    return portal.refuse(
        base::refuse("EN-02", "不是待领取的账户，没有开户码", "it does not wait to be opened: it has no code", record),
        request);
  const auto& caller = request.caller->actor;
  const bool first = caller == standing.proposed_by;
  if (!first && caller != standing.confirmed_by)
    return portal.refuse(base::refuse("EN-04", "开户码只由提出人和复核人各见一半",
                                      "each half is seen by one of the two who gave the account out", record),
                         request);
  const Text title =
      first ? Text{"开户码（其一）", "Code, the first half"} : Text{"开户码（其二）", "Code, the second half"};
  auto names = portal.names();
  portal.tell_names(names, {{"person", standing.person}}, request);
  JsonArray fields;
  const auto put = [&](Text label, Json text) {
    fields.push_back(JsonObject{{"name", label.en}, {"label", both(label)}, {"text", std::move(text)}});
  };
  put({"交给", "For"}, both(names.shown(standing.person)));
  put({"编号", "Number"}, number_of(record));
  put(title, in_fours(portal.accounts().half(record, first ? Accounts::Half::first : Accounts::Half::second)));
  put({"领取地址", "Opened at"},
      both("本站登录页“领取工作人员账户”", "this site's page of signing in, “Open an official's account”"));
  if (standing.until.ms > 0) put({"有效至", "Until"}, base::format_local(standing.until).substr(0, 16));
  auto model = portal.page(request, title);
  model.as_object()["slip"] = JsonObject{
      {"lead", both("当面交给本人，不要转交，不要与另一半放在一起。集齐两半才能开立账户。",
                    "Hand it to whose it is, to nobody else, and never together with the other half: only both open "
                    "the account.")},
      {"fields", std::move(fields)},
      {"back", JsonObject{{"to", href_of(record)}, {"label", both("返回账户", "Back to the account")}}}};
  return private_page(portal.render("slip", model, request));
}

// -- opened by whose it is --

Response open_page(Portal& portal, const Request& request, const Pairs& given, const base::Refusal* error) {
  const auto told = [&](std::string_view code) { return error != nullptr && error->code == code ? error->say : Text{}; };
  const auto input = [&](const char* id, const char* name, Text label, const char* complete, Text help,
                         const Text& wrong = {}) {
    return text_input(id, name, label, complete, given.get(name), help, wrong);
  };
  const auto login_error =
      error != nullptr && (error->code == "ACCOUNT-TAKEN" || error->code == "ACCOUNT-LOGIN") ? error->say : Text{};
  JsonArray inputs{
      input("open-number", "number", {"编号", "Number"}, "off", {"印在两张纸条上。", "It stands on both slips."},
            told("ACCOUNT-SLIP")),
      input("open-first", "first", {"开户码（其一）", "Code, the first half"}, "off",
            {"系统管理员交给您的。", "From the system administrator."}),
      input("open-second", "second", {"开户码（其二）", "Code, the second half"}, "off",
            {"安全管理员交给您的。", "From the security administrator."}),
      input("open-login", "login", {"用户名", "Login"}, "username",
            {"二至六十四个字符，由您自定；不公开。", "2 to 64 characters, of your choice; not shown to anybody."},
            login_error),
      password_input("open-password", "password", {"口令", "Password"}, "new-password", k_password_rule,
                     told("ACCOUNT-PASSWORD")),
      password_input("open-again", "again", {"再输一次口令", "The password once more"}, "new-password", {},
                     told("ACCOUNT-AGAIN"))};
  auto about =
      part("open", {"开户码", "The code"},
           {"账户由系统管理员提出、安全管理员复核，二人各给您半个开户码。没有两半，谁也不能替您开立。",
            "Your account was proposed by the system administrator and confirmed by the security administrator, and "
            "each of them gave you half a code. Without both nobody opens it in your place."});
  auto form = small_form("open-account", "/join/official", {"开立账户", "Open the account"}, std::move(inputs));
  if (error != nullptr) {
    const char* field = error->code == "ACCOUNT-SLIP"       ? "number"
                        : error->code == "ACCOUNT-PASSWORD" ? "password"
                        : error->code == "ACCOUNT-AGAIN"    ? "again"
                                                            : "login";
    form["errors"] =
        items(JsonArray{JsonObject{{"text", both(error->code + " " + error->say.zh, error->code + " " + error->say.en)},
                                   {"to", std::string("#open-") + field}}});
  }
  about["form"] = std::move(form);
  auto model = portal.page(request, {"领取工作人员账户", "Open an official's account"});
  model.as_object()["account"] = JsonObject{{"parts", items(JsonArray{std::move(about)})}};
  return private_page(portal.render("account", model, request, error == nullptr ? 200 : status_of(*error)));
}

// As people copy them: with blanks, and the code in any case, with hyphens between.
std::string without_blanks(std::string_view text) {
  std::string out;
  std::copy_if(text.begin(), text.end(), std::back_inserter(out), [](char c) { return c != ' '; });
  return out;
}
std::string typed(std::string_view code) {
  std::string out;
  for (const char c : code) {
    if (c != ' ' && c != '-') out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return out;
}
bool same(const std::string& given, const std::string& right) {
  return given.size() == right.size() && sodium_memcmp(given.data(), right.data(), right.size()) == 0;
}

void open_account(Portal& portal, Request request, Respond respond) {
  auto form = parse_form(request);
  if (!form) return respond(portal.refuse(form.trouble(), request));
  const auto again = [&](const base::Refusal& no) { respond(open_page(portal, request, *form, &no)); };
  if (form->get("password") != form->get("again"))
    return again(base::refuse("ACCOUNT-AGAIN", "两次输入的口令不同", "the two passwords differ", "again"));
  const auto record = std::string(k_officials) + "/" + without_blanks(form->get("number"));
  const auto standing = account_standing(portal, record);
  auto& accounts = portal.accounts();
  // Open in the log and on no account: the machine fell between the two, and the code still opens it.
  const auto stands = accounts.stands_on(record);
  const bool waits = standing.state == "confirmed" || (standing.state == "open" && stands && !*stands);
  const bool fits = same(typed(form->get("first")), accounts.half(record, Accounts::Half::first)) &&
                    same(typed(form->get("second")), accounts.half(record, Accounts::Half::second));
  if (!waits || !fits)
    return again(base::refuse("ACCOUNT-SLIP", "编号与两半开户码不符，或者已经领取、撤回、过期",
                              "number and halves do not go together, or it was opened, withdrawn or has lapsed", "number"));
  auto shared = std::make_shared<Request>(std::move(request));
  auto answer = std::make_shared<Respond>(std::move(respond));
  const std::string login(form->get("login"));
  Accounts::Opening opening{login, std::string(form->get("password")), standing.person, record};
  const auto take = [&portal, record, standing]() -> base::Status {
    if (standing.state == "open") return base::Done{};
    base::SystemRandom fresh;
    engine::Command command;
    command.id = log::command_id(portal.clock().now(), fresh.bytes32());
    command.actor = standing.person;
    command.record = record;
    command.action = "take";
    LG_TRY(const auto taken, portal.engine().call(std::move(command)));
    (void)taken;
    return base::Done{};
  };
  accounts.open_official(
      std::move(opening), take, [&portal, shared, answer, login, form = *std::move(form)](const base::Status& opened) {
        if (opened.refused()) return (*answer)(open_page(portal, *shared, form, &opened.refusal()));
        if (!opened) return (*answer)(portal.refuse(opened.trouble(), *shared));
        auto response = redirect("/desk");
        if (const auto begun = portal.accounts().sessions().begin(clean_login(login).value_or(""), "browser"))
          response.header("set-cookie", portal.gate().session_cookie(begun->secret));
        (*answer)(std::move(response));
      });
}

}  // namespace

Section halves_of(Portal& portal, Names& names, const Request& request) {
  Section section("halves", {"待交付的开户码", "Codes to hand over"});
  section.lines();
  section.column({"人员", "Person"});
  section.column({"我的一半", "My half"});
  section.empty({"没有。", "None."});
  const auto table = engine::Cache::table_of(k_officials) + "_public";
  const auto rows = portal.reader(store::Sight::open)
                        ->query("SELECT id FROM " + table + " WHERE state = 'confirmed' ORDER BY changed, id", {});
  if (!rows) return section;
  for (const auto& row : *rows) {
    const auto& id = row[0].as_string();
    const auto standing = account_standing(portal, id);
    const auto& caller = request.caller->actor;
    if (standing.state != "confirmed" || (caller != standing.proposed_by && caller != standing.confirmed_by)) continue;
    portal.tell_names(names, {{"person", standing.person}}, request);
    section.row({{both(names.shown(standing.person)), href_of(id), quoted_number(id)},
                 {both("打印", "Print"), "/account/half/" + number_of(id)}});
  }
  return section;
}

void follow_official_accounts(Portal& portal) {
  auto& accounts = portal.accounts();
  portal.engine().listen([&accounts](const std::vector<engine::Published>& events) {
    for (const auto& event : events) {
      if (event.institution != k_officials || event.state != "ended") continue;
      const auto ended = accounts.end_of(event.record);
      (void)ended;  // a full disk: the next start sees to it
    }
  });
  const auto held = accounts.stood_on();  // what ended while this was not running, or after an older copy of the accounts
  if (!held) return;
  for (const auto& record : *held) {
    if (account_standing(portal, record).state == "open") continue;
    const auto ended = accounts.end_of(record);
    (void)ended;
  }
}

void add_official_pages(Router& router, Portal& portal) {
  const RouteOptions open{Access::open, Pace::read, Run::worker};
  router.add(Method::get, "/account/half/{number}", [&portal](const Request& request) { return half_page(portal, request); },
             {Access::caller, Pace::read, Run::worker});
  router.add(
      Method::get, "/join/official",
      [&portal](const Request& request) { return open_page(portal, request, request.query, nullptr); }, open);
  router.add_async(
      Method::post, "/join/official",
      [&portal](Request request, Respond respond) { open_account(portal, std::move(request), std::move(respond)); },
      {Access::open, Pace::login});
}

}  // namespace landglass::web
