#pragma once
// Type and drawing, over pango and cairo; no header of theirs is seen here. Lengths are points (1/72 inch), y grows
// downwards. Only our own two font files are ever used: what the machine has installed cannot change a paper. Not
// thread-safe: one Fonts, and the canvases drawn with it, per thread.

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "disclosure/document.hpp"

namespace landglass::disclosure {

inline constexpr double k_mm = 72.0 / 25.4;

struct Colour {
  double red = 0, green = 0, blue = 0;
};
inline constexpr Colour k_black{0.08, 0.08, 0.08};
inline constexpr Colour k_grey{0.42, 0.42, 0.42};
inline constexpr Colour k_red{0.78, 0.06, 0.09};

struct Face {
  double size = 12;
  bool bold = false;
  Colour colour = k_black;
  double leading = 1.6;  // height of a line over the size of its type
  bool english = false;
};

// One set line. It keeps what it was set in alive.
struct Line {
  std::shared_ptr<const void> owner;
  int index = 0;
  double x = 0;  // offset of alignment and indent
  double width = 0, height = 0, ascent = 0;
  Colour colour;
};

class Fonts {
 public:
  // The folder with NotoSansCJKsc-Regular.otf and -Bold.otf (./dev makes them). Fails where one is absent or no font.
  static base::Result<Fonts> open(const std::string& folder);
  Fonts(Fonts&&) noexcept;
  Fonts& operator=(Fonts&&) noexcept;
  ~Fonts();

  // The lines of a text set to a width. Newlines break. Refuses PAPER-06 a character that the fonts do not have: an empty
  // box in a name is a false paper.
  base::Result<std::vector<Line>> set(std::string_view text, const Face& face, double width, Align align = Align::left,
                                      double indent = 0) const;

 private:
  struct Impl;
  explicit Fonts(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct PdfInfo {
  std::string title, subject, keywords;
  base::Time created;
};

// A PDF being drawn. The same calls give the same bytes.
class Canvas {
 public:
  Canvas(double width, double height, const PdfInfo& info);
  ~Canvas();
  Canvas(const Canvas&) = delete;

  void line(const Line& line, double x, double top);  // top of the line's height
  void turned(const Line& line, double centre_x, double centre_y, double degrees);
  void rule(double x1, double y1, double x2, double y2, double thickness, Colour colour);
  void frame(double x, double y, double width, double height, double thickness, Colour colour);
  void fill(double x, double y, double width, double height, Colour colour);
  void curve(const std::vector<std::array<double, 2>>& points, double thickness, Colour colour);
  // A QR with its quiet zone, in a square of this side. Refuses PAPER-07 a payload that fits no QR.
  base::Status qr(std::string_view payload, double x, double y, double side);
  void end_page();
  base::Result<std::string> finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace landglass::disclosure
