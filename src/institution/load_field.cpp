#include <algorithm>

#include "institution/load.hpp"

namespace landglass::institution {
namespace {

using base::Result;
using base::Status;

constexpr std::string_view k_types[] = {"text",    "integer", "money", "area", "ratio", "date",   "time",
                                        "boolean", "code",    "ref",   "file", "list",  "record", "json"};

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

law::Kind kind_of(std::string_view type) {
  if (type == "integer") return law::Kind::integer;
  if (type == "money") return law::Kind::money;
  if (type == "area") return law::Kind::area;
  if (type == "ratio") return law::Kind::ratio;
  if (type == "date") return law::Kind::date;
  if (type == "time") return law::Kind::time;
  if (type == "boolean") return law::Kind::boolean;
  if (type == "list") return law::Kind::list;
  if (type == "record") return law::Kind::record;
  if (type == "json") return law::Kind::null;
  return law::Kind::text;
}

class NoScope final : public law::Scope {
 public:
  Result<law::Value> name(std::string_view name) const override { return base::fail("no name here: " + std::string(name)); }
  Result<law::Value> call(std::string_view name, const std::vector<law::Value>&) const override {
    return base::fail("no function here: " + std::string(name));
  }
  const law::Calendar& calendar() const override {
    static const law::Calendar k_calendar;
    return k_calendar;
  }
};

}  // namespace

Result<base::Text> load_text(const Loading& at, const Node& node) {
  if (node.is_absent()) return base::Text{};
  if (node.is_scalar()) return base::Text{node.scalar, node.scalar};
  LG_CHECK(only(at, node, {"zh", "en"}));
  base::Text text{std::string(node.text("zh")), std::string(node.text("en"))};
  if (text.zh.empty() || text.en.empty()) return at.bad(node, "zh/en", "文本须有中英文", "a text needs zh and en");
  return text;
}

Result<std::vector<std::string>> load_names(const Loading& at, const Node& node) {
  std::vector<std::string> names;
  if (node.is_absent()) return names;
  if (node.is_scalar()) {
    names.push_back(node.scalar);
    return names;
  }
  if (!node.is_sequence()) return at.bad(node, "", "须为列表", "a list is expected");
  for (const auto& item : node.items) {
    if (!item.is_scalar()) return at.bad(item, "", "列表项须为文本", "list items must be text");
    names.push_back(item.scalar);
  }
  return names;
}

Result<Law> load_law(const Loading& at, const Node& node) {
  Law law;
  if (node.is_absent()) return law;
  LG_CHECK(only(at, node, {"rule", "article"}));
  law.rule = node.text("rule");
  LG_TRY(law.articles, load_names(at, node.at("article")));
  if (law.rule.empty()) return at.bad(node, "rule", "缺少规则编号", "a legal ground names its rule");
  return law;
}

Status only(const Loading& at, const Node& node, std::initializer_list<std::string_view> known) {
  if (node.is_absent()) return base::Done{};
  if (!node.is_mapping()) return at.bad(node, "", "须为映射", "a mapping is expected");
  for (const auto& [key, value] : node.members) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      std::string list;
      for (const auto word : known) list += (list.empty() ? "" : ", ") + std::string(word);
      return at.bad(value, key, "未知的键", "unknown key; known here: " + list);
    }
  }
  return base::Done{};
}

Result<law::Value> load_literal(const Loading& at, const Node& node) {
  if (!node.is_scalar()) return at.bad(node, "", "须为单值", "a single value is expected");
  if (node.quoted) return law::Value::text(node.scalar);
  if (const auto date = base::parse_date(node.scalar)) return law::Value::date(*date);
  const auto expression = Expression::compile(node.scalar, {});
  if (!expression)
    return at.bad(node, node.scalar, "无法读取的数值", "a value that does not read: " + base::explain(expression.trouble()));
  auto value = expression->evaluate(NoScope());
  if (!value) return at.bad(node, node.scalar, "无法读取的数值", base::explain(value.trouble()));
  return value;
}

law::Type type_of(const Field& field) {
  law::Type type = law::Type::of(kind_of(field.type));
  if (field.type == "list" && field.items) {
    type.element = std::make_shared<law::Type>(type_of(*field.items));
  } else if (field.type == "record") {
    auto members = std::make_shared<std::vector<std::pair<std::string, law::Type>>>();
    for (const auto& member : field.members) members->emplace_back(member.name, type_of(member));
    type.members = std::move(members);
  }
  return type;
}

law::Type type_of_record(const Institution& institution) {
  law::Type type = law::Type::of(law::Kind::record);
  auto members = std::make_shared<std::vector<std::pair<std::string, law::Type>>>();
  members->emplace_back("id", law::Type::of(law::Kind::text));
  members->emplace_back("state", law::Type::of(law::Kind::text));
  members->emplace_back("created", law::Type::of(law::Kind::date));
  for (const auto& region : institution.parallel) members->emplace_back("in_" + region.name, law::Type::of(law::Kind::text));
  for (const auto& field : institution.fields) members->emplace_back(field.name, field.value_type);
  type.members = std::move(members);
  return type;
}

law::Type type_of_any() {
  using law::Kind;
  using law::Type;
  auto texts = Type::of(Kind::list);
  texts.element = std::make_shared<Type>(Type::of(Kind::text));
  auto type = Type::of(Kind::record);
  type.members = std::make_shared<std::vector<std::pair<std::string, Type>>>(
      std::vector<std::pair<std::string, Type>>{{"id", Type::of(Kind::text)},
                                                {"institution", Type::of(Kind::text)},
                                                {"state", Type::of(Kind::text)},
                                                {"created", Type::of(Kind::date)},
                                                {"region", Type::of(Kind::text)},
                                                {"offices", texts},    // whose posts acted on it
                                                {"hands", texts},      // who acted on it
                                                {"parties", texts},    // whom its public fields name
                                                {"open_to", texts}});  // institutions that may attach to it now
  return type;
}

Result<Field> load_field(const Loading& at, std::string name, const Node& node) {
  LG_CHECK(only(at, node,
                {"title", "help", "type", "of", "table", "values", "properties", "items", "max", "min", "pattern", "private",
                 "locked", "subject", "disclose", "seen_by", "drawn", "public"}));
  if (!is_name(name)) return at.bad(node, name, "字段名须为小写字母、数字和下划线", "a field's name is [a-z][a-z0-9_]*");
  Field field;
  field.name = std::move(name);
  LG_TRY(field.title, load_text(at, node.at("title")));
  LG_TRY(field.help, load_text(at, node.at("help")));
  if (field.title.empty()) return at.bad(node, field.name, "字段缺少名称", "a field needs a title");
  field.type = node.text("type");
  if (std::find(std::begin(k_types), std::end(k_types), field.type) == std::end(k_types)) {
    return at.bad(node, field.name + ".type", "未知的字段类型", "unknown field type: " + field.type);
  }
  field.of = node.text("of");
  field.table = node.text("table");
  field.pattern = node.text("pattern");
  if (const auto digits = node.at("drawn").integer()) field.drawn = static_cast<int>(*digits);
  if (!node.at("drawn").is_absent() && (field.type != "text" || field.drawn < 16 || field.drawn > 128))
    return at.bad(node.at("drawn"), field.name, "drawn 只用于文本字段，16 至 128 位",
                  "drawn is for texts, 16 to 128 digits");
  field.is_private = node.at("private").is_true();
  field.locked = node.at("locked").is_true();
  field.published = node.at("public").is_true();
  if (field.published && (field.type != "file" || field.is_private))
    return at.bad(node, field.name, "public 只用于没有标明 private 的文件字段", "public is for files that are not private");
  field.subject = node.text("subject");
  for (const auto& [key, value] : node.at("values").members) {
    LG_TRY(auto title, load_text(at, value));
    field.values.push_back({key, std::move(title)});
  }
  for (const auto& [key, value] : node.at("properties").members) {
    LG_TRY(auto member, load_field(at, key, value));
    field.members.push_back(std::move(member));
  }
  if (!node.at("items").is_absent()) {
    LG_TRY(auto items, load_field(at, "item", node.at("items")));
    field.items = std::make_shared<Field>(std::move(items));
  }
  if (field.type == "ref" && field.of.empty())
    return at.bad(node, field.name, "引用缺少 of", "a ref names `of` which institution");
  if (field.type == "code" && field.table.empty() && field.values.empty()) {
    return at.bad(node, field.name, "代码字段缺少 values 或 table", "a code needs values or a table");
  }
  if (field.type == "list" && !field.items) return at.bad(node, field.name, "列表缺少 items", "a list needs items");
  if (field.type == "record" && field.members.empty())
    return at.bad(node, field.name, "记录缺少 properties", "a record needs properties");
  if (field.type == "list") field.max_length = 100;
  const bool counted = field.type == "text" || field.type == "list";
  for (const bool low : {true, false}) {
    const auto& bound = node.at(low ? "min" : "max");
    if (bound.is_absent()) continue;
    LG_TRY(auto value, load_literal(at, bound));
    if (counted && value.kind == law::Kind::integer) {
      (low ? field.min : field.max) = value.number;
      if (!low) field.max_length = value.number;
    } else if (value.kind == kind_of(field.type)) {
      (low ? field.min : field.max) = value.number;
    } else {
      return at.bad(bound, field.name, "界限的单位与字段不符", "the bound has another unit than the field");
    }
  }
  for (const auto& item : node.at("seen_by").items) {
    if (item.is_scalar()) {
      field.seen_by.push_back({item.scalar, {}, {}});
      continue;
    }
    LG_CHECK(only(at, item, {"role", "at", "when"}));
    field.seen_by.push_back({std::string(item.text("role")), std::string(item.text("at")), std::string(item.text("when"))});
  }
  if (!field.seen_by.empty() && !field.is_private)
    return at.bad(node, field.name, "seen_by 只用于不公开字段", "seen_by is for private fields");
  const auto& disclose = node.at("disclose");
  if (!disclose.is_absent()) {
    LG_CHECK(only(at, disclose, {"from", "for", "until"}));
    LG_TRY(field.disclose_from, load_names(at, disclose.at("from")));
    LG_TRY(field.disclose_until, load_names(at, disclose.at("until")));
    if (!disclose.at("for").is_absent()) {
      LG_TRY(auto term, load_literal(at, disclose.at("for")));
      if (term.kind != law::Kind::days) return at.bad(disclose, "for", "须为天数", "a number of days is expected: 365日");
      field.disclose_days = static_cast<int>(term.number);
    }
  }
  field.value_type = type_of(field);
  return field;
}

}  // namespace landglass::institution
