#pragma once
// The leaves of a tree as a rebuild follows them: read, decoded, hashed and held against their commitments by threads beside
// the one that follows, some thousands ahead of it. A thread fills the same places again and again: what it took for a leaf
// it gives back itself, and no two threads wait for each other's memory.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "log/leaf.hpp"
#include "log/merkle.hpp"
#include "store/remake.hpp"

namespace landglass::engine {

struct Unpacked {
  log::Leaf leaf;
  log::Hash hash;
  std::vector<base::JsonObject> values;  // private ones: of the change and of each effect
};

class Unpacking {
 public:
  static base::Result<std::unique_ptr<Unpacking>> begin(store::Remake& store, log::Tree tree, std::uint64_t size);
  ~Unpacking();
  Unpacking(const Unpacking&) = delete;
  Unpacking& operator=(const Unpacking&) = delete;

  // The next leaves of the tree in their order, at least one; they stand until the next call. Refuses LOG-03 what does not
  // read, is missing, or is not what was committed to.
  base::Result<std::span<const Unpacked>> next();

 private:
  struct Lane;  // a thread's
  Unpacking(log::Tree tree, std::uint64_t size);
  void work(Lane& lane, std::uint64_t first);

  log::Tree tree_;
  std::uint64_t size_;
  std::uint64_t next_ = 0;  // chunk
  std::vector<std::unique_ptr<Lane>> lanes_;
};

// LOG-03: what is wrong with a leaf, and which.
base::Refusal damaged(std::string zh, std::string en, const std::string& origin, std::uint64_t seq,
                      const std::string& detail = {});

}  // namespace landglass::engine
