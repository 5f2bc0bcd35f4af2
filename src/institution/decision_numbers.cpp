// Numbers: a series per office (or region) and year; issued in the leaf, so never twice and never a silent gap.
#include "base/crypto.hpp"
#include "institution/decision.hpp"
#include "law/codes.hpp"

namespace landglass::institution {

using base::JsonObject;
using base::Result;
using base::Status;

std::string padded(std::int64_t n, int width) {
  auto text = std::to_string(n);
  if (static_cast<int>(text.size()) < width) text.insert(0, static_cast<std::size_t>(width) - text.size(), '0');
  return text;
}

Status Decision::number(Act& act) {
  for (const auto& number : act.action.numbers) {
    auto& fields = act.record.fields;
    if (const auto* there = fields.find(number.field); there != nullptr && !there->is_null() && !number.code.empty())
      continue;
    if (number.code == "plate") {
      LG_CHECK(draw_plate(act, number));
      continue;
    }
    LG_TRY(fields[number.field], serial(act, number));
  }
  return base::Done{};
}

// Plates must not tell how many came before: drawn from the command's id, and drawn again where one is taken.
Status Decision::draw_plate(Act& act, const Number& number) const {
  const auto* taken = act.in.fact("same_plate");
  for (int i = 0; taken != nullptr; ++i) {
    const auto hash = base::sha256(base::as_bytes(act.command.id + act.record.id + std::to_string(i)));
    act.record.fields[number.field] = std::int64_t{100 + (hash[0] * 256 + hash[1]) % 9'900};
    LG_TRY(auto there, registry_.fact(act.record, act.in, *taken, &act.command, as_of_));
    if (there.number == 0) break;
  }
  return base::Done{};
}

Result<std::string> Decision::serial(Act& act, const Number& number) {
  const auto civil = base::to_civil(base::date_of(as_of_));
  const auto region = std::string(act.record.fields.text("region"));
  const std::string& owner = act.seat.office.empty() ? region : act.seat.office;
  const std::string key =
      "no|" + number.series + "|" + (number.code.empty() ? owner : region) + "|" + std::to_string(civil.year);
  auto [place, fresh] = issued_.try_emplace(key, 0);
  if (fresh) {
    LG_TRY(place->second, shelf_.tally(key, act.in.sealed()));
  }
  const auto n = ++place->second;
  std::string text;
  if (!number.code.empty()) {
    text = law::verification_code(number.code, region, civil.year, n);
    if (text.empty()) {
      return base::refuse("EN-16", "无法编码：行政区、年度或序号不合规范",
                          "no code can be made of this division, year or serial", number.field);
    }
  } else {
    std::string short_name;
    if (!act.seat.office.empty()) {
      LG_TRY(auto* office, shelf_.find(act.seat.office));
      if (office != nullptr) short_name = office->fields.text("short");
    }
    text = number.format;
    const auto put = [&](const std::string& what, const std::string& with) {
      for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
    };
    put("{office.short}", short_name.empty() ? "系统" : short_name);
    put("{year}", std::to_string(civil.year));
    put("{region}", region);
    const auto called = [&](std::string_view table, std::string_view code) {
      const auto* codes = pack_.table(table);
      const auto* found = codes == nullptr ? nullptr : codes->find(code);
      return found == nullptr ? std::string() : found->title.zh;
    };
    put("{division}", called("divisions", region));
    put("{province}", called("province-shorts", std::string_view(region).substr(0, 2)));
    put("{n}", std::to_string(n));
    for (int width = 2; width <= 9; ++width) put("{n:" + std::to_string(width) + "}", padded(n, width));
  }
  auto& series = act.change.outcome["series"];
  if (!series.is_object()) series = JsonObject();
  series.as_object()[key] = n;
  return text;
}

}  // namespace landglass::institution
