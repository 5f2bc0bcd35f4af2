#include "log/tiles.hpp"

#include <algorithm>

#include "log/merkle.hpp"

namespace landglass::log {
namespace {

// Decimal without leading zeroes and up to `max` (small), or nothing.
std::optional<std::uint64_t> decimal(std::string_view text, std::uint64_t max) {
  if (text.empty() || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    const auto digit = static_cast<std::uint64_t>(c - '0');
    value = value * 10 + digit;
    if (value > max) return std::nullopt;
  }
  return value;
}

constexpr std::uint64_t k_max_index = 99'999'999'999'999;  // before the last three digits

bool three_digits(std::string_view text) {
  return text.size() == 3 && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string tile_path(const TileName& name) {
  std::string index;
  auto rest = name.index;
  for (bool last = true;; last = false) {
    auto part = std::to_string(rest % 1'000);
    part.insert(0, 3 - part.size(), '0');
    index = last ? part : "x" + part + "/" + index;
    rest /= 1'000;
    if (rest == 0) break;
  }
  std::string path = "tile/" + (name.level == k_entries ? std::string("entries") : std::to_string(name.level)) + "/" + index;
  if (name.width < k_tile_width) path += ".p/" + std::to_string(name.width);
  return path;
}

std::optional<TileName> parse_tile_path(std::string_view path) {
  TileName name;
  auto rest = path;
  const auto cut = [&rest](char at) {
    const auto end = rest.find(at);
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return part;
  };
  if (cut('/') != "tile") return std::nullopt;
  if (const auto level = cut('/'); level == "entries") {
    name.level = k_entries;
  } else {
    const auto number = decimal(level, k_max_tile_level);
    if (!number) return std::nullopt;
    name.level = static_cast<int>(*number);
  }
  bool last = false;
  while (!last) {
    last = !rest.starts_with('x');
    if (!last) rest.remove_prefix(1);
    const auto digits = rest.substr(0, 3);
    if (!three_digits(digits) || name.index > k_max_index) return std::nullopt;
    name.index = name.index * 1'000 +
                 static_cast<std::uint64_t>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
    rest.remove_prefix(3);
    if (!last) cut('/');
  }
  if (rest.starts_with(".p/")) {
    const auto width = decimal(rest.substr(3), k_tile_width - 1);
    if (!width || *width == 0) return std::nullopt;
    name.width = static_cast<int>(*width);
  }
  if (tile_path(name) != path) return std::nullopt;  // one tile has one name
  return name;
}

int tile_width(int level, std::uint64_t index, std::uint64_t size) {
  const auto hashes = level > 0 ? size >> (8 * level) : size;
  if (index > hashes / k_tile_width) return 0;
  return static_cast<int>(std::min<std::uint64_t>(k_tile_width, hashes - index * k_tile_width));
}

std::vector<TileName> tiles_since(std::uint64_t old_size, std::uint64_t size) {
  std::vector<TileName> names;
  for (int level = k_entries; level <= k_max_tile_level; ++level) {
    const auto shift = level > 0 ? 8 * level : 0;
    const auto first = (old_size >> shift) / k_tile_width;
    for (auto index = first;; ++index) {
      const auto width = tile_width(level, index, size);
      if (width == 0) break;
      if (width != tile_width(level, index, old_size)) names.push_back({level, index, width});
    }
  }
  return names;
}

void append_entry(std::string& bundle, std::string_view entry) {
  LG_ASSERT(entry.size() <= 0xFFFF, "an entry past 65,535 bytes");
  bundle += static_cast<char>(entry.size() >> 8);
  bundle += static_cast<char>(entry.size() & 0xFF);
  bundle += entry;
}

base::Result<std::vector<std::string_view>> split_bundle(std::string_view bundle) {
  std::vector<std::string_view> entries;
  while (!bundle.empty()) {
    const auto size = bundle.size() < 2
                          ? bundle.size()
                          : std::size_t{static_cast<std::uint8_t>(bundle[0])} << 8 | static_cast<std::uint8_t>(bundle[1]);
    if (bundle.size() < 2 + size || entries.size() == k_tile_width) {
      return base::refuse("TILE-01", "条目包的长度不对", "the entry bundle does not come out even",
                          std::to_string(entries.size()));
    }
    entries.push_back(bundle.substr(2, size));
    bundle.remove_prefix(2 + size);
  }
  return entries;
}

base::Result<base::Bytes> DerivedTiles::tile(const TileName& name) {
  if (name.width == k_tile_width) return full_.tile(name);
  base::Bytes hashes;
  hashes.reserve(static_cast<std::size_t>(name.width) * 32);
  const auto put = [&hashes](const base::Hash& hash) { hashes.insert(hashes.end(), hash.begin(), hash.end()); };
  const auto first = name.index * k_tile_width;
  if (name.level == 0) {
    LG_TRY(const auto leaves, leaves_.leaves(first, static_cast<std::uint64_t>(name.width)));
    for (const auto& leaf : leaves) put(leaf_hash(leaf));
  } else {
    for (int i = 0; i < name.width; ++i) {
      LG_TRY(const auto below, full_.tile({name.level - 1, first + static_cast<std::uint64_t>(i)}));
      LG_TRY(const auto tile, Tile::parse(below, k_tile_width));
      put(tile.top());
    }
  }
  return hashes;
}

}  // namespace landglass::log
