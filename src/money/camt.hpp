#pragma once
// The bank statement of ISO 20022, camt.053, versions 02 to 13: as docs/formats/bank-statement.md says. It gives the same
// Statement as the CSV form, and like it is taken whole or not at all.

#include <string_view>

#include "base/result.hpp"
#include "money/statement.hpp"

namespace landglass::money {

// CAM-01 not well-formed XML, or not UTF-8; CAM-02 no camt.053; CAM-03 a document type, so that there are no entities to
// expand; CAM-04 not exactly one statement; CAM-05 the details of an entry do not make its amount; CAM-06 an element is
// missing or stands twice; CAM-07 past the bounds of depth or text; STM-02 … STM-08.
base::Result<Statement> parse_camt053(std::string_view name, std::string_view bytes);

}  // namespace landglass::money
