#include "web/uri.hpp"

#include <algorithm>

namespace landglass::web {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> unescape(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return out;
}

bool has_control(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// `; name=value` or `; name="value"` of a header; a quoted value may escape with a backslash.
std::optional<std::string> header_parameter(std::string_view header, std::string_view wanted) {
  auto at = header.find(';');
  while (at != std::string_view::npos && at < header.size()) {
    ++at;
    const auto equals = header.find('=', at);
    if (equals == std::string_view::npos) return std::nullopt;
    const auto name = lower(trim(header.substr(at, equals - at)));
    std::string value;
    at = equals + 1;
    if (at < header.size() && header[at] == '"') {
      for (++at; at < header.size() && header[at] != '"'; ++at) {
        if (header[at] == '\\' && at + 1 < header.size()) ++at;
        value.push_back(header[at]);
      }
      if (at >= header.size()) return std::nullopt;
      at = header.find(';', at);
    } else {
      const auto end = std::min(header.find(';', at), header.size());
      value = std::string(trim(header.substr(at, end - at)));
      at = end < header.size() ? end : std::string_view::npos;
    }
    if (name == wanted) return value;
  }
  return std::nullopt;
}

base::Refusal bad_query(std::string_view where) {
  return base::refuse("HTTP-QUERY", "查询参数或表单有误", "malformed query or form", std::string(where));
}
base::Refusal bad_form(std::string_view where) {
  return base::refuse("HTTP-FORM", "表单内容有误", "malformed form body", std::string(where));
}

}  // namespace

bool is_utf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  const auto* end = p + text.size();
  while (p < end) {
    if (*p < 0x80) {
      ++p;
      continue;
    }
    int more = 0;
    std::uint32_t point = 0;
    if ((*p & 0xe0) == 0xc0)
      more = 1, point = *p & 0x1f;
    else if ((*p & 0xf0) == 0xe0)
      more = 2, point = *p & 0x0f;
    else if ((*p & 0xf8) == 0xf0)
      more = 3, point = *p & 0x07;
    else
      return false;
    if (end - p <= more) return false;
    for (int i = 1; i <= more; ++i) {
      if ((p[i] & 0xc0) != 0x80) return false;
      point = (point << 6) | (p[i] & 0x3f);
    }
    const std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (point < least[more] || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    p += more + 1;
  }
  return true;
}

std::optional<std::string> decode_segment(std::string_view segment) {
  auto plain = unescape(segment, false);
  if (!plain || has_control(*plain) || !is_utf8(*plain)) return std::nullopt;
  return plain;
}

std::string encode_component(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  }
  return out;
}

base::Result<Pairs> parse_query(std::string_view text) {
  Pairs pairs;
  while (!text.empty()) {
    const auto end = std::min(text.find('&'), text.size());
    const auto item = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (item.empty()) continue;
    if (pairs.size() == k_max_pairs) return bad_query("too many");
    const auto equals = std::min(item.find('='), item.size());
    auto name = unescape(item.substr(0, equals), true);
    auto value = unescape(equals < item.size() ? item.substr(equals + 1) : std::string_view(), true);
    if (!name || !value || !is_utf8(*name) || !is_utf8(*value) || has_control(*name))
      return bad_query("#" + std::to_string(pairs.size()));
    if (value->find('\0') != std::string::npos) return bad_query(*name);
    pairs.add(std::move(*name), std::move(*value));
  }
  return pairs;
}

Pairs parse_cookies(std::string_view header) {
  Pairs cookies;
  while (!header.empty() && cookies.size() < k_max_cookies) {
    const auto end = std::min(header.find(';'), header.size());
    const auto item = trim(header.substr(0, end));
    header.remove_prefix(std::min(end + 1, header.size()));
    const auto equals = item.find('=');
    if (equals == std::string_view::npos || equals == 0) continue;
    auto value = item.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    if (has_control(value)) continue;
    cookies.add(std::string(item.substr(0, equals)), std::string(value));
  }
  return cookies;
}

base::Result<std::vector<Part>> parse_multipart(std::string_view content_type, std::string_view body) {
  if (lower(trim(content_type.substr(0, content_type.find(';')))) != "multipart/form-data") return bad_form("content-type");
  const auto boundary = header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > 70) return bad_form("boundary");
  const std::string delimiter = "--" + *boundary;
  if (body.substr(0, delimiter.size()) != delimiter) return bad_form("first boundary");
  body.remove_prefix(delimiter.size());

  std::vector<Part> parts;
  const std::string next = "\r\n" + delimiter;
  while (true) {
    if (body.substr(0, 2) == "--") return parts;  // the closing delimiter
    if (body.substr(0, 2) != "\r\n") return bad_form("boundary line");
    body.remove_prefix(2);
    if (parts.size() == k_max_parts) return bad_form("too many parts");
    Part part;
    bool disposed = false;
    std::size_t lines = 0;
    while (body.substr(0, 2) != "\r\n") {
      const auto end = body.find("\r\n");
      if (end == std::string_view::npos || end > 8192 || ++lines > 16) return bad_form("part header");
      const auto line = body.substr(0, end);
      body.remove_prefix(end + 2);
      const auto colon = line.find(':');
      if (colon == std::string_view::npos) return bad_form("part header");
      const auto name = lower(trim(line.substr(0, colon)));
      const auto value = trim(line.substr(colon + 1));
      if (name == "content-disposition") {
        auto field = header_parameter(value, "name");
        if (disposed || lower(trim(value.substr(0, value.find(';')))) != "form-data" || !field || !is_utf8(*field)) {
          return bad_form("content-disposition");
        }
        disposed = true;
        part.name = std::move(*field);
        if (auto file = header_parameter(value, "filename")) {
          const auto slash = file->find_last_of("/\\");
          part.file = slash == std::string::npos ? *file : file->substr(slash + 1);
          if (!is_utf8(part.file) || has_control(part.file)) return bad_form("filename");
        }
      } else if (name == "content-type") {
        part.type = std::string(value);
      }
    }
    if (!disposed) return bad_form("content-disposition");
    body.remove_prefix(2);
    // The content may be empty, and then its delimiter begins with the blank line's end.
    const auto end = body.find(next);
    if (end == std::string_view::npos) return bad_form("last boundary");
    part.content = std::string(body.substr(0, end));
    body.remove_prefix(end + next.size());
    parts.push_back(std::move(part));
  }
}

base::Result<Pairs> parse_form(const Request& request) {
  const auto type = request.headers.get("content-type");
  const auto kind = lower(trim(type.substr(0, type.find(';'))));
  if (kind == "application/x-www-form-urlencoded") return parse_query(request.body);
  LG_TRY(auto parts, parse_multipart(type, request.body));
  Pairs fields;
  for (auto& part : parts) {
    if (!part.file.empty()) continue;
    if (!is_utf8(part.content)) return bad_form(part.name);
    fields.add(std::move(part.name), std::move(part.content));
  }
  return fields;
}

}  // namespace landglass::web
