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

base::Result<BookedLine> KeptStatements::line_of(const institution::Record& made, institution::Look& look) {
  BookedLine out;
  LG_TRY(out.taken, look.record(made.fields.text("statement")));
  const auto* index = made.fields.at("line").if_int();
  if (out.taken == nullptr || index == nullptr) return base::fail("a line of no statement: " + made.id);
  LG_TRY(out.statement, read(out.taken->fields.text("statement_file"), look));
  if (*index < 0 || *index >= static_cast<std::int64_t>(out.statement->lines.size()))
    return base::fail("a line that the statement has not: " + made.id);
  out.index = static_cast<std::size_t>(*index);
  return out;
}

std::string line_id(std::string_view account, std::string_view bank_reference) {
  const base::Json name(base::JsonArray{"landglass/bank-line/1", account, bank_reference});
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(name)))).substr(0, 32);
}

}  // namespace landglass::money
