#include "money/liabilities.hpp"

#include <algorithm>
#include <set>

#include "base/units.hpp"

namespace landglass::money {
namespace {

using base::Hash;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::refuse;

Hash derived(const Hash& seed, std::string_view what, std::string_view of) {
  const Json name(JsonArray{what, of});
  return base::hmac_sha256(seed, base::as_bytes(base::canonical(name)));
}

}  // namespace

base::Result<Liabilities> Liabilities::build(std::string account, std::string period, const Hash& seed,
                                             const std::vector<Liability>& all) {
  std::size_t size = k_least_leaves;
  while (size < all.size()) size *= 2;
  std::vector<Slot> slots;
  slots.reserve(size);
  std::set<std::string_view> seen;
  for (const auto& one : all) {
    if (one.holder.empty() || !seen.insert(one.holder).second || size > (std::size_t{1} << log::k_max_sum_depth))
      return refuse("SUM-04", "账户重复或过多", "a holder twice, or too many", one.holder);
    slots.push_back({derived(seed, "landglass/sum-order/1", one.holder), one.holder,
                     derived(seed, "landglass/sum-salt/1", one.holder), one.fen});
  }
  for (std::size_t i = slots.size(); i < size; ++i) {
    const auto name = std::to_string(i);  // no holder: a holder's name is a record's, with a slash
    slots.push_back({derived(seed, "landglass/sum-order/1", name), {}, derived(seed, "landglass/sum-salt/1", name), 0});
  }
  std::sort(slots.begin(), slots.end(), [](const Slot& a, const Slot& b) { return a.order < b.order; });
  std::vector<log::SumNode> leaves;
  leaves.reserve(size);
  for (const auto& slot : slots)
    leaves.push_back(log::sum_leaf(log::sum_commitment(slot.salt, account, period, slot.holder), slot.fen));
  LG_TRY(auto tree, log::SumTree::build(std::move(leaves)));
  return Liabilities(std::move(account), std::move(period), std::move(slots), std::move(tree));
}

Json Liabilities::proof(std::string_view holder) const {
  const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.holder == holder; });
  LG_ASSERT(found != slots_.end(), "a proof of a holder who is not in the sum");
  const auto index = static_cast<std::size_t>(found - slots_.begin());
  JsonArray path;
  for (const auto& node : tree_.path(index))
    path.emplace_back(JsonObject{{"hash", base::to_hex(node.hash)}, {"sum", base::money_text({node.sum})}});
  return JsonObject{{"account", account_},
                    {"balance", base::money_text({found->fen})},
                    {"holder", found->holder},
                    {"index", static_cast<std::int64_t>(index)},
                    {"path", std::move(path)},
                    {"period", period_},
                    {"root", base::to_hex(root().hash)},
                    {"salt", base::to_hex(found->salt)},
                    {"total", base::money_text({root().sum})},
                    {"v", "landglass/sum-proof/1"}};
}

}  // namespace landglass::money
