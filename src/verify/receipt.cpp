#include "verify/receipt.hpp"

#include <algorithm>

namespace landglass::verify {

Finding good(std::string zh, std::string en, std::string detail) {
  return {true, {}, {std::move(zh), std::move(en)}, std::move(detail)};
}
Finding bad(std::string code, std::string zh, std::string en, std::string detail) {
  return {false, std::move(code), {std::move(zh), std::move(en)}, std::move(detail)};
}

bool verify_opening(const log::Leaf& leaf, const log::Opening& opening) {
  const auto* commitments = &leaf.change.commit;
  auto field = std::string_view(opening.path);
  if (field.starts_with("effects/")) {
    field.remove_prefix(8);
    const auto slash = field.find('/');
    const auto index = slash == std::string_view::npos ? std::nullopt : log::parse_decimal(field.substr(0, slash));
    if (!index || *index >= leaf.effects.size()) return false;
    commitments = &leaf.effects[*index].commit;
    field.remove_prefix(slash + 1);
  }
  const auto* stands = commitments->find(field);
  if (stands == nullptr || opening.salt.size() != 32) return false;
  const auto hash = log::commitment(opening.salt, leaf.origin, leaf.command, opening.path, opening.value);
  return stands->if_string() != nullptr && *stands->if_string() == base::to_hex(hash);
}

ReceiptVerdict verify_receipt(std::string_view bytes, const log::Policy& trust) {
  ReceiptVerdict verdict;
  auto& findings = verdict.findings;
  const auto receipt = log::parse_receipt(bytes);
  if (!receipt) {
    findings.push_back(bad("VER-01", "不是回执文件", "this is not a receipt", base::explain(receipt.trouble())));
    return verdict;
  }
  auto leaf = log::decode(receipt->leaf);
  if (!leaf) {
    findings.push_back(
        bad("VER-02", "回执所载不是规范的叶子", "what the receipt holds is not a leaf", base::explain(leaf.trouble())));
    return verdict;
  }
  const auto checkpoint = log::parse_checkpoint(receipt->proof.checkpoint);
  if (!checkpoint) {
    findings.push_back(
        bad("VER-03", "检查点无法读取", "the checkpoint cannot be read", base::explain(checkpoint.trouble())));
    return verdict;
  }
  verdict.leaf = std::move(*leaf);
  verdict.head = checkpoint->head;
  const auto& head = checkpoint->head;
  const auto judged = trust.judge(*checkpoint);
  if (judged.log == nullptr) {
    findings.push_back(
        bad("VER-04", "检查点没有受信日志的有效签名", "no trusted log has signed the checkpoint", head.origin));
  } else {
    findings.push_back(
        good("检查点由日志签名", "the log has signed the checkpoint", head.origin + ", " + std::to_string(head.size)));
  }
  if (verdict.leaf->seq != receipt->proof.index) {
    findings.push_back(bad("VER-05", "叶子的序号与证明不符", "the leaf stands at another index than the proof says",
                           std::to_string(verdict.leaf->seq) + " ≠ " + std::to_string(receipt->proof.index)));
  }
  if (verdict.leaf->origin != head.origin) {
    findings.push_back(
        bad("VER-06", "叶子属于另一份日志", "the leaf is of another log", verdict.leaf->origin + " ≠ " + head.origin));
  }
  if (log::verify_inclusion(receipt->proof.index, head.size, log::leaf_hash(receipt->leaf), receipt->proof.proof,
                            head.root)) {
    findings.push_back(good("叶子在日志之中", "the leaf is in the log", "№ " + std::to_string(receipt->proof.index)));
  } else {
    findings.push_back(
        bad("VER-07", "包含性证明不成立：叶子不在该日志中", "the inclusion proof fails: the leaf is not in that log"));
  }
  for (const auto& opening : receipt->openings) {
    if (verify_opening(*verdict.leaf, opening)) {
      findings.push_back(good("披露的内容与承诺一致", "what is disclosed is what was committed", opening.path));
      verdict.openings.push_back(opening);
    } else {
      findings.push_back(bad("VER-08", "披露的内容与承诺不符", "what is disclosed is not what was committed", opening.path));
    }
  }
  if (std::any_of(findings.begin(), findings.end(), [](const auto& finding) { return !finding.good; })) return verdict;

  verdict.witnesses = judged.witnesses;
  verdict.seen = judged.latest;
  verdict.level = log::Level::logged;
  if (!trust.wants_witnesses()) return verdict;
  std::string names;
  for (const auto& name : judged.witnesses) names += (names.empty() ? "" : ", ") + name;
  if (judged.quorum) {
    verdict.level = log::Level::witnessed;
    findings.push_back(good("足够多的见证人已联署", "enough witnesses have cosigned", names));
  } else {
    findings.push_back(bad("VER-09", "见证人联署不足：只证明已登记，尚不能作为终局依据",
                           "too few witnesses have cosigned: this shows that it was logged, and is not final", names));
  }
  return verdict;
}

}  // namespace landglass::verify
