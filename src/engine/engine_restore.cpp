// From what is on disk to an engine that may write: the institutions in force, the frontiers, the last checkpoint; and the
// making anew of all projections from log and vault.
#include "engine/engine.hpp"
#include "engine/engine_keys.hpp"

namespace landglass::engine {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using log::Tree;

// Full tiles and leaves as the store keeps them; partial tiles are made from leaves.
class StoredTiles final : public log::TileSource {
 public:
  StoredTiles(store::Store& store, Tree tree) : store_(store), tree_(tree) {}
  Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, store_.tile(tree_, name.level, name.index));
    if (!held) return base::fail("a full tile is not in the store: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Store& store_;
  Tree tree_;
};
class StoredLeaves final : public log::LeafSource {
 public:
  StoredLeaves(store::Store& store, Tree tree) : store_(store), tree_(tree) {}
  Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    return store_.leaves(tree_, from, count);
  }

 private:
  store::Store& store_;
  Tree tree_;
};

}  // namespace

// The files that were in force when the log began stay so until an act puts others there; a changed file on disk waits.
Status Engine::adopt_institutions() {
  LG_TRY(auto held, store_.meta(k_in_force));
  if (held) {
    LG_TRY(auto json, base::parse_json(base::as_text(*held), base::Profile::any));
    for (const auto& [name, hash] : json.as_object()) {
      if (pack_.by_hash(hash.as_string()) == nullptr) {
        LG_TRY(auto bytes, store_.file(hash.as_string()));
        LG_CHECK(pack_.add_version(name, bytes));
      }
      LG_CHECK(pack_.put_in_force(hash.as_string()));
    }
    return store_.shape(Cache::shapes(pack_));
  }
  JsonObject now;
  for (const auto* in : pack_.all()) {
    LG_TRY(auto kept, store_.keep_file(pack_.bytes(in->hash)));
    if (kept != in->hash) return base::fail("a kept institution has another hash: " + in->name);
    now[in->name] = in->hash;
  }
  LG_CHECK(store_.shape(Cache::shapes(pack_)));
  LG_CHECK(store_.begin());
  LG_CHECK(store_.put_meta(k_in_force, base::as_bytes(base::canonical(Json(now)))));
  LG_CHECK(store_.put_meta("open/origin", base::as_bytes(options_.origin)));
  LG_CHECK(store_.put_meta("open/verifier-key", base::as_bytes(verifier_key())));
  return store_.commit();
}

Status Engine::restore() {
  LG_TRY(auto origin, store_.meta("open/origin"));
  if (origin && base::as_text(*origin) != options_.origin) {
    return base::refuse("ENG-01", "存储属于另一日志", "the store belongs to another log",
                        std::string(base::as_text(*origin)));
  }
  LG_CHECK(adopt_institutions());
  for (const auto tree : {Tree::open, Tree::sealed}) {
    auto& lane = lanes_[static_cast<int>(tree)];
    LG_TRY(auto size, store_.leaf_count(tree));
    StoredTiles full(store_, tree);
    StoredLeaves leaves(store_, tree);
    log::DerivedTiles tiles(leaves, full);
    LG_TRY(lane.frontier, log::Frontier::restore(size, tiles));
    checkpoint(lane);
    if (size > 0) empty_ = false;
  }
  // The checkpoint that was last given out must be of this tree: a backup that lost leaves must not write a second history.
  LG_TRY(auto last, store_.meta("open/checkpoint"));
  if (last) {
    LG_TRY(auto note, log::parse_checkpoint(base::as_text(*last)));
    auto& lane = lanes_[0];
    if (note.head.size > lane.frontier.size())
      return base::fail("the store holds fewer leaves than its last checkpoint says");
    StoredTiles full(store_, Tree::open);
    LG_TRY(auto root, lane.frontier.root_of(note.head.size, &full));
    if (root != note.head.root) return base::fail("the tree is not the one that the last checkpoint was signed for");
  }
  LG_TRY(auto time, store_.meta(k_last_time));
  if (time) now_ = base::parse_time(base::as_text(*time)).value_or(base::Time{});
  LG_TRY(auto outbox, store_.meta(k_outbox));
  if (outbox) {
    LG_TRY(auto json, base::parse_json(base::as_text(*outbox), base::Profile::any));
    for (const auto& one : json.as_array()) {
      outbox_.push_back({std::string(one.text("id")),
                         {std::string(one.text("record")), std::string(one.text("action")), one.at("fields").as_object()}});
    }
  }
  next_anchor_ = base::Time{(clock_.now().ms / options_.anchor_every_ms + 1) * options_.anchor_every_ms};
  return base::Done{};
}

Result<std::uint64_t> Engine::rebuild(const Options& options, store::Store& store, institution::Pack& pack,
                                      std::vector<std::shared_ptr<institution::Behaviour>> behaviours) {
  base::SystemClock clock;
  base::SystemRandom random;
  Engine engine(options, store, pack, std::move(behaviours), clock, random,
                log::Signer(options.origin, log::KeyKind::log, std::array<std::uint8_t, 32>{}));
  LG_CHECK(engine.adopt_institutions());
  LG_CHECK(store.drop_projections());
  std::uint64_t events = 0;
  base::Time last;
  constexpr std::uint64_t k_chunk = 4'096;
  for (const auto tree : {Tree::open, Tree::sealed}) {
    LG_TRY(auto size, store.leaf_count(tree));
    for (std::uint64_t from = 0; from < size; from += k_chunk) {
      LG_TRY(auto leaves, store.leaves(tree, from, k_chunk));
      LG_CHECK(store.begin());
      for (const auto& bytes : leaves) {
        LG_TRY(auto leaf, log::decode(bytes));
        const auto follow = [&](const log::Change& change, const std::string& prefix) -> Status {
          JsonObject opened;
          for (const auto& [path, commitment] : change.commit) {
            LG_TRY(auto secret, store.secret(tree, leaf.seq, prefix + path));
            opened[path] = secret ? secret->value : Json(JsonObject{{"erased", true}});
          }
          engine.registry_->evolve(change, opened, leaf.actor, leaf.time, leaf.as_of, tree, leaf.seq);
          return base::Done{};
        };
        LG_CHECK(follow(leaf.change, ""));
        for (std::size_t i = 0; i < leaf.effects.size(); ++i)
          LG_CHECK(follow(leaf.effects[i], "effects/" + std::to_string(i) + "/"));
        if (leaf.time > last) last = leaf.time;
        Command body;
        body.institution = leaf.change.version == 1 ? leaf.change.institution : std::string();
        LG_CHECK(store.put_seen(leaf.command, {tree, leaf.seq, ""}));
        ++events;
      }
      LG_CHECK(engine.cache_.write_back());
      LG_CHECK(store.put_meta(k_last_time, base::as_bytes(base::format_utc(last))));
      LG_CHECK(store.commit());
      engine.cache_.trim();
    }
  }
  return events;
}

}  // namespace landglass::engine
