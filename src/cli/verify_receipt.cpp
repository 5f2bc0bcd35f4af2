#include "cli/verify.hpp"
#include "cli/verify_words.hpp"
#include "log/receipt.hpp"
#include "verify/receipt.hpp"

namespace landglass::cli {
namespace {

struct ReceiptOptions {
  std::string file, policy, pack, data = "build/data";
  bool json = false;
};

int run(const ReceiptOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto bytes = read_whole(options.file, log::k_max_receipt_bytes);
  if (!bytes) return tell(bytes.trouble(), options.json);
  const auto words = LeafWords::of(options.pack, options.data);
  if (!words) return tell(words.trouble(), options.json);
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
               {{"记录", "record"}, words->record(leaf.change)},
               {{"行为", "action"}, words->action(leaf.change)},
               {{"状态", "state"}, words->state(leaf.change)}};
  if (const auto note = words->note(leaf.change); !note.empty())
    out.facts.push_back({{"名称", "words"}, note.zh + " / " + note.en});
  for (const auto& [name, value] : leaf.change.set) {
    const auto said = words->field(leaf.change, name);
    out.facts.push_back(
        {{"字段 " + said.zh, "field " + said.en}, value.is_string() ? value.as_string() : base::canonical(value)});
  }
  for (const auto& opening : verdict.openings) {
    const auto name = words->opened(leaf, opening.path);
    out.facts.push_back({{"公开内容 " + name.zh, "opened " + name.en}, base::canonical(opening.value)});
  }
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
      .option("--pack", &options->pack, {"制度包：以其中的称呼显示", "folder of a pack: to say it in its words"})
      .option("--data", &options->data, {"区划与日历目录", "folder of divisions and calendar"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
