#include "disclosure/fields.hpp"

#include <algorithm>

#include "institution/load.hpp"
#include "institution/scope.hpp"

namespace landglass::disclosure {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using institution::Action;
using institution::Institution;
using institution::Record;
using law::Kind;
using law::Type;
using law::Value;

namespace {

std::string underscored(std::string_view name) {
  std::string out(name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}

Value text_or_null(const std::string& text) { return text.empty() ? Value::null() : Value::text(text); }

Json both(const base::Text& text) {
  if (text.zh.empty()) return {};
  if (text.en.empty()) return Json(text.zh);
  return JsonObject{{"zh", text.zh}, {"en", text.en}};
}

Type doer_type(bool act) {
  std::vector<std::pair<std::string, Type>> members{
      {"time", Type::of(Kind::time)},        {"on", Type::of(Kind::date)},           {"post_title", Type::of(Kind::text)},
      {"office_name", Type::of(Kind::text)}, {"office_short", Type::of(Kind::text)},
  };
  if (act) {
    for (const auto* name : {"title", "deciders", "law", "ground", "slip"}) members.emplace_back(name, Type::of(Kind::text));
  }
  return Type::record(std::move(members));
}

bool is_path(std::string_view source) {
  return source.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_.") == std::string_view::npos;
}

// hidden or erased: what stands instead of a value that is not there for this reader.
const Json* mark_of(const Record& record, std::string_view field) {
  const auto* value = record.fields.find(field);
  return value != nullptr && value->is_object() && !value->at("erased").is_null() ? &value->at("erased") : nullptr;
}

}  // namespace

void each_action(const Institution& in, const std::function<void(const Action&)>& visit) {
  visit(in.create);
  for (const auto& action : in.always) visit(action);
  const auto of_region = [&](const institution::Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) visit(action);
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
}

const Action* action_named(const Institution& in, std::string_view name) {
  const Action* found = nullptr;
  each_action(in, [&](const Action& action) {
    if (action.name != name) return;
    if (found == nullptr || (found->papers.empty() && !action.papers.empty())) found = &action;
  });
  return found;
}

law::Schema paper_schema(const Institution& in, const Bound& bound, const institution::Pack& pack) {
  law::Schema schema = in.schema;
  schema.names.emplace_back("act", doer_type(true));
  std::vector<std::pair<std::string, Type>> actions;
  each_action(in, [&](const Action& action) {
    const auto name = underscored(action.name);
    const bool there = std::any_of(actions.begin(), actions.end(), [&](const auto& one) { return one.first == name; });
    if (!there) actions.emplace_back(name, doer_type(false));
  });
  schema.names.emplace_back("did", Type::record(std::move(actions)));
  for (const auto& lookup : bound.lookups) {
    if (const auto* other = pack.current(lookup.institution))
      schema.names.emplace_back(lookup.name, institution::type_of_record(*other));
  }
  const auto text = Type::of(Kind::text);
  schema.functions.push_back({"upper", {Type::of(Kind::money)}, text});
  schema.functions.push_back({"unit_price", {Type::of(Kind::money), Type::of(Kind::area)}, Type::of(Kind::money)});
  schema.functions.push_back({"tail", {text}, text});
  return schema;
}

class PaperScope final : public law::Scope {
 public:
  PaperScope(FieldsOfPaper& paper, const Bound& bound)
      : paper_(paper),
        bound_(bound),
        own_(paper.registry_, paper.in_, paper.record_, nullptr, paper.command_, nullptr, paper.as_of_) {}

  Result<Value> name(std::string_view name) const override {
    if (name == "act") return paper_.act();
    if (name == "did") return paper_.did();
    for (const auto& lookup : bound_.lookups) {
      if (lookup.name != name) continue;
      LG_TRY(const Record* record, paper_.looked_up(name, bound_));
      const auto* in = record == nullptr ? nullptr : paper_.registry_.institution_of(*record);
      if (in == nullptr) return Value::null();
      return institution::value_of(*record, *in);
    }
    return own_.name(name);
  }
  Result<Value> call(std::string_view function, const std::vector<Value>& arguments) const override {
    const bool ours = function == "upper" || function == "unit_price" || function == "tail";
    if (!ours) return own_.call(function, arguments);
    if (std::any_of(arguments.begin(), arguments.end(), [](const Value& one) { return one.is_null(); }))
      return Value::null();
    if (function == "upper") return Value::text(base::money_upper({arguments[0].number}));
    if (function == "tail") {
      const auto& text = arguments[0].text_value;
      return Value::text(text.substr(text.rfind('/') + 1));
    }
    const auto per_metre = base::make_ratio(100, arguments[1].number);
    const auto price = per_metre ? base::scale(arguments[0].number, *per_metre) : std::nullopt;
    return price ? Value::money({*price}) : Value::null();
  }
  const law::Calendar& calendar() const override { return own_.calendar(); }

 private:
  FieldsOfPaper& paper_;
  const Bound& bound_;
  institution::RecordScope own_;
};

FieldsOfPaper::FieldsOfPaper(institution::Pack& pack, Past& past, const Institution& in, const Record& record,
                             const log::Change& change, base::Time as_of)
    : pack_(pack), past_(past), in_(in), record_(record), change_(change), as_of_(as_of), registry_(pack, past, {}) {
  // Reason, ground and evidence are those of an act: what an earlier one gave is no ground of this one.
  const auto* action = action_named(in, change.action);
  for (const auto* name : {"reason", "ground", "evidence"}) {
    const bool takes = action != nullptr && std::find(action->give.begin(), action->give.end(), name) != action->give.end();
    if (!takes) record_.fields.erase(name);
  }
}

Result<const Record*> FieldsOfPaper::looked_up(std::string_view name, const Bound& bound) {
  auto place = lookups_.find(name);
  if (place == lookups_.end()) {
    const auto lookup =
        std::find_if(bound.lookups.begin(), bound.lookups.end(), [&](const Lookup& one) { return one.name == name; });
    LG_TRY(const auto expression, law::Expression::compile(lookup->source, paper_schema(in_, bound, pack_)));
    LG_TRY(const auto id, expression.evaluate(PaperScope(*this, bound)));
    place = lookups_.emplace(std::string(name), id.text_value).first;
  }
  if (place->second.empty()) return static_cast<const Record*>(nullptr);
  LG_TRY(const Record* record, past_.find(place->second));
  return record;
}

Result<FieldsOfPaper::Doer> FieldsOfPaper::doer(const institution::Done& done) {
  Doer out;
  out.time = done.time;
  out.known = true;
  if (done.post.empty()) return out;
  LG_TRY(const Record* post, past_.find(done.post));
  if (post == nullptr) return out;
  out.post_title = post->fields.text("title");
  LG_TRY(const Record* office, past_.find(post->fields.text("office")));
  if (office == nullptr) return out;
  out.office = office->id;
  out.office_name = office->fields.text("name");
  out.office_short = office->fields.text("short");
  return out;
}

namespace {

law::Members members_of(base::Time time, bool known, const std::string& post, const std::string& office,
                        const std::string& short_name) {
  return {{"time", known ? Value::time(time) : Value::null()},
          {"on", known ? Value::date(base::date_of(time)) : Value::null()},
          {"post_title", text_or_null(post)},
          {"office_name", text_or_null(office)},
          {"office_short", text_or_null(short_name)}};
}

}  // namespace

Result<Value> FieldsOfPaper::act() {
  const auto* action = action_named(in_, change_.action);
  LG_TRY(const auto who, doer({"", std::string(change_.outcome.text("post")), as_of_}));
  LG_TRY(const auto all, deciders());
  auto members = members_of(as_of_, true, who.post_title, who.office_name, who.office_short);
  members.emplace_back("title", text_or_null(action == nullptr ? "" : action->title.zh));
  members.emplace_back("deciders", text_or_null(all));
  std::string law;
  if (action != nullptr) {
    law = pack_.cite(action->law);
    if (law.empty() && action->raise) law = pack_.cite(action->raise->law);
  }
  members.emplace_back("law", text_or_null(law));
  const auto* grounds = action == nullptr ? nullptr : pack_.table(action->grounds);
  const auto* ground = grounds == nullptr ? nullptr : grounds->find(record_.fields.text("ground"));
  members.emplace_back("ground", text_or_null(ground == nullptr ? "" : ground->title.zh));
  LG_TRY(const auto slip, past_.slip(record_.id));
  members.emplace_back("slip", text_or_null(slip));
  return Value::record(std::move(members));
}

Result<Value> FieldsOfPaper::did() {
  law::Members all;
  Result<base::Done> well = base::Done{};
  each_action(in_, [&](const Action& action) {
    const auto name = underscored(action.name);
    if (!well || std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.first == name; })) return;
    const auto place = record_.done.find(action.name == in_.create.name ? "@create" : action.name);
    Doer who;
    if (place != record_.done.end()) {
      auto found = doer(place->second);
      if (!found) {
        well = found.trouble();
        return;
      }
      who = *found;
    }
    all.emplace_back(name,
                     Value::record(members_of(who.time, who.known, who.post_title, who.office_name, who.office_short)));
  });
  if (!well) return well.trouble();
  return Value::record(std::move(all));
}

// Every post that gave the joint act, in the order in which they did.
Result<std::string> FieldsOfPaper::deciders() {
  std::string all;
  const auto add = [&](const institution::Done& done) -> base::Status {
    LG_TRY(const auto who, doer(done));
    const auto text = who.office_name + who.post_title;
    if (!text.empty()) all += (all.empty() ? "" : "、") + text;
    return base::Done{};
  };
  // A joint act of three keeps the doer of its last concurrence only; the others are told by their seats.
  const auto concurred = record_.done.find(change_.action + ":concur");
  if (change_.outcome.find("concurred") != nullptr && concurred != record_.done.end()) LG_CHECK(add(concurred->second));
  LG_CHECK(add({"", std::string(change_.outcome.text("post")), as_of_}));
  return all;
}

// What the act changed of what had been told: field, before, after.
Result<Json> FieldsOfPaper::changes() {
  LG_TRY(const auto before, past_.before(record_.id));
  JsonArray list;
  for (const auto& field : in_.fields) {
    const auto* given = change_.set.find(field.name);
    const bool own_number = in_.documents && in_.documents->field == field.name;
    if (given == nullptr || field.is_private || own_number || field.name == "reason" || field.type == "json") continue;
    const Json was = before == nullptr ? Json() : format_field(field, before->fields.at(field.name), pack_);
    const Json now = format_field(field, *given, pack_);
    const Json none = both({"（无）", "(none)"});
    list.push_back(JsonObject{
        {"matter", both(field.title)}, {"before", was.is_null() ? none : was}, {"after", now.is_null() ? none : now}});
  }
  return Json(std::move(list));
}

// A plain path keeps what an expression loses: both languages of a code, and why a value is not there.
Result<Json> FieldsOfPaper::at_path(std::string_view path, const Bound& bound, bool& found) {
  found = true;
  const auto dot = path.find('.');
  if (path == "act.title" || path == "act.ground") {
    const auto* action = action_named(in_, change_.action);
    if (action == nullptr) return Json();
    if (path == "act.title") return both(action->title);
    const auto* grounds = pack_.table(action->grounds);
    const auto* ground = grounds == nullptr ? nullptr : grounds->find(record_.fields.text("ground"));
    return ground == nullptr ? Json() : both(ground->title);
  }
  const Record* record = &record_;
  const Institution* in = &in_;
  auto name = path;
  if (dot != std::string_view::npos) {
    const auto first = path.substr(0, dot);
    name = path.substr(dot + 1);
    const auto* fact = in_.fact(first);
    const bool looked =
        std::any_of(bound.lookups.begin(), bound.lookups.end(), [&](const Lookup& one) { return one.name == first; });
    if (looked) {
      LG_TRY(record, looked_up(first, bound));
    } else if (fact != nullptr && (fact->kind == institution::FactKind::ref || fact->kind == institution::FactKind::one)) {
      LG_TRY(const auto value, registry_.fact(record_, in_, *fact, &command_, as_of_));
      const auto* id = value.is_null() ? nullptr : value.member("id");
      record = nullptr;
      if (id != nullptr) {
        LG_TRY(record, past_.find(id->text_value));
      }
    } else {
      found = false;
      return Json();
    }
    if (record == nullptr) return Json();
    in = registry_.institution_of(*record);
  }
  const auto* field = in == nullptr || name.find('.') != std::string_view::npos ? nullptr : in->field(name);
  if (field == nullptr) {
    found = false;
    return Json();
  }
  return format_field(*field, record->fields.at(field->name), pack_);
}

Result<Json> FieldsOfPaper::one(const std::string& source, const law::Schema& schema, const Bound& bound) {
  if (source == "changes") return changes();
  if (is_path(source)) {
    bool found = false;
    LG_TRY(auto value, at_path(source, bound, found));
    if (found) return value;
  }
  LG_TRY(const auto expression, law::Expression::compile(source, schema));
  const PaperScope scope(*this, bound);
  LG_TRY(const auto value, expression.evaluate(scope));
  if (value.kind == Kind::boolean) return Json(value.is_true());
  if (!value.is_null()) return both(format_value(value));
  for (const auto& path : expression.reads()) {
    if (const auto* mark = mark_of(record_, path)) return both(mark->is_string() ? k_hidden : k_erased);
    bool found = false;
    LG_TRY(auto part, at_path(path, bound, found));
    if (found && (part == both(k_hidden) || part == both(k_erased))) return part;
  }
  return Json();
}

Result<JsonObject> FieldsOfPaper::all(const Template& paper, const Bound& bound) {
  const auto schema = paper_schema(in_, bound, pack_);
  JsonObject fields;
  std::map<std::string, std::map<std::string, JsonObject>> lists;
  for (const auto& binding : bound.fields) {
    auto value = one(binding.source, schema, bound);
    if (value.refused()) {
      return base::refuse("PAPER-07", "文书内容不能由该版本的制度得出：" + value.refusal().say.zh,
                          "this version of the institution does not give the field: " + value.refusal().say.en,
                          paper.name() + "." + binding.field);
    }
    if (!value) return value.trouble();
    const auto dot = binding.field.find('.');
    if (dot == std::string::npos) {
      fields[binding.field] = *std::move(value);
      continue;
    }
    const auto next = binding.field.find('.', dot + 1);
    auto& item = lists[binding.field.substr(0, dot)][binding.field.substr(dot + 1, next - dot - 1)];
    item[binding.field.substr(next + 1)] = *std::move(value);
  }
  for (auto& [name, rows] : lists) {
    JsonArray list;
    for (auto& [place, row] : rows) {
      // A row whose fields are all absent does not stand.
      const bool empty = std::all_of(row.begin(), row.end(), [](const auto& one) { return one.second.is_null(); });
      if (!empty) list.push_back(std::move(row));
    }
    fields[name] = std::move(list);
  }
  return fields;
}

}  // namespace landglass::disclosure
