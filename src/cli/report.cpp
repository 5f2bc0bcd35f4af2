#include "cli/report.hpp"

#include <cstdio>
#include <fstream>

#include "disclosure/pdf.hpp"
#include "disclosure/work_report.hpp"
#include "store/folder.hpp"
#include "web/render.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;

constexpr std::size_t k_events = 1'000;  // of each figure; the query lists the rest

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

namespace {

struct ReportOptions {
  HouseArguments house;
  int year = 0;
  bool json = false;
  std::string html, pdf;
};

Status write_out(const std::string& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  out.close();
  if (!out) return base::fail("cannot write " + path);
  return base::Done{};
}

Result<std::string> page_of(const HouseOptions& house, const disclosure::WorkReport& report,
                            const disclosure::CountedReport& counted) {
  LG_TRY(const auto templates, web::Templates::open(house.templates, house.texts));
  JsonObject model{{"title", std::to_string(counted.year) + "年工作报告"},
                   {"report", disclosure::report_json(report, counted)}};
  if (counted.demonstration) model["demo"] = JsonObject{{"text", "演示，非正式文书 · DEMONSTRATION"}};
  return templates->render("report_alone", Json(std::move(model)), web::Language::zh);
}

Status show(const HouseOptions& house, const ReportOptions& asked) {
  LG_TRY(const auto pack, institution::Pack::load(house.pack, house.data));
  LG_TRY(const auto report, disclosure::load_work_report(house.pack, *pack));
  LG_TRY(const auto facts, store::look_at(house.folder));
  LG_TRY(const auto reader, store::open_snapshot(house.folder));
  LG_TRY(auto counted, disclosure::count_report(report, *reader, asked.year, k_events));
  counted.origin = facts.origin;
  counted.leaves = facts.leaves;
  counted.demonstration = facts.origin.starts_with("demo.");
  LG_TRY(const auto rows, market_of(*reader, asked.year));
  if (!asked.html.empty()) {
    LG_TRY(const auto page, page_of(house, report, counted));
    LG_CHECK(write_out(asked.html, page));
  }
  if (!asked.pdf.empty()) {
    LG_TRY(const auto press, disclosure::Press::open(house.assets + "/fonts"));
    disclosure::Marks marks;
    marks.record = "report/" + std::to_string(asked.year);
    marks.code = report.hash.substr(0, 16);
    marks.as_of = base::start_of(*base::parse_date(std::to_string(asked.year + 1) + "-01-01"));
    LG_TRY(const auto sheet, press.pdf(disclosure::report_document(report, counted, std::move(marks))));
    LG_CHECK(write_out(asked.pdf, sheet));
  }
  if (asked.json) {
    auto out = disclosure::report_json(report, counted);
    JsonArray uses;
    for (const auto& [use, row] : rows) uses.push_back(row_json(use, row));
    out.as_object()["uses"] = std::move(uses);
    std::printf("%s\n", base::canonical(out).c_str());
    return base::Done{};
  }
  std::printf("%s, %d, %llu 条 leaves\n", facts.origin.c_str(), asked.year, static_cast<unsigned long long>(facts.leaves));
  for (std::size_t i = 0; i < report.figures.size(); ++i) {
    const auto& figure = report.figures[i];
    std::printf("%20s %s  %s / %s\n", disclosure::figure_text(figure, counted.figures[i].value).c_str(),
                figure.unit.zh.c_str(), figure.title.zh.c_str(), figure.title.en.c_str());
    std::printf("%20s %s\n", "", figure.query.c_str());
  }
  std::printf("%-20s %6s %6s %16s %20s %20s %8s\n", "use", "sold", "unsold", "area m²", "start 元", "deal 元", "premium");
  for (const auto& [use, row] : rows) print_row(use, row);
  return base::Done{};
}

}  // namespace

Command report_command() {
  auto asked = std::make_shared<ReportOptions>();
  Command command{"report",
                  {"年度工作报告：每个数字都由公开登记簿查询得出",
                   "the work report of a year: every figure counted by a query over the public registers"},
                  {},
                  {},
                  {}};
  command.needs("year", &asked->year, {"年度", "year"});
  add_house_options(command, asked->house);
  command.option("--json", &asked->json, {"以 JSON 输出", "print JSON"})
      .option("--html", &asked->html, {"写成网页文件", "write it to this file as a page"})
      .option("--pdf", &asked->pdf, {"写成 PDF 文件", "write it to this file as a PDF"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto shown = show(*options, *asked);
    return shown ? k_done : tell(shown.trouble(), asked->json);
  };
  return command;
}

}  // namespace landglass::cli
