#pragma once
// A QR as a shape for a page: one square for each dark module, with the quiet zone that readers want.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace landglass::disclosure {

struct QrShape {
  int side = 0;      // modules, quiet zone and all: the view box of the path
  std::string path;  // SVG path data, "M4 4h7v1h-7z…"
};

// Refuses PAPER-07 a payload that fits no QR.
base::Result<QrShape> qr_shape(std::string_view payload);

}  // namespace landglass::disclosure
