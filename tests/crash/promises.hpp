#pragma once
// What the server has promised, kept outside of it: every receipt that it gave, every checkpoint, and the one tree that they
// must all be of.

#include <map>
#include <string>
#include <vector>

#include "log/merkle.hpp"
#include "log/note.hpp"
#include "log/tiles.hpp"
#include "log/witness.hpp"

namespace landglass::tests {

struct Promise {  // a bid that was answered with 200
  std::uint64_t index = 0;
  std::string leaf;
  log::Proof proof;
  std::string checkpoint;
};

class Promises final : public log::TileSource {
 public:
  explicit Promises(log::VerifierKey key) : key_(std::move(key)) {}

  // After a death: takes the leaves that the folder holds beyond those known, and holds every promise made since against the
  // tree. Empty, or what was broken.
  std::string settle(const std::string& folder, const std::vector<Promise>& made);
  // A leaf was promised again, by index alone, after a bid in doubt was sent anew.
  std::string holds(std::uint64_t index) const;

  std::uint64_t leaves() const { return frontier_.size(); }
  std::uint64_t kept() const { return kept_; }
  std::size_t checkpoints() const { return checkpoints_.size(); }
  log::WitnessView last() const;  // the largest checkpoint given out
  // Every checkpoint ever given out is of one history: each consistent with the next, and all with the tree.
  std::string one_history();

  base::Result<base::Bytes> tile(const log::TileName& name) override;

 private:
  std::string take_checkpoint(const std::string& note);
  std::string take_leaves(const std::string& folder);
  log::VerifierKey key_;
  log::Frontier frontier_;
  std::vector<log::Hash> hashes_;  // of the leaves
  std::map<std::pair<int, std::uint64_t>, base::Bytes> tiles_;
  std::map<std::uint64_t, log::Hash> checkpoints_;  // size -> root
  std::map<std::string, std::uint64_t, std::less<>> commands_;
  std::uint64_t kept_ = 0;
};

}  // namespace landglass::tests
