#pragma once
// Plays one transcript. A line says by its first two characters what it is:
//   "> "  a line of a request, as it is sent; head and body are parted by a lone ">". A body gets its Content-Length.
//   "< "  a line that the answer must have: the status line, then any header lines (others may stand between), a lone "<",
//   and
//         then the body, whole, or up to a last line "< …" that stands for whatever follows.
//   "# "  a comment;   "~ "  from here on a new connection.
// {{name}} in an expected line takes what stands there (up to the text that follows it) for use in later requests; {{}}
// takes anything. {{port}} is the server's; others may be given. Of a live stream the body is its first event.

#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/loopback.hpp"

namespace landglass::tests {

using Words = std::map<std::string, std::string>;

inline std::string filled(std::string text, const Words& words) {
  for (const auto& [name, value] : words) {
    const auto mark = "{{" + name + "}}";
    for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + value.size()))
      text.replace(at, mark.size(), value);
  }
  return text;
}

// Does `text` read as `pattern` says? Takes the words.
inline bool reads(std::string_view text, std::string_view pattern, Words& words) {
  const auto open = pattern.find("{{");
  const auto close = pattern.find("}}");
  if (open == std::string_view::npos || close == std::string_view::npos) return text == pattern;
  if (text.substr(0, open) != pattern.substr(0, open)) return false;
  const auto name = pattern.substr(open + 2, close - open - 2);
  const auto rest = pattern.substr(close + 2);
  text.remove_prefix(open);
  const auto literal = rest.substr(0, std::min(rest.find("{{"), rest.size()));
  const auto end = literal.empty() ? text.size() : text.find(literal);
  if (end == std::string_view::npos) return false;
  if (!name.empty()) words[std::string(name)] = std::string(text.substr(0, end));
  return reads(text.substr(end), rest, words);
}

class Transcript {
 public:
  Transcript(std::uint16_t port, std::string file, Words words = {})
      : port_(port), file_(std::move(file)), words_(std::move(words)) {
    words_["port"] = std::to_string(port);
  }

  // Empty when all went as written; else file, line and what came instead.
  std::string play() {
    std::ifstream in(file_);
    if (!in) return file_ + ": cannot be read";
    std::vector<std::string> request, expected;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
      ++number;
      const char kind = line.empty() ? '#' : line[0];
      if (kind != '<' && !expected.empty()) {
        if (auto wrong = exchange(request, expected); !wrong.empty()) return wrong;
        request.clear(), expected.clear();
      }
      if (kind == '~') client_.reset();
      if (kind == '>') request.push_back(line.size() > 2 ? line.substr(2) : "");
      if (kind == '<') {
        if (expected.empty()) line_ = number;
        expected.push_back(line.size() > 2 ? line.substr(2) : "");
      }
      if (kind != '>' && kind != '<' && kind != '#' && kind != '~')
        return file_ + ":" + std::to_string(number) + ": not a line of a transcript";
    }
    if (!expected.empty()) return exchange(request, expected);
    return {};
  }

 private:
  std::string exchange(const std::vector<std::string>& request, const std::vector<std::string>& expected) {
    if (!client_) client_ = std::make_unique<web::Loopback>(port_);
    std::string head, body;
    bool in_body = false, told_length = false;
    for (const auto& raw : request) {
      const auto line = filled(raw, words_);
      if (!in_body && line.empty()) {
        in_body = true;
      } else if (in_body) {
        body += (body.empty() ? "" : "\n") + line;
      } else {
        head += line + "\r\n";
        told_length |= line.starts_with("Content-Length:") || line.starts_with("Transfer-Encoding:");
      }
    }
    if (!body.empty() && !told_length) head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    if (!request.empty()) client_->send(head + "\r\n" + body);
    auto reply = client_->reply(head.starts_with("HEAD "));
    // Of a live stream its first event.
    if (reply.find("content-type: text/event-stream") != std::string::npos) reply += client_->until("\n\n");
    return compare(reply, expected);
  }

  std::string compare(const std::string& reply, const std::vector<std::string>& expected) {
    const auto wrong = [&](std::size_t at, const std::string& why) {
      return file_ + ":" + std::to_string(line_ + at) + ": " + why + "\n" + (reply.empty() ? "(no answer)" : reply) + "\n";
    };
    const auto end = reply.find("\r\n\r\n");
    if (end == std::string::npos) return wrong(0, "no answer came");
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < end;) {
      const auto next = std::min(reply.find("\r\n", at), end);
      lines.push_back(reply.substr(at, next - at));
      at = next + 2;
    }
    std::size_t at = 0;
    for (; at < expected.size() && !expected[at].empty(); ++at) {
      const auto pattern = filled(expected[at], words_);
      bool found = false;
      for (std::size_t i = at == 0 ? 0 : 1; i < (at == 0 ? 1 : lines.size()) && !found; ++i)
        found = reads(lines[i], pattern, words_);
      if (!found) return wrong(at, "expected: " + pattern);
    }
    if (at == expected.size()) return {};
    std::string body;
    bool open_end = false;
    for (std::size_t i = at + 1; i < expected.size(); ++i) {
      if (i + 1 == expected.size() && expected[i] == "…")
        open_end = true;
      else
        body += (i == at + 1 ? "" : "\n") + filled(expected[i], words_);
    }
    if (open_end) body += "{{}}";
    auto came = reply.substr(end + 4);
    if (came.ends_with("\n") && !open_end) came.pop_back();
    if (!reads(came, body, words_)) return wrong(at + 1, "expected the body: " + body);
    return {};
  }

  std::uint16_t port_;
  std::string file_;
  Words words_;
  std::size_t line_ = 0;
  std::unique_ptr<web::Loopback> client_;
};

}  // namespace landglass::tests
