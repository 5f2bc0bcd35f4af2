// Every character a paper may hold, looked at: drawn into a PDF by the press, rasterised by mupdf and by poppler, and each
// cell compared with the same glyph drawn by cairo straight from the font file, past pango, fontconfig and the PDF. Text
// extraction shows a character whose glyph is blank (findings on 如), so only this tells.

#include <cairo-ft.h>
#include <ft2build.h>
#include <gtest/gtest.h>
#include <iconv.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "disclosure/test_papers.hpp"
#include FT_FREETYPE_H

namespace landglass::disclosure::test {
namespace {

constexpr double k_width = 595, k_height = 842;
constexpr int k_columns = 28, k_rows = 40;
constexpr double k_cell = 20, k_margin = 16;
constexpr int k_scale = 4;  // pixels a point
constexpr double k_apart =
    0.22;  // of a cell's ink; between rasterisers some 0.1, between neighbours in the code table over 0.3

std::string utf8(char32_t code) {
  std::string out;
  if (code < 0x80) return std::string(1, static_cast<char>(code));
  if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 63));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 63));
    out += static_cast<char>(0x80 | ((code >> 6) & 63));
  }
  out += static_cast<char>(0x80 | (code & 63));
  return out;
}

void add_characters(std::set<char32_t>& out, const std::string& text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const int length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    char32_t code = length == 1 ? first : first & (0xFFU >> (length + 1));
    for (int k = 1; k < length; ++k)
      code = (code << 6) | (static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 63U);
    if (code > 0x20 && code != 0x3000) out.insert(code);
    i += static_cast<std::size_t>(length);
  }
}

// The 6,763 characters of GB 2312, by their rows 16 to 87.
std::set<char32_t> gb2312() {
  std::set<char32_t> out;
  iconv_t converter = iconv_open("UTF-32LE", "GB2312");
  for (int row = 0xB0; row <= 0xF7; ++row) {
    for (int cell = 0xA1; cell <= 0xFE; ++cell) {
      char in[2] = {static_cast<char>(row), static_cast<char>(cell)};
      char32_t code = 0;
      char *from = in, *to = reinterpret_cast<char*>(&code);
      std::size_t from_left = 2, to_left = 4;
      if (iconv(converter, &from, &from_left, &to, &to_left) != static_cast<std::size_t>(-1) && to_left == 0)
        out.insert(code);
    }
  }
  iconv_close(converter);
  return out;
}

struct Image {
  int width = 0, height = 0;
  std::string pixels;  // 0 black
  double ink(int x, int y) const {
    return 255.0 - static_cast<unsigned char>(
                       pixels[static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)]);
  }
};

Image read_pgm(const std::string& path) {
  const std::string bytes = read_file(path);
  std::istringstream head(bytes);
  std::string magic;
  Image image;
  int most = 0;
  head >> magic >> image.width >> image.height >> most;
  EXPECT_EQ(magic, "P5") << path;
  image.pixels = bytes.substr(static_cast<std::size_t>(head.tellg()) + 1);
  EXPECT_EQ(image.pixels.size(), static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height));
  return image;
}

// A page drawn straight from the font file.
class Reference {
 public:
  explicit Reference(const std::string& font) {
    EXPECT_EQ(FT_Init_FreeType(&library_), 0);
    EXPECT_EQ(FT_New_Face(library_, font.c_str(), 0, &face_), 0);
    cairo_face_ = cairo_ft_font_face_create_for_ft_face(face_, FT_LOAD_NO_HINTING);
    // cairo keeps faces in a cache of its own and lets go of ours when it likes: FreeType's go with it.
    static const cairo_user_data_key_t key{};
    cairo_font_face_set_user_data(cairo_face_, &key, face_, [](void* face) { FT_Done_Face(static_cast<FT_Face>(face)); });
  }
  ~Reference() { cairo_font_face_destroy(cairo_face_); }
  Image page(const std::vector<char32_t>& codes, double size, double baseline) {
    cairo_surface_t* surface = cairo_image_surface_create(CAIRO_FORMAT_A8, static_cast<int>(k_width) * k_scale,
                                                          static_cast<int>(k_height) * k_scale);
    cairo_t* cairo = cairo_create(surface);
    cairo_font_options_t* options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(cairo, options);
    cairo_font_options_destroy(options);
    cairo_scale(cairo, k_scale, k_scale);
    cairo_set_font_face(cairo, cairo_face_);
    cairo_set_font_size(cairo, size);
    for (std::size_t i = 0; i < codes.size(); ++i) {
      const auto column = i % k_columns, row = i / k_columns;
      cairo_glyph_t glyph{FT_Get_Char_Index(face_, codes[i]), k_margin + k_cell * static_cast<double>(column),
                          k_margin + k_cell * static_cast<double>(row) + baseline};
      EXPECT_NE(glyph.index, 0u) << utf8(codes[i]);
      cairo_show_glyphs(cairo, &glyph, 1);
    }
    cairo_surface_flush(surface);
    Image image{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
    const unsigned char* data = cairo_image_surface_get_data(surface);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < image.width; ++x)
        image.pixels += static_cast<char>(255 - data[y * cairo_image_surface_get_stride(surface) + x]);
    }
    cairo_destroy(cairo);
    cairo_surface_destroy(surface);
    return image;
  }

 private:
  FT_Library library_ = nullptr;
  FT_Face face_ = nullptr;
  cairo_font_face_t* cairo_face_ = nullptr;
};

// How much of a cell's ink differs: 0 the same, 1 nothing in common. Half a pixel of shift is allowed for by a 3×3 blur.
double difference(const Image& a, const Image& b, std::size_t cell) {
  const int side = static_cast<int>(k_cell) * k_scale;
  const int left = static_cast<int>(k_margin * k_scale) + side * static_cast<int>(cell % k_columns);
  const int top = static_cast<int>(k_margin * k_scale) + side * static_cast<int>(cell / k_columns);
  const auto soft = [](const Image& image, int x, int y) {
    double sum = 0;
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) sum += image.ink(x + dx, y + dy);
    }
    return sum / 9;
  };
  double apart = 0, most = 0;
  for (int y = top; y < top + side; ++y) {
    for (int x = left; x < left + side; ++x) {
      const double p = soft(a, x, y), q = soft(b, x, y);
      apart += std::abs(p - q);
      most += std::max(p, q);
    }
  }
  return most < 255 ? 1 : apart / most;
}

class Glyphs : public ::testing::TestWithParam<bool> {};

TEST_P(Glyphs, EveryCharacterOfGb2312AndOfTheTemplatesAndRareOnesIsDrawnAsTheFontHasIt) {
  const bool bold = GetParam();
  std::set<char32_t> all = gb2312();
  ASSERT_EQ(all.size(), 6763u);
  for (const auto& entry : std::filesystem::directory_iterator(k_papers))
    add_characters(all, read_file(entry.path().string()));
  add_characters(all, "骉犇羴𠮷镕喆〔〕㎡‰≥≤×");
  const std::vector<char32_t> codes(all.begin(), all.end());
  constexpr std::size_t k_page = k_columns * k_rows;

  const Face face{16, bold, {0, 0, 0}, 1.0, false};
  double baseline = 0;
  Canvas canvas(k_width, k_height, {});
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const auto lines = must(press().fonts().set(utf8(codes[i]), face, 100));
    ASSERT_EQ(lines.size(), 1u);
    baseline = lines[0].ascent;
    const auto column = i % k_page % k_columns, row = i % k_page / k_columns;
    canvas.line(lines[0], k_margin + k_cell * static_cast<double>(column), k_margin + k_cell * static_cast<double>(row));
    if ((i + 1) % k_page == 0 || i + 1 == codes.size()) canvas.end_page();
  }
  const std::string name = bold ? "glyphs-bold" : "glyphs-regular";
  const std::string file = keep(name + ".pdf", must(canvas.finish()));
  const std::string stem = LG_BUILD_DIR "/papers/" + name;
  output_of("rm -f " + stem + "-*.pgm");
  EXPECT_EQ(warnings_of_mupdf("-r 288 -F pgm -o " + stem + "-mupdf-%d.pgm " + file), "");
  output_of("pdftoppm -r 288 -gray " + file + " " + stem + "-poppler");

  Reference reference(k_fonts + (bold ? "/NotoSansCJKsc-Bold.otf" : "/NotoSansCJKsc-Regular.otf"));
  double worst = 0;
  for (std::size_t page = 0; page * k_page < codes.size(); ++page) {
    const std::vector<char32_t> here(
        codes.begin() + static_cast<std::ptrdiff_t>(page * k_page),
        codes.begin() + static_cast<std::ptrdiff_t>(std::min(codes.size(), (page + 1) * k_page)));
    // Poppler puts a glyph's baseline on a whole pixel: the reference is drawn there too, half a pixel up and down.
    std::vector<Image> want;
    for (const double shift : {0.0, -0.5, 0.5}) want.push_back(reference.page(here, face.size, baseline + shift / k_scale));
    for (const char* program : {"mupdf", "poppler"}) {
      const Image got = read_pgm(stem + "-" + program + "-" + std::to_string(page + 1) + ".pgm");
      for (std::size_t i = 0; i < here.size(); ++i) {
        double apart = 1;
        for (const Image& one : want) apart = std::min(apart, apart < k_apart / 2 ? apart : difference(one, got, i));
        worst = std::max(worst, apart);
        EXPECT_LT(apart, k_apart) << program << " " << utf8(here[i]) << " U+" << std::hex
                                  << static_cast<std::uint32_t>(here[i]);
      }
    }
    // The measure itself: against its neighbour's glyph nearly every character fails.
    std::vector<char32_t> turned(here.begin() + 1, here.end());
    turned.push_back(here.front());
    const Image other = reference.page(turned, face.size, baseline);
    std::size_t told_apart = 0;
    for (std::size_t i = 0; i < here.size(); ++i) told_apart += difference(other, want[0], i) > k_apart ? 1 : 0;
    EXPECT_GT(told_apart, here.size() * 97 / 100);
  }
  RecordProperty("characters", static_cast<int>(codes.size()));
  std::printf("%s: %zu characters, worst difference %.3f\n", name.c_str(), codes.size(), worst);
}

INSTANTIATE_TEST_SUITE_P(Weights, Glyphs, ::testing::Values(false, true),
                         [](const auto& weight) { return weight.param ? std::string("Bold") : std::string("Regular"); });

}  // namespace
}  // namespace landglass::disclosure::test
