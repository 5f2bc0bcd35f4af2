#include "market/sealed_bids.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace landglass::market {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::BehaviourOutcome;
using institution::Record;
using law::Ladder;
using law::Phase;

// The leaf of what was due stands before every sealed event, so that a verifier meets them in the same order.
base::Failure not_yet() { return base::fail("AU-22 the sale is about to move: try again", true); }

void follow(Ladder& ladder, const Json& rows, bool wishes) {
  const auto* list = rows.if_array();
  if (list == nullptr || ladder.blind()) return;
  for (const auto& row : *list) {
    const auto plate = static_cast<std::uint32_t>(row.at("plate").as_int());
    const auto time = std::max(base::parse_time(row.text("time")).value_or(base::Time{}), ladder.now());
    law::sale::Event event = law::sale::Wish{time, plate};
    if (!wishes) {
      const auto counter = static_cast<std::uint64_t>(row.at("counter").as_int());
      event = law::sale::Offer{time, plate, ladder.top(), counter, ladder.top_other(), false};
    }
    const auto steps = ladder.apply(event);
    LG_ASSERT(steps, "a sealed event that was taken is refused by the ladder");
  }
}

}  // namespace

Result<BehaviourOutcome> wish_sealed(const Ladder& ladder, const Record& lot, const Record& application, std::uint32_t plate,
                                     base::Time now) {
  auto tried = ladder;
  LG_TRY(auto steps, tried.apply(law::sale::Event(law::sale::Wish{now, plate})));
  if (!steps.empty()) return not_yet();
  const auto said = base::parse_time(application.fields.at("wish").text("time"));
  if (said && *said >= ladder.asked_at())
    return base::refuse("AU-16", "已表示参加限时竞价", "this wish was received already", "wish",
                        "国土资源部令第39号 art. 18");
  BehaviourOutcome out;
  out.of = application.id;
  out.set["wish"] = JsonObject{{"time", base::format_utc(now)}, {"plate", std::int64_t{plate}}, {"after", lot.last_leaf}};
  return out;
}

Result<BehaviourOutcome> join_sealed(const Ladder& ladder, const Record& lot, const Record& application,
                                     const law::sale::Offer& offer, const log::LeafSignature& sig) {
  auto tried = ladder;
  LG_TRY(auto steps, tried.apply(offer));
  if (!steps.empty()) return not_yet();
  if (!application.fields.at("accepted").is_null())
    return base::refuse("AU-16", "已参加摇号", "this plate takes part already", "offer");
  if (offer.confirmed)
    return base::refuse("AU-29", "接受最高限价无须确认", "accepting the ceiling is not confirmed", "confirmed");
  BehaviourOutcome out;
  out.of = application.id;
  out.set["accepted"] = JsonObject{{"time", base::format_utc(offer.time)},
                                   {"plate", std::int64_t{offer.plate}},
                                   {"counter", offer.counter},
                                   {"key", sig.key},
                                   {"alg", sig.alg},
                                   {"sig", sig.bytes},
                                   {"after", lot.last_leaf}};
  return out;
}

Status end_sealed_phase(Ladder& ladder, base::Time now, const Record& lot, institution::Look& look, BehaviourOutcome& out) {
  const auto due = ladder.due();
  const bool wishes = ladder.phase() == Phase::inquiry;
  if (!due || *due > now || (!wishes && ladder.phase() != Phase::ceiling)) return base::Done{};
  LG_TRY(auto applications, look.listed(lot, "applications"));
  std::vector<Json> rows;
  for (const auto& id : applications) {
    LG_TRY(const auto* application, look.record(id));
    if (application == nullptr || application->state != "admitted") continue;
    const auto& said = application->fields.at(wishes ? "wish" : "accepted");
    const auto time = base::parse_time(said.text("time"));
    if (!time || (wishes && *time < ladder.asked_at())) continue;
    rows.push_back(said);
    rows.back().as_object()["leaf"] = application->last_leaf;  // of the sealed tree
  }
  // In the order received; what one batch took has one time, and the order of the sealed tree.
  std::sort(rows.begin(), rows.end(), [](const Json& a, const Json& b) {
    return a.text("time") != b.text("time") ? a.text("time") < b.text("time")
                                            : a.at("leaf").as_int() < b.at("leaf").as_int();
  });
  const Json list(JsonArray(rows.begin(), rows.end()));
  follow(ladder, list, wishes);
  out.secrets.push_back({wishes ? "wishes" : "joined", "", list});
  return base::Done{};
}

void follow_sealed(Ladder& ladder, const JsonObject& secrets) {
  follow(ladder, secrets.at("wishes"), true);
  follow(ladder, secrets.at("joined"), false);
}

}  // namespace landglass::market
