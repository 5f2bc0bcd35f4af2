// Queries of certificates. By number and holder, and the answer says match or no match: nobody is found by name, no list
// comes out of it, and a number that does not exist answers as one whose holder is another.
#include "base/crypto.hpp"
#include "engine/columns.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/typed.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

// Digests have one length and are compared whole, whichever way the names differ.
bool same(std::string_view a, std::string_view b) {
  const auto left = base::sha256(base::as_bytes(a));
  const auto right = base::sha256(base::as_bytes(b));
  unsigned difference = 0;
  for (std::size_t i = 0; i < left.size(); ++i) difference |= static_cast<unsigned>(left[i] ^ right[i]);
  return difference == 0;
}

}  // namespace

// State and what else the file answers, where number and holder fit together; null where they do not, whatever the reason.
Json Portal::certificate_state(const std::string& number, const std::string& holder) {
  Json answer;
  for (const auto* in : pack_.all()) {
    if (!in->answers || !answer.is_null()) continue;
    std::string where = "0";
    for (const auto& field : in->answers->numbers) where += " OR " + engine::column_name(*in->field(field)) + " = ?1";
    std::string id;
    const auto rows = reader(store::Sight::open)
                          ->query("SELECT id FROM " + engine::Cache::table_of(in->name) + "_public WHERE " + where +
                                      " ORDER BY id DESC LIMIT 1",
                                  {Json(number_as_printed(number))});
    if (rows && !rows->empty()) id = (*rows)[0][0].as_string();
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto found = cache.find(id.empty() ? in->name + "/none" : id);
      const bool there = found && *found != nullptr;
      const auto held = there ? plainly_typed((*found)->fields.text(in->answers->with)) : std::string();
      if (!same(held, plainly_typed(holder)) || !there || held.empty()) return;
      const institution::Record record = **found;  // looking further may let a clean record go
      const auto* file = registry.institution_of(record);
      const auto* main = file == nullptr ? nullptr : file->main.find(record.state);
      if (main == nullptr) return;
      JsonArray told;
      bool burdened = false;
      for (const auto& what : in->answers->tells) {
        const auto* fact = in->fact(what);
        const auto count = registry.fact(record, *in, *fact, nullptr, clock_.now());
        if (!count) return;
        burdened = burdened || count->number > 0;
        told.emplace_back(JsonObject{{"name", what}, {"title", both(fact->title)}, {"stands", count->number > 0}});
      }
      answer =
          JsonObject{{"name", main->name}, {"title", both(main->title)}, {"told", std::move(told)}, {"burdened", burdened}};
    });
  }
  return answer;
}

Response Portal::verify_page(const Request& request) {
  auto model = page(request, {"核验", "Verify"});
  Pairs form;
  if (request.method == Method::post) {
    auto read = parse_form(request);
    if (!read) return refuse(read.trouble(), request);
    form = *std::move(read);
  }
  const std::string number(form.get("number"));
  const std::string holder(form.get("holder"));
  JsonObject query{{"action", "/verify"},
                   {"register", "/list/land-certificate"},
                   {"placeholder", both("证书编号、核验码或不动产单元号", "Certificate, verification or unit no.")}};
  JsonObject verify{{"lead", both("证书、回执与公告都可以独立核验，不需要相信本网站。",
                                  "Certificates, receipts and notices can be checked without trusting this site.")},
                    {"trust", "/policy"},
                    {"words", "/words"},
                    {"save", "/verify.html"}};
  if (request.method == Method::post) {
    if (!number.empty()) {
      query["value"] = number;
      query["register"] = "/list/land-certificate?q=" + encode_component(number);
    }
    const auto state = number.empty() || holder.empty() || number.size() > 200 || holder.size() > 400
                           ? Json()
                           : certificate_state(number, holder);
    const bool fits = !state.is_null();
    const bool good = state.text("name") == "in_force" && !state.at("burdened").as_bool();
    JsonObject found;
    found["verdict"] = JsonObject{{"text", fits ? both("相符", "match") : both("不符", "no match")},
                                  {"tone", fits ? good ? "good" : "warn" : "bad"}};
    found["title"] = number.empty() ? both("未填写编号", "no number given") : Json(number);
    JsonArray fields{JsonObject{{"name", "state"},
                                {"label", both("状态", "State")},
                                {"text", fits ? state.at("title")
                                              : both("编号与权利人不相符，或者没有此编号。",
                                                     "Number and holder do not go together, or there is no such number.")}}};
    for (std::size_t i = 0; fits && i < state.at("told").as_array().size(); ++i) {
      const Json& one = state.at("told").as_array()[i];
      fields.emplace_back(JsonObject{{"name", one.at("name")},
                                     {"label", one.at("title")},
                                     {"text", one.at("stands").as_bool() ? both("有", "Yes") : both("无", "None")}});
    }
    found["fields"] = std::move(fields);
    verify["found"] = std::move(found);
  }
  verify["query"] = std::move(query);
  model.as_object()["verify"] = std::move(verify);
  return render("verify", model, request);
}

// The same for programs: {"number", "holder"} in, {"match", "state", "told"} out, always these members.
Response Portal::api_certificate(const Request& request) {
  const auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  const std::string number(body->text("number"));
  const std::string holder(body->text("holder"));
  Json state;
  if (!number.empty() && !holder.empty() && number.size() <= 200 && holder.size() <= 400)
    state = certificate_state(number, holder);
  JsonObject told;
  if (!state.is_null()) {
    for (const auto& one : state.at("told").as_array()) told[one.text("name")] = one.at("stands");
  }
  auto response = json(
      200,
      Json(JsonObject{{"match", !state.is_null()}, {"state", std::string(state.text("name"))}, {"told", std::move(told)}}));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace landglass::web
