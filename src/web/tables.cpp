#include "web/tables.hpp"

#include <algorithm>

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

void Section::column(Text label, bool numeric) {
  JsonObject column{{"label", both(label)}};
  if (numeric) column["numeric"] = true;
  columns_.push_back(std::move(column));
  labels_.push_back(std::move(label));
}

void Section::row_json(std::vector<Cell> cells, JsonObject extra) {
  LG_ASSERT(cells.size() == labels_.size(), "a row has a cell for each column");
  JsonArray row;
  for (std::size_t i = 0; i < cells.size(); ++i) {
    auto& cell = cells[i];
    JsonObject out{{"label", both(labels_[i])}};
    const bool nothing = (cell.text.is_null() && cell.chip.is_null()) ||
                         (cell.text.is_string() && cell.text.as_string().empty()) ||
                         (cell.text.is_object() && cell.text.text("zh").empty());
    if (nothing || !cell.text.is_null()) out["text"] = nothing ? Json("—") : std::move(cell.text);
    if (!cell.chip.is_null()) out["chip"] = std::move(cell.chip);
    if (nothing && extra.empty()) out["none"] = true;
    if (!cell.to.empty()) out["to"] = std::move(cell.to);
    const bool no_sub = cell.sub.is_null() || (cell.sub.is_string() && cell.sub.as_string().empty()) ||
                        (cell.sub.is_object() && cell.sub.text("zh").empty());
    if (!no_sub) out["sub"] = std::move(cell.sub);
    if (cell.numeric) out["numeric"] = true;
    if (i == 0) out["head"] = true;
    if (i + 1 == cells.size()) {
      if (!extra.empty() && nothing) out.erase("text");
      for (auto& [name, value] : extra) out[name] = std::move(value);
    }
    row.push_back(std::move(out));
  }
  auto& rows = groups_.empty() ? rows_ : groups_.back().rows;
  rows.push_back(JsonObject{{"cells", std::move(row)}});
}

void Section::group(std::string id, Text title) { groups_.push_back({std::move(id), std::move(title), {}}); }

std::size_t Section::rows() const {
  std::size_t count = rows_.size();
  for (const auto& group : groups_) count += group.rows.size();
  return count;
}

void Section::link(Text label, std::string to) {
  links_.push_back(JsonObject{{"label", both(label)}, {"to", std::move(to)}});
}

Json Section::json() const {
  JsonObject out{{"id", id_}, {"title", both(title_)}};
  const auto count = count_ == 0 ? rows() : count_;
  if (count > 0) out["count"] = std::to_string(count);
  if (!paragraphs_.empty()) out["paragraphs"] = items(paragraphs_);
  if (!rows_.empty()) {
    out["columns"] = columns_;
    out["rows"] = items(rows_);
    // A name and figures: as cards each figure would take a line of its own.
    const bool figures = columns_.size() > 1 && std::all_of(columns_.begin() + 1, columns_.end(),
                                                            [](const Json& one) { return !one.at("numeric").is_null(); });
    if (dense_ || figures) {
      out["dense"] = true;
    } else if (lines_) {
      out["lines"] = true;
    }
  } else if (!groups_.empty()) {
    JsonArray groups;
    for (const auto& group : groups_)
      groups.push_back(JsonObject{{"id", group.id},
                                  {"title", both(group.title)},
                                  {"count", std::to_string(group.rows.size())},
                                  {"columns", columns_},
                                  {"rows", items(group.rows)}});
    out["groups"] = items(std::move(groups));
  } else if (!empty_.empty()) {
    out["empty"] = both(empty_);
  }
  if (!links_.empty()) out["links"] = items(links_);
  for (const auto& [name, value] : paging_) out[name] = value;
  return out;
}

Json Section::index() const {
  JsonObject out{{"label", both(title_)}, {"to", "#" + id_}};
  const auto count = count_ == 0 ? rows() : count_;
  if (count > 0) out["count"] = std::to_string(count);
  return out;
}

JsonObject tables_of(const std::vector<Section>& sections, Text lead) {
  JsonArray list;
  JsonArray index;
  for (const auto& section : sections) {
    list.push_back(section.json());
    index.push_back(section.index());
  }
  JsonObject out;
  if (!lead.empty()) out["lead"] = both(lead);
  if (sections.size() > 2) out["index"] = items(std::move(index));
  if (!list.empty()) out["parts"] = items(std::move(list));
  return out;
}

}  // namespace landglass::web
