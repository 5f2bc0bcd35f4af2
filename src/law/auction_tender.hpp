#pragma once
// Sealed tenders: the weighted scores of a committee, and who wins. Exact: each part is a fraction, rounded once to the
// decimals that the sheet declares (half away from zero), and then only added.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace landglass::law {

struct TenderCriterion {
  std::string id;
  std::int64_t max = 100;  // points an expert may give, from 0
  base::Ratio weight;
  bool operator==(const TenderCriterion&) const = default;
};

struct TenderRules {
  enum class Award : std::uint8_t {
    best_score,
    highest_price
  };  // L-12: by all criteria, or by price among those that meet the substance
  enum class PriceFormula : std::uint8_t {
    to_highest,  // price / highest price
    to_mean,     // 1 - |price - mean| / mean, at least 0
  };
  Award award = Award::best_score;
  std::vector<TenderCriterion> criteria;
  base::Ratio price_weight;  // with the weights of the criteria exactly 1
  PriceFormula price_formula = PriceFormula::to_highest;
  bool drop_extremes = false;  // the highest and the lowest score of each criterion are left out
  std::int64_t decimals = 2;   // of a score, 0 to 4
  std::int64_t committee = 5;  // odd, at least 5 (L-11)
  std::int64_t experts = 4;    // of them drawn from the pool
  bool operator==(const TenderRules&) const = default;
};

struct Tender {
  std::uint32_t plate = 0;
  base::Money price;
  std::uint64_t receipt = 0;                      // order in which it was received: the earlier wins a tie
  bool meets_substance = true;                    // false: rejected by the committee, with its reason on record
  std::vector<std::vector<std::int64_t>> scores;  // [criterion][member of the committee], points
};

struct TenderRank {
  std::uint32_t plate = 0;
  base::Money price;
  std::int64_t score = 0;           // in 10^-decimals points of 100
  std::vector<std::int64_t> parts;  // per criterion, then price, in the same unit
  bool operator==(const TenderRank&) const = default;
};

struct TenderResult {
  std::vector<TenderRank> ranking;      // best first; empty where it failed
  std::vector<std::uint32_t> rejected;  // by substance, in order of receipt
  std::string reason;                   // of failure: "too_few_bidders", "below_reserve", "none_meets_substance"; else empty
  bool operator==(const TenderResult&) const = default;
};

// Refuses AU-30 a committee that is even or smaller than the sheet's, AU-31 scores missing or outside 0..max, AU-32 a plate
// or receipt twice.
base::Result<TenderResult> rank_tenders(const TenderRules& rules, std::int64_t min_bidders,
                                        std::optional<base::Money> reserve, const std::vector<Tender>& tenders);

// Refuses AU-01 (in `where` below "tender"): weights that are not 1 together, an even committee or one below 5.
base::Result<TenderRules> parse_tender_rules(const base::Json& json);
base::Json to_json(const TenderRules& rules);

}  // namespace landglass::law
