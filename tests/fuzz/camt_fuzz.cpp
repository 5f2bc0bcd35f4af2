// Links: money
// Bank statements in XML: a refusal says where; what reads is, written as CSV, the same statement.
#include <cstdint>
#include <string_view>

#include "money/camt.hpp"

using namespace landglass;
using namespace landglass::money;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = parse_camt053("fuzz.xml", {reinterpret_cast<const char*>(data), size});
  if (!statement) {
    LG_ASSERT(statement.refused() && statement.refusal().where.starts_with("fuzz.xml"), "a refusal says where");
    return 0;
  }
  std::int64_t sum = statement->opening.fen;
  for (const auto& line : statement->lines) {
    LG_ASSERT(line.amount.fen != 0, "a line moves something");
    LG_ASSERT(line.booked >= statement->from && line.booked <= statement->to, "a line lies within its statement");
    LG_ASSERT(line.account.starts_with(statement->account), "a line is of the account or of a sub-account");
    sum += line.amount.fen;
  }
  LG_ASSERT(sum == statement->closing.fen, "the balances agree");
  const auto again = parse_statement("again.csv", format_statement(*statement));
  LG_ASSERT(again && again->lines == statement->lines && again->closing == statement->closing,
            "what a message says, CSV says as well");
  return 0;
}
