// What is locked to openers (docs/formats/locked.md): the page on which a value is locked or opened in the browser, and the
// document for whoever is to open it. The server never has the plaintext before the opening.
#include <algorithm>

#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/security.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

Response Portal::lock_page(const Request& request) {
  auto model = page(request, {"加密与开启", "Lock and open"});
  JsonObject lock;
  if (const auto from = request.query.get("from"); from.starts_with("/locked/")) lock["from"] = std::string(from);
  if (const auto against = request.query.get("commitment"); against.size() == 64) lock["against"] = std::string(against);
  lock["lead"] =
      both("底价等内容在您的设备上加密给指定的开启人，须规定人数共同开启；本页不向服务器发送任何内容，断网也可使用。",
           "A reserve price is encrypted on your device to its openers, so many of whom must come together. This "
           "page sends nothing to the server and works with the network cut.");
  model.as_object()["lock"] = std::move(lock);
  // The library of the sealed boxes is WebAssembly; on this page alone it may run.
  auto response = render("lock", model, request);
  response.headers.set("content-security-policy", content_policy() + "; script-src 'self' 'wasm-unsafe-eval'");
  return response;
}

// Links to the locked documents of this record and of those that it refers to, for an official of the region.
Json Portal::locked_of(institution::Registry& registry, engine::Cache& cache, const institution::Record& record,
                       const Request& request) const {
  if (!request.caller || !request.caller->actor.starts_with("person/")) return Json();
  JsonArray list;
  const auto take = [&](const institution::Record& one) {
    const auto* in = registry.institution_of(one);
    if (in == nullptr) return;
    for (const auto& field : in->fields) {
      if (!field.locked || one.fields.text(field.name).empty()) continue;
      const auto address = "/locked/" + one.id + "/" + field.name;
      JsonObject item{{"label", both(field.title)}, {"to", address}, {"open", "/lock?from=" + address}};
      if (const auto said = one.fields.text("reserve_commitment"); !said.empty())
        item["open"] = "/lock?from=" + address + "&commitment=" + std::string(said);
      list.push_back(std::move(item));
    }
  };
  if (record.institution == "tip") {
    // Of a tip it is opened, answered and handed up on a page of its own.
    const auto desk = "/tip/desk/" + record.id.substr(record.id.find('/') + 1);
    return items(
        JsonArray{JsonObject{{"label", both("举报内容与对话", "The tip and its dialogue")}, {"to", desk}, {"open", desk}}});
  }
  take(record);
  if (const auto* in = registry.institution_of(record)) {
    for (const auto& field : in->fields) {
      if (field.type != "ref") continue;
      auto other = cache.find(record.fields.text(field.name));
      // Of whatever register it is: a field may name a record of any (`of: any`).
      if (other && *other != nullptr && (*other)->tree == log::Tree::open) take(**other);
    }
  }
  return list.empty() ? Json() : items(std::move(list));
}

Response Portal::locked_document(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  const auto* field = in == nullptr ? nullptr : in->field(request.parameter("field"));
  std::string document;
  if (field != nullptr && field->locked && !in->sealed()) {
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      auto found = cache.find(id);
      if (!found || *found == nullptr) return;
      const std::string region((*found)->fields.text("region"));
      std::string held((*found)->fields.text(field->name));
      // A ciphertext tells nothing without its openers' keys; whom it may still concern are the officials of the region.
      const auto seats = registry.seats(request.caller->actor, base::date_of(clock_.now()));
      const bool near = seats && std::any_of(seats->begin(), seats->end(), [&](const institution::Seat& seat) {
                          return region.empty() || institution::division_within(region, seat.region);
                        });
      if (near) document = std::move(held);
    });
  }
  if (document.empty()) return own_page(refuse(base::refuse("EN-01", "没有此文件", "no such document", id), request));
  auto response = text(200, std::move(document), "application/json; charset=utf-8");
  response.header("content-disposition", "attachment; filename=\"" + field->name + ".json\"");
  return own_page(std::move(response));
}

}  // namespace landglass::web
