#include "law/tender_committee.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace landglass::law {
namespace {

using base::Json;
using base::Result;
using base::Status;
using Points = std::map<std::pair<std::uint32_t, std::string>, std::int64_t>;  // (plate, criterion)

base::Refusal wrong(std::string zh, std::string en, const ScoreSheet& sheet, std::string detail) {
  auto refusal = base::refuse("AU-31", std::move(zh), std::move(en), "scores", "国土资源部令第39号 art. 13 (L-11, L-12)");
  refusal.detail = base::alike(std::to_string(sheet.seat) + ": " + detail);
  return refusal;
}

Result<std::set<std::uint32_t>> rejected_by(const std::vector<OpenedTender>& tenders, const ScoreSheet& sheet) {
  std::set<std::uint32_t> plates;
  const auto* rows = sheet.rejected.if_array();
  for (std::size_t i = 0; rows != nullptr && i < rows->size(); ++i) {
    const auto* plate = (*rows)[i].at("plate").if_int();
    const bool known = plate != nullptr && std::any_of(tenders.begin(), tenders.end(), [&](const OpenedTender& one) {
                         return one.valid && one.plate == *plate;
                       });
    if (!known || !plates.insert(static_cast<std::uint32_t>(*plate)).second || (*rows)[i].text("why").empty())
      return wrong("否决须写明标书号牌和理由", "a rejection names a tender once, and why", sheet,
                   plate == nullptr ? "-" : std::to_string(*plate));
  }
  return plates;
}

Result<Points> points_of(const TenderRules& rules, const std::vector<OpenedTender>& tenders, const ScoreSheet& sheet) {
  Points points;
  const auto* rows = sheet.scores.if_array();
  for (std::size_t i = 0; rows != nullptr && i < rows->size(); ++i) {
    const auto& row = (*rows)[i];
    const auto* plate = row.at("plate").if_int();
    const auto* given = row.at("points").if_int();
    const std::string criterion(row.text("criterion"));
    if (plate == nullptr || given == nullptr)
      return wrong("评分不全", "a row lacks its plate or its points", sheet, std::to_string(i + 1));
    const auto rule = std::find_if(rules.criteria.begin(), rules.criteria.end(),
                                   [&](const TenderCriterion& one) { return one.id == criterion; });
    const auto name = std::to_string(*plate) + " " + criterion;
    const bool known = std::any_of(tenders.begin(), tenders.end(),
                                   [&](const OpenedTender& one) { return one.valid && one.plate == *plate; });
    if (!known || rule == rules.criteria.end())
      return wrong("没有此标书或评分项", "no such tender or criterion", sheet, name);
    if (*given < 0 || *given > rule->max)
      return wrong("评分超出范围", "a score is out of range", sheet,
                   name + ": " + std::to_string(*given) + " ∉ 0..." + std::to_string(rule->max));
    if (!points.emplace(std::pair(static_cast<std::uint32_t>(*plate), criterion), *given).second)
      return wrong("评分重复", "a score stands twice", sheet, name);
  }
  for (const auto& tender : tenders) {
    for (const auto& criterion : rules.criteria) {
      if (!tender.valid || points.contains({tender.plate, criterion.id})) continue;
      return wrong("评分不全", "a score is missing", sheet, std::to_string(tender.plate) + " " + criterion.id);
    }
  }
  return points;
}

}  // namespace

Status check_sheet(const TenderRules& rules, const std::vector<OpenedTender>& tenders, const ScoreSheet& sheet) {
  LG_CHECK(rejected_by(tenders, sheet));
  LG_CHECK(points_of(rules, tenders, sheet));
  return base::Done{};
}

Result<TenderResult> rank_by_sheets(const TenderRules& rules, std::int64_t min_bidders, std::optional<base::Money> reserve,
                                    const std::vector<OpenedTender>& tenders, std::vector<ScoreSheet> sheets) {
  std::sort(sheets.begin(), sheets.end(), [](const auto& a, const auto& b) { return a.seat < b.seat; });
  std::map<std::uint32_t, std::size_t> rejections;
  std::vector<Points> points;
  for (const auto& sheet : sheets) {
    LG_TRY(const auto rejected, rejected_by(tenders, sheet));
    for (const auto plate : rejected) ++rejections[plate];
    LG_TRY(auto given, points_of(rules, tenders, sheet));
    points.push_back(std::move(given));
  }
  std::vector<Tender> all;
  for (const auto& one : tenders) {
    Tender tender;
    tender.plate = one.plate;
    tender.price = one.valid ? one.price : base::Money{1};  // what could not be read is ranked by nobody
    tender.receipt = all.size() + 1;
    tender.meets_substance = one.valid && 2 * rejections[one.plate] <= sheets.size();
    for (const auto& criterion : rules.criteria) {
      std::vector<std::int64_t> row;
      for (const auto& given : points) {
        const auto found = given.find({one.plate, criterion.id});
        if (found != given.end()) row.push_back(found->second);
      }
      tender.scores.push_back(std::move(row));
    }
    all.push_back(std::move(tender));
  }
  return rank_tenders(rules, min_bidders, reserve, all);
}

std::string score_text(std::int64_t score, std::int64_t decimals) {
  std::int64_t unit = 1;
  for (std::int64_t i = 0; i < decimals; ++i) unit *= 10;
  auto text = std::to_string(score / unit);
  if (decimals == 0) return text;
  auto rest = std::to_string(score % unit);
  rest.insert(0, static_cast<std::size_t>(decimals) - rest.size(), '0');
  return text + "." + rest;
}

Json ranking_rows(const TenderRules& rules, const TenderResult& result) {
  base::JsonArray rows;
  for (const auto& one : result.ranking) {
    std::string parts;
    for (std::size_t i = 0; i < one.parts.size(); ++i) {
      const auto& name = i < rules.criteria.size() ? rules.criteria[i].id : std::string("price");
      parts += (i == 0 ? "" : " ") + name + "=" + score_text(one.parts[i], rules.decimals);
    }
    rows.push_back(base::JsonObject{{"rank", static_cast<std::int64_t>(rows.size() + 1)},
                                    {"plate", static_cast<std::int64_t>(one.plate)},
                                    {"price", base::money_text(one.price)},
                                    {"score", score_text(one.score, rules.decimals)},
                                    {"parts", parts}});
  }
  return rows;
}

}  // namespace landglass::law
