// Every projection made again from log and vault by evolve alone, and on the way everything looked at that a start does not
// read: each leaf's place, each full tile, the root under the last checkpoint, each commitment that has not been erased.

#include "engine/engine.hpp"
#include "engine/engine_keys.hpp"
#include "engine/stored_tree.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using log::Tree;

constexpr std::uint64_t k_chunk = 4'096;

base::Refusal damaged(std::string zh, std::string en, const std::string& origin, std::uint64_t seq,
                      std::string detail = {}) {
  auto refusal = base::refuse("LOG-03", std::move(zh), std::move(en), origin + " № " + std::to_string(seq));
  refusal.detail = std::move(detail);
  return refusal;
}

// The private values of one change, each held against its commitment in the leaf.
Result<JsonObject> open_values(store::Store& store, Tree tree, const log::Leaf& leaf, const log::Change& change,
                               const std::string& prefix) {
  JsonObject opened;
  for (const auto& [path, commitment] : change.commit) {
    LG_TRY(auto secret, store.secret(tree, leaf.seq, prefix + path));
    if (!secret) {
      opened[path] = Json(JsonObject{{"erased", true}});
      continue;
    }
    const auto made = log::commitment(secret->salt, leaf.origin, leaf.command, prefix + path, secret->value);
    if (base::to_hex(made) != commitment.as_string()) {
      return damaged("保险库中的值与叶子中的承诺不符", "a value of the vault does not fit its commitment", leaf.origin,
                     leaf.seq, prefix + path);
    }
    opened[path] = std::move(secret->value);
  }
  return opened;
}

// The tree of the leaves read so far, held against what the store says of it.
class Regrown {
 public:
  Regrown(store::Store& store, Tree tree, std::string origin) : store_(store), tree_(tree), origin_(std::move(origin)) {}

  Status take(const log::Leaf& leaf, std::string_view bytes) {
    if (leaf.seq != frontier_.size() || leaf.origin != origin_)
      return damaged("叶子不在其位", "a leaf is not in its place", origin_, frontier_.size(), leaf.origin);
    frontier_.append(log::leaf_hash(bytes));
    for (const auto& full : frontier_.take_full_tiles()) {
      LG_TRY(auto held, store_.tile(tree_, full.level, full.index));
      if (!held || *held != full.hashes) {
        return damaged("所存瓦片与叶子不符", "a stored tile is not that of its leaves", origin_, leaf.seq,
                       log::tile_path({full.level, full.index, log::k_tile_width}));
      }
    }
    return base::Done{};
  }

  Status under_checkpoint() {
    LG_TRY(auto last, store_.meta("open/checkpoint"));
    if (!last) return base::Done{};
    LG_TRY(auto note, log::parse_checkpoint(base::as_text(*last)));
    LG_TRY(auto key, store_.meta("open/verifier-key"));
    if (key) {
      LG_TRY(auto verifier, log::VerifierKey::parse(base::as_text(*key)));
      if (log::find_valid(note.note, verifier) == nullptr)
        return damaged("最后的检查点不是本日志所签", "the last checkpoint is not signed by this log", origin_,
                       note.head.size);
    }
    StoredTiles full(store_, tree_);
    if (note.head.size <= frontier_.size()) {
      LG_TRY(auto root, frontier_.root_of(note.head.size, &full));
      if (root == note.head.root) return base::Done{};
    }
    return damaged("叶子的根与最后的检查点不符", "the root of the leaves is not that of the last checkpoint", origin_,
                   note.head.size, "holds " + std::to_string(frontier_.size()));
  }

 private:
  store::Store& store_;
  Tree tree_;
  std::string origin_;
  log::Frontier frontier_;
};

}  // namespace

Result<std::uint64_t> Engine::rebuild(const Options& options, store::Store& store, institution::Pack& pack,
                                      std::vector<std::shared_ptr<institution::Behaviour>> behaviours,
                                      const std::function<void(std::uint64_t done, std::uint64_t of)>& progress) {
  base::SystemClock clock;
  base::SystemRandom random;
  Engine engine(options, store, pack, std::move(behaviours), clock, random,
                log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
  LG_CHECK(engine.adopt_institutions());
  LG_CHECK(store.drop_projections());
  LG_TRY(const auto open_size, store.leaf_count(Tree::open));
  LG_TRY(const auto sealed_size, store.leaf_count(Tree::sealed));
  std::uint64_t events = 0;
  base::Time last;
  for (const auto tree : {Tree::open, Tree::sealed}) {
    const auto size = tree == Tree::open ? open_size : sealed_size;
    Regrown regrown(store, tree, engine.lanes_[static_cast<int>(tree)].origin);
    for (std::uint64_t from = 0; from < size; from += k_chunk) {
      LG_TRY(auto leaves, store.leaves(tree, from, k_chunk));
      LG_CHECK(store.begin());
      for (const auto& bytes : leaves) {
        LG_TRY(auto leaf, log::decode(bytes));
        LG_CHECK(regrown.take(leaf, bytes));
        const auto follow = [&](const log::Change& change, const std::string& prefix) -> Status {
          LG_TRY(auto opened, open_values(store, tree, leaf, change, prefix));
          engine.registry_->evolve(change, opened, leaf.actor, leaf.time, leaf.as_of, tree, leaf.seq);
          return base::Done{};
        };
        LG_CHECK(follow(leaf.change, ""));
        for (std::size_t i = 0; i < leaf.effects.size(); ++i)
          LG_CHECK(follow(leaf.effects[i], "effects/" + std::to_string(i) + "/"));
        last = std::max(last, leaf.time);
        LG_CHECK(store.put_seen(leaf.command, {tree, leaf.seq, ""}));
        ++events;
      }
      LG_CHECK(engine.cache_.write_back());
      LG_CHECK(store.put_meta(k_last_time, base::as_bytes(base::format_utc(last))));
      LG_CHECK(store.commit());
      engine.cache_.trim();
      if (progress) progress(events, open_size + sealed_size);
    }
    if (tree == Tree::open) LG_CHECK(regrown.under_checkpoint());
  }
  return events;
}

}  // namespace landglass::engine
