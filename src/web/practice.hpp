#pragma once
// The practice lot (练习场): the same ladder, the same signed bids, a clock that runs; in memory and for one bidder alone.
// It costs nothing, changes nothing and stands in no log. Two rivals of the house bid against him for a while.

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "law/auction_bid.hpp"
#include "law/auction_ladder.hpp"

namespace landglass::web {

// A bid as it was sent, its signature verified.
struct SignedBid {
  law::Bid bid;
  std::string key;  // base64url
  std::string bytes;
};
// Refuses EN-13 what is incomplete or not signed by the key it names.
base::Result<SignedBid> read_signed_bid(const base::Json& body, std::string_view lot, std::string_view origin);

class Practice {
 public:
  // `publish(topic, doc)`: the lot's new document, of the form of a lot's public one.
  Practice(base::Clock& clock, std::string origin, std::function<void(const std::string& topic, const base::Json&)> publish);
  ~Practice();

  struct Seen {
    base::Json doc;
    std::int64_t plate = 0;
    std::int64_t counter = 0;
    std::string key;
    std::vector<base::Json> offers;  // his own, newest first
  };
  Seen open(std::string_view who);  // his lot; a fresh one where he has none
  void again(std::string_view who);
  base::Status register_key(std::string_view who, std::string key);
  // The counter under which it stands. The same bid again is answered again.
  base::Result<std::int64_t> bid(std::string_view who, const base::Json& body);
  const std::string& origin() const { return origin_; }

  static constexpr std::size_t k_most = 500;  // lots at once; one past it takes the place of the one idle longest
  static constexpr std::int64_t k_idle_ms = 30 * base::k_minute;

 private:
  struct Offer {
    base::Time time;
    base::Money price;
    std::uint32_t plate = 0;
    std::uint64_t counter = 0;
  };
  struct Lot {
    std::string id;
    std::shared_ptr<const law::RuleSheet> sheet;
    std::optional<law::Ladder> ladder;
    std::vector<Offer> offers;  // newest first
    std::string key;
    std::map<std::uint64_t, std::string> answered;  // counter -> signature
    base::Time touched;
    base::Time next_rival;
    int rivals_left = 0;
    std::uint64_t rival_counter = 0;
  };
  Lot& lot_of(std::string_view who);
  Lot fresh();
  base::Json doc_of(const Lot& lot) const;
  bool move(Lot& lot, base::Time now);  // what is due, and a rival's turn
  void loop();

  base::Clock& clock_;
  const std::string origin_;
  const std::function<void(const std::string&, const base::Json&)> publish_;
  base::SystemRandom random_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Lot, std::less<>> lots_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace landglass::web
