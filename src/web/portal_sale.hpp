#pragma once
// How a sale stands, read out of its public document: what market, lot, room and stream share.

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "base/units.hpp"

namespace landglass::web {

inline constexpr std::string_view k_lots = "land-listing";

base::Text phase_name(std::string_view phase);
const char* phase_tone(std::string_view phase);
// Only now may a plate be anybody's to know (docs/formats/auction.md).
bool sale_closed(std::string_view phase);

struct Standing {
  std::string phase;
  std::string price;  // as JSON
  bool offered = false;
  std::int64_t calls = 0;  // of the price that stands, by the host
  std::string due;         // instant for which people wait, or empty
};
Standing standing_of(const base::Json& doc);
base::Json price_label(const Standing& standing);
base::Json countdown_label(const Standing& standing);
base::Json countdown_model(const Standing& standing);  // null where no clock runs
// Label, figure and unit; the live price in 元, as the stream shows it, with 大写.
base::Json price_model(const Standing& standing, bool with_upper);

}  // namespace landglass::web
