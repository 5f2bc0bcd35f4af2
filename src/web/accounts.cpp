#include "web/accounts.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "base/json.hpp"
#include "web/totp.hpp"
#include "web/uri.hpp"

namespace landglass::web {
namespace {

constexpr std::size_t k_longest_password = 1'024;  // bytes: Argon2 must not be fed without bound
constexpr int k_recovery_codes = 10;

base::Refusal wrong() { return base::refuse("AUTH-01", "用户名或密码不正确", "wrong login or password"); }
base::Refusal no_account(std::string_view login) {
  return base::refuse("ACCOUNT-NONE", "没有这个账户", "there is no such account", std::string(login));
}

std::size_t characters(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::optional<std::string> clean_login(std::string_view login) {
  if (!is_utf8(login)) return std::nullopt;
  auto clean = base::to_nfc(login);
  const auto length = characters(clean);
  if (length < 2 || length > 64) return std::nullopt;
  for (char& c : clean) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '@';
    if (!plain && static_cast<unsigned char>(c) < 0x80) return std::nullopt;
  }
  return clean;
}

Accounts::Accounts(std::unique_ptr<DeskDb> db, AccountOptions options, base::Clock& clock, base::Random& random)
    : db_(std::move(db)), options_(std::move(options)), clock_(clock), random_(random) {
  const auto csrf_key = base::hmac_sha256(options_.key, base::as_bytes("landglass/csrf/1"));
  sessions_ = std::make_unique<Sessions>(*db_, options_.times, csrf_key, clock_, random_);
  workers_ = std::make_unique<Workers>(options_.argon_threads, options_.argon_queue);
}

base::Result<std::unique_ptr<Accounts>> Accounts::open(const std::string& file, AccountOptions options, base::Clock& clock,
                                                       base::Random& random) {
  if (sodium_init() < 0) return base::fail("libsodium does not start");
  LG_TRY(auto db, DeskDb::open(file));
  std::unique_ptr<Accounts> accounts(new Accounts(std::move(db), std::move(options), clock, random));
  LG_TRY(accounts->decoy_, accounts->hash_password("", "correct horse battery staple"));
  return accounts;
}

base::Result<std::string> Accounts::hash_password(std::string_view login, std::string_view password) const {
  if (!is_utf8(password) || password.size() > k_longest_password || characters(password) < options_.least_password ||
      password == login) {
    return base::refuse(
        "ACCOUNT-PASSWORD", "密码至少 " + std::to_string(options_.least_password) + " 个字符，且不得与用户名相同",
        "a password has at least " + std::to_string(options_.least_password) + " characters and is not the login",
        "password");
  }
  const auto plain = base::to_nfc(password);
  char out[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str_alg(out, plain.data(), plain.size(), options_.argon_passes, options_.argon_bytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return base::fail("no memory for a password hash", true);
  }
  return std::string(out);
}

base::Status Accounts::create(std::string_view login, std::string_view password, std::string_view actor) {
  const auto clean = clean_login(login);
  if (!clean) return base::refuse("ACCOUNT-LOGIN", "用户名不规范", "malformed login", std::string(login));
  if (!actor.starts_with("person/") && !actor.starts_with("party/")) {
    return base::refuse("ACCOUNT-ACTOR", "账户须对应一个人员或当事人", "an account stands for a person/… or a party/…",
                        std::string(actor));
  }
  LG_TRY(const auto hash, hash_password(*clean, password));
  const auto lock = db_->lock();
  LG_TRY(const auto added, db_->run("INSERT OR IGNORE INTO account(login, actor, password, created) VALUES(?,?,?,?)",
                                    {*clean, std::string(actor), hash, clock_.now().ms}));
  if (added == 0) return base::refuse("ACCOUNT-TAKEN", "用户名已被使用", "the login is taken", *clean);
  return base::Done{};
}

base::Status Accounts::set_password(std::string_view login, std::string_view password) {
  const auto clean = clean_login(login).value_or("");
  LG_TRY(const auto hash, hash_password(clean, password));
  {
    const auto lock = db_->lock();
    LG_TRY(const auto count, db_->run("UPDATE account SET password = ? WHERE login = ?", {hash, clean}));
    if (count == 0) return no_account(login);
  }
  return sessions_->revoke_all(clean);
}

base::Status Accounts::set_disabled(std::string_view login, bool disabled) {
  const auto clean = clean_login(login).value_or("");
  {
    const auto lock = db_->lock();
    LG_TRY(const auto count, db_->run("UPDATE account SET disabled = ? WHERE login = ?", {std::int64_t{disabled}, clean}));
    if (count == 0) return no_account(login);
  }
  sessions_->forget(clean);
  if (disabled) return sessions_->revoke_all(clean);
  return base::Done{};
}

base::Result<Account> Accounts::account(std::string_view login) {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT login, actor, disabled, totp IS NOT NULL FROM account WHERE login = ?",
                                    {clean_login(login).value_or("")}));
  if (rows.empty()) return no_account(login);
  return Account{as_text(rows[0][0]), as_text(rows[0][1]), as_int(rows[0][2]) != 0, as_int(rows[0][3]) != 0};
}

base::Result<std::vector<Account>> Accounts::all() {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT login, actor, disabled, totp IS NOT NULL FROM account ORDER BY login"));
  std::vector<Account> out;
  for (const auto& row : rows) out.push_back({as_text(row[0]), as_text(row[1]), as_int(row[2]) != 0, as_int(row[3]) != 0});
  return out;
}

// Under the key, so that the file does not tell from where somebody works.
Accounts::Tried Accounts::tried(std::string_view login, std::string_view network) const {
  const auto keyed = [&](std::string_view what, std::string_view where) {
    const auto text = "landglass/" + std::string(what) + "/1\n" + std::string(login) + "\n" + std::string(where);
    const auto mac = base::hmac_sha256(options_.key, base::as_bytes(text));
    return base::Bytes(mac.begin(), mac.end());
  };
  return {keyed("attempt", network), keyed("attempt-elsewhere", {}), keyed("network", network)};
}

base::Result<bool> Accounts::knows(const Tried& from) {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT 1 FROM network WHERE hash = ? AND last >= ?",
                                    {from.network, clock_.now().ms - options_.known_ms}));
  return !rows.empty();
}

base::Status Accounts::check_pause(const base::Bytes& attempt) {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT paused_until FROM attempt WHERE hash = ?", {attempt}));
  const auto left = rows.empty() ? 0 : as_int(rows[0][0]) - clock_.now().ms;
  if (left <= 0) return base::Done{};
  const auto seconds = std::to_string((left + 999) / 1000);
  return base::refuse("AUTH-PAUSE", "尝试次数过多，请在 " + seconds + " 秒后再试",
                      "too many attempts, try again in " + seconds + " seconds");
}

base::Status Accounts::note_failure(const Tried& from) {
  LG_CHECK(count_failure(from.here, options_.free_failures));
  LG_TRY(const bool known, knows(from));
  return known ? base::Status(base::Done{}) : count_failure(from.elsewhere, options_.free_failures_elsewhere);
}

base::Status Accounts::count_failure(const base::Bytes& attempt, int free) {
  const auto now = clock_.now().ms;
  const auto lock = db_->lock();
  // A day without a failure forgets; what a flood of invented logins leaves behind is bounded by it.
  LG_TRY(const auto swept, db_->run("DELETE FROM attempt WHERE last < ?", {now - base::k_day}));
  (void)swept;
  LG_TRY(const auto rows, db_->rows("SELECT failures FROM attempt WHERE hash = ?", {attempt}));
  const auto failures = (rows.empty() ? 0 : as_int(rows[0][0])) + 1;
  std::int64_t pause = 0;
  if (failures >= free) {
    const auto doublings = std::min<std::int64_t>(failures - free, 20);
    pause = std::min(options_.longest_pause_ms, 30 * base::k_second * (std::int64_t{1} << doublings));
  }
  LG_TRY(const auto noted,
         db_->run(
             "INSERT INTO attempt VALUES(?1,?2,?3,?4) ON CONFLICT(hash) DO UPDATE SET failures=?2, paused_until=?3, last=?4",
             {attempt, failures, now + pause, now}));
  (void)noted;
  return base::Done{};
}

base::Status Accounts::prove(const SignIn& proofs, bool with_code) {
  const auto login = clean_login(proofs.login).value_or("");
  const auto from = tried(login, proofs.network);
  LG_CHECK(check_pause(from.here));
  LG_TRY(const bool known, knows(from));
  if (!known) LG_CHECK(check_pause(from.elsewhere));
  std::string hash = decoy_;
  bool stands = false;
  bool needs_code = false;
  {
    const auto lock = db_->lock();
    LG_TRY(const auto rows, db_->rows("SELECT password, disabled, totp IS NOT NULL FROM account WHERE login = ?", {login}));
    if (!rows.empty()) {
      hash = as_text(rows[0][0]);
      stands = as_int(rows[0][1]) == 0;
      needs_code = as_int(rows[0][2]) != 0;
    }
  }
  const bool sane = proofs.password.size() <= k_longest_password && is_utf8(proofs.password);
  const auto plain = sane ? base::to_nfc(proofs.password) : std::string();
  const bool right = crypto_pwhash_str_verify(hash.c_str(), plain.data(), plain.size()) == 0 && stands && sane;
  if (!right) {
    LG_CHECK(note_failure(from));
    return wrong();
  }
  if (with_code && needs_code) {
    if (proofs.code.empty()) return base::refuse("AUTH-CODE", "请输入动态验证码", "a one-time code is needed", "code");
    LG_TRY(const bool taken, take_code(login, proofs.code));
    if (!taken) {
      LG_CHECK(note_failure(from));
      return base::refuse("AUTH-CODE", "动态验证码不正确或已使用", "the one-time code is wrong or used", "code");
    }
  }
  std::string stronger;
  if (crypto_pwhash_str_needs_rehash(hash.c_str(), options_.argon_passes, options_.argon_bytes) != 0) {
    auto made = hash_password(login, proofs.password);
    if (made) stronger = *std::move(made);
  }
  const auto lock = db_->lock();
  LG_TRY(const auto cleared, db_->run("DELETE FROM attempt WHERE hash = ?", {from.here}));
  LG_TRY(const auto swept, db_->run("DELETE FROM network WHERE last < ?", {clock_.now().ms - options_.known_ms}));
  LG_TRY(const auto noted, db_->run("INSERT OR REPLACE INTO network VALUES(?,?)", {from.network, clock_.now().ms}));
  (void)cleared, (void)swept, (void)noted;
  if (!stronger.empty()) {
    LG_TRY(const auto kept,
           db_->run("UPDATE account SET password = ? WHERE login = ? AND password = ?", {stronger, login, hash}));
    (void)kept;
  }
  return base::Done{};
}

void Accounts::sign_in(SignIn proofs, std::function<void(base::Result<Sessions::Begun>)> done) {
  auto shared = std::make_shared<std::function<void(base::Result<Sessions::Begun>)>>(std::move(done));
  const bool queued = workers_->run([this, proofs = std::move(proofs), shared] {
    if (auto proved = prove(proofs, true); !proved) return (*shared)(proved.trouble());
    (*shared)(sessions_->begin(clean_login(proofs.login).value_or(""), proofs.label));
  });
  if (!queued) (*shared)(base::fail("too many people sign in at once", true));
}

void Accounts::open_for(std::string login, std::string password, std::string actor, std::function<void(base::Status)> done) {
  auto shared = std::make_shared<std::function<void(base::Status)>>(std::move(done));
  const bool queued = workers_->run([this, login = std::move(login), password = std::move(password),
                                     actor = std::move(actor), shared] { (*shared)(create(login, password, actor)); });
  if (!queued) (*shared)(base::fail("too many passwords are hashed at once", true));
}

base::Status Accounts::close(std::string_view login) {
  const auto clean = clean_login(login).value_or("");
  const auto lock = db_->lock();
  LG_TRY(const auto count, db_->run("DELETE FROM account WHERE login = ?", {clean}));
  if (count == 0) return no_account(login);
  return base::Done{};
}

std::string Accounts::half(std::string_view record, Half which) const {
  const auto text = "landglass/official-account/1\n" + std::string(record) + (which == Half::first ? "\n1" : "\n2");
  const auto mac = base::hmac_sha256(options_.key, base::as_bytes(text));
  return to_base32(base::BytesView(mac).first(10));
}

void Accounts::open_official(Opening opening, std::function<base::Status()> take, std::function<void(base::Status)> done) {
  auto shared = std::make_shared<std::function<void(base::Status)>>(std::move(done));
  const bool queued = workers_->run(
      [this, opening = std::move(opening), take = std::move(take), shared] { (*shared)(put_official(opening, take)); });
  if (!queued) (*shared)(base::fail("too many passwords are hashed at once", true));
}

base::Status Accounts::put_official(const Opening& opening, const std::function<base::Status()>& take) {
  const auto login = clean_login(opening.login);
  if (!login) return base::refuse("ACCOUNT-LOGIN", "用户名不规范", "malformed login", opening.login);
  LG_TRY(const auto hash, hash_password(*login, opening.password));
  const auto taken = [&]() -> base::Result<bool> {
    LG_TRY(const auto rows, db_->rows("SELECT 1 FROM account WHERE login = ? AND actor <> ?", {*login, opening.actor}));
    return !rows.empty();
  };
  const auto no = base::refuse("ACCOUNT-TAKEN", "用户名已被使用", "the login is taken", *login);
  {
    const auto lock = db_->lock();
    LG_TRY(const bool by_another, taken());
    if (by_another) return no;
  }
  LG_CHECK(take());
  std::vector<std::string> earlier;
  {
    const auto lock = db_->lock();
    LG_TRY(const bool by_another, taken());
    if (by_another) return no;  // since then: the record stands open and no account on it, so that the code still opens one
    LG_TRY(const auto had, db_->rows("SELECT login FROM account WHERE actor = ?", {opening.actor}));
    LG_TRY(const auto begun, db_->run("BEGIN IMMEDIATE"));
    (void)begun;
    const auto put = [&]() -> base::Status {
      for (const auto& row : had) {
        earlier.push_back(as_text(row[0]));
        for (const auto* sql : {"DELETE FROM recovery WHERE login = ?", "DELETE FROM session WHERE login = ?",
                                "DELETE FROM token WHERE login = ?", "DELETE FROM account WHERE login = ?"}) {
          LG_TRY(const auto gone, db_->run(sql, {row[0]}));
          (void)gone;
        }
      }
      LG_TRY(const auto added, db_->run("INSERT INTO account(login, actor, password, created, record) VALUES(?,?,?,?,?)",
                                        {*login, opening.actor, hash, clock_.now().ms, opening.record}));
      LG_TRY(const auto kept, db_->run("COMMIT"));
      (void)added, (void)kept;
      return base::Done{};
    };
    if (auto done = put(); !done) {
      const auto undone = db_->run("ROLLBACK");
      (void)undone;
      return done;
    }
  }
  for (const auto& one : earlier) sessions_->forget(one);
  return base::Done{};
}

base::Result<bool> Accounts::stands_on(std::string_view record) {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT 1 FROM account WHERE record = ?", {std::string(record)}));
  return !rows.empty();
}

base::Result<std::vector<std::string>> Accounts::stood_on() {
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT record FROM account WHERE record IS NOT NULL AND disabled = 0"));
  std::vector<std::string> out;
  for (const auto& row : rows) out.push_back(as_text(row[0]));
  return out;
}

base::Status Accounts::end_of(std::string_view record) {
  std::string login;
  {
    const auto lock = db_->lock();
    LG_TRY(const auto rows, db_->rows("SELECT login FROM account WHERE record = ?", {std::string(record)}));
    if (rows.empty()) return base::Done{};
    login = as_text(rows[0][0]);
  }
  return set_disabled(login, true);
}

void Accounts::change_password(SignIn proofs, std::string new_password, std::function<void(base::Status)> done) {
  auto shared = std::make_shared<std::function<void(base::Status)>>(std::move(done));
  const bool queued = workers_->run([this, proofs = std::move(proofs), new_password = std::move(new_password), shared] {
    if (auto proved = prove(proofs, false); !proved) return (*shared)(proved.trouble());
    (*shared)(set_password(proofs.login, new_password));
  });
  if (!queued) (*shared)(base::fail("too many passwords are hashed at once", true));
}

base::Result<Accounts::TotpOffer> Accounts::offer_totp(std::string_view login) {
  const auto clean = clean_login(login).value_or("");
  base::Bytes secret(20);
  random_.fill(secret.data(), secret.size());
  const auto lock = db_->lock();
  LG_TRY(const auto count, db_->run("UPDATE account SET totp_new = ? WHERE login = ?", {seal(secret), clean}));
  if (count == 0) return no_account(login);
  return TotpOffer{to_base32(secret), totp_uri(secret, options_.issuer, clean)};
}

base::Result<std::vector<std::string>> Accounts::confirm_totp(std::string_view login, std::string_view code) {
  const auto clean = clean_login(login).value_or("");
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT totp_new FROM account WHERE login = ?", {clean}));
  if (rows.empty()) return no_account(login);
  const auto secret = unseal(as_blob(rows[0][0]));
  const auto step = secret ? totp_match(*secret, code, clock_.now(), 0) : std::nullopt;
  if (!step) return base::refuse("AUTH-CODE", "动态验证码不正确", "the one-time code is wrong", "code");
  LG_TRY(const auto kept,
         db_->run("UPDATE account SET totp = totp_new, totp_new = NULL, totp_step = ? WHERE login = ?", {*step, clean}));
  LG_TRY(const auto old, db_->run("DELETE FROM recovery WHERE login = ?", {clean}));
  (void)kept, (void)old;
  std::vector<std::string> codes;
  for (int i = 0; i < k_recovery_codes; ++i) {
    base::Bytes bits(10);
    random_.fill(bits.data(), bits.size());
    auto text = to_base32(bits);
    for (const std::size_t at : {12, 8, 4}) text.insert(at, "-");
    LG_TRY(const auto added, db_->run("INSERT INTO recovery VALUES(?,?)", {clean, recovery_hash(clean, text)}));
    (void)added;
    codes.push_back(std::move(text));
  }
  return codes;
}

base::Status Accounts::remove_totp(std::string_view login) {
  const auto clean = clean_login(login).value_or("");
  const auto lock = db_->lock();
  LG_TRY(const auto count, db_->run("UPDATE account SET totp = NULL, totp_new = NULL WHERE login = ?", {clean}));
  LG_TRY(const auto codes, db_->run("DELETE FROM recovery WHERE login = ?", {clean}));
  (void)codes;
  if (count == 0) return no_account(login);
  return base::Done{};
}

base::Result<bool> Accounts::take_code(std::string_view login, std::string_view code) {
  const std::string name(login);
  const auto lock = db_->lock();
  LG_TRY(const auto rows, db_->rows("SELECT totp, totp_step FROM account WHERE login = ?", {name}));
  const auto secret = rows.empty() ? std::nullopt : unseal(as_blob(rows[0][0]));
  if (!secret) return base::fail("the one-time-password secret of an account does not open: is the key the right one?");
  if (const auto step = totp_match(*secret, code, clock_.now(), as_int(rows[0][1]))) {
    LG_TRY(const auto kept,
           db_->run("UPDATE account SET totp_step = ? WHERE login = ? AND totp_step < ?", {*step, name, *step}));
    return kept == 1;
  }
  LG_TRY(const auto used, db_->run("DELETE FROM recovery WHERE login = ? AND hash = ?", {name, recovery_hash(login, code)}));
  return used == 1;
}

base::Bytes Accounts::seal(base::BytesView secret) {
  const auto key = base::hmac_sha256(options_.key, base::as_bytes("landglass/totp/1"));
  base::Bytes out(crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + secret.size());
  random_.fill(out.data(), crypto_secretbox_NONCEBYTES);
  crypto_secretbox_easy(out.data() + crypto_secretbox_NONCEBYTES, secret.data(), secret.size(), out.data(), key.data());
  return out;
}

std::optional<base::Bytes> Accounts::unseal(base::BytesView sealed) const {
  constexpr std::size_t extra = crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES;
  if (sealed.size() <= extra) return std::nullopt;
  const auto key = base::hmac_sha256(options_.key, base::as_bytes("landglass/totp/1"));
  base::Bytes out(sealed.size() - extra);
  const auto* box = sealed.data() + crypto_secretbox_NONCEBYTES;
  if (crypto_secretbox_open_easy(out.data(), box, sealed.size() - crypto_secretbox_NONCEBYTES, sealed.data(), key.data()) !=
      0) {
    return std::nullopt;
  }
  return out;
}

base::Bytes Accounts::recovery_hash(std::string_view login, std::string_view code) const {
  std::string text = "landglass/recovery/1\n" + std::string(login) + "\n";
  for (char c : code)
    if (c != '-' && c != ' ') text.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  const auto mac = base::hmac_sha256(options_.key, base::as_bytes(text));
  return {mac.begin(), mac.end()};
}

}  // namespace landglass::web
