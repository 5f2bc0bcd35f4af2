#pragma once
// From the score sheets of a committee to its ranking, as decider and verifier both work it out. docs/formats/tender.md.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/units.hpp"
#include "law/auction_tender.hpp"

namespace landglass::law {

// A tender as it was read out, in the order of receipt.
struct OpenedTender {
  std::uint32_t plate = 0;
  base::Money price;
  bool valid = true;  // false: not opened, or not what was announced
};

// One member's sheet: {"plate", "criterion", "points"} for each tender and criterion; plates that he holds not to meet the
// substance.
struct ScoreSheet {
  std::int64_t seat = 0;
  base::Json scores;    // as given
  base::Json rejected;  // [{"plate", "why"}], null: none
};

// Refuses AU-31 a sheet that leaves a score out, gives one twice, or one for what is not there.
base::Status check_sheet(const TenderRules& rules, const std::vector<OpenedTender>& tenders, const ScoreSheet& sheet);

// A tender that more than half of the members reject is out; sheets are taken in the order of their seats. Refuses as
// check_sheet and rank_tenders do.
base::Result<TenderResult> rank_by_sheets(const TenderRules& rules, std::int64_t min_bidders,
                                          std::optional<base::Money> reserve, const std::vector<OpenedTender>& tenders,
                                          std::vector<ScoreSheet> sheets);

// "87.53" of 8753 in hundredths.
std::string score_text(std::int64_t score, std::int64_t decimals);
// The rows that stand in the log: {"plate", "price", "score", "parts", "rank"}; `parts` names the criteria.
base::Json ranking_rows(const TenderRules& rules, const TenderResult& result);

}  // namespace landglass::law
