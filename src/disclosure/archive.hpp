#pragma once
// 档案: the papers that the acts of records made. Nothing of a paper is kept: it is printed again from the leaves, as of its
// act, for the one who asks.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "disclosure/case_file.hpp"
#include "disclosure/fields.hpp"
#include "disclosure/past.hpp"
#include "disclosure/template.hpp"
#include "engine/cache.hpp"
#include "institution/pack.hpp"

namespace landglass::disclosure {

struct RecordPaper {
  std::string record;
  std::string institution;
  std::string action;
  std::string name;  // of its template
  base::Text title;
  std::string number;  // 文号, as the leaf issued it; or empty
  base::Time as_of;
  base::Time time;  // of the leaf
  log::Tree tree = log::Tree::open;
  std::uint64_t leaf = 0;
};

// Only within Engine::inspect: it reads as the sequencer does.
class Archive {
 public:
  Archive(institution::Pack& pack, engine::Cache& now, store::Store& store, const Templates& templates, bool demonstration)
      : pack_(pack), now_(now), store_(store), templates_(templates), demonstration_(demonstration) {}

  // In the order of the acts. A record that he may not see has none for him.
  base::Result<std::vector<RecordPaper>> papers_of(std::string_view record, const Asking& asking);
  // His own sealed records that refer to it.
  base::Result<std::vector<std::string>> own_references(std::string_view record, const Asking& asking);
  // Refuses PAPER-08 a paper that the act did not make or that he may not see, PAPER-02 one that lacks a field.
  base::Result<Document> document(std::string_view record, std::uint64_t leaf, std::string_view name, const Asking& asking);
  // The certificate's file, without its receipt: public fields of the issuing leaf, and openings of the private ones that he
  // may see. Refuses PAPER-08 where the act made no certificate.
  base::Result<base::Json> certificate(std::string_view record, std::uint64_t leaf, const Asking& asking);

 private:
  struct Act {
    log::Leaf leaf;
    std::string bytes;
    log::Tree tree = log::Tree::open;
  };
  base::Result<Act> act_of(std::string_view record, std::uint64_t leaf, std::string_view paper, const Asking& asking);
  Marks marks_of(const Act& act, const institution::Institution& in, const institution::Record& record) const;

  institution::Pack& pack_;
  engine::Cache& now_;
  store::Store& store_;
  const Templates& templates_;
  bool demonstration_;
};

// Runs what it is given within Engine::inspect.
using InArchive = std::function<void(const std::function<void(Archive&, const Asking&)>&)>;
// The papers of the record and of every record that refers to it, directly or through others: contract, certificate,
// objection; for a party also his own sealed ones. The sequencer is held for one record at a time; where the open ones refer
// to is read beside it.
base::Result<std::vector<RecordPaper>> case_of(const institution::Pack& pack, store::Reader& reader,
                                               const InArchive& in_archive, std::string_view record);

// "LL350112201900000011K" of "land-listing/350112-2019-000011": a verification code of the record's name, with its check
// character; "-" where the name has not that form.
std::string code_of_record(std::string_view record);

// What is wrong between the acts' papers and the templates, a line each: a template that is not there, a field that nothing
// binds, a binding that nothing reads or that does not read, a fact that only says what is now.
std::vector<std::string> paper_faults(const institution::Pack& pack, const Templates& templates);

}  // namespace landglass::disclosure
