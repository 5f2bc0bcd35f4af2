#pragma once
// The same paper as semantic HTML: one <article class="paper">, to be put into a page. All text is escaped; nothing in it
// needs a script or a style to be read.

#include <string>

#include "disclosure/document.hpp"

namespace landglass::disclosure {

std::string html(const Document& document);

}  // namespace landglass::disclosure
