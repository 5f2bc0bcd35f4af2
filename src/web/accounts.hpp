#pragma once
// Accounts: a login name, its proofs (password, one-time code) and the opaque actor that it stands for. What an actor may do
// is none of this: that is appointments and institutions. Operational state in a file of its own (desk_db.hpp).

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/time.hpp"
#include "web/desk_db.hpp"
#include "web/sessions.hpp"
#include "web/workers.hpp"

namespace landglass::web {

struct AccountOptions {
  // Argon2id, RFC 9106's second choice (64 MiB, 3 passes): about a tenth of a second. Stronger numbers take hold at the next
  // sign-in.
  std::uint64_t argon_passes = 3;
  std::size_t argon_bytes = std::size_t{64} << 20;
  std::size_t argon_threads = 2;    // at once, and so memory in all: threads × bytes
  std::size_t argon_queue = 64;     // past it: a failure, try again
  std::size_t least_password = 10;  // characters
  // So many failures of a login from one network, then a pause of 30 s, doubled with each further one. And so many from all
  // networks together from which it never signed in: a rival who guesses elsewhere keeps nobody out of his own (0183).
  int free_failures = 5;
  int free_failures_elsewhere = 50;
  std::int64_t longest_pause_ms = 15 * base::k_minute;
  std::int64_t known_ms = 90 * base::k_day;  // a network is known so long after a sign-in from it
  SessionTimes times;
  base::Hash key{};  // seals one-time-password secrets, makes CSRF tokens; kept outside the database (docs/keys.md)
  std::string issuer = "Landglass";
};

struct Account {
  std::string login;
  std::string actor;
  bool disabled = false;
  bool totp = false;
};

struct SignIn {
  std::string login;
  std::string password;
  std::string code;     // one-time or recovery code; empty where the account needs none
  std::string label;    // "Firefox on Windows": shown in the list of sessions
  std::string network;  // subscriber() of the client's address: failures are counted by it, kept as a keyed hash alone
};

class Accounts {
 public:
  static base::Result<std::unique_ptr<Accounts>> open(const std::string& file, AccountOptions options, base::Clock& clock,
                                                      base::Random& random);

  // Administration. These hash on the calling thread: for the command line. Refusals: ACCOUNT-LOGIN, ACCOUNT-PASSWORD,
  // ACCOUNT-TAKEN, ACCOUNT-NONE.
  base::Status create(std::string_view login, std::string_view password, std::string_view actor);
  base::Status set_password(std::string_view login, std::string_view password);  // ends all his sessions
  base::Status set_disabled(std::string_view login, bool disabled);
  base::Result<Account> account(std::string_view login);
  base::Result<std::vector<Account>> all();

  // `done` is called on a hashing thread. Refusals, the same whether the account stands or not: AUTH-01 wrong login or
  // password, AUTH-PAUSE too many failures; and, once the password is right, AUTH-CODE a one-time code is needed or was
  // wrong.
  void sign_in(SignIn proofs, std::function<void(base::Result<Sessions::Begun>)> done);
  // The same as `create`, on a hashing thread: who opens an account for himself.
  void open_for(std::string login, std::string password, std::string actor, std::function<void(base::Status)> done);
  base::Status close(std::string_view login);  // that was opened just now and stands for nobody: nothing of it stays
  void change_password(SignIn proofs, std::string new_password, std::function<void(base::Status)> done);

  // An official's account stands on a record of the log (decision 0189). Half of the code that opens it, for each of the two
  // who gave it out: 16 letters and digits, made of the key and the record, kept nowhere.
  enum class Half { first, second };
  std::string half(std::string_view record, Half which) const;
  struct Opening {
    std::string login, password, actor, record;
  };
  // Once login and password would do, `take` writes it into the log; then it stands in place of whatever account the actor
  // had. `done` on a hashing thread. Refusals of `create` and of `take`.
  void open_official(Opening opening, std::function<base::Status()> take, std::function<void(base::Status)> done);
  base::Result<bool> stands_on(std::string_view record);  // whether an account does, locked or not
  base::Result<std::vector<std::string>> stood_on();      // records of the accounts that are not locked
  base::Status end_of(std::string_view record);           // locks the account that stands on it; nothing where none does

  struct TotpOffer {
    std::string secret;  // base32
    std::string uri;     // otpauth://
  };
  base::Result<TotpOffer> offer_totp(std::string_view login);  // takes hold with the first right code
  base::Result<std::vector<std::string>> confirm_totp(std::string_view login,
                                                      std::string_view code);  // ten recovery codes, told once
  base::Status remove_totp(std::string_view login);

  Sessions& sessions() { return *sessions_; }
  DeskDb& db() { return *db_; }

 private:
  Accounts(std::unique_ptr<DeskDb> db, AccountOptions options, base::Clock& clock, base::Random& random);
  base::Result<std::string> hash_password(std::string_view login, std::string_view password) const;
  base::Status put_official(const Opening& opening, const std::function<base::Status()>& take);
  base::Status prove(const SignIn& proofs, bool with_code);
  struct Tried {  // what failures of a login, from where it was tried, are counted under
    base::Bytes here, elsewhere, network;
  };
  Tried tried(std::string_view login, std::string_view network) const;
  base::Result<bool> knows(const Tried& from);
  base::Status check_pause(const base::Bytes& attempt);
  base::Status note_failure(const Tried& from);
  base::Status count_failure(const base::Bytes& attempt, int free);
  base::Result<bool> take_code(std::string_view login, std::string_view code);
  base::Bytes seal(base::BytesView secret);
  std::optional<base::Bytes> unseal(base::BytesView sealed) const;
  base::Bytes recovery_hash(std::string_view login, std::string_view code) const;

  std::unique_ptr<DeskDb> db_;
  AccountOptions options_;
  base::Clock& clock_;
  base::Random& random_;
  std::unique_ptr<Sessions> sessions_;
  std::string decoy_;                 // hash of nothing, checked where no account stands, so that the time tells nothing
  std::unique_ptr<Workers> workers_;  // last: ends first
};

// The form under which a login stands: NFC, lower-case ASCII. nullopt: not 2 to 64 letters, digits, ".", "-", "_", "@" or
// non-ASCII.
std::optional<std::string> clean_login(std::string_view login);

}  // namespace landglass::web
