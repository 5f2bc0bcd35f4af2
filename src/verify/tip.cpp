#include "verify/tip.hpp"

#include <algorithm>
#include <optional>

#include "base/bytes.hpp"
#include "log/tip_roll.hpp"
#include "verify/receipt.hpp"

namespace landglass::verify {
namespace {

std::optional<log::Proof> read_path(std::string_view text) {
  log::Proof path;
  while (!text.empty()) {
    const auto space = text.find(' ');
    const auto bytes = base::from_base64url(text.substr(0, space));
    log::Hash hash{};
    if (!bytes || bytes->size() != hash.size()) return std::nullopt;
    std::copy(bytes->begin(), bytes->end(), hash.begin());
    path.push_back(hash);
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return path;
}

}  // namespace

TipVerdict verify_tip(std::string_view bytes, const log::Policy& trust) {
  TipVerdict verdict;
  auto& findings = verdict.findings;
  const auto json = base::parse_json(bytes);
  const auto no_receipt = [&](std::string detail) {
    findings.push_back(bad("VER-01", "不是举报回执", "this is no receipt of a tip", std::move(detail)));
    return verdict;
  };
  if (!json || json->text("format") != "landglass/tip-receipt/1") return no_receipt("format");
  const auto& proof = json->at("proof");
  const auto path = read_path(proof.text("path"));
  const auto* index = proof.at("index").if_int();
  const auto hash = base::from_hex(proof.text("document_hash"));
  if (!path || index == nullptr || *index < 0 || !hash || hash->size() != 32) return no_receipt("proof");
  const auto of_roll = verify_receipt(base::canonical(json->at("roll")), trust);
  findings = of_roll.findings;
  if (of_roll.level == log::Level::none) return verdict;
  const auto& change = of_roll.leaf->change;
  if (change.institution != "tip-roll" || change.record != proof.text("roll")) {
    findings.push_back(bad("VER-05", "回执所载不是所指的名册", "the leaf is not that roll", change.record));
    return verdict;
  }
  const auto root = base::from_hex(change.set.text("root"));
  log::Hash wanted{};
  if (root && root->size() == wanted.size()) std::copy(root->begin(), root->end(), wanted.begin());
  if (!log::verify_inclusion(static_cast<std::uint64_t>(*index), log::k_roll_size,
                             log::roll_entry_of(proof.text("document_hash")), *path, wanted)) {
    findings.push_back(
        bad("VER-07", "证明不能到达名册的根", "the proof does not lead to the root of the roll", change.record));
    return verdict;
  }
  findings.push_back(good("密文在名册里", "the document stood in the roll", change.record));
  verdict.level = of_roll.level;
  verdict.roll = change.record;
  verdict.document_hash = proof.text("document_hash");
  return verdict;
}

}  // namespace landglass::verify
