#include "store/pinyin.hpp"

#include <sqlite3.h>
#include <unicode/ucol.h>

#include <string_view>

namespace landglass::store {
namespace {

// Never changed once made, so every thread may ask it. Null where ICU brings no data: then texts stand in the order of
// bytes.
const UCollator* collator() {
  static const UCollator* one = [] {
    UErrorCode code = U_ZERO_ERROR;
    UCollator* made = ucol_open("zh-u-co-pinyin-kn-true", &code);
    return U_FAILURE(code) ? nullptr : made;
  }();
  return one;
}

int compare(void*, int a_size, const void* a, int b_size, const void* b) {
  const std::string_view left(static_cast<const char*>(a), static_cast<std::size_t>(a_size));
  const std::string_view right(static_cast<const char*>(b), static_cast<std::size_t>(b_size));
  if (const auto* by = collator(); by != nullptr) {
    UErrorCode code = U_ZERO_ERROR;
    const auto found = ucol_strcollUTF8(by, left.data(), a_size, right.data(), b_size, &code);
    if (U_SUCCESS(code) && found != UCOL_EQUAL) return found == UCOL_LESS ? -1 : 1;
  }
  return left.compare(right);  // what sounds alike still has one order
}

}  // namespace

void add_pinyin(sqlite3* connection) {
  sqlite3_create_collation_v2(connection, "pinyin", SQLITE_UTF8, nullptr, &compare, nullptr);
}

}  // namespace landglass::store
