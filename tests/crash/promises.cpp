#include "promises.hpp"

#include "log/checkpoint.hpp"
#include "log/leaf.hpp"
#include "store/folder.hpp"

namespace landglass::tests {

base::Result<base::Bytes> Promises::tile(const log::TileName& name) {
  const auto found = tiles_.find({name.level, name.index});
  if (found == tiles_.end()) return base::fail("no such tile: " + log::tile_path(name));
  return found->second;
}

std::string Promises::take_leaves(const std::string& folder) {
  const auto reader = store::open_snapshot(folder);
  if (!reader) return "the store does not open: " + base::explain(reader.trouble());
  // What stood before must stand unchanged: the last known leaf is read again, the rest hangs together by the root that the
  // next start signs.
  const auto from = hashes_.size();
  const auto leaves = (*reader)->leaves(log::Tree::open, from > 0 ? from - 1 : 0, UINT32_MAX);
  if (!leaves) return "leaves cannot be read: " + base::explain(leaves.trouble());
  if (from > 0 && (leaves->empty() || log::leaf_hash(leaves->front()) != hashes_.back()))
    return "leaf " + std::to_string(from - 1) + " was there and is gone or another";
  for (std::size_t i = from > 0 ? 1 : 0; i < leaves->size(); ++i) {
    const auto& bytes = (*leaves)[i];
    const auto leaf = log::decode(bytes);
    if (!leaf) return "leaf " + std::to_string(hashes_.size()) + ": " + base::explain(leaf.trouble());
    if (leaf->seq != hashes_.size()) return "a gap at leaf " + std::to_string(hashes_.size());
    const auto [stands, is_new] = commands_.emplace(leaf->command, leaf->seq);
    if (!is_new) return "one command, two leaves: " + std::to_string(stands->second) + " and " + std::to_string(leaf->seq);
    hashes_.push_back(log::leaf_hash(bytes));
    frontier_.append(hashes_.back());
    for (auto& full : frontier_.take_full_tiles()) tiles_[{full.level, full.index}] = std::move(full.hashes);
  }
  return {};
}

std::string Promises::take_checkpoint(const std::string& note) {
  const auto parsed = log::parse_checkpoint(note);
  if (!parsed) return "a checkpoint does not read: " + base::explain(parsed.trouble());
  const auto known = checkpoints_.find(parsed->head.size);
  if (known != checkpoints_.end()) {
    if (known->second == parsed->head.root) return {};
    return "two checkpoints of size " + std::to_string(parsed->head.size) + " with two roots";
  }
  if (log::find_valid(parsed->note, key_) == nullptr) return "a checkpoint is not signed";
  if (parsed->head.size > frontier_.size())
    return "a checkpoint of " + std::to_string(parsed->head.size) + " was given out, and " +
           std::to_string(frontier_.size()) + " leaves are there";
  const auto root = frontier_.root_of(parsed->head.size, this);
  if (!root || *root != parsed->head.root)
    return "the checkpoint of " + std::to_string(parsed->head.size) + " is of another history";
  checkpoints_[parsed->head.size] = parsed->head.root;
  return {};
}

std::string Promises::settle(const std::string& folder, const std::vector<Promise>& made) {
  if (auto wrong = take_leaves(folder); !wrong.empty()) return wrong;
  for (const auto& promise : made) {
    const auto name = "the bid acknowledged as leaf " + std::to_string(promise.index) + ": ";
    if (promise.index >= hashes_.size()) return name + "gone";
    const auto hash = log::leaf_hash(promise.leaf);
    if (hash != hashes_[promise.index]) return name + "another leaf stands there";
    if (auto wrong = take_checkpoint(promise.checkpoint); !wrong.empty()) return name + wrong;
    const auto note = log::parse_checkpoint(promise.checkpoint);
    if (!log::verify_inclusion(promise.index, note->head.size, hash, promise.proof, note->head.root))
      return name + "its proof does not hold";
    ++kept_;
  }
  return {};
}

std::string Promises::holds(std::uint64_t index) const {
  return index < hashes_.size() ? std::string() : "leaf " + std::to_string(index) + " was promised again and is not there";
}

log::WitnessView Promises::last() const {
  const auto& [size, root] = *checkpoints_.rbegin();
  return {"given out", size, root};
}

std::string Promises::one_history() {
  const log::Hash* old_root = nullptr;
  std::uint64_t old_size = 0;
  for (const auto& [size, root] : checkpoints_) {
    const auto now = frontier_.root_of(size, this);
    if (!now || *now != root) return "the checkpoint of " + std::to_string(size) + " is not of the tree";
    if (old_root != nullptr) {
      const auto proof = frontier_.consistency(old_size, size, this);
      if (!proof || !log::verify_consistency(old_size, size, *proof, *old_root, root))
        return std::to_string(old_size) + " and " + std::to_string(size) + " are not one history";
    }
    old_root = &root;
    old_size = size;
  }
  return {};
}

}  // namespace landglass::tests
