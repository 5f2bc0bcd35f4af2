#pragma once
// `report`: the work report of a year (docs/formats/report.md) and its land market, counted from the public records of the
// log alone.

#include <map>
#include <string>

#include "base/units.hpp"
#include "cli/config.hpp"
#include "store/store.hpp"

namespace landglass::cli {

struct MarketRow {
  std::uint64_t sold = 0;
  std::uint64_t unsold = 0;
  base::Area area;          // of those sold
  base::Money start, deal;  // of those sold
};
// By use. A lot sold counts in the year of its deal, one unsold in the year of its close; one that was withdrawn or stands
// open counts in none.
base::Result<std::map<std::string, MarketRow>> market_of(store::Reader& reader, int year);

Command report_command();

}  // namespace landglass::cli
