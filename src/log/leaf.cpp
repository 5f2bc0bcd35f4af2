#include "log/leaf.hpp"

#include <algorithm>
#include <charconv>

#include "base/number.hpp"
#include "log/leaf_reader.hpp"

namespace landglass::log {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::refuse;

base::Refusal not_a_leaf(std::string where) {
  return refuse("LEAF-03", "这不是一片叶子", "this is not a leaf", std::move(where));
}

// Writes canonical bytes straight away, member by member in JCS order: a leaf is made 60,000 times a second, and a tree
// of values would cost more than its hash. `wrong_` is the first thing that no leaf may hold.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}
  const char* wrong() const { return wrong_; }
  void wrong(const char* where) {
    if (wrong_ == nullptr) wrong_ = where;
  }

  void raw(std::string_view text) { out_ += text; }
  void text(std::string_view text) { base::append_json_string(out_, text); }
  void integer(std::int64_t value) {
    if (value > base::k_safe_integer || value < -base::k_safe_integer) wrong("integer past 2^53");
    char buffer[24];
    out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  }
  void unsigned_integer(std::uint64_t value) {
    if (value > static_cast<std::uint64_t>(base::k_safe_integer)) return wrong("integer past 2^53");
    integer(static_cast<std::int64_t>(value));
  }
  void time(base::Time time) {
    std::int64_t days = time.ms / base::k_day;
    if (time.ms % base::k_day < 0) --days;
    if (days < -719'528 || days > 2'932'896) return wrong("time outside the years 0000 to 9999");
    const auto civil = base::to_civil({static_cast<std::int32_t>(days)});
    const auto rest = static_cast<int>(time.ms - days * base::k_day);
    char form[] = "\"0000-00-00T00:00:00.000Z\"";
    digits(form + 1, 4, civil.year);
    digits(form + 6, 2, civil.month);
    digits(form + 9, 2, civil.day);
    digits(form + 12, 2, rest / 3'600'000);
    digits(form + 15, 2, rest / 60'000 % 60);
    digits(form + 18, 2, rest / 1'000 % 60);
    digits(form + 21, 3, rest % 1'000);
    out_.append(form, sizeof form - 1);
  }
  void value(const Json& value) {
    if (const auto* string = value.if_string()) {
      text(*string);
    } else if (const auto* number = value.if_int()) {
      integer(*number);
    } else if (const auto* array = value.if_array()) {
      values(*array);
    } else if (const auto* object = value.if_object()) {
      members(*object);
    } else if (value.is_double()) {
      wrong("a fraction");
    } else {
      raw(value.is_null() ? "null" : value.as_bool() ? "true" : "false");
    }
  }
  void values(const JsonArray& array) {
    char before = '[';
    for (const auto& item : array) {
      out_ += before;
      value(item);
      before = ',';
    }
    raw(array.empty() ? "[]" : "]");
  }
  void members(const JsonObject& object) {
    char before = '{';
    for (const auto& [name, member] : object) {
      out_ += before;
      text(name);
      out_ += ':';
      value(member);
      before = ',';
    }
    raw(object.empty() ? "{}" : "}");
  }

 private:
  static void digits(char* at, int count, int value) {
    for (int i = count - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  }
  std::string& out_;
  const char* wrong_ = nullptr;
};

void write_change(Writer& writer, const Change& change) {
  if (!change.file.empty() && !is_lower_hex(change.file, 64)) writer.wrong("change.file");
  for (const auto& [path, hash] : change.commit) {
    if (const auto* text = hash.if_string(); text == nullptr || !is_lower_hex(*text, 64)) writer.wrong("change.commit");
  }
  writer.raw("{\"action\":");
  writer.text(change.action);
  if (!change.commit.empty()) {
    writer.raw(",\"commit\":");
    writer.members(change.commit);
  }
  if (!change.due.empty()) {
    writer.raw(",\"due\":");
    writer.members(change.due);
  }
  writer.raw(",\"file\":");
  writer.text(change.file);
  if (!change.holds.empty()) {
    writer.raw(",\"holds\":");
    writer.values(change.holds);
  }
  writer.raw(",\"institution\":");
  writer.text(change.institution);
  if (!change.outcome.empty()) {
    writer.raw(",\"outcome\":");
    writer.members(change.outcome);
  }
  writer.raw(",\"record\":");
  writer.text(change.record);
  if (!change.set.empty()) {
    writer.raw(",\"set\":");
    writer.members(change.set);
  }
  writer.raw(",\"state\":");
  writer.text(change.state);
  writer.raw(",\"version\":");
  writer.unsigned_integer(change.version);
  writer.raw("}");
}

void write_leaf(Writer& writer, const Leaf& leaf) {
  if (leaf.origin.empty()) writer.wrong("origin");
  if (!is_lower_hex(leaf.command, 32)) writer.wrong("command");
  writer.raw("{\"actor\":");
  writer.text(leaf.actor);
  writer.raw(",\"as_of\":");
  writer.time(leaf.as_of);
  writer.raw(",\"change\":");
  write_change(writer, leaf.change);
  writer.raw(",\"command\":");
  writer.text(leaf.command);
  if (!leaf.effects.empty()) {
    char before = '[';
    writer.raw(",\"effects\":");
    for (const auto& effect : leaf.effects) {
      writer.raw({&before, 1});
      write_change(writer, effect);
      before = ',';
    }
    writer.raw("]");
  }
  writer.raw(",\"origin\":");
  writer.text(leaf.origin);
  writer.raw(",\"seq\":");
  writer.unsigned_integer(leaf.seq);
  if (leaf.sig) {
    if (leaf.sig->alg.empty() || !is_base64url_text(leaf.sig->bytes) || !is_base64url_text(leaf.sig->key))
      writer.wrong("sig");
    writer.raw(",\"sig\":{\"alg\":");
    writer.text(leaf.sig->alg);
    writer.raw(",\"bytes\":");
    writer.text(leaf.sig->bytes);
    writer.raw(",\"key\":");
    writer.text(leaf.sig->key);
    writer.raw("}");
  } else {
    writer.raw(",\"sig\":null");
  }
  writer.raw(",\"time\":");
  writer.time(leaf.time);
  writer.raw(",\"v\":1}");
}

// Takes the members of one JSON object into fields; `wrong_` names the first that is missing or of another kind.
class Taker {
 public:
  Taker(Json& value, std::string path) : object_(value.is_object() ? &value.as_object() : nullptr), path_(std::move(path)) {
    if (object_ == nullptr) wrong_ = path_;
  }
  const std::string& wrong() const { return wrong_; }

  void text(std::string_view name, std::string& into) {
    const auto* member = need(name);
    if (member == nullptr) return;
    const auto* found = member->if_string();
    found == nullptr ? fail(name) : void(into = *found);
  }
  void number(std::string_view name, std::uint64_t& into) {
    const auto* member = need(name);
    if (member == nullptr) return;
    const auto* found = member->if_int();
    found == nullptr || *found < 0 ? fail(name) : void(into = static_cast<std::uint64_t>(*found));
  }
  void time(std::string_view name, base::Time& into) {
    std::string form;
    text(name, form);
    if (!wrong_.empty()) return;
    const auto found = base::parse_time(form);
    !found ? fail(name) : void(into = *found);
  }
  void members(std::string_view name, JsonObject& into) {  // absent where empty
    auto* member = find(name);
    if (member == nullptr) return;
    member->is_object() ? void(into = std::move(member->as_object())) : fail(name);
  }
  void values(std::string_view name, JsonArray& into) {  // absent where empty
    auto* member = find(name);
    if (member == nullptr) return;
    member->is_array() ? void(into = std::move(member->as_array())) : fail(name);
  }
  Json* need(std::string_view name) {
    auto* member = find(name);
    if (member == nullptr) fail(name);
    return member;
  }
  void fail(std::string_view name) {
    if (wrong_.empty()) wrong_ = (path_.empty() ? "" : path_ + ".") + std::string(name);
  }
  void fail_with(const std::string& inner) {
    if (wrong_.empty()) wrong_ = inner;
  }

 private:
  Json* find(std::string_view name) { return object_ == nullptr ? nullptr : object_->find(name); }
  JsonObject* object_;
  std::string path_;
  std::string wrong_;
};

std::string take_change(Json& value, std::string path, Change& change) {
  Taker taker(value, std::move(path));
  taker.text("action", change.action);
  taker.members("commit", change.commit);
  taker.members("due", change.due);
  taker.text("file", change.file);
  taker.values("holds", change.holds);
  taker.text("institution", change.institution);
  taker.members("outcome", change.outcome);
  taker.text("record", change.record);
  taker.members("set", change.set);
  taker.text("state", change.state);
  taker.number("version", change.version);
  return taker.wrong();
}

}  // namespace

base::Result<std::string> encode(const Leaf& leaf) {
  if (leaf.effects.size() > k_max_effects) {
    return refuse("LEAF-02", "一片叶子最多有 100 项连带变更", "a leaf has at most 100 effects",
                  std::to_string(leaf.effects.size()));
  }
  std::string out;
  out.reserve(1'024);
  Writer writer(out);
  write_leaf(writer, leaf);
  if (writer.wrong() != nullptr) return not_a_leaf(writer.wrong());
  if (out.size() > k_max_leaf_bytes) {
    return refuse("LEAF-01", "一片叶子最多 65,535 字节", "a leaf has at most 65,535 bytes", std::to_string(out.size()));
  }
  // Of all texts at once: the quotation marks between them compose with nothing, so the whole is NFC where each text is.
  if (!base::is_nfc(out)) return not_a_leaf("text that is not NFC");
  return out;
}

// Reads any spelling of a leaf, to say what is wrong with it.
static base::Result<Leaf> decode_any(std::string_view bytes) {
  if (bytes.size() > k_max_leaf_bytes) return not_a_leaf("more than 65,535 bytes");
  auto parsed = base::parse_json(bytes, base::Profile::leaf);
  if (!parsed) return not_a_leaf(base::explain(parsed.trouble()));
  Json& json = *parsed;
  Leaf leaf;
  Taker taker(json, "");
  std::uint64_t format = 0;
  taker.text("actor", leaf.actor);
  taker.time("as_of", leaf.as_of);
  if (auto* change = taker.need("change")) taker.fail_with(take_change(*change, "change", leaf.change));
  taker.text("command", leaf.command);
  JsonArray effects;
  taker.values("effects", effects);
  if (effects.size() > k_max_effects) taker.fail("effects");
  leaf.effects.resize(std::min(effects.size(), k_max_effects));
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    taker.fail_with(take_change(effects[i], "effects[" + std::to_string(i) + "]", leaf.effects[i]));
  }
  taker.text("origin", leaf.origin);
  taker.number("seq", leaf.seq);
  if (auto* sig = taker.need("sig"); sig != nullptr && !sig->is_null()) {
    Taker inner(*sig, "sig");
    leaf.sig.emplace();
    inner.text("alg", leaf.sig->alg);
    inner.text("bytes", leaf.sig->bytes);
    inner.text("key", leaf.sig->key);
    taker.fail_with(inner.wrong());
  }
  taker.time("time", leaf.time);
  taker.number("v", format);
  if (format != 1) taker.fail("v");
  if (!taker.wrong().empty()) return not_a_leaf(taker.wrong());
  // One leaf has one form: what encodes to other bytes has a member too many or stands in another order or spelling.
  auto again = encode(leaf);
  if (!again)
    return again.refused() && again.refusal().code == "LEAF-03" ? base::Trouble(again.refusal()) : not_a_leaf("effects");
  if (*again == bytes) return leaf;
  const auto reparsed = base::parse_json(bytes, base::Profile::leaf);
  if (reparsed && base::canonical(*reparsed) == bytes) return not_a_leaf("a member that no leaf has, or one that is empty");
  return refuse("LEAF-04", "叶子的字节不是规范形式", "the bytes of the leaf are not canonical (RFC 8785)");
}

base::Result<Leaf> decode(std::string_view bytes) {
  if (Leaf leaf; read_canonical_leaf(bytes, leaf)) return leaf;
  return decode_any(bytes);
}

base::Hash commitment_of_text(base::BytesView salt32, std::string_view origin, std::string_view command,
                              std::string_view path, std::string_view value) {
  LG_ASSERT(salt32.size() == 32, "a commitment needs 32 random bytes");
  thread_local std::string text;  // a rebuild makes one for each value ever committed
  text = "[\"landglass/commitment/1\",";
  for (const auto part : {origin, command, path}) {
    base::append_json_string(text, part);
    text += ',';
  }
  text += value;
  text += ']';
  return base::hmac_sha256(salt32, base::as_bytes(text));
}

base::Hash commitment(base::BytesView salt32, std::string_view origin, std::string_view command, std::string_view path,
                      const Json& value) {
  return commitment_of_text(salt32, origin, command, path, base::canonical(value));
}

}  // namespace landglass::log
