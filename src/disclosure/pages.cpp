#include "disclosure/pages.hpp"

#include <algorithm>
#include <cmath>

namespace landglass::disclosure {
namespace {

constexpr double k_body = 12;  // 小四: readable on a phone at the width of a page
constexpr double k_small = 9;
constexpr double k_pad_x = 4.5;

const Face k_body_zh{k_body, false, k_black, 1.75, false};
const Face k_body_en{k_small, false, k_grey, 1.45, true};

double height_of(const std::vector<Line>& lines) {
  double sum = 0;
  for (const Line& line : lines) sum += line.height;
  return sum;
}

class Pages {
 public:
  Pages(const Fonts& fonts, const Sheet& sheet) : fonts_(fonts), sheet_(sheet), pages_(1), y_(sheet.top) {}

  base::Status head(const Document& document);
  base::Status block(const Heading& heading);
  base::Status block(const Paragraph& paragraph);
  base::Status block(const Table& table);
  base::Status block(const Signatures& signatures);
  base::Status block(const Standings& standings);
  base::Status law(const base::Text& law);
  std::vector<Page> take() { return std::move(pages_); }

 private:
  // Chinese, and the English beneath it where there is one and it says something else.
  base::Result<std::vector<Line>> both(const base::Text& text, const Face& zh, const Face& en, double width, Align align,
                                       double indent = 0) const {
    LG_TRY(auto lines, fonts_.set(text.zh, zh, width, align, indent));
    if (!text.en.empty() && text.en != text.zh) {
      LG_TRY(auto under, fonts_.set(text.en, en, width, align));
      lines.insert(lines.end(), under.begin(), under.end());
    }
    return lines;
  }
  Face cell_zh(bool strong) const { return {sheet_.cell, strong, k_black, 1.4, false}; }
  Face cell_en() const { return {sheet_.cell_english, false, k_grey, 1.35, true}; }
  double room() const { return sheet_.text_end() - y_; }
  void next_page() {
    pages_.emplace_back();
    y_ = sheet_.top;
  }
  void space(double height) {
    if (y_ > sheet_.top) y_ += height;
  }
  // Lines one under the other, over as many pages as they need; at least two of a paragraph stand together.
  void run(const std::vector<Line>& lines, double x) {
    if (lines.size() > 1 && lines[0].height + lines[1].height > room()) next_page();
    for (const Line& line : lines) {
      if (line.height > room()) next_page();
      pages_.back().push_back(PlacedLine{line, x, y_});
      y_ += line.height;
    }
  }

  struct Row {
    std::vector<std::vector<Line>> cells;
    double height = 0;  // with padding
  };
  base::Result<Row> row(const Table& table, const std::vector<base::Text>& texts, const std::vector<double>& widths,
                        bool head) const;
  void place_row(const Row& row, const std::vector<double>& widths, bool head, bool labelled, const Row* repeat);

  const Fonts& fonts_;
  const Sheet& sheet_;
  std::vector<Page> pages_;
  double y_;
};

base::Status Pages::head(const Document& document) {
  const double width = sheet_.text_width();
  if (document.look == Look::certificate) {
    LG_TRY(auto zh, fonts_.set(document.title.zh, {32, true, k_red, 1.3, false}, width, Align::centre));
    run(zh, sheet_.left);
    LG_TRY(auto en, fonts_.set(document.title.en, {10.5, false, k_red, 1.5, true}, width, Align::centre));
    run(en, sheet_.left);
    y_ += 8;
    LG_TRY(auto number, fonts_.set(document.number, {15, true, k_black, 1.5, false}, width, Align::centre));
    run(number, sheet_.left);
    y_ += 8;
    return base::Done{};
  }
  if (!document.letterhead.empty()) {
    const std::string& name = document.letterhead.zh;
    // A long office shares its line: the size falls until the name stands on one.
    const double characters = std::max(1.0, static_cast<double>(std::count_if(name.begin(), name.end(), [](char c) {
                                         return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
                                       })));
    const double size = std::clamp(width / characters * 0.92, 16.0, 30.0);
    LG_TRY(auto zh, fonts_.set(name, {size, true, k_red, 1.35, false}, width, Align::centre));
    run(zh, sheet_.left);
    LG_TRY(auto en, fonts_.set(document.letterhead.en, {9.5, false, k_red, 1.5, true}, width, Align::centre));
    run(en, sheet_.left);
    y_ += 6;
    if (!document.number.empty()) {
      LG_TRY(auto number, fonts_.set(document.number, {11.5, false, k_black, 1.6, false}, width, Align::centre));
      run(number, sheet_.left);
    }
    y_ += 3;
    pages_.back().push_back(PlacedRule{sheet_.left, sheet_.left + width, y_, 1.6, k_red});
    y_ += 22;
  }
  LG_TRY(auto zh, fonts_.set(document.title.zh, {20, true, k_black, 1.4, false}, width, Align::centre));
  run(zh, sheet_.left);
  LG_TRY(auto en, fonts_.set(document.title.en, {11, false, k_grey, 1.5, true}, width, Align::centre));
  run(en, sheet_.left);
  if (document.letterhead.empty() && !document.number.empty()) {
    y_ += 4;
    LG_TRY(auto number, fonts_.set(document.number, {11.5, false, k_black, 1.6, false}, width, Align::centre));
    run(number, sheet_.left);
  }
  y_ += 14;
  return base::Done{};
}

base::Status Pages::block(const Heading& heading) {
  LG_TRY(auto zh, fonts_.set(heading.text.zh, {12.5, true, k_black, 1.6, false}, sheet_.text_width()));
  LG_TRY(auto en, fonts_.set(heading.text.en, {9, true, k_grey, 1.4, true}, sheet_.text_width()));
  space(8);
  // A heading is never the last thing of a page.
  if (height_of(zh) + height_of(en) + 3 * k_body * k_body_zh.leading > room()) next_page();
  run(zh, sheet_.left);
  run(en, sheet_.left);
  y_ += 2;
  return base::Done{};
}

base::Status Pages::block(const Paragraph& paragraph) {
  const double indent = paragraph.indented ? 2 * k_body : 0;
  LG_TRY(auto zh, fonts_.set(paragraph.text.zh, k_body_zh, sheet_.text_width(), Align::left, indent));
  LG_TRY(auto en, fonts_.set(paragraph.text.en, k_body_en, sheet_.text_width() - indent));
  run(zh, sheet_.left);
  run(en, sheet_.left + indent);
  y_ += en.empty() ? 2 : 6;
  return base::Done{};
}

base::Result<Pages::Row> Pages::row(const Table& table, const std::vector<base::Text>& texts,
                                    const std::vector<double>& widths, bool head) const {
  Row out;
  for (std::size_t i = 0; i < widths.size(); ++i) {
    const bool strong = head || (table.labelled && i == 0);
    const Align align = head && !table.labelled ? Align::centre : table.columns[i].align;
    const base::Text text = i < texts.size() ? texts[i] : base::Text{};
    LG_TRY(auto lines, both(text, cell_zh(strong), cell_en(), widths[i] - 2 * k_pad_x, align));
    out.height = std::max(out.height, height_of(lines) + 2 * sheet_.pad);
    out.cells.push_back(std::move(lines));
  }
  out.height = std::max(out.height, 20.0);
  return out;
}

// A row stands whole where it can; one that is longer than a page is cut between its lines.
void Pages::place_row(const Row& row, const std::vector<double>& widths, bool head, bool labelled, const Row* repeat) {
  const double whole_page = sheet_.text_end() - sheet_.top - (repeat != nullptr ? repeat->height : 0);
  const auto turn_page = [&] {
    next_page();
    if (repeat != nullptr) place_row(*repeat, widths, true, labelled, nullptr);
  };
  if (row.height > room() && (row.height <= whole_page || room() < 60)) turn_page();

  std::vector<std::size_t> next(row.cells.size(), 0);
  bool left_over = true;
  bool first = true;
  while (left_over) {
    if (!first) turn_page();
    left_over = false;
    const double limit = room() - 2 * sheet_.pad;
    std::vector<std::size_t> until = next;
    double segment = 0;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      double height = 0;
      while (until[i] < row.cells[i].size() && height + row.cells[i][until[i]].height <= limit) {
        height += row.cells[i][until[i]++].height;
      }
      if (until[i] < row.cells[i].size()) left_over = true;
      segment = std::max(segment, height);
    }
    segment = std::max(segment + 2 * sheet_.pad, first && !left_over ? row.height : 0);
    double x = sheet_.left;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      const auto shade = head || (labelled && i == 0) ? std::optional(sheet_.shade) : std::nullopt;
      pages_.back().push_back(PlacedFrame{x, y_, widths[i], segment, shade, sheet_.border});
      double inner = 0;
      for (std::size_t k = next[i]; k < until[i]; ++k) inner += row.cells[i][k].height;
      double top = y_ + (segment - inner) / 2;
      for (std::size_t k = next[i]; k < until[i]; ++k) {
        pages_.back().push_back(PlacedLine{row.cells[i][k], x + k_pad_x, top});
        top += row.cells[i][k].height;
      }
      x += widths[i];
    }
    y_ += segment;
    next = until;
    first = false;
  }
}

base::Status Pages::block(const Table& table) {
  double weights = 0;
  for (const Column& column : table.columns) weights += column.weight;
  std::vector<double> widths;
  for (const Column& column : table.columns) widths.push_back(sheet_.text_width() * column.weight / weights);

  space(4);
  Row head;
  const bool has_head =
      std::any_of(table.columns.begin(), table.columns.end(), [](const Column& column) { return !column.head.empty(); });
  if (has_head) {
    std::vector<base::Text> texts;
    for (const Column& column : table.columns) texts.push_back(column.head);
    LG_TRY(head, row(table, texts, widths, true));
    if (head.height + 24 > room()) next_page();
    place_row(head, widths, true, table.labelled, nullptr);
  }
  for (const auto& texts : table.rows) {
    LG_TRY(const auto made, row(table, texts, widths, false));
    place_row(made, widths, false, table.labelled, has_head ? &head : nullptr);
  }
  y_ += 10;
  return base::Done{};
}

base::Status Pages::block(const Signatures& signatures) {
  const std::size_t count = signatures.parties.size();
  if (count == 0) return base::Done{};
  // One signs at the right, as 落款 stands; several share the width.
  const double width = count == 1 ? sheet_.text_width() * 0.58 : sheet_.text_width() / static_cast<double>(count);
  double x = count == 1 ? sheet_.left + sheet_.text_width() - width : sheet_.left;
  const double seal = 30;
  Face name = k_body_zh;
  if (count > 1) name.size = 11;
  std::vector<std::vector<Line>> columns;
  double tallest = 0;
  for (const Signature& party : signatures.parties) {
    LG_TRY(auto lines, both(party.name, name, k_body_en, width - 10, Align::centre));
    LG_TRY(auto date, fonts_.set(party.date, name, width - 10, Align::centre));
    lines.insert(lines.end(), date.begin(), date.end());
    tallest = std::max(tallest, height_of(lines));
    columns.push_back(std::move(lines));
  }
  if (seal + tallest > room()) next_page();  // a signature is never torn from its date
  y_ += seal;
  for (const auto& lines : columns) {
    double top = y_;
    for (const Line& line : lines) {
      pages_.back().push_back(PlacedLine{line, x + 5, top});
      top += line.height;
    }
    x += width;
  }
  y_ += tallest + 12;
  return base::Done{};
}

base::Status Pages::block(const Standings& standings) {
  constexpr double k_gap = 6, k_height = 34;
  constexpr Colour k_green{0.09, 0.45, 0.27}, k_faint{0.75, 0.75, 0.75}, k_white{1, 1, 1};
  const double count = static_cast<double>(standings.all.size());
  const double width = (sheet_.text_width() - k_gap * (count - 1)) / std::max(1.0, count);
  if (k_height > room()) next_page();
  double x = sheet_.left;
  for (const Standing& one : standings.all) {
    const Colour colour = one.warns ? k_red : k_green;
    const Colour ink = one.holds ? k_white : k_grey;
    pages_.back().push_back(
        PlacedFrame{x, y_, width, k_height, one.holds ? std::optional(colour) : std::nullopt, one.holds ? colour : k_faint});
    LG_TRY(auto lines,
           both(one.name, {12, one.holds, ink, 1.35, false}, {7.5, false, ink, 1.3, true}, width - 4, Align::centre));
    double top = y_ + (k_height - height_of(lines)) / 2;
    for (const Line& line : lines) {
      pages_.back().push_back(PlacedLine{line, x + 2, top});
      top += line.height;
    }
    x += width + k_gap;
  }
  y_ += k_height + 12;
  return base::Done{};
}

base::Status Pages::law(const base::Text& law) {
  if (law.empty()) return base::Done{};
  base::Text text{"法律依据：" + law.zh, law.en.empty() ? "" : "Legal ground: " + law.en};
  const Face zh{9, false, k_grey, 1.5, false};
  LG_TRY(auto lines, both(text, zh, cell_en(), sheet_.text_width(), Align::left));
  space(6);
  run(lines, sheet_.left);
  return base::Done{};
}

}  // namespace

Sheet Sheet::of(Look look) {
  Sheet sheet;
  if (look == Look::paper) return sheet;
  // Read from a phone held over the sheet, and from the sheet on a phone: larger type, and a QR of 32 mm.
  sheet.left = sheet.right = 25 * k_mm;
  sheet.top = 25 * k_mm;
  sheet.foot = 54 * k_mm;
  sheet.bottom = 56 * k_mm;
  sheet.qr = 32 * k_mm;
  sheet.cell = 12.5;
  sheet.cell_english = 8.5;
  sheet.pad = 1.5;
  sheet.foot_type = 8.5;
  sheet.border = {0.62, 0.45, 0.36};
  sheet.shade = {0.985, 0.955, 0.925};
  return sheet;
}

base::Result<std::vector<Page>> break_into_pages(const Document& document, const Fonts& fonts, const Sheet& sheet) {
  Pages pages(fonts, sheet);
  LG_CHECK(pages.head(document));
  for (const Block& block : document.blocks) {
    LG_CHECK(std::visit([&](const auto& b) { return pages.block(b); }, block));
  }
  LG_CHECK(pages.law(document.law));
  return pages.take();
}

}  // namespace landglass::disclosure
