#pragma once
// Parts of a page model that every page is made of (docs/formats/page-model.md).

#include <string>
#include <utility>

#include "base/json.hpp"

namespace landglass::web {

inline base::Json both(const base::Text& text) { return base::JsonObject{{"zh", text.zh}, {"en", text.en}}; }
inline base::Json both(std::string zh, std::string en) {
  return base::JsonObject{{"zh", std::move(zh)}, {"en", std::move(en)}};
}
inline base::Json items(base::JsonArray list) { return base::JsonObject{{"items", std::move(list)}}; }

}  // namespace landglass::web
