// Reading a template file; docs/formats/paper.md is the contract.

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "disclosure/template.hpp"

namespace landglass::disclosure {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

// "中文 // English"
base::Text two(std::string_view text) {
  const auto at = text.find(" // ");
  if (at == std::string_view::npos) return {std::string(trim(text)), ""};
  return {std::string(trim(text.substr(0, at))), std::string(trim(text.substr(at + 4)))};
}

std::vector<std::string_view> cells_of(std::string_view text) {
  std::vector<std::string_view> cells;
  for (;;) {
    const auto at = text.find('|');
    cells.push_back(trim(text.substr(0, at)));
    if (at == std::string_view::npos) return cells;
    text.remove_prefix(at + 1);
  }
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words{""};
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  if (words.size() > 1 && words.back().empty()) words.pop_back();
  return words;
}

bool braces_match(std::string_view text) {
  for (;;) {
    const auto open = text.find("{{");
    const auto close = text.find("}}");
    if (open == std::string_view::npos) return close == std::string_view::npos;
    if (close == std::string_view::npos || close < open + 3) return false;
    if (text.substr(open + 2, close - open - 2).find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") !=
        std::string_view::npos) {
      return false;
    }
    text.remove_prefix(close + 2);
  }
}

// Chinese lines join without a space, words with one.
void join(std::string& text, std::string_view line) {
  if (!text.empty() && static_cast<unsigned char>(text.back()) < 0x80 && static_cast<unsigned char>(line.front()) < 0x80) {
    text += ' ';
  }
  text += line;
}

}  // namespace

class TemplateReader {
 public:
  TemplateReader(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {}

  base::Result<Template> read() {
    bool body = false;
    while (!text_.empty()) {
      const auto end = text_.find('\n');
      const std::string_view line = trim(text_.substr(0, end));
      text_ = end == std::string_view::npos ? std::string_view{} : text_.substr(end + 1);
      ++line_;
      if (line.starts_with('%')) continue;  // a remark to the reader of the file
      if (!braces_match(line)) return wrong("{{字段}} 写法有误", "a {{field}} is not written as one: lower case, digits, _");
      if (!body && line == "---") {
        body = true;
      } else if (!body) {
        LG_CHECK(header(line));
      } else if (line.empty()) {
        LG_CHECK(close());
      } else {
        LG_CHECK(body_line(line));
      }
    }
    LG_CHECK(close());
    if (!body) return wrong("缺少 --- 行", "the line --- between head and body is absent");
    if (out_.name_.empty() || out_.title_.zh.empty() || out_.title_.en.empty()) {
      return wrong("缺少 paper 或中英文 title", "`paper` or a `title` in both languages is absent");
    }
    return std::move(out_);
  }

 private:
  base::Refusal wrong(std::string zh, std::string en) const {
    return base::refuse("PAPER-01", "文书模板有误：" + zh, "template: " + en, file_ + ":" + std::to_string(line_));
  }

  base::Status header(std::string_view line) {
    if (line.empty()) return base::Done{};
    if (!out_.bound_.empty() || line.starts_with("from ")) return binding(line);
    const auto space = line.find_first_of(" \t");
    const std::string_view key = line.substr(0, space);
    const std::string_view value = space == std::string_view::npos ? std::string_view{} : trim(line.substr(space));
    if (value.empty()) return wrong("该行没有内容", "this line of the head says nothing");
    if (key == "paper") {
      out_.name_ = value;
    } else if (key == "letterhead") {
      out_.letterhead_ = two(value);
    } else if (key == "title") {
      out_.title_ = two(value);
    } else if (key == "look" && value == "certificate") {
      out_.look_ = Look::certificate;
    } else if (key == "number") {
      out_.number_ = value;
    } else if (key == "law") {
      out_.law_ = two(value);
    } else {
      return wrong("未知的头部字段 " + std::string(key), "unknown word in the head: " + std::string(key));
    }
    return base::Done{};
  }

  // from land-listing on confirm | with the_lot of land-listing = lot | winner = winner_name
  base::Status binding(std::string_view line) {
    const auto equals = line.find(" = ");
    const auto left = words_of(line.substr(0, equals));
    if (left.front() == "from" && equals == std::string_view::npos) {
      if (left.size() == 3 || (left.size() > 3 && left[2] != "on") || left.size() < 2)
        return wrong("写作 from 制度 [on 动作 …]", "write `from institution [on act …]`");
      Bound bound{left[1], {}, {}, {}, line_};
      if (left.size() > 3) bound.actions.assign(left.begin() + 3, left.end());
      out_.bound_.push_back(std::move(bound));
      return base::Done{};
    }
    if (equals == std::string_view::npos) return wrong("写作 字段 = 表达式", "write `field = expression`");
    const std::string source(trim(line.substr(equals + 3)));
    if (left.size() == 1) {
      out_.bound_.back().fields.push_back({left[0], source, line_});
    } else if (left.size() == 4 && left[0] == "with" && left[2] == "of") {
      out_.bound_.back().lookups.push_back({left[1], left[3], source, line_});
    } else {
      return wrong("写作 with 名称 of 制度 = 表达式", "write `with name of institution = expression`");
    }
    return base::Done{};
  }

  static Condition condition(std::string_view text) {
    text = trim(text);
    const bool given = !text.starts_with('!');
    if (!given) text.remove_prefix(1);
    return {std::string(trim(text)), given};
  }

  base::Status body_line(std::string_view line) {
    if (line.starts_with('|')) return table_line(line.substr(1));
    if (table_) return wrong("表格后须空一行", "a blank line must follow a table");
    if (line.starts_with('?')) {
      if (paragraph_ || signatures_) return wrong("? 须在段首", "`?` stands before a block");
      when_ = condition(line.substr(1));
    } else if (line.starts_with("# ")) {
      LG_CHECK(close_keeping_condition());
      push(Heading{two(line.substr(2))});
    } else if (line.starts_with("@ ")) {
      LG_CHECK(close_keeping_condition());
      push(Paragraph{two(line.substr(2)), false});
    } else if (line.starts_with("~ ")) {
      const auto cells = cells_of(line.substr(2));
      if (cells.size() != 2) return wrong("落款写作 ~ 名称 | 日期", "a signature is `~ name | date`");
      if (!signatures_) signatures_.emplace();
      signatures_->parties.push_back({two(cells[0]), std::string(cells[1])});
    } else if (line.starts_with("> ")) {
      if (!paragraph_) return wrong("英文段之前没有中文段", "English stands under a Chinese paragraph");
      join(paragraph_->text.en, trim(line.substr(2)));
    } else {
      if (!paragraph_) paragraph_.emplace();
      if (!paragraph_->text.en.empty()) return wrong("段落之间须空一行", "a blank line must part two paragraphs");
      join(paragraph_->text.zh, line);
    }
    return base::Done{};
  }

  base::Status table_line(std::string_view line) {
    if (paragraph_ || signatures_) return wrong("表格前须空一行", "a blank line must stand before a table");
    if (!table_) table_.emplace();
    const char kind = line.empty() ? ' ' : line.front();
    if (kind == '=') return widths(line.substr(1));
    if (kind == '#') {
      const auto cells = cells_of(line.substr(1));
      LG_CHECK(columns(cells.size()));
      for (std::size_t i = 0; i < cells.size(); ++i) table_->columns[i].head = two(cells[i]);
      return base::Done{};
    }
    if (kind == '?') {
      row_when_ = condition(line.substr(1));
      return base::Done{};
    }
    TemplateRow row;
    row.when = std::exchange(row_when_, std::nullopt);
    if (kind == ':' || kind == '*') line.remove_prefix(1);
    if (kind == ':') table_->labelled = true;
    auto cells = cells_of(line);
    if (kind == '*') {
      row.list = cells.front();
      cells.erase(cells.begin());
      if (row.list.empty() || cells.empty())
        return wrong("重复行写作 |* 列表 | 单元格", "a repeated row is `|* list | cell | …`");
    }
    LG_CHECK(columns(cells.size()));
    for (const auto cell : cells) row.cells.push_back(two(cell));
    table_->rows.push_back(std::move(row));
    return base::Done{};
  }

  base::Status widths(std::string_view line) {
    for (auto cell : cells_of(line)) {
      Column column;
      if (cell.ends_with('r')) column.align = Align::right;
      if (cell.ends_with('c')) column.align = Align::centre;
      while (!cell.empty() && (cell.back() < '0' || cell.back() > '9')) cell.remove_suffix(1);
      column.weight = 0;
      for (const char digit : cell) column.weight = column.weight * 10 + (digit - '0');
      if (cell.empty() || cell.size() > 3 || column.weight <= 0)
        return wrong("列宽须为正整数", "a width is a whole number above 0");
      table_->columns.push_back(column);
    }
    return base::Done{};
  }

  base::Status columns(std::size_t count) {
    if (table_->columns.empty()) table_->columns.resize(count);
    if (table_->columns.size() != count) return wrong("列数与上文不符", "another number of columns than above");
    return base::Done{};
  }

  template <class T>
  void push(T what) {
    out_.blocks_.push_back({std::exchange(when_, std::nullopt), std::move(what)});
  }
  base::Status close_keeping_condition() {
    if (paragraph_ || table_ || signatures_) return wrong("段落之间须空一行", "a blank line must part two blocks");
    return base::Done{};
  }
  base::Status close() {
    if (row_when_) return wrong("? 之后没有行", "`?` stands before no row");
    if (paragraph_) push(std::move(*paragraph_));
    if (table_) push(std::move(*table_));
    if (signatures_) push(std::move(*signatures_));
    paragraph_.reset();
    table_.reset();
    signatures_.reset();
    if (when_) return wrong("? 之后没有段落", "`?` stands before no block");
    return base::Done{};
  }

  std::string_view text_;
  std::string file_;
  int line_ = 0;
  Template out_;
  std::optional<Condition> when_, row_when_;
  std::optional<Paragraph> paragraph_;
  std::optional<TemplateTable> table_;
  std::optional<Signatures> signatures_;
};

base::Result<Template> Template::parse(std::string_view text, const std::string& file) {
  LG_TRY(Template made, TemplateReader(text, file).read());
  made.hash_ = base::sha256(base::as_bytes(text));
  return made;
}

base::Result<Templates> Templates::load(const std::string& folder) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".paper") files.push_back(entry.path());
  }
  if (error) return base::fail("folder of paper templates " + folder + ": " + error.message());
  std::sort(files.begin(), files.end());
  Templates out;
  for (const auto& file : files) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return base::fail("paper template " + file.string() + " cannot be read");
    LG_TRY(Template made, Template::parse(text.str(), file.filename().string()));
    if (made.name() != file.stem().string()) {
      return base::refuse("PAPER-01", "文书名与文件名不符", "the name of the paper is not that of its file",
                          file.filename().string());
    }
    const std::string name = made.name();
    out.templates_.emplace(name, std::move(made));
  }
  return out;
}

const Template* Templates::find(std::string_view name) const {
  const auto at = templates_.find(name);
  return at == templates_.end() ? nullptr : &at->second;
}

}  // namespace landglass::disclosure
