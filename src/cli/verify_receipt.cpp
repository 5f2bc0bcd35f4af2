#include "cli/verify.hpp"
#include "log/receipt.hpp"
#include "verify/receipt.hpp"

namespace landglass::cli {
namespace {

struct ReceiptOptions {
  std::string file, policy;
  bool json = false;
};

int run(const ReceiptOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto bytes = read_whole(options.file, log::k_max_receipt_bytes);
  if (!bytes) return tell(bytes.trouble(), options.json);
  const auto verdict = verify::verify_receipt(*bytes, *policy);
  VerifyOutput out;
  out.findings = verdict.findings;
  if (verdict.level == log::Level::none) {
    out.verdict = "not";
    out.say = {"不成立：回执不能证明任何事项", "it does not hold: this receipt proves nothing"};
    out.code = k_refused;
    return print(out, options.json);
  }
  const bool witnessed = verdict.level == log::Level::witnessed;
  out.verdict = witnessed ? "witnessed" : "logged";
  out.say = witnessed
                ? base::Text{"成立：已入日志，并经足够多的见证人联署", "it holds: logged, and cosigned by enough witnesses"}
                : base::Text{"成立：已入日志", "it holds: logged"};
  const auto& leaf = *verdict.leaf;
  out.facts = {{{"日志", "log"}, leaf.origin},
               {{"条目", "leaf"}, std::to_string(leaf.seq)},
               {{"时间", "time"}, base::format_local(leaf.time)},
               {{"记录", "record"}, leaf.change.record},
               {{"行为", "action"}, leaf.change.action},
               {{"状态", "state"}, leaf.change.state}};
  for (const auto& opening : verdict.openings)
    out.facts.push_back({{"公开内容 " + opening.path, "opened " + opening.path}, base::canonical(opening.value)});
  out.more["leaf"] = leaf.seq;
  out.more["record"] = leaf.change.record;
  out.more["size"] = verdict.head->size;
  return print(out, options.json);
}

}  // namespace

Command verify_receipt_command() {
  auto options = std::make_shared<ReceiptOptions>();
  Command command{"receipt", {"核验一份回执", "check one receipt"}, {}, {}, {}};
  command.needs("file", &options->file, {"回执文件", "the receipt"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
