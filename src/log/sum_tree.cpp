#include "log/sum_tree.hpp"

#include <array>

#include "base/json.hpp"
#include "base/units.hpp"

namespace landglass::log {
namespace {

using base::Hash;
using base::refuse;
using Bytes8 = std::array<std::uint8_t, 8>;

Bytes8 big_endian(std::int64_t sum) {
  Bytes8 bytes{};
  auto left = static_cast<std::uint64_t>(sum);
  for (std::size_t i = bytes.size(); i-- > 0; left >>= 8) bytes[i] = static_cast<std::uint8_t>(left & 0xff);
  return bytes;
}
template <class Bytes>
void put(std::vector<std::uint8_t>& out, const Bytes& bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

base::Refusal wrong_sum() { return refuse("SUM-03", "金额为负或合计过大", "a sum below zero or past its bound", "sum"); }
base::Refusal wrong_shape() { return refuse("SUM-02", "路径与序号不符", "path and index do not fit", "path"); }

}  // namespace

SumNode sum_leaf(const Hash& commitment, std::int64_t sum) {
  std::vector<std::uint8_t> bytes{0x00};
  put(bytes, commitment);
  put(bytes, big_endian(sum));
  return {base::sha256(bytes), sum};
}

base::Result<SumNode> sum_parent(const SumNode& left, const SumNode& right) {
  if (left.sum < 0 || right.sum < 0) return wrong_sum();
  const auto sum = base::add(left.sum, right.sum);
  if (!sum) return wrong_sum();
  std::vector<std::uint8_t> bytes{0x01};
  put(bytes, left.hash);
  put(bytes, big_endian(left.sum));
  put(bytes, right.hash);
  put(bytes, big_endian(right.sum));
  return SumNode{base::sha256(bytes), *sum};
}

Hash sum_commitment(const Hash& salt, std::string_view account, std::string_view period, std::string_view holder) {
  const base::Json name(base::JsonArray{"landglass/sum/1", account, period, holder});
  return base::hmac_sha256(salt, base::as_bytes(base::canonical(name)));
}

base::Result<SumTree> SumTree::build(std::vector<SumNode> leaves) {
  const auto size = leaves.size();
  if (size < 2 || (size & (size - 1)) != 0 || size > (std::size_t{1} << k_max_sum_depth)) return wrong_shape();
  SumTree tree;
  tree.levels_.push_back(std::move(leaves));
  while (tree.levels_.back().size() > 1) {
    const auto& below = tree.levels_.back();
    std::vector<SumNode> level;
    level.reserve(below.size() / 2);
    for (std::size_t i = 0; i < below.size(); i += 2) {
      LG_TRY(const auto parent, sum_parent(below[i], below[i + 1]));
      level.push_back(parent);
    }
    tree.levels_.push_back(std::move(level));
  }
  return tree;
}

std::vector<SumNode> SumTree::path(std::size_t index) const {
  LG_ASSERT(index < size(), "a leaf that the tree does not have");
  std::vector<SumNode> siblings;
  for (std::size_t height = 0; height + 1 < levels_.size(); ++height, index >>= 1)
    siblings.push_back(levels_[height][index ^ 1]);
  return siblings;
}

base::Result<SumNode> sum_root(const SumNode& leaf, std::uint64_t index, std::span<const SumNode> path) {
  if (path.empty() || path.size() > k_max_sum_depth || (index >> path.size()) != 0) return wrong_shape();
  if (leaf.sum < 0) return wrong_sum();
  auto node = leaf;
  for (const auto& sibling : path) {
    LG_TRY(node, (index & 1) != 0 ? sum_parent(sibling, node) : sum_parent(node, sibling));
    index >>= 1;
  }
  return node;
}

}  // namespace landglass::log
