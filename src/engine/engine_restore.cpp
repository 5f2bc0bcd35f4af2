// From what is on disk to an engine that may write: the institutions in force, the frontiers, the last checkpoint.
#include <limits>

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

}  // namespace

// The files that were in force when the log began stay so until an act puts others there; a changed file on disk waits.
Status Engine::adopt_institutions() {
  LG_CHECK(restore_upkeep());
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
    LG_CHECK(store_.shape(Cache::shapes(pack_)));
    return adopt_rules();
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
  // Kept from the start: were it made with the first sealed consequence, a dump would show that there was one.
  LG_CHECK(store_.put_meta(k_outbox, base::as_bytes(std::string_view("[]"))));
  LG_CHECK(store_.put_meta(k_outbox_done, base::as_bytes(std::string_view("0"))));
  LG_CHECK(store_.put_meta("open/origin", base::as_bytes(options_.origin)));
  LG_CHECK(store_.put_meta("open/verifier-key", base::as_bytes(verifier_key())));
  LG_CHECK(store_.put_meta(k_kind, base::as_bytes(options_.published ? "import" : "live")));
  LG_CHECK(store_.commit());
  return adopt_rules();
}

Status Engine::restore() {
  LG_TRY(auto origin, store_.meta("open/origin"));
  if (origin && base::as_text(*origin) != options_.origin) {
    return base::refuse("ENG-01", "存储属于另一日志", "the store belongs to another log",
                        std::string(base::as_text(*origin)));
  }
  LG_TRY(auto kind, store_.meta(k_kind));
  if (origin && (kind && base::as_text(*kind) == "import") != options_.published) {
    return base::refuse("ENG-06", options_.published ? "此日志不是导入日志" : "导入日志不得作为在用日志开启",
                        options_.published ? "this is no log of imports" : "a log of imports is never opened as a live one",
                        std::string(base::as_text(*origin)));
  }
  LG_TRY(auto key, store_.meta("open/verifier-key"));
  if (key && base::as_text(*key) != verifier_key()) {
    return base::refuse("ENG-04", "日志密钥不是本日志的密钥", "the log key is not this log's", verifier_key());
  }
  LG_CHECK(adopt_institutions());
  for (const auto tree : {Tree::open, Tree::sealed}) {
    auto& lane = lanes_[static_cast<int>(tree)];
    LG_TRY(auto size, store_.leaf_count(tree));
    StoredTiles full(store_, tree);
    StoredLeaves leaves(store_, tree);
    log::DerivedTiles tiles(leaves, full);
    LG_TRY(lane.frontier, log::Frontier::restore(size, tiles));
    lane.head = sign(lane, lane.frontier);
    if (size > 0) empty_ = false;
  }
  const auto root_at = [&](std::uint64_t size) -> Result<log::Hash> {
    StoredTiles full(store_, Tree::open);
    return lanes_[0].frontier.root_of(size, &full);
  };
  LG_CHECK(log::check_history(lanes_[0].frontier.size(), options_.known, root_at));
  // The checkpoint that was last given out must be of this tree: a backup that lost leaves must not write a second history.
  LG_TRY(auto last, store_.meta("open/checkpoint"));
  if (last) {
    LG_TRY(auto note, log::parse_checkpoint(base::as_text(*last)));
    if (note.head.size > lanes_[0].frontier.size())
      return base::fail("the store holds fewer leaves than its last checkpoint says");
    LG_TRY(auto root, root_at(note.head.size));
    if (root != note.head.root) return base::fail("the tree is not the one that the last checkpoint was signed for");
  }
  LG_TRY(auto time, store_.meta(k_last_time));
  if (time) now_ = base::parse_time(base::as_text(*time)).value_or(base::Time{});
  LG_TRY(auto outbox, store_.meta(k_outbox));
  if (outbox) {
    LG_TRY(auto json, base::parse_json(base::as_text(*outbox), base::Profile::any));
    LG_TRY(const auto done, store_.meta(k_outbox_done));
    outbox_done_ = done ? std::strtoull(std::string(base::as_text(*done)).c_str(), nullptr, 10) : 0;
    if (outbox_done_ > json.as_array().size()) return base::fail("more follow-ups are done than were ordered");
    kept_done_ = outbox_done_;
    for (std::size_t i = outbox_done_; i < json.as_array().size(); ++i) {
      const auto& one = json.as_array()[i];
      outbox_.push_back({std::string(one.text("id")),
                         {std::string(one.text("record")), std::string(one.text("action")), one.at("fields").as_object(),
                          std::string(one.text("institution")), std::string(one.text("via")), ""},
                         static_cast<std::uint64_t>(one.at("leaf").is_int() ? one.at("leaf").as_int() : 0)});
    }
  }
  next_anchor_ = base::Time{(clock_.now().ms / options_.anchor_every_ms + 1) * options_.anchor_every_ms};
  if (options_.published) next_anchor_ = base::Time{std::numeric_limits<std::int64_t>::max()};  // it has nothing sealed
  return base::Done{};
}

}  // namespace landglass::engine
