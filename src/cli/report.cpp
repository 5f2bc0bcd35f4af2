#include "cli/report.hpp"

#include <cstdio>

#include "store/folder.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

Status add_to(std::int64_t& sum, std::int64_t value) {
  const auto total = base::add(sum, value);
  if (!total) return base::fail("a sum of the report does not fit");
  sum = *total;
  return base::Done{};
}

// How much more than the start prices, in tenths of a percent, rounded down; nothing where nothing was sold.
std::string premium(const MarketRow& row) {
  if (row.start.fen == 0) return "";
  const auto more = base::multiply(row.deal.fen - row.start.fen, 1'000);
  if (!more) return "";
  const auto tenths = *more / row.start.fen;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
}

Json row_json(const std::string& use, const MarketRow& row) {
  return JsonObject{{"use", use},
                    {"sold", row.sold},
                    {"unsold", row.unsold},
                    {"area", base::area_text(row.area)},
                    {"start", base::money_text(row.start)},
                    {"deal", base::money_text(row.deal)},
                    {"premium", premium(row)}};
}

void print_row(const std::string& use, const MarketRow& row) {
  std::printf("%-20s %6llu %6llu %16s %20s %20s %8s\n", use.c_str(), static_cast<unsigned long long>(row.sold),
              static_cast<unsigned long long>(row.unsold), base::area_text(row.area).c_str(),
              base::money_text(row.start).c_str(), base::money_text(row.deal).c_str(), premium(row).c_str());
}

int year_of(std::string_view text) {
  const auto date = base::parse_date(text);
  return date ? base::to_civil(*date).year : 0;
}

}  // namespace

Result<std::map<std::string, MarketRow>> market_of(store::Reader& reader, int year) {
  std::map<std::string, MarketRow> rows;
  LG_TRY(const auto lots, reader.query("SELECT doc FROM land_listing_public ORDER BY id", {}));
  for (const auto& lot : lots) {
    LG_TRY(const auto doc, base::parse_json(lot[0].as_string(), base::Profile::any));
    const auto& fields = doc.at("fields");
    const auto price = base::parse_money(fields.text("deal_price"));
    if (price && year_of(fields.text("deal_on")) == year) {
      auto& row = rows[std::string(fields.text("use"))];
      ++row.sold;
      LG_CHECK(add_to(row.deal.fen, price->fen));
      LG_CHECK(add_to(row.start.fen, base::parse_money(fields.text("start_price")).value_or(base::Money{}).fen));
      LG_CHECK(add_to(row.area.cm2x100, base::parse_area(fields.text("area")).value_or(base::Area{}).cm2x100));
    } else if (doc.text("state") == "unsold") {
      const auto closes = base::parse_time(fields.text("closes"));
      if (closes && base::to_civil(base::date_of(*closes)).year == year) ++rows[std::string(fields.text("use"))].unsold;
    }
  }
  return rows;
}

Command report_command() {
  struct Asked {
    HouseArguments house;
    int year = 0;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{
      "report", {"由公开日志统计一年的土地市场", "a year of the land market, counted from the public log"}, {}, {}, {}};
  command.needs("year", &asked->year, {"年度", "year"});
  add_house_options(command, asked->house);
  command.option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto facts = store::look_at(options->folder);
    if (!facts) return tell(facts.trouble(), asked->json);
    auto reader = store::open_snapshot(options->folder);
    if (!reader) return tell(reader.trouble(), asked->json);
    const auto rows = market_of(**reader, asked->year);
    if (!rows) return tell(rows.trouble(), asked->json);
    if (asked->json) {
      JsonArray list;
      for (const auto& [use, row] : *rows) list.push_back(row_json(use, row));
      const Json out(JsonObject{
          {"origin", facts->origin}, {"leaves", facts->leaves}, {"year", asked->year}, {"uses", std::move(list)}});
      std::printf("%s\n", base::canonical(out).c_str());
      return k_done;
    }
    std::printf("%s, %d, %llu 条 leaves\n", facts->origin.c_str(), asked->year,
                static_cast<unsigned long long>(facts->leaves));
    std::printf("%-20s %6s %6s %16s %20s %20s %8s\n", "use", "sold", "unsold", "area m²", "start 元", "deal 元", "premium");
    for (const auto& [use, row] : *rows) print_row(use, row);
    return k_done;
  };
  return command;
}

}  // namespace landglass::cli
