#include "web/idempotency.hpp"

#include <algorithm>

#include "log/command_id.hpp"

namespace landglass::web {
namespace {

std::string place(std::string_view actor, std::string_view key) { return std::string(actor) + "\n" + std::string(key); }

}  // namespace

base::Result<std::optional<Response>> Idempotency::begin(std::string_view actor, std::string_view key,
                                                         const base::Hash& digest) {
  const bool visible = std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (key.empty() || key.size() > 128 || !visible) {
    return base::refuse("KEY-FORM", "幂等键不规范", "malformed idempotency key", "idempotency-key");
  }
  const std::lock_guard guard(mutex_);
  if (under_way_.count(place(actor, key)))
    return base::refuse("KEY-BUSY", "同一请求正在处理", "the same request is under way", "idempotency-key");
  const auto now = clock_.now().ms;
  const auto lock = db_.lock();
  LG_TRY(const auto rows,
         db_.rows("SELECT digest, status, type, body FROM answer WHERE actor = ? AND key = ? AND expires > ?",
                  {std::string(actor), std::string(key), now}));
  if (rows.empty()) {
    under_way_.insert(place(actor, key));
    return std::optional<Response>();
  }
  const auto& row = rows[0];
  if (as_blob(row[0]) != base::Bytes(digest.begin(), digest.end())) {
    return base::refuse("KEY-OTHER", "该幂等键已用于另一请求", "the key was used for another request", "idempotency-key");
  }
  auto response = text(static_cast<int>(as_int(row[1])), std::string(base::as_text(as_blob(row[3]))), as_text(row[2]));
  response.header("idempotent-replayed", "true");
  return std::optional<Response>(std::move(response));
}

base::Status Idempotency::finish(std::string_view actor, std::string_view key, const base::Hash& digest,
                                 const Response& response) {
  const auto now = clock_.now().ms;
  base::Status outcome = base::Done{};
  // A failure is not an answer: the same key may try again.
  if (response.status < 500) {
    const auto lock = db_.lock();
    const auto body = response.body ? base::to_bytes(*response.body) : base::Bytes();
    auto swept = db_.run("DELETE FROM answer WHERE expires <= ?", {now});
    if (!swept) outcome = swept.trouble();
    auto kept =
        db_.run("INSERT OR REPLACE INTO answer VALUES(?,?,?,?,?,?,?)",
                {std::string(actor), std::string(key), base::Bytes(digest.begin(), digest.end()),
                 std::int64_t{response.status}, std::string(response.headers.get("content-type")), body, now + keep_ms_});
    if (!kept) outcome = kept.trouble();
  }
  abandon(actor, key);
  return outcome;
}

void Idempotency::abandon(std::string_view actor, std::string_view key) {
  const std::lock_guard guard(mutex_);
  under_way_.erase(place(actor, key));
}

base::Hash Idempotency::digest(const Request& request) {
  std::string head = std::string(method_name(request.method)) + " " + request.path + "\n";
  for (const auto& [name, value] : request.query)
    head += std::to_string(name.size()) + ":" + name + std::to_string(value.size()) + ":" + value;
  head += "\n";
  return base::sha256(base::as_bytes(head), base::as_bytes(request.body));
}

std::string Idempotency::command_id(std::string_view actor, std::string_view key, bool sealed) {
  const auto text = "landglass/command/1\n" + place(actor, key);
  return log::command_id(sealed ? std::nullopt : log::time_in_key(key), base::sha256(base::as_bytes(text)));
}

}  // namespace landglass::web
