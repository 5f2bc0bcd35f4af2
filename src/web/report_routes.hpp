#pragma once
// The yearly work report as a page, as JSON and as a sheet: /report/<year>, /report/<year>.json, /report/<year>.pdf.

#include <string>

#include "disclosure/work_report.hpp"
#include "web/portal.hpp"
#include "web/router.hpp"

namespace landglass::web {

struct ReportSite {
  disclosure::WorkReport report;
  std::string font_folder;
  bool demo = false;
};
// Counting looks through whole registers, so a year is counted at most once a minute and served from there meanwhile.
void add_report_routes(Router& router, Portal& portal, engine::Engine& engine, base::Clock& clock, ReportSite site);

}  // namespace landglass::web
