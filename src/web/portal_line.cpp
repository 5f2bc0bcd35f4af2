// A household reads its own line by the code on its slip, with what it needs to hold it against the log. No search: a
// record's number and its code, or nothing; and the answer does not say which of the two was wrong.
#include "base/crypto.hpp"
#include "disclosure/slip.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/security.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::size_t k_longest = 200;  // of a record's number

}  // namespace

Portal::Line Portal::line_of(const std::string& sent, const std::string& typed) {
  Line line;
  auto number = sent;
  std::erase(number, ' ');
  if (number.size() > k_longest || typed.size() > k_longest) return line;
  const auto code = disclosure::plain_code(typed);
  std::vector<disclosure::Opened> values;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (const auto* in : pack_.all()) {
      if (in->slip.empty() || in->sealed()) continue;
      const auto id = number.find('/') == std::string::npos ? in->name + "/" + number : number;
      const auto found = cache.find(id);
      if (!found || *found == nullptr || (*found)->institution != in->name) continue;
      const institution::Record record = **found;
      const auto* governs = registry.institution_of(record);
      if (governs == nullptr) continue;
      const auto wanted = disclosure::slip_code_of(store_, record, *governs);
      if (!wanted || wanted->empty() || !same_secret(*wanted, code)) continue;
      auto opened = disclosure::open_slip(store_, record, *governs);
      if (!opened) continue;
      line.record = record.id;
      line.state = state_model(*governs, record.states());
      for (const auto& one : *opened) {
        line.openings.push_back(JsonObject{{"field", one.field->name},
                                           {"path", one.path},
                                           {"leaf", one.leaf},
                                           {"salt", base::to_base64url(one.salt)},
                                           {"value", one.value}});
      }
      values = *std::move(opened);
    }
  });
  auto names = this->names();
  for (const auto& one : values) line.fields.push_back(field_model(*one.field, &one.value, true, &names));
  return line;
}

Response Portal::line_page(const Request& request) {
  auto model = page(request, {"本户查询", "Your own line"});
  JsonObject line{{"lead", both("凭登记纸条上的登记号和查询码，核对本户的登记内容。查询码只给本户。",
                                "With the record's number and the code on your slip you read your own line.")},
                  {"action", "/line"}};
  if (request.method == Method::post) {
    auto form = parse_form(request);
    if (!form) return refuse(form.trouble(), request);
    const std::string number(form->get("number"));
    line["value"] = number;
    const auto own = line_of(number, std::string(form->get("code")));
    JsonObject found;
    if (own.record.empty()) {
      found["verdict"] =
          JsonObject{{"text", both("登记号与查询码不相符。", "Number and code do not go together.")}, {"tone", "bad"}};
    } else {
      found["verdict"] = own.state;
      found["title"] = own.record.substr(own.record.find('/') + 1);
      found["see"] = href_of(own.record);
      JsonArray fields;
      for (const auto& one : own.fields) {
        if (!one.is_null()) fields.push_back(one);
      }
      found["fields"] = std::move(fields);
      JsonArray proofs;
      for (std::size_t i = 0; i < own.openings.size(); ++i) {
        const auto& one = own.openings[i];
        const auto& shown = own.fields[i];
        proofs.push_back(JsonObject{{"label", shown.is_null() ? Json(std::string(one.text("path"))) : shown.at("label")},
                                    {"to", "/log/" + std::to_string(one.at("leaf").as_int())},
                                    {"salt", std::string(one.text("salt"))}});
      }
      found["proofs"] = items(std::move(proofs));
    }
    line["found"] = std::move(found);
  }
  model.as_object()["line"] = std::move(line);
  auto response = render("line", model, request);
  response.headers.set("cache-control", "no-store");
  return response;
}

// The same for programs: {"record", "code"} in, {"match", "record", "openings"} out, always all three.
Response Portal::api_line(const Request& request) {
  const auto body = base::parse_json(request.body);
  if (!body) return problem(body.trouble(), request);
  auto own = line_of(std::string(body->text("record")), std::string(body->text("code")));
  auto response = json(
      200,
      Json(JsonObject{{"match", !own.record.empty()}, {"record", own.record}, {"openings", Json(std::move(own.openings))}}));
  response.headers.set("cache-control", "no-store");
  return response;
}

}  // namespace landglass::web
