#include "verify/certificate.hpp"

#include <algorithm>
#include <array>

#include "law/codes.hpp"
#include "log/merkle.hpp"
#include "verify/receipt.hpp"

namespace landglass::verify {
namespace {

bool is_lower_hex(std::string_view text) { return text.find_first_not_of("0123456789abcdef") == std::string_view::npos; }

// The change of a record within a leaf, and the prefix of its commitments' paths.
struct Found {
  const log::Change* change = nullptr;
  std::string prefix;
};
Found change_of(const log::Leaf& leaf, std::string_view record) {
  if (leaf.change.record == record) return {&leaf.change, ""};
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    if (leaf.effects[i].record == record) return {&leaf.effects[i], "effects/" + std::to_string(i) + "/"};
  }
  return {};
}

const base::Json* said_by(const log::Change& change, std::string_view field) {
  const base::Json* value = change.set.find(field);
  return value != nullptr ? value : change.outcome.find(field);
}

class Judge {
 public:
  Judge(const base::Json& certificate, const base::Result<ProvenLeaf>& issued)
      : certificate_(certificate), issued_(issued) {}

  CertificateReport run(const Later& later, const std::optional<std::string>& printed) {
    if (!shape()) return end(Verdict::unproven, {"无法读取为证书", "this does not read as a certificate"});
    own_code();
    if (printed) sheet(*printed);
    if (issued_.refused()) {
      note(bad("CERT-13", "存证回执无效：" + issued_.refusal().say.zh,
               "the receipt proves nothing: " + issued_.refusal().say.en, issued_.refusal().code));
      return end(Verdict::forged, k_forged);
    }
    if (contradicted_) return end(Verdict::forged, k_forged);
    if (issued_.failed()) {
      note(bad("CERT-14", "没有可核对的存证回执", "there is no receipt that could be checked", issued_.failure().what));
      return end(Verdict::unproven, {"尚不能证明", "nothing proves it, and nothing contradicts it"});
    }
    note(good("存证回执有效", "the receipt is valid", "size " + std::to_string(issued_->tree_size)));
    against_leaf();
    if (printed) mark_against_leaf(*printed);
    if (contradicted_) return end(Verdict::forged, k_forged);
    return history(later);
  }

 private:
  inline static const base::Text k_forged{"伪造或被篡改", "forged or tampered with"};

  void note(Finding finding) { report_.findings.push_back(std::move(finding)); }
  void hold(bool ok, std::string code, base::Text yes, base::Text no, std::string detail = {}) {
    if (!ok) contradicted_ = true;
    note(ok ? good(std::move(yes.zh), std::move(yes.en), std::move(detail))
            : bad(std::move(code), std::move(no.zh), std::move(no.en), std::move(detail)));
  }
  CertificateReport end(Verdict verdict, base::Text say) {
    report_.verdict = verdict;
    report_.say = std::move(say);
    return std::move(report_);
  }

  bool shape() {
    const bool ok = certificate_.text("format") == "landglass/certificate/1" && !certificate_.text("id").empty() &&
                    certificate_.at("state").is_string() && certificate_.at("fields").is_object() &&
                    certificate_.at("openings").is_array() && !certificate_.at("fields").text("code").empty();
    note(ok ? good("格式正确", "the format is that of a certificate")
            : bad("CERT-10", "格式不符", "the format is not that of a certificate"));
    return ok;
  }

  void own_code() {
    hold(law::verification_code_valid(code()), "CERT-11", {"验证码校验位正确", "the check character of the code is right"},
         {"验证码校验位错误", "the check character of the code is wrong"}, "code");
  }

  // What the sheet of paper says of itself against the file in hand.
  void sheet(const std::string& printed) {
    const auto mark = read_mark(printed);
    hold(bool(mark) && mark->record == certificate_.text("id") && mark->code == code(), "CERT-12",
         {"纸面二维码与证书文件一致", "the QR on the sheet is of this certificate"},
         {"纸面二维码与证书文件不一致", "the QR on the sheet is not of this certificate"}, "qr");
  }

  void mark_against_leaf(const std::string& printed) {
    const auto mark = read_mark(printed);
    const bool same = bool(mark) && mark->origin == issued_->leaf.origin &&
                      (mark->leaf == "-" || mark->leaf == base::to_hex(issued_->hash).substr(0, k_mark_leaf_digits));
    hold(same, "CERT-15", {"纸面二维码与日志记录一致", "the QR on the sheet names this leaf of this log"},
         {"纸面二维码指向另一条日志记录", "the QR on the sheet names another leaf"}, "qr");
  }

  void against_leaf() {
    const Found found = change_of(issued_->leaf, certificate_.text("id"));
    hold(found.change != nullptr, "CERT-16", {"日志记录属于本证书", "the leaf is about this certificate"},
         {"日志记录与本证书无关", "the leaf is not about this certificate"}, "id");
    if (found.change == nullptr) return;
    const log::Change& change = *found.change;
    hold(change.state == certificate_.text("state"), "CERT-17", {"登记状态一致", "the state is the leaf's"},
         {"登记状态与日志不符：日志为 " + change.state, "the state is not the leaf's, which is " + change.state}, "state");
    for (const auto& [name, value] : certificate_.at("fields").as_object()) {
      const base::Json* said = said_by(change, name);
      if (said != nullptr && *said == value) continue;
      hold(false, "CERT-18", {}, {"内容与日志不符", "the field is not what the leaf says"}, name);
    }
    if (!contradicted_) note(good("公开内容与日志逐项一致", "every public field is the leaf's"));
    for (const base::Json& opening : certificate_.at("openings").as_array()) open(opening, change, found.prefix);
  }

  void open(const base::Json& opening, const log::Change& change, const std::string& prefix) {
    const std::string path(opening.text("path"));
    const std::string field = path.starts_with(prefix) ? path.substr(prefix.size()) : "";
    const auto read = log::parse_opening(opening);
    const bool ok = change.commit.find(field) != nullptr && read && verify_opening(issued_->leaf, *read);
    hold(ok, "CERT-19", {"不公开内容与承诺一致", "the private field opens its commitment"},
         {"不公开内容与承诺不符", "the private field does not open its commitment"}, path);
  }

  CertificateReport history(const Later& later) {
    report_.known_size = std::max(issued_->tree_size, later.size);
    report_.state_now = certificate_.text("state");
    const std::string record(certificate_.text("id"));
    std::vector<const ProvenLeaf*> leaves;
    for (const ProvenLeaf& one : later.leaves) {
      report_.known_size = std::max(report_.known_size, one.tree_size);
      const bool of_record = one.leaf.origin == issued_->leaf.origin && change_of(one.leaf, record).change != nullptr;
      if (of_record && one.leaf.seq > issued_->leaf.seq) leaves.push_back(&one);
    }
    std::sort(leaves.begin(), leaves.end(), [](const auto* a, const auto* b) { return a->leaf.seq < b->leaf.seq; });

    std::uint64_t version = change_of(issued_->leaf, record).change->version;
    bool changed = false;
    for (const ProvenLeaf* one : leaves) {
      const log::Change& change = *change_of(one->leaf, record).change;
      const std::string leaf = "leaf " + std::to_string(one->leaf.seq);
      // The versions of a record have no gaps, so that a change in between cannot be kept back; only the last ones can.
      if (change.version != version + 1) {
        note(bad("CERT-20", "中间缺少变更记录", "a change in between was not shown", leaf));
        changed = true;
      }
      version = change.version;
      if (change.state != report_.state_now) {
        const std::string date = base::format_date(base::date_of(one->leaf.time));
        note(bad("CERT-21", "此后状态变为 " + change.state + "（" + date + "）",
                 "since " + date + " the state is " + change.state, leaf));
        report_.state_now = change.state;
      }
      for (const auto& [name, value] : certificate_.at("fields").as_object()) {
        const base::Json* said = change.set.find(name);
        if (said == nullptr || *said == value) continue;
        note(bad("CERT-22", "此后内容变更：" + name, "changed since: " + name, leaf));
        changed = true;
      }
      for (const base::Json& opening : certificate_.at("openings").as_array()) {
        const std::string field = last_of(opening.text("path"));
        if (change.commit.find(field) == nullptr) continue;
        // Another commitment may hide the same value; without its opening nobody can say that it does.
        note(bad("CERT-23", "此后重新登记了：" + field, "registered anew since: " + field, leaf));
        changed = true;
      }
    }
    if (changed || report_.state_now != certificate_.text("state")) {
      return end(Verdict::outdated, {"曾经属实，现已变更", "it was so, and has changed since"});
    }
    return end(Verdict::genuine, genuine(later.horizon));
  }

  static std::string last_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
  }

  base::Text genuine(Horizon horizon) const {
    const std::string size = std::to_string(report_.known_size);
    switch (horizon) {
      case Horizon::whole_log:
        return {"属实；截至日志第 " + size + " 条没有变更",
                "genuine; the whole log up to size " + size + " holds no change"};
      case Horizon::office:
        return {"属实；登记机构截至日志第 " + size + " 条未告知变更",
                "genuine; up to size " + size + " the office has told of no change"};
      case Horizon::receipt: break;
    }
    return {"属实；仅证明至日志第 " + size + " 条，其后情况未核对",
            "genuine as of size " + size + "; what came later has not been looked at"};
  }

  std::string_view code() const { return certificate_.at("fields").text("code"); }

  const base::Json& certificate_;
  const base::Result<ProvenLeaf>& issued_;
  CertificateReport report_;
  bool contradicted_ = false;
};

}  // namespace

std::string write_mark(const PaperMark& mark) {
  return "LG1 " + mark.record + " " + mark.code + " " + mark.leaf + " " + mark.origin;
}

base::Result<PaperMark> read_mark(std::string_view text) {
  const auto wrong = [&] { return base::refuse("CERT-01", "不是本平台文书的二维码", "this is not the mark of a paper"); };
  if (text.size() > 512) return wrong();
  std::array<std::string, 5> words;
  std::size_t count = 0;
  while (count < words.size()) {
    const auto space = text.find(' ');
    words[count++] = text.substr(0, space);
    if (space == std::string_view::npos) {
      text = {};
      break;
    }
    text.remove_prefix(space + 1);
    if (count == words.size()) return wrong();
  }
  if (count != words.size() || words[0] != "LG1") return wrong();
  if (std::any_of(words.begin(), words.end(), [](const std::string& word) { return word.empty(); })) return wrong();
  if (words[3] != "-" && (words[3].size() != k_mark_leaf_digits || !is_lower_hex(words[3]))) return wrong();
  return PaperMark{words[1], words[2], words[3], words[4]};
}

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::genuine: return "genuine";
    case Verdict::outdated: return "outdated";
    case Verdict::forged: return "forged";
    case Verdict::unproven: break;
  }
  return "unproven";
}

CertificateReport judge_certificate(const base::Json& certificate, const base::Result<ProvenLeaf>& issued,
                                    const Later& later, const std::optional<std::string>& printed) {
  return Judge(certificate, issued).run(later, printed);
}

namespace {

bool knows(const log::Policy& trust, const base::Json& receipt) {
  const auto leaf = log::decode(receipt.text("leaf"));
  return leaf && std::any_of(trust.logs().begin(), trust.logs().end(),
                             [&](const log::TrustedLog& one) { return one.key.name == leaf->origin; });
}

}  // namespace

CertificateReport verify_certificate(std::string_view file, const log::Policy& trust, const Later& later,
                                     const std::optional<std::string>& printed) {
  const auto json = base::parse_json(file);
  if (!json) return judge_certificate({}, base::fail("not JSON"), later, printed);
  const base::Json& enclosed = json->at("receipt");
  if (enclosed.is_null()) return judge_certificate(*json, base::fail("no receipt is enclosed"), later, printed);

  const ReceiptVerdict receipt = verify_receipt(base::canonical(enclosed) + "\n", trust);
  if (receipt.level == log::Level::none || !receipt.leaf || !receipt.head) {
    const auto wrong =
        std::find_if(receipt.findings.begin(), receipt.findings.end(), [](const Finding& one) { return !one.good; });
    // A log that the reader has no key of is no forgery: he can only not judge it. One he has a key of would have signed.
    if (wrong == receipt.findings.end() || (wrong->code == "VER-04" && !knows(trust, enclosed))) {
      return judge_certificate(*json, base::fail("the reader trusts no key of this log"), later, printed);
    }
    return judge_certificate(*json, base::refuse(wrong->code, wrong->say.zh, wrong->say.en), later, printed);
  }
  const log::Receipt parsed = *log::parse_receipt(base::canonical(enclosed) + "\n");
  auto report =
      judge_certificate(*json, ProvenLeaf{*receipt.leaf, log::leaf_hash(parsed.leaf), receipt.head->size}, later, printed);
  report.level = receipt.level;
  return report;
}

}  // namespace landglass::verify
