#pragma once
// A whole log, from its files alone: every leaf, every tile, the root, and what each leaf says of the one before.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "log/leaf.hpp"
#include "log/policy.hpp"
#include "verify/verdict.hpp"

namespace landglass::verify {

// The files of a log by their tlog-tiles path ("checkpoint", "tile/0/000", "tile/entries/000.p/5"): a folder, a mirror, a
// server.
class LogFiles {
 public:
  virtual ~LogFiles() = default;
  virtual base::Result<std::string> get(std::string_view path) = 0;
};

class LogFolder final : public LogFiles {
 public:
  explicit LogFolder(std::filesystem::path folder) : folder_(std::move(folder)) {}
  base::Result<std::string> get(std::string_view path) override;

 private:
  std::filesystem::path folder_;
};

struct LogVerdict {
  log::Level level = log::Level::none;  // of the checkpoint; none where anything does not fit
  std::vector<Finding> findings;
  std::optional<log::Checkpoint> head;
  std::uint64_t read = 0;                  // leaves that fit
  std::optional<std::uint64_t> first_bad;  // index of the first leaf that does not
};

// Called with each leaf that fits, in order: replaying an auction, counting. Its refusal is the verdict on that leaf
// (LOGV-08).
using LeafVisitor = std::function<base::Status(const log::Leaf& leaf, std::string_view bytes)>;

// Stops at the first leaf that does not fit. Memory: one version number per record, 16 bytes and
// their place in a table per leaf.
LogVerdict verify_log(LogFiles& files, const log::Policy& trust, const LeafVisitor& visit = {});

}  // namespace landglass::verify
