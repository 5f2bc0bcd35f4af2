#pragma once
// Names and texts of records are Chinese on an English page too. There each piece of them is marked `lang="zh-CN"`: a screen
// reader then speaks it as Chinese, and its characters are drawn in their mainland forms (WCAG 2.2, 3.1.2).

#include <string>
#include <string_view>

namespace landglass::web {

// `html` as the templates make it. An element that holds nothing but Chinese gets the mark itself, as do a field to fill in,
// an option and a title that are Chinese for the most part; within other words a piece gets a span. What stands in an
// element already marked as Chinese, in a script or in a style is left alone.
std::string mark_chinese(std::string_view html);

}  // namespace landglass::web
