#pragma once
// What a rebuild asks of a store (engine/engine_rebuild.cpp): the log and the vault read by threads beside the one that
// writes, and the projections dropped and made again in one transaction of the tables. Until it ends nobody sees anything of
// it; who is killed in the middle, or finds the log damaged, leaves the tables as they stood.

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "store/store.hpp"

namespace landglass::store {

// Log and vault as they were committed, over a connection of its own: for one thread. It lives no longer than the store.
class LogReader {
 public:
  struct Value {
    base::BytesView salt;  // 32 bytes
    std::string_view json;
  };
  virtual ~LogReader() = default;
  // Calls with each leaf of [from, from + count), in order. What a call is given lives no longer than the call.
  virtual base::Status each(log::Tree tree, std::uint64_t from, std::uint64_t count,
                            const std::function<base::Status(std::string_view leaf)>& take) = 0;
  // A private value of the leaf of the call that runs now, which lives until the next is asked for; nothing where it was
  // erased.
  virtual base::Result<std::optional<Value>> value(std::string_view path) = 0;
};

class Remake {
 public:
  struct Seen {
    std::uint64_t high = 0, low = 0;  // the command's 32 hex digits
    std::uint64_t seq = 0;
  };
  virtual ~Remake() = default;  // where it was begun and not finished, everything stands as it stood before
  // The tables without the journal: what waited there is in them. Between begin() and finish() they are in a batch.
  virtual Store& tables() = 0;
  virtual base::Status begin() = 0;                      // drops the projections
  virtual base::Status put_seen(std::vector<Seen>) = 0;  // commands of the open tree, many at a time
  virtual base::Status finish() = 0;
  virtual base::Result<std::unique_ptr<LogReader>> reader() = 0;  // as many as there are threads
};
// No other thread writes into the store or shapes it until the remake is gone.
base::Result<std::unique_ptr<Remake>> remake(Store& store);

}  // namespace landglass::store
