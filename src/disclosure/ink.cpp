#include "disclosure/ink.hpp"

#include <cairo-pdf.h>
#include <fontconfig/fontconfig.h>
#include <pango/pangocairo.h>
#include <pango/pangofc-fontmap.h>
#include <qrencode.h>

#include <cmath>
#include <filesystem>

namespace landglass::disclosure {
namespace {

constexpr const char* k_family = "Noto Sans CJK SC";
constexpr std::array<const char*, 2> k_files{"NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf"};

cairo_status_t append(void* out, const unsigned char* data, unsigned int size) {
  static_cast<std::string*>(out)->append(reinterpret_cast<const char*>(data), size);
  return CAIRO_STATUS_SUCCESS;
}

// The first character of the text for which the layout holds no glyph, as U+XXXX.
std::string missing_character(PangoLayout* layout, const char* text) {
  std::string found = "?";
  PangoLayoutIter* iter = pango_layout_get_iter(layout);
  bool done = false;
  do {
    const PangoLayoutRun* run = pango_layout_iter_get_run_readonly(iter);
    if (run == nullptr) continue;
    for (int i = 0; i < run->glyphs->num_glyphs && !done; ++i) {
      if ((run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) == 0) continue;
      const char* at = text + run->item->offset + run->glyphs->log_clusters[i];
      char hex[16];
      std::snprintf(hex, sizeof hex, "U+%04X", g_utf8_get_char(at));
      found = hex;
      done = true;
    }
  } while (!done && pango_layout_iter_next_run(iter) != 0);
  pango_layout_iter_free(iter);
  return found;
}

}  // namespace

struct Fonts::Impl {
  FcConfig* config = nullptr;
  PangoFontMap* map = nullptr;
  PangoContext* context = nullptr;
  ~Impl() {
    if (context != nullptr) g_object_unref(context);
    if (map != nullptr) g_object_unref(map);
    if (config != nullptr) FcConfigDestroy(config);
  }
};

Fonts::Fonts(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fonts::Fonts(Fonts&&) noexcept = default;
Fonts& Fonts::operator=(Fonts&&) noexcept = default;
Fonts::~Fonts() = default;

base::Result<Fonts> Fonts::open(const std::string& folder) {
  auto impl = std::make_unique<Impl>();
  impl->config = FcConfigCreate();
  for (const char* file : k_files) {
    const std::string path = folder + "/" + file;
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(path, ignored)) {
      return base::fail("font file " + path + " is absent: ./dev build makes it");
    }
    if (FcConfigAppFontAddFile(impl->config, reinterpret_cast<const FcChar8*>(path.c_str())) == FcFalse) {
      return base::fail("font file " + path + " cannot be read as a font");
    }
  }
  impl->map = pango_cairo_font_map_new_for_font_type(CAIRO_FONT_TYPE_FT);
  if (impl->map == nullptr || !PANGO_IS_FC_FONT_MAP(impl->map))
    return base::fail("pango here cannot take font files of ours");
  pango_fc_font_map_set_config(PANGO_FC_FONT_MAP(impl->map), impl->config);
  impl->context = pango_font_map_create_context(impl->map);
  pango_cairo_context_set_resolution(impl->context, 72);
  pango_context_set_round_glyph_positions(impl->context, FALSE);
  cairo_font_options_t* options = cairo_font_options_create();
  cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
  cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
  cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
  pango_cairo_context_set_font_options(impl->context, options);
  cairo_font_options_destroy(options);
  return Fonts(std::move(impl));
}

base::Result<std::vector<Line>> Fonts::set(std::string_view text, const Face& face, double width, Align align,
                                           double indent) const {
  std::vector<Line> lines;
  if (text.empty()) return lines;
  std::shared_ptr<PangoLayout> layout(pango_layout_new(impl_->context), g_object_unref);
  PangoFontDescription* description = pango_font_description_new();
  pango_font_description_set_family_static(description, k_family);
  pango_font_description_set_weight(description, face.bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
  pango_font_description_set_size(description, static_cast<int>(std::lround(face.size * PANGO_SCALE)));
  pango_layout_set_font_description(layout.get(), description);
  pango_font_description_free(description);

  PangoAttrList* attributes = pango_attr_list_new();
  pango_attr_list_insert(attributes, pango_attr_language_new(pango_language_from_string(face.english ? "en" : "zh-cn")));
  pango_attr_list_insert(attributes, pango_attr_fallback_new(FALSE));
  pango_layout_set_attributes(layout.get(), attributes);
  pango_attr_list_unref(attributes);

  pango_layout_set_width(layout.get(), static_cast<int>(std::lround(width * PANGO_SCALE)));
  pango_layout_set_wrap(layout.get(), PANGO_WRAP_WORD_CHAR);
  pango_layout_set_indent(layout.get(), static_cast<int>(std::lround(indent * PANGO_SCALE)));
  pango_layout_set_alignment(layout.get(), align == Align::left    ? PANGO_ALIGN_LEFT
                                           : align == Align::right ? PANGO_ALIGN_RIGHT
                                                                   : PANGO_ALIGN_CENTER);
  pango_layout_set_text(layout.get(), text.data(), static_cast<int>(text.size()));
  if (pango_layout_get_unknown_glyphs_count(layout.get()) > 0) {
    return base::refuse("PAPER-06", "字库中没有该字符，不能印制",
                        "a character is in none of the fonts: it cannot be printed",
                        missing_character(layout.get(), pango_layout_get_text(layout.get())));
  }
  const double height = face.size * face.leading;
  PangoLayoutIter* iter = pango_layout_get_iter(layout.get());
  int index = 0;
  do {
    PangoRectangle logical;
    pango_layout_iter_get_line_extents(iter, nullptr, &logical);
    const double natural = static_cast<double>(logical.height) / PANGO_SCALE;
    const double ascent = static_cast<double>(pango_layout_iter_get_baseline(iter) - logical.y) / PANGO_SCALE;
    lines.push_back({layout, index++, static_cast<double>(logical.x) / PANGO_SCALE,
                     static_cast<double>(logical.width) / PANGO_SCALE, height, ascent + (height - natural) / 2,
                     face.colour});
  } while (pango_layout_iter_next_line(iter) != 0);
  pango_layout_iter_free(iter);
  return lines;
}

struct Canvas::Impl {
  std::string bytes;
  cairo_surface_t* surface = nullptr;
  cairo_t* cairo = nullptr;
  // The QR stands on every page of a paper: one image, so that the file holds it once.
  std::string qr_payload;
  cairo_surface_t* qr_mask = nullptr;
  int qr_modules = 0;

  void ink(Colour colour) { cairo_set_source_rgb(cairo, colour.red, colour.green, colour.blue); }
  ~Impl() {
    if (qr_mask != nullptr) cairo_surface_destroy(qr_mask);
    if (cairo != nullptr) cairo_destroy(cairo);
    if (surface != nullptr) cairo_surface_destroy(surface);
  }
};

Canvas::Canvas(double width, double height, const PdfInfo& info) : impl_(std::make_unique<Impl>()) {
  impl_->surface = cairo_pdf_surface_create_for_stream(append, &impl_->bytes, width, height);
  cairo_pdf_surface_restrict_to_version(impl_->surface, CAIRO_PDF_VERSION_1_5);
  const auto metadata = [&](cairo_pdf_metadata_t kind, const std::string& text) {
    if (!text.empty()) cairo_pdf_surface_set_metadata(impl_->surface, kind, text.c_str());
  };
  metadata(CAIRO_PDF_METADATA_TITLE, info.title);
  metadata(CAIRO_PDF_METADATA_SUBJECT, info.subject);
  metadata(CAIRO_PDF_METADATA_KEYWORDS, info.keywords);
  metadata(CAIRO_PDF_METADATA_CREATOR, "Landglass 明鉴国土");
  // Without a date of ours cairo writes the time of printing, and two prints of one paper would differ.
  const std::string utc = base::format_utc(info.created);
  metadata(CAIRO_PDF_METADATA_CREATE_DATE, utc.substr(0, 19) + "Z");
  impl_->cairo = cairo_create(impl_->surface);
}
Canvas::~Canvas() = default;

void Canvas::line(const Line& line, double x, double top) {
  // pango's C interface takes the layout as not const, and only reads it here.
  auto* layout = static_cast<PangoLayout*>(const_cast<void*>(line.owner.get()));
  impl_->ink(line.colour);
  cairo_move_to(impl_->cairo, x + line.x, top + line.ascent);
  pango_cairo_show_layout_line(impl_->cairo, pango_layout_get_line_readonly(layout, line.index));
}

void Canvas::turned(const Line& text, double centre_x, double centre_y, double degrees) {
  cairo_save(impl_->cairo);
  cairo_translate(impl_->cairo, centre_x, centre_y);
  cairo_rotate(impl_->cairo, degrees * M_PI / 180);
  line(text, -text.x - text.width / 2, -text.height / 2);
  cairo_restore(impl_->cairo);
}

void Canvas::rule(double x1, double y1, double x2, double y2, double thickness, Colour colour) {
  impl_->ink(colour);
  cairo_set_line_width(impl_->cairo, thickness);
  cairo_move_to(impl_->cairo, x1, y1);
  cairo_line_to(impl_->cairo, x2, y2);
  cairo_stroke(impl_->cairo);
}

void Canvas::frame(double x, double y, double width, double height, double thickness, Colour colour) {
  impl_->ink(colour);
  cairo_set_line_width(impl_->cairo, thickness);
  cairo_rectangle(impl_->cairo, x, y, width, height);
  cairo_stroke(impl_->cairo);
}

void Canvas::fill(double x, double y, double width, double height, Colour colour) {
  impl_->ink(colour);
  cairo_rectangle(impl_->cairo, x, y, width, height);
  cairo_fill(impl_->cairo);
}

void Canvas::curve(const std::vector<std::array<double, 2>>& points, double thickness, Colour colour) {
  impl_->ink(colour);
  cairo_set_line_width(impl_->cairo, thickness);
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (i == 0) {
      cairo_move_to(impl_->cairo, points[i][0], points[i][1]);
    } else {
      cairo_line_to(impl_->cairo, points[i][0], points[i][1]);
    }
  }
  cairo_stroke(impl_->cairo);
}

base::Status Canvas::qr(std::string_view payload, double x, double y, double side) {
  constexpr int k_quiet = 4;  // ISO/IEC 18004: four modules
  if (impl_->qr_mask == nullptr || impl_->qr_payload != payload) {
    QRcode* code = QRcode_encodeData(static_cast<int>(payload.size()),
                                     reinterpret_cast<const unsigned char*>(payload.data()), 0, QR_ECLEVEL_M);
    if (code == nullptr) {
      return base::refuse("PAPER-07", "二维码内容过长", "the payload fits no QR code",
                          std::to_string(payload.size()) + " bytes");
    }
    if (impl_->qr_mask != nullptr) cairo_surface_destroy(impl_->qr_mask);
    impl_->qr_mask = cairo_image_surface_create(CAIRO_FORMAT_A1, code->width, code->width);
    unsigned char* pixels = cairo_image_surface_get_data(impl_->qr_mask);
    const int stride = cairo_image_surface_get_stride(impl_->qr_mask);
    for (int row = 0; row < code->width; ++row) {
      for (int column = 0; column < code->width; ++column) {
        if ((code->data[row * code->width + column] & 1) == 0) continue;
        // cairo's A1: the first pixel is the lowest bit of a byte on the machines we build for (little endian).
        pixels[row * stride + column / 8] =
            static_cast<unsigned char>(pixels[row * stride + column / 8] | (1U << (column % 8)));
      }
    }
    cairo_surface_mark_dirty(impl_->qr_mask);
    impl_->qr_modules = code->width;
    impl_->qr_payload = payload;
    QRcode_free(code);
  }
  fill(x, y, side, side, {1, 1, 1});
  const double module = side / (impl_->qr_modules + 2 * k_quiet);
  cairo_save(impl_->cairo);
  impl_->ink({0, 0, 0});
  cairo_translate(impl_->cairo, x + k_quiet * module, y + k_quiet * module);
  cairo_scale(impl_->cairo, module, module);
  cairo_pattern_t* pattern = cairo_pattern_create_for_surface(impl_->qr_mask);
  cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
  cairo_mask(impl_->cairo, pattern);
  cairo_pattern_destroy(pattern);
  cairo_restore(impl_->cairo);
  return base::Done{};
}

void Canvas::end_page() { cairo_show_page(impl_->cairo); }

base::Result<std::string> Canvas::finish() {
  cairo_surface_finish(impl_->surface);
  cairo_status_t status = cairo_status(impl_->cairo);
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(impl_->surface);
  if (status != CAIRO_STATUS_SUCCESS && status != CAIRO_STATUS_SURFACE_FINISHED) {
    return base::fail(std::string("the PDF could not be drawn: ") + cairo_status_to_string(status));
  }
  return std::move(impl_->bytes);
}

}  // namespace landglass::disclosure
