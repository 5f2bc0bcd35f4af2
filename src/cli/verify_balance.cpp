#include "cli/verify.hpp"
#include "log/receipt.hpp"
#include "verify/balance.hpp"

namespace landglass::cli {
namespace {

struct BalanceOptions {
  std::string file, receipt, policy;
  bool json = false;
};

int run(const BalanceOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto proof = read_whole(options.file, std::size_t{1} << 20);
  if (!proof) return tell(proof.trouble(), options.json);
  std::string receipt;
  if (!options.receipt.empty()) {
    auto bytes = read_whole(options.receipt, log::k_max_receipt_bytes);
    if (!bytes) return tell(bytes.trouble(), options.json);
    receipt = std::move(*bytes);
  }
  const auto verdict = verify::verify_balance(*proof, receipt, *policy);
  VerifyOutput out;
  out.findings = verdict.findings;
  using Level = verify::BalanceVerdict::Level;
  if (verdict.level == Level::none) {
    out.verdict = "not";
    out.say = {"不成立：此余额不在所称总额之内", "it does not hold: this balance is not part of that total"};
    out.code = k_refused;
    return print(out, options.json);
  }
  if (verdict.level == Level::adds_up) {
    out.verdict = "unproven";
    out.say = {"证明自身成立；未出示公布总额的回执，根是否公布尚未证明",
               "it adds up; without the receipt of the publication the root is not shown to be the published one"};
    out.code = k_unproven;
  } else {
    out.verdict = verdict.witnessed ? "witnessed" : "logged";
    out.say = {"成立：此余额计入已公布的总额", "it holds: this balance is part of the total that was published"};
  }
  out.facts = {{{"账户", "account"}, verdict.account},
               {{"期末", "as of"}, verdict.period},
               {{"户", "holder"}, verdict.holder},
               {{"余额", "balance"}, verdict.balance},
               {{"总额", "total"}, verdict.total}};
  if (!verdict.record.empty()) out.facts.push_back({{"公布记录", "published by"}, verdict.record});
  out.more["balance"] = verdict.balance;
  out.more["total"] = verdict.total;
  return print(out, options.json);
}

}  // namespace

Command verify_balance_command() {
  auto options = std::make_shared<BalanceOptions>();
  Command command{"balance",
                  {"核验自己的余额已计入公布的负债总额", "check that one's balance is part of the published total"},
                  {},
                  {},
                  {}};
  command.needs("file", &options->file, {"余额证明文件", "the proof"})
      .option("--receipt", &options->receipt, {"公布总额那一条的回执", "receipt of the act that published the total"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
