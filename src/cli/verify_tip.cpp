#include "base/bytes.hpp"
#include "cli/verify.hpp"
#include "log/receipt.hpp"
#include "verify/tip.hpp"

namespace landglass::cli {
namespace {

struct TipOptions {
  std::string file, policy;
  bool json = false;
};

int run(const TipOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto bytes = read_whole(options.file, log::k_max_receipt_bytes);
  if (!bytes) return tell(bytes.trouble(), options.json);
  const auto verdict = verify::verify_tip(*bytes, *policy);
  VerifyOutput out;
  out.findings = verdict.findings;
  if (verdict.level == log::Level::none) {
    out.verdict = "not";
    out.say = {"不成立：回执不能证明曾经收到", "it does not hold: this receipt does not prove that it was received"};
    out.code = k_refused;
    return print(out, options.json);
  }
  out.verdict = verdict.level == log::Level::witnessed ? "witnessed" : "logged";
  out.say = {"成立：这份密文在该小时的举报名册里", "it holds: this ciphertext stood in the roll of that hour"};
  out.facts = {{{"名册", "roll"}, verdict.roll}, {{"密文的 SHA-256", "SHA-256 of the document"}, verdict.document_hash}};
  out.more["roll"] = verdict.roll;
  return print(out, options.json);
}

}  // namespace

Command verify_tip_command() {
  auto options = std::make_shared<TipOptions>();
  Command command{"tip", {"核验一份举报回执", "check the receipt of a tip"}, {}, {}, {}};
  command.needs("file", &options->file, {"回执文件", "the receipt"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
