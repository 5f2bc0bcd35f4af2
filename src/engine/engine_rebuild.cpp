// Every projection made again from log and vault by evolve alone, and on the way everything looked at that a start does not
// read: each leaf's place, each full tile, the root under the last checkpoint, each commitment that has not been erased.

#include "engine/engine.hpp"
#include "engine/engine_keys.hpp"
#include "engine/stored_tree.hpp"
#include "engine/unpack.hpp"

namespace landglass::engine {
namespace {

using base::Result;
using base::Status;
using log::Tree;

// Leaves after which what changed is written: a record once, however many of them changed it.
constexpr std::uint64_t k_stretch = 16'384;
constexpr std::size_t k_seen = 512;  // and what is written between them, so that the threads that read ahead never wait long

std::uint64_t number_of(std::string_view hex) {  // lower-case digits: a leaf that reads has no others
  std::uint64_t number = 0;
  for (const char c : hex) number = number << 4 | static_cast<std::uint64_t>(c <= '9' ? c - '0' : c - 'a' + 10);
  return number;
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
  LG_TRY(const auto remake, store::remake(store));
  auto& tables = remake->tables();
  Engine engine(options, tables, pack, std::move(behaviours), clock, random,
                log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
  LG_CHECK(engine.adopt_institutions());
  LG_CHECK(remake->begin());
  LG_TRY(const auto open_size, tables.leaf_count(Tree::open));
  LG_TRY(const auto sealed_size, tables.leaf_count(Tree::sealed));
  std::uint64_t events = 0;
  base::Time last;
  for (const auto tree : {Tree::open, Tree::sealed}) {
    const auto size = tree == Tree::open ? open_size : sealed_size;
    Regrown regrown(tables, tree, engine.lanes_[static_cast<int>(tree)].origin);
    LG_TRY(const auto unpacking, Unpacking::begin(*remake, tree, size));
    std::vector<store::Remake::Seen> seen;
    for (std::uint64_t followed = 0, written = 0; followed < size;) {
      LG_TRY(const auto leaves, unpacking->next());
      for (const auto& [leaf, hash, values] : leaves) {
        LG_CHECK(regrown.take(leaf, hash));
        // Named: clang 14 captures no structured binding.
        const auto follow = [&, &leaf = leaf](const log::Change& change, const base::JsonObject& opened) {
          engine.registry_->evolve(change, opened, leaf.actor, leaf.time, leaf.as_of, tree, leaf.seq);
        };
        follow(leaf.change, values[0]);
        for (std::size_t i = 0; i < leaf.effects.size(); ++i) follow(leaf.effects[i], values[i + 1]);
        last = std::max(last, leaf.time);
        if (tree == Tree::open) {
          const std::string_view command = leaf.command;
          seen.push_back({number_of(command.substr(0, 16)), number_of(command.substr(16)), leaf.seq});
        } else {
          LG_CHECK(tables.put_seen(leaf.command, {tree, leaf.seq, ""}));
        }
      }
      if (seen.size() >= k_seen) {
        LG_CHECK(remake->put_seen(std::exchange(seen, {})));
      }
      followed += leaves.size();
      if (followed < size && followed - written < k_stretch) continue;
      events += followed - std::exchange(written, followed);
      LG_CHECK(engine.cache_.write_back());
      LG_CHECK(remake->put_seen(std::exchange(seen, {})));
      engine.cache_.trim();
      if (progress) progress(events, open_size + sealed_size);
    }
    if (tree == Tree::open) LG_CHECK(regrown.under_checkpoint());
  }
  if (events > 0) LG_CHECK(tables.put_meta(k_last_time, base::as_bytes(base::format_utc(last))));
  LG_CHECK(remake->finish());
  return events;
}

}  // namespace landglass::engine
