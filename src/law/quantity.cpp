#include "law/quantity.hpp"
#include "base/number.hpp"

#include <array>
#include <optional>
#include <tuple>

namespace landglass::law {
namespace {

struct Unit {
  std::string_view word;
  Kind kind;
  DayKind day_kind;
  std::int64_t times;  // fen, 0.01 ㎡ or days in one unit, divided by `over`
  std::int64_t over;
};

// No word is the beginning of another, so the order does not matter.
constexpr std::array k_units = {
    Unit{"元", Kind::money, DayKind::calendar, 100, 1},
    Unit{"万元", Kind::money, DayKind::calendar, 1'000'000, 1},
    Unit{"亿元", Kind::money, DayKind::calendar, 10'000'000'000, 1},
    Unit{"yuan", Kind::money, DayKind::calendar, 100, 1},
    Unit{"㎡", Kind::area, DayKind::calendar, 100, 1},
    Unit{"平方米", Kind::area, DayKind::calendar, 100, 1},
    Unit{"m2", Kind::area, DayKind::calendar, 100, 1},
    Unit{"亩", Kind::area, DayKind::calendar, 1'000'000, 15},
    Unit{"mu", Kind::area, DayKind::calendar, 1'000'000, 15},
    Unit{"公顷", Kind::area, DayKind::calendar, 1'000'000, 1},
    Unit{"ha", Kind::area, DayKind::calendar, 1'000'000, 1},
    Unit{"平方公里", Kind::area, DayKind::calendar, 100'000'000, 1},
    Unit{"km2", Kind::area, DayKind::calendar, 100'000'000, 1},
    Unit{"日", Kind::days, DayKind::calendar, 1, 1},
    Unit{"days", Kind::days, DayKind::calendar, 1, 1},
    Unit{"工作日", Kind::days, DayKind::working, 1, 1},
    Unit{"working_days", Kind::days, DayKind::working, 1, 1},
};

bool is_word(char c) { return base::is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct Decimal {
  std::int64_t digits = 0;
  std::int64_t power = 1;  // the number is digits / power
  bool point = false;
  std::size_t bytes = 0;
};

std::optional<Decimal> read_decimal(std::string_view text) {
  Decimal read;
  int count = 0;
  int decimals = 0;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !read.point && at > 0 && at + 1 < text.size() && base::is_digit(text[at + 1])) {
      read.point = true;
      continue;
    }
    if (!base::is_digit(c)) break;
    if (++count > 18 || (read.point && ++decimals > 9)) return std::nullopt;
    read.digits = read.digits * 10 + (c - '0');
    if (read.point) read.power *= 10;
  }
  const bool leading_zero = text.size() > 1 && text[0] == '0' && base::is_digit(text[1]);
  if (count == 0 || leading_zero) return std::nullopt;
  read.bytes = at;
  return read;
}

const Unit* unit_at(std::string_view text) {
  for (const auto& unit : k_units) {
    if (!text.starts_with(unit.word)) continue;
    const bool ascii = static_cast<unsigned char>(unit.word[0]) < 0x80;
    if (ascii && text.size() > unit.word.size() && is_word(text[unit.word.size()])) continue;
    return &unit;
  }
  return nullptr;
}

// digits / power × times / over as whole units of the kind; nullopt where that is not exact (over > 1 rounds) or too large.
std::optional<std::int64_t> amount(const Decimal& number, const Unit& unit) {
  const auto factor = base::make_ratio(unit.times, number.power);
  if (!factor) return std::nullopt;
  if (unit.over > 1) {
    const auto under = base::multiply(factor->den, unit.over);
    return under ? base::scale(number.digits, {factor->num, *under}) : std::nullopt;
  }
  if (number.digits % factor->den != 0) return std::nullopt;
  return base::multiply(number.digits / factor->den, factor->num);
}

Value of_unit(const Unit& unit, std::int64_t amount) {
  switch (unit.kind) {
    case Kind::money: return Value::money({amount});
    case Kind::area: return Value::area({amount});
    default: return Value::days(amount, unit.day_kind);
  }
}

base::Refusal inexact(std::string_view text) {
  const std::string shown(text.substr(0, 40));
  return base::refuse("LAW-01", "数值无法精确表示：" + shown, "a number that cannot be held exactly: " + shown);
}

}  // namespace

base::Result<Quantity> read_quantity(std::string_view text) {
  const auto number = read_decimal(text);
  if (!number) return inexact(text);
  const auto rest = text.substr(number->bytes);
  for (const auto& [sign, bytes, parts] : {std::tuple{"%", 1, 100}, std::tuple{"‰", 3, 1000}}) {
    if (!rest.starts_with(sign)) continue;
    const auto ratio = base::make_ratio(number->digits, number->power * parts);
    if (!ratio) return inexact(text);
    return Quantity{Value::ratio(*ratio), number->bytes + static_cast<std::size_t>(bytes)};
  }
  std::size_t spaces = 0;
  while (spaces < rest.size() && rest[spaces] == ' ') ++spaces;
  if (const auto* unit = unit_at(rest.substr(spaces))) {
    const auto whole = amount(*number, *unit);
    if (!whole) return inexact(text.substr(0, number->bytes + spaces + unit->word.size()));
    return Quantity{of_unit(*unit, *whole), number->bytes + spaces + unit->word.size()};
  }
  if (!number->point) return Quantity{Value::integer(number->digits), number->bytes};
  const auto ratio = base::make_ratio(number->digits, number->power);
  if (!ratio) return inexact(text);
  return Quantity{Value::ratio(*ratio), number->bytes};
}

base::Result<Value> parse_quantity(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  LG_TRY(auto read, read_quantity(text));
  if (read.bytes != text.size()) {
    const std::string rest(text.substr(read.bytes, 40));
    return base::refuse("LAW-01", "数值之后有多余内容：" + rest, "something follows the number: " + rest);
  }
  if (negative) read.value.number = -read.value.number;
  return std::move(read.value);
}

}  // namespace landglass::law
