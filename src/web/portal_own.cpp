// What is one's own: of the sealed registers applications and deposits, proofs of a balance, declarations, attendances; of
// the open ones the records that name him, also where only he may read that they do. For him alone; asking leaves no trace.
#include <algorithm>
#include <map>

#include "engine/columns.hpp"
#include "institution/sight.hpp"
#include "watch/watch.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/portal_sale.hpp"
#include "web/tables.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Field;
using institution::Institution;

namespace {

constexpr std::size_t k_own = 200;           // records on the page, the newest
constexpr std::size_t k_sales = 300;         // sales that are looked through for an application
constexpr std::size_t k_sales_at_once = 50;  // between two batches of the sequencer
constexpr std::size_t k_receipts = 4;        // of one record; its own page has all of them
constexpr int k_naming_one = 50;             // open records of one register, those that changed last

// Fields by which an open register names such a record: a party by all of them; of a person, who acts by his post, those
// that are about him and not what he did.
std::vector<const Field*> naming_one(const Institution& in, std::string_view kind) {
  std::vector<const Field*> fields;
  for (const auto& field : in.fields) {
    if (field.type == "ref" && field.of == kind && !field.locked && (kind == "party" || field.is_private))
      fields.push_back(&field);
  }
  return fields;
}

}  // namespace

std::vector<Section> Portal::open_own(const Request& request) {
  const auto& actor = request.caller->actor;
  const auto kind = actor.substr(0, actor.find('/'));
  struct Row {
    std::string id, states;
    JsonObject fields;
    base::Text as;  // the field that names him
    base::Time changed;
  };
  std::vector<Section> sections;
  auto names = this->names();
  for (const auto* in : pack_.all()) {
    const auto by = in->sealed() ? std::vector<const Field*>() : naming_one(*in, kind);
    if (by.empty()) continue;
    std::string where;
    for (const auto* field : by) where += (where.empty() ? "" : " OR ") + engine::column_name(*field) + " = ?";
    const auto found = reader(store::Sight::internal)
                           ->query("SELECT id FROM " + engine::Cache::table_of(in->name) + " WHERE " + where +
                                       " ORDER BY changed DESC, id LIMIT " + std::to_string(k_naming_one + 1),
                                   std::vector<Json>(by.size(), Json(actor)));
    if (!found || found->empty()) continue;
    std::vector<Row> rows;
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto asking = this->asking(registry, request);
      for (const auto& one : *found) {
        const auto held = cache.find(one[0].as_string());
        if (!held || *held == nullptr) continue;
        const auto& record = **held;
        const auto as = std::find_if(by.begin(), by.end(), [&](const Field* field) {
          return record.fields.text(field->name) == actor && institution::sees(record, *in, *field, asking);
        });
        if (as != by.end()) rows.push_back({record.id, record.states(), record.fields, (*as)->title, record.changed});
      }
    });
    if (rows.empty()) continue;
    Section section("open-" + in->name, in->title);
    section.column({"记录", "Record"});
    section.column({"您在其中为", "You are its"});
    section.column({"状态", "State"});
    section.column({"变更时间", "Changed"});
    for (std::size_t i = 0; i < rows.size() && i < k_naming_one; ++i) {
      const auto& one = rows[i];
      section.row({{both(names.or_number(*in, one.fields, one.id)), href_of(one.id), quoted_number(one.id)},
                   {both(one.as)},
                   {state_model(*in, one.states).at("text")},
                   {base::format_local(one.changed).substr(0, 16)}});
    }
    if (rows.size() > k_naming_one)
      section.say({"只列出最近变更的 " + std::to_string(k_naming_one) + " 条。",
                   "The " + std::to_string(k_naming_one) + " that changed last."});
    sections.push_back(std::move(section));
  }
  return sections;
}

Response Portal::own_records(const Request& request) {
  const auto& actor = request.caller->actor;
  std::vector<std::string> ids;
  if (watch_ != nullptr) {
    auto found = watch_->own(actor, k_own);
    if (!found) return own_page(refuse(found.trouble(), request));
    ids = *std::move(found);
  }
  // Applications have no list in memory: they are found by their lots, with the deposit that each made.
  if (actor.starts_with("party/")) {
    const auto lots =
        reader(store::Sight::open)
            ->query("SELECT id FROM land_listing_public ORDER BY changed DESC LIMIT " + std::to_string(k_sales), {});
    for (std::size_t from = 0; lots && from < lots->size(); from += k_sales_at_once) {
      engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
        for (auto i = from; i < std::min(from + k_sales_at_once, lots->size()); ++i) {
          const auto own = own_of(registry, cache, (*lots)[i][0].as_string(), actor);
          for (const auto* doc : {&own.application, &own.deposit}) {
            if (doc->is_object()) ids.emplace_back(doc->text("id"));
          }
        }
      });
    }
  }
  struct Row {
    std::string id, states;
    JsonObject fields;
    base::Time changed;
    std::vector<std::uint64_t> leaves;  // newest first; none where they may not be proved yet
  };
  std::map<const Institution*, std::vector<Row>> rows;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (const auto& id : ids) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const institution::Record record = **found;  // looking further may let a clean record go
      const auto* in = pack_.current(record.institution);
      if (in == nullptr || !may_see(registry, cache, *in, record, request, clock_.now())) continue;
      Row row{id, record.states(), record.fields, record.changed, {}};
      if (may_prove(cache, *in, record)) row.leaves.assign(record.leaves.rbegin(), record.leaves.rend());
      rows[in].push_back(std::move(row));
    }
  });
  auto names = this->names();
  std::vector<Section> sections;
  for (const auto* in : pack_.all()) {
    const auto mine = rows.find(in);
    if (mine == rows.end()) continue;
    Section section(in->name, in->title);
    section.column({"记录", "Record"});
    section.column({"状态", "State"});
    section.column({"变更时间", "Changed"});
    section.column({"证明", "Proofs"});
    for (const auto& one : mine->second) {
      JsonArray takes;
      for (const auto& field : in->fields) {
        if (field.type == "json" && field.is_private && !one.fields.at(field.name).is_null())
          takes.push_back(JsonObject{{"label", both(field.title)}, {"to", "/kept/" + one.id + "/" + field.name}});
      }
      for (std::size_t i = 0; i < std::min(k_receipts, one.leaves.size()); ++i) {
        const auto number = std::to_string(one.leaves[i]);
        takes.push_back(JsonObject{{"label", both("回执 " + number, "Receipt " + number)},
                                   {"to", "/receipt/sealed/" + one.id + "/" + number}});
      }
      JsonObject extra;
      const bool has = !takes.empty();
      if (has) extra["takes"] = items(std::move(takes));
      section.row_json({{both(names.or_number(*in, one.fields, one.id)), href_of(one.id), quoted_number(one.id)},
                        {state_model(*in, one.states).at("text")},
                        {base::format_local(one.changed).substr(0, 16)},
                        {has ? Json() : both("事项办结后提供", "once the matter is over")}},
                       std::move(extra));
    }
    sections.push_back(std::move(section));
  }
  for (auto& section : open_own(request)) sections.push_back(std::move(section));
  if (sections.empty()) {
    Section none("none", {"没有您的记录", "There is no record of yours"});
    none.say(
        {"您的报名、保证金、余额证明、报告事项，您提出的信访、异议，您的证书、合同、补偿等登记后会列在这里，只有您自己看得到"
         "。",
         "Your applications, deposits, proofs of balance and declarations, your petitions and objections, certificates, "
         "contracts and compensation will stand here, for you alone."});
    sections.push_back(std::move(none));
  }
  auto model = page(request, {"我的记录与证明", "My records and proofs"});
  model.as_object()["tables"] = tables_of(
      sections, {"各登记簿中属于您、涉及您的记录，包括不公开的。此页只对您显示，查看不留痕迹。密封记录的回执可离线核验；"
                 "会泄露他人人数的，待事项办结后提供。",
                 "What is yours or names you in all registers, those that are not public too. This page is shown to you "
                 "alone, and looking leaves no trace. Receipts of sealed records are checked offline; where one would tell "
                 "how many others there are it comes once the matter is over."});
  model.as_object()["crumbs"] = items(JsonArray{JsonObject{{"label", both("工作台", "Desk")}, {"to", "/desk"}},
                                                JsonObject{{"label", both("我的记录与证明", "My records and proofs")}}});
  return own_page(render("tables", model, request));
}

}  // namespace landglass::web
