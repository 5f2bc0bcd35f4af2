#include <filesystem>

#include "cli/log_site.hpp"
#include "cli/verify.hpp"
#include "log/merkle.hpp"
#include "log/receipt.hpp"
#include "verify/auction.hpp"
#include "verify/log.hpp"
#include "verify/tender.hpp"

namespace landglass::cli {
namespace {

struct AuctionOptions {
  std::string lot, log, policy, openings;
  bool json = false;
};

void take(verify::AuctionOpenings& all, std::uint64_t seq, const base::Json& list) {
  const auto* openings = list.if_array();
  if (openings == nullptr) return;
  for (const auto& one : *openings) {
    if (auto read = log::parse_opening(one)) all[{seq, read->path}] = {read->salt, read->value};
  }
}

// Openings stand beside a log, at openings/<leaf>: of a server by itself, of a folder where somebody kept them. What is not
// open is no fault: the sale is then run blind, and the report says what was not looked at.
void collect(verify::AuctionOpenings& all, verify::LogFiles& files, const std::vector<log::Leaf>& leaves) {
  for (const auto& leaf : leaves) {
    const bool committed = !leaf.change.commit.empty();
    if (!committed) continue;
    const auto text = files.get("openings/" + std::to_string(leaf.seq));
    if (!text) continue;
    if (const auto json = base::parse_json(*text, base::Profile::any)) take(all, leaf.seq, *json);
  }
}

int run(const AuctionOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto files = open_log(options.log);
  if (!files) return tell(files.trouble(), options.json);
  std::vector<log::Leaf> leaves;
  std::vector<base::Hash> hashes;
  const auto whole =
      verify::verify_log(**files, *policy, [&](const log::Leaf& leaf, std::string_view bytes) -> base::Status {
        hashes.push_back(log::leaf_hash(bytes));
        if (about(leaf, options.lot)) leaves.push_back(leaf);
        return base::Done{};
      });
  VerifyOutput out;
  out.findings = whole.findings;
  out.more["lot"] = options.lot;
  if (whole.level == log::Level::none) {
    const bool unread = !whole.findings.empty() && whole.findings.back().code == "LOGV-01";
    out.verdict = unread ? "unproven" : "not";
    out.say = {"日志本身不成立", "the log itself does not hold"};
    out.code = unread ? k_unproven : k_refused;
    return print(out, options.json);
  }
  if (leaves.empty()) {
    out.verdict = "unproven";
    out.say = {"日志中没有此标的", "the log knows of no such lot"};
    out.code = k_unproven;
    return print(out, options.json);
  }
  std::optional<std::string> tender;
  for (const auto& leaf : leaves) {
    if (auto found = verify::tender_of_lot(leaf, options.lot)) tender = std::move(found);
  }
  if (tender) return run_tender(*tender, options.log, options.policy, options.json);
  verify::AuctionOpenings openings;
  collect(openings, **files, leaves);
  if (!options.openings.empty()) {
    const auto text = read_whole(options.openings, std::size_t{64} << 20);
    if (!text) return tell(text.trouble(), options.json);
    const auto json = base::parse_json(*text, base::Profile::any);
    if (!json || !json->is_object()) return tell(base::fail("no openings by leaf: " + options.openings), options.json);
    for (const auto& [seq, list] : json->as_object()) take(openings, std::stoull("0" + seq), list);
  }
  const auto root_at = [&](std::uint64_t size) -> std::optional<base::Hash> {
    if (size > hashes.size()) return std::nullopt;
    log::Frontier tree;
    for (std::uint64_t i = 0; i < size; ++i) tree.append(hashes[i]);
    return tree.root();
  };
  const auto report = verify::verify_auction(options.lot, leaves, openings, root_at);
  out.code = report.fits() ? k_done : k_refused;
  out.verdict = report.fits() ? "fits" : "not";
  out.say = report.fits()
                ? base::Text{"相符：由公开日志重算，阶梯、延时、静默与结果均一致",
                             "it fits: recomputed from the public log, ladder, extensions, silence and outcome agree"}
                : base::Text{"不相符", "it does not fit"};
  if (report.misfit) {
    out.findings.push_back(verify::bad(report.misfit->code, report.misfit->why.zh, report.misfit->why.en,
                                       "№ " + std::to_string(report.misfit->seq) + ": " + report.misfit->detail));
    out.more["misfit"] = base::JsonObject{{"leaf", report.misfit->seq}, {"code", report.misfit->code}};
  }
  if (report.rule_sheet) out.facts.push_back({{"规则表", "rule sheet"}, base::to_hex(*report.rule_sheet)});
  out.facts.push_back({{"报价", "offers"}, std::to_string(report.offers)});
  out.facts.push_back({{"延时", "extensions"}, std::to_string(report.extensions)});
  out.facts.push_back({{"已验签名", "signatures checked"}, std::to_string(report.signatures)});
  out.facts.push_back({{"最长静默（毫秒）", "longest silence (ms)"}, std::to_string(report.longest_silence_ms)});
  if (report.unopened != 0)
    out.facts.push_back({{"未公开的承诺（未核对号牌、密钥与签名）", "not opened (plates, keys and signatures not checked)"},
                         std::to_string(report.unopened)});
  if (!report.head.empty()) out.facts.push_back({{"阶梯", "ladder"}, base::canonical(base::Json(report.head))});
  out.more["offers"] = report.offers;
  out.more["extensions"] = report.extensions;
  out.more["signatures"] = report.signatures;
  out.more["longest_silence_ms"] = report.longest_silence_ms;
  out.more["unopened"] = report.unopened;
  out.more["ladder"] = report.head;
  return print(out, options.json);
}

}  // namespace

Command verify_auction_command() {
  auto options = std::make_shared<AuctionOptions>();
  Command command{"auction", {"由公开日志重算一宗竞价", "run a sale again from the public log"}, {}, {}, {}};
  command.needs("lot", &options->lot, {"标的记录，如 land-listing/350124-2026-000001", "record of the lot"})
      .needs("--log", &options->log, {"日志目录或本机地址", "folder of the log, or local address"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--openings", &options->openings,
              {"已公开内容的文件：{\"<条目>\": [..]}", "file of openings: {\"<leaf>\": [..]}"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
