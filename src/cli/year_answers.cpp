#include "cli/year_answers.hpp"

#include <algorithm>

namespace landglass::cli {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;

namespace {

constexpr int k_tried = 4;        // of an office's people, until one may answer
constexpr int k_at_once = 2'000;  // warnings looked at in one go

// Who was refused leaves it; what failed ends the play.
Result<bool> took_place(const Result<engine::Answer>& answer) {
  if (answer.failed()) return answer.trouble();
  return static_cast<bool>(answer);
}

}  // namespace

Status Answers::look() {
  LG_CHECK(judge_cards());
  return answer_warnings();
}

Result<std::vector<std::string>> Answers::people_of(std::string_view office) {
  LG_TRY(const auto reader, store_.reader(store::Sight::internal));
  LG_TRY(const auto rows,
         reader->query("SELECT a.person FROM appointment a JOIN post p ON p.id = a.post WHERE p.office = ? AND a.state = "
                       "'active' ORDER BY EXISTS (SELECT 1 FROM json_each(p.doc, '$.fields.roles') r WHERE r.value = "
                       "'director') DESC, a.id",
                       {Json(std::string(office))}));
  std::vector<std::string> people;
  for (const auto& row : rows) people.push_back(row[0].as_string());
  return people;
}

Result<std::string> Answers::inspector_of(std::string_view region, std::string_view office) {
  // Of the county where it lies, else of the province above; where no place has it, of the nation.
  const auto place = std::find_if(places_.begin(), places_.end(), [&](const Place& one) {
    return std::any_of(one.words.begin(), one.words.end(), [&](const auto& word) { return word.second == region; });
  });
  if (place == places_.end()) return town_.who("nation-discipline");
  const auto county = town_.who(place->name, "overseer");
  LG_TRY(const auto own, people_of(office));
  const bool of_county = !place->words.empty() && place->words.front().second == region;
  if (of_county && std::find(own.begin(), own.end(), county) == own.end()) return county;
  return town_.who(place->name, "provdisc");
}

// Of ten: one is left, two fall once the office has said why, the others are confirmed. Some offices say nothing, and their
// term to be heard runs out first.
Status Answers::judge_cards() {
  LG_TRY(const auto reader, store_.reader(store::Sight::internal));
  LG_TRY(const auto rows, reader->query("SELECT id, office, region FROM efficacy_card WHERE state IN ('yellow_proposed', "
                                        "'red_proposed') ORDER BY id",
                                        {}));
  for (const auto& row : rows) {
    const auto drawn = town_.random().below(10);
    if (drawn == 0) continue;
    const auto& id = row[0].as_string();
    const std::string office(row[1].if_string() == nullptr ? std::string() : row[1].as_string());
    const std::string region(row[2].if_string() == nullptr ? std::string() : row[2].as_string());
    LG_TRY(const auto people, people_of(office));
    bool heard = false;
    if (drawn < 8 && !people.empty()) {
      const char* why = drawn < 3 ? "材料已于期内报出，登记滞后" : "承办人员调整，正在补办";
      LG_TRY(heard, took_place(town_.act(people.front(), id, "explain", {{"explanation", why}})));
    }
    LG_TRY(const auto inspector, inspector_of(region, office));
    if (heard && drawn < 3) {
      LG_CHECK(by_two(id, "revoke", inspector, region, {{"ground", "in-time"}, {"reason", "经核对，期内已办，登记滞后"}}));
      continue;
    }
    LG_TRY(const auto judged, took_place(town_.act(inspector, id, "confirm")));
    (void)judged;  // not heard, and its term still runs: next time
  }
  return base::Done{};
}

// By two: a colleague of the county's, or the nation's beside the province's. Where there is no second it waits.
Status Answers::by_two(const std::string& record, std::string_view action, const std::string& inspector,
                       std::string_view region, JsonObject why) {
  std::string second = town_.who("nation-discipline");
  for (const auto& one : places_) {
    const bool county = !one.words.empty() && one.words.front().second == region;
    if (county && inspector == town_.who(one.name, "overseer")) second = town_.who(one.name, "disc2");
  }
  why["evidence"] = std::string(63, '0') + "3";
  for (const auto& who : {inspector, second}) {
    LG_TRY(const auto given, took_place(town_.act(who, record, action, why)));
    (void)given;
  }
  return base::Done{};
}

// Of ten: two are left, one in eight of the others becomes a lead against an official, the rest is dismissed with its
// reason.
Status Answers::answer_warnings() {
  for (const auto* state : {"raised", "unanswered", "answered"}) {
    LG_TRY(const auto ids, watch_.listed({std::string(watch::k_warning), {}, state, "", 0, k_at_once}));
    for (const auto& id : ids) {
      const auto drawn = town_.random().below(10);
      if (drawn < 2) continue;
      const auto doc = town_.doc(id);
      const std::string office(doc.at("fields").text("office"));
      const std::string region(doc.at("fields").text("region"));
      if (std::string_view(state) != "answered") {
        LG_TRY(const auto people, people_of(office));
        bool answered = false;
        for (std::size_t i = 0; i < people.size() && i < k_tried && !answered; ++i) {
          LG_TRY(answered, took_place(town_.act(people[i], id, "answer", {{"answer", "已核对档案，说明如附件"}})));
        }
        if (!answered && std::string_view(state) == "raised") continue;  // its term runs out first
        if (answered && drawn < 5) continue;                             // looked into next time
      }
      LG_TRY(const auto inspector, inspector_of(region, office));
      const JsonObject found{{"reason", "经核对，情况属实且已纠正"}};
      const bool lead = town_.random().below(8) == 0;
      if (!lead && doc.at("fields").text("severity") == "grave") {
        LG_CHECK(by_two(id, "dismiss-grave", inspector, region, found));
        continue;
      }
      LG_TRY(const auto judged,
             took_place(lead ? town_.act(inspector, id, "open-case", {{"becomes", "clue"}, {"reason", "说明与档案不符"}})
                             : town_.act(inspector, id, "dismiss", found)));
      (void)judged;
    }
  }
  return base::Done{};
}

}  // namespace landglass::cli
