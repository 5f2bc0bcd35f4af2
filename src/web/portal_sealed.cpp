// Records of sealed institutions: whose they are, and which posts may read them; and files that a form or a machine hands
// in.
#include <algorithm>

#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Institution;

constexpr std::size_t k_related = 200;

bool Portal::may_see(institution::Registry& registry, const Institution& in, const institution::Record& record,
                     const Request& request, base::Time now) {
  if (!request.caller) return false;
  if (record.fields.text("applicant") == request.caller->actor) return true;
  const auto seats = registry.seats(request.caller->actor, base::date_of(now));
  if (!seats) return false;
  const auto region = record.fields.text("region");
  return std::any_of(seats->begin(), seats->end(), [&](const institution::Seat& seat) {
    return (region.empty() || institution::division_within(region, seat.region)) &&
           std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) {
             return std::find(in.seen_by.begin(), in.seen_by.end(), role) != in.seen_by.end();
           });
  });
}

Portal::Sealed Portal::sealed(const Request& request, const Institution& in, const std::string& id) {
  Sealed out;
  if (!request.caller) return out;
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto found = cache.find(id);
    if (!found || *found == nullptr || !may_see(registry, in, **found, request, now)) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    out.doc = institution::save(record);
    for (const auto& fact : in.facts) {
      if (fact.kind != institution::FactKind::all) continue;
      const auto list = registry.fact(record, in, fact, nullptr, now);
      if (!list || list->items == nullptr) continue;
      JsonArray docs;
      for (const auto& item : *list->items) {
        const auto* other_id = item.member("id");
        if (other_id == nullptr || docs.size() == k_related) continue;
        auto other = cache.find(other_id->text_value);
        if (!other || *other == nullptr) continue;
        const auto* of = registry.institution_of(**other);
        if (of == nullptr || (of->sealed() && !may_see(registry, *of, **other, request, now))) continue;
        auto doc = institution::save(**other);
        auto title = (*other)->id.substr((*other)->id.find('/') + 1);
        for (const auto* name : {"order_no", "reference", "bank_reference"}) {
          if (const auto text = doc.at("fields").text(name); !text.empty()) {
            title = text;
            break;
          }
        }
        if (const auto amount = base::parse_money(doc.at("fields").text("amount")))
          title += " · " + base::money_yuan(*amount);
        out.related.push_back(JsonObject{{"institution", both(of->title)},
                                         {"title", title},
                                         {"to", href_of((*other)->id)},
                                         {"state", state_model(*of, (*other)->states())}});
        docs.push_back(std::move(doc));
      }
      out.records[fact.name] = std::move(docs);
    }
  });
  return out;
}

// A file that a form hands in is kept by its hash, and the field gets the hash: the command and its leaf know nothing else.
void Portal::keep_files(const Request& request, const Institution& in, const institution::Action& action, Pairs& form) {
  const auto type = request.headers.get("content-type");
  if (!type.starts_with("multipart/form-data")) return;
  auto parts = parse_multipart(type, request.body);
  if (!parts) return;
  for (const auto& part : *parts) {
    const auto* field = in.field(part.name);
    if (part.file.empty() || part.content.empty() || field == nullptr || field->type != "file") continue;
    if (std::find(action.give.begin(), action.give.end(), part.name) == action.give.end()) continue;
    if (auto hash = store_.keep_file(part.content)) form.add(part.name, *hash);
  }
}

// POST /api/files: the bytes; answers the hash that a field of type file may then be given.
Response Portal::keep_file(const Request& request) {
  if (request.body.empty()) return problem(base::refuse("FILE-01", "文件为空", "the file is empty", "body"), request);
  auto hash = store_.keep_file(request.body);
  if (!hash) return problem(hash.trouble(), request);
  return json(201, Json(JsonObject{{"hash", *hash}, {"bytes", static_cast<std::int64_t>(request.body.size())}}));
}

}  // namespace landglass::web
