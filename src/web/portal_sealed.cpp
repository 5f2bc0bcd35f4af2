// Records of sealed institutions: whose they are, and which posts may read them; and files that a form or a machine hands
// in.
#include <algorithm>

#include "watch/watch.hpp"
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

namespace {

// Who may act on a record sees it once its sale is closed: before that even an official must not know who applied.
bool acts_after_close(institution::Registry& registry, engine::Cache& cache, const institution::Record& record,
                      const std::string& actor, base::Time now) {
  if (!actor.starts_with("person/")) return false;
  const std::string lot(record.fields.text("lot"));
  if (lot.empty()) return false;
  const institution::Record held = record;  // looking further may let a clean record go
  auto sale = cache.find(lot);
  if (!sale || *sale == nullptr) return false;
  for (const auto* open : {"announced", "listed", "frozen", "drawing", "opening"}) {
    if ((*sale)->state == open) return false;
  }
  const auto actions = registry.actions_of(held);
  return std::any_of(actions.begin(), actions.end(), [&](const institution::Action* action) {
    return static_cast<bool>(registry.may(held, *action, actor, "", now));
  });
}

}  // namespace

bool Portal::may_see(institution::Registry& registry, engine::Cache& cache, const Institution& in,
                     const institution::Record& record, const Request& request, base::Time now) {
  if (!request.caller) return false;
  if (record.fields.text("applicant") == request.caller->actor) return true;
  const auto region = record.fields.text("region");
  if (const auto seats = registry.seats(request.caller->actor, base::date_of(now)); seats && !in.seen_by.empty()) {
    const bool named = std::any_of(seats->begin(), seats->end(), [&](const institution::Seat& seat) {
      return (region.empty() || institution::division_within(region, seat.region)) &&
             (std::any_of(seat.roles.begin(), seat.roles.end(),
                          [&](const std::string& role) {
                            return std::find(in.seen_by.begin(), in.seen_by.end(), role) != in.seen_by.end();
                          }) ||
              // The posts of an office that a field names.
              std::any_of(in.seen_by.begin(), in.seen_by.end(), [&](const std::string& who) {
                return who.starts_with('@') && record.fields.text(who.substr(1)) == seat.office;
              }));
    });
    if (named) return true;
  }
  return acts_after_close(registry, cache, record, request.caller->actor, now);
}

Portal::Sealed Portal::sealed(const Request& request, const Institution& in, const std::string& id) {
  Sealed out;
  if (!request.caller) return out;
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    if (!may_see(registry, cache, in, record, request, now)) return;
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
        const institution::Record one = **other;
        const auto* of = registry.institution_of(one);
        if (of == nullptr || (of->sealed() && !may_see(registry, cache, *of, one, request, now))) continue;
        auto doc = institution::save(one);
        auto title = one.id.substr(one.id.find('/') + 1);
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
                                         {"to", href_of(one.id)},
                                         {"state", state_model(*of, one.states())}});
        docs.push_back(std::move(doc));
      }
      out.records[fact.name] = std::move(docs);
    }
  });
  return out;
}

std::vector<std::string> Portal::lists_sealed(const Request& request, const Institution& in) {
  std::vector<std::string> regions;
  if (watch_ == nullptr || !request.caller || in.seen_by.empty()) return regions;
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto seats = registry.seats(request.caller->actor, base::date_of(clock_.now()));
    if (!seats) return;
    for (const auto& seat : *seats) {
      const bool named = std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) {
        return std::find(in.seen_by.begin(), in.seen_by.end(), role) != in.seen_by.end();
      });
      if (named) regions.push_back(seat.region);
    }
  });
  return regions;
}

base::Result<std::vector<store::Row>> Portal::sealed_rows(const Request& request, const Institution& in,
                                                          const std::string& state, const std::string& text, int offset,
                                                          int limit) {
  std::vector<store::Row> rows;
  const auto regions = lists_sealed(request, in);
  if (regions.empty()) return base::refuse("EN-01", "没有此登记簿", "no such register", in.name);
  LG_TRY(const auto ids, watch_->listed({in.name, regions, state, text, offset, limit}));
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (const auto& id : ids) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const institution::Record record = **found;  // looking further may let a clean record go
      if (!may_see(registry, cache, in, record, request, now)) continue;
      rows.push_back(
          {Json(id), Json(record.states()), Json(base::canonical(institution::save(record))), Json(record.changed.ms)});
    }
  });
  return rows;
}

// POST /api/files: the bytes; answers the hash that a field of type file may then be given.
Response Portal::keep_file(const Request& request) {
  if (request.body.empty()) return problem(base::refuse("FILE-01", "文件为空", "the file is empty", "body"), request);
  auto hash = store_.keep_file(request.body);
  if (!hash) return problem(hash.trouble(), request);
  return json(201, Json(JsonObject{{"hash", *hash}, {"bytes", static_cast<std::int64_t>(request.body.size())}}));
}

}  // namespace landglass::web
