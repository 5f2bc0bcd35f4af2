#pragma once
// Where tips wait (docs/formats/tips.md). What came is kept on disk with the next beat, which writes the same bytes whether
// something came or not; the sender is answered then. At each full hour what is held goes into the sealed tree, in no order,
// with a roll in the open one that is given out every hour: so neither a leaf nor a file's time says when a tip came.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/crypto.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "engine/engine.hpp"

namespace landglass::tips {

struct Letter {
  std::string id;           // of the command, 32 hex digits: of a tip its mailbox
  std::string institution;  // tip, tip-message
  base::JsonObject fields;
};

// What the sender gets at once: the log's word that this document will be proved into the roll of that hour.
struct Promise {
  std::string hour;  // as the record of its roll is named
  std::string note;  // signed by the log
};

struct PostboxOptions {
  std::string file;                            // in the data folder; encrypted
  std::array<std::uint8_t, 32> key{};          // outside of it
  std::int64_t beat_ms = 20 * base::k_second;  // less than a request may wait for its answer
  std::int64_t roll_ms = base::k_hour;
};

class Postbox {
 public:
  // Reads what was held. Refuses TP-30 where the file is damaged or the key another.
  static base::Result<std::unique_ptr<Postbox>> open(PostboxOptions options, engine::Engine& engine, base::Clock& clock,
                                                     base::Random& random);
  virtual ~Postbox() = default;

  // Decides it without doing it, so that what would be refused is refused now; `kept` is called once it is on disk. A
  // failure, retryable, where more is held than can be.
  using Kept = std::function<void(base::Result<Promise>)>;
  virtual void put(Letter letter, Kept kept) = 0;
  // The hour at which a held tip is entered, or empty.
  virtual std::string held(std::string_view id) = 0;
  // The beat and the roll, where their time has come; run() calls it from a thread of its own.
  virtual base::Status turn() = 0;
  virtual void run() = 0;
  virtual void stop() = 0;
};

}  // namespace landglass::tips
