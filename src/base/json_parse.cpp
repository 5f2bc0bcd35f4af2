// The one unit that knows the JSON library: its push parser feeds our values, so that duplicate keys, which its own DOM
// would silently drop, are refused.
#include <utf8proc.h>

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/json.hpp"
#include "base/number.hpp"

namespace landglass::base {
namespace {

constexpr std::size_t k_depth = 64;

struct Handler {
  using error_code = boost::json::error_code;
  using string_view = boost::json::string_view;
  static constexpr std::size_t max_object_size = 100'000;
  static constexpr std::size_t max_array_size = 1'000'000;
  static constexpr std::size_t max_key_size = 1'024;
  static constexpr std::size_t max_string_size = 16 * 1024 * 1024;

  Profile profile = Profile::leaf;
  std::vector<Json> stack;
  std::vector<std::string> keys;
  std::string text;
  Json result;
  std::optional<Refusal> refusal;

  bool stop(error_code& ec, const char* code, const char* zh, const char* en) {
    refusal = refuse(code, zh, en);
    ec = boost::json::error::syntax;
    return false;
  }
  bool put(Json value, error_code& ec) {
    if (stack.empty()) {
      result = std::move(value);
      return true;
    }
    if (stack.back().is_array()) {
      stack.back().as_array().push_back(std::move(value));
      return true;
    }
    auto key = std::move(keys.back());
    keys.pop_back();
    if (!stack.back().as_object().insert(std::move(key), std::move(value))) {
      return stop(ec, "JSON-02", "JSON 中有重复的键", "duplicate key in JSON");
    }
    return true;
  }
  bool text_ok(error_code& ec) {
    if (profile == Profile::leaf && !is_nfc(text)) return stop(ec, "JSON-04", "文本不是 NFC 形式", "text is not in NFC");
    return true;
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) {
    stack.emplace_back(JsonObject());
    return true;
  }
  bool on_object_end(std::size_t, error_code& ec) {
    Json value = std::move(stack.back());
    stack.pop_back();
    return put(std::move(value), ec);
  }
  bool on_array_begin(error_code&) {
    stack.emplace_back(JsonArray());
    return true;
  }
  bool on_array_end(std::size_t, error_code& ec) {
    Json value = std::move(stack.back());
    stack.pop_back();
    return put(std::move(value), ec);
  }
  bool on_key_part(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_key(string_view part, std::size_t, error_code& ec) {
    text.append(part.data(), part.size());
    if (!text_ok(ec)) return false;
    keys.push_back(std::exchange(text, {}));
    return true;
  }
  bool on_string_part(string_view part, std::size_t, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool on_string(string_view part, std::size_t, error_code& ec) {
    text.append(part.data(), part.size());
    if (!text_ok(ec)) return false;
    return put(std::exchange(text, {}), ec);
  }
  bool on_number_part(string_view part, error_code&) {
    text.append(part.data(), part.size());
    return true;
  }
  bool integer(std::int64_t value, error_code& ec) {
    if (value > k_safe_integer || value < -k_safe_integer) {
      if (profile == Profile::leaf) return stop(ec, "JSON-03", "整数超出 2^53", "integer past 2^53");
      return put(static_cast<double>(value), ec);
    }
    return put(value, ec);
  }
  bool on_int64(std::int64_t value, string_view, error_code& ec) {
    text.clear();
    return integer(value, ec);
  }
  bool on_uint64(std::uint64_t value, string_view, error_code& ec) {
    text.clear();
    if (value > static_cast<std::uint64_t>(k_safe_integer)) {
      if (profile == Profile::leaf) return stop(ec, "JSON-03", "整数超出 2^53", "integer past 2^53");
      return put(static_cast<double>(value), ec);
    }
    return put(static_cast<std::int64_t>(value), ec);
  }
  // The library's own double is off by a few units in the last place (Boost 1.81), so the digits are read again, exactly.
  bool on_double(double value, string_view part, error_code& ec) {
    text.append(part.data(), part.size());
    const auto digits = std::exchange(text, {});
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec == std::errc::result_out_of_range)
      value = std::abs(value) < 1 ? 0.0 : std::numeric_limits<double>::infinity();
    if (profile == Profile::leaf) return stop(ec, "JSON-03", "此处不允许小数", "no fractions here: use a string");
    if (!std::isfinite(value)) return stop(ec, "JSON-03", "数字过大", "number too large");
    if (value == std::trunc(value) && std::abs(value) <= static_cast<double>(k_safe_integer)) {
      return put(static_cast<std::int64_t>(value), ec);
    }
    return put(value, ec);
  }
  bool on_bool(bool value, error_code& ec) { return put(value, ec); }
  bool on_null(error_code& ec) { return put(nullptr, ec); }
  bool on_comment_part(string_view, error_code&) { return true; }
  bool on_comment(string_view, error_code&) { return true; }
};

}  // namespace

Result<Json> parse_json(std::string_view text, Profile profile) {
  boost::json::parse_options options;
  options.max_depth = k_depth;
  boost::json::basic_parser<Handler> parser(options);
  parser.handler().profile = profile;
  boost::json::error_code ec;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), ec);
  auto& handler = parser.handler();
  if (!ec && used < text.size()) ec = boost::json::error::extra_data;
  if (ec) {
    auto refusal = handler.refusal.value_or(ec == boost::json::error::too_deep
                                                ? refuse("JSON-05", "JSON 嵌套过深", "JSON nested too deep")
                                                : refuse("JSON-01", "不是合法的 JSON", "not JSON: " + ec.message()));
    refusal.where = "byte " + std::to_string(used);
    return refusal;
  }
  return std::move(handler.result);
}

// Punctuation and symbols, Han, full-width forms: no canonical decomposition, no combining mark, no part of a composition.
static bool never_changed(unsigned point) {
  return (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0x2010 && point <= 0x2027) ||
         (point >= 0x3001 && point <= 0x3029) || (point >= 0x3030 && point <= 0x303D) ||
         (point >= 0x3200 && point <= 0x33FF) || (point >= 0xFF01 && point <= 0xFF5E);
}

bool is_nfc(std::string_view utf8) {
  std::uint64_t any = 0;
  std::size_t looked = 0;
  for (std::uint64_t eight = 0; utf8.size() - looked >= 8; looked += 8) {
    std::memcpy(&eight, utf8.data() + looked, sizeof eight);
    any |= eight;
  }
  for (; looked < utf8.size(); ++looked) any |= static_cast<unsigned char>(utf8[looked]);
  if ((any & 0x8080808080808080) == 0) return true;
  // Characters that NFC never changes, alone or beside each other: most Chinese text is made of these alone, and the full
  // check costs a hundred times as much.
  bool plain = true;
  for (std::size_t i = 0; i < utf8.size() && plain;) {
    const auto byte = [&](std::size_t k) { return i + k < utf8.size() ? static_cast<unsigned char>(utf8[i + k]) : 0U; };
    if (byte(0) < 0x80) {
      ++i;
    } else if (byte(0) == 0xC2) {
      plain = byte(1) >= 0xA0 && byte(1) <= 0xBF;
      i += 2;
    } else {
      const unsigned point = (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
      plain = (byte(0) & 0xF0) == 0xE0 && (byte(1) & 0xC0) == 0x80 && (byte(2) & 0xC0) == 0x80 && never_changed(point);
      i += 3;
    }
  }
  if (plain) return true;
  utf8proc_uint8_t* out = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()), &out,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (size < 0) return false;
  const bool same = std::string_view(reinterpret_cast<char*>(out), static_cast<std::size_t>(size)) == utf8;
  std::free(out);
  return same;
}

std::string to_nfc(std::string_view utf8) {
  utf8proc_uint8_t* out = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()), static_cast<utf8proc_ssize_t>(utf8.size()), &out,
                   static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  LG_ASSERT(size >= 0, "to_nfc of text that is not UTF-8");
  std::string text(reinterpret_cast<char*>(out), static_cast<std::size_t>(size));
  std::free(out);
  return text;
}

}  // namespace landglass::base
