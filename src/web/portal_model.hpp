#pragma once
// Parts of a page model that every page is made of (docs/formats/page-model.md).

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>

#include "base/json.hpp"

namespace landglass::web {

inline base::Json both(const base::Text& text) { return base::JsonObject{{"zh", text.zh}, {"en", text.en}}; }
inline base::Json both(std::string zh, std::string en) {
  return base::JsonObject{{"zh", std::move(zh)}, {"en", std::move(en)}};
}
inline base::Json items(base::JsonArray list) { return base::JsonObject{{"items", std::move(list)}}; }

// Of an address's `page`: 1 where it is none, and no further than anybody turns leaves.
inline int page_number(std::string_view text) {
  int number = 1;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::clamp(number, 1, 100'000);
}
// From page to page of a list; nothing where all of it stands on one. `address` gives that of a page by its number.
template <class Address>
void put_paging(base::JsonObject& list, int number, bool more, const Address& address) {
  if (number <= 1 && !more) return;
  base::JsonObject paging{{"text", both("第 " + std::to_string(number) + " 页", "Page " + std::to_string(number))}};
  if (number > 1) paging["previous"] = address(number - 1);
  if (more) paging["next"] = address(number + 1);
  list["paging"] = std::move(paging);
}

}  // namespace landglass::web
