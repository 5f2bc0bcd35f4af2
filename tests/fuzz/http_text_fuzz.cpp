// Links: web
// Queries, cookies, forms, multipart bodies and paths. The first byte chooses; what is accepted stays within its bounds.
#include <cstdint>
#include <string_view>

#include "web/router.hpp"
#include "web/uri.hpp"

using namespace landglass::web;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 5) {
    case 0:
      if (const auto pairs = parse_query(text)) {
        LG_ASSERT(pairs->size() <= k_max_pairs, "too many pairs");
        for (const auto& [name, value] : *pairs) LG_ASSERT(is_utf8(name) && is_utf8(value), "not UTF-8");
      }
      break;
    case 1: LG_ASSERT(parse_cookies(text).size() <= k_max_cookies, "too many cookies"); break;
    case 2: {
      const auto end = std::min(text.find('\n'), text.size());
      const auto parts = parse_multipart(text.substr(0, end), text.substr(std::min(end + 1, text.size())));
      if (!parts) break;
      LG_ASSERT(parts->size() <= k_max_parts, "too many parts");
      for (const auto& part : *parts) LG_ASSERT(part.file.find('/') == std::string::npos, "a folder in a file's name");
      break;
    }
    case 3: {
      const auto plain = decode_segment(text);
      if (plain) LG_ASSERT(decode_segment(encode_component(*plain)) == plain, "decoding does not undo encoding");
      break;
    }
    default: {
      static const Router* router = [] {
        auto* made = new Router;
        made->add(Method::get, "/lots/{lot}.json", [](const Request&) { return no_content(); });
        made->add(Method::get, "/lots/{lot}/{part}", [](const Request&) { return no_content(); });
        made->add(Method::get, "/tile/{rest...}", [](const Request&) { return no_content(); });
        return made;
      }();
      const auto match = router->match(Method::get, text);
      for (const auto& [name, value] : match.parameters) LG_ASSERT(is_utf8(value), "not UTF-8");
    }
  }
  return 0;
}
