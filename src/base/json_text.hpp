#pragma once
// Writes one JSON object in canonical form (RFC 8785) without making it first: what is written with every batch of bids
// would spend most of its time on values that are thrown away at once. Members come in JCS order of their names; the names
// are the program's own and need no escape. What it writes is what canonical() writes of the same object: the tests of its
// users say so.

#include <charconv>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/time.hpp"

namespace landglass::base {

class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
  // Where the member's value is to be written next: by append_canonical, or another ObjectText.
  std::string& member(std::string_view name) {
    LG_ASSERT(last_.empty() || last_ < name, "members are written in the order of their names");
    last_ = name;
    out_ += first_ ? "\"" : ",\"";
    first_ = false;
    out_ += name;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view name, std::string_view value) { append_json_string(member(name), value); }
  void integer(std::string_view name, std::int64_t value) { append_integer(member(name), value); }
  void integer(std::string_view name, std::uint64_t value) {
    append_integer(member(name), static_cast<std::int64_t>(value));
  }
  void truth(std::string_view name, bool value) { member(name) += value ? "true" : "false"; }
  void null(std::string_view name) { member(name) += "null"; }
  void time(std::string_view name, Time value) { append_time(member(name), value); }
  void value(std::string_view name, const Json& value) { append_canonical(member(name), value); }
  void object(std::string_view name, const JsonObject& value) { append_object(member(name), value); }
  void end() { out_ += '}'; }

  static void append_object(std::string& out, const JsonObject& object) {
    char before = '{';
    for (const auto& [name, value] : object) {
      out += before;
      before = ',';
      append_json_string(out, name);
      out += ':';
      append_canonical(out, value);
    }
    out += object.empty() ? "{}" : "}";
  }

  static void append_integer(std::string& out, std::int64_t value) {
    LG_ASSERT(value < (std::int64_t{1} << 53) && value > -(std::int64_t{1} << 53), "an integer past 2^53");
    char buffer[24];
    out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }
  static void append_time(std::string& out, Time value) {
    out += '"';
    out += format_utc(value);
    out += '"';
  }

 private:
  std::string& out_;
  std::string_view last_;  // of a literal, so it stays
  bool first_ = true;
};

// The same of an array: next() before each value.
class ArrayText {
 public:
  explicit ArrayText(std::string& out) : out_(out) { out_ += '['; }
  std::string& next() {
    if (!first_) out_ += ',';
    first_ = false;
    return out_;
  }
  void end() { out_ += ']'; }

 private:
  std::string& out_;
  bool first_ = true;
};

// The value of what these wrote, or canonical(): that it does not read is a bug.
inline Json read_own(std::string_view text) {
  auto value = parse_json(text, Profile::any);
  LG_ASSERT(value, "JSON that was written here does not read");
  return *std::move(value);
}

}  // namespace landglass::base
