// Given values against their definitions: what an actor sends is outside input, and every refusal names the field.
#include <algorithm>
#include <limits>

#include "base/number.hpp"
#include "institution/registry.hpp"

namespace landglass::institution {
namespace {

using base::Json;
using base::Result;

base::Refusal bad(const Field& field, std::string zh, std::string en) {
  auto refusal =
      base::refuse("EN-09", field.title.zh + "：" + std::move(zh), field.title.en + ": " + std::move(en), field.name);
  return refusal;
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// The anchored, linear subset of patterns: literals, '.', classes [a-z0-9], '?', '{n}', '{n,m}'. No alternation, no star.
struct Atom {
  std::string_view set;  // inside [...], or a single character; "." any
  bool any = false;
  int low = 1;
  int high = 1;
};
bool in_set(std::string_view set, char c) {
  for (std::size_t i = 0; i < set.size(); ++i) {
    if (i + 2 < set.size() && set[i + 1] == '-') {
      if (set[i] <= c && c <= set[i + 2]) return true;
      i += 2;
    } else if (set[i] == c) {
      return true;
    }
  }
  return false;
}
bool match(const std::vector<Atom>& atoms, std::size_t at, std::string_view text) {
  if (at == atoms.size()) return text.empty();
  const auto& atom = atoms[at];
  int count = 0;
  while (count < atom.high && static_cast<std::size_t>(count) < text.size() &&
         (atom.any || in_set(atom.set, text[static_cast<std::size_t>(count)]))) {
    ++count;
  }
  for (; count >= atom.low; --count) {
    if (match(atoms, at + 1, text.substr(static_cast<std::size_t>(count)))) return true;
    if (atom.low == atom.high) break;
  }
  return false;
}
bool matches(std::string_view pattern, std::string_view text) {
  std::vector<Atom> atoms;
  std::size_t variable = 0;
  for (std::size_t i = 0; i < pattern.size();) {
    Atom atom;
    if (pattern[i] == '[') {
      const auto end = pattern.find(']', i);
      if (end == std::string_view::npos) return false;
      atom.set = pattern.substr(i + 1, end - i - 1);
      i = end + 1;
    } else {
      atom.any = pattern[i] == '.';
      atom.set = pattern.substr(i, 1);
      ++i;
    }
    if (i < pattern.size() && pattern[i] == '?') {
      atom.low = 0;
      ++i;
    } else if (i < pattern.size() && pattern[i] == '{') {
      const auto end = pattern.find('}', i);
      const auto body = pattern.substr(i + 1, end - i - 1);
      const auto comma = body.find(',');
      atom.low = base::whole_number(body.substr(0, comma)).value_or(0);
      atom.high = comma == std::string_view::npos
                      ? atom.low
                      : base::whole_number(body.substr(comma + 1)).value_or(std::numeric_limits<int>::max());
      i = end + 1;
    }
    if (atom.low != atom.high && ++variable > 8) return false;  // keeps matching linear enough: 8 open ranges at the most
    atoms.push_back(atom);
  }
  return match(atoms, 0, text);
}

Result<Json> bounded(const Field& field, const Json& value, std::int64_t number) {
  if (field.min && number < *field.min) return bad(field, "低于下限", "below its least value");
  if (field.max && number > *field.max) return bad(field, "超出上限", "above its greatest value");
  return value;
}

}  // namespace

Result<Json> read_field(const Field& field, const Json& value, const Pack& pack) {
  if (value.is_null()) return Json();
  if (field.locked) {  // ciphertext for named openers: an object that the server does not read
    if (!value.is_object() && !value.is_string()) return bad(field, "须为加密内容", "must be ciphertext");
    return value;
  }
  if (field.type == "json") return value;
  if (field.type == "integer") {
    if (!value.is_int()) return bad(field, "须为整数", "must be a whole number");
    return bounded(field, value, value.as_int());
  }
  if (field.type == "boolean") {
    if (!value.is_bool()) return bad(field, "须为是或否", "must be true or false");
    return value;
  }
  if (field.type == "list") {
    const auto* array = value.if_array();
    if (array == nullptr) return bad(field, "须为列表", "must be a list");
    if (static_cast<std::int64_t>(array->size()) > field.max_length) return bad(field, "项数过多", "too many items");
    base::JsonArray out;
    for (const auto& item : *array) {
      LG_TRY(auto one, read_field(*field.items, item, pack));
      out.push_back(std::move(one));
    }
    return Json(std::move(out));
  }
  if (field.type == "record") {
    const auto* object = value.if_object();
    if (object == nullptr) return bad(field, "须为一组字段", "must be an object");
    base::JsonObject out;
    for (const auto& [name, part] : *object) {
      const auto known = std::find_if(field.members.begin(), field.members.end(),
                                      [&, key = &name](const Field& m) { return m.name == *key; });
      if (known == field.members.end()) return bad(field, "没有此项：" + name, "has no member " + name);
      LG_TRY(auto one, read_field(*known, part, pack));
      out[name] = std::move(one);
    }
    return Json(std::move(out));
  }
  const auto* text = value.if_string();
  if (text == nullptr) return bad(field, "须为文本", "must be text");
  if (field.type == "money") {
    const auto money = base::parse_money(*text);
    if (!money) return bad(field, "不是金额（元，至多两位小数）", "not an amount in 元 with at most two decimals");
    return bounded(field, base::money_text(*money), money->fen);
  }
  if (field.type == "area") {
    const auto area = base::parse_area(*text);
    if (!area) return bad(field, "不是面积（平方米，至多两位小数）", "not an area in m² with at most two decimals");
    return bounded(field, base::area_text(*area), area->cm2x100);
  }
  if (field.type == "ratio") {
    const auto ratio = base::parse_ratio(*text);
    if (!ratio) return bad(field, "不是比例", "not a ratio");
    return Json(*text);
  }
  if (field.type == "date") {
    if (!base::parse_date(*text)) return bad(field, "不是日期", "not a date (2012-02-08)");
    return value;
  }
  if (field.type == "time") {
    const auto time = base::parse_time(*text);
    if (!time) return bad(field, "不是时刻", "not an instant (2012-02-08T09:00:00+08:00)");
    return Json(base::format_utc(*time));
  }
  if (field.type == "file") {
    if (text->size() != 64 || !base::from_hex(*text)) return bad(field, "不是文件摘要", "not the SHA-256 of a file");
    return value;
  }
  if (field.type == "code") {
    if (!field.table.empty()) {
      const auto* table = pack.table(field.table);
      if (table == nullptr || table->find(*text) == nullptr)
        return bad(field, "代码表中没有：" + *text, "no such code: " + *text);
    } else if (std::none_of(field.values.begin(), field.values.end(), [&](const Choice& one) { return one.key == *text; })) {
      return bad(field, "没有此选项：" + *text, "no such choice: " + *text);
    }
    return value;
  }
  if (field.type == "ref") {
    if (text->empty() || text->size() > 200 || text->find('/') == std::string::npos)
      return bad(field, "不是编号", "not a record's id");
    if (!field.of.empty() && field.of != k_any && !text->starts_with(field.of + "/"))
      return bad(field, "须引用：" + field.of, "must name a record of " + field.of);
    return value;
  }
  if (static_cast<std::int64_t>(characters(*text)) > field.max_length) return bad(field, "文字过长", "too long");
  if (!field.pattern.empty() && !matches(field.pattern, *text))
    return bad(field, "格式不符", "does not have the form " + field.pattern);
  return value;
}

}  // namespace landglass::institution
