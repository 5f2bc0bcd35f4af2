#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace landglass::institution {

// The texts of a list in a record's document; what is not a text is passed over, what is not a list has none.
inline std::vector<std::string> texts(const base::Json& json) {
  std::vector<std::string> list;
  if (const auto* array = json.if_array()) {
    for (const auto& item : *array) {
      if (item.is_string()) list.push_back(item.as_string());
    }
  }
  return list;
}

}  // namespace landglass::institution
