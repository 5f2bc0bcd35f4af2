#include "law/auction_tender.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "law/auction_json.hpp"

namespace landglass::law {
namespace {

__extension__ typedef __int128 Wide;

constexpr std::array<std::string_view, 2> k_awards{"best_score", "highest_price"};
constexpr std::array<std::string_view, 2> k_formulas{"to_highest", "to_mean"};

// 100 points × num/den × weight in units of 10^-decimals points, rounded half up (nothing here is negative).
std::int64_t points(Wide num, Wide den, base::Ratio weight, std::int64_t decimals) {
  Wide unit = 100;
  for (std::int64_t i = 0; i < decimals; ++i) unit *= 10;
  const Wide above = num * unit * weight.num;
  const Wide below = den * weight.den;
  return static_cast<std::int64_t>((2 * above + below) / (2 * below));
}

base::Refusal no(std::string code, std::string zh, std::string en, std::string where) {
  return base::refuse(std::move(code), std::move(zh), std::move(en), std::move(where),
                      "国土资源部令第39号 art. 13 (L-11, L-12)");
}

base::Status check_tender(const TenderRules& rules, const Tender& tender) {
  const auto where = "tender " + std::to_string(tender.plate);
  if (tender.scores.size() != rules.criteria.size()) return no("AU-31", "评分项不全", "a criterion is not scored", where);
  for (std::size_t c = 0; c < rules.criteria.size(); ++c) {
    const auto& given = tender.scores[c];
    const auto size = static_cast<std::int64_t>(given.size());
    if (size % 2 == 0 || size < rules.committee) {
      auto refusal = no("AU-30", "评标小组应为单数且不少于规定人数", "the committee is even or too small", where);
      refusal.detail = base::alike(std::to_string(size) + " < " + std::to_string(rules.committee));
      return refusal;
    }
    if (given.size() != tender.scores[0].size())
      return no("AU-31", "评分人数不一", "criteria are scored by different numbers of members", where);
    for (const auto score : given) {
      if (score >= 0 && score <= rules.criteria[c].max) continue;
      auto refusal = no("AU-31", "评分超出范围", "a score is out of range", where + " " + rules.criteria[c].id);
      refusal.detail = base::alike(std::to_string(score) + " ∉ 0..." + std::to_string(rules.criteria[c].max));
      return refusal;
    }
  }
  return base::Done{};
}

std::int64_t criterion_points(const TenderRules& rules, std::size_t criterion, std::vector<std::int64_t> given) {
  std::sort(given.begin(), given.end());
  if (rules.drop_extremes) given = {given.begin() + 1, given.end() - 1};
  Wide sum = 0;
  for (const auto score : given) sum += score;
  const auto& rule = rules.criteria[criterion];
  return points(sum, Wide{static_cast<std::int64_t>(given.size())} * rule.max, rule.weight, rules.decimals);
}

std::int64_t price_points(const TenderRules& rules, base::Money price, const std::vector<const Tender*>& valid) {
  if (rules.price_formula == TenderRules::PriceFormula::to_highest) {
    std::int64_t highest = 0;
    for (const auto* tender : valid) highest = std::max(highest, tender->price.fen);
    return points(price.fen, highest, rules.price_weight, rules.decimals);
  }
  // |price - sum/n| / (sum/n) = |price·n - sum| / sum
  Wide sum = 0;
  for (const auto* tender : valid) sum += tender->price.fen;
  const Wide off = Wide{price.fen} * static_cast<std::int64_t>(valid.size()) - sum;
  const Wide distance = off < 0 ? -off : off;
  return distance >= sum ? 0 : points(sum - distance, sum, rules.price_weight, rules.decimals);
}

}  // namespace

base::Result<TenderResult> rank_tenders(const TenderRules& rules, std::int64_t min_bidders,
                                        std::optional<base::Money> reserve, const std::vector<Tender>& tenders) {
  TenderResult result;
  std::set<std::uint32_t> plates;
  std::set<std::uint64_t> receipts;
  for (const auto& tender : tenders) {
    if (!plates.insert(tender.plate).second || !receipts.insert(tender.receipt).second) {
      return no("AU-32", "投标重复", "a plate or a receipt stands twice", "tender " + std::to_string(tender.plate));
    }
    if (tender.price.fen <= 0)
      return no("AU-32", "投标报价无效", "a price of nothing", "tender " + std::to_string(tender.plate));
  }
  std::vector<const Tender*> order;
  for (const auto& tender : tenders) order.push_back(&tender);
  std::sort(order.begin(), order.end(), [](const auto* a, const auto* b) { return a->receipt < b->receipt; });
  if (static_cast<std::int64_t>(order.size()) < min_bidders) {
    result.reason = "too_few_bidders";
    return result;
  }
  std::vector<const Tender*> valid;
  for (const auto* tender : order) {
    if (!tender->meets_substance) {
      result.rejected.push_back(tender->plate);
      continue;
    }
    if (rules.award == TenderRules::Award::best_score) LG_CHECK(check_tender(rules, *tender));
    if (!reserve || tender->price >= *reserve) valid.push_back(tender);
  }
  if (valid.empty()) {
    result.reason = result.rejected.size() == order.size() ? "none_meets_substance" : "below_reserve";
    return result;
  }
  for (const auto* tender : valid) {
    TenderRank rank{tender->plate, tender->price, 0, {}};
    if (rules.award == TenderRules::Award::best_score) {
      for (std::size_t c = 0; c < rules.criteria.size(); ++c)
        rank.parts.push_back(criterion_points(rules, c, tender->scores[c]));
      rank.parts.push_back(price_points(rules, tender->price, valid));
      for (const auto part : rank.parts) rank.score += part;
    }
    result.ranking.push_back(std::move(rank));
  }
  // They stand in order of receipt, so a stable sort leaves the earlier before its equals.
  const bool by_score = rules.award == TenderRules::Award::best_score;
  std::stable_sort(result.ranking.begin(), result.ranking.end(),
                   [by_score](const auto& a, const auto& b) { return by_score ? a.score > b.score : a.price > b.price; });
  return result;
}

base::Result<TenderRules> parse_tender_rules(const base::Json& json) {
  SheetReader in(json, "tender");
  TenderRules rules;
  rules.award = static_cast<TenderRules::Award>(in.one_of("award", k_awards));
  const auto* criteria = in.take("criteria").if_array();
  if (!criteria || criteria->size() > 64)
    in.wrong("criteria", "应为不超过 64 项的数组", "an array of at most 64 is wanted");
  else {
    for (std::size_t i = 0; i < criteria->size(); ++i) {
      SheetReader of((*criteria)[i], "tender.criteria[" + std::to_string(i) + "]");
      TenderCriterion criterion{of.text("id"), of.integer("max", 1, 10'000), of.ratio("weight")};
      if (auto ended = of.end(); !ended) in.wrong(ended.trouble());
      for (const auto& other : rules.criteria) {
        if (other.id == criterion.id)
          in.wrong("criteria", "评分项重复：" + other.id, "a criterion stands twice: " + other.id);
      }
      rules.criteria.push_back(std::move(criterion));
    }
  }
  rules.price_weight = in.ratio("price_weight");
  rules.price_formula = static_cast<TenderRules::PriceFormula>(in.one_of("price_formula", k_formulas));
  rules.drop_extremes = in.boolean("drop_extremes");
  rules.decimals = in.integer("decimals", 0, 4);
  rules.committee = in.integer("committee", 5, 99);
  rules.experts = in.integer("experts", 0, 99);
  if (rules.committee % 2 == 0) in.wrong("committee", "应为单数", "it is even");
  if (rules.experts > rules.committee) in.wrong("experts", "多于评标小组人数", "more than the committee");
  LG_CHECK(in.end());
  // Sum of the weights = 1, over a common denominator that cannot overflow: each denominator is at most 10^6, so add in
  // lowest terms and give up past 10^12.
  base::Ratio sum = rules.price_weight;
  for (const auto& criterion : rules.criteria) {
    const auto left = base::multiply(sum.num, criterion.weight.den);
    const auto right = base::multiply(criterion.weight.num, sum.den);
    const auto den = base::multiply(sum.den, criterion.weight.den);
    const auto num = left && right ? base::add(*left, *right) : std::nullopt;
    const auto next = num && den ? base::make_ratio(*num, *den) : std::nullopt;
    if (!next || next->den > 1'000'000'000'000)
      return base::refuse("AU-01", "规则表有误：权重过细", "rule sheet: weights are too fine", "tender.criteria");
    sum = *next;
  }
  if (sum != base::Ratio{1, 1}) {
    auto refusal =
        base::refuse("AU-01", "规则表有误：权重之和不为 1", "rule sheet: the weights are not 1 together", "tender.criteria");
    refusal.detail = base::alike(base::ratio_text(sum) + " ≠ 100%");
    return refusal;
  }
  return rules;
}

base::Json to_json(const TenderRules& rules) {
  base::JsonArray criteria;
  for (const auto& criterion : rules.criteria) {
    criteria.push_back(
        base::JsonObject{{"id", criterion.id}, {"max", criterion.max}, {"weight", base::ratio_text(criterion.weight)}});
  }
  return base::JsonObject{{"award", base::Json(k_awards[static_cast<std::size_t>(rules.award)])},
                          {"criteria", std::move(criteria)},
                          {"price_weight", base::ratio_text(rules.price_weight)},
                          {"price_formula", base::Json(k_formulas[static_cast<std::size_t>(rules.price_formula)])},
                          {"drop_extremes", rules.drop_extremes},
                          {"decimals", rules.decimals},
                          {"committee", rules.committee},
                          {"experts", rules.experts}};
}

}  // namespace landglass::law
