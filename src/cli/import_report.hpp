#pragma once
// What an import came to: totals for the terminal, every row for a file.

#include <string>

#include "cli/import.hpp"

namespace landglass::cli {

std::string totals_text(const ImportReport& report);  // zh first, each line
std::string totals_json(const ImportReport& report);
// By the file's ending: .csv (one line a row), .json (totals and rows), .html (a page that stands alone). IMP-22 another.
base::Status write_report(const ImportReport& report, const std::string& path);

}  // namespace landglass::cli
