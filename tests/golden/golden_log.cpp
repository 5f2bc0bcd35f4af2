#include "golden_log.hpp"

#include <sstream>

#include "log/leaf.hpp"
#include "log/merkle.hpp"

namespace landglass::tests {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using log::Tree;

Result<JsonObject> secrets_of(store::Store& store, Tree tree, const log::Leaf& leaf) {
  JsonObject out;
  const auto take = [&](const log::Change& change, const std::string& prefix) -> Status {
    for (const auto& [path, commitment] : change.commit) {
      LG_TRY(auto secret, store.secret(tree, leaf.seq, prefix + path));
      if (secret) out[prefix + path] = JsonArray{base::to_base64(secret->salt), secret->value};
    }
    return base::Done{};
  };
  LG_CHECK(take(leaf.change, ""));
  for (std::size_t i = 0; i < leaf.effects.size(); ++i)
    LG_CHECK(take(leaf.effects[i], "effects/" + std::to_string(i) + "/"));
  return out;
}

std::string line(JsonObject object) { return base::canonical(Json(std::move(object))) + "\n"; }

Result<std::string> meta_text(store::Store& store, std::string_view key) {
  LG_TRY(auto held, store.meta(key));
  return held ? std::string(base::as_text(*held)) : std::string();
}

}  // namespace

Result<std::string> write_golden(store::Store& store) {
  LG_TRY(const auto origin, meta_text(store, "open/origin"));
  LG_TRY(const auto verifier, meta_text(store, "open/verifier-key"));
  LG_TRY(const auto in_force_text, meta_text(store, "in-force"));
  LG_TRY(const auto in_force, base::parse_json(in_force_text, base::Profile::any));
  auto out = line({{"format", "landglass/golden/1"}, {"in_force", in_force}, {"origin", origin}, {"verifier", verifier}});
  for (const auto& [name, hash] : in_force.as_object()) {
    LG_TRY(auto bytes, store.file(hash.as_string()));
    out += line({{"institution", name}, {"bytes", std::move(bytes)}});
  }
  for (const auto tree : {Tree::open, Tree::sealed}) {
    LG_TRY(const auto size, store.leaf_count(tree));
    LG_TRY(const auto leaves, store.leaves(tree, 0, size));
    for (const auto& bytes : leaves) {
      LG_TRY(const auto leaf, log::decode(bytes));
      LG_TRY(auto secrets, secrets_of(store, tree, leaf));
      // Canonical bytes: as an object it is written the same again.
      LG_TRY(auto object, base::parse_json(bytes));
      out += line(
          {{"tree", tree == Tree::open ? "open" : "sealed"}, {"leaf", std::move(object)}, {"secrets", std::move(secrets)}});
    }
  }
  return out;
}

Result<std::string> read_golden(const std::string& text, store::Store& store) {
  std::istringstream in(text);
  std::string one;
  if (!std::getline(in, one)) return base::fail("an empty golden log");
  LG_TRY(const auto head, base::parse_json(one, base::Profile::any));
  if (head.text("format") != "landglass/golden/1") return base::fail("not a golden log: " + one.substr(0, 80));
  LG_CHECK(store.begin());
  LG_CHECK(store.put_meta("open/origin", base::as_bytes(head.text("origin"))));
  LG_CHECK(store.put_meta("open/verifier-key", base::as_bytes(head.text("verifier"))));
  LG_CHECK(store.put_meta("in-force", base::as_bytes(base::canonical(head.at("in_force")))));
  log::Frontier frontiers[2];
  while (std::getline(in, one)) {
    LG_TRY(const auto entry, base::parse_json(one, base::Profile::any));
    if (!entry.at("institution").is_null()) {
      LG_TRY(const auto hash, store.keep_file(entry.text("bytes")));
      if (hash != head.at("in_force").text(entry.text("institution")))
        return base::fail("the file of an institution is not the one that was in force: " +
                          std::string(entry.text("institution")));
      continue;
    }
    const auto tree = entry.text("tree") == "open" ? Tree::open : Tree::sealed;
    const auto bytes = base::canonical(entry.at("leaf"));
    LG_TRY(const auto leaf, log::decode(bytes));
    auto& frontier = frontiers[static_cast<int>(tree)];
    if (leaf.seq != frontier.size()) return base::fail("a leaf is not in its place: " + std::to_string(leaf.seq));
    LG_CHECK(store.put_leaf(tree, leaf.seq, bytes));
    frontier.append(log::leaf_hash(bytes));
    for (const auto& tile : frontier.take_full_tiles()) LG_CHECK(store.put_tile(tree, tile.level, tile.index, tile.hashes));
    for (const auto& [path, secret] : entry.at("secrets").as_object()) {
      const auto salt = base::from_base64(secret.as_array().at(0).as_string());
      if (!salt) return base::fail("a salt does not read");
      LG_CHECK(store.put_secret(tree, leaf.seq, path, "golden", *salt, base::canonical(secret.as_array().at(1))));
    }
  }
  LG_CHECK(store.commit());
  return std::string(head.text("origin"));
}

}  // namespace landglass::tests
