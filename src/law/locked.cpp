#include "law/locked.hpp"

#include <sodium.h>

#include <algorithm>
#include <mutex>

#include "base/crypto.hpp"

namespace landglass::law {
namespace {

using base::Bytes;
using base::BytesView;
using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using Subset = std::vector<std::size_t>;

constexpr std::string_view k_format = "landglass/locked/1";
constexpr std::size_t k_pad = 256;
constexpr std::size_t k_head = 32 + 4;  // salt and length
constexpr std::size_t k_most_bytes = 60'000;

void start_sodium() {
  static std::once_flag once;
  std::call_once(once, [] { LG_ASSERT(sodium_init() >= 0, "libsodium does not start"); });
}

base::Refusal not_locked(std::string code, std::string zh, std::string en, std::string where = {}) {
  return base::refuse(std::move(code), std::move(zh), std::move(en), std::move(where), "国土资源部令第39号 art. 10, 13");
}
base::Refusal no_document(std::string where) {
  return not_locked("LK-01", "不是合规的加密文件", "no locked document", std::move(where));
}

// Each subset of k out of n, in lexicographic order.
std::vector<Subset> subsets(std::size_t n, std::size_t k) {
  std::vector<Subset> all;
  Subset at(k);
  for (std::size_t i = 0; i < k; ++i) at[i] = i;
  for (;;) {
    all.push_back(at);
    std::size_t i = k;
    while (i > 0 && at[i - 1] == n - k + i - 1) --i;
    if (i == 0) return all;
    ++at[i - 1];
    for (; i < k; ++i) at[i] = at[i - 1] + 1;
  }
}

Bytes sealed(BytesView plain, BytesView public_key) {
  Bytes out(plain.size() + crypto_box_SEALBYTES);
  const auto done = crypto_box_seal(out.data(), plain.data(), plain.size(), public_key.data());
  LG_ASSERT(done == 0, "a sealed box could not be made");
  return out;
}

std::optional<Bytes> unsealed(BytesView box, const OpenerKey& key) {
  if (box.size() < crypto_box_SEALBYTES) return std::nullopt;
  Bytes out(box.size() - crypto_box_SEALBYTES);
  if (crypto_box_seal_open(out.data(), box.data(), box.size(), key.public_key.data(), key.secret_key.data()) != 0)
    return std::nullopt;
  return out;
}

Json indexes(const Subset& subset) {
  JsonArray list;
  for (const auto one : subset) list.emplace_back(static_cast<std::int64_t>(one));
  return list;
}
std::optional<Subset> read_indexes(const Json& json) {
  const auto* list = json.if_array();
  if (list == nullptr) return std::nullopt;
  Subset subset;
  for (const auto& one : *list) {
    const auto* index = one.if_int();
    if (index == nullptr || *index < 0) return std::nullopt;
    subset.push_back(static_cast<std::size_t>(*index));
  }
  return subset;
}

struct Box {
  Subset by;
  Subset left;
  Bytes bytes;
};
struct Document {
  std::vector<Bytes> openers;
  std::size_t k = 0;
  std::string commitment;
  std::vector<Box> boxes;
};

Result<Document> read(const Json& json) {
  Document doc;
  if (json.text("format") != k_format) return no_document("format");
  const auto* openers = json.at("openers").if_array();
  const auto* k = json.at("k").if_int();
  const auto* boxes = json.at("boxes").if_array();
  if (openers == nullptr || openers->empty() || openers->size() > k_most_openers) return no_document("openers");
  if (k == nullptr || *k < 1 || *k > static_cast<std::int64_t>(openers->size())) return no_document("k");
  doc.k = static_cast<std::size_t>(*k);
  for (const auto& one : *openers) {
    const auto* text = one.if_string();
    auto key = text == nullptr ? std::nullopt : base::from_base64url(*text);
    if (!key || key->size() != crypto_box_PUBLICKEYBYTES || (!doc.openers.empty() && doc.openers.back() >= *key))
      return no_document("openers");
    doc.openers.push_back(std::move(*key));
  }
  doc.commitment = json.text("commitment");
  const auto commitment = base::from_hex(doc.commitment);
  if (!commitment || commitment->size() != 32) return no_document("commitment");
  const auto wanted = subsets(doc.openers.size(), doc.k);
  if (boxes == nullptr || boxes->size() != wanted.size()) return no_document("boxes");
  std::size_t size = 0;  // all boxes hold as much
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const auto& row = (*boxes)[i];
    const auto by = read_indexes(row.at("by"));
    const auto left = read_indexes(row.at("left"));
    auto bytes = base::from_base64url(row.text("box"));
    const bool fits = by && left && bytes && *by == wanted[i] && left->size() <= by->size() &&
                      std::equal(left->rbegin(), left->rend(), by->rbegin());
    if (!fits || bytes->size() < left->size() * crypto_box_SEALBYTES + k_pad) return no_document("boxes");
    const auto inner = bytes->size() - left->size() * crypto_box_SEALBYTES;
    if (inner % k_pad != 0 || inner > k_head + k_longest_locked + k_pad || (i > 0 && inner != size))
      return no_document("boxes");
    size = inner;
    doc.boxes.push_back({*by, *left, std::move(*bytes)});
  }
  return doc;
}

Json write(const Document& doc) {
  JsonArray openers;
  for (const auto& key : doc.openers) openers.emplace_back(base::to_base64url(key));
  JsonArray boxes;
  for (const auto& box : doc.boxes)
    boxes.push_back(
        JsonObject{{"box", base::to_base64url(box.bytes)}, {"by", indexes(box.by)}, {"left", indexes(box.left)}});
  return JsonObject{{"format", std::string(k_format)},
                    {"k", static_cast<std::int64_t>(doc.k)},
                    {"openers", std::move(openers)},
                    {"commitment", doc.commitment},
                    {"boxes", std::move(boxes)}};
}

std::optional<Unlocked> take_apart(BytesView plain) {
  if (plain.size() < k_head) return std::nullopt;
  std::size_t length = 0;
  for (std::size_t i = 32; i < k_head; ++i) length = length << 8 | plain[i];
  if (length > k_longest_locked || length > plain.size() - k_head) return std::nullopt;
  const auto value = plain.subspan(k_head, length);
  const auto rest = plain.subspan(k_head + length);
  if (rest.size() >= k_pad || std::any_of(rest.begin(), rest.end(), [](auto byte) { return byte != 0; }))
    return std::nullopt;
  return Unlocked{{plain.begin(), plain.begin() + 32}, {value.begin(), value.end()}};
}

}  // namespace

OpenerKey OpenerKey::generate() {
  start_sodium();
  OpenerKey key{Bytes(crypto_box_PUBLICKEYBYTES), Bytes(crypto_box_SECRETKEYBYTES)};
  crypto_box_keypair(key.public_key.data(), key.secret_key.data());
  return key;
}

OpenerKey OpenerKey::from_secret(BytesView secret32) {
  LG_ASSERT(secret32.size() == crypto_box_SECRETKEYBYTES, "a secret key of 32 bytes is wanted");
  OpenerKey key{Bytes(crypto_box_PUBLICKEYBYTES), {secret32.begin(), secret32.end()}};
  crypto_scalarmult_base(key.public_key.data(), key.secret_key.data());
  return key;
}

std::string lock_commitment(BytesView salt32, BytesView value) {
  auto bytes = base::to_bytes(std::string(k_format) + "\n");
  bytes.insert(bytes.end(), salt32.begin(), salt32.end());
  bytes.insert(bytes.end(), value.begin(), value.end());
  return base::to_hex(base::sha256(bytes));
}

Result<Json> lock(BytesView value, std::size_t k, std::vector<Bytes> openers) {
  start_sodium();
  if (value.size() > k_longest_locked)
    return not_locked("LK-04", "内容过长", "the value is too long", std::to_string(value.size()));
  if (openers.empty() || openers.size() > k_most_openers || k < 1 || k > openers.size())
    return not_locked("LK-04", "开启人数不合规定", "so many openers cannot be",
                      std::to_string(k) + "/" + std::to_string(openers.size()));
  std::sort(openers.begin(), openers.end());
  for (std::size_t i = 0; i < openers.size(); ++i) {
    if (openers[i].size() != crypto_box_PUBLICKEYBYTES || (i > 0 && openers[i] == openers[i - 1]))
      return not_locked("LK-01", "开启人公钥有误或重复", "a key is none or stands twice", base::to_base64url(openers[i]));
  }
  Bytes plain(32);
  randombytes_buf(plain.data(), plain.size());
  const auto commitment = lock_commitment(plain, value);
  for (int shift = 24; shift >= 0; shift -= 8) plain.push_back(static_cast<std::uint8_t>(value.size() >> shift));
  plain.insert(plain.end(), value.begin(), value.end());
  plain.resize((plain.size() + k_pad - 1) / k_pad * k_pad);
  Document doc{std::move(openers), k, commitment, {}};
  for (const auto& subset : subsets(doc.openers.size(), k)) {
    Bytes box = plain;
    for (auto one = subset.rbegin(); one != subset.rend(); ++one) box = sealed(box, doc.openers[*one]);
    doc.boxes.push_back({subset, subset, std::move(box)});
  }
  sodium_memzero(plain.data(), plain.size());
  auto json = write(doc);
  if (base::canonical(json).size() > k_most_bytes)
    return not_locked("LK-04", "加密文件过大", "the document is too large: fewer openers or a shorter value");
  return json;
}

Status check_locked(const Json& doc) {
  LG_CHECK(read(doc));
  return base::Done{};
}

Result<Json> peel(const Json& json, const OpenerKey& key) {
  start_sodium();
  LG_TRY(auto doc, read(json));
  const auto mine = std::find(doc.openers.begin(), doc.openers.end(), key.public_key);
  if (mine == doc.openers.end()) return not_locked("LK-02", "此密钥不是开启人的", "this key is no opener's");
  const auto index = static_cast<std::size_t>(mine - doc.openers.begin());
  bool any = false;
  for (auto& box : doc.boxes) {
    if (box.left.empty() || box.left.front() != index) continue;
    auto inner = unsealed(box.bytes, key);
    if (!inner) return not_locked("LK-01", "密文已损坏", "a box does not open with the key that it was sealed to");
    box.bytes = std::move(*inner);
    box.left.erase(box.left.begin());
    any = true;
  }
  if (!any) return not_locked("LK-02", "尚未轮到此密钥", "it is not this key's turn", std::to_string(index));
  return write(doc);
}

std::size_t layers_left(const Json& doc) {
  std::size_t left = 0;
  for (const auto& box : doc.at("boxes").as_array()) left += box.at("left").as_array().size();
  return left;
}

Result<std::optional<Unlocked>> unlocked(const Json& json) {
  LG_TRY(const auto doc, read(json));
  std::optional<Unlocked> found;
  for (const auto& box : doc.boxes) {
    if (!box.left.empty()) continue;
    auto one = take_apart(box.bytes);
    if (!one || lock_commitment(one->salt, one->value) != doc.commitment)
      return not_locked("LK-03", "开启的内容与承诺不符", "what was opened is not what was committed", doc.commitment);
    found = std::move(one);
  }
  return found;
}

}  // namespace landglass::law
