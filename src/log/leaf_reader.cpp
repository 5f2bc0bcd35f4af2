#include "log/leaf_reader.hpp"
#include "base/number.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace landglass::log {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;

constexpr int k_depth = 60;  // of values; the whole stays within the 64 of the parser

class Reader {
 public:
  explicit Reader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}
  bool done() const { return at_ == end_; }

  bool literal(std::string_view wanted) {
    if (static_cast<std::size_t>(end_ - at_) < wanted.size() || !std::equal(wanted.begin(), wanted.end(), at_)) return false;
    at_ += wanted.size();
    return true;
  }

  bool text(std::string& into) {
    if (!take('"')) return false;
    const auto* from = at_;
    pass_plain();
    into.assign(from, at_);
    if (take('"')) return true;
    while (at_ != end_ && *at_ != '"') {
      if (static_cast<unsigned char>(*at_) < 0x20) return false;
      if (*at_ != '\\') {
        into += *at_++;
      } else if (!escape(into)) {
        return false;
      }
    }
    return take('"');
  }
  bool integer(std::int64_t& into) {
    const bool negative = take('-');
    if (at_ == end_ || *at_ < '0' || *at_ > '9') return false;
    if (*at_ == '0') {
      ++at_;
      into = 0;
      return !negative;
    }
    std::int64_t value = 0;
    for (; at_ != end_ && *at_ >= '0' && *at_ <= '9'; ++at_) {
      value = value * 10 + (*at_ - '0');
      if (value > base::k_safe_integer) return false;
    }
    into = negative ? -value : value;
    return true;
  }
  bool number(std::uint64_t& into) {
    std::int64_t value = 0;
    if (!integer(value) || value < 0) return false;
    into = static_cast<std::uint64_t>(value);
    return true;
  }
  bool time(base::Time& into) {  // "2026-11-23T01:27:01.123Z"
    if (end_ - at_ < 26 || at_[0] != '"' || at_[20] != '.' || at_[24] != 'Z' || at_[25] != '"') return false;
    const auto found = base::parse_time({at_ + 1, 24});
    if (!found) return false;
    into = *found;
    at_ += 26;
    return true;
  }
  bool members(JsonObject& into, int depth = 0) {
    if (!take('{')) return false;
    if (take('}')) return depth > 0;  // an empty member of a change is absent
    do {
      std::string name;
      const auto* raw = at_ + 1;
      if (!text(name) || !take(':')) return false;
      std::string escaped;
      std::string_view added(raw, static_cast<std::size_t>(at_ - 2 - raw));
      if (added.size() != name.size()) added = escaped = name;  // an escape is longer than what it stands for
      if (into.size() == 1) into.reserve(6);                    // most have one, the others several
      if (!into.insert(std::move(name), Json())) return false;
      auto& last = *std::prev(into.end());
      if (last.first != added) return false;  // the object sorts itself: this name stood after one that comes later
      if (!value(last.second, depth + 1)) return false;
    } while (take(','));
    return take('}');
  }
  bool values(JsonArray& into, int depth = 0) {
    if (!take('[')) return false;
    if (take(']')) return depth > 0;
    do {
      if (!value(into.emplace_back(), depth + 1)) return false;
    } while (take(','));
    return take(']');
  }
  bool value(Json& into, int depth) {
    if (at_ == end_ || depth > k_depth) return false;
    switch (*at_) {
      case '"': {
        std::string found;
        if (!text(found)) return false;
        into = Json(std::move(found));
        return true;
      }
      case '{': {
        into = Json(JsonObject());
        return members(into.as_object(), depth);
      }
      case '[': {
        into = Json(JsonArray());
        return values(into.as_array(), depth);
      }
      case 'n': return literal("null");
      case 't': into = Json(true); return literal("true");
      case 'f': into = Json(false); return literal("false");
      default: {
        std::int64_t found = 0;
        if (!integer(found)) return false;
        into = Json(found);
        return true;
      }
    }
  }
  bool take(char wanted) {
    if (at_ == end_ || *at_ != wanted) return false;
    ++at_;
    return true;
  }

 private:
  bool escape(std::string& into) {
    static constexpr std::string_view k_short = "\"\\bfnrt";
    static constexpr std::string_view k_means = "\"\\\b\f\n\r\t";
    ++at_;
    if (at_ == end_) return false;
    if (const auto place = k_short.find(*at_); place != std::string_view::npos) {
      into += k_means[place];
      ++at_;
      return true;
    }
    if (end_ - at_ < 5 || !literal("u00") || (*at_ != '0' && *at_ != '1')) return false;
    const bool digit = at_[1] >= '0' && at_[1] <= '9';
    if (!digit && (at_[1] < 'a' || at_[1] > 'f')) return false;
    const auto code = static_cast<char>((*at_ - '0') * 16 + (digit ? at_[1] - '0' : at_[1] - 'a' + 10));
    at_ += 2;
    into += code;
    return k_means.find(code) == std::string_view::npos;  // those have a shorter form
  }

  // Past what stands in a text as it is, eight characters at a time. A borrow makes others look like a quote, a backslash or
  // a control character beside one that is, never alone.
  void pass_plain() {
    constexpr std::uint64_t k_ones = 0x0101010101010101;
    for (; end_ - at_ >= 8; at_ += 8) {
      std::uint64_t eight = 0;
      std::memcpy(&eight, at_, sizeof eight);
      const auto quotes = eight ^ (k_ones * '"');
      const auto slashes = eight ^ (k_ones * '\\');
      const auto found =
          ((eight - k_ones * 0x20) & ~eight) | ((quotes - k_ones) & ~quotes) | ((slashes - k_ones) & ~slashes);
      if ((found & (k_ones * 0x80)) != 0) break;
    }
    while (at_ != end_ && *at_ != '"' && *at_ != '\\' && static_cast<unsigned char>(*at_) >= 0x20) ++at_;
  }

  const char* at_;
  const char* end_;
};

bool read_change(Reader& in, Change& change) {
  return in.literal("{\"action\":") && in.text(change.action) &&
         (!in.literal(",\"commit\":") || in.members(change.commit)) &&
         (!in.literal(",\"due\":") || in.members(change.due)) && in.literal(",\"file\":") && in.text(change.file) &&
         (change.file.empty() || is_lower_hex(change.file, 64)) && (!in.literal(",\"holds\":") || in.values(change.holds)) &&
         in.literal(",\"institution\":") && in.text(change.institution) &&
         (!in.literal(",\"outcome\":") || in.members(change.outcome)) && in.literal(",\"record\":") &&
         in.text(change.record) && (!in.literal(",\"set\":") || in.members(change.set)) && in.literal(",\"state\":") &&
         in.text(change.state) && in.literal(",\"version\":") && in.number(change.version) && in.take('}') &&
         std::all_of(change.commit.begin(), change.commit.end(), [](const auto& member) {
           const auto* text = member.second.if_string();
           return text != nullptr && is_lower_hex(*text, 64);
         });
}

bool read_effects(Reader& in, std::vector<Change>& effects) {
  if (!in.take('[')) return false;
  do {
    if (effects.size() == k_max_effects || !read_change(in, effects.emplace_back())) return false;
  } while (in.take(','));
  return in.take(']');
}

bool read_signature(Reader& in, std::optional<LeafSignature>& sig) {
  if (in.literal("null")) return true;
  sig.emplace();
  return in.literal("{\"alg\":") && in.text(sig->alg) && !sig->alg.empty() && in.literal(",\"bytes\":") &&
         in.text(sig->bytes) && is_base64url_text(sig->bytes) && in.literal(",\"key\":") && in.text(sig->key) &&
         is_base64url_text(sig->key) && in.take('}');
}

}  // namespace

bool is_lower_hex(std::string_view text, std::size_t size) {
  if (text.size() != size) return false;
  bool all = true;  // without a way out, so that many are looked at at once
  for (const char c : text) all &= (c >= '0' && c <= '9') | (c >= 'a' && c <= 'f');
  return all;
}

bool is_base64url_text(std::string_view text) {
  return text.size() % 4 != 1 && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
         });
}

bool read_canonical_value(std::string_view bytes, Json& value) {
  Reader in(bytes);
  return in.value(value, 0) && in.done();
}

bool read_canonical_leaf(std::string_view bytes, Leaf& leaf) {
  Reader in(bytes);
  return bytes.size() <= k_max_leaf_bytes && base::is_nfc(bytes) && in.literal("{\"actor\":") && in.text(leaf.actor) &&
         in.literal(",\"as_of\":") && in.time(leaf.as_of) && in.literal(",\"change\":") && read_change(in, leaf.change) &&
         in.literal(",\"command\":") && in.text(leaf.command) && is_lower_hex(leaf.command, 32) &&
         (!in.literal(",\"effects\":") || read_effects(in, leaf.effects)) && in.literal(",\"origin\":") &&
         in.text(leaf.origin) && !leaf.origin.empty() && in.literal(",\"seq\":") && in.number(leaf.seq) &&
         in.literal(",\"sig\":") && read_signature(in, leaf.sig) && in.literal(",\"time\":") && in.time(leaf.time) &&
         in.literal(",\"v\":1}") && in.done();
}

}  // namespace landglass::log
