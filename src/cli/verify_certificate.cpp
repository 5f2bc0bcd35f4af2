#include "cli/log_site.hpp"
#include "cli/verify.hpp"
#include "cli/verify_words.hpp"
#include "log/merkle.hpp"
#include "log/receipt.hpp"
#include "verify/certificate.hpp"
#include "verify/receipt.hpp"

namespace landglass::cli {
namespace {

using base::Json;

struct CertificateOptions {
  std::string file, policy, qr, log, office, pack, data = "build/data";
  bool json = false;
};

// Every leaf of the record in the whole log, which is verified on the way.
base::Result<verify::Later> from_log(const std::string& source, const log::Policy& policy, const std::string& record) {
  LG_TRY(const auto files, open_log(source));
  verify::Later later;
  const auto verdict =
      verify::verify_log(*files, policy, [&](const log::Leaf& leaf, std::string_view bytes) -> base::Status {
        if (about(leaf, record)) later.leaves.push_back({leaf, log::leaf_hash(bytes), leaf.seq + 1});
        return base::Done{};
      });
  if (verdict.level == log::Level::none) {
    const auto& last = verdict.findings.back();
    auto refusal =
        base::refuse(last.code, "日志本身不成立：" + last.say.zh, "the log itself does not hold: " + last.say.en, source);
    refusal.detail = base::alike(last.detail);
    return refusal;
  }
  later.size = verdict.head->size;
  later.horizon = verify::Horizon::whole_log;
  return later;
}

// What the office tells: each leaf proven by its receipt. It could keep the last ones back, and the verdict says so.
base::Result<verify::Later> from_office(const std::string& url, const log::Policy& policy, const std::string& record,
                                        std::uint64_t after) {
  LG_TRY(auto site, LogSite::open(url));
  LG_TRY(const auto text, site.get("api/later/" + record + "?after=" + std::to_string(after)));
  LG_TRY(const auto json, base::parse_json(text, base::Profile::any));
  verify::Later later;
  later.horizon = verify::Horizon::office;
  for (const auto& one : json.at("receipts").as_array()) {
    const auto bytes = base::canonical(one) + "\n";
    const auto verdict = verify::verify_receipt(bytes, policy);
    if (verdict.level == log::Level::none || !verdict.leaf) {
      return base::refuse("VER-LATER", "登记机构的回答不能核对", "the office's answer does not hold", url);
    }
    LG_TRY(const auto receipt, log::parse_receipt(bytes));
    later.leaves.push_back({*verdict.leaf, log::leaf_hash(receipt.leaf), verdict.head->size});
    later.size = std::max(later.size, verdict.head->size);
  }
  return later;
}

std::optional<log::Change> change_of(const log::Leaf& leaf, std::string_view record) {
  if (leaf.change.record == record) return leaf.change;
  for (const auto& effect : leaf.effects) {
    if (effect.record == record) return effect;
  }
  return std::nullopt;
}

// The last change of the record that is known: a later one may have been ruled by another version of the file.
log::Change last_of(const log::Change& own, const verify::Later& later, std::string_view record) {
  auto last = own;
  for (const auto& leaf : later.leaves) {
    if (const auto change = change_of(leaf.leaf, record); change && change->version > last.version) last = *change;
  }
  return last;
}

int run(const CertificateOptions& options) {
  const auto policy = read_policy(options.policy);
  if (!policy) return tell(policy.trouble(), options.json);
  const auto bytes = read_whole(options.file, log::k_max_receipt_bytes);
  if (!bytes) return tell(bytes.trouble(), options.json);
  const auto json = base::parse_json(*bytes);
  const std::string record(json ? json->text("id") : std::string_view());
  const auto receipt_leaf = json ? log::decode(json->at("receipt").text("leaf")) : base::Result<log::Leaf>(base::fail(""));
  const auto words = LeafWords::of(options.pack, options.data);
  if (!words) return tell(words.trouble(), options.json);
  // The leaf's own change of the record: an act on something else may have made it.
  const auto own = receipt_leaf ? change_of(*receipt_leaf, record) : std::optional<log::Change>();
  verify::Later later;
  if (!record.empty() && !options.log.empty()) {
    auto found = from_log(options.log, *policy, record);
    if (!found) return tell(found.trouble(), options.json);
    later = *std::move(found);
  } else if (!record.empty() && !options.office.empty() && receipt_leaf) {
    auto found = from_office(options.office, *policy, record, receipt_leaf->seq);
    if (!found) return tell(found.trouble(), options.json);
    later = *std::move(found);
  }
  const auto report = verify::verify_certificate(*bytes, *policy, later,
                                                 options.qr.empty() ? std::nullopt : std::optional<std::string>(options.qr));
  VerifyOutput out;
  out.verdict = verify::name_of(report.verdict);
  static const std::pair<verify::Verdict, base::Text> k_names[] = {{verify::Verdict::genuine, {"真", "GENUINE"}},
                                                                   {verify::Verdict::outdated, {"过时", "OUTDATED"}},
                                                                   {verify::Verdict::forged, {"伪", "FORGED"}},
                                                                   {verify::Verdict::unproven, {"未证明", "UNPROVEN"}}};
  for (const auto& [verdict, name] : k_names) {
    if (verdict == report.verdict) out.say = {name.zh + "：" + report.say.zh, name.en + ": " + report.say.en};
  }
  out.findings = report.findings;
  out.code = report.verdict == verify::Verdict::genuine    ? k_done
             : report.verdict == verify::Verdict::outdated ? k_outdated
             : report.verdict == verify::Verdict::forged   ? k_refused
                                                           : k_unproven;
  out.facts.push_back({{"证书", "certificate"}, own ? words->record(*own) : record});
  if (!report.state_now.empty()) {
    const auto now = own ? last_of(*own, later, record) : log::Change();
    out.facts.push_back(
        {{"已知最后状态", "last state known"}, now.state == report.state_now ? words->state(now) : report.state_now});
  }
  if (own) {
    if (const auto note = words->note(*own); !note.empty())
      out.facts.push_back({{"名称", "words"}, note.zh + " / " + note.en});
  }
  out.more["record"] = record;
  out.more["state"] = report.state_now;
  out.more["size"] = report.known_size;
  if (json && out.code != k_refused) {
    for (const auto& [name, value] : json->at("fields").as_object())
      out.facts.push_back({own ? words->field(*own, name) : base::alike(name),
                           value.is_string() ? value.as_string() : base::canonical(value)});
  }
  return print(out, options.json);
}

}  // namespace

Command verify_certificate_command() {
  auto options = std::make_shared<CertificateOptions>();
  Command command{"certificate",
                  {"核验一份证书：真、过时、伪、未证明", "check a certificate: genuine, outdated, forged, unproven"},
                  {},
                  {},
                  {}};
  command.needs("file", &options->file, {"证书文件（JSON）", "the certificate's file (JSON)"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--qr", &options->qr, {"纸面二维码的文字", "text of the QR on the sheet"})
      .option("--log", &options->log,
              {"全部日志（目录或本机地址）：此后有无变更由自己核对",
               "the whole log (folder or local address): look for later changes yourself"})
      .option("--office", &options->office,
              {"向登记机构（本机地址）询问此后的变更", "ask the office (local address) what came later"})
      .option("--pack", &options->pack, {"制度包：以其中的称呼显示", "folder of a pack: to say it in its words"})
      .option("--data", &options->data, {"区划与日历目录", "folder of divisions and calendar"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  command.run = [options] { return run(*options); };
  return command;
}

}  // namespace landglass::cli
