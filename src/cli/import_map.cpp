#include "cli/import_map.hpp"

#include <array>
#include <optional>

#include "institution/yaml.hpp"

namespace landglass::cli {
namespace {

using institution::Node;

constexpr std::array<std::pair<std::string_view, CellType>, 14> k_types = {{{"text", CellType::text},
                                                                            {"division", CellType::division},
                                                                            {"integer", CellType::integer},
                                                                            {"decimal", CellType::decimal},
                                                                            {"bound", CellType::bound},
                                                                            {"money", CellType::money},
                                                                            {"area", CellType::area},
                                                                            {"date", CellType::date},
                                                                            {"latest", CellType::latest},
                                                                            {"time", CellType::time},
                                                                            {"moment", CellType::moment},
                                                                            {"choice", CellType::choice},
                                                                            {"terms", CellType::terms},
                                                                            {"instalments", CellType::instalments}}};

// Factors to fen or to 0.01 m². A price per area keeps its area in the field's name: its factor is that of the money.
constexpr std::array<std::pair<std::string_view, std::int64_t>, 14> k_units = {{{"元", 100},
                                                                                {"万元", 1'000'000},
                                                                                {"亿元", 10'000'000'000},
                                                                                {"元/平方米", 100},
                                                                                {"元/建筑平方米", 100},
                                                                                {"元/亩", 100},
                                                                                {"万元/亩", 1'000'000},
                                                                                {"万元/公顷", 1'000'000},
                                                                                {"平方米", 100},
                                                                                {"m2", 100},
                                                                                {"公顷", 1'000'000},
                                                                                {"ha", 1'000'000},
                                                                                {"平方公里", 100'000'000},
                                                                                {"km2", 100'000'000}}};

base::Result<std::vector<std::pair<std::string, std::string>>> pairs(std::string_view file, const Node& node,
                                                                     std::string_view key) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [from, to] : node.members) {
    if (!to.is_scalar() || to.scalar.empty()) return wrong_map(file, to, key, "应为文本", "a text is wanted");
    out.emplace_back(from, to.scalar);
  }
  if (out.empty()) return wrong_map(file, node, key, "应为非空的对照表", "a table that is not empty is wanted");
  return out;
}

base::Result<Column> read_column(std::string_view file, const std::string& name, const Node& node) {
  Column column;
  column.name = name;
  for (const auto& [key, value] : node.members) {
    if (key == "ignore") {
      column.ignored = value.scalar;
      if (column.ignored.empty()) return wrong_map(file, value, key, "须说明为何不用此列", "say why the column is left out");
    } else if (key == "field") {
      column.field = value.scalar;
    } else if (key == "type") {
      bool known = false;
      for (const auto& [text, type] : k_types) {
        if (text != value.scalar) continue;
        column.type = type;
        known = true;
      }
      if (!known) return wrong_map(file, value, key, "未知的类型", "an unknown type");
    } else if (key == "unit") {
      const auto unit = unit_named(value.scalar);
      if (!unit) return wrong_map(file, value, key, "未知的单位", "an unknown unit");
      column.unit = *unit;
    } else if (key == "unit_column") {
      column.unit_column = value.scalar;
    } else if (key == "unit_fields" || key == "suffixes") {
      LG_TRY(auto table, pairs(file, value, key));
      for (const auto& [unit, field] : table) {
        if (!unit_named(unit)) return wrong_map(file, value, key, "未知的单位", "an unknown unit: " + unit);
      }
      (key == "suffixes" ? column.suffixes : column.unit_fields) = std::move(table);
    } else if (key == "values") {
      LG_TRY(column.values, pairs(file, value, key));
    } else {
      return wrong_map(file, value, key, "未知的键", "an unknown key");
    }
  }
  if (!column.ignored.empty()) return column;
  const bool by_column = !column.unit_column.empty();
  const bool measured =
      column.type == CellType::money || column.type == CellType::area || column.type == CellType::instalments;
  if (by_column != !column.unit_fields.empty()) {
    return wrong_map(file, node, name, "unit_column 与 unit_fields 须同时给出", "unit_column and unit_fields go together");
  }
  if (column.field.empty() == !by_column) return wrong_map(file, node, name, "字段名有误", "one field, or unit_fields");
  if (measured != (by_column || !column.unit.name.empty())) {
    return wrong_map(file, node, name, "单位与类型不符", "a unit goes with money, area and instalments");
  }
  if ((column.type == CellType::choice) != !column.values.empty()) {
    return wrong_map(file, node, name, "choice 须有 values", "a choice has its values");
  }
  return column;
}

// a field · [one, of, these] · {fields: [one], unless: {mode: allocation}}
base::Result<Required> read_required(std::string_view file, const Node& item) {
  Required required;
  const auto& fields = item.is_mapping() ? item.at("fields") : item;
  if (fields.is_scalar()) required.fields.push_back(fields.scalar);
  for (const auto& one : fields.items) required.fields.push_back(one.scalar);
  if (required.fields.empty()) return wrong_map(file, item, "required", "应为字段名", "a field, or a list of them");
  if (const auto& unless = item.at("unless"); item.is_mapping()) {
    if (unless.members.size() != 1 || item.members.size() != 2) {
      return wrong_map(file, item, "unless", "应为一个字段和它的值", "one field and its value");
    }
    required.unless = unless.members[0].first;
    required.is = unless.members[0].second.scalar;
  }
  return required;
}

}  // namespace

base::Refusal wrong_map(std::string_view file, const Node& node, std::string_view key, std::string zh, std::string en) {
  return base::refuse("IMP-01", std::move(zh), std::move(en),
                      std::string(file) + ":" + std::to_string(node.line) + ":" + std::string(key));
}

std::optional<Unit> unit_named(std::string_view name) {
  for (const auto& [known, factor] : k_units) {
    if (known == name) return Unit{std::string(name), factor};
  }
  return std::nullopt;
}

const Column* ColumnMap::find(std::string_view column) const {
  for (const auto& one : columns) {
    if (one.name == column) return &one;
  }
  return nullptr;
}

base::Result<ColumnMap> read_column_map(std::string_view file, std::string_view yaml) {
  LG_TRY(const auto root, institution::read_yaml(yaml, file));
  ColumnMap map;
  for (const auto& [key, value] : root.members) {
    if (key == "import") {
      map.name = value.scalar;
    } else if (key == "title") {
      map.title = {std::string(value.text("zh")), std::string(value.text("en"))};
    } else if (key == "columns") {
      for (const auto& [name, node] : value.members) {
        LG_TRY(auto column, read_column(file, name, node));
        map.columns.push_back(std::move(column));
      }
    } else if (key == "required") {
      for (const auto& item : value.items) {
        LG_TRY(auto one, read_required(file, item));
        map.required.push_back(std::move(one));
      }
    } else if (key != "key" && key != "row" && key != "plays" && key != "remarks") {  // what a row means: import_play.cpp
      return wrong_map(file, value, key, "未知的键", "an unknown key");
    }
  }
  if (map.name.empty() || map.title.empty() || map.columns.empty()) {
    return wrong_map(file, root, "import", "缺 import、title 或 columns", "import, title and columns are wanted");
  }
  for (const auto& column : map.columns) {
    if (column.unit_column.empty()) continue;
    if (!map.find(column.unit_column)) {
      return wrong_map(file, root.at("columns").at(column.name), "unit_column", "没有这一列", "no such column");
    }
  }
  for (const auto& required : map.required) {
    auto named = required.fields;
    if (!required.unless.empty()) named.push_back(required.unless);
    for (const auto& field : named) {
      bool known = false;
      for (const auto& column : map.columns) {
        known = known || column.field == field;
        for (const auto& [unit, to] : column.unit_fields) known = known || to == field;
        for (const auto& [unit, to] : column.suffixes) known = known || to == field;
      }
      if (!known) return wrong_map(file, root.at("required"), field, "没有列给出此字段", "no column gives this field");
    }
  }
  return map;
}

}  // namespace landglass::cli
