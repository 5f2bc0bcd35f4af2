// Every projection made again from log and vault by evolve alone, and on the way everything looked at that a start does not
// read: each leaf's place, each full tile, the root under the last checkpoint, each commitment that has not been erased.

#include <functional>
#include <future>

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
  refusal.detail = base::alike(detail);
  return refusal;
}

// Leaves as the store holds them, and the private values of the open ones.
struct Chunk {
  std::vector<std::string> leaves;
  std::vector<store::SealedSecret> secrets;  // of the open tree; those of the sealed one are looked up singly
};
struct Unpacked {
  log::Leaf leaf;
  log::Hash hash;
  std::vector<JsonObject> values;  // of the change and of each effect; none where they are looked up singly
};
using Find = std::function<Result<std::optional<store::Secret>>(const std::string& path)>;

// The private values of one change, each held against its commitment in the leaf.
Result<JsonObject> open_values(const log::Leaf& leaf, const log::Change& change, const std::string& prefix,
                               const Find& find) {
  JsonObject opened;
  for (const auto& [path, commitment] : change.commit) {
    LG_TRY(auto secret, find(prefix + path));
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
Result<std::vector<JsonObject>> all_values(const log::Leaf& leaf, const Find& find) {
  std::vector<JsonObject> all;
  all.reserve(1 + leaf.effects.size());
  LG_TRY(auto own, open_values(leaf, leaf.change, "", find));
  all.push_back(std::move(own));
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    LG_TRY(auto of, open_values(leaf, leaf.effects[i], "effects/" + std::to_string(i) + "/", find));
    all.push_back(std::move(of));
  }
  return all;
}

// What needs neither store nor records, for a thread of its own: half of a rebuild's work.
Result<std::vector<Unpacked>> unpack(const Chunk& chunk, Tree tree) {
  std::vector<Unpacked> all;
  all.reserve(chunk.leaves.size());
  auto secret = chunk.secrets.begin();
  for (const auto& bytes : chunk.leaves) {
    LG_TRY(auto leaf, log::decode(bytes));
    Unpacked one{std::move(leaf), log::leaf_hash(bytes), {}};
    if (tree == Tree::open) {
      while (secret != chunk.secrets.end() && secret->seq < one.leaf.seq) ++secret;
      LG_TRY(one.values, all_values(one.leaf, [&](const std::string& path) -> Result<std::optional<store::Secret>> {
               for (auto at = secret; at != chunk.secrets.end() && at->seq == one.leaf.seq; ++at) {
                 if (at->path == path) return at->open();
               }
               return std::optional<store::Secret>();
             }));
    }
    all.push_back(std::move(one));
  }
  return all;
}

// The tree of the leaves read so far, held against what the store says of it.
class Regrown {
 public:
  Regrown(store::Store& store, Tree tree, std::string origin) : store_(store), tree_(tree), origin_(std::move(origin)) {}

  Status take(const log::Leaf& leaf, const log::Hash& hash) {
    if (leaf.seq != frontier_.size() || leaf.origin != origin_)
      return damaged("叶子不在其位", "a leaf is not in its place", origin_, frontier_.size(), leaf.origin);
    frontier_.append(hash);
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
    const auto read = [&](std::uint64_t from) -> Result<Chunk> {
      Chunk chunk;
      LG_TRY(chunk.leaves, store.leaves(tree, from, k_chunk));
      if (tree == Tree::open) {
        LG_TRY(chunk.secrets, store.sealed_secrets(from, k_chunk));
      }
      return chunk;
    };
    // One chunk is unpacked while the one before it is followed.
    const auto begin = [&](std::uint64_t from) -> Result<std::future<Result<std::vector<Unpacked>>>> {
      LG_TRY(auto chunk, read(from));
      return std::async(std::launch::async, [chunk = std::move(chunk), tree] { return unpack(chunk, tree); });
    };
    std::future<Result<std::vector<Unpacked>>> ahead;
    if (size > 0) {
      LG_TRY(ahead, begin(0));
    }
    for (std::uint64_t from = 0; from < size; from += k_chunk) {
      LG_TRY(auto leaves, ahead.get());
      if (from + k_chunk < size) {
        LG_TRY(ahead, begin(from + k_chunk));
      }
      LG_CHECK(store.begin());
      for (auto& [leaf, hash, values] : leaves) {
        LG_CHECK(regrown.take(leaf, hash));
        if (tree == Tree::sealed) {
          const Find look_up = [&store, tree, seq = leaf.seq](const std::string& path) {
            return store.secret(tree, seq, path);
          };
          LG_TRY(values, all_values(leaf, look_up));
        }
        // Named: clang 14 captures no structured binding.
        const auto follow = [&, &leaf = leaf](const log::Change& change, const JsonObject& opened) {
          engine.registry_->evolve(change, opened, leaf.actor, leaf.time, leaf.as_of, tree, leaf.seq);
        };
        follow(leaf.change, values[0]);
        for (std::size_t i = 0; i < leaf.effects.size(); ++i) follow(leaf.effects[i], values[i + 1]);
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
