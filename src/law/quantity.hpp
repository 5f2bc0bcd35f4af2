#pragma once
// A number with its unit as a person writes it in an institution: 20%, 1‰, 2.5, 100万元, 10 mu, 20日, 10 working_days.
// The same reading serves literals in expressions and parameters in packs. Units: docs/formats/expression.md.

#include <string_view>

#include "base/result.hpp"
#include "law/value.hpp"

namespace landglass::law {

// The longest quantity at the front of `text`, and how many bytes it takes. A bare number is an integer, a bare decimal a
// ratio; % and ‰ stand without a space, other units may have spaces before them. Refuses LAW-01 what is not exact
// (0.001元), does not fit, or has more than 18 digits or 9 decimals. Only 亩 is rounded (1 亩 = 10,000/15 ㎡), to 0.01 ㎡.
struct Quantity {
  Value value;
  std::size_t bytes = 0;
};
base::Result<Quantity> read_quantity(std::string_view text);

// The whole of `text` as one quantity; a leading '-' is allowed here. Refuses LAW-01.
base::Result<Value> parse_quantity(std::string_view text);

}  // namespace landglass::law
