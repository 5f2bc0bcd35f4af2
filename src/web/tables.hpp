#pragma once
// Pages that are nothing but tables under headings (docs/formats/page-model.md, TablesPage): put together piece by piece.

#include <string>
#include <utility>

#include "web/portal_model.hpp"

namespace landglass::web {

struct Cell {
  base::Json text;  // a text, or {zh, en}
  std::string to;
  base::Json sub;
  bool numeric = false;
  base::Json chip = {};  // a state, before the text
};

class Section {
 public:
  Section(std::string id, base::Text title) : id_(std::move(id)), title_(std::move(title)) {}

  void say(base::Text text) { paragraphs_.push_back(base::JsonObject{{"text", both(text)}}); }
  void column(base::Text label, bool numeric = false);
  // A cell for each column. The first is the row's head.
  void row(std::vector<Cell> cells) { row_json(std::move(cells), {}); }
  // `extra`: keys that the last cell has besides.
  void row_json(std::vector<Cell> cells, base::JsonObject extra);
  // The rows that follow stand folded under a heading of their own.
  void group(std::string id, base::Text title);
  void empty(base::Text text) { empty_ = std::move(text); }
  void link(base::Text label, std::string to);
  void dense() { dense_ = true; }                    // its few short cells stay a table on a phone too
  void lines() { lines_ = true; }                    // of many rows: on a phone a row is a line or two, not a card
  void count(std::size_t count) { count_ = count; }  // where more is there than is shown
  // From page to page of it (web/portal_model.hpp).
  template <class Address>
  void pages(int number, bool more, const Address& address) {
    put_paging(paging_, number, more, address);
  }
  bool has_links() const { return !links_.empty(); }
  std::size_t rows() const;

  const std::string& id() const { return id_; }
  base::Json json() const;
  base::Json index() const;

 private:
  struct Group {
    std::string id;
    base::Text title;
    base::JsonArray rows;
  };
  std::string id_;
  base::Text title_;
  base::JsonArray paragraphs_, columns_, rows_, links_;
  std::vector<Group> groups_;
  std::vector<base::Text> labels_;
  base::Text empty_;
  std::size_t count_ = 0;
  bool dense_ = false, lines_ = false;
  base::JsonObject paging_;
};

// All of them in order, with an index at the top where there are more than two.
base::JsonObject tables_of(const std::vector<Section>& sections, base::Text lead);

}  // namespace landglass::web
