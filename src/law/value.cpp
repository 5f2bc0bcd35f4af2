#include "law/value.hpp"

#include "law/quantity.hpp"

namespace landglass::law {
namespace {

Value number_of(Kind kind, std::int64_t number) {
  Value value;
  value.kind = kind;
  value.number = number;
  return value;
}

template <class T>
bool same(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

base::Text name_of(Kind kind) {
  switch (kind) {
    case Kind::null: return {"空值", "null"};
    case Kind::boolean: return {"是非", "boolean"};
    case Kind::integer: return {"整数", "integer"};
    case Kind::money: return {"金额", "money"};
    case Kind::area: return {"面积", "area"};
    case Kind::ratio: return {"比例", "ratio"};
    case Kind::date: return {"日期", "date"};
    case Kind::time: return {"时刻", "time"};
    case Kind::days: return {"天数", "days"};
    case Kind::text: return {"文本", "text"};
    case Kind::list: return {"列表", "list"};
    case Kind::record: return {"记录", "record"};
  }
  return {};
}

base::Text name_of(DayKind kind) {
  return kind == DayKind::working ? base::Text{"工作日", "working days"} : base::Text{"日历日", "calendar days"};
}

base::Result<Value> misread(const base::Json& json, const Type& type) {
  const auto wanted = law::name_of(type);
  auto shown = base::canonical(json);
  if (shown.size() > 60) shown = "…";
  return base::refuse("LAW-10", shown + " 不是" + wanted.zh, shown + " does not read as " + wanted.en);
}

template <class T>
base::Result<Value> or_misread(const std::optional<T>& read, Value (*make)(T), const base::Json& json, const Type& type) {
  if (!read) return misread(json, type);
  return make(*read);
}

base::Result<Value> list_from(const base::Json& json, const Type& type) {
  const auto* array = json.if_array();
  if (!array) return misread(json, type);
  List items;
  items.reserve(array->size());
  for (const auto& one : *array) {
    LG_TRY(auto item, from_json(one, type.element ? *type.element : Type{}));
    items.push_back(std::move(item));
  }
  return Value::list(std::move(items));
}

base::Result<Value> record_from(const base::Json& json, const Type& type) {
  const auto* object = json.if_object();
  if (!object) return misread(json, type);
  Members members;
  if (type.members) {
    for (const auto& [name, member_type] : *type.members) {
      LG_TRY(auto member, from_json(json.at(name), member_type));
      members.emplace_back(name, std::move(member));
    }
  } else {
    for (const auto& [name, member_json] : *object) {
      LG_TRY(auto member, from_json(member_json, Type{}));
      members.emplace_back(name, std::move(member));
    }
  }
  return Value::record(std::move(members));
}

base::Result<Value> whatever_it_is(const base::Json& json) {
  if (const auto* flag = json.if_bool()) return Value::boolean(*flag);
  if (const auto* number = json.if_int()) return Value::integer(*number);
  if (const auto* text = json.if_string()) return Value::text(*text);
  if (json.is_array()) return list_from(json, Type::of(Kind::list));
  if (json.is_object()) return record_from(json, Type::of(Kind::record));
  return misread(json, Type::of(Kind::integer));
}

base::Text show_all(const List& items) {
  base::Text text{"[", "["};
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i == 10) {  // a refusal is read by a person: the rest stands in the record
      const auto total = std::to_string(items.size());
      text.zh += ", … 共 " + total + " 项";
      text.en += ", … " + total + " in all";
      break;
    }
    const auto one = show(items[i]);
    text.zh += (i ? ", " : "") + one.zh;
    text.en += (i ? ", " : "") + one.en;
  }
  return {text.zh + "]", text.en + "]"};
}

}  // namespace

Value Value::boolean(bool value) { return number_of(Kind::boolean, value ? 1 : 0); }
Value Value::integer(std::int64_t value) { return number_of(Kind::integer, value); }
Value Value::money(base::Money value) { return number_of(Kind::money, value.fen); }
Value Value::area(base::Area value) { return number_of(Kind::area, value.cm2x100); }
Value Value::date(base::Date value) { return number_of(Kind::date, value.days); }
Value Value::time(base::Time value) { return number_of(Kind::time, value.ms); }
Value Value::ratio(base::Ratio value) {
  auto made = number_of(Kind::ratio, value.num);
  made.denominator = value.den;
  return made;
}
Value Value::days(std::int64_t count, DayKind kind) {
  auto made = number_of(Kind::days, count);
  made.day_kind = kind;
  return made;
}
Value Value::text(std::string value) {
  Value made;
  made.kind = Kind::text;
  made.text_value = std::move(value);
  return made;
}
Value Value::list(List value) {
  Value made;
  made.kind = Kind::list;
  made.items = std::make_shared<const List>(std::move(value));
  return made;
}
Value Value::record(Members value) {
  Value made;
  made.kind = Kind::record;
  made.members = std::make_shared<const Members>(std::move(value));
  return made;
}

const Value* Value::member(std::string_view name) const {
  if (!members) return nullptr;
  for (const auto& [key, value] : *members) {
    if (key == name) return &value;
  }
  return nullptr;
}

bool operator==(const Value& a, const Value& b) {
  return a.kind == b.kind && a.number == b.number && a.denominator == b.denominator &&
         (a.kind != Kind::days || a.day_kind == b.day_kind) && a.text_value == b.text_value && same(a.items, b.items) &&
         same(a.members, b.members);
}

Type Type::record(std::vector<std::pair<std::string, Type>> members) {
  return Type{Kind::record, nullptr, std::make_shared<const std::vector<std::pair<std::string, Type>>>(std::move(members))};
}

base::Text name_of(const Type& type) { return type.day_kind ? name_of(*type.day_kind) : name_of(type.kind); }
base::Text name_of(const Value& value) { return value.kind == Kind::days ? name_of(value.day_kind) : name_of(value.kind); }

base::Text show(const Value& value) {
  const auto alike = [](std::string text) { return base::Text{text, text}; };
  switch (value.kind) {
    case Kind::null: return {"空", "absent"};
    case Kind::boolean: return value.number != 0 ? base::Text{"是", "true"} : base::Text{"否", "false"};
    case Kind::integer: return alike(std::to_string(value.number));
    case Kind::money: {
      const auto zh = base::money_yuan({value.number});
      return {zh, zh.substr(0, zh.rfind(' ')) + " yuan"};
    }
    case Kind::area: return {base::area_zh({value.number}), base::area_text({value.number}) + " m²"};
    case Kind::ratio: return alike(base::ratio_text({value.number, value.denominator}));
    case Kind::date: return alike(base::format_date({static_cast<std::int32_t>(value.number)}));
    case Kind::time: return alike(base::format_local({value.number}));
    case Kind::days: {
      const auto count = std::to_string(value.number);
      if (value.day_kind == DayKind::working) return {count + " 个工作日", count + " working days"};
      return {count + " 日", count + " days"};
    }
    case Kind::text: return alike(value.text_value);
    case Kind::list: return show_all(*value.items);
    case Kind::record: return {"记录", "record"};
  }
  return {};
}

base::Result<Value> from_json(const base::Json& json, const Type& type) {
  if (json.is_null()) return Value::null();
  const auto* text = json.if_string();
  switch (type.kind) {
    case Kind::null: return whatever_it_is(json);
    case Kind::boolean: return json.is_bool() ? base::Result<Value>(Value::boolean(json.as_bool())) : misread(json, type);
    case Kind::integer: return json.is_int() ? base::Result<Value>(Value::integer(json.as_int())) : misread(json, type);
    case Kind::text: return text ? base::Result<Value>(Value::text(*text)) : misread(json, type);
    case Kind::list: return list_from(json, type);
    case Kind::record: return record_from(json, type);
    default: break;
  }
  if (!text) return misread(json, type);
  switch (type.kind) {
    case Kind::money: return or_misread(base::parse_money(*text), &Value::money, json, type);
    case Kind::area: return or_misread(base::parse_area(*text), &Value::area, json, type);
    case Kind::date: return or_misread(base::parse_date(*text), &Value::date, json, type);
    case Kind::time: return or_misread(base::parse_time(*text), &Value::time, json, type);
    case Kind::ratio:
      if (const auto ratio = base::parse_ratio(*text)) return Value::ratio(*ratio);
      break;
    default: break;
  }
  // What remains is a literal of the expression language: "20 days", "10工作日", "2.5" as a ratio.
  auto read = parse_quantity(*text);
  if (!read) return misread(json, type);
  if (type.kind == Kind::ratio && read->kind == Kind::integer) return Value::ratio({read->number, 1});
  if (read->kind != type.kind || (type.day_kind && read->day_kind != *type.day_kind)) return misread(json, type);
  return read;
}

base::Json to_json(const Value& value) {
  switch (value.kind) {
    case Kind::null: return nullptr;
    case Kind::boolean: return value.number != 0;
    case Kind::integer: return value.number;
    case Kind::money: return base::money_text({value.number});
    case Kind::area: return base::area_text({value.number});
    case Kind::ratio: return base::ratio_text({value.number, value.denominator});
    case Kind::date: return base::format_date({static_cast<std::int32_t>(value.number)});
    case Kind::time: return base::format_utc({value.number});
    case Kind::days: return std::to_string(value.number) + (value.day_kind == DayKind::working ? " working_days" : " days");
    case Kind::text: return value.text_value;
    case Kind::list: {
      base::JsonArray array;
      for (const auto& item : *value.items) array.push_back(to_json(item));
      return array;
    }
    case Kind::record: {
      base::JsonObject object;
      for (const auto& [name, member] : *value.members) object.insert(name, to_json(member));
      return object;
    }
  }
  return nullptr;
}

}  // namespace landglass::law
