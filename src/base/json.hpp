#pragma once
// JSON as the log knows it: RFC 8785 (JCS) out, strict RFC 8259 in. Parsing refuses duplicate keys, broken UTF-8, lone
// surrogates, text that is not NFC where asked, and depth past 64. Leaves use `Profile::leaf`: integers with |n| < 2^53
// only.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace landglass::base {

class Json;
using JsonArray = std::vector<Json>;

// Members sorted by the UTF-16 code units of their names (JCS order), so that writing is a walk and finding a search.
class JsonObject {
 public:
  using Member = std::pair<std::string, Json>;
  JsonObject() = default;
  JsonObject(std::initializer_list<Member> members);

  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  const Json& at(std::string_view name) const;         // null where there is none
  std::string_view text(std::string_view name) const;  // at(name) as text, or empty
  Json& operator[](std::string_view name);             // inserts null when absent
  bool insert(std::string name, Json value);           // false when the name stands already
  bool erase(std::string_view name);
  void reserve(std::size_t count);
  std::size_t size() const;
  bool empty() const;
  std::vector<Member>::const_iterator begin() const;
  std::vector<Member>::const_iterator end() const;
  std::vector<Member>::iterator begin();
  std::vector<Member>::iterator end();
  bool operator==(const JsonObject& other) const;

 private:
  std::vector<Member> members_;
};

class Json {
 public:
  Json() = default;
  Json(std::nullptr_t) {}
  Json(bool value) : value_(value) {}
  Json(int value) : value_(std::int64_t{value}) {}
  Json(std::int64_t value) : value_(value) {}
  Json(std::uint64_t value);  // above 2^63-1 is a bug
  Json(double value) : value_(value) {}
  Json(const char* text) : value_(std::string(text)) {}
  Json(std::string_view text) : value_(std::string(text)) {}
  Json(std::string text) : value_(std::move(text)) {}
  Json(JsonArray array) : value_(std::move(array)) {}
  Json(JsonObject object) : value_(std::move(object)) {}

  bool is_null() const { return value_.index() == 0; }
  bool is_bool() const { return value_.index() == 1; }
  bool is_int() const { return value_.index() == 2; }
  bool is_double() const { return value_.index() == 3; }
  bool is_string() const { return value_.index() == 4; }
  bool is_array() const { return value_.index() == 5; }
  bool is_object() const { return value_.index() == 6; }

  // Asking for another kind than what is held is a bug; use the `if_` forms on outside input.
  bool as_bool() const { return std::get<bool>(value_); }
  std::int64_t as_int() const { return std::get<std::int64_t>(value_); }
  double as_double() const { return std::get<double>(value_); }
  const std::string& as_string() const { return std::get<std::string>(value_); }
  const JsonArray& as_array() const { return std::get<JsonArray>(value_); }
  const JsonObject& as_object() const { return std::get<JsonObject>(value_); }
  JsonArray& as_array() { return std::get<JsonArray>(value_); }
  JsonObject& as_object() { return std::get<JsonObject>(value_); }

  const std::string* if_string() const { return std::get_if<std::string>(&value_); }
  const std::int64_t* if_int() const { return std::get_if<std::int64_t>(&value_); }
  const bool* if_bool() const { return std::get_if<bool>(&value_); }
  const JsonArray* if_array() const { return std::get_if<JsonArray>(&value_); }
  const JsonObject* if_object() const { return std::get_if<JsonObject>(&value_); }

  // Member of an object, or null where this is no object or has no such member.
  const Json& at(std::string_view name) const;
  // at(name) as text, or empty.
  std::string_view text(std::string_view name) const;

  bool operator==(const Json&) const = default;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, JsonArray, JsonObject> value_;
};

// Here and not in the class: a member is complete only now, and clang 14 wants it to be.
inline void JsonObject::reserve(std::size_t count) { members_.reserve(count); }
inline std::size_t JsonObject::size() const { return members_.size(); }
inline bool JsonObject::empty() const { return members_.empty(); }
inline std::vector<JsonObject::Member>::const_iterator JsonObject::begin() const { return members_.begin(); }
inline std::vector<JsonObject::Member>::const_iterator JsonObject::end() const { return members_.end(); }
inline std::vector<JsonObject::Member>::iterator JsonObject::begin() { return members_.begin(); }
inline std::vector<JsonObject::Member>::iterator JsonObject::end() { return members_.end(); }

enum class Profile {
  any,   // every JSON value; numbers without fraction and within 2^53 become integers, others doubles
  leaf,  // integers with |n| < 2^53 only, every text NFC: what a leaf or a command may hold
};

// Refusals: JSON-01 not JSON, JSON-02 duplicate key, JSON-03 number outside the profile, JSON-04 text not NFC,
// JSON-05 too deep. `where` is a byte offset.
Result<Json> parse_json(std::string_view text, Profile profile = Profile::leaf);

std::string canonical(const Json& value);  // RFC 8785 bytes
void append_canonical(std::string& out, const Json& value);
void append_json_string(std::string& out, std::string_view text);  // quoted and escaped as JCS does

bool is_nfc(std::string_view utf8);         // false too for text that is not UTF-8
std::string to_nfc(std::string_view utf8);  // of valid UTF-8

}  // namespace landglass::base
