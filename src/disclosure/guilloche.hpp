#pragma once
// The fine-line ground of a certificate: a braided border and a rosette. Decoration, and a sign by which a certificate is
// told from a letter at a glance; it proves nothing, the log does.

#include "disclosure/ink.hpp"

namespace landglass::disclosure {

void draw_guilloche(Canvas& canvas, double width, double height);

}  // namespace landglass::disclosure
