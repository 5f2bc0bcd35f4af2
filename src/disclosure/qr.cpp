#include "disclosure/qr.hpp"

#include <qrencode.h>

#include <memory>

namespace landglass::disclosure {
namespace {

constexpr int k_quiet = 4;  // modules

}  // namespace

base::Result<QrShape> qr_shape(std::string_view payload) {
  const std::unique_ptr<QRcode, void (*)(QRcode*)> code(
      QRcode_encodeData(static_cast<int>(payload.size()), reinterpret_cast<const unsigned char*>(payload.data()), 0,
                        QR_ECLEVEL_M),
      QRcode_free);
  if (!code) return base::refuse("PAPER-07", "内容放不进二维码", "the payload fits no QR");
  QrShape shape;
  shape.side = code->width + 2 * k_quiet;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width;) {
      int end = x;
      while (end < code->width && (code->data[y * code->width + end] & 1) != 0) ++end;
      if (end > x) {
        const auto length = std::to_string(end - x);
        shape.path +=
            "M" + std::to_string(x + k_quiet) + " " + std::to_string(y + k_quiet) + "h" + length + "v1h-" + length + "z";
      }
      x = end + 1;
    }
  }
  return shape;
}

}  // namespace landglass::disclosure
