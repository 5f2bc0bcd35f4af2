#include "disclosure/archive.hpp"

#include <algorithm>
#include <set>

#include "disclosure/certificate.hpp"
#include "law/codes.hpp"
#include "log/merkle.hpp"
#include "log/receipt.hpp"
#include "verify/certificate.hpp"

namespace landglass::disclosure {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using institution::Institution;
using institution::Record;

namespace {

base::Refusal no_such_paper(std::string_view record) {
  return base::refuse("PAPER-08", "没有此文书，或不得查阅", "there is no such paper, or it is not open to you",
                      std::string(record));
}

bool made(const log::Change& change, std::string_view paper) {
  const auto* papers = change.outcome.at("papers").if_array();
  return papers != nullptr &&
         std::any_of(papers->begin(), papers->end(), [&](const Json& one) { return one == Json(std::string(paper)); });
}

}  // namespace

std::string code_of_record(std::string_view record) {
  const auto slash = record.find('/');
  const auto name = record.substr(0, slash);
  if (slash == std::string_view::npos || name.size() < 2) return "-";
  const auto rest = record.substr(slash + 1);  // 350112-2019-000011
  if (rest.size() < 13 || rest[6] != '-' || rest[11] != '-') return "-";
  const auto number = rest.substr(12);
  const auto digits = [](std::string_view text) { return text.find_first_not_of("0123456789") == std::string_view::npos; };
  if (!digits(rest.substr(0, 6)) || !digits(rest.substr(7, 4)) || !digits(number) || number.size() > 8) return "-";
  const auto dash = name.find('-');
  std::string type{name[0], dash == std::string_view::npos || dash + 1 >= name.size() ? name[1] : name[dash + 1]};
  for (char& c : type) c = static_cast<char>(c - ('a' - 'A'));
  const auto code = law::verification_code(type, rest.substr(0, 6), std::stoi(std::string(rest.substr(7, 4))),
                                           std::stoll(std::string(number)));
  return code.empty() ? "-" : code;
}

Result<std::vector<RecordPaper>> Archive::papers_of(std::string_view id, const Asking& asking) {
  std::vector<RecordPaper> papers;
  LG_TRY(const Record* record, now_.find(id));
  if (record == nullptr) return no_such_paper(id);
  const auto* current = pack_.by_hash(record->file);
  if (current == nullptr || !sees(*record, *current, asking)) return no_such_paper(id);
  const auto tree = record->tree;
  for (const auto seq : std::vector<std::uint64_t>(record->acts)) {
    LG_TRY(const auto bytes, store_.leaves(tree, seq, 1));
    if (bytes.empty()) return base::fail("a leaf of a record is not in the store: " + std::to_string(seq));
    LG_TRY(const auto leaf, log::decode(bytes.front()));
    const auto part = part_of(leaf, id);
    const auto* names = part.change == nullptr ? nullptr : part.change->outcome.at("papers").if_array();
    if (names == nullptr) continue;
    const auto* in = pack_.by_hash(part.change->file);
    const auto* action = in == nullptr ? nullptr : action_named(*in, part.change->action);
    for (const auto& name : *names) {
      const auto* paper = templates_.find(name.as_string());
      if (paper == nullptr) continue;
      RecordPaper one{std::string(id),
                      part.change->institution,
                      part.change->action,
                      name.as_string(),
                      paper->title(),
                      "",
                      leaf.as_of,
                      leaf.time,
                      tree,
                      seq};
      if (action != nullptr) {
        for (const auto& number : action->numbers) {
          if (number.code.empty()) one.number = part.change->set.text(number.field);
        }
      }
      papers.push_back(std::move(one));
    }
  }
  return papers;
}

namespace {

// Every open institution's table has its references as columns.
Result<std::vector<std::string>> open_references(const institution::Pack& pack, store::Reader& reader, std::string_view id) {
  std::vector<std::string> ids;
  const auto kind = id.substr(0, id.find('/'));
  for (const auto* other : pack.all()) {
    for (const auto& field : other->fields) {
      if (other->sealed() || field.is_private || !field.refers_to(kind)) continue;
      LG_TRY(const auto rows, reader.query("SELECT id FROM " + engine::Cache::table_of(other->name) + "_public WHERE " +
                                               field.name + " = ? ORDER BY id LIMIT 200",
                                           {Json(std::string(id))}));
      for (const auto& row : rows) ids.push_back(row[0].as_string());
    }
  }
  return ids;
}

}  // namespace

// A sealed record is found by an index that some file keeps, and is told to its own party only.
Result<std::vector<std::string>> Archive::own_references(std::string_view id, const Asking& asking) {
  std::vector<std::string> ids;
  if (asking.actor.empty()) return ids;
  const auto kind = id.substr(0, id.find('/'));
  for (const auto* other : pack_.all()) {
    for (const auto& field : other->fields) {
      if (!other->sealed() || !field.refers_to(kind)) continue;
      for (const auto* keeper : pack_.all()) {
        for (const auto& fact : keeper->facts) {
          const bool listed = fact.kind == institution::FactKind::all || fact.kind == institution::FactKind::one;
          if (!listed || fact.institution != other->name) continue;
          const auto by = std::count_if(fact.where.begin(), fact.where.end(),
                                        [](const institution::Where& where) { return where.field != "state"; });
          const bool fits = std::any_of(fact.where.begin(), fact.where.end(),
                                        [&](const institution::Where& where) { return where.field == field.name; });
          if (by != 1 || !fits) continue;
          LG_TRY(const auto found, now_.index(fact.key + "|" + std::string(id), true));
          for (const auto& one : found) {
            LG_TRY(const Record* record, now_.find(one));
            if (record != nullptr && sees(*record, *other, asking)) ids.push_back(one);
          }
        }
      }
    }
  }
  return ids;
}

Result<std::vector<RecordPaper>> case_of(const institution::Pack& pack, store::Reader& reader, const InArchive& in_archive,
                                         std::string_view id) {
  std::vector<std::string> waiting{std::string(id)};
  std::set<std::string> seen{std::string(id)};
  std::vector<RecordPaper> all;
  while (!waiting.empty() && seen.size() <= 500) {
    const auto next = waiting.back();
    waiting.pop_back();
    Result<std::vector<RecordPaper>> papers = no_such_paper(next);
    Result<std::vector<std::string>> own = std::vector<std::string>();
    in_archive([&](Archive& archive, const Asking& asking) {
      papers = archive.papers_of(next, asking);
      own = archive.own_references(next, asking);
    });
    if (!papers && next == id) return papers.trouble();
    if (papers) all.insert(all.end(), papers->begin(), papers->end());
    LG_TRY(auto others, open_references(pack, reader, next));
    if (!own) return own.trouble();
    others.insert(others.end(), own->begin(), own->end());
    for (const auto& other : others) {
      if (seen.insert(other).second) waiting.push_back(other);
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const RecordPaper& a, const RecordPaper& b) {
    return std::tuple(a.time, a.tree, a.leaf) < std::tuple(b.time, b.tree, b.leaf);
  });
  return all;
}

Result<Archive::Act> Archive::act_of(std::string_view id, std::uint64_t seq, std::string_view paper, const Asking& asking) {
  LG_TRY(const Record* record, now_.find(id));
  const auto* in = record == nullptr ? nullptr : pack_.by_hash(record->file);
  if (in == nullptr || !sees(*record, *in, asking)) return no_such_paper(id);
  if (std::find(record->acts.begin(), record->acts.end(), seq) == record->acts.end()) return no_such_paper(id);
  Act act;
  act.tree = record->tree;
  LG_TRY(auto bytes, store_.leaves(act.tree, seq, 1));
  if (bytes.empty()) return no_such_paper(id);
  act.bytes = std::move(bytes.front());
  LG_TRY(act.leaf, log::decode(act.bytes));
  const auto part = part_of(act.leaf, id);
  if (part.change == nullptr || !made(*part.change, paper)) return no_such_paper(id);
  return act;
}

Marks Archive::marks_of(const Act& act, const Institution& in, const Record& record) const {
  Marks marks;
  marks.record = record.id;
  marks.code = code_of_record(record.id);
  // A record that was issued a code of its own is known by that.
  each_action(in, [&](const institution::Action& action) {
    for (const auto& number : action.numbers) {
      const auto code = number.code.size() == 2 ? record.fields.text(number.field) : std::string_view();
      if (!code.empty()) marks.code = code;
    }
  });
  marks.as_of = act.leaf.as_of;
  marks.demonstration = demonstration_;
  const auto leaf = base::to_hex(log::leaf_hash(act.bytes)).substr(0, verify::k_mark_leaf_digits);
  marks.qr = verify::write_mark({record.id, marks.code, leaf, act.leaf.origin});
  return marks;
}

Result<Document> Archive::document(std::string_view id, std::uint64_t seq, std::string_view name, const Asking& asking) {
  LG_TRY(const auto act, act_of(id, seq, name, asking));
  const log::Change& change = *part_of(act.leaf, id).change;
  const auto* paper = templates_.find(name);
  const auto* in = pack_.by_hash(change.file);
  const auto* bound = paper == nullptr ? nullptr : paper->bound(change.institution, change.action);
  if (in == nullptr || bound == nullptr) return no_such_paper(id);
  Past past(pack_, now_, store_, asking, {act.tree, seq, act.leaf.time});
  LG_TRY(const Record* record, past.find(id));
  if (record == nullptr) return no_such_paper(id);
  FieldsOfPaper filler(pack_, past, *in, *record, change, act.leaf.as_of);
  LG_TRY(auto fields, filler.all(*paper, *bound));
  if (demonstration_) fields["demonstration"] = true;
  LG_TRY(auto document, paper->fill(Json(std::move(fields)), marks_of(act, *in, *record)));
  if (paper->look() == Look::certificate)
    document.blocks.insert(document.blocks.begin(), Standings{standings_of(change.state)});
  return document;
}

Result<Json> Archive::certificate(std::string_view id, std::uint64_t seq, const Asking& asking) {
  LG_TRY(const Record* newest, now_.find(id));
  if (newest == nullptr) return no_such_paper(id);
  const auto* in = pack_.by_hash(newest->file);
  std::string name;
  for (const auto& [each, paper] : templates_) {
    if (paper.look() == Look::certificate && act_of(id, seq, each, asking)) name = each;
  }
  if (in == nullptr || name.empty()) return no_such_paper(id);
  LG_TRY(const auto act, act_of(id, seq, name, asking));
  const auto part = part_of(act.leaf, id);
  CertificateSource source{act.leaf, std::string(id), {}, {}, {}};
  for (const auto& [field, value] : part.change->set) {
    if (field != "code" && !value.is_null()) source.fields.push_back(field);
  }
  for (const auto& [field, commitment] : part.change->commit) {
    const auto* known = in->field(field);
    if (known == nullptr || !sees(*newest, *in, *known, asking)) continue;
    LG_TRY(const auto secret, store_.secret(act.tree, seq, part.prefix + field));
    if (secret && !secret->value.is_null())
      source.openings.push_back(log::opening_json({part.prefix + field, secret->salt, secret->value}));
  }
  return certificate_json(source);
}

}  // namespace landglass::disclosure
