#include "cli/tender.hpp"

#include <cstdio>
#include <limits>
#include <memory>

#include "base/crypto.hpp"
#include "cli/input.hpp"
#include "law/tender_value.hpp"

namespace landglass::cli {
namespace {

using base::Result;

constexpr std::size_t k_longest = 4096;  // of the value, in its canonical form

struct SealOptions {
  std::string origin, lot, rule_sheet, price, undertakings, volume, key;
  std::int64_t plate = 0;
};

Result<law::TenderValue> signed_tender(const SealOptions& options) {
  LG_TRY(const auto key, read_p256_key(options.key));
  law::TenderValue value;
  value.origin = options.origin;
  value.lot = options.lot;
  value.rule_sheet = options.rule_sheet;
  const auto price = base::parse_money(options.price);
  if (!price || *price <= base::Money{})
    return base::refuse("CLI-06", "投标报价应为大于零的元数", "the price is an amount in yuan above zero", options.price);
  if (options.plate < 1 || options.plate > std::numeric_limits<std::uint32_t>::max())
    return base::refuse("CLI-06", "号牌应为正整数", "a plate is a number from 1", std::to_string(options.plate));
  value.price = *price;
  value.plate = static_cast<std::uint32_t>(options.plate);
  if (!options.undertakings.empty()) {
    LG_TRY(value.undertakings, read_input(options.undertakings));
  }
  if (!options.volume.empty()) {
    LG_TRY(const auto volume, read_input(options.volume));
    value.volume = base::to_hex(base::sha256(base::as_bytes(volume)));
  }
  value.signature = key.sign(base::as_bytes(law::tender_bytes(value)));
  const auto text = base::canonical(law::to_json(value));
  if (text.size() > k_longest)
    return base::refuse("LK-04", "投标内容过长", "what is tendered is too long", options.undertakings);
  // What an opener would read out as void is not worth locking.
  return law::parse_tender_value(text);
}

}  // namespace

Command tender_command() {
  auto options = std::make_shared<SealOptions>();
  Command sign{"sign",
               {"签署投标内容，输出交给 landglass lock", "sign a tender; what it prints goes into `landglass lock`"},
               {},
               {},
               {}};
  sign.needs("--key", &options->key, {"竞买申请登记的私钥文件", "file of the private key that the application names"})
      .needs("--origin", &options->origin, {"日志名称", "origin of the log"})
      .needs("--lot", &options->lot, {"标的，如 land-listing/…", "the lot, as land-listing/…"})
      .needs("--rule-sheet", &options->rule_sheet, {"规则表的 SHA-256", "SHA-256 of the rule sheet"})
      .needs("--plate", &options->plate, {"号牌", "plate"})
      .needs("--price", &options->price, {"投标报价（元）", "price in yuan"})
      .option("--undertakings", &options->undertakings, {"承诺事项文件", "file of what is undertaken"})
      .option("--volume", &options->volume, {"投标文件正本（只取摘要）", "the bound volume (its hash only)"});
  sign.run = [options] {
    const auto value = signed_tender(*options);
    if (!value) return tell(value.trouble());
    // Without an end of line: these bytes are what is committed to.
    std::fputs(base::canonical(law::to_json(*value)).c_str(), stdout);
    return k_done;
  };
  Command command{"tender", {"投标", "tenders"}, {}, {}, {}};
  command.subcommands.push_back(std::move(sign));
  return command;
}

}  // namespace landglass::cli
