#include "disclosure/template.hpp"

#include <algorithm>
#include <set>

namespace landglass::disclosure {
namespace {

bool given(const base::Json& value) {
  if (const auto* yes = value.if_bool()) return *yes;
  if (const auto* text = value.if_string()) return !text->empty();
  if (const auto* list = value.if_array()) return !list->empty();
  return value.is_object();
}

// Where a field is looked for: in the item of a repeated row first, then in the paper.
class Fields {
 public:
  Fields(const base::Json& paper, const std::string& name, const base::Json* item = nullptr)
      : paper_(paper), name_(name), item_(item) {}

  const base::Json& find(std::string_view field) const {
    if (item_ != nullptr && !item_->at(field).is_null()) return item_->at(field);
    return paper_.at(field);
  }
  bool holds(const std::optional<Condition>& when) const { return !when || given(find(when->field)) == when->given; }

  base::Result<std::string> text(std::string_view pattern, bool english) const {
    std::string out;
    for (;;) {
      const auto open = pattern.find("{{");
      out += pattern.substr(0, open);
      if (open == std::string_view::npos) return out;
      const auto close = pattern.find("}}", open);
      LG_TRY(const std::string value, field(pattern.substr(open + 2, close - open - 2), english));
      out += value;
      pattern.remove_prefix(close + 2);
    }
  }
  base::Result<base::Text> both(const base::Text& pattern) const {
    LG_TRY(std::string zh, text(pattern.zh, false));
    // A cell that is one field has its English from the field.
    const bool one_field =
        pattern.en.empty() && pattern.zh.starts_with("{{") && pattern.zh.find("}}") == pattern.zh.size() - 2;
    LG_TRY(std::string en, text(one_field ? pattern.zh : pattern.en, true));
    if (en == zh) en.clear();
    return base::Text{std::move(zh), std::move(en)};
  }

 private:
  base::Result<std::string> field(std::string_view field, bool english) const {
    const base::Json& value = find(field);
    const std::string where = name_ + "." + std::string(field);
    if (value.is_null()) return base::refuse("PAPER-02", "文书缺少必填内容", "the paper lacks a field that it needs", where);
    const std::string* text = value.if_string();
    if (value.is_object()) {
      const auto* en = value.at("en").if_string();
      text = english && en != nullptr && !en->empty() ? en : value.at("zh").if_string();
    }
    if (text == nullptr) return base::refuse("PAPER-03", "文书内容类型不符", "the field is no text", where);
    for (const char c : *text) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') {
        return base::refuse("PAPER-03", "文书内容含控制字符", "the field holds a control character", where);
      }
    }
    return *text;
  }

  const base::Json& paper_;
  const std::string& name_;
  const base::Json* item_;
};

base::Result<Table> fill_table(const TemplateTable& pattern, const Fields& paper, const base::Json& json,
                               const std::string& name) {
  Table table{pattern.columns, {}, pattern.labelled};
  for (Column& column : table.columns) {
    LG_TRY(column.head, paper.both(column.head));
  }
  const auto add = [&](const TemplateRow& row, const Fields& fields) -> base::Status {
    if (!fields.holds(row.when)) return base::Done{};
    std::vector<base::Text> cells;
    for (const base::Text& cell : row.cells) {
      LG_TRY(base::Text text, fields.both(cell));
      cells.push_back(std::move(text));
    }
    table.rows.push_back(std::move(cells));
    return base::Done{};
  };
  for (const TemplateRow& row : pattern.rows) {
    if (row.list.empty()) {
      LG_CHECK(add(row, paper));
      continue;
    }
    const base::Json& list = json.at(row.list);
    if (list.is_null()) {
      return base::refuse("PAPER-02", "文书缺少必填内容", "the paper lacks a list that it needs", name + "." + row.list);
    }
    if (!list.is_array()) return base::refuse("PAPER-03", "文书内容类型不符", "the field is no list", name + "." + row.list);
    for (const base::Json& item : list.as_array()) {
      if (!item.is_object()) {
        return base::refuse("PAPER-03", "文书内容类型不符", "an item of the list is no object", name + "." + row.list);
      }
      LG_CHECK(add(row, Fields(json, name, &item)));
    }
  }
  return table;
}

void collect(std::set<std::string>& out, std::string_view pattern, const std::string& prefix = {}) {
  for (auto open = pattern.find("{{"); open != std::string_view::npos; open = pattern.find("{{")) {
    const auto close = pattern.find("}}", open);
    out.insert(prefix + std::string(pattern.substr(open + 2, close - open - 2)));
    pattern.remove_prefix(close + 2);
  }
}
void collect(std::set<std::string>& out, const base::Text& text, const std::string& prefix = {}) {
  collect(out, text.zh, prefix);
  collect(out, text.en, prefix);
}

}  // namespace

base::Result<Document> Template::fill(const base::Json& fields, const Marks& marks) const {
  const Fields paper(fields, name_);
  Document document;
  document.look = look_;
  document.name = name_;
  document.marks = marks;
  LG_TRY(document.letterhead, paper.both(letterhead_));
  LG_TRY(document.title, paper.both(title_));
  LG_TRY(document.number, paper.text(number_, false));
  LG_TRY(document.law, paper.both(law_));
  for (const TemplateBlock& block : blocks_) {
    if (!paper.holds(block.when)) continue;
    if (const auto* heading = std::get_if<Heading>(&block.what)) {
      LG_TRY(base::Text text, paper.both(heading->text));
      document.blocks.emplace_back(Heading{std::move(text)});
    } else if (const auto* paragraph = std::get_if<Paragraph>(&block.what)) {
      LG_TRY(base::Text text, paper.both(paragraph->text));
      document.blocks.emplace_back(Paragraph{std::move(text), paragraph->indented});
    } else if (const auto* table = std::get_if<TemplateTable>(&block.what)) {
      LG_TRY(Table filled, fill_table(*table, paper, fields, name_));
      document.blocks.emplace_back(std::move(filled));
    } else if (const auto* signatures = std::get_if<Signatures>(&block.what)) {
      Signatures filled;
      for (const Signature& party : signatures->parties) {
        LG_TRY(base::Text text, paper.both(party.name));
        LG_TRY(std::string date, paper.text(party.date, false));
        filled.parties.push_back({std::move(text), std::move(date)});
      }
      document.blocks.emplace_back(std::move(filled));
    }
  }
  return document;
}

const Bound* Template::bound(std::string_view institution, std::string_view action) const {
  const Bound* any = nullptr;
  for (const Bound& one : bound_) {
    if (one.institution != institution) continue;
    if (one.actions.empty()) any = &one;
    if (std::find(one.actions.begin(), one.actions.end(), action) != one.actions.end()) return &one;
  }
  return any;
}

std::vector<std::string> Template::fields() const {
  std::set<std::string> out;
  collect(out, letterhead_);
  collect(out, title_);
  collect(out, law_);
  collect(out, number_);
  for (const TemplateBlock& block : blocks_) {
    if (block.when) out.insert(block.when->field);
    if (const auto* heading = std::get_if<Heading>(&block.what)) collect(out, heading->text);
    if (const auto* paragraph = std::get_if<Paragraph>(&block.what)) collect(out, paragraph->text);
    if (const auto* signatures = std::get_if<Signatures>(&block.what)) {
      for (const Signature& party : signatures->parties) {
        collect(out, party.name);
        collect(out, party.date);
      }
    }
    if (const auto* table = std::get_if<TemplateTable>(&block.what)) {
      for (const Column& column : table->columns) collect(out, column.head);
      for (const TemplateRow& row : table->rows) {
        const std::string prefix = row.list.empty() ? "" : row.list + ".";
        if (row.when) out.insert(prefix + row.when->field);
        if (!row.list.empty()) out.insert(row.list);
        for (const base::Text& cell : row.cells) collect(out, cell, prefix);
      }
    }
  }
  return {out.begin(), out.end()};
}

}  // namespace landglass::disclosure
