#include "cli/sale_audit.hpp"

#include <map>
#include <set>
#include <vector>

#include "log/leaf.hpp"
#include "log/merkle.hpp"
#include "verify/auction.hpp"
#include "verify/tender.hpp"

namespace landglass::cli {

std::string audit_sales(store::Store& store) {
  const auto count = store.leaf_count(log::Tree::open);
  const auto bytes =
      count ? store.leaves(log::Tree::open, 0, *count) : base::Result<std::vector<std::string>>(base::fail("no log"));
  if (!bytes) return base::explain(bytes.trouble());
  std::vector<log::Leaf> leaves;
  std::vector<base::Hash> roots{log::Frontier().root()};  // by size
  std::set<std::string> lots;
  std::set<std::string> tenders;
  verify::AuctionOpenings openings;
  log::Frontier frontier;
  for (const auto& one : *bytes) {
    auto leaf = log::decode(one);
    if (!leaf) return base::explain(leaf.trouble());
    frontier.append(log::leaf_hash(one));
    frontier.take_full_tiles();
    roots.push_back(frontier.root());
    const auto look = [&](const log::Change& change, const std::string& prefix) {
      if (change.outcome.find("rule_sheet") != nullptr) lots.insert(change.record);
      if (change.institution == "land-tender" && change.action == "announce") tenders.insert(change.record);
      for (const auto& [name, commitment] : change.commit) {
        const auto secret = store.secret(log::Tree::open, leaf->seq, prefix + name);
        if (secret && *secret) openings[{leaf->seq, prefix + name}] = {(*secret)->salt, (*secret)->value};
      }
    };
    look(leaf->change, "");
    for (std::size_t i = 0; i < leaf->effects.size(); ++i) look(leaf->effects[i], "effects/" + std::to_string(i) + "/");
    leaves.push_back(std::move(*leaf));
  }
  const auto root_at = [&](std::uint64_t size) {
    return size < roots.size() ? std::optional<base::Hash>(roots[size]) : std::nullopt;
  };
  for (const auto& lot : lots) {
    for (const bool blind : {false, true}) {
      const auto report = verify::verify_auction(lot, leaves, blind ? verify::AuctionOpenings() : openings, root_at);
      if (!report.fits())
        return "the sale of " + lot + (blind ? ", blind" : "") + " does not verify:\n" + verify::describe(report, false);
    }
  }
  for (const auto& tender : tenders) {
    const auto report = verify::verify_tender(tender, leaves, root_at);
    if (!report.fits())
      return tender + " does not verify: " + report.misfit->code + " at leaf " + std::to_string(report.misfit->seq) + ": " +
             report.misfit->why.en + " (" + report.misfit->detail + ")";
  }
  return {};
}

}  // namespace landglass::cli
