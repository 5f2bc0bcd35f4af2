// The golden vectors of docs/formats/expression.md, read out of the document.

#include <gtest/gtest.h>

#include "law/auction_test_vectors.hpp"
#include "law/expression.hpp"

namespace landglass::law {
namespace {

using base::Json;

Json expression_vectors(std::string_view name) { return test::vectors(LG_SOURCE_DIR, "expression", name); }

base::Date date_in(const Json& text) { return base::parse_date(text.as_string()).value(); }

const Calendar& calendar() {
  static const Calendar made = [] {
    const auto json = expression_vectors("calendar");
    std::vector<Calendar::Day> days;
    for (const auto& date : json.at("off").as_array()) days.push_back({date_in(date), true});
    for (const auto& date : json.at("work").as_array()) days.push_back({date_in(date), false});
    std::vector<int> years;
    for (const auto& year : json.at("years").as_array()) years.push_back(static_cast<int>(year.as_int()));
    return Calendar(std::move(days), std::move(years));
  }();
  return made;
}

Kind kind_named(std::string_view name) {
  static const std::map<std::string_view, Kind> kinds = {
      {"null", Kind::null},    {"any", Kind::null},  {"boolean", Kind::boolean}, {"integer", Kind::integer},
      {"money", Kind::money},  {"area", Kind::area}, {"ratio", Kind::ratio},     {"date", Kind::date},
      {"time", Kind::time},    {"days", Kind::days}, {"text", Kind::text},       {"list", Kind::list},
      {"record", Kind::record}};
  return kinds.at(name);
}

Type type_from(const Json& json) {
  if (const auto* element = json.if_array()) return Type::list(type_from(element->at(0)));
  if (const auto* members = json.if_object()) {
    if (members->empty()) return Type::of(Kind::record);
    std::vector<std::pair<std::string, Type>> types;
    for (const auto& [name, type] : *members) types.emplace_back(name, type_from(type));
    return Type::record(std::move(types));
  }
  if (json.as_string() == "working_days") return Type::days(DayKind::working);
  if (json.as_string() == "calendar_days") return Type::days(DayKind::calendar);
  return Type::of(kind_named(json.as_string()));
}

class Names final : public Scope {
 public:
  explicit Names(const Json& names) {
    if (!names.is_object()) return;
    for (const auto& [name, one] : names.as_object()) {
      const auto type = type_from(one.at("type"));
      auto value = from_json(one.at("value"), type);
      EXPECT_TRUE(value) << name;
      schema_.names.emplace_back(name, type);
      values_.emplace(name, value ? *value : Value::null());
    }
  }
  const Schema& schema() const { return schema_; }
  base::Result<Value> name(std::string_view name) const override { return values_.at(std::string(name)); }
  base::Result<Value> call(std::string_view name, const std::vector<Value>&) const override {
    return base::fail(std::string(name));
  }
  const Calendar& calendar() const override { return law::calendar(); }

 private:
  Schema schema_;
  std::map<std::string, Value> values_;
};

void expect_refusal(const Json& vector, const base::Trouble& trouble) {
  ASSERT_EQ(trouble.index(), 0u);
  const auto& refusal = std::get<base::Refusal>(trouble);
  EXPECT_EQ(refusal.code, vector.text("refusal")) << base::explain(trouble);
  EXPECT_EQ(refusal.where, vector.text("where")) << base::explain(trouble);
  EXPECT_FALSE(refusal.say.zh.empty() || refusal.say.en.empty());
}

// `labels` of a vector: of a path its zh name, or {zh, en, unit, values}.
class VectorWords final : public law::Words {
 public:
  explicit VectorWords(const Json& labels) : labels_(labels) {}
  base::Text name(std::string_view path) const override {
    const auto& one = labels_.at(path);
    if (one.is_string()) return {one.as_string(), std::string(path)};
    return one.is_object() ? text_of(one) : base::Text{};
  }
  base::Text value(std::string_view path, const law::Value& value) const override {
    const auto& one = labels_.at(path);
    if (!one.is_object()) return {};
    if (value.kind == law::Kind::text && one.at("values").at(value.text_value).is_object())
      return text_of(one.at("values").at(value.text_value));
    if (value.kind != law::Kind::integer || !one.at("unit").is_object()) return {};
    const auto count = law::show(value), unit = text_of(one.at("unit"));
    return {count.zh + " " + unit.zh, count.en + " " + unit.en};
  }

 private:
  static base::Text text_of(const Json& json) { return {std::string(json.text("zh")), std::string(json.text("en"))}; }
  const Json& labels_;
};

void expect_why(const Json& vector, const Expression& expression, const Scope& scope) {
  const auto status = expression.require(scope, VectorWords(vector.at("labels")));
  ASSERT_TRUE(status.refused());
  EXPECT_EQ(status.refusal().code, "LAW-00");
  EXPECT_EQ(status.refusal().say.zh, vector.at("why").text("zh"));
  EXPECT_EQ(status.refusal().say.en, vector.at("why").text("en"));
  EXPECT_EQ(status.refusal().detail, status.refusal().say);
}

}  // namespace

TEST(ExpressionVectors, EveryVectorOfTheDocumentComesOutAsItSays) {
  const auto all = expression_vectors("vectors");
  EXPECT_GE(all.as_array().size(), 80u);
  for (const auto& vector : all.as_array()) {
    SCOPED_TRACE(base::canonical(vector));
    const Names names(vector.at("names"));
    const auto expression = Expression::compile(vector.text("source"), names.schema());
    if (!expression) {
      expect_refusal(vector, expression.trouble());
      continue;
    }
    if (vector.at("why").is_object()) {
      expect_why(vector, *expression, names);
      continue;
    }
    const auto value = expression->evaluate(names);
    if (!value) {
      expect_refusal(vector, value.trouble());
      continue;
    }
    EXPECT_EQ(base::canonical(to_json(*value)), base::canonical(vector.at("result")));
    ASSERT_FALSE(vector.text("type").empty()) << "came out as " << base::canonical(to_json(*value));
    EXPECT_EQ(value->kind, kind_named(vector.text("type")));
  }
}
TEST(CalendarVectors, TermsEndOnTheDaysOfTheDocument) {
  const auto terms = expression_vectors("terms");
  for (const auto& term : terms.as_array()) {
    const auto kind = term.text("kind") == "working" ? DayKind::working : DayKind::calendar;
    const auto last =
        calendar().last_day(date_in(term.at("from")), term.at("count").as_int(), kind, term.at("move").is_bool());
    EXPECT_EQ(base::format_date(last), term.text("last")) << base::canonical(term);
  }
}
TEST(CalendarVectors, WorkingDaysBetweenAreThoseOfTheDocument) {
  const auto spans = expression_vectors("between");
  for (const auto& one : spans.as_array()) {
    EXPECT_EQ(calendar().working_days_between(date_in(one.at("from")), date_in(one.at("to"))), one.at("working").as_int())
        << base::canonical(one);
  }
}

}  // namespace landglass::law
