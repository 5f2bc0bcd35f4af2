#include "law/expression_lexer.hpp"

#include <array>
#include <optional>

#include "base/number.hpp"
#include "law/expression_tree.hpp"
#include "law/quantity.hpp"

namespace landglass::law {
namespace {

constexpr std::array<std::string_view, 23> k_symbols = {"||", "&&", "==", "!=", "<=", ">=", "<", ">", "!", "+", "-", "*",
                                                        "/",  "%",  "?",  ":",  ".",  ",",  "(", ")", "[", "]", ""};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  base::Result<std::vector<Token>> run() {
    std::vector<Token> tokens;
    while (true) {
      while (at_ < source_.size() && is_space(source_[at_])) advance(1);
      LG_TRY(auto token, next());
      tokens.push_back(std::move(token));
      if (tokens.back().kind == Token::Kind::end) return tokens;
    }
  }

 private:
  base::Result<Token> next() {
    Token token;
    token.column = column_;
    if (at_ == source_.size()) return token;
    const auto rest = source_.substr(at_);
    const char c = rest[0];
    if (base::is_digit(c)) return quantity(std::move(token));
    if (c == '\'' || c == '"') return text(std::move(token));
    if (is_letter(c)) {
      std::size_t size = 1;
      while (size < rest.size() && (is_letter(rest[size]) || base::is_digit(rest[size]))) ++size;
      token.kind = Token::Kind::name;
      token.spelling = rest.substr(0, size);
      advance(size);
      return token;
    }
    for (const auto symbol : k_symbols) {
      if (symbol.empty() || !rest.starts_with(symbol)) continue;
      token.kind = Token::Kind::symbol;
      token.spelling = rest.substr(0, symbol.size());
      advance(symbol.size());
      return token;
    }
    return base::refuse("LAW-01", "此处的字符不属于表达式", "a character that no expression has", at_column(column_));
  }

  base::Result<Token> quantity(Token token) {
    auto read = read_quantity(source_.substr(at_));
    if (!read) {
      auto refusal = read.refusal();
      refusal.where = at_column(column_);
      return refusal;
    }
    token.kind = Token::Kind::quantity;
    token.value = std::move(read->value);
    advance(read->bytes);
    return token;
  }

  base::Result<Token> text(Token token) {
    const char quote = source_[at_];
    std::string content;
    for (std::size_t i = at_ + 1; i < source_.size(); ++i) {
      char c = source_[i];
      if (c == quote) {
        token.kind = Token::Kind::text;
        token.value = Value::text(std::move(content));
        advance(i + 1 - at_);
        return token;
      }
      if (c == '\n' || c == '\r') break;
      if (c == '\\') {
        c = i + 1 < source_.size() ? source_[++i] : '\0';
        if (c == 'n') {
          c = '\n';
        } else if (c != '\\' && c != '\'' && c != '"') {
          return base::refuse("LAW-01", "文本里只有 \\\\ \\' \\\" \\n 四种转义",
                              "a text has the escapes \\\\ \\' \\\" \\n only", at_column(token.column));
        }
      }
      content += c;
    }
    return base::refuse("LAW-01", "文本没有结束的引号", "a text without its closing quote", at_column(token.column));
  }

  void advance(std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i) {
      if ((static_cast<unsigned char>(source_[at_ + i]) & 0xC0) != 0x80) ++column_;
    }
    at_ += bytes;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  int column_ = 1;
};

}  // namespace

base::Result<std::vector<Token>> tokens_of(std::string_view source) {
  if (source.size() > k_longest_source) {
    return base::refuse("LAW-01", "表达式超过 2,000 字节", "an expression longer than 2,000 bytes", at_column(1));
  }
  if (!base::is_nfc(source)) {
    return base::refuse("LAW-01", "表达式不是 NFC 的 UTF-8 文本", "an expression that is not UTF-8 in NFC", at_column(1));
  }
  return Lexer(source).run();
}

}  // namespace landglass::law
