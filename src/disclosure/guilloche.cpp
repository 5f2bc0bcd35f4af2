#include "disclosure/guilloche.hpp"

#include <cmath>

namespace landglass::disclosure {
namespace {

using Points = std::vector<std::array<double, 2>>;
constexpr Colour k_line{0.80, 0.52, 0.42};
constexpr Colour k_ground{0.955, 0.925, 0.885};
constexpr Colour k_edge{0.62, 0.18, 0.14};

// A sine wave from one point to another, a whole number of periods long, so that the sides of the border meet.
Points wave(double x1, double y1, double x2, double y2, double amplitude, double phase) {
  const double length = std::hypot(x2 - x1, y2 - y1);
  const double periods = std::round(length / 22);
  const double ux = (x2 - x1) / length, uy = (y2 - y1) / length;
  const int steps = static_cast<int>(periods) * 8;
  Points points;
  for (int i = 0; i <= steps; ++i) {
    const double along = length * i / steps;
    const double aside = amplitude * std::sin(2 * M_PI * periods * i / steps + phase);
    points.push_back({x1 + ux * along - uy * aside, y1 + uy * along + ux * aside});
  }
  return points;
}

Points rosette(double centre_x, double centre_y, double radius, int petals, double phase) {
  constexpr int k_steps = 432;
  Points points;
  for (int i = 0; i <= k_steps; ++i) {
    const double angle = 2 * M_PI * i / k_steps;
    const double r = radius * (0.72 + 0.28 * std::cos(petals * angle + phase));
    points.push_back({centre_x + r * std::cos(angle), centre_y + r * std::sin(angle)});
  }
  return points;
}

}  // namespace

void draw_guilloche(Canvas& canvas, double width, double height) {
  for (const double radius : {70.0, 110.0, 150.0, 190.0}) {
    for (int i = 0; i < 3; ++i) {
      canvas.curve(rosette(width / 2, height * 0.45, radius, 12, 2 * M_PI * i / 3), 0.4, k_ground);
    }
  }
  const double outer = 10 * k_mm, inner = 16 * k_mm, middle = 13 * k_mm;
  canvas.frame(outer, outer, width - 2 * outer, height - 2 * outer, 1.6, k_edge);
  canvas.frame(inner, inner, width - 2 * inner, height - 2 * inner, 0.5, k_edge);
  for (int i = 0; i < 3; ++i) {
    const double phase = 2 * M_PI * i / 3, amplitude = 2.3 * k_mm;
    canvas.curve(wave(middle, middle, width - middle, middle, amplitude, phase), 0.35, k_line);
    canvas.curve(wave(middle, height - middle, width - middle, height - middle, amplitude, phase), 0.35, k_line);
    canvas.curve(wave(middle, middle, middle, height - middle, amplitude, phase), 0.35, k_line);
    canvas.curve(wave(width - middle, middle, width - middle, height - middle, amplitude, phase), 0.35, k_line);
  }
}

}  // namespace landglass::disclosure
