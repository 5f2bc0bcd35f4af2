#pragma once
// The press: a paper as a PDF of A4 pages in the manner of Chinese official papers (GB/T 9704: red letterhead, centred
// title, 文号, paragraphs indented by two characters, 落款 at the right). The same document gives the same bytes, so that
// the hash of the file may stand in a leaf. Nothing runs off a page: paragraphs and table rows break across pages.

#include <string>

#include "base/result.hpp"
#include "disclosure/document.hpp"
#include "disclosure/ink.hpp"

namespace landglass::disclosure {

// Not thread-safe: one press per thread. Opening one reads the fonts (some 20 ms), printing with it takes a few.
class Press {
 public:
  static base::Result<Press> open(const std::string& font_folder);

  base::Result<std::string> pdf(const Document& document) const;
  const Fonts& fonts() const { return fonts_; }

 private:
  explicit Press(Fonts fonts) : fonts_(std::move(fonts)) {}
  Fonts fonts_;
};

// 演示 across a page and at its head (`page_head` from the edge), under what is drawn later. For every paper of a simulated
// act.
base::Status draw_demonstration(Canvas& canvas, const Fonts& fonts, double page_width, double page_height, double page_head);

}  // namespace landglass::disclosure
