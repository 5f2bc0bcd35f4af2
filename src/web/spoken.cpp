#include "web/spoken.hpp"

namespace landglass::web {
namespace {

bool of_an_id(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '/';
}

template <class Named>
std::string replaced(const std::string& text, const Named& named) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    auto end = at;
    while (end < text.size() && of_an_id(text[end])) ++end;
    if (end == at) {
      out += text[at++];
      continue;
    }
    const auto word = text.substr(at, end - at);
    const auto name = word.find('/') == std::string::npos ? std::string() : named(word);
    out += name.empty() ? word : name;
    at = end;
  }
  return out;
}

}  // namespace

base::Text spoken(Names& names, const institution::Pack& pack, const base::Text& text) {
  const auto named = [&](std::string base::Text::*language) {
    return [&names, &pack, language](const std::string& id) {
      return names_a_record(pack, id) ? names.shown(id).*language : std::string();
    };
  };
  return {replaced(text.zh, named(&base::Text::zh)), replaced(text.en, named(&base::Text::en))};
}

}  // namespace landglass::web
