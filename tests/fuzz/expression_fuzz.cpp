// Expressions of a pack: compiling and evaluating any bytes ends, and keeps what the check of types promised.
// Links: law
#include <cstdint>
#include <string_view>

#include "law/expression_tree.hpp"
#include "law/quantity.hpp"

using namespace landglass;
using law::Kind;
using law::Type;
using law::Value;

namespace {

struct Field {
  std::string name;
  Type type;
  Value value;
};

const std::vector<Field>& fields() {
  static const std::vector<Field> all = [] {
    const auto bidder = Type::record({{"share", Type::of(Kind::ratio)}, {"price", Type::of(Kind::money)}});
    const auto one = Value::record({{"share", Value::ratio({3, 5})}, {"price", Value::money({12'345})}});
    const auto none = Value::record({{"share", Value::null()}});
    return std::vector<Field>{
        {"a", Type::of(Kind::integer), Value::integer(INT64_MAX)},
        {"b", Type::of(Kind::integer), Value::integer(INT64_MIN)},
        {"m", Type::of(Kind::money), Value::money({180'000'000})},
        {"r", Type::of(Kind::ratio), Value::ratio({INT64_MAX, INT64_MAX - 1})},
        {"t", Type::of(Kind::text), Value::text("国有")},
        {"d", Type::of(Kind::date), Value::date({15'000})},
        {"w", Type::of(Kind::time), Value::time({1'327'000'000'123})},
        {"y", Type::of(Kind::days), Value::days(-3, law::DayKind::working)},
        {"l", Type::list(bidder), Value::list(law::List(90, one))},
        {"k", Type::list(Type::of(Kind::integer)), Value::list({Value::integer(1), Value::null(), Value::integer(-1)})},
        {"o", Type::of(Kind::record), Value::record({{"x", Value::integer(1)}, {"in_y", none}})},
        {"n", bidder, Value::null()},
        {"u", Type{}, Value::text("any")},
    };
  }();
  return all;
}

class Given final : public law::Scope {
 public:
  base::Result<Value> name(std::string_view name) const override {
    for (const auto& field : fields()) {
      if (field.name == name) return field.value;
    }
    return base::fail("a name that was never declared");
  }
  base::Result<Value> call(std::string_view, const std::vector<Value>& arguments) const override { return arguments.at(0); }
  const law::Calendar& calendar() const override { return calendar_; }

 private:
  law::Calendar calendar_;
};

const law::Schema& schema() {
  static const law::Schema made = [] {
    law::Schema all;
    for (const auto& field : fields()) all.names.emplace_back(field.name, field.type);
    all.functions = {{"government", {Type::of(Kind::text)}, Type::of(Kind::text)}};
    return all;
  }();
  return made;
}

class Plain final : public law::Words {
 public:
  base::Text name(std::string_view) const override { return {}; }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto quantity = law::parse_quantity(text)) {
    const auto again = law::from_json(law::to_json(*quantity), law::Type::of(quantity->kind));
    LG_ASSERT(again && *again == *quantity, "a quantity reads back from its JSON");
  }
  const auto expression = law::Expression::compile(text, schema());
  if (!expression) {
    LG_ASSERT(expression.refused() && expression.refusal().where.starts_with("column "), "a refusal says where");
    return 0;
  }
  const Given given;
  const auto value = expression->evaluate(given);
  LG_ASSERT(!value.failed(), "an expression asks only for what was declared");
  if (value) {
    LG_ASSERT(law::fits(*value, expression->type()), "a value is of the type that was promised");
    (void)law::show(*value);
    (void)law::to_json(*value);
  }
  const auto status = expression->require(given, Plain());
  LG_ASSERT(bool(status) == (value && value->is_true()), "require agrees with evaluate");
  return 0;
}
