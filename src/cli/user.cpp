#include "cli/user.hpp"

#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <iostream>

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

struct UserOptions {
  HouseArguments house;
  std::string login, actor, label, handle;
  std::vector<std::string> scopes;
  int days = 90;
  bool json = false;
};

class Quiet {  // the terminal does not show what is typed
 public:
  Quiet() {
    ::tcgetattr(0, &before_);
    auto silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(0, TCSAFLUSH, &silent);
  }
  ~Quiet() {
    ::tcsetattr(0, TCSAFLUSH, &before_);
    std::fputc('\n', stderr);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

 private:
  termios before_{};
};

std::string one_line(const std::string& prompt) {
  std::fprintf(stderr, "%s", prompt.c_str());
  const Quiet quiet;
  std::string line;
  std::getline(std::cin, line);
  return line;
}

Result<std::unique_ptr<web::Accounts>> accounts_of(const HouseOptions& options) {
  static base::SystemClock clock;
  static base::SystemRandom random;
  if (!std::filesystem::is_directory(options.folder)) return base::fail("no house stands in " + options.folder);
  std::error_code error;
  std::filesystem::create_directories(options.keys, error);
  return open_accounts(options, clock, random);
}

void print(const Json& json) { std::printf("%s\n", base::canonical(json).c_str()); }

JsonObject account_json(const web::Account& account) {
  return {{"login", account.login}, {"actor", account.actor}, {"locked", account.disabled}, {"totp", account.totp}};
}

Status list(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto all, accounts.all());
  JsonArray rows;
  for (const auto& account : all) {
    if (asked.json)
      rows.push_back(account_json(account));
    else
      std::printf("%-24s %-40s %s %s\n", account.login.c_str(), account.actor.c_str(),
                  account.disabled ? "已锁定/locked" : "", account.totp ? "totp" : "");
  }
  if (asked.json) print(Json(std::move(rows)));
  return base::Done{};
}

Status show(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto account, accounts.account(asked.login));
  LG_TRY(const auto sessions, accounts.sessions().list(account.login));
  LG_TRY(const auto tokens, accounts.sessions().tokens(account.login));
  auto out = account_json(account);
  const auto rows = [](const std::vector<web::Pass>& passes) {
    JsonArray items;
    for (const auto& pass : passes)
      items.push_back(
          JsonObject{{"handle", pass.handle}, {"label", pass.label}, {"expires", base::format_utc(pass.expires)}});
    return items;
  };
  out["sessions"] = rows(sessions);
  out["tokens"] = rows(tokens);
  if (asked.json) {
    print(Json(std::move(out)));
    return base::Done{};
  }
  std::printf("%s  %s%s%s\n", account.login.c_str(), account.actor.c_str(), account.disabled ? "  已锁定/locked" : "",
              account.totp ? "  totp" : "");
  for (const auto& pass : sessions)
    std::printf("  会话/session %s  %s  %s\n", pass.handle.c_str(), base::format_local(pass.expires).c_str(),
                pass.label.c_str());
  for (const auto& pass : tokens)
    std::printf("  令牌/token   %s  %s  %s\n", pass.handle.c_str(), base::format_local(pass.expires).c_str(),
                pass.label.c_str());
  return base::Done{};
}

Status add(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto password, read_secret({"新口令", "new password"}, true));
  return accounts.create(asked.login, password, asked.actor);
}
Status set_password(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto password, read_secret({"新口令", "new password"}, true));
  return accounts.set_password(asked.login, password);
}
Status lock(web::Accounts& accounts, const UserOptions& asked) { return accounts.set_disabled(asked.login, true); }
Status unlock(web::Accounts& accounts, const UserOptions& asked) { return accounts.set_disabled(asked.login, false); }
Status reset_totp(web::Accounts& accounts, const UserOptions& asked) { return accounts.remove_totp(asked.login); }
Status revoke(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto account, accounts.account(asked.login));
  if (asked.handle.empty()) return accounts.sessions().revoke_all(account.login);
  if (accounts.sessions().revoke(account.login, asked.handle)) return base::Done{};
  return accounts.sessions().revoke_token(account.login, asked.handle);
}
Status create_token(web::Accounts& accounts, const UserOptions& asked) {
  LG_TRY(const auto account, accounts.account(asked.login));
  const auto expires = base::SystemClock().now() + asked.days * base::k_day;
  LG_TRY(const auto token, accounts.sessions().issue_token(account.login, asked.label, asked.scopes, expires));
  if (asked.json)
    print(JsonObject{{"token", token}, {"expires", base::format_utc(expires)}});
  else
    std::printf("%s\n", token.c_str());  // told once: only its hash is kept
  return base::Done{};
}

using Work = Status (*)(web::Accounts&, const UserOptions&);

Command work(const char* name, base::Text help, Work does, bool of_one,
             const std::function<void(Command&, UserOptions&)>& more = {}) {
  auto asked = std::make_shared<UserOptions>();
  Command command{name, std::move(help), {}, {}, {}};
  if (of_one) command.needs("login", &asked->login, {"用户名", "login"});
  if (more) more(command, *asked);
  add_house_options(command, asked->house);
  command.option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked, does] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    auto accounts = accounts_of(*options);
    if (!accounts) return tell(accounts.trouble(), asked->json);
    const auto done = does(**accounts, *asked);
    return done ? k_done : tell(done.trouble(), asked->json);
  };
  return command;
}

}  // namespace

Result<std::string> read_secret(const base::Text& prompt, bool twice) {
  std::string secret;
  if (::isatty(0) != 1) {
    std::getline(std::cin, secret);
  } else {
    secret = one_line(prompt.zh + " / " + prompt.en + ": ");
    if (twice && one_line("再输一次 / once more: ") != secret)
      return base::refuse("CLI-01", "两次输入不同", "the two do not agree");
  }
  if (secret.empty()) return base::refuse("CLI-02", "没有输入", "nothing was entered");
  return secret;
}

Command user_command() {
  Command command{"user", {"账户、会话与令牌", "accounts, sessions and tokens"}, {}, {}, {}};
  auto& all = command.subcommands;
  all.push_back(work("list", {"全部账户", "all accounts"}, list, false));
  all.push_back(work("show", {"一个账户及其会话与令牌", "an account with its sessions and tokens"}, show, true));
  all.push_back(work(
      "add", {"新建账户；口令由终端或标准输入读取", "a new account; reads the password from terminal or standard input"},
      add, true, [](Command& one, UserOptions& asked) {
        one.needs("--actor", &asked.actor, {"对应的人员或当事人", "person/… or party/… it stands for"});
      }));
  all.push_back(work("password", {"换口令，其会话全部结束", "set a password; ends all sessions"}, set_password, true));
  all.push_back(work("lock", {"锁定账户，其会话全部结束", "lock an account; ends all sessions"}, lock, true));
  all.push_back(work("unlock", {"解除锁定", "unlock an account"}, unlock, true));
  all.push_back(work("totp-reset", {"取消动态验证码，由本人重设", "remove one-time codes; the person sets them anew"},
                     reset_totp, true));
  all.push_back(work("revoke",
                     {"结束会话或令牌；不指明则结束全部会话", "end a session or token; all sessions where none is named"},
                     revoke, true, [](Command& one, UserOptions& asked) {
                       one.option("--handle", &asked.handle, {"会话或令牌的编号", "handle of a session or token"});
                     }));
  all.push_back(work("token", {"为机器发令牌，只显示一次", "a token for a machine, shown once"}, create_token, true,
                     [](Command& one, UserOptions& asked) {
                       one.needs("--label", &asked.label, {"名称", "label"})
                           .needs("--scope", &asked.scopes, {"范围，可多次", "scope; may be repeated"})
                           .option("--days", &asked.days, {"有效天数，至多 366", "days it stands, at most 366"});
                     }));
  return command;
}

}  // namespace landglass::cli
