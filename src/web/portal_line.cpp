// A household reads its own line by the code on its slip, with what it needs to hold it against the log. No search: a
// record's number and its code, or nothing; and the answer does not say which of the two was wrong.
#include <algorithm>
#include <map>

#include "base/crypto.hpp"
#include "disclosure/slip.hpp"
#include "log/receipt.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/security.hpp"
#include "web/typed.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

namespace {

constexpr std::size_t k_longest = 200;  // of a record's number

// A file to be saved, within the page that only who has the code gets: no address leads to it.
std::string as_address(const Json& file) {
  return "data:application/json;charset=utf-8," + encode_component(base::canonical(file) + "\n");
}

std::string key_of(const std::string& record) { return record.substr(record.find('/') + 1); }

// What cannot be a slip's code is told so: that says nothing of any record. Else not which of the two was wrong.
Json not_found(const std::string& typed) {
  const auto code = disclosure::plain_code(plainly_typed(typed));
  const auto given = code.size() - static_cast<std::size_t>(std::count(code.begin(), code.end(), '-'));
  const bool whole = given == disclosure::k_slip_characters;
  const base::Text say = whole ? base::Text{"登记号与查询码不相符。", "Number and code do not go together."}
                               : base::Text{"查询码不完整或者多了。", "This is no whole code."};
  const base::Text help =
      whole ? base::Text{"请对照纸条逐字核对；纸条遗失或看不清的，请向纸条上署名的单位申请补发。",
                         "Compare both with the slip, letter by letter. Where it is lost or cannot be read, the office "
                         "that signed it gives another."}
            : base::Text{"查询码是 12 个字母或数字（没有字母 U），您输入的有 " + std::to_string(given) +
                             " 个。空格、横线和大小写不要紧。",
                         "A code has 12 letters and digits (never a U); what you typed has " + std::to_string(given) +
                             ". Spaces, dashes and capitals do not matter."};
  return JsonObject{{"verdict", JsonObject{{"text", both(say)}, {"tone", "bad"}}},
                    {"help", both(help)},
                    {"code", whole ? "SLIP-01" : "SLIP-02"}};
}

}  // namespace

Portal::Line Portal::line_of(const std::string& sent, const std::string& typed) {
  Line line;
  if (sent.size() > k_longest || typed.size() > k_longest) return line;
  const auto number = plainly_typed(sent);
  const auto code = disclosure::plain_code(plainly_typed(typed));
  std::vector<disclosure::Opened> values;
  const institution::Institution* of = nullptr;
  JsonObject fields;
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
      of = governs;
      fields = record.fields;
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
  if (of != nullptr) line.called = both(names.or_number(*of, fields, line.record));
  for (const auto& one : values) line.fields.push_back(field_model(*one.field, &one.value, true, &names));
  return line;
}

// Each leaf of these openings as a receipt with those that are of it, to be kept and checked away from this site.
base::Result<JsonArray> Portal::line_files(const Line& own) {
  std::map<std::int64_t, JsonArray> by_leaf;
  for (const auto& one : own.openings) {
    auto salt = base::from_base64url(one.text("salt"));
    if (!salt) return base::fail("the salt of an opening does not read");
    by_leaf[one.at("leaf").as_int()].push_back(
        log::opening_json({std::string(one.text("path")), *std::move(salt), one.at("value")}));
  }
  JsonArray files;
  for (auto& [leaf, opened] : by_leaf) {
    LG_TRY(auto receipt, best_receipt(static_cast<std::uint64_t>(leaf)));
    receipt.as_object()["openings"] = std::move(opened);
    const auto index = std::to_string(leaf);
    files.push_back(JsonObject{{"label", both("日志第 " + index + " 条", "leaf " + index)},
                               {"to", as_address(receipt)},
                               {"name", key_of(own.record) + "-" + index + ".json"}});
  }
  return files;
}

base::Result<Json> Portal::line_found(const std::string& number, const std::string& typed) {
  const auto own = line_of(number, typed);
  if (own.record.empty()) return not_found(typed);
  JsonObject found{
      {"verdict", own.state}, {"title", own.called}, {"number", key_of(own.record)}, {"see", href_of(own.record)}};
  JsonArray fields, proofs;
  for (std::size_t i = 0; i < own.openings.size(); ++i) {
    const auto& one = own.openings[i];
    const auto& shown = own.fields[i];
    if (!shown.is_null()) fields.push_back(shown);
    proofs.push_back(JsonObject{{"label", shown.is_null() ? Json(std::string(one.text("path"))) : shown.at("label")},
                                {"to", "/log/" + std::to_string(one.at("leaf").as_int())},
                                {"salt", std::string(one.text("salt"))}});
  }
  found["fields"] = std::move(fields);
  LG_TRY(auto files, line_files(own));
  if (!files.empty()) found["takes"] = items(std::move(files));
  found["proofs"] = items(std::move(proofs));
  return Json(std::move(found));
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
    auto found = line_found(number, std::string(form->get("code")));
    if (!found) return refuse(found.trouble(), request);
    line["found"] = *std::move(found);
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
