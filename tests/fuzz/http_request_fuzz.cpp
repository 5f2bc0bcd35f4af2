// Links: web
// The reader of requests, with no socket: whatever comes, cut however the first byte says, it ends in a request within its
// bounds or in a refusal, and gives the same outcome in one piece.
#include <cstdint>
#include <string>
#include <string_view>

#include "web/wire.hpp"

using namespace landglass::web;

namespace {

constexpr std::size_t k_body = 4'096;

// "request per line": method, path, sizes; and how it ended.
std::string play(std::string_view bytes, std::size_t step) {
  RequestReader reader;
  std::string held;
  std::string story;
  while (true) {
    std::size_t used = 0;
    const auto outcome = reader.feed(held, used);
    LG_ASSERT(used <= held.size(), "more used than given");
    held.erase(0, used);
    if (outcome == RequestReader::Step::head) {
      reader.allow_body(k_body);
    } else if (outcome == RequestReader::Step::done) {
      const auto& request = reader.request();
      LG_ASSERT(request.body.size() <= k_body, "a body past its bound");
      LG_ASSERT(!request.path.empty() && request.path[0] == '/', "a path that is none");
      story += std::string(method_name(request.method)) + " " + request.path + " " + std::to_string(request.headers.size()) +
               " " + request.body + "\n";
      reader.next();
    } else if (outcome == RequestReader::Step::refused) {
      return story + reader.refusal().code;
    } else if (bytes.empty()) {
      return story + "more";
    } else {
      held += bytes.substr(0, step);
      bytes.remove_prefix(std::min(step, bytes.size()));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 16'000) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto whole = play(bytes, bytes.size() + 1);
  const auto pieces = play(bytes, data[0] % 61 + 1);
  // In pieces a broken head may be noticed only at its end, which these bytes may not hold.
  const bool waits = pieces.ends_with("more");
  const bool same = waits ? whole.starts_with(pieces.substr(0, pieces.size() - 4)) : whole == pieces;
  LG_ASSERT(same, "the same bytes are read differently when they come in pieces:\n" + whole + "\n---\n" + pieces);
  return 0;
}
