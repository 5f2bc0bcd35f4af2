#include "money/kept_statement.hpp"

#include "base/crypto.hpp"
#include "base/json.hpp"

namespace landglass::money {

base::Result<std::shared_ptr<const Statement>> KeptStatements::read(std::string_view hash, institution::Look& look) {
  for (const auto& [name, statement] : held_) {
    if (name == hash) return statement;
  }
  LG_TRY(const auto bytes, look.file(hash));
  LG_TRY(auto parsed, read_statement("statement", bytes));
  auto shared = std::make_shared<const Statement>(std::move(parsed));
  held_.emplace_front(std::string(hash), shared);
  if (held_.size() > k_most) held_.pop_back();
  return std::shared_ptr<const Statement>(shared);
}

std::string line_id(std::string_view account, std::string_view bank_reference) {
  const base::Json name(base::JsonArray{"landglass/bank-line/1", account, bank_reference});
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(name)))).substr(0, 32);
}

}  // namespace landglass::money
