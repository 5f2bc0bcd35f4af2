#include "web/report_routes.hpp"

#include <map>
#include <mutex>
#include <optional>

#include "disclosure/pdf.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"

namespace landglass::web {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;

constexpr std::size_t k_events = 200;  // of each figure; the query lists the rest
constexpr std::int64_t k_kept_ms = 60 * base::k_second;
constexpr std::size_t k_kept_years = 30;

enum class As { page, json, pdf };

class Reports {
 public:
  Reports(Portal& portal, engine::Engine& engine, base::Clock& clock, ReportSite site)
      : portal_(portal), engine_(engine), clock_(clock), site_(std::move(site)) {}

  Response answer(const Request& request, As as) {
    const std::string name(request.parameter("year"));
    const bool is_year = name.size() == 4 && name.find_first_not_of("0123456789") == std::string::npos;
    const std::scoped_lock lock(mutex_);  // two readers of one year count it once
    auto counted =
        is_year ? counted_of(std::stoi(name)) : base::refuse("EN-01", "没有此年度的报告", "no report of such a year");
    if (!counted) return as == As::json ? problem(counted.trouble(), request) : portal_.refuse(counted.trouble(), request);
    const auto& one = **counted;
    if (as == As::json) return cached(request, json(200, disclosure::report_json(site_.report, one)), "no-cache");
    if (as == As::pdf) return pdf(request, one);
    auto shown = disclosure::report_json(site_.report, one);
    shown.as_object()["links"] = JsonObject{{"pdf", "/report/" + name + ".pdf"}, {"json", "/report/" + name + ".json"}};
    auto model = portal_.page(request, {name + "年工作报告", "Work report " + name});
    model.as_object()["report"] = std::move(shown);
    return portal_.render("report", model, request);
  }

 private:
  struct Kept {
    base::Time at;
    std::shared_ptr<const disclosure::CountedReport> counted;
  };

  Result<std::shared_ptr<const disclosure::CountedReport>> counted_of(int year) {
    const auto now = clock_.now();
    const auto found = kept_.find(year);
    if (found != kept_.end() && now - found->second.at < k_kept_ms) return found->second.counted;
    const auto head = engine_.head(log::Tree::open);
    auto reader = portal_.reader(store::Sight::open);
    LG_TRY(auto counted, disclosure::count_report(site_.report, *reader, year, k_events));
    counted.origin = engine_.options().origin;
    counted.leaves = head->size;
    counted.demonstration = site_.demo;
    if (kept_.size() >= k_kept_years) kept_.clear();
    auto kept = std::make_shared<const disclosure::CountedReport>(std::move(counted));
    kept_.insert_or_assign(year, Kept{now, kept});
    return kept;
  }

  Response pdf(const Request& request, const disclosure::CountedReport& counted) {
    if (!press_) {
      auto press = disclosure::Press::open(site_.font_folder);
      if (!press) return portal_.refuse(press.trouble(), request);
      press_ = *std::move(press);
    }
    disclosure::Marks marks;
    marks.record = "report/" + std::to_string(counted.year);
    marks.code = site_.report.hash.substr(0, 16);
    marks.as_of = clock_.now();
    auto bytes = press_->pdf(disclosure::report_document(site_.report, counted, std::move(marks)));
    if (!bytes) return portal_.refuse(bytes.trouble(), request);
    auto response = text(200, *std::move(bytes), "application/pdf");
    response.header("content-disposition", "inline; filename=\"report-" + std::to_string(counted.year) + ".pdf\"");
    return response;
  }

  Portal& portal_;
  engine::Engine& engine_;
  base::Clock& clock_;
  ReportSite site_;
  std::mutex mutex_;
  std::map<int, Kept> kept_;
  std::optional<disclosure::Press> press_;
};

}  // namespace

void add_report_routes(Router& router, Portal& portal, engine::Engine& engine, base::Clock& clock, ReportSite site) {
  const auto reports = std::make_shared<Reports>(portal, engine, clock, std::move(site));
  const auto add = [&](const char* pattern, As as) {
    router.add(
        Method::get, pattern, [reports, as](const Request& request) { return reports->answer(request, as); },
        RouteOptions{Access::open, Pace::read, Run::heavy});
  };
  add("/report/{year}", As::page);
  add("/report/{year}.json", As::json);
  add("/report/{year}.pdf", As::pdf);
}

}  // namespace landglass::web
