// Links: money
// Saved deposit books, ledgers and their events: what loads must be in order and write itself back.
#include <cstdint>
#include <string_view>

#include "money/deposits.hpp"

using namespace landglass;
using namespace landglass::money;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto json = base::parse_json({reinterpret_cast<const char*>(data), size});
  if (!json) return 0;
  if (const auto book = deposit_book_from_json(*json)) {
    LG_ASSERT(bool(book->audit()), "a book that loads is in order");
    const auto again = deposit_book_from_json(to_json(*book));
    LG_ASSERT(again && *again == *book, "a book reads back");
  }
  if (const auto books = ledger_from_json(*json)) {
    LG_ASSERT(bool(books->audit()), "books that load are in order");
    LG_ASSERT(base::canonical(to_json(*ledger_from_json(to_json(*books)))) == base::canonical(to_json(*books)),
              "books read back");
  }
  if (const auto event = deposit_event_from_json(*json)) {
    LG_ASSERT(bool(deposit_event_from_json(to_json(*event))), "an event reads back");
  }
  return 0;
}
