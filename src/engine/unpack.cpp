#include "engine/unpack.hpp"

#include <algorithm>

#include "log/leaf_reader.hpp"

namespace landglass::engine {
namespace {

using base::Done;
using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using log::Tree;

constexpr std::uint64_t k_handed_at_once = 128;  // leaves that are handed over at once
constexpr std::size_t k_ahead = 8;               // chunks of one thread that wait or are followed
constexpr unsigned k_most_threads = 4;           // past them the one that follows is the slower

bool is_hex_of(std::string_view hex, const log::Hash& hash) {
  static constexpr std::string_view k_digits = "0123456789abcdef";
  if (hex.size() != 2 * hash.size()) return false;
  bool same = true;
  for (std::size_t i = 0; i < hash.size(); ++i)
    same &= hex[2 * i] == k_digits[hash[i] >> 4] && hex[2 * i + 1] == k_digits[hash[i] & 15];
  return same;
}

void empty(log::Change& change) {
  change.set = {};
  change.commit = {};
  change.due = {};
  change.holds.clear();
  change.outcome = {};
}
// Texts keep their room.
void empty(log::Leaf& leaf) {
  empty(leaf.change);
  leaf.effects.clear();
  leaf.sig.reset();
}

// The private values of one change, each held against its commitment in the leaf.
Status open_values(store::LogReader& from, const log::Leaf& leaf, const log::Change& change, const std::string& prefix,
                   JsonObject& opened) {
  for (const auto& [field, commitment] : change.commit) {
    const auto path = prefix + field;
    LG_TRY(const auto held, from.value(path));
    auto& value = opened[field];
    if (!held) {
      value = JsonObject{{"erased", true}};
      continue;
    }
    // A value lies as the text that was committed to: what fits is read as that, and need not be written again to be hashed.
    const auto& wanted = commitment.as_string();
    const bool as_it_lies =
        is_hex_of(wanted, log::commitment_of_text(held->salt, leaf.origin, leaf.command, path, held->json));
    if (as_it_lies && log::read_canonical_value(held->json, value)) continue;
    LG_TRY(value, base::parse_json(held->json, base::Profile::any));
    if (!as_it_lies && !is_hex_of(wanted, log::commitment(held->salt, leaf.origin, leaf.command, path, value))) {
      return damaged("保险库中的值与叶子中的承诺不符", "a value of the vault does not fit its commitment", leaf.origin,
                     leaf.seq, path);
    }
  }
  return Done{};
}

Status unpack(store::LogReader& from, std::string_view bytes, Unpacked& into) {
  auto& leaf = into.leaf;
  empty(leaf);
  if (!log::read_canonical_leaf(bytes, leaf)) {
    LG_TRY(leaf, log::decode(bytes));
  }
  into.hash = log::leaf_hash(bytes);
  into.values.resize(1 + leaf.effects.size());
  for (auto& values : into.values) values = {};
  LG_CHECK(open_values(from, leaf, leaf.change, "", into.values[0]));
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    LG_CHECK(open_values(from, leaf, leaf.effects[i], "effects/" + std::to_string(i) + "/", into.values[i + 1]));
  }
  return Done{};
}

}  // namespace

base::Refusal damaged(std::string zh, std::string en, const std::string& origin, std::uint64_t seq,
                      const std::string& detail) {
  auto refusal = base::refuse("LOG-03", std::move(zh), std::move(en), origin + " № " + std::to_string(seq));
  refusal.detail = base::alike(detail);
  return refusal;
}

struct Unpacking::Lane {
  struct Chunk {
    std::vector<Unpacked> leaves = std::vector<Unpacked>(k_handed_at_once);
    std::size_t size = 0;
    std::optional<base::Trouble> trouble;
  };
  std::unique_ptr<store::LogReader> reader;
  std::array<Chunk, k_ahead> chunks;  // a ring
  std::mutex mutex;
  std::condition_variable wake;
  std::uint64_t made = 0;
  std::uint64_t taken = 0;  // and done with
  bool stop = false;
  std::thread thread;
};

Unpacking::Unpacking(Tree tree, std::uint64_t size) : tree_(tree), size_(size) {}

Result<std::unique_ptr<Unpacking>> Unpacking::begin(store::Remake& store, Tree tree, std::uint64_t size) {
  auto unpacking = std::unique_ptr<Unpacking>(new Unpacking(tree, size));
  const auto chunks = (size + k_handed_at_once - 1) / k_handed_at_once;
  const auto threads = std::min<std::uint64_t>(chunks, std::clamp(std::thread::hardware_concurrency(), 1U, k_most_threads));
  for (std::uint64_t i = 0; i < threads; ++i) {
    auto lane = std::make_unique<Lane>();
    LG_TRY(lane->reader, store.reader());
    unpacking->lanes_.push_back(std::move(lane));
  }
  for (std::uint64_t i = 0; i < threads; ++i) {
    auto& lane = *unpacking->lanes_[i];
    lane.thread = std::thread([raw = unpacking.get(), &lane, i] { raw->work(lane, i); });
  }
  return unpacking;
}

Unpacking::~Unpacking() {
  for (auto& lane : lanes_) {
    {
      const std::scoped_lock lock(lane->mutex);
      lane->stop = true;
    }
    lane->wake.notify_all();
    if (lane->thread.joinable()) lane->thread.join();
  }
}

void Unpacking::work(Lane& lane, std::uint64_t first) {
  for (auto number = first; number * k_handed_at_once < size_; number += lanes_.size()) {
    {
      std::unique_lock lock(lane.mutex);
      lane.wake.wait(lock, [&] { return lane.stop || lane.made - lane.taken < k_ahead; });
      if (lane.stop) return;
    }
    auto& chunk = lane.chunks[lane.made % k_ahead];
    const auto from = number * k_handed_at_once;
    const auto wanted = std::min(k_handed_at_once, size_ - from);
    chunk.size = 0;
    auto read = lane.reader->each(tree_, from, wanted, [&](std::string_view bytes) -> Status {
      LG_CHECK(unpack(*lane.reader, bytes, chunk.leaves[chunk.size]));
      ++chunk.size;
      return Done{};
    });
    if (read && chunk.size < wanted)
      read = damaged("缺少叶子", "a leaf is missing", tree_ == Tree::open ? "open" : "sealed", from + chunk.size);
    if (!read) chunk.trouble = read.trouble();
    const bool ended = !read;
    {
      const std::scoped_lock lock(lane.mutex);
      ++lane.made;
    }
    lane.wake.notify_all();
    if (ended) return;
  }
}

Result<std::span<const Unpacked>> Unpacking::next() {
  LG_ASSERT(next_ * k_handed_at_once < size_, "a tree has no more leaves");
  if (next_ > 0) {
    auto& before = *lanes_[(next_ - 1) % lanes_.size()];
    {
      const std::scoped_lock lock(before.mutex);
      ++before.taken;
    }
    before.wake.notify_all();
  }
  auto& lane = *lanes_[next_++ % lanes_.size()];
  std::unique_lock lock(lane.mutex);
  lane.wake.wait(lock, [&] { return lane.made > lane.taken; });
  auto& chunk = lane.chunks[lane.taken % k_ahead];
  if (chunk.trouble) return *chunk.trouble;
  return std::span<const Unpacked>(chunk.leaves.data(), chunk.size);
}

}  // namespace landglass::engine
