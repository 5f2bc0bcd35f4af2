// Receipts: one form, and never believed without a trusted key.
// Links: verify
#include <cstdint>
#include <string_view>

#include "verify/receipt.hpp"

using namespace landglass;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const auto trust = *log::Policy::parse("quorum none\n");
  if (const auto receipt = log::parse_receipt(text)) {
    const auto again = log::parse_receipt(receipt->format());
    LG_ASSERT(again && again->format() == receipt->format(), "a receipt comes back the same");
  }
  const auto verdict = verify::verify_receipt(text, trust);
  LG_ASSERT(verdict.level == log::Level::none, "nothing is believed where nobody is trusted");
  LG_ASSERT(!verdict.findings.empty(), "a verdict says why");
  return 0;
}
