#pragma once
// Sessions of people and tokens of machines. Their secrets are 256 random bits, kept only as SHA-256: a copy of the database
// signs nobody in. A session ends when it was idle too long, when its longest time is over, or when it is revoked.

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "web/desk_db.hpp"
#include "web/http.hpp"

namespace landglass::web {

struct SessionTimes {
  std::int64_t idle_ms = 30 * base::k_minute;
  std::int64_t longest_ms = 12 * base::k_hour;
};

// What a person sees of a session or token of his: enough to know it again and revoke it.
struct Pass {
  std::string handle;
  std::string label;
  std::vector<std::string> scopes;  // of a token
  base::Time created;
  base::Time seen;  // of a session, to the minute
  base::Time expires;
};

class Sessions {
 public:
  Sessions(DeskDb& db, SessionTimes times, base::Hash csrf_key, base::Clock& clock, base::Random& random);

  struct Begun {
    std::string secret;  // the cookie's value; told once
    std::shared_ptr<const Caller> caller;
  };
  base::Result<Begun> begin(std::string_view login, std::string_view label);
  std::shared_ptr<const Caller> find(std::string_view secret);  // null: none, expired, revoked, its account disabled
  base::Status end(std::string_view secret);
  base::Result<std::vector<Pass>> list(std::string_view login);
  base::Status revoke(std::string_view login, std::string_view handle);  // refusal ACCOUNT-NONE
  base::Status revoke_all(std::string_view login, std::string_view except_handle = {});

  // "lgt_" and 43 letters; told once. A token opens only routes whose scope it holds.
  base::Result<std::string> issue_token(std::string_view login, std::string_view label,
                                        const std::vector<std::string>& scopes, base::Time expires);
  std::shared_ptr<const Caller> find_token(std::string_view token);
  base::Result<std::vector<Pass>> tokens(std::string_view login);
  base::Status revoke_token(std::string_view login, std::string_view handle);

  void forget(std::string_view login);  // what is cached of him: after a change of his account

 private:
  struct Held {
    std::shared_ptr<const Caller> caller;
    base::Time created, seen, stored, expires;
  };
  using Cache = std::unordered_map<std::string, Held>;
  void heed_other_processes(base::Time now);  // the command line locks accounts and ends sessions too; holds mutex_
  base::Result<std::vector<Pass>> passes(std::string_view sql, std::string_view login, bool tokens);

  DeskDb& db_;
  SessionTimes times_;
  base::Hash csrf_key_;
  base::Clock& clock_;
  base::Random& random_;
  std::mutex mutex_;  // of the caches; taken before the database's lock
  Cache sessions_;
  Cache tokens_;
  base::Time looked_{INT64_MIN / 2};
};

}  // namespace landglass::web
