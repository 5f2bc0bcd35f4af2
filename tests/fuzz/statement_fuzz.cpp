// Links: money
// Bank statements: what reads must write itself back, follow its own balances, and pass through the deposit book with the
// books in order.
#include <cstdint>
#include <string_view>

#include "money/deposits.hpp"
#include "money/statement.hpp"

using namespace landglass;
using namespace landglass::money;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto statement = parse_statement("fuzz.csv", {reinterpret_cast<const char*>(data), size});
  if (!statement) {
    LG_ASSERT(statement.refused() && !statement.refusal().where.empty(), "a refusal says where");
    return 0;
  }
  const auto again = parse_statement("again.csv", format_statement(*statement));
  LG_ASSERT(again && again->lines == statement->lines && again->closing == statement->closing,
            "a statement writes itself back");
  DepositBook book;
  const base::Date due = statement->to + 7;
  const DepositKey key{{"lot"}, {"bidder"}};
  const auto expect = book.decide(Expect{
      {key, {"福州甲置业有限公司"}, "3501001-0017", "LG0012", base::Money{180'000'000}, base::end_of(statement->to)}});
  book.evolve(**expect);
  for (const auto& line : statement->lines) {
    for (int twice = 0; twice < 2; ++twice) {
      const auto event = book.decide(Receive{line, due});
      if (!event || !*event) continue;
      LG_ASSERT(twice == 0, "a line counts once");
      const auto form = deposit_event_from_json(to_json(**event));
      LG_ASSERT(bool(form), "an event reads back");
      book.evolve(*form);
    }
  }
  LG_ASSERT(bool(book.audit()), "the books are in order");
  const auto loaded = deposit_book_from_json(to_json(book));
  LG_ASSERT(loaded && *loaded == book, "a book reads back");
  return 0;
}
