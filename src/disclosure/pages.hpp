#pragma once
// Breaking a document into pages: blocks become lines and rules at places, page by page, before anything is drawn, because
// the foot of the first page already says how many there are.

#include <optional>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "disclosure/document.hpp"
#include "disclosure/ink.hpp"

namespace landglass::disclosure {

struct PlacedLine {
  Line line;
  double x = 0, top = 0;
};
struct PlacedFrame {
  double x = 0, y = 0, width = 0, height = 0;
  std::optional<Colour> fill;
  Colour border;
};
struct PlacedRule {
  double x1 = 0, x2 = 0, y = 0, thickness = 0;
  Colour colour;
};
using Placed = std::variant<PlacedFrame, PlacedRule, PlacedLine>;
using Page = std::vector<Placed>;

// The measures of a sheet and of its type, by look.
struct Sheet {
  double width = 210 * k_mm, height = 297 * k_mm;
  double left = 26 * k_mm, right = 26 * k_mm, top = 26 * k_mm;
  double bottom = 36 * k_mm;  // holds the foot: record, code, QR, page number
  double foot = 31 * k_mm;    // from the foot's rule to the edge
  double qr = 21 * k_mm;
  double cell = 10.5, cell_english = 8, pad = 3.5;  // type in tables, and the space over and under it
  double foot_type = 7.5;
  Colour border{0.35, 0.35, 0.35}, shade{0.955, 0.955, 0.955};

  static Sheet of(Look look);
  double text_width() const { return width - left - right; }
  double text_end() const { return height - bottom; }
};

base::Result<std::vector<Page>> break_into_pages(const Document& document, const Fonts& fonts, const Sheet& sheet);

}  // namespace landglass::disclosure
