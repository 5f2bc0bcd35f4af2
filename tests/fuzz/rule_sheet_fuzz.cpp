// Rule sheets from outside, and what they do to a ladder: no sheet that is accepted may lead it into a bug.
// Links: law
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/json.hpp"
#include "law/auction_ladder.hpp"

using namespace landglass;

namespace {

// A few events, one after the other, at times that the bytes choose.
void play(law::Ladder ladder, base::BytesView bytes) {
  auto time = ladder.sheet().opens;
  std::uint64_t counter = 0;
  for (const auto byte : bytes.first(std::min<std::size_t>(bytes.size(), 64))) {
    time = time + (std::int64_t{1} << (byte % 40));
    const std::uint32_t plate = 1 + byte % 3;
    law::sale::Event event = law::sale::Offer{time, plate, ladder.least(), ++counter, ladder.top_other() + byte, true};
    if (byte % 4 == 1) event = law::sale::Offer{time, plate, ladder.least(), ++counter};
    if (byte % 11 == 1) event = law::sale::Tick{time};
    if (byte % 13 == 1) event = law::sale::Freeze{time};
    if (byte % 7 == 1) event = law::sale::Resume{time, time + byte, byte};
    if (byte % 17 == 1) event = law::sale::Begin{time, byte};
    const auto before = ladder.top();
    const auto steps = ladder.apply(event);
    LG_ASSERT(ladder.top() >= before, "a price fell");
    if (!steps) continue;
    const auto again = law::Ladder::load(std::make_shared<law::RuleSheet>(ladder.sheet()), ladder.save());
    LG_ASSERT(bool(again) && *again == ladder, "saving lost something");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto json = base::parse_json(text.substr(0, text.find('\0')));
  if (!json) return 0;
  const auto sheet = law::parse_rule_sheet(*json);
  if (!sheet) {
    LG_ASSERT(sheet.refused() && sheet.refusal().code == "AU-01", "a sheet is refused by another code");
    return 0;
  }
  LG_ASSERT(base::canonical(law::to_json(*sheet)) == base::canonical(*json), "one sheet has two forms");
  if (auto ladder = law::Ladder::open(std::make_shared<law::RuleSheet>(*sheet))) play(*std::move(ladder), {data, size});
  return 0;
}
