#pragma once
// For tests alone: events and tenders as the golden vectors write them.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "law/auction_ladder.hpp"

namespace landglass::law::test {

// The member `name` of the json blocks of docs/formats/<document>.md; LG_SOURCE_DIR is a definition of the test programs.
inline base::Json vectors(const std::string& source_dir, const std::string& document, std::string_view name) {
  std::ifstream in(source_dir + "/docs/formats/" + document + ".md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  constexpr std::string_view k_fence = "```json\n";
  for (auto at = text.find(k_fence); at != std::string::npos; at = text.find(k_fence, at)) {
    at += k_fence.size();
    const auto block = base::parse_json(std::string_view(text).substr(at, text.find("\n```", at) - at), base::Profile::any);
    LG_ASSERT(bool(block), "a json block of a document does not parse");
    if (!block->at(name).is_null()) return block->at(name);
  }
  LG_ASSERT(false, "the document has no such vectors");
}

inline base::Hash hash_from(std::string_view hex) {
  base::Hash hash{};
  const auto bytes = base::from_hex(hex);
  LG_ASSERT(bytes && bytes->size() == 32, "a vector has a broken hash");
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}
inline std::int64_t int_of(const base::Json& row, std::string_view name) {
  return row.at(name).is_int() ? row.at(name).as_int() : 0;
}
inline base::Money money_of(const base::Json& row, std::string_view name) {
  return base::parse_money(row.text(name)).value();
}

inline sale::Event event_from(const base::Json& row) {
  const auto time = base::parse_time(row.text("at")).value();
  const auto what = row.text("do");
  const auto plate = static_cast<std::uint32_t>(int_of(row, "plate"));
  if (what == "offer") {
    return sale::Offer{time,
                       plate,
                       money_of(row, "price"),
                       static_cast<std::uint64_t>(int_of(row, "counter")),
                       int_of(row, "other"),
                       row.at("confirmed").is_bool() && row.at("confirmed").as_bool()};
  }
  if (what == "wish") return sale::Wish{time, plate};
  if (what == "begin") return sale::Begin{time, int_of(row, "bidders")};
  if (what == "call") return sale::Call{time, int_of(row, "n")};
  if (what == "fall") return sale::Fall{time};
  if (what == "adjust") return sale::Adjust{time, *parse_increments(row.at("increments"))};
  if (what == "freeze") return sale::Freeze{time};
  if (what == "resume") return sale::Resume{time, base::parse_time(row.text("until")).value(), int_of(row, "extra_ms")};
  if (what == "withdraw") return sale::Withdraw{time};
  if (what == "commit_reserve") return sale::CommitReserve{time, hash_from(row.text("commitment"))};
  if (what == "open_reserve")
    return sale::OpenReserve{time, money_of(row, "price"), base::from_hex(row.text("salt")).value()};
  if (what == "draw") return sale::Draw{time, hash_from(row.text("root")), base::from_hex(row.text("salt")).value()};
  LG_ASSERT(what == "tick", "a vector has an unknown event");
  return sale::Tick{time};
}

inline Tender tender_from(const base::Json& row) {
  Tender tender;
  tender.plate = static_cast<std::uint32_t>(int_of(row, "plate"));
  tender.price = money_of(row, "price");
  tender.receipt = static_cast<std::uint64_t>(int_of(row, "receipt"));
  tender.meets_substance = row.at("meets_substance").as_bool();
  for (const auto& criterion : row.at("scores").as_array()) {
    auto& scores = tender.scores.emplace_back();
    for (const auto& score : criterion.as_array()) scores.push_back(score.as_int());
  }
  return tender;
}

inline base::Json json_of(const TenderResult& result) {
  base::JsonArray ranking, rejected;
  for (const auto& rank : result.ranking) {
    base::JsonArray parts;
    for (const auto part : rank.parts) parts.emplace_back(part);
    ranking.push_back(base::JsonObject{{"plate", std::int64_t{rank.plate}},
                                       {"price", base::money_text(rank.price)},
                                       {"score", rank.score},
                                       {"parts", parts}});
  }
  for (const auto plate : result.rejected) rejected.emplace_back(std::int64_t{plate});
  return base::JsonObject{{"ranking", ranking}, {"rejected", rejected}, {"reason", result.reason}};
}

}  // namespace landglass::law::test
