#include "disclosure/pdf.hpp"

#include "disclosure/guilloche.hpp"
#include "disclosure/pages.hpp"

namespace landglass::disclosure {
namespace {

void draw(Canvas& canvas, const Page& page) {
  for (const Placed& placed : page) {
    if (const auto* frame = std::get_if<PlacedFrame>(&placed)) {
      if (frame->fill) canvas.fill(frame->x, frame->y, frame->width, frame->height, *frame->fill);
      canvas.frame(frame->x, frame->y, frame->width, frame->height, 0.5, frame->border);
    } else if (const auto* rule = std::get_if<PlacedRule>(&placed)) {
      canvas.rule(rule->x1, rule->y, rule->x2, rule->y, rule->thickness, rule->colour);
    } else if (const auto* line = std::get_if<PlacedLine>(&placed)) {
      canvas.line(line->line, line->x, line->top);
    }
  }
}

base::Status draw_foot(Canvas& canvas, const Fonts& fonts, const Sheet& sheet, const Marks& marks, std::size_t page,
                       std::size_t pages) {
  const double top = sheet.height - sheet.foot;
  const double width = sheet.text_width();
  canvas.rule(sheet.left, top, sheet.left + width, top, 0.4, k_grey);
  if (!marks.qr.empty()) {
    LG_CHECK(canvas.qr(marks.qr, sheet.left + width - sheet.qr, top + 1.5 * k_mm, sheet.qr));
  }
  std::string text;
  if (!marks.record.empty()) text += "记录 Record  " + marks.record + "\n";
  if (!marks.code.empty()) text += "验证码 Code  " + marks.code + "\n";
  if (!marks.qr.empty()) text += "扫码可离线核验真伪 Scan to verify, offline too: landglass verify";
  const Face face{sheet.foot_type, false, k_grey, 1.55, false};
  LG_TRY(const auto lines, fonts.set(text, face, width - sheet.qr - 10));
  double y = top + 2.2 * k_mm;
  for (const Line& line : lines) {
    canvas.line(line, sheet.left, y);
    y += line.height;
  }
  LG_TRY(const auto number, fonts.set("— " + std::to_string(page) + " / " + std::to_string(pages) + " —",
                                      {9, false, k_black, 1.4, false}, width, Align::centre));
  for (const Line& line : number) canvas.line(line, sheet.left, sheet.height - (sheet.foot > 40 * k_mm ? 21 : 14) * k_mm);
  return base::Done{};
}

}  // namespace

base::Status draw_demonstration(Canvas& canvas, const Fonts& fonts, double page_width, double page_height,
                                double page_head) {
  const Colour pale{0.975, 0.92, 0.92};
  LG_TRY(const auto large, fonts.set("演示", {150, true, pale, 1.2, false}, page_width));
  LG_TRY(const auto small, fonts.set("DEMONSTRATION", {46, true, pale, 1.2, true}, page_width));
  LG_TRY(const auto head, fonts.set("演示，非正式文书 · DEMONSTRATION, not an official paper",
                                    {8.5, true, k_red, 1.3, false}, page_width, Align::centre));
  for (const Line& line : large) canvas.turned(line, page_width / 2, page_height * 0.44, -32);
  for (const Line& line : small) canvas.turned(line, page_width / 2 + 62, page_height * 0.44 + 100, -32);
  for (const Line& line : head) canvas.line(line, 0, page_head);
  return base::Done{};
}

base::Result<Press> Press::open(const std::string& font_folder) {
  LG_TRY(Fonts fonts, Fonts::open(font_folder));
  return Press(std::move(fonts));
}

base::Result<std::string> Press::pdf(const Document& document) const {
  const Sheet sheet = Sheet::of(document.look);
  LG_TRY(const auto pages, break_into_pages(document, fonts_, sheet));
  PdfInfo info;
  info.title = document.title.zh + (document.title.en.empty() ? "" : " " + document.title.en);
  info.subject = document.number;
  info.keywords = document.marks.record + (document.marks.demonstration ? " 演示 DEMONSTRATION" : "");
  info.created = document.marks.as_of;
  Canvas canvas(sheet.width, sheet.height, info);
  for (std::size_t i = 0; i < pages.size(); ++i) {
    if (document.look == Look::certificate) draw_guilloche(canvas, sheet.width, sheet.height);
    if (document.marks.demonstration)
      LG_CHECK(draw_demonstration(canvas, fonts_, sheet.width, sheet.height,
                                  document.look == Look::certificate ? 18.5 * k_mm : 12 * k_mm));
    draw(canvas, pages[i]);
    LG_CHECK(draw_foot(canvas, fonts_, sheet, document.marks, i + 1, pages.size()));
    canvas.end_page();
  }
  return canvas.finish();
}

}  // namespace landglass::disclosure
