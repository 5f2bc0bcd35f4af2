#include "web/register_file.hpp"

#include <algorithm>

#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::Text;
using institution::Field;
using institution::Institution;

namespace {

// RFC 4180. A text that a spreadsheet would take for a formula gets a mark before it.
std::string csv_cell(std::string text, bool is_text) {
  static constexpr std::string_view k_begin[] = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
  if (is_text && std::any_of(std::begin(k_begin), std::end(k_begin), [&](auto one) { return text.starts_with(one); }))
    text.insert(0, "'");
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out.push_back('"');
    out.push_back(c);
  }
  return out + "\"";
}

// A number may well begin with a minus.
bool is_number(const Field& field) { return field.type == "money" || field.type == "area" || field.type == "ratio"; }

// What a spreadsheet's reader wants to know of a column of figures.
Text head_of(const Field& field) {
  if (field.type == "money") return {field.title.zh + "（元）", field.title.en + " (yuan)"};
  if (field.type == "area") return {field.title.zh + "（平方米）", field.title.en + " (m²)"};
  if (field.type == "time") return {field.title.zh + "（北京时间）", field.title.en + " (Beijing time)"};
  return field.title;
}

// As a spreadsheet reads a moment; to the second, by the clock on the wall. The JSON has it in UTC to the millisecond.
std::string moment(std::string_view iso) {
  const auto time = base::parse_time(iso);
  return time ? base::format_local(*time).substr(0, 19) : std::string(iso);
}

// Codes in words, but for those of divisions, by which tables are joined; the JSON has every code as it is.
std::string cell_of(const Field& field, const Json& value, const Portal& portal, Language language) {
  if (field.type == "code" && field.table != "divisions" && value.is_string())
    return csv_cell(web::in(show_value(field, value, portal.pack()), language), true);
  if (field.type == "time" && value.is_string()) return csv_cell(moment(value.as_string()), true);
  if (value.is_bool()) return web::in(show_value(field, value, portal.pack()), language);
  if (value.is_string()) return csv_cell(value.as_string(), !is_number(field));
  if (value.is_null()) return {};
  if (const auto* list = value.if_array()) {
    std::string joined;
    for (const auto& one : *list) {
      if (!one.is_string() && !one.is_int() && !one.is_bool()) return csv_cell(base::canonical(value), true);
      joined += (joined.empty() ? "" : "；") + (one.is_string() ? one.as_string() : base::canonical(one));
    }
    return csv_cell(std::move(joined), true);
  }
  return csv_cell(base::canonical(value), true);
}

}  // namespace

std::string csv_of(const Institution& in, const std::vector<store::Row>& rows, Names& names, const Portal& portal,
                   Language language) {
  std::string out = "\xef\xbb\xbf";  // without it, spreadsheets read Chinese as Latin
  out += web::in(Text{"编号,名称,状态,变更时间（北京时间）", "number,name,state,changed (Beijing time)"}, language);
  for (const auto& field : in.fields) out += "," + csv_cell(web::in(head_of(field), language), true);
  out += "\r\n";
  for (const auto& row : rows) {
    const auto doc = base::parse_json(row[3].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto state = portal.state_model(in, row[1].as_string()).at("text");
    const auto& fields = doc->at("fields").as_object();
    out += csv_cell(row[0].as_string(), true) + "," + csv_cell(web::in(names.of(in, fields), language), true) + "," +
           csv_cell(std::string(state.text(language == Language::zh ? "zh" : "en")), true) + "," +
           moment(doc->text("changed"));
    for (const auto& field : in.fields) {
      const auto* value = fields.find(field.name);
      out += "," + (value == nullptr ? std::string() : cell_of(field, *value, portal, language));
    }
    out += "\r\n";
  }
  return out;
}

JsonArray records_of(const Institution& in, const std::vector<store::Row>& rows, Names& names) {
  JsonArray list;
  for (const auto& row : rows) {
    auto doc = base::parse_json(row[3].as_string(), base::Profile::any);
    if (!doc) continue;
    if (const auto name = names.of(in, doc->at("fields").as_object()); !name.empty())
      doc->as_object()["called"] = both(name);
    list.push_back(std::move(*doc));
  }
  return list;
}

}  // namespace landglass::web
