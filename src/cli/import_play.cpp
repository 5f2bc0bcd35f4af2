#include "cli/import_play.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace landglass::cli {
namespace {

using base::Json;
using institution::Node;
using law::Kind;
using law::Value;

bool gives(const ColumnMap& map, std::string_view field) {
  for (const auto& column : map.columns) {
    if (column.field == field) return true;
    for (const auto& [unit, to] : column.unit_fields) {
      if (to == field) return true;
    }
    for (const auto& [unit, to] : column.suffixes) {
      if (to == field) return true;
    }
  }
  return false;
}

base::Result<std::vector<std::pair<std::string, std::string>>> values_of(std::string_view file, const Node& node) {
  const auto path = std::filesystem::path(file).parent_path() / node.scalar;
  std::ifstream in(path, std::ios::binary);
  if (!in) return wrong_map(file, node, "values_of", "没有此文件：" + node.scalar, "no such file: " + node.scalar);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  LG_TRY(const auto root, institution::read_yaml(text, path.string()));
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [from, to] : root.at("values").members) out.emplace_back(from, to.scalar);
  if (out.empty()) return wrong_map(file, node, "values_of", "没有对照", "no values: " + node.scalar);
  return out;
}

base::Result<Source> read_source(std::string_view file, std::string_view name, const Node& node, const ColumnMap& map) {
  Source source;
  if (node.is_scalar()) {
    source.field = node.scalar;
  } else {
    for (const auto& [key, value] : node.members) {
      if (key == "from") {
        source.field = value.scalar;
      } else if (key == "record") {
        source.record = value.scalar;
      } else if (key == "only" || key == "first" || key == "last") {
        source.pick = key == "only" ? Source::Pick::only : key == "first" ? Source::Pick::first : Source::Pick::last;
        source.member = value.scalar;
      } else if (key == "sums_to") {
        source.sums_to = value.scalar;
        if (!gives(map, source.sums_to))
          return wrong_map(file, value, key, "没有列给出此字段", "no column gives this field: " + source.sums_to);
      } else if (key == "percent") {
        source.percent = value.is_true();
      } else if (key == "values") {
        for (const auto& [from, to] : value.members) source.values.emplace_back(from, to.scalar);
      } else if (key == "values_of") {
        LG_TRY(source.values, values_of(file, value));
      } else {
        return wrong_map(file, value, key, "未知的键", "an unknown key");
      }
    }
  }
  if (source.field.empty() == source.record.empty())
    return wrong_map(file, node, name, "须给出 from 或 record", "a field, or a record");
  if (!source.field.empty() && !gives(map, source.field))
    return wrong_map(file, node, name, "没有列给出此字段", "no column gives this field: " + source.field);
  return source;
}

base::Result<Play> read_play(std::string_view file, const Node& node, const ColumnMap& map,
                             const std::vector<Play>& before) {
  Play play;
  const auto known = [&](std::string_view name) {
    for (const auto& one : before) {
      if (one.name == name) return true;
    }
    return false;
  };
  for (const auto& [key, value] : node.members) {
    if (key == "create") {
      play.institution = value.scalar;
    } else if (key == "as") {
      play.name = value.scalar;
    } else if (key == "find") {
      play.on = value.scalar;
      play.name = value.scalar;
    } else if (key == "on") {
      play.on = value.scalar;
    } else if (key == "do") {
      play.action = value.scalar;
    } else if (key == "at") {
      play.at = value.scalar;
      if (!gives(map, play.at))
        return wrong_map(file, value, key, "没有列给出此字段", "no column gives this field: " + play.at);
    } else if (key == "with") {
      for (const auto& [name, one] : value.members) {
        LG_TRY(auto source, read_source(file, name, one, map));
        if (!source.record.empty() && !known(source.record))
          return wrong_map(file, one, name, "没有此记录", "no earlier play makes " + source.record);
        play.with.emplace_back(name, std::move(source));
      }
    } else if (key == "absent") {
      for (const auto& one : value.items) play.absent.push_back(one.scalar);
    } else if (key == "when" || key == "unless") {
      if (value.members.size() != 1 || !play.when.empty())
        return wrong_map(file, value, key, "应为一个字段和它的值", "one field and its values");
      const auto& [field, values] = value.members[0];
      play.when = field;
      play.unless = key == "unless";
      if (values.is_scalar()) play.among.push_back(values.scalar);
      for (const auto& one : values.items) play.among.push_back(one.scalar);
      if (!gives(map, field)) return wrong_map(file, value, key, "没有列给出此字段", "no column gives this field: " + field);
    } else if (key == "optional") {
      play.optional = value.is_true();
    } else {
      return wrong_map(file, value, key, "未知的键", "an unknown key");
    }
  }
  const bool finds = !play.on.empty() && play.action.empty();
  if (play.institution.empty() == play.on.empty() || (finds && play.name != play.on) ||
      (!play.institution.empty() && (play.name.empty() || !play.action.empty())) || (!finds && play.at.empty()) ||
      (!play.action.empty() && !known(play.on))) {
    return wrong_map(file, node, "plays", "应为 create/as/at、find 或 on/do/at",
                     "create with as and at, find, or on (made or found before) with do and at");
  }
  return play;
}

// Types of a row's fields, for remarks.
law::Schema schema_of(const ColumnMap& map) {
  law::Schema schema;
  const auto add = [&](const std::string& field, Kind kind) {
    if (!field.empty() && schema.find(field) == nullptr) schema.names.emplace_back(field, law::Type::of(kind));
  };
  for (const auto& column : map.columns) {
    Kind kind = Kind::text;
    if (column.type == CellType::money) kind = Kind::money;
    if (column.type == CellType::area) kind = Kind::area;
    if (column.type == CellType::integer) kind = Kind::integer;
    if (column.type == CellType::decimal) kind = Kind::ratio;
    if (column.type == CellType::date || column.type == CellType::latest) kind = Kind::date;
    if (column.type == CellType::time) kind = Kind::time;
    if (column.type == CellType::moment || column.type == CellType::bound || column.type == CellType::terms ||
        column.type == CellType::instalments)
      kind = Kind::null;
    add(column.field, kind);
    for (const auto& [unit, to] : column.unit_fields) add(to, kind);
    for (const auto& [unit, to] : column.suffixes) add(to, kind);
  }
  return schema;
}

// A schedule says which part comes first or last only where it is all there: numbered from one, or adding up to the price.
bool whole(const Value& list, const Source& source, const Fields& row) {
  if (list.kind != Kind::list || list.items->empty()) return false;
  const auto* number = list.items->front().member("number");
  if (source.pick == Source::Pick::first && number != nullptr && number->kind == Kind::integer && number->number == 1)
    return true;
  const auto of = row.find(source.sums_to);
  if (of == row.end() || of->second.kind != Kind::money) return false;
  std::int64_t sum = 0;
  for (const auto& one : *list.items) {
    const auto* amount = one.member("amount");
    const auto more = amount == nullptr ? std::nullopt : base::add(sum, amount->number);
    if (!more) return false;
    sum = *more;
  }
  return sum == of->second.number;
}

}  // namespace

base::Result<Plays> read_plays(std::string_view file, std::string_view yaml, const ColumnMap& map) {
  LG_TRY(const auto root, institution::read_yaml(yaml, file));
  Plays out;
  for (const auto& one : root.at("key").items) {
    if (!gives(map, one.scalar))
      return wrong_map(file, one, "key", "没有列给出此字段", "no column gives this field: " + one.scalar);
    out.key.push_back(one.scalar);
  }
  for (const auto& one : root.at("row").items) {
    if (!gives(map, one.scalar))
      return wrong_map(file, one, "row", "没有列给出此字段", "no column gives this field: " + one.scalar);
    out.row.push_back(one.scalar);
  }
  for (const auto& item : root.at("plays").items) {
    LG_TRY(auto play, read_play(file, item, map, out.plays));
    out.plays.push_back(std::move(play));
  }
  const auto schema = schema_of(map);
  for (const auto& item : root.at("remarks").items) {
    auto that = law::Expression::compile(item.text("that"), schema);
    if (!that)
      return wrong_map(file, item, "that", that.refusal().say.zh, that.refusal().say.en + " " + that.refusal().where);
    out.remarks.push_back({std::string(item.text("code")),
                           *std::move(that),
                           {std::string(item.at("say").text("zh")), std::string(item.at("say").text("en"))}});
    if (out.remarks.back().code.empty() || out.remarks.back().say.empty())
      return wrong_map(file, item, "remarks", "须有 code、that 与 say", "code, that and say are wanted");
  }
  if (out.plays.empty()) return wrong_map(file, root, "plays", "缺 plays", "plays are wanted: what a row means");
  return out;
}

std::optional<Json> placed(const Source& source, const Fields& row, const institution::Field& field) {
  const auto* value = &row.at(source.field);
  if (!source.sums_to.empty() && !whole(*value, source, row)) return std::nullopt;
  if (source.pick != Source::Pick::whole) {
    if (value->kind != Kind::list || value->items->empty()) return std::nullopt;
    if (source.pick == Source::Pick::only && value->items->size() != 1) return std::nullopt;
    value = source.pick == Source::Pick::last ? &value->items->back() : &value->items->front();
  }
  if (!source.member.empty()) {
    value = value->member(source.member);
    if (value == nullptr || value->is_null()) return std::nullopt;
  }
  if (value->kind == Kind::record && value->member("strict") != nullptr) {  // a bound
    if (value->member("strict")->is_true()) return std::nullopt;
    value = value->member("value");
  }
  if (!source.values.empty()) {
    for (const auto& [from, to] : source.values) {
      if (value->kind != Kind::text || value->text_value != from) continue;
      if (field.type == "boolean") return Json(to == "true");
      return Json(to);
    }
    return std::nullopt;
  }
  if (field.type == "integer") {
    if (value->kind != Kind::ratio && value->kind != Kind::integer) return std::nullopt;
    if (value->denominator != 1) return std::nullopt;
    return Json(value->number);
  }
  if (field.type == "ratio") {
    if (value->kind != Kind::ratio && value->kind != Kind::integer) return std::nullopt;
    const auto ratio = base::make_ratio(value->number, value->denominator * (source.percent ? 100 : 1));
    if (!ratio) return std::nullopt;
    return Json(base::ratio_text(*ratio));
  }
  if (field.type == "date" && value->kind == Kind::time) return Json(base::format_date(base::date_of({value->number})));
  const auto fits = [&](std::string_view type, Kind kind) { return field.type == type && value->kind == kind; };
  if (fits("money", Kind::money) || fits("area", Kind::area) || fits("date", Kind::date) || fits("time", Kind::time) ||
      fits("text", Kind::text) || fits("code", Kind::text))
    return law::to_json(*value);
  return std::nullopt;
}

}  // namespace landglass::cli
