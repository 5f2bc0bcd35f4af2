#include "verify/balance.hpp"

#include "base/json.hpp"
#include "base/units.hpp"
#include "log/sum_tree.hpp"
#include "verify/receipt.hpp"

namespace landglass::verify {
namespace {

constexpr std::size_t k_max_proof_bytes = 16 * 1024;

std::optional<std::int64_t> fen_of(const base::Json& json) {
  const auto* text = json.if_string();
  if (text == nullptr) return std::nullopt;
  const auto money = base::parse_money(*text);
  if (!money || base::money_text(*money) != *text) return std::nullopt;
  return money->fen;
}
std::optional<base::Hash> hash_of(const base::Json& json) {
  const auto* text = json.if_string();
  if (text == nullptr || text->size() != 64) return std::nullopt;
  const auto bytes = base::from_hex(*text);
  if (!bytes || bytes->size() != 32) return std::nullopt;
  base::Hash hash{};
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

struct Proof {
  std::string account, period, holder;
  base::Hash salt{}, root{};
  std::int64_t balance = 0, total = 0;
  std::uint64_t index = 0;
  std::vector<log::SumNode> path;
};

std::optional<Proof> read(std::string_view bytes) {
  if (bytes.size() > k_max_proof_bytes) return std::nullopt;
  const auto json = base::parse_json(bytes);
  if (!json || json->text("v") != "landglass/sum-proof/1") return std::nullopt;
  Proof proof;
  proof.account = json->text("account");
  proof.period = json->text("period");
  proof.holder = json->text("holder");
  const auto salt = hash_of(json->at("salt"));
  const auto root = hash_of(json->at("root"));
  const auto balance = fen_of(json->at("balance"));
  const auto total = fen_of(json->at("total"));
  const auto* index = json->at("index").if_int();
  const auto* path = json->at("path").if_array();
  if (!salt || !root || !balance || !total || index == nullptr || *index < 0 || path == nullptr || proof.holder.empty())
    return std::nullopt;
  for (const auto& one : *path) {
    const auto hash = hash_of(one.at("hash"));
    const auto sum = fen_of(one.at("sum"));
    if (!hash || !sum) return std::nullopt;
    proof.path.push_back({*hash, *sum});
  }
  proof.salt = *salt;
  proof.root = *root;
  proof.balance = *balance;
  proof.total = *total;
  proof.index = static_cast<std::uint64_t>(*index);
  return proof;
}

// The leaf says the same root, total, account and period, or it is of another sum.
bool published_by(const log::Leaf& leaf, const Proof& proof) {
  const auto& set = leaf.change.set;
  return leaf.change.institution == "liability-root" && leaf.change.action == "publish" &&
         set.text("root") == base::to_hex(proof.root) && set.text("total") == base::money_text({proof.total}) &&
         set.text("account") == proof.account && set.text("period") == proof.period;
}

}  // namespace

BalanceVerdict verify_balance(std::string_view bytes, std::string_view receipt, const log::Policy& trust) {
  BalanceVerdict verdict;
  auto& findings = verdict.findings;
  const auto proof = read(bytes);
  if (!proof) {
    findings.push_back(bad("SUM-01", "不是余额证明文件", "this is not a proof of a balance"));
    return verdict;
  }
  const auto leaf =
      log::sum_leaf(log::sum_commitment(proof->salt, proof->account, proof->period, proof->holder), proof->balance);
  const auto root = log::sum_root(leaf, proof->index, proof->path);
  if (!root) {
    const auto& no = root.refusal();
    findings.push_back(bad(no.code, no.say.zh, no.say.en));
    return verdict;
  }
  if (root->hash != proof->root) {
    findings.push_back(
        bad("SUM-05", "户名、余额、盐或路径与根不符", "holder, balance, salt or path do not lead to the root"));
    return verdict;
  }
  if (root->sum != proof->total) {
    findings.push_back(bad("SUM-06", "根的合计不是所称总额", "the root's sum is not the total that is claimed",
                           base::money_yuan({root->sum}) + " ≠ " + base::money_yuan({proof->total})));
    return verdict;
  }
  verdict.account = proof->account;
  verdict.period = proof->period;
  verdict.holder = proof->holder;
  verdict.balance = base::money_text({proof->balance});
  verdict.total = base::money_text({proof->total});
  findings.push_back(good("余额已计入根和总额", "the balance is part of root and total", verdict.balance));
  if (receipt.empty()) {
    verdict.level = BalanceVerdict::Level::adds_up;
    return verdict;
  }
  const auto shown = verify_receipt(receipt, trust);
  findings.insert(findings.end(), shown.findings.begin(), shown.findings.end());
  if (shown.level == log::Level::none) {
    findings.push_back(bad("SUM-07", "公布总额的回执不成立", "the receipt of the publication does not hold"));
    return verdict;
  }
  if (!published_by(*shown.leaf, *proof)) {
    findings.push_back(bad("SUM-08", "该条目公布的不是此根、此总额", "this leaf publishes another root or total"));
    return verdict;
  }
  findings.push_back(good("根和总额已在日志中公布", "the log published this root and total",
                          shown.leaf->change.record + ", " + std::to_string(shown.leaf->seq)));
  verdict.level = BalanceVerdict::Level::published;
  verdict.record = shown.leaf->change.record;
  verdict.witnessed = shown.level == log::Level::witnessed;
  return verdict;
}

}  // namespace landglass::verify
