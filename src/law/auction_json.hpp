#pragma once
// Reads a JSON object member by member, remembers the first thing that is wrong, and at the end refuses what was never asked
// for. A rule sheet has no optional members: what does not apply is null, so that one sheet has one form and one hash.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/units.hpp"

namespace landglass::law {

inline constexpr std::int64_t k_longest_ms = std::int64_t{10} * 366 * base::k_day;  // no span of a sheet is longer

inline base::Json time_or_null(const std::optional<base::Time>& time) {
  return time ? base::Json(base::format_utc(*time)) : base::Json();
}

class SheetReader {
 public:
  SheetReader(const base::Json& json, std::string where) : json_(json), where_(std::move(where)) {
    if (!json.is_object()) wrong("", "应为对象", "an object is wanted");
  }

  const base::Json& take(std::string_view name) {
    ++taken_;
    const base::Json* found = json_.is_object() ? json_.as_object().find(name) : nullptr;
    if (found) return *found;
    wrong(name, "缺少此项", "the member is missing");
    static const base::Json absent;
    return absent;
  }
  bool boolean(std::string_view name) {
    const bool* value = take(name).if_bool();
    if (!value) wrong(name, "应为 true 或 false", "true or false is wanted");
    return value && *value;
  }
  std::int64_t integer(std::string_view name, std::int64_t least, std::int64_t most) {
    const std::int64_t* value = take(name).if_int();
    if (!value || *value < least || *value > most) {
      wrong(name, "应为 " + std::to_string(least) + " 至 " + std::to_string(most) + " 的整数",
            "an integer from " + std::to_string(least) + " to " + std::to_string(most) + " is wanted");
      return least;
    }
    return *value;
  }
  std::int64_t span(std::string_view name, std::int64_t least = 0) { return integer(name, least, k_longest_ms); }
  std::string text(std::string_view name) {
    const std::string* value = take(name).if_string();
    if (!value || value->empty()) wrong(name, "应为非空文本", "a text is wanted");
    return value ? *value : std::string();
  }
  base::Money money(std::string_view name, std::int64_t least_fen = 0) {
    const std::string* value = take(name).if_string();
    const auto parsed = value ? base::parse_money(*value) : std::nullopt;
    if (!parsed || parsed->fen < least_fen || base::money_text(*parsed) != *value) {
      wrong(name, "应为两位小数的金额文本", "an amount with two decimals is wanted");
      return {};
    }
    return *parsed;
  }
  base::Time time(std::string_view name) {
    const std::string* value = take(name).if_string();
    const auto parsed = value ? base::parse_time(*value) : std::nullopt;
    if (!parsed || base::format_utc(*parsed) != *value) {
      wrong(name, "应为 UTC 时刻", "an instant in UTC with milliseconds is wanted");
      return {};
    }
    return *parsed;
  }
  base::Hash hash(std::string_view name) {
    base::Hash hash{};
    const std::string* value = take(name).if_string();
    const auto bytes = value ? base::from_hex(*value) : std::nullopt;
    if (!bytes || bytes->size() != hash.size())
      wrong(name, "应为 64 位小写十六进制数", "64 lower-case hex digits are wanted");
    else
      std::copy(bytes->begin(), bytes->end(), hash.begin());
    return hash;
  }
  base::Ratio ratio(std::string_view name) {
    const std::string* value = take(name).if_string();
    const auto parsed = value ? base::parse_ratio(*value) : std::nullopt;
    if (!parsed || parsed->num < 0 || parsed->num > parsed->den || parsed->den > 1'000'000 ||
        base::ratio_text(*parsed) != *value) {
      wrong(name, "应为 0 至 1 的比例", "a ratio from 0 to 1 is wanted");
      return {0, 1};
    }
    return *parsed;
  }
  // True where the member stands and is not null; then the caller reads it.
  bool present(std::string_view name) {
    const base::Json* found = json_.is_object() ? json_.as_object().find(name) : nullptr;
    if (found && !found->is_null()) return true;
    take(name);
    return false;
  }
  // Index of the member's text among the names of an enumeration.
  template <class Names>
  std::size_t one_of(std::string_view name, const Names& names) {
    const std::string* value = take(name).if_string();
    std::string list;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (value && *value == names[i]) return i;
      list += (i ? " | " : "") + std::string(names[i]);
    }
    wrong(name, "应为 " + list, "one of " + list + " is wanted");
    return 0;
  }

  void wrong(std::string_view name, std::string zh, std::string en) {
    if (!first_) first_ = base::refuse("AU-01", "规则表有误：" + std::move(zh), "rule sheet: " + std::move(en), path(name));
  }
  void wrong(const base::Trouble& trouble) {
    if (!first_ && std::holds_alternative<base::Refusal>(trouble)) first_ = std::get<base::Refusal>(trouble);
  }
  std::string path(std::string_view name) const {
    return name.empty() || where_.empty() ? where_ + std::string(name) : where_ + "." + std::string(name);
  }
  base::Status end() {
    if (!first_ && json_.as_object().size() != taken_)
      wrong("", "有未知的项", "it has a member that the format does not know");
    if (first_) return *first_;
    return base::Done{};
  }

 private:
  const base::Json& json_;
  std::string where_;
  std::size_t taken_ = 0;
  std::optional<base::Refusal> first_;
};

}  // namespace landglass::law
