#include "web/chinese_marks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace landglass::web {
namespace {

constexpr std::string_view k_mark = " lang=\"zh-CN\"";
constexpr std::size_t k_longest_gap = 24;  // bytes between two Chinese pieces that are read as one: "第 12 号"

enum class Kind { letter, other, punctuation, han };  // `other`: digits, spaces and signs of no language

struct Sign {
  Kind kind;
  std::size_t bytes;
};

Sign sign_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const auto first = byte(at);
  if (first < 0x80) {
    const bool letter = (first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '&';
    return {letter ? Kind::letter : Kind::other, 1};
  }
  const std::size_t bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  if (at + bytes > text.size()) return {Kind::other, text.size() - at};
  if (bytes == 4) return {first == 0xf0 && byte(at + 1) >= 0xa0 ? Kind::han : Kind::other, 4};
  if (bytes != 3) return {Kind::other, bytes};
  const auto code = (first & 0xfU) << 12U | (byte(at + 1) & 0x3fU) << 6U | (byte(at + 2) & 0x3fU);
  if ((code >= 0x3400 && code <= 0x9fff) || (code >= 0xf900 && code <= 0xfaff) || code == 0x3007) return {Kind::han, 3};
  if ((code >= 0x3001 && code <= 0x301f) || (code >= 0xff01 && code <= 0xff60)) return {Kind::punctuation, 3};
  return {Kind::other, 3};
}

struct Clause {
  std::size_t begin, end;
};

// The next piece with a Chinese character at or after `from`; begin == end where there is none.
Clause piece_after(std::string_view text, std::size_t from) {
  std::size_t begin = from, end = 0;
  bool inside = false, han = false;
  for (auto at = from; at < text.size();) {
    const auto [kind, bytes] = sign_at(text, at);
    if (kind == Kind::han || kind == Kind::punctuation) {
      if (!inside) {
        inside = true;
        begin = at;
        // "2012年" and "35号" belong together.
        while (begin > from && text[begin - 1] >= '0' && text[begin - 1] <= '9') --begin;
      }
      han = han || kind == Kind::han;
      end = at + bytes;
    } else if (inside && (kind == Kind::letter || at - end >= k_longest_gap)) {
      if (han) return {begin, end};
      inside = false;
    }
    at += bytes;
  }
  return inside && han ? Clause{begin, end} : Clause{text.size(), text.size()};
}

// A Chinese character says about as much as two letters.
bool mostly(std::string_view text) {
  std::size_t han = 0, letters = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto [kind, bytes] = sign_at(text, at);
    han += kind == Kind::han ? 1 : 0;
    letters += kind == Kind::letter ? 1 : 0;
    at += bytes;
  }
  return han > 0 && 2 * han >= letters;
}

bool one_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string_view attribute(std::string_view tag, std::string_view name) {
  const auto at = tag.find(std::string(" ").append(name).append("=\""));
  if (at == std::string_view::npos) return {};
  const auto begin = at + name.size() + 3;
  return tag.substr(begin, tag.find('"', begin) - begin);
}

class Marker {
 public:
  explicit Marker(std::string_view html) : html_(html) { out_.reserve(html.size() + html.size() / 16); }

  std::string run() && {
    while (at_ < html_.size()) {
      const auto open = std::min(html_.find('<', at_), html_.size());
      if (open > at_) text(open);
      if (open < html_.size()) tag(open);
    }
    return std::move(out_);
  }

 private:
  std::string_view html_;
  std::string out_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;  // in `out_`, before the ">" of the start tag that has just been read; 0: something came after it
  std::string_view start_tag_, start_name_;
  std::string_view chinese_;  // the element marked as Chinese that we are in
  std::size_t depth_ = 0;     // of elements so named, itself among them
  bool drawing_ = false;      // in an svg, where no span may stand

  void copy(std::size_t to) {
    out_ += html_.substr(at_, to - at_);
    at_ = to;
  }

  void text(std::size_t to) {
    const auto words = html_.substr(at_, to - at_);
    at_ = to;
    auto next = chinese_.empty() ? piece_after(words, 0) : Clause{words.size(), words.size()};
    if (next.begin == next.end) {
      out_ += words;
      start_ = 0;
      return;
    }
    const bool alone = start_ != 0 && html_.substr(to, 2 + start_name_.size()) == "</" + std::string(start_name_);
    const bool plain = start_name_ == "option" || start_name_ == "title" || drawing_;  // no element may stand in them
    const auto rest = words.substr(next.end).find_first_not_of(" \n");
    const bool whole = words.find_first_not_of(" \n") == next.begin && rest == std::string_view::npos;
    // What an element says of itself in attributes is English and stays so.
    const bool silent = start_tag_.find(" data-label=") == std::string_view::npos &&
                        start_tag_.find(" aria-label=") == std::string_view::npos &&
                        start_tag_.find(" lang=") == std::string_view::npos;
    if (alone && (plain ? mostly(words) : whole) && silent) {
      out_.insert(start_, k_mark);
      out_ += words;
    } else if (plain) {
      out_ += words;
    } else {
      // On a phone what stands beside its label is one cell of a grid: it stays one.
      const bool cell = start_ != 0 && !silent && !whole;
      if (cell) out_ += "<span>";
      std::size_t from = 0;
      for (; next.begin != next.end; next = piece_after(words, from)) {
        out_ += words.substr(from, next.begin - from);
        out_.append("<span")
            .append(k_mark)
            .append(">")
            .append(words.substr(next.begin, next.end - next.begin))
            .append("</span>");
        from = next.end;
      }
      out_ += words.substr(from);
      if (cell) out_ += "</span>";
    }
    start_ = 0;
  }

  // The end of the tag that begins at `open`, past its ">"; a ">" in a quoted value ends none.
  std::size_t end_of(std::size_t open) const {
    char quote = 0;
    for (auto at = open; at < html_.size(); ++at) {
      const char c = html_[at];
      if (quote != 0)
        quote = c == quote ? 0 : quote;
      else if (c == '"' || c == '\'')
        quote = c;
      else if (c == '>')
        return at + 1;
    }
    return html_.size();
  }

  void tag(std::size_t open) {
    start_ = 0;
    if (html_.substr(open, 4) == "<!--") return copy(std::min(html_.find("-->", open), html_.size() - 3) + 3);
    const auto end = end_of(open);
    const auto whole = html_.substr(open, end - open);
    const bool closes = whole.starts_with("</");
    auto name = whole.substr(closes ? 2 : 1);
    name = name.substr(0, name.find_first_of(" \n\t/>"));
    if (name.empty() || name.front() == '!') return copy(end);
    if (closes) {
      if (name == chinese_ && --depth_ == 0) chinese_ = {};
      if (name == "svg") drawing_ = false;
      return copy(end);
    }
    if (name == "svg") drawing_ = true;
    if (name == chinese_) ++depth_;
    if (chinese_.empty() && name != "input" && attribute(whole, "lang").starts_with("zh")) {
      chinese_ = name;
      depth_ = 1;
    }
    copy(end);
    if (one_of(name, {"script", "style", "textarea"})) {
      const auto close = std::min(html_.find(std::string("</").append(name), end), html_.size());
      if (name == "textarea" && chinese_.empty() && mostly(html_.substr(end, close - end)))
        out_.insert(out_.size() - 1, k_mark);
      return copy(close);
    }
    if (name == "input") {
      if (chinese_.empty() && attribute(whole, "type") != "hidden" && mostly(attribute(whole, "value")))
        out_.insert(out_.size() - 1, k_mark);
      return;
    }
    start_ = out_.size() - 1;
    start_tag_ = whole;
    start_name_ = name;
  }
};

}  // namespace

std::string mark_chinese(std::string_view html) { return Marker(html).run(); }

}  // namespace landglass::web
