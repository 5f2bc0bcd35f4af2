#include "web/sessions.hpp"

#include <algorithm>

namespace landglass::web {
namespace {

constexpr std::size_t k_cached = 50'000;
constexpr std::int64_t k_look_ms = 250;
constexpr std::string_view k_token_prefix = "lgt_";

base::Bytes digest(std::string_view secret) {
  const auto hash = base::sha256(base::as_bytes(secret));
  return {hash.begin(), hash.end()};
}
std::string key_of(const base::Bytes& hash) { return std::string(base::as_text(hash)); }

std::string new_handle(base::Random& random) {
  std::array<std::uint8_t, 8> bytes{};
  random.fill(bytes.data(), bytes.size());
  return base::to_hex(bytes);
}

std::string joined(const std::vector<std::string>& scopes) {
  std::string text;
  for (const auto& scope : scopes) text += (text.empty() ? "" : " ") + scope;
  return text;
}

std::vector<std::string> parted(std::string_view text) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    scopes.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

base::Refusal none() { return base::refuse("ACCOUNT-NONE", "没有这个会话或令牌", "there is no such session or token"); }

}  // namespace

Sessions::Sessions(DeskDb& db, SessionTimes times, base::Hash csrf_key, base::Clock& clock, base::Random& random)
    : db_(db), times_(times), csrf_key_(csrf_key), clock_(clock), random_(random) {}

base::Result<Sessions::Begun> Sessions::begin(std::string_view login, std::string_view label) {
  const auto now = clock_.now();
  Begun begun;
  begun.secret = base::to_base64url(random_.bytes32());
  const auto hash = digest(begun.secret);
  const auto handle = new_handle(random_);
  {
    const auto lock = db_.lock();
    LG_TRY(const auto swept, db_.run("DELETE FROM session WHERE seen < ? OR created < ?",
                                     {now.ms - times_.idle_ms - base::k_minute, now.ms - times_.longest_ms}));
    (void)swept;
    LG_TRY(const auto added, db_.run("INSERT INTO session VALUES(?,?,?,?,?,?)",
                                     {hash, handle, std::string(login), std::string(label.substr(0, 120)), now.ms, now.ms}));
    (void)added;
  }
  begun.caller = find(begun.secret);
  if (!begun.caller) return base::fail("a session just begun is not found");
  return begun;
}

void Sessions::heed_other_processes(base::Time now) {
  if (now - looked_ < k_look_ms) return;
  looked_ = now;
  const auto lock = db_.lock();
  if (!db_.changed_elsewhere()) return;
  sessions_.clear();
  tokens_.clear();
}

std::shared_ptr<const Caller> Sessions::find(std::string_view secret) {
  if (secret.size() != 43) return nullptr;
  const auto hash = digest(secret);
  const auto now = clock_.now();
  const std::lock_guard guard(mutex_);
  heed_other_processes(now);
  auto found = sessions_.find(key_of(hash));
  if (found == sessions_.end()) {
    const auto lock = db_.lock();
    const auto rows = db_.rows(
        "SELECT s.handle, s.login, a.actor, s.created, s.seen FROM session s JOIN account a USING(login) WHERE s.hash = ? "
        "AND NOT a.disabled",
        {hash});
    if (!rows || rows->empty()) return nullptr;
    const auto& row = (*rows)[0];
    auto caller = std::make_shared<Caller>();
    caller->session = as_text(row[0]);
    caller->login = as_text(row[1]);
    caller->actor = as_text(row[2]);
    const auto mac = base::hmac_sha256(csrf_key_, hash);
    caller->csrf = base::to_base64url(mac);
    Held held{std::move(caller), {as_int(row[3])}, {as_int(row[4])}, {as_int(row[4])}, {as_int(row[3]) + times_.longest_ms}};
    if (sessions_.size() >= k_cached) sessions_.clear();
    found = sessions_.emplace(key_of(hash), std::move(held)).first;
  }
  auto& held = found->second;
  if (now >= held.expires || now - held.seen > times_.idle_ms) {
    sessions_.erase(found);
    return nullptr;
  }
  held.seen = std::max(held.seen, now);
  if (held.seen - held.stored >= base::k_minute) {  // to the minute is enough on disk
    const auto lock = db_.lock();
    const auto stored = db_.run("UPDATE session SET seen = ? WHERE hash = ?", {held.seen.ms, hash});
    if (stored) held.stored = held.seen;
  }
  return held.caller;
}

base::Status Sessions::end(std::string_view secret) {
  const auto hash = digest(secret);
  const std::lock_guard guard(mutex_);
  sessions_.erase(key_of(hash));
  const auto lock = db_.lock();
  LG_TRY(const auto ended, db_.run("DELETE FROM session WHERE hash = ?", {hash}));
  (void)ended;
  return base::Done{};
}

base::Result<std::vector<Pass>> Sessions::passes(std::string_view sql, std::string_view login, bool tokens) {
  const auto now = clock_.now();
  const auto lock = db_.lock();
  LG_TRY(const auto rows, db_.rows(sql, {std::string(login)}));
  std::vector<Pass> out;
  for (const auto& row : rows) {
    Pass pass{as_text(row[0]), as_text(row[1]), {}, {as_int(row[2])}, {}, {}};
    if (tokens) {
      pass.expires = {as_int(row[3])};
      pass.scopes = parted(as_text(row[4]));
    } else {
      pass.seen = {as_int(row[3])};
      pass.expires = std::min(pass.created + times_.longest_ms, pass.seen + times_.idle_ms);
    }
    if (pass.expires > now) out.push_back(std::move(pass));
  }
  return out;
}

base::Result<std::vector<Pass>> Sessions::list(std::string_view login) {
  return passes("SELECT handle, label, created, seen FROM session WHERE login = ? ORDER BY created", login, false);
}
base::Result<std::vector<Pass>> Sessions::tokens(std::string_view login) {
  return passes("SELECT handle, label, created, expires, scopes FROM token WHERE login = ? ORDER BY created", login, true);
}

base::Status Sessions::revoke(std::string_view login, std::string_view handle) {
  const std::lock_guard guard(mutex_);
  std::int64_t count = 0;
  {
    const auto lock = db_.lock();
    LG_TRY(count, db_.run("DELETE FROM session WHERE login = ? AND handle = ?", {std::string(login), std::string(handle)}));
  }
  std::erase_if(sessions_, [&](const auto& one) { return one.second.caller->login == login; });
  if (count == 0) return none();
  return base::Done{};
}

base::Status Sessions::revoke_all(std::string_view login, std::string_view except_handle) {
  const std::lock_guard guard(mutex_);
  {
    const auto lock = db_.lock();
    LG_TRY(const auto count,
           db_.run("DELETE FROM session WHERE login = ? AND handle <> ?", {std::string(login), std::string(except_handle)}));
    (void)count;
  }
  std::erase_if(sessions_, [&](const auto& one) { return one.second.caller->login == login; });
  return base::Done{};
}

base::Result<std::string> Sessions::issue_token(std::string_view login, std::string_view label,
                                                const std::vector<std::string>& scopes, base::Time expires) {
  const auto now = clock_.now();
  if (scopes.empty() || label.empty() || expires <= now || expires - now > 366 * base::k_day) {
    return base::refuse("ACCOUNT-TOKEN", "令牌须有名称、范围和一年内的期限",
                        "a token needs a label, a scope and an expiry within a year");
  }
  for (const auto& scope : scopes) {
    if (scope.empty() || scope.find(' ') != std::string::npos) {
      return base::refuse("ACCOUNT-TOKEN", "令牌范围不规范", "malformed scope", scope);
    }
  }
  auto token = std::string(k_token_prefix) + base::to_base64url(random_.bytes32());
  const auto lock = db_.lock();
  LG_TRY(const auto added, db_.run("INSERT INTO token VALUES(?,?,?,?,?,?,?)",
                                   {digest(token), new_handle(random_), std::string(login),
                                    std::string(label.substr(0, 120)), joined(scopes), now.ms, expires.ms}));
  (void)added;
  return token;
}

std::shared_ptr<const Caller> Sessions::find_token(std::string_view token) {
  if (token.size() != k_token_prefix.size() + 43 || !token.starts_with(k_token_prefix)) return nullptr;
  const auto hash = digest(token);
  const auto now = clock_.now();
  const std::lock_guard guard(mutex_);
  heed_other_processes(now);
  auto found = tokens_.find(key_of(hash));
  if (found == tokens_.end()) {
    const auto lock = db_.lock();
    const auto rows = db_.rows(
        "SELECT t.login, a.actor, t.scopes, t.expires FROM token t JOIN account a USING(login) WHERE t.hash = ? AND NOT "
        "a.disabled",
        {hash});
    if (!rows || rows->empty()) return nullptr;
    const auto& row = (*rows)[0];
    auto caller = std::make_shared<Caller>();
    caller->login = as_text(row[0]);
    caller->actor = as_text(row[1]);
    caller->scopes = parted(as_text(row[2]));
    if (tokens_.size() >= k_cached) tokens_.clear();
    Held held{std::move(caller), now, now, now, {as_int(row[3])}};
    found = tokens_.emplace(key_of(hash), std::move(held)).first;
  }
  if (now >= found->second.expires) {
    tokens_.erase(found);
    return nullptr;
  }
  return found->second.caller;
}

base::Status Sessions::revoke_token(std::string_view login, std::string_view handle) {
  const std::lock_guard guard(mutex_);
  std::int64_t count = 0;
  {
    const auto lock = db_.lock();
    LG_TRY(count, db_.run("DELETE FROM token WHERE login = ? AND handle = ?", {std::string(login), std::string(handle)}));
  }
  std::erase_if(tokens_, [&](const auto& one) { return one.second.caller->login == login; });
  if (count == 0) return none();
  return base::Done{};
}

void Sessions::forget(std::string_view login) {
  const std::lock_guard guard(mutex_);
  std::erase_if(sessions_, [&](const auto& one) { return one.second.caller->login == login; });
  std::erase_if(tokens_, [&](const auto& one) { return one.second.caller->login == login; });
}

}  // namespace landglass::web
