#include "cli/bank.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/crypto.hpp"
#include "base/csv.hpp"
#include "base/json.hpp"
#include "cli/plain_http.hpp"
#include "money/statement.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

struct BankOptions {
  std::string file;
  std::string account;
  std::string server = "http://127.0.0.1:8080";
  std::string token_file;
  bool json = false;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return base::refuse("FILE-02", "无法读取文件", "cannot read the file", path);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

// The token is never an argument: others on the machine can read those.
Result<std::string> token_of(const BankOptions& options) {
  std::string token;
  if (!options.token_file.empty()) {
    LG_TRY(token, read_file(options.token_file));
  } else if (const auto* given = std::getenv("LANDGLASS_TOKEN"); given != nullptr) {
    token = given;
  }
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (token.empty())
    return base::refuse("CLI-04", "缺少令牌：LANDGLASS_TOKEN 或 --token-file", "no token: LANDGLASS_TOKEN or --token-file");
  return token;
}

Result<Json> speak(const BankOptions& options, std::string_view method, const std::string& path,
                   std::vector<std::pair<std::string, std::string>> headers, std::string_view body) {
  LG_TRY(const auto token, token_of(options));
  headers.emplace_back("authorization", "Bearer " + token);
  LG_TRY(const auto answer, plain_request(method, options.server + path, headers, body));
  auto json = base::parse_json(answer.body, base::Profile::any);
  if (answer.status >= 500) return base::fail("the server answers " + std::to_string(answer.status), true);
  if (!json) return base::fail("the server answers " + std::to_string(answer.status) + " without JSON");
  if (answer.status >= 400) {
    const auto& say = json->at("say");
    auto no =
        base::refuse(std::string(json->text("code")), std::string(say.is_object() ? say.text("zh") : json->text("title")),
                     std::string(say.is_object() ? say.text("en") : json->text("title")), std::string(json->text("where")));
    if (no.code.empty()) no.code = "HTTP-" + std::to_string(answer.status);
    no.detail = base::alike(json->text("detail"));
    if (const auto& why = json->at("why"); why.is_object())
      no.detail = {std::string(why.text("zh")), std::string(why.text("en"))};
    no.that = json->text("that");
    return no;
  }
  return json;
}

int check(const BankOptions& options) {
  const auto bytes = read_file(options.file);
  if (!bytes) return tell(bytes.trouble(), options.json);
  const auto statement = money::read_statement(options.file, *bytes);
  if (!statement) return tell(statement.trouble(), options.json);
  base::Money in;
  base::Money out;
  for (const auto& line : statement->lines) (line.amount.fen > 0 ? in : out).fen += line.amount.fen;
  const JsonObject told{{"account", statement->account},
                        {"from", base::format_date(statement->from)},
                        {"to", base::format_date(statement->to)},
                        {"opening", base::money_text(statement->opening)},
                        {"closing", base::money_text(statement->closing)},
                        {"came_in", base::money_text(in)},
                        {"went_out", base::money_text({-out.fen})},
                        {"lines", static_cast<std::int64_t>(statement->lines.size())},
                        {"repeated", static_cast<std::int64_t>(statement->repeated)},
                        {"sha256", base::to_hex(base::sha256(base::as_bytes(*bytes)))}};
  if (options.json) {
    std::printf("%s\n", base::canonical(Json(told)).c_str());
  } else {
    for (const auto& [name, value] : told)
      std::printf("%-10s %s\n", name.c_str(),
                  value.is_string() ? value.as_string().c_str() : base::canonical(value).c_str());
  }
  return k_done;
}

int import(const BankOptions& options) {
  const auto bytes = read_file(options.file);
  if (!bytes) return tell(bytes.trouble(), options.json);
  if (const auto statement = money::read_statement(options.file, *bytes); !statement)
    return tell(statement.trouble(), options.json);
  const auto file = speak(options, "POST", "/api/files", {{"content-type", "text/csv"}}, *bytes);
  if (!file) return tell(file.trouble(), options.json);
  const std::string hash(file->text("hash"));
  const Json command(
      JsonObject{{"record", options.account}, {"action", "take"}, {"fields", JsonObject{{"statement_file", hash}}}});
  // The same file for the same account is the same command, however often it is sent.
  const auto key = base::to_hex(base::sha256(base::as_bytes(options.account + " " + hash))).substr(0, 32);
  const auto taken = speak(options, "POST", "/api/commands",
                           {{"content-type", "application/json"}, {"idempotency-key", key}}, base::canonical(command));
  if (!taken) return tell(taken.trouble(), options.json);
  if (options.json) {
    std::printf("%s\n", base::canonical(*taken).c_str());
  } else {
    std::printf("已接受 / taken: %s (version %s)\n", std::string(taken->text("record")).c_str(),
                base::canonical(taken->at("version")).c_str());
  }
  return k_done;
}

int orders(const BankOptions& options) {
  const auto account = speak(options, "GET", "/api/records/" + options.account, {}, "");
  if (!account) return tell(account.trouble(), options.json);
  JsonArray list;
  if (const auto* due = account->at("related").at("orders").if_array()) {
    for (const auto& order : *due) {
      const auto& fields = order.at("fields");
      JsonObject one;
      for (const auto* name : {"order_no", "payee_name", "payee_account", "amount", "pay_by", "source"})
        one[name] = fields.at(name);
      list.emplace_back(std::move(one));
    }
  }
  if (options.json) {
    std::printf("%s\n", base::canonical(Json(std::move(list))).c_str());
    return k_done;
  }
  std::printf("order_no,payee_name,payee_account,amount,pay_by,source\n");
  for (const auto& one : list) {
    std::printf("%s,%s,%s,%s,%s,%s\n", std::string(one.text("order_no")).c_str(),
                base::csv_quoted(one.text("payee_name")).c_str(), std::string(one.text("payee_account")).c_str(),
                std::string(one.text("amount")).c_str(), std::string(one.text("pay_by")).c_str(),
                std::string(one.text("source")).c_str());
  }
  return k_done;
}

}  // namespace

Command bank_command() {
  const auto options = std::make_shared<BankOptions>();
  const base::Text account{"专户记录号，如 custody-account/…", "record of the account, custody-account/…"};
  const base::Text server{"服务地址", "the running server"};
  const base::Text token{"令牌文件（否则取 LANDGLASS_TOKEN）", "file of the token; else LANDGLASS_TOKEN"};
  Command bank{"bank", {"银行对账单与退款指令", "bank statements and refund orders"}, {}, {}, {}};
  Command look{"check",
               {"按平台规则读对账单，不提交", "read a statement as the server will; nothing is sent"},
               {},
               [options] { return check(*options); },
               {}};
  look.needs("file", &options->file, {"对账单（CSV）", "statement, CSV"}).option("--json", &options->json, {"JSON", "JSON"});
  Command take{"import", {"提交对账单", "hand a statement in"}, {}, [options] { return import(*options); }, {}};
  take.needs("file", &options->file, {"对账单（CSV）", "statement, CSV"})
      .needs("--account", &options->account, account)
      .option("--server", &options->server, server)
      .option("--token-file", &options->token_file, token)
      .option("--json", &options->json, {"JSON", "JSON"});
  Command due{"orders",
              {"列出待付退款指令（CSV）", "print the refunds to be paid, CSV"},
              {},
              [options] { return orders(*options); },
              {}};
  due.needs("--account", &options->account, account)
      .option("--server", &options->server, server)
      .option("--token-file", &options->token_file, token)
      .option("--json", &options->json, {"JSON", "JSON"});
  bank.subcommands = {std::move(look), std::move(take), std::move(due)};
  return bank;
}

}  // namespace landglass::cli
