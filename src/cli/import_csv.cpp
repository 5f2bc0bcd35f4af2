#include "cli/import_csv.hpp"

#include <algorithm>

#include "base/json.hpp"

namespace landglass::cli {
namespace {

using base::CsvField;
using base::CsvRecord;
using base::refuse;

std::string shown(std::string_view text) {
  if (text.size() <= 120) return std::string(text);
  auto end = std::size_t{120};
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "…";
}

class TableReader {
 public:
  TableReader(const ColumnMap& map, std::string_view name, std::string_view bytes,
              const std::function<void(ImportRow)>& take)
      : map_(map), name_(name), reader_(name, bytes), take_(take) {}

  base::Result<ImportCounts> run() {
    LG_CHECK(header());
    while (true) {
      const auto line = reader_.line();
      auto record = reader_.next();
      if (record && record->line == 0) return std::move(counts_);
      ImportRow row;
      if (!record) {  // the line is no CSV: a malformed row, and on with the next
        if (!record.refused()) return record.trouble();
        const auto& no = record.refusal();
        row.line = line;
        row.problems.push_back({no.code, "", no.where, no.say, ""});
      } else {
        row.line = record->line;
        for (const auto& field : record->fields) row.cells.push_back(field.text);
        for (const auto* column : columns_) row.columns.push_back(column->name);
        fill(row, *record);
      }
      finish(std::move(row));
    }
  }

 private:
  base::Status header() {
    LG_TRY(const auto record, reader_.next());
    if (record.line == 0) return refuse("IMP-04", "文件没有表头", "a file without a header", std::string(name_));
    for (const auto& field : record.fields) {
      const auto where = base::csv_where(name_, field.line, field.column);
      const auto* column = map_.find(field.text);
      if (!column) {
        auto no = refuse("IMP-02", "对照文件未说明此列", "a column that the map does not name", where);
        no.detail = base::alike(field.text);
        return no;
      }
      if (std::find(columns_.begin(), columns_.end(), column) != columns_.end()) {
        auto no = refuse("IMP-02", "列名重复", "a column twice", where);
        no.detail = base::alike(field.text);
        return no;
      }
      columns_.push_back(column);
    }
    for (const auto& column : map_.columns) {
      if (std::find(columns_.begin(), columns_.end(), &column) != columns_.end()) continue;
      auto no = refuse("IMP-03", "文件缺少一列", "a column of the map that the file does not have", std::string(name_));
      no.detail = base::alike(column.name);
      return no;
    }
    return base::Done{};
  }

  void problem(ImportRow& row, const Column& column, const CsvField& field, const char* code, base::Text say) {
    row.problems.push_back(
        {code, column.name, base::csv_where(name_, field.line, field.column), std::move(say), shown(field.text)});
  }

  const CsvField& cell_of(const CsvRecord& record, std::string_view column) const {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i]->name == column) return record.fields[i];
    }
    base::bug("a unit column that the map was checked to have", __FILE__, __LINE__);
  }

  void fill(ImportRow& row, const CsvRecord& record) {
    if (record.fields.size() != columns_.size()) {
      row.problems.push_back({"IMP-05",
                              "",
                              base::csv_where(name_, record.line, 1),
                              {"列数与表头不同", "another number of columns than the header"},
                              std::to_string(record.fields.size()) + " / " + std::to_string(columns_.size())});
      return;
    }
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& column = *columns_[i];
      const auto& field = record.fields[i];
      if (!column.ignored.empty() || field.text.empty()) continue;
      if (!base::is_nfc(field.text)) {
        problem(row, column, field, "IMP-06", {"文本不是 NFC 形式", "text is not in NFC"});
        continue;
      }
      auto unit = column.unit;
      auto target = column.field;
      std::string_view text = field.text;
      if (!column.unit_column.empty()) {
        const auto& named = cell_of(record, column.unit_column).text;
        const auto row_of = std::find_if(column.unit_fields.begin(), column.unit_fields.end(),
                                         [&](const auto& one) { return one.first == named; });
        if (row_of == column.unit_fields.end()) {
          problem(row, column, field, "IMP-07",
                  {"单位列没有给出已知的单位", "the unit column gives no known unit: " + named});
          continue;
        }
        unit = *unit_named(named);
        target = row_of->second;
      }
      for (const auto& [suffix, to] : column.suffixes) {
        if (!text.ends_with(suffix)) continue;
        text.remove_suffix(suffix.size());
        unit = *unit_named(suffix);
        target = to;
        break;
      }
      auto value = read_cell(column.type, unit, column, text);
      if (value) {
        row.fields.emplace(target, *std::move(value));
      } else {
        problem(row, column, field, value.refusal().code.c_str(), value.refusal().say);
      }
    }
  }

  void finish(ImportRow row) {
    for (const auto& required : map_.required) {
      const auto has = [&](const auto& field) { return row.fields.contains(field); };
      if (std::any_of(required.fields.begin(), required.fields.end(), has)) continue;
      const auto except = row.fields.find(required.unless);
      if (except != row.fields.end() && except->second == law::Value::text(required.is)) continue;
      std::string names;
      for (const auto& field : required.fields) names += (names.empty() ? "" : "|") + field;
      row.missing.push_back(std::move(names));
    }
    row.status = !row.problems.empty()  ? RowStatus::malformed
                 : !row.missing.empty() ? RowStatus::incomplete
                                        : RowStatus::parsed;
    ++counts_.rows;
    ++(row.status == RowStatus::parsed       ? counts_.parsed
       : row.status == RowStatus::incomplete ? counts_.incomplete
                                             : counts_.malformed);
    for (const auto& field : row.missing) ++counts_.missing[field];
    for (const auto& one : row.problems) ++counts_.problems[{one.column, one.code}];
    take_(std::move(row));
  }

  const ColumnMap& map_;
  std::string_view name_;
  base::CsvReader reader_;
  const std::function<void(ImportRow)>& take_;
  std::vector<const Column*> columns_;
  ImportCounts counts_;
};

}  // namespace

std::string_view name_of(RowStatus status) {
  return status == RowStatus::parsed ? "parsed" : status == RowStatus::incomplete ? "incomplete" : "malformed";
}

base::Result<ImportCounts> read_table(const ColumnMap& map, std::string_view name, std::string_view bytes,
                                      const std::function<void(ImportRow)>& take) {
  return TableReader(map, name, bytes, take).run();
}

}  // namespace landglass::cli
