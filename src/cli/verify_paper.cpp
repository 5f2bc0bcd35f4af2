// A sheet by its QR, and a case file by its catalogue and the receipts in it.
#include <set>

#include "cli/log_site.hpp"
#include "cli/verify.hpp"
#include "disclosure/case_file.hpp"
#include "law/codes.hpp"
#include "log/merkle.hpp"
#include "log/receipt.hpp"
#include "verify/certificate.hpp"
#include "verify/log.hpp"
#include "verify/receipt.hpp"

namespace landglass::cli {
namespace {

using verify::bad;
using verify::good;

struct PaperOptions {
  std::string file, policy, qr, log, receipt;
  bool json = false;
};

struct Found {
  log::Leaf leaf;
  base::Hash hash{};
};

const log::Change* change_on_paper(const log::Leaf& leaf, std::string_view record) {
  if (leaf.change.record == record) return &leaf.change;
  for (const auto& effect : leaf.effects) {
    if (effect.record == record) return &effect;
  }
  return nullptr;
}

// The leaf that the mark names, out of the whole log or of a receipt.
base::Result<std::optional<Found>> find_leaf(const PaperOptions& options, const log::Policy& policy,
                                             const verify::PaperMark& mark) {
  std::optional<Found> found;
  const auto fits = [&](const base::Hash& hash) { return base::to_hex(hash).starts_with(mark.leaf); };
  if (!options.receipt.empty()) {
    LG_TRY(const auto bytes, read_whole(options.receipt, log::k_max_receipt_bytes));
    const auto verdict = verify::verify_receipt(bytes, policy);
    if (verdict.level == log::Level::none || !verdict.leaf)
      return base::refuse("VER-RECEIPT", "回执不成立", "the receipt does not hold", options.receipt);
    LG_TRY(const auto receipt, log::parse_receipt(bytes));
    const auto hash = log::leaf_hash(receipt.leaf);
    if (fits(hash)) found = Found{*verdict.leaf, hash};
    return found;
  }
  LG_TRY(const auto files, open_log(options.log));
  const auto verdict =
      verify::verify_log(*files, policy, [&](const log::Leaf& leaf, std::string_view bytes) -> base::Status {
        const auto hash = log::leaf_hash(bytes);
        if (!found && fits(hash)) found = Found{leaf, hash};
        return base::Done{};
      });
  if (verdict.level == log::Level::none) {
    const auto& last = verdict.findings.back();
    return base::refuse(last.code, "日志本身不成立：" + last.say.zh, "the log itself does not hold: " + last.say.en,
                        options.log);
  }
  return found;
}

int run_paper(const PaperOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  VerifyOutput out;
  const auto end = [&](std::string verdict, base::Text say, int code) {
    out.verdict = std::move(verdict);
    out.say = std::move(say);
    out.code = code;
    return print(out, options.json);
  };
  const auto mark = verify::read_mark(options.qr);
  if (!mark) {
    out.findings.push_back(bad("CERT-01", "不是本平台文书的二维码", "this is not the mark of a paper"));
    return end("unproven", {"未证明：二维码不能读取", "UNPROVEN: the QR does not read"}, k_unproven);
  }
  out.more["record"] = mark->record;
  if (mark->code != "-") {
    if (!law::verification_code_valid(mark->code)) {
      out.findings.push_back(bad("CERT-11", "验证码校验位错误", "the check character of the code is wrong", mark->code));
      return end("forged", {"伪：验证码不成立", "FORGED: the code does not hold"}, k_refused);
    }
    out.findings.push_back(good("验证码校验位正确", "the check character of the code is right", mark->code));
  }
  if (options.receipt.empty() && options.log.empty())
    return end(
        "unproven",
        {"未证明：须有回执（--receipt）或日志（--log）", "UNPROVEN: it takes a receipt (--receipt) or the log (--log)"},
        k_unproven);
  const auto found = find_leaf(options, *policy, *mark);
  if (!found) return tell(found.trouble(), options.json);
  if (!*found) {
    out.findings.push_back(
        bad("CERT-15", "日志中没有二维码所指的条目", "the log has no leaf that the QR names", mark->leaf));
    return end("forged", {"伪：日志中没有此文书", "FORGED: the log knows of no such paper"}, k_refused);
  }
  const auto& leaf = (*found)->leaf;
  const auto* change = change_on_paper(leaf, mark->record);
  if (leaf.origin != mark->origin || change == nullptr) {
    out.findings.push_back(bad("CERT-16", "条目与文书的记录不符", "the leaf is not about the paper's record", mark->record));
    return end("forged", {"伪：条目属于另一记录", "FORGED: the leaf is of another record"}, k_refused);
  }
  out.findings.push_back(
      good("日志载有制作此文书的行为", "the log holds the act that made the paper", "№ " + std::to_string(leaf.seq)));
  out.facts = {{{"记录", "record"}, mark->record},
               {{"行为", "action"}, change->action},
               {{"时间", "time"}, base::format_local(leaf.as_of)}};
  if (const auto* papers = change->outcome.at("papers").if_array()) {
    std::string names;
    for (const auto& one : *papers) names += (names.empty() ? "" : ", ") + one.as_string();
    out.facts.push_back({{"该行为制作的文书", "papers of the act"}, names});
  }
  for (const auto& [name, value] : change->set) {
    if (value.is_string()) out.facts.push_back({{name, name}, value.as_string()});
  }
  out.more["leaf"] = leaf.seq;
  return end("genuine",
             {"真：二维码所指行为在日志中；请将纸面内容与下列逐项比对",
              "GENUINE: the act stands in the log; compare the sheet with what follows"},
             k_done);
}

int run_case(const PaperOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto bytes = read_whole(options.file, disclosure::k_max_case_bytes);
  if (!bytes) return tell(bytes.trouble(), options.json);
  VerifyOutput out;
  const auto catalogue = disclosure::check_case_file(*bytes);
  if (!catalogue) {
    out.verdict = "not";
    out.say = {"不成立：案卷与目录不符", "it does not hold: the file does not fit its catalogue"};
    const auto& refusal = catalogue.trouble();
    const auto* why = std::get_if<base::Refusal>(&refusal);
    out.findings.push_back(bad(why == nullptr ? "CASE-02" : why->code, why == nullptr ? "不能读取" : why->say.zh,
                               why == nullptr ? base::explain(refusal) : why->say.en,
                               why == nullptr ? "" : why->detail.zh + why->where));
    out.code = k_refused;
    return print(out, options.json);
  }
  const auto& papers = catalogue->at("papers").as_array();
  out.findings.push_back(
      good("每个文件都与目录的摘要相符", "every file has the digest of the catalogue", std::to_string(papers.size())));
  std::set<std::int64_t> proven;
  std::size_t sheets = 0;
  bool unproven = false;
  for (const auto& paper : papers) {
    const std::string name(paper.text("file"));
    if (!name.ends_with(".json")) continue;
    const auto text = disclosure::read_from_case(*bytes, name);
    const auto json = text ? base::parse_json(*text) : base::Result<base::Json>(text.trouble());
    if (!json) {
      out.findings.push_back(bad("CASE-04", "文件不能读取", "a file does not read", name));
      out.code = k_refused;
      continue;
    }
    if (json->text("format") == "landglass/receipt/1") {
      const auto verdict = verify::verify_receipt(*text, *policy);
      const bool own = verdict.leaf && paper.at("leaf").is_int() &&
                       verdict.leaf->seq == static_cast<std::uint64_t>(paper.at("leaf").as_int());
      if (verdict.level == log::Level::none || !own) {
        const auto wrong = verdict.findings.empty() ? verify::Finding{} : verdict.findings.back();
        out.findings.push_back(
            bad(wrong.code.empty() ? "CASE-05" : wrong.code, "回执不成立", "a receipt does not hold", name));
        out.code = k_refused;
      } else {
        proven.insert(paper.at("leaf").as_int());
      }
    } else if (json->text("format") == "landglass/certificate/1") {
      const auto report = verify::verify_certificate(*text, *policy);
      const auto verdict = std::string(verify::name_of(report.verdict));
      if (report.verdict == verify::Verdict::genuine) {
        out.findings.push_back(good("证书文件：" + report.say.zh, "certificate: " + report.say.en, name));
      } else {
        out.findings.push_back(
            bad("CASE-06", "证书文件：" + report.say.zh, "certificate: " + report.say.en, name + " " + verdict));
        out.code = k_refused;
      }
    }
  }
  for (const auto& paper : papers) {
    if (!paper.text("file").ends_with(".pdf")) continue;
    ++sheets;
    if (paper.at("leaf").is_int() && proven.contains(paper.at("leaf").as_int())) continue;
    unproven = true;
    out.findings.push_back(bad("CASE-07", "此文书没有回执可证（密封日志的文书只能由其本人核对）",
                               "no receipt proves this paper (one of the sealed log is for its own party to check)",
                               std::string(paper.text("file"))));
  }
  out.facts = {{{"记录", "record"}, std::string(catalogue->text("record"))},
               {{"日志", "log"}, std::string(catalogue->text("origin"))},
               {{"文书", "papers"}, std::to_string(sheets)},
               {{"有回执证明的行为", "acts proven by a receipt"}, std::to_string(proven.size())}};
  out.more["record"] = std::string(catalogue->text("record"));
  out.more["papers"] = static_cast<std::int64_t>(sheets);
  out.more["acts_proven"] = static_cast<std::int64_t>(proven.size());
  if (out.code == k_refused) {
    out.verdict = "not";
    out.say = {"不成立", "it does not hold"};
  } else {
    out.verdict = unproven ? "unproven" : "holds";
    out.say = unproven ? base::Text{"完整，但并非每份文书都有证明", "whole, but not every paper is proven"}
                       : base::Text{"成立：案卷完整，每份文书的行为都在日志中",
                                    "it holds: whole, and the act of every paper stands in the log"};
    out.code = unproven ? k_unproven : k_done;
  }
  return print(out, options.json);
}

}  // namespace

Command verify_paper_command() {
  auto options = std::make_shared<PaperOptions>();
  Command command{"paper", {"凭二维码核验一份文书", "check a sheet by its QR"}, {}, {}, {}};
  command.needs("--qr", &options->qr, {"二维码的文字（LG1 …）", "text of the QR (LG1 …)"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--receipt", &options->receipt, {"该行为的回执", "receipt of the act"})
      .option("--log", &options->log, {"日志目录或本机地址", "folder of the log, or local address"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run_paper(*options); };
  return command;
}

Command verify_case_command() {
  auto options = std::make_shared<PaperOptions>();
  Command command{"case", {"核验一份案卷", "check a case file"}, {}, {}, {}};
  command.needs("file", &options->file, {"案卷（zip）", "the case file (zip)"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run_case(*options); };
  return command;
}

}  // namespace landglass::cli
