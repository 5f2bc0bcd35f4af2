#pragma once
// CSV as RFC 4180 has it, read as a stream: one record at a time, each field with the line and column where it began. UTF-8
// only; a byte order mark at the very start is skipped, broken UTF-8 refuses. Nothing is trimmed, guessed or repaired.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace landglass::base {

struct CsvField {
  std::string text;
  std::size_t line = 0;    // 1-based, of the field's first character
  std::size_t column = 0;  // 1-based, in characters (code points), of the field's first character
};
struct CsvRecord {
  std::size_t line = 0;  // where the record began; 0: the end of the file
  std::vector<CsvField> fields;
};

class CsvReader {
 public:
  // `name` stands before line and column in refusals: "statement.csv:12:5". Both views outlive the reader.
  CsvReader(std::string_view name, std::string_view bytes);

  // The next record, or one with line 0 at the end. Empty lines are no records. After CSV-02 to CSV-04 the reader has
  // skipped to the next line, so that a caller who reports row by row may go on; after CSV-01 and CSV-05 it is at the end.
  // CSV-01 a quote that never closes, CSV-02 text after a closing quote, CSV-03 a quote inside a bare field, CSV-04 not
  // UTF-8 or a control character, CSV-05 a field past 64 KiB or a record past 256 fields.
  Result<CsvRecord> next();

  std::size_t line() const { return line_; }  // of what will be read next

 private:
  Refusal stop(const char* code, const char* zh, const char* en);
  void skip_line();
  bool take(std::string& into);  // one character; false where it is not fit
  Status quoted(CsvField& field);
  Status bare(CsvField& field);

  std::string_view name_;
  std::string_view bytes_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

std::string csv_where(std::string_view name, std::size_t line, std::size_t column);  // "name:line:column"
std::string csv_quoted(std::string_view text);  // as a field: quoted only where it must be

}  // namespace landglass::base
