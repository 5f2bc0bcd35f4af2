#include "base/csv.hpp"

namespace landglass::base {
namespace {

constexpr std::size_t k_max_field = 64 * 1024;
constexpr std::size_t k_max_fields = 256;

// Length of the well-formed UTF-8 sequence at the start of `text` (RFC 3629), or 0.
std::size_t sequence(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const auto tail = [&](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
  const auto first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!tail(1) || !tail(2)) return 0;
    if (first == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (first == 0xED && byte(1) > 0x9F) return 0;  // surrogates
    return 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!tail(1) || !tail(2) || !tail(3)) return 0;
    if (first == 0xF0 && byte(1) < 0x90) return 0;
    if (first == 0xF4 && byte(1) > 0x8F) return 0;  // past U+10FFFF
    return 4;
  }
  return 0;
}

}  // namespace

std::string csv_where(std::string_view name, std::size_t line, std::size_t column) {
  return std::string(name) + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string csv_quoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

CsvReader::CsvReader(std::string_view name, std::string_view bytes) : name_(name), bytes_(bytes) {
  if (bytes_.starts_with("\xEF\xBB\xBF")) bytes_.remove_prefix(3);
}

Refusal CsvReader::stop(const char* code, const char* zh, const char* en) {
  return refuse(code, zh, en, csv_where(name_, line_, column_));
}

void CsvReader::skip_line() {
  const auto end = bytes_.find('\n', at_);
  at_ = end == std::string_view::npos ? bytes_.size() : end + 1;
  ++line_;
  column_ = 1;
}

bool CsvReader::take(std::string& into) {
  const auto size = sequence(bytes_.substr(at_));
  const auto first = static_cast<unsigned char>(bytes_[at_]);
  if (size == 0 || first == 0x7F || (first < 0x20 && first != '\t' && first != '\r' && first != '\n')) return false;
  into.append(bytes_.substr(at_, size));
  at_ += size;
  if (first == '\n') {
    ++line_;
    column_ = 1;
  } else {
    ++column_;
  }
  return true;
}

Status CsvReader::quoted(CsvField& field) {
  const auto opened = csv_where(name_, line_, column_);
  ++at_;
  ++column_;
  while (true) {
    if (at_ >= bytes_.size()) return refuse("CSV-01", "引号没有闭合", "a quote that never closes", opened);
    if (field.text.size() > k_max_field) {
      auto no = stop("CSV-05", "字段过长", "a field past 64 KiB");
      no.where = opened;
      at_ = bytes_.size();
      return no;
    }
    if (bytes_[at_] == '"') {
      ++at_;
      ++column_;
      if (at_ < bytes_.size() && bytes_[at_] == '"') {
        field.text += '"';
        ++at_;
        ++column_;
        continue;
      }
      const char after = at_ < bytes_.size() ? bytes_[at_] : '\n';
      const bool crlf = after == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n';
      if (after == ',' || after == '\n' || crlf) return Done{};
      return stop("CSV-02", "闭引号之后还有文字", "text after a closing quote");
    }
    if (!take(field.text)) return stop("CSV-04", "不是合法的 UTF-8 文本，或含控制字符", "not UTF-8, or a control character");
  }
}

Status CsvReader::bare(CsvField& field) {
  while (at_ < bytes_.size()) {
    const char c = bytes_[at_];
    if (c == ',' || c == '\n') return Done{};
    if (c == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n') return Done{};
    if (c == '"') return stop("CSV-03", "未加引号的字段中出现引号", "a quote inside a bare field");
    if (c == '\r' || !take(field.text)) {
      return stop("CSV-04", "不是合法的 UTF-8 文本，或含控制字符", "not UTF-8, or a control character");
    }
    if (field.text.size() > k_max_field) {
      auto no = stop("CSV-05", "字段过长", "a field past 64 KiB");
      at_ = bytes_.size();
      return no;
    }
  }
  return Done{};
}

Result<CsvRecord> CsvReader::next() {
  // Empty lines are skipped here, so that a trailing one is no record of one empty field.
  while (at_ < bytes_.size()) {
    if (bytes_[at_] == '\n') {
      ++at_;
    } else if (bytes_[at_] == '\r' && at_ + 1 < bytes_.size() && bytes_[at_ + 1] == '\n') {
      at_ += 2;
    } else {
      break;
    }
    ++line_;
    column_ = 1;
  }
  CsvRecord record;
  if (at_ >= bytes_.size()) return record;
  record.line = line_;
  while (true) {
    CsvField field{{}, line_, column_};
    const bool starts_quoted = at_ < bytes_.size() && bytes_[at_] == '"';
    if (auto read = starts_quoted ? quoted(field) : bare(field); !read) {
      if (read.refusal().code == "CSV-01") {
        at_ = bytes_.size();
      } else if (at_ < bytes_.size()) {
        skip_line();
      }
      return read.trouble();
    }
    record.fields.push_back(std::move(field));
    if (record.fields.size() > k_max_fields) {
      auto no = stop("CSV-05", "字段过多", "a record past 256 fields");
      at_ = bytes_.size();
      return no;
    }
    if (at_ >= bytes_.size()) return record;
    if (bytes_[at_] == ',') {
      ++at_;
      ++column_;
      continue;
    }
    at_ += bytes_[at_] == '\r' ? 2 : 1;
    ++line_;
    column_ = 1;
    return record;
  }
}

}  // namespace landglass::base
