#pragma once
// Chinese as people look it up: by pinyin (ICU's "zh-u-co-pinyin"), numbers within a text by their value.

struct sqlite3;

namespace landglass::store {

// Declares the collation "pinyin" on this connection: ORDER BY name COLLATE pinyin.
void add_pinyin(sqlite3* connection);

}  // namespace landglass::store
