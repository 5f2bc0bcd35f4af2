#pragma once
// Idempotency-Key: a command sent twice because the network failed is done once. A key is bound to its actor and to the
// digest of what was sent; the answer is kept for a day. While the first is under way the second is told to wait. What is
// done twice in the log's eyes after a crash between the two is prevented by the command id, which comes from actor and key.

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <string_view>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "web/desk_db.hpp"
#include "web/http.hpp"

namespace landglass::web {

class Idempotency {
 public:
  Idempotency(DeskDb& db, base::Clock& clock, std::int64_t keep_ms = base::k_day)
      : db_(db), clock_(clock), keep_ms_(keep_ms) {}

  // nullopt: new, and now under way until finish() or abandon(). A response: the kept answer. Refusals: KEY-FORM (1 to 128
  // visible ASCII), KEY-OTHER (the key was used for another request), KEY-BUSY.
  base::Result<std::optional<Response>> begin(std::string_view actor, std::string_view key, const base::Hash& digest);
  base::Status finish(std::string_view actor, std::string_view key, const base::Hash& digest, const Response& response);
  void abandon(std::string_view actor, std::string_view key);

  static base::Hash digest(const Request& request);  // of method, path, query and body
  // Begins with the time that the key begins with, if it does; never where the act goes to the sealed tree.
  static std::string command_id(std::string_view actor, std::string_view key, bool sealed = false);

 private:
  DeskDb& db_;
  base::Clock& clock_;
  std::int64_t keep_ms_;
  std::mutex mutex_;
  std::set<std::string> under_way_;
};

}  // namespace landglass::web
