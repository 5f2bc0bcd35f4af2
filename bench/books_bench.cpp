// Books of a million transfers, verified: each event held to the rules it was decided by, then the audit of all accounts.
// First as events in memory, then from the canonical JSON that leaves hold. And the Merkle sum over as many balances.
//   books_bench [transfers]

#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "money/ledger.hpp"
#include "money/liabilities.hpp"
#include "print.hpp"

using namespace landglass;
using namespace landglass::money;
using Clock = std::chrono::steady_clock;

namespace {

double since_ms(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

// A year of an office with ten thousand payees: paid at once, ordered and paid, ordered and voided, refunded.
std::vector<Event> history(std::size_t transfers) {
  Ledger books;
  std::vector<Event> events;
  events.reserve(transfers + 20'000);
  const auto run = [&](const Command& command) {
    auto decided = books.decide(command);
    if (!decided) return false;
    books.evolve(*decided);
    events.push_back(*std::move(decided));
    return true;
  };
  const auto open = [&](AccountKind kind, const std::string& name) {
    run(Open{kind, name});
    return AccountId{static_cast<std::uint32_t>(books.accounts().size())};
  };
  const auto bank = open(AccountKind::bank, "bank");
  const auto equity = open(AccountKind::equity, "equity");
  run(Transfer{bank, equity, base::Money{std::int64_t{1'000'000'000'000'000}}, "opening", "opening"});
  std::vector<AccountId> payees;
  for (int i = 0; i < 10'000; ++i) payees.push_back(open(AccountKind::expense, "expense/" + std::to_string(i)));
  base::SeededRandom random(1);
  while (books.transfers() < transfers) {
    const auto payee = payees[random.below(10'000)];
    const base::Money amount{static_cast<std::int64_t>(1 + random.below(10'000'000))};
    const auto ref = "PV" + std::to_string(books.transfers());
    const auto how = random.below(10);
    if (how < 5) {
      run(Transfer{payee, bank, amount, "paid", ref});
    } else if (how < 9) {
      run(Transfer{payee, bank, amount, "ordered", ref, true});
      const TransferId pending{books.transfers()};
      if (how < 8) {
        run(Post{pending, amount, ref});
      } else {
        run(Void{pending, ref});
      }
    } else {
      run(Transfer{bank, payee, amount, "refunded", ref});  // refused where so much was never paid
    }
  }
  return events;
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t transfers = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1'000'000;
  const auto events = history(transfers);
  const auto named = std::to_string(transfers) + " transfers";
  auto start = Clock::now();
  const auto books = verify(events);
  const auto ms = since_ms(start);
  if (!books || books->transfers() < transfers) {
    std::fprintf(stderr, "books_bench: the books do not verify\n");
    return 1;
  }
  bench::print({.work = "books: " + named + " verified", .value = ms, .unit = "ms", .goal_most = 2'000});

  std::vector<std::string> lines;
  lines.reserve(events.size());
  for (const auto& event : events) lines.push_back(base::canonical(to_json(event)));
  start = Clock::now();
  std::vector<Event> read;
  read.reserve(lines.size());
  for (const auto& line : lines) {
    const auto json = base::parse_json(line);
    auto event = json ? event_from_json(*json) : base::Result<Event>(json.trouble());
    if (!event) {
      std::fprintf(stderr, "books_bench: an event does not read\n");
      return 1;
    }
    read.push_back(*std::move(event));
  }
  const auto again = verify(read);
  if (!again || !(*again == *books)) {
    std::fprintf(stderr, "books_bench: read books differ\n");
    return 1;
  }
  bench::print({.work = "books: the same, read from their JSON", .value = since_ms(start), .unit = "ms"});

  std::vector<Liability> holders;
  for (int i = 0; i < 10'000; ++i) holders.push_back({"bank-line/" + std::to_string(i), 100 + i});
  start = Clock::now();
  const auto sum = Liabilities::build("3501240001", "2026-12-31", base::Hash{}, holders);
  if (!sum) return 1;
  bench::print({.work = "sum tree: 10,000 holders", .value = since_ms(start), .unit = "ms"});
}
