#include "cli/log_site.hpp"
#include "cli/verify.hpp"
#include "log/merkle.hpp"
#include "verify/log.hpp"
#include "verify/tender.hpp"

namespace landglass::cli {
namespace {

struct TenderOptions {
  std::string tender, log, policy;
  bool json = false;
};

// What a tender needs of a log: its own leaves and its lot's, tenders as they were opened, keys of posts.
bool about(const log::Change& change) {
  const auto& in = change.institution;
  return in == "land-tender" || in == "land-listing" || in == "opened-tender" || in == "post-key";
}

void tell_report(const verify::TenderReport& report, VerifyOutput& out) {
  const auto fact = [&](const char* zh, const char* en, std::string value) {
    out.facts.emplace_back(base::Text{zh, en}, std::move(value));
  };
  if (report.rule_sheet) fact("规则表", "rule sheet", base::to_hex(*report.rule_sheet));
  fact("阶段", "stage", report.stage);
  fact("收到投标", "tenders received", std::to_string(report.received));
  fact("开启与承诺一致", "opened as committed", std::to_string(report.opened));
  fact("有效（投标人签名已验）", "valid, signed by the tenderer", std::to_string(report.valid));
  fact("抽取的专家（含回避）", "experts of the draw, those who stood down too", std::to_string(report.drawn));
  fact("评分表", "score sheets", std::to_string(report.sheets));
  fact("已验成员签名", "signatures of members checked", std::to_string(report.signatures));
  if (report.winner) fact("中标号牌", "winning plate", std::to_string(*report.winner));
  out.more["stage"] = report.stage;
  out.more["received"] = report.received;
  out.more["opened"] = report.opened;
  out.more["valid"] = report.valid;
  out.more["drawn"] = report.drawn;
  out.more["sheets"] = report.sheets;
  out.more["signatures"] = report.signatures;
  out.more["winner"] = report.winner ? base::Json(static_cast<std::int64_t>(*report.winner)) : base::Json();
}

}  // namespace

int run_tender(const std::string& tender, const std::string& log, const std::string& policy_file, bool json) {
  const auto policy = read_policy(policy_file);
  if (!policy) return tell(policy.trouble(), json);
  const auto files = open_log(log);
  if (!files) return tell(files.trouble(), json);
  std::vector<log::Leaf> leaves;
  std::vector<base::Hash> hashes;
  std::string record = tender;
  const auto whole =
      verify::verify_log(**files, *policy, [&](const log::Leaf& leaf, std::string_view bytes) -> base::Status {
        hashes.push_back(log::leaf_hash(bytes));
        bool kept = about(leaf.change);
        for (const auto& effect : leaf.effects) kept = kept || about(effect);
        if (auto found = verify::tender_of_lot(leaf, tender)) record = std::move(*found);
        if (kept) leaves.push_back(leaf);
        return base::Done{};
      });
  VerifyOutput out;
  out.findings = whole.findings;
  if (whole.level == log::Level::none) {
    const bool unread = !whole.findings.empty() && whole.findings.back().code == "LOGV-01";
    out.verdict = unread ? "unproven" : "not";
    out.say = {"日志本身不成立", "the log itself does not hold"};
    out.code = unread ? k_unproven : k_refused;
    return print(out, json);
  }
  const auto root_at = [&](std::uint64_t size) -> std::optional<base::Hash> {
    if (size > hashes.size()) return std::nullopt;
    log::Frontier tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(hashes[i]);
    return tree.root();
  };
  const auto report = verify::verify_tender(record, leaves, root_at);
  out.more["tender"] = record;
  if (report.fits() && report.stage.empty()) {
    out.verdict = "unproven";
    out.say = {"日志中没有此招标", "the log knows of no such tender"};
    out.code = k_unproven;
    return print(out, json);
  }
  out.verdict = report.fits() ? "fits" : "not";
  out.code = report.fits() ? k_done : k_refused;
  out.say = report.fits()
                ? base::Text{"相符：由公开日志重算，开标、抽取、评分、排名与中标均一致",
                             "it fits: recomputed from the public log, opening, draw, scores, ranking and winner agree"}
                : base::Text{"不相符", "it does not fit"};
  if (report.misfit) {
    const auto& wrong = *report.misfit;
    out.findings.push_back(
        verify::bad(wrong.code, wrong.why.zh, wrong.why.en, "№ " + std::to_string(wrong.seq) + ": " + wrong.detail));
    out.more["misfit"] = base::JsonObject{{"leaf", wrong.seq}, {"code", wrong.code}};
  }
  tell_report(report, out);
  return print(out, json);
}

Command verify_tender_command() {
  auto options = std::make_shared<TenderOptions>();
  Command command{"tender", {"由公开日志重算一次招标", "run a tender again from the public log"}, {}, {}, {}};
  command
      .needs("tender", &options->tender,
             {"标的或招标记录，如 land-tender/350124-2026-000001", "record of the lot or the tender"})
      .needs("--log", &options->log, {"日志目录或本机地址", "folder of the log, or local address"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run_tender(options->tender, options->log, options->policy, options->json); };
  return command;
}

}  // namespace landglass::cli
