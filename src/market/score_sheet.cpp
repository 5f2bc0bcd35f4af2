#include "market/score_sheet.hpp"

#include <string>

#include "institution/registry.hpp"
#include "law/auction_rules.hpp"
#include "law/tender_committee.hpp"

namespace landglass::market {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using institution::Behaviour;
using institution::BehaviourOutcome;
using institution::Command;
using institution::Look;
using institution::Record;

class Sheet final : public Behaviour {
 public:
  std::string_view name() const override { return "score-sheet@1"; }

  Result<BehaviourOutcome> joins(const Record&, const Record& after, const Command& command, base::Time,
                                 Look& look) override {
    BehaviourOutcome out;
    if (command.action != "score") return out;
    LG_TRY(const auto* tender, look.record(after.fields.text("tender")));
    if (tender == nullptr) return base::fail("a sheet without its tender: " + after.id);
    const auto lot_id = std::string(tender->fields.text("lot"));
    std::vector<law::OpenedTender> tenders;
    if (const auto* rows = tender->fields.at("tenders").if_array()) {
      for (const auto& row : *rows)
        tenders.push_back({static_cast<std::uint32_t>(row.at("plate").as_int()),
                           base::parse_money(row.text("price")).value_or(base::Money{}),
                           row.at("valid").is_bool() && row.at("valid").as_bool()});
    }
    LG_TRY(const auto* lot, look.record(lot_id));
    if (lot == nullptr) return base::fail("a tender without its lot: " + lot_id);
    LG_TRY(const auto sheet, law::parse_rule_sheet(lot->fields.at("rule_sheet")));
    const auto* seat = after.fields.at("seat").if_int();
    LG_CHECK(law::check_sheet(*sheet.tender, tenders,
                              {seat == nullptr ? 0 : *seat, after.fields.at("scores"), after.fields.at("rejected")}));
    if (!command.statement || !command.sig) return out;
    // Without the fields: they stand beside it.
    auto said = log::to_json(*command.statement);
    said.as_object().erase("fields");
    out.set["signed_act"] = JsonObject{
        {"act", std::move(said)}, {"alg", command.sig->alg}, {"key", command.sig->key}, {"sig", command.sig->bytes}};
    return out;
  }
};

}  // namespace

std::shared_ptr<Behaviour> score_sheet() { return std::make_shared<Sheet>(); }

}  // namespace landglass::market
