// Values as a paper says them.

#include "disclosure/fields.hpp"

namespace landglass::disclosure {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using law::Kind;
using law::Value;

namespace {

Json in_both(const base::Text& text) {
  if (text.zh.empty() && text.en.empty()) return {};
  if (text.en.empty() || text.en == text.zh) return Json(text.zh);
  return JsonObject{{"zh", text.zh}, {"en", text.en}};
}

base::Text time_text(base::Time time) {
  auto local = base::format_local(time);
  if (local.ends_with(":00")) local.resize(local.size() - 3);
  return {base::format_date_zh(base::date_of(time)) + local.substr(10), local};
}

// "33,333.34 平方米（3.3333 公顷，50.00 亩）": papers of land say square metres first.
base::Text area_of(base::Area area) {
  const auto money_like = base::money_yuan({area.cm2x100});
  const auto metres = money_like.substr(0, money_like.rfind(' '));
  const auto hectares = base::area_zh(area);
  const auto open = hectares.find("（");
  const auto mu = open == std::string::npos ? "" : hectares.substr(open);
  return {metres + " 平方米" + mu, metres + " m²"};
}

const institution::Choice* choice_of(const institution::Field& field, std::string_view key, const institution::Pack& pack) {
  if (const auto* table = field.table.empty() ? nullptr : pack.table(field.table)) return table->find(key);
  for (const auto& choice : field.values) {
    if (choice.key == key) return &choice;
  }
  return nullptr;
}

}  // namespace

base::Text format_value(const Value& value) {
  switch (value.kind) {
    case Kind::null: return {};
    case Kind::money: {
      const auto text = base::money_yuan({value.number});
      return {text, text.substr(0, text.rfind(' ')) + " yuan"};
    }
    case Kind::area: return area_of({value.number});
    case Kind::date:
      return {base::format_date_zh({static_cast<std::int32_t>(value.number)}),
              base::format_date({static_cast<std::int32_t>(value.number)})};
    case Kind::time: return time_text({value.number});
    case Kind::text: return {value.text_value, ""};
    case Kind::list: {
      base::Text all;
      for (const auto& item : *value.items) {
        const auto text = format_value(item);
        all.zh += (all.zh.empty() ? "" : "、") + text.zh;
        all.en += (all.en.empty() ? "" : ", ") + (text.en.empty() ? text.zh : text.en);
      }
      return all;
    }
    default: return law::show(value);
  }
}

Json format_field(const institution::Field& field, const Json& value, const institution::Pack& pack) {
  if (value.is_null()) return {};
  if (const auto* marked = value.if_object(); marked != nullptr && marked->find("erased") != nullptr)
    return in_both(value.at("erased").is_string() ? k_hidden : k_erased);
  if (value.is_bool()) return value;
  if (field.type == "list" && field.items != nullptr) {
    JsonArray list;
    for (const auto& item : value.as_array()) {
      if (field.items->type != "record") {
        list.push_back(JsonObject{{"value", format_field(*field.items, item, pack)}});
        continue;
      }
      JsonObject members;
      for (const auto& member : field.items->members)
        members[member.name] = format_field(member, item.at(member.name), pack);
      list.push_back(std::move(members));
    }
    return list;
  }
  if (const auto* text = value.if_string()) {
    if (field.type == "code" && field.table == "divisions") {
      const auto name = pack.division_name(*text);
      return Json(name.empty() ? *text : name);
    }
    if (field.type == "code") {
      const auto* choice = choice_of(field, *text, pack);
      return choice == nullptr ? Json(*text) : in_both(choice->title);
    }
    if (field.type == "file") return in_both({"SHA-256 " + text->substr(0, 16) + "…", ""});
    if (field.type == "ref") return Json(text->substr(text->find('/') + 1));
  }
  const auto read = law::from_json(value, field.value_type);
  return read ? in_both(format_value(*read)) : Json(base::canonical(value));
}

}  // namespace landglass::disclosure
