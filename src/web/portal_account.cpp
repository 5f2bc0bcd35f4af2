// One's account: a citizen or bidder opens it for himself; who has one changes his password, puts one-time codes in force
// and ends sessions elsewhere; no token does any of it. What an account may do is none of this: that is appointments and
// institutions (decision 0184).
#include <charconv>

#include "disclosure/qr.hpp"
#include "log/command_id.hpp"
#include "web/account_parts.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/rate.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr const char* k_register = "party";  // where whoever is no official stands
constexpr int k_longest_token_days = 366;
constexpr const char* k_name = "name";  // asked of whoever comes by himself: a deposit is told by it

}  // namespace

Response Portal::account_pages(JsonArray parts, const Text& title, const Request& request, int status) const {
  auto model = page(request, title);
  model.as_object()["account"] = JsonObject{{"parts", items(std::move(parts))}};
  return own_page(render("account", model, request, status));
}

// -- an account of one's own --

Response Portal::join_page(const Request& request, const JsonObject& given, const base::Refusal* error) {
  const auto* in = pack_.current(k_register);
  if (in == nullptr || !options_.join)
    return refuse(base::refuse("ACCOUNT-CLOSED", "本站不受理自行开户，请到交易中心窗口办理",
                               "accounts are not opened here: please come to the trading centre"),
                  request);
  auto form = form_model(*in, in->create, "/join", nullptr, &given, error);
  auto& inputs = form.as_object()["inputs"].as_array();
  std::erase_if(inputs, [](const Json& one) { return one.text("name") == "key"; });
  for (auto& one : inputs) {
    if (one.text("name") == k_name) one.as_object()["required"] = true;
  }
  const auto told = [&](std::string_view code) {
    return error != nullptr && error->code.starts_with(code) ? error->say : Text{};
  };
  const auto taken = error != nullptr && error->code == "ACCOUNT-TAKEN" ? error->say : told("ACCOUNT-LOGIN");
  JsonArray all{text_input("join-login", "login", {"用户名", "Login"}, "username", given.text("login"),
                           {"二至六十四个字符；不公开，只用于登录。", "2 to 64 characters; not shown to anybody."}, taken),
                password_input("join-password", "password", {"口令", "Password"}, "new-password", k_password_rule,
                               told("ACCOUNT-PASSWORD")),
                password_input("join-again", "again", {"再输一次口令", "The password once more"}, "new-password", {},
                               told("ACCOUNT-AGAIN"))};
  for (auto& one : inputs) all.push_back(std::move(one));
  form.as_object()["inputs"] = std::move(all);
  form.as_object()["submit"] = both("开户", "Open the account");
  auto about =
      part("join", {"您的情况", "About you"},
           {"个人和单位都可自行开户：竞买、信访、提出异议和核对本人的办理。名称和号码不公开，也不写入日志；是否属实不在此核"
            "验，交纳保证金时付款户名须与名称一致，成交后再审查资格。举报不需要开户。",
            "Anyone may open one, to bid, to petition, to object and to follow matters of his own. Name and number are not "
            "shown and never stand in the log; they are not checked here: a deposit must come from an account of that "
            "name, and who wins is looked at then. No account is needed to report."});
  about["form"] = std::move(form);
  return account_pages(JsonArray{std::move(about)}, {"开户", "Open an account"}, request,
                       error == nullptr ? 200 : status_of(*error));
}

void Portal::join(Request request, Respond respond) {
  const auto sent = parse_form(request);
  if (!sent) return respond(refuse(sent.trouble(), request));
  const auto* in = pack_.current(k_register);
  if (in == nullptr || !options_.join) return respond(join_page(request, {}, nullptr));
  auto fields = fields_of_form(*in, in->create, *sent);
  const std::string login(sent->get("login"));
  base::SystemRandom random;
  const auto key = "p" + base::to_hex(base::BytesView(random.bytes32()).first(8));
  auto shown = fields;
  shown["login"] = login;
  fields["key"] = key;
  if (sent->get("password") != sent->get("again")) {
    const auto no = base::refuse("ACCOUNT-AGAIN", "两次输入的口令不同", "the two passwords differ", "again");
    return respond(join_page(request, shown, &no));
  }
  if (fields.text(k_name).empty()) {
    const auto* name = in->field(k_name);
    const auto no = base::refuse("EN-08", "缺少：" + name->title.zh, "missing: " + name->title.en, k_name);
    return respond(join_page(request, shown, &no));
  }
  // The account first, under a key that nobody has: what the register refuses closes it again.
  const auto actor = std::string(k_register) + "/" + key;
  auto shared = std::make_shared<Request>(std::move(request));
  auto answer = std::make_shared<Respond>(std::move(respond));
  accounts_.open_for(login, std::string(sent->get("password")), actor, [=, this](base::Status opened) {
    if (opened.refused()) return (*answer)(join_page(*shared, shown, &opened.refusal()));
    if (!opened) return (*answer)(refuse(opened.trouble(), *shared));
    base::SystemRandom fresh;
    engine::Command command;
    command.id = log::command_id(clock_.now(), fresh.bytes32());
    command.actor = actor;
    command.institution = k_register;
    command.fields = fields;
    const auto made = engine_.call(std::move(command));  // this thread hashes passwords, and may wait
    if (!made) {
      const auto closed = accounts_.close(login);
      (void)closed;
      return (*answer)(made.refused() ? join_page(*shared, shown, &made.refusal()) : refuse(made.trouble(), *shared));
    }
    auto response = redirect("/desk");
    if (const auto begun = accounts_.sessions().begin(clean_login(login).value_or(""), "browser"))
      response.header("set-cookie", gate_.session_cookie(begun->secret));
    (*answer)(std::move(response));
  });
}

// -- what is in force for him who is signed in --

Response Portal::account_page(const Request& request) { return account_page(request, {}); }

Response Portal::account_page(const Request& request, const AccountErrors& errors) {
  const auto& caller = *request.caller;
  const auto account = accounts_.account(caller.login);
  if (!account) return refuse(account.trouble(), request);
  JsonArray parts;
  auto password = part("password", {"口令", "Password"},
                       {"更换后，所有设备上的登录都会结束。", "After that every session ends, on every device."});
  password["form"] = small_form(
      "change-password", "/account/password", {"更换口令", "Change the password"},
      JsonArray{
          password_input("old", "old", {"现在的口令", "The password now"}, "current-password", {}, errors.old_password),
          password_input("new", "new", {"新口令", "New password"}, "new-password", k_password_rule, errors.new_password),
          password_input("again", "again", {"再输一次新口令", "The new password once more"}, "new-password", {},
                         errors.again)});
  parts.push_back(std::move(password));
  auto totp =
      part("totp", {"动态口令", "One-time codes"},
           account->totp ? Text{"已启用：登录时除口令外还须输入动态口令。停用须由平台管理人员办理。",
                                "In force: signing in takes a code besides. Only the platform's administration ends it."}
                         : Text{"在手机上安装动态口令应用（TOTP）后启用：口令泄露时，他人仍不能登录。",
                                "With an app for one-time codes (TOTP) on your phone, who learns your password still cannot "
                                "sign in."});
  if (!account->totp) totp["form"] = small_form("totp-offer", "/account/totp", {"启用动态口令", "Put codes in force"}, {});
  parts.push_back(std::move(totp));
  auto places = part("places", {"登录中的设备", "Where you are signed in"});
  const auto list = accounts_.sessions().list(caller.login);
  if (!list) return refuse(list.trouble(), request);
  JsonArray rows;
  for (const auto& one : *list) {
    const bool here = one.handle == caller.session;
    const auto seen = base::format_local(one.seen);
    JsonObject row{{"label", here ? both("本次登录", "This one")
                                  : both(one.label.empty() ? "—" : one.label, one.label.empty() ? "—" : one.label)},
                   {"note", both("最近使用 " + seen, "last used " + seen)}};
    if (!here) row["handle"] = one.handle;
    rows.push_back(std::move(row));
  }
  places["places"] = JsonObject{{"items", std::move(rows)}, {"ends", "/account/end"}};
  parts.push_back(std::move(places));
  auto tokens = tokens_part(caller.login, errors.token);
  if (!tokens) return refuse(tokens.trouble(), request);
  parts.push_back(*std::move(tokens));
  const bool wrong = !errors.old_password.zh.empty() || !errors.new_password.zh.empty() || !errors.again.zh.empty() ||
                     !errors.token.zh.empty();
  return account_pages(std::move(parts), {"账户与安全", "Account and security"}, request, wrong ? 422 : 200);
}

// A programme that acts in his name, a county's own system or a bank's: it may do what he may, until the day it was given
// for.
base::Result<Json> Portal::tokens_part(const std::string& login, const Text& wrong) const {
  auto tokens = part("tokens", {"程序接口令牌", "Tokens for programmes"},
                     {"让您的程序以您的名义查询和办理；谁持有令牌，谁就能以您的名义办理。须由岗位密钥签署的，令牌不能代签。",
                      "For a programme of yours that reads and acts in your name: whoever holds the token does so. It signs "
                      "nothing that takes the key of a post."});
  LG_TRY(const auto list, accounts_.sessions().tokens(login));
  JsonArray rows;
  for (const auto& one : list) {
    const auto until = base::format_local(one.expires).substr(0, 16);
    rows.push_back(JsonObject{
        {"label", both(one.label, one.label)}, {"note", both("有效至 " + until, "until " + until)}, {"handle", one.handle}});
  }
  if (!rows.empty()) tokens["places"] = JsonObject{{"items", std::move(rows)}, {"ends", "/account/token/end"}};
  JsonObject days{{"id", "token-days"},
                  {"name", "days"},
                  {"label", both("有效期", "For")},
                  {"as_number", true},
                  {"unit", both("天", "days")},
                  {"required", true},
                  {"value", "90"},
                  {"help", both("最多 " + std::to_string(k_longest_token_days) + " 天。",
                                "At most " + std::to_string(k_longest_token_days) + ".")}};
  tokens["form"] =
      small_form("token", "/account/token", {"签发令牌", "Give out a token"},
                 JsonArray{text_input("token-label", "label", {"用途", "What for"}, "off", {},
                                      {"例如：银行对账单接口。", "For instance: the bank's statements."}, wrong),
                           std::move(days)});
  return Json(std::move(tokens));
}

Response Portal::account_token(const Request& request) {
  const auto form = parse_form(request);
  if (!form) return refuse(form.trouble(), request);
  const auto text = form->get("days");
  int days = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), days);
  const bool number = error == std::errc() && end == text.data() + text.size() && days > 0 && days <= k_longest_token_days;
  const auto expires = number ? clock_.now() + days * base::k_day : base::Time{};
  const auto token = accounts_.sessions().issue_token(request.caller->login, form->get("label"), {"act"}, expires);
  if (token.refused()) {
    AccountErrors errors;
    errors.token = token.refusal().say;
    return account_page(request, errors);
  }
  if (!token) return refuse(token.trouble(), request);
  auto shown = part(
      "token", {"令牌", "The token"},
      {"只显示这一次；放在请求头 Authorization: Bearer 之后。", "Shown this once; it goes after Authorization: Bearer."});
  shown["secret"] = *token;
  shown["link"] = JsonObject{{"to", "/account"}, {"label", both("已抄下", "I have written it down")}};
  return account_pages(JsonArray{std::move(shown)}, {"令牌", "The token"}, request);
}

Response Portal::account_token_end(const Request& request) {
  const auto form = parse_form(request);
  if (!form) return refuse(form.trouble(), request);
  if (const auto ended = accounts_.sessions().revoke_token(request.caller->login, form->get("handle")); !ended)
    return refuse(ended.trouble(), request);
  return redirect("/account#tokens");
}

void Portal::account_password(Request request, Respond respond) {
  const auto form = parse_form(request);
  if (!form) return respond(refuse(form.trouble(), request));
  if (form->get("new") != form->get("again")) {
    AccountErrors errors;
    errors.again = {"两次输入的口令不同", "the two passwords differ"};
    return respond(account_page(request, errors));
  }
  SignIn proofs{request.caller->login, std::string(form->get("old")), {}, {}, std::string(subscriber(request.peer))};
  auto shared = std::make_shared<Request>(std::move(request));
  auto answer = std::make_shared<Respond>(std::move(respond));
  accounts_.change_password(std::move(proofs), std::string(form->get("new")), [=, this](base::Status done) {
    if (done.refused()) {
      AccountErrors errors;
      (done.refusal().code == "ACCOUNT-PASSWORD" ? errors.new_password : errors.old_password) = done.refusal().say;
      return (*answer)(account_page(*shared, errors));
    }
    if (!done) return (*answer)(refuse(done.trouble(), *shared));
    auto response = redirect("/login");
    response.header("set-cookie", gate_.ended_cookie());
    (*answer)(std::move(response));
  });
}

// The secret is shown once; it counts from the first right code on.
Response Portal::account_totp(const Request& request) {
  const auto account = accounts_.account(request.caller->login);
  if (!account) return refuse(account.trouble(), request);
  if (account->totp) return redirect("/account");
  const auto offer = accounts_.offer_totp(request.caller->login);
  if (!offer) return refuse(offer.trouble(), request);
  return totp_offer_page(request, offer->secret, offer->uri);
}

Response Portal::totp_offer_page(const Request& request, const std::string& secret, const std::string& uri) const {
  auto shown = part("totp", {"启用动态口令", "Put one-time codes in force"},
                    {"用动态口令应用扫描二维码，或手工输入下面的密钥；再输入应用显示的六位数字。",
                     "Scan this with your app, or type in the key below; then enter the six digits that it shows."});
  if (const auto qr = disclosure::qr_shape(uri)) {
    shown["qr"] = JsonObject{{"side", qr->side},
                             {"path", qr->path},
                             {"label", both("动态口令密钥的二维码", "QR of the key of the one-time codes")}};
  }
  shown["secret"] = in_fours(secret);
  shown["form"] =
      small_form("totp-confirm", "/account/totp/confirm", {"启用", "Put in force"}, JsonArray{code_input("code")});
  return account_pages(JsonArray{std::move(shown)}, {"启用动态口令", "Put one-time codes in force"}, request);
}

Response Portal::account_totp_confirm(const Request& request) {
  const auto form = parse_form(request);
  if (!form) return refuse(form.trouble(), request);
  const auto codes = accounts_.confirm_totp(request.caller->login, form->get("code"));
  if (codes.refused()) {
    auto again =
        part("totp", {"启用动态口令", "Put one-time codes in force"},
             {"应用里已有密钥的，再输入一次；没有的，返回账户页重新开始。",
              "If your app has the key, enter its code once more; if not, begin again on the page of your account."});
    again["form"] = small_form("totp-confirm", "/account/totp/confirm", {"启用", "Put in force"},
                               JsonArray{code_input("code", codes.refusal().say)});
    again["link"] = JsonObject{{"to", "/account"}, {"label", both("返回账户页", "Back to the account")}};
    return account_pages(JsonArray{std::move(again)}, {"启用动态口令", "Put one-time codes in force"}, request, 422);
  }
  if (!codes) return refuse(codes.trouble(), request);
  auto told =
      part("codes", {"恢复码", "Recovery codes"},
           {"动态口令已启用。手机丢失时，每个恢复码可代替动态口令一次。只显示这一次，请抄下来另处存放。",
            "One-time codes are in force. Without your phone each of these does for a code, once. They are shown this "
            "once: write them down and keep them elsewhere."});
  JsonArray list;
  for (const auto& code : *codes) list.push_back(JsonObject{{"code", code}});
  told["codes"] = items(std::move(list));
  told["link"] = JsonObject{{"to", "/account"}, {"label", both("已抄下", "I have written them down")}};
  return account_pages(JsonArray{std::move(told)}, {"恢复码", "Recovery codes"}, request);
}

Response Portal::account_end(const Request& request) {
  const auto form = parse_form(request);
  if (!form) return refuse(form.trouble(), request);
  if (const auto ended = accounts_.sessions().revoke(request.caller->login, form->get("handle")); !ended)
    return refuse(ended.trouble(), request);
  return redirect("/account");
}

void Portal::add_account_pages(Router& router) {
  const RouteOptions open{Access::open, Pace::read, Run::worker};
  const RouteOptions signed_in{Access::caller, Pace::read, Run::worker};
  const RouteOptions guessed{Access::open, Pace::login};
  const RouteOptions own_guessed{Access::caller, Pace::login};
  const RouteOptions write{Access::caller, Pace::write, Run::worker};
  router.add(
      Method::get, "/join", [this](const Request& request) { return join_page(request, {}, nullptr); }, open);
  router.add_async(
      Method::post, "/join", [this](Request request, Respond respond) { join(std::move(request), std::move(respond)); },
      guessed);
  router.add(
      Method::get, "/account", [this](const Request& request) { return account_page(request); }, signed_in);
  router.add_async(
      Method::post, "/account/password",
      [this](Request request, Respond respond) { account_password(std::move(request), std::move(respond)); }, own_guessed);
  router.add(
      Method::post, "/account/totp", [this](const Request& request) { return account_totp(request); }, write);
  router.add(
      Method::post, "/account/totp/confirm", [this](const Request& request) { return account_totp_confirm(request); },
      own_guessed);
  router.add(
      Method::post, "/account/token", [this](const Request& request) { return account_token(request); }, write);
  router.add(
      Method::post, "/account/token/end", [this](const Request& request) { return account_token_end(request); }, write);
  router.add(
      Method::post, "/account/end", [this](const Request& request) { return account_end(request); }, write);
}

}  // namespace landglass::web
