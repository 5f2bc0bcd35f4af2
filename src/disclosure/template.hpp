#pragma once
// Paper templates: what an official paper says, as a text file that a lawyer reads and changes (docs/formats/paper.md).
// A template is filled with fields that are already formatted: texts, {zh, en}, yes or no, and lists of such for tables.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "disclosure/document.hpp"

namespace landglass::disclosure {

// A block or a table row that stands only where a field is given (not empty, not false), or only where it is not.
struct Condition {
  std::string field;
  bool given = true;
};

struct TemplateRow {
  std::optional<Condition> when;
  std::string list;  // the row is repeated for each item of this list; empty: it stands once
  std::vector<base::Text> cells;
};
struct TemplateTable {
  std::vector<Column> columns;
  std::vector<TemplateRow> rows;
  bool labelled = false;
};
struct TemplateBlock {
  std::optional<Condition> when;
  std::variant<Heading, Paragraph, TemplateTable, Signatures> what;
};

// What fills a template from a record: expressions over the record as it is after the act (docs/formats/paper.md, "From a
// record").
struct Lookup {  // with the_lot of land-listing = the_contract.lot
  std::string name, institution, source;
  int line = 0;
};
struct Binding {
  std::string field;  // "winner", or "instalments.1.due" of the first item of a list
  std::string source;
  int line = 0;
};
struct Bound {
  std::string institution;
  std::vector<std::string> actions;  // empty: every act of it that prints this paper
  std::vector<Lookup> lookups;
  std::vector<Binding> fields;
  int line = 0;
};

class Template {
 public:
  // Refuses PAPER-01 what does not read as a template, with file and line.
  static base::Result<Template> parse(std::string_view text, const std::string& file);

  // Refuses PAPER-02 a field that the template needs and the fields lack, PAPER-03 one of another kind than it is used as:
  // an official paper has no blanks.
  base::Result<Document> fill(const base::Json& fields, const Marks& marks) const;

  const std::string& name() const { return name_; }
  const base::Text& title() const { return title_; }
  const base::Hash& hash() const { return hash_; }  // SHA-256 of the file
  // Every field it may read, sorted; those of a list's items as "parcels.code". What a pack check holds against its paper.
  std::vector<std::string> fields() const;
  const std::vector<Bound>& bound() const { return bound_; }
  // For an act: what names the act, else what is for every act of its institution; nullptr where nothing binds it.
  const Bound* bound(std::string_view institution, std::string_view action) const;
  Look look() const { return look_; }

 private:
  friend class TemplateReader;
  std::string name_;
  Look look_ = Look::paper;
  base::Text letterhead_, title_, law_;
  std::string number_;
  std::vector<TemplateBlock> blocks_;
  std::vector<Bound> bound_;
  base::Hash hash_{};
};

// The templates of a pack: every *.paper of a folder, by name.
class Templates {
 public:
  static base::Result<Templates> load(const std::string& folder);
  const Template* find(std::string_view name) const;
  auto begin() const { return templates_.begin(); }
  auto end() const { return templates_.end(); }
  std::size_t size() const { return templates_.size(); }

 private:
  std::map<std::string, Template, std::less<>> templates_;
};

}  // namespace landglass::disclosure
