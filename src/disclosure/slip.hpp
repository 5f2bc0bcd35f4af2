#pragma once
// A household's own line: the code on its paper slip, and what the code opens. Nothing is stored for it: the code follows
// from the salt of a private value, so it ends when the value is erased.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "institution/registry.hpp"
#include "store/store.hpp"

namespace landglass::disclosure {

inline constexpr std::size_t k_slip_characters = 12;

// So many characters in three groups, of the alphabet without I, L, O and U: 60 bits of HMAC-SHA-256(salt,
// "landglass/slip/1" ‖ record).
std::string slip_code(base::BytesView salt, std::string_view record);
// As typed: small letters, without the dashes, with I, L for 1 and O for 0.
std::string plain_code(std::string_view typed);

// Of a record's slip fields: the code; "" where its institution has no slip or the value was erased.
base::Result<std::string> slip_code_of(store::Store& store, const institution::Record& record,
                                       const institution::Institution& in);

struct Opened {
  const institution::Field* field = nullptr;
  base::Json value;
  base::Bytes salt;
  std::uint64_t leaf = 0;  // where it was committed last
  std::string path;        // how it is called there
};
// The slip's fields as they stand now, each with what shows that the log committed it. An erased one is left out.
base::Result<std::vector<Opened>> open_slip(store::Store& store, const institution::Record& record,
                                            const institution::Institution& in);

}  // namespace landglass::disclosure
