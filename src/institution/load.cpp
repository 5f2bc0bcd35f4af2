#include "institution/load.hpp"

#include <algorithm>

namespace landglass::institution {
namespace {

using base::Result;
using base::Status;

std::vector<std::pair<std::string, law::Type>> common_names() {
  using law::Kind;
  using law::Type;
  auto actor = std::make_shared<std::vector<std::pair<std::string, Type>>>();
  Type texts = Type::of(Kind::list);
  texts.element = std::make_shared<Type>(Type::of(Kind::text));
  *actor = {{"id", Type::of(Kind::text)},
            {"post", Type::of(Kind::text)},
            {"office", Type::of(Kind::text)},
            {"region", Type::of(Kind::text)},
            {"roles", texts},
            {"person", Type::of(Kind::text)}};
  Type actor_type = Type::of(Kind::record);
  actor_type.members = actor;
  return {{"id", Type::of(Kind::text)},  {"state", Type::of(Kind::text)}, {"created", Type::of(Kind::date)},
          {"now", Type::of(Kind::time)}, {"today", Type::of(Kind::date)}, {"actor", actor_type}};
}

std::vector<law::Schema::Function> common_functions() {
  using law::Kind;
  using law::Type;
  const auto text = Type::of(Kind::text);
  const auto yes = Type::of(Kind::boolean);
  auto texts = Type::of(Kind::list);
  texts.element = std::make_shared<Type>(text);
  return {
      {"within", {text, text}, yes},       // within(code, region): a division lies in another
      {"opens", {text, text, text}, yes},  // opens(commitment, salt, value)
      {"name_core", {text}, text},         // a company's name without its form, for a match that only asks
      {"uscc_ok", {text}, yes},           {"parcel_code_ok", {text}, yes},
      {"unit_code_ok", {text}, yes},      {"above", {text}, text},  // above(code): the division above, null above the nation
      {"parcel_owner", {text}, text},   // G the state's, J a collective's, Z undetermined; null of no parcel code
      {"cited_by", {text}, texts},      // cited_by(rule): institutions in force that cite it
      {"code_in_force", {text}, yes}};  // code_in_force(code): a check, a warning or a rule of the watch has it
}

Result<Fact> load_fact(const Loading& at, std::string name, const Node& node) {
  LG_CHECK(only(at, node, {"title", "ref", "one", "all", "count", "sum", "of", "where"}));
  Fact fact;
  fact.name = std::move(name);
  LG_TRY(fact.title, load_text(at, node.at("title")));
  if (!node.at("ref").is_absent()) {
    fact.kind = FactKind::ref;
    fact.field = node.text("ref");
    return fact;
  }
  if (!node.at("one").is_absent()) {
    fact.kind = FactKind::one;
    fact.institution = node.text("one");
  } else if (!node.at("all").is_absent()) {
    fact.kind = FactKind::all;
    fact.institution = node.text("all");
  } else if (!node.at("count").is_absent()) {
    fact.kind = FactKind::count;
    fact.institution = node.text("count");
  } else if (!node.at("sum").is_absent()) {
    fact.kind = FactKind::sum;
    fact.institution = node.text("sum");
    fact.field = node.text("of");
  } else {
    return at.bad(node, fact.name, "未知的事实", "a fact is ref, one, all, count or sum");
  }
  if (node.at("where").is_absent())
    return at.bad(node, fact.name, "事实缺少 where", "a fact needs where: no table is ever scanned");
  return fact;
}

// The type a fact has in expressions; also completes the name under which its figure or index is kept.
Status type_fact(Institution& in, Fact& fact, const Node& node, const Loading& at, const FindShape& others) {
  if (fact.kind == FactKind::ref) {
    const auto* field = in.field(fact.field);
    if (field == nullptr || field->type != "ref")
      return at.bad(node, fact.field, "不是引用字段", "not a ref field of this record");
    fact.institution = field->of;
    if (field->of == k_any) {
      fact.type = type_of_any();
      return base::Done{};
    }
  }
  const auto* other = others(fact.institution);
  if (other == nullptr)
    return at.bad(node, fact.institution, "包内无此制度", "no such institution in the pack: " + fact.institution);
  const auto record = type_of_record(*other);
  std::string key = fact.institution;
  for (const auto& [field_name, value] : node.at("where").members) {
    Where where;
    where.field = field_name;
    if (field_name == "state") {
      LG_TRY(where.states, load_names(at, value));
      std::sort(where.states.begin(), where.states.end());
    } else if (const auto* field = other->field(field_name); field_name != "id" && field == nullptr) {
      return at.bad(value, field_name, "对方无此字段", fact.institution + " has no field " + field_name);
    } else if (field != nullptr && field->type == "list") {
      return at.bad(value, field_name, "列表字段不能用来查找", "nothing is found by a field that is a list");
    }
    fact.where.push_back(std::move(where));
  }
  std::sort(fact.where.begin(), fact.where.end(), [](const Where& a, const Where& b) { return a.field < b.field; });
  for (const auto& where : fact.where) {
    key += "|" + where.field;
    for (const auto& state : where.states) key += "," + state;
  }
  switch (fact.kind) {
    case FactKind::ref:
    case FactKind::one:
      fact.type = record;
      key = "ix:" + key;
      break;
    case FactKind::all:
      fact.type = law::Type::of(law::Kind::list);
      fact.type.element = std::make_shared<law::Type>(record);
      key = "ix:" + key;
      break;
    case FactKind::count:
      fact.type = law::Type::of(law::Kind::integer);
      key = "n:" + key;
      break;
    case FactKind::sum: {
      const auto* field = other->field(fact.field);
      if (field == nullptr)
        return at.bad(node, fact.field, "对方无此字段", fact.institution + " has no field " + fact.field);
      fact.type = field->value_type;
      if (fact.type.kind != law::Kind::money && fact.type.kind != law::Kind::area && fact.type.kind != law::Kind::integer) {
        return at.bad(node, fact.field, "此字段不能求和", "only money, areas and integers add up");
      }
      key = "s:" + fact.field + ":" + key;
      break;
    }
  }
  fact.key = key;
  return base::Done{};
}

Result<Parameter> load_parameter(const Loading& at, std::string name, const Node& node) {
  LG_CHECK(only(at, node, {"title", "basis", "sure", "at", "value", "values", "note"}));
  Parameter parameter;
  parameter.name = std::move(name);
  LG_TRY(parameter.title, load_text(at, node.at("title")));
  LG_TRY(parameter.basis, load_law(at, node.at("basis")));
  parameter.sure = node.text("sure");
  parameter.at_start = node.text("at") == "start";
  if (parameter.sure != "found" && parameter.sure != "memory" && parameter.sure != "inferred" &&
      parameter.sure != "design") {
    return at.bad(node, parameter.name + ".sure", "须说明有多确定", "sure is found, memory, inferred or design");
  }
  const auto add = [&](const Node& item, const Node& value) -> Status {
    ParameterValue one;
    one.source = value.scalar;
    LG_TRY(one.value, load_literal(at, value));
    for (const bool from : {true, false}) {
      const auto& date = item.at(from ? "from" : "to");
      if (date.is_absent()) continue;
      const auto parsed = base::parse_date(date.scalar);
      if (!parsed) return at.bad(date, parameter.name, "日期有误", "not a date: " + date.scalar);
      (from ? one.from : one.to) = *parsed;
    }
    one.region = item.text("region");
    if (parameter.values.empty()) {
      parameter.type = law::Type::of(one.value.kind);
    } else if (parameter.type.kind != one.value.kind) {
      return at.bad(value, parameter.name, "同一参数单位不一", "values of one parameter have different units");
    }
    parameter.values.push_back(std::move(one));
    return base::Done{};
  };
  if (!node.at("value").is_absent()) LG_CHECK(add(node, node.at("value")));
  for (const auto& item : node.at("values").items) {
    LG_CHECK(only(at, item, {"value", "from", "to", "region", "when", "note"}));
    LG_CHECK(add(item, item.at("value")));
  }
  if (parameter.values.empty()) return at.bad(node, parameter.name, "参数无值", "a parameter needs value or values");
  return parameter;
}

// `running: {drafted: {move: {to: …, with: {…}}}, announced: keep}`.
Status load_running(Institution& in, const Loading& at, const std::string& state, const Node& node) {
  Running rule;
  if (node.is_mapping()) {
    LG_CHECK(only(at, node, {"move"}));
    const auto& move = node.at("move");
    LG_CHECK(only(at, move, {"to", "with"}));
    rule.move = true;
    rule.to = move.text("to");
    LG_TRY(rule.with, load_settings(in, at, move.at("with")));
  } else if (node.scalar == "move") {
    rule.move = true;
  } else if (node.scalar != "keep") {
    return at.bad(node, "running." + state, "须为 keep 或 move", "running says keep or move for each state");
  }
  const auto& target = rule.to.empty() ? state : rule.to;
  if (rule.move && in.main.find(target) == nullptr)
    return at.bad(node, "running." + state, "新版本无此状态", "the new version has no state " + target);
  if (rule.move && in.sealed())
    return at.bad(node, "running." + state, "密封制度的记录沿用原制度",
                  "records of a sealed institution keep their version");
  in.running.emplace(state, std::move(rule));
  return base::Done{};
}

// `row` says which of the systems of docs/systems a file serves: A1, E1a, or `base` for what all stand on.
bool is_row(std::string_view row) {
  if (row == "base") return true;
  if (row.size() < 2 || row[0] < 'A' || row[0] > 'F') return false;
  row.remove_prefix(1);
  if (row.size() > 1 && row.back() >= 'a' && row.back() <= 'z') row.remove_suffix(1);
  return row.size() <= 2 && row[0] != '0' &&
         std::all_of(row.begin(), row.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

const Opening* Institution::opening(std::string_view wanted) const {
  for (const auto& one : open_to) {
    if (one.institution == wanted) return &one;
  }
  return nullptr;
}
const Field* Institution::field(std::string_view wanted) const {
  for (const auto& one : fields) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}
const Fact* Institution::fact(std::string_view wanted) const {
  for (const auto& one : facts) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}
const Parameter* Institution::parameter(std::string_view wanted) const {
  for (const auto& one : parameters) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}
const Pause* Institution::pause(std::string_view wanted) const {
  for (const auto& one : pauses) {
    if (one.name == wanted) return &one;
  }
  return nullptr;
}
const Action* State::find(std::string_view action) const {
  for (const auto& one : actions) {
    if (one.name == action) return &one;
  }
  return nullptr;
}
const State* Region::find(std::string_view state) const {
  for (const auto& one : states) {
    if (one.name == state) return &one;
  }
  return nullptr;
}

Result<Institution> load_shape(const Node& root, const Loading& at, std::string hash) {
  LG_CHECK(only(at, root, {"institution", "title",   "about",     "version",     "effective", "until",      "basis",
                           "row",         "tree",    "behaviour", "id",          "documents", "parameters", "record",
                           "facts",       "create",  "initial",   "states",      "always",    "parallel",   "pauses",
                           "lateness",    "running", "seen_by",   "open_to",     "held_with", "slip",       "seen_after",
                           "called",      "gathers", "board",     "not_seen_by", "answers"}));
  Institution in;
  in.file = at.file;
  in.hash = std::move(hash);
  in.name = root.text("institution");
  if (in.name.empty()) return at.bad(root, "institution", "缺少制度名", "the institution has no name");
  LG_TRY(in.title, load_text(at, root.at("title")));
  LG_TRY(in.about, load_text(at, root.at("about")));
  if (in.title.empty()) return at.bad(root, "title", "制度缺少名称", "an institution needs a title");
  in.version = static_cast<int>(root.at("version").integer().value_or(0));
  if (in.version < 1) return at.bad(root, "version", "缺少版本", "version is a whole number from 1");
  const auto effective = base::parse_date(root.text("effective"));
  if (!effective) return at.bad(root, "effective", "缺少施行日期", "effective is a date");
  in.effective = *effective;
  if (!root.at("until").is_absent()) in.until = base::parse_date(root.text("until"));
  for (const auto& item : root.at("basis").items) {
    LG_TRY(auto law, load_law(at, item));
    in.basis.push_back(std::move(law));
  }
  LG_TRY(in.rows, load_names(at, root.at("row")));
  for (const auto& row : in.rows) {
    if (!is_row(row)) return at.bad(root.at("row"), row, "系统编号的形式不对", "a row is such as A1 or E1a, or base");
  }
  const auto tree = root.text("tree");
  if (tree == "sealed") {
    in.tree = log::Tree::sealed;
  } else if (!tree.empty() && tree != "open") {
    return at.bad(root, "tree", "tree 须为 open 或 sealed", "tree is open or sealed");
  }
  LG_TRY(in.seen_by, load_names(at, root.at("seen_by")));
  if (!in.seen_by.empty() && in.tree != log::Tree::sealed)
    return at.bad(root, "seen_by", "seen_by 只用于密封制度",
                  "seen_by is for sealed institutions: open ones are seen by all");
  if (const auto& after = root.at("seen_after"); !after.is_absent()) {
    LG_CHECK(only(at, after, {"do", "for"}));
    LG_TRY(auto term, load_literal(at, after.at("for")));
    in.seen_after = after.text("do");
    in.seen_days = static_cast<int>(term.number);
    if (in.tree != log::Tree::sealed || in.seen_after.empty() || term.kind != law::Kind::days)
      return at.bad(after, "seen_after", "seen_after 用于密封制度，须有 do 和以日计的 for",
                    "seen_after is for sealed institutions, with do and a number of days");
  }
  in.behaviour = root.text("behaviour");
  LG_CHECK(only(at, root.at("id"), {"prefix", "from"}));
  in.id_from = root.at("id").text("from");
  in.id_prefix = root.at("id").text("prefix");
  if (!root.at("lateness").is_absent()) {
    LG_TRY(auto late, load_literal(at, root.at("lateness")));
    if (late.kind != law::Kind::days) return at.bad(root, "lateness", "须为天数", "a number of days is expected");
    in.lateness_days = static_cast<int>(late.number);
  }
  const auto& record = root.at("record");
  LG_CHECK(only(at, record, {"required", "properties"}));
  for (const auto& [name, node] : record.at("properties").members) {
    LG_TRY(auto field, load_field(at, name, node));
    in.fields.push_back(std::move(field));
  }
  // What any action may ask for beside the file's own fields (docs/formats/institution.md, Actions and Office verbs).
  const auto common = [&](const char* name, const char* zh, const char* en, const char* type, std::int64_t max) {
    if (in.field(name) != nullptr) return;
    Field field;
    field.name = name;
    field.title = {zh, en};
    field.type = type;
    field.max_length = max;
    field.value_type = type_of(field);
    in.fields.push_back(std::move(field));
  };
  common("reason", "理由", "Reason", "text", 2'000);
  common("ground", "依据情形", "Ground", "text", 60);
  common("evidence", "证据材料", "Evidence", "file", 64);
  common("handling_office", "承办单位", "Handling office", "ref", 200);
  common("handler", "承办人", "Handler", "ref", 200);
  LG_TRY(auto required, load_names(at, record.at("required")));
  for (const auto& name : required) {
    const auto place =
        std::find_if(in.fields.begin(), in.fields.end(), [&](const Field& field) { return field.name == name; });
    if (place == in.fields.end()) return at.bad(record, name, "必填字段未定义", "a required field that is not defined");
    place->required = true;
  }
  LG_TRY(in.called, load_names(at, root.at("called")));
  for (const auto& name : in.called) {
    const auto* field = in.field(name);
    if (field == nullptr)
      return at.bad(root.at("called"), name, "名称取自未定义的字段", "called by a field that the record has not");
    if (field->is_private || field->locked)
      return at.bad(root.at("called"), name, "名称不得取自不公开的字段", "a record is called by public fields alone");
    if (field->type == "list" || field->type == "record" || field->type == "json" || field->type == "file")
      return at.bad(root.at("called"), name, "名称须取自单值字段", "a record is called by single values");
  }
  LG_TRY(const auto kept_from, load_names(at, root.at("not_seen_by")));
  for (const auto& who : kept_from) {
    const auto* field = who.starts_with('@') ? in.field(who.substr(1)) : nullptr;
    if (in.tree != log::Tree::sealed || field == nullptr || !(field->items ? *field->items : *field).refers_to("person"))
      return at.bad(root, "not_seen_by", "not_seen_by 只用于密封制度，须为指明人员的 @字段：" + who,
                    "not_seen_by is for sealed institutions and names @fields that refer to persons: " + who);
    in.not_seen_by.push_back(who.substr(1));
  }
  in.gathers = root.text("gathers");
  if (!in.gathers.empty()) {
    const auto* field = in.field(in.gathers);
    if (field == nullptr || field->type != "ref" || field->is_private || in.seen_after.empty())
      return at.bad(root, "gathers", "gathers 须为密封制度的引用字段，并有 seen_after",
                    "gathers names a ref field of a sealed institution that has seen_after");
  }
  if (const auto& documents = root.at("documents"); !documents.is_absent()) {
    LG_TRY(in.documents, load_number(in, at, documents));
  }
  for (const auto& [name, node] : root.at("parallel").members) {
    Region outline;
    outline.name = name;
    in.parallel.push_back(std::move(outline));
  }
  for (const auto& [name, node] : root.at("facts").members) {
    LG_TRY(auto fact, load_fact(at, name, node));
    in.facts.push_back(std::move(fact));
  }
  for (const auto& [name, node] : root.at("parameters").members) {
    LG_TRY(auto parameter, load_parameter(at, name, node));
    in.parameters.push_back(std::move(parameter));
  }
  return in;
}

Status load_rest(Institution& in, const Node& root, const Loading& at, const FindShape& others) {
  for (auto& fact : in.facts) LG_CHECK(type_fact(in, fact, root.at("facts").at(fact.name), at, others));
  in.schema.names = common_names();
  in.schema.functions = common_functions();
  const auto self = type_of_record(in);
  in.schema.names.emplace_back("old", self);
  for (const auto& region : in.parallel) in.schema.names.emplace_back("in_" + region.name, law::Type::of(law::Kind::text));
  const auto taken = [&](std::string_view name) { return in.schema.find(name) != nullptr; };
  for (const auto& field : in.fields) {
    if (taken(field.name)) return at.bad(root, field.name, "名称重复", "this name is taken");
    in.schema.names.emplace_back(field.name, field.value_type);
  }
  for (const auto& parameter : in.parameters) {
    if (taken(parameter.name)) return at.bad(root, parameter.name, "名称重复", "this name is taken");
    in.schema.names.emplace_back(parameter.name, parameter.type);
  }
  for (const auto& fact : in.facts) {
    if (taken(fact.name))
      return at.bad(root, fact.name, "名称重复", "this name is taken (a ref field and its fact need two names)");
    in.schema.names.emplace_back(fact.name, fact.type);
  }
  for (auto& parameter : in.parameters) {
    const auto& values = root.at("parameters").at(parameter.name).at("values").items;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i].at("when").is_absent()) continue;
      LG_TRY(parameter.values[i].when, load_expression(in, at, values[i].at("when")));
    }
  }
  for (auto& fact : in.facts) {
    for (auto& where : fact.where) {
      if (where.field == "state") continue;
      const auto& node = root.at("facts").at(fact.name).at("where").at(where.field);
      LG_TRY(where.value, load_expression(in, at, node));
      if (fact.kind == FactKind::one && where.value->type().kind == law::Kind::list)
        return at.bad(node, where.field, "one 不按列表查找",
                      "`one` is found by a single value: count, sum and all take a list");
    }
  }
  const auto& create = root.at("create");
  if (create.is_absent()) return at.bad(root, "create", "缺少创建动作", "an institution says how its records begin: create");
  LG_TRY(in.create,
         load_action(in, at, create.text("action").empty() ? "create" : std::string(create.text("action")), create));
  LG_TRY(in.main, load_region(in, at, "", root));
  for (auto& region : in.parallel) {
    LG_TRY(region, load_region(in, at, region.name, root.at("parallel").at(region.name)));
  }
  for (const auto& [name, node] : root.at("always").members) {
    LG_TRY(auto action, load_action(in, at, name, node));
    in.always.push_back(std::move(action));
  }
  for (const auto& [state, node] : root.at("running").members) LG_CHECK(load_running(in, at, state, node));
  LG_CHECK(load_links(in, root, at, others));
  for (const auto& [name, node] : root.at("pauses").members) {
    LG_CHECK(only(at, node, {"deadlines", "by", "ground", "longest", "paper"}));
    Pause pause;
    pause.name = name;
    LG_TRY(pause.deadlines, load_names(at, node.at("deadlines")));
    LG_TRY(pause.by, load_names(at, node.at("by")));
    LG_TRY(pause.ground, load_text(at, node.at("ground")));
    LG_TRY(auto longest, load_literal(at, node.at("longest")));
    pause.longest_days = static_cast<int>(longest.number);
    pause.paper = node.text("paper");
    for (const bool begins : {true, false}) {
      Action action;
      action.name = (begins ? "pause-" : "resume-") + name;
      action.title = begins ? base::Text{"中止计时：" + pause.ground.zh, "Pause: " + pause.ground.en}
                            : base::Text{"恢复计时：" + pause.ground.zh, "Resume: " + pause.ground.en};
      action.by = pause.by;
      action.verb = begins ? Verb::pause : Verb::resume;
      action.pause = name;
      if (begins) action.give = action.need = {"reason"};
      if (begins && !pause.paper.empty()) action.papers.push_back(pause.paper);
      number_documents(in, action);
      in.always.push_back(std::move(action));
    }
    in.pauses.push_back(std::move(pause));
  }
  return base::Done{};
}

}  // namespace landglass::institution
