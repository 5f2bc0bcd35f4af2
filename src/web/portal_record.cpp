// A record as a page: fields, what one may do and why not, deadlines, timeline with proofs. The same for every institution.
#include <algorithm>
#include <set>

#include "base/crypto.hpp"
#include "institution/foreseen.hpp"
#include "institution/sight.hpp"
#include "institution/signed_act.hpp"
#include "institution/verbs.hpp"
#include "institution/words.hpp"
#include "log/leaf.hpp"
#include "web/act_titles.hpp"
#include "web/amounts.hpp"
#include "web/lamps.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/spoken.hpp"
#include "web/warned.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Field;
using institution::Institution;

namespace {

const institution::Deadline* find_deadline(const Institution& in, std::string_view name, std::string_view state) {
  const auto seek = [&](const institution::State& one) -> const institution::Deadline* {
    for (const auto& deadline : one.after) {
      if (deadline.name == name) return &deadline;
    }
    return nullptr;
  };
  if (const auto* here = in.main.find(state); here != nullptr) {
    if (const auto* found = seek(*here)) return found;
  }
  const auto everywhere = [&](const institution::Region& region) -> const institution::Deadline* {
    for (const auto& one : region.states) {
      if (const auto* found = seek(one)) return found;
    }
    return nullptr;
  };
  if (const auto* found = everywhere(in.main)) return found;
  for (const auto& region : in.parallel) {
    if (const auto* found = everywhere(region)) return found;
  }
  return nullptr;
}

// An institution or one of its deadlines that a document names by the word of its file.
Text words_of(const institution::Pack& pack, const JsonObject& fields, std::string_view field) {
  const auto* in = pack.current(fields.text("institution_name"));
  if (in == nullptr) return {};
  if (field == "institution_name") return in->title;
  const auto* deadline = field == "deadline" ? find_deadline(*in, fields.text(field), "") : nullptr;
  return deadline == nullptr ? Text{} : deadline_title(*in, *deadline);
}

}  // namespace

// What a deadline is about, for people: its own title, else what is said when it passes, what is then done, or where the
// matter then goes.
Text deadline_title(const Institution& in, const institution::Deadline& deadline) {
  if (!deadline.title.empty()) return deadline.title;
  if (deadline.raise) return deadline.raise->say;
  if (!deadline.action.empty()) return action_title(in, deadline.action);
  if (const auto* state = in.main.find(deadline.to); state != nullptr)
    return {"到期转为：" + state->title.zh, "Then: " + state->title.en};
  return {deadline.name, deadline.name};
}

void Portal::tell_names(Names& names, const JsonObject& fields, const Request& request) {
  if (!request.caller) return;
  std::vector<std::string_view> wanted;  // of registers whose records go by a key because their name is private
  for (const auto& [name, value] : fields) {
    const auto* id = value.if_string();
    const auto* of = id == nullptr ? nullptr : pack_.current(id->substr(0, id->find('/')));
    const auto* called = of == nullptr || of->sealed() ? nullptr : of->field("name");
    if (called != nullptr && called->is_private) wanted.push_back(*id);
  }
  if (wanted.empty()) return;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto asking = this->asking(registry, request);
    for (const auto id : wanted) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const auto* in = registry.institution_of(**found);
      const auto* name = in == nullptr ? nullptr : in->field("name");
      const auto text = std::string((*found)->fields.text("name"));
      if (name != nullptr && !text.empty() && institution::sees(**found, *in, *name, asking)) names.tell(id, text);
    }
  });
}

Json Portal::record_body(const Institution& in, const Json& doc, const Request& request, bool internal) {
  const std::string id(doc.text("id"));
  const auto& fields = doc.at("fields").as_object();
  JsonObject record;
  record["id"] = id;
  auto names = this->names();
  tell_names(names, fields, request);
  names.told_by(fields);
  const auto called = names.of(in, fields);
  record["title"] = both(called.empty() ? in.title : called);
  // A key in letters is the machine's where the record has a name that this reader is told.
  const bool by_key = !in.id_from.empty() && !called.empty() && !called.zh.ends_with(k_not_public);
  if (auto number = by_key ? quoted_number(id) : id.substr(id.find('/') + 1); !number.empty())
    record["no"] = std::move(number);
  std::set<std::string_view> above;  // fields that stand above already
  for (const auto* number : {"notice_no", "certificate_no", "contract_no", "approval_no"}) {
    const auto value = fields.text(number);
    if (value.empty()) continue;
    if (called.zh.find(value) == std::string::npos) record["number"] = std::string(value);
    above.insert(number);
    break;
  }
  if (const auto region = std::string(fields.text("region")); !region.empty()) {
    const auto named = pack_.division_name(region);
    record["region"] = named.empty() ? region : named;
    above.insert("region");
  }
  record["institution"] = JsonObject{{"title", both(in.title)}, {"to", "/i/" + in.name}};
  std::string states(doc.text("state"));
  for (const auto& [region, state] : doc.at("parallel").as_object()) states += "|" + region + ":" + state.as_string();
  record["state"] = state_model(in, states);
  if (!in.sealed()) record["open_data"] = items(JsonArray{JsonObject{{"label", "JSON"}, {"to", "/api/records/" + id}}});

  const auto own = readable(in, id, request);
  JsonArray shown;
  Text closed;  // what is there and not to be read, said once
  for (const auto& field : in.fields) {
    const auto* value = fields.find(field.name);
    const bool has = value != nullptr && !value->is_null();
    if (!has && !(field.is_private && !internal)) continue;
    if (above.count(field.name) != 0 || (!called.empty() && field.name == in.id_from)) continue;
    if (!has && !internal) {
      if (own.names.contains(field.name)) continue;  // stands in a section of its own
      closed.zh += (closed.zh.empty() ? "" : "、") + field.title.zh;
      closed.en += (closed.en.empty() ? "" : ", ") + field.title.en;
      continue;
    }
    if (!whose_name(pack_, fields, field.name).empty()) continue;  // the reference beside it is called so
    if (!fields.text(field.name + "_title").empty()) continue;     // what it is called stands there
    if (field.name == "reason" || field.name == "ground" || field.name == "evidence") {
      if (!has) continue;
    }
    if (has && field.type == "list" && (internal || !field.is_private)) list_models(field, *value, shown, names);
    auto model = field_model(field, value, internal || has, &names);
    if (has && in.sealed() && field.is_private && field.type == "json")
      model = JsonObject{{"name", field.name},
                         {"label", both(field.title)},
                         {"files", items(JsonArray{JsonObject{{"label", both("下载（JSON）", "Download (JSON)")},
                                                              {"to", "/kept/" + id + "/" + field.name}}})}};
    // A private file that is public by now was disclosed.
    if (has && field.type == "file")
      model = file_model(field, *value, "/files/" + id + "/" + field.name,
                         internal || field.is_private || own.files.contains(field.name));
    if (model.is_null()) continue;
    if (const auto words = words_of(pack_, fields, field.name); !words.empty()) model.as_object()["text"] = both(words);
    shown.push_back(std::move(model));
  }
  if (!closed.empty())
    shown.push_back(JsonObject{{"name", "closed"},
                               {"label", both("不公开的内容", "Not public")},
                               {"secret", JsonObject{{"kind", "private"},
                                                     {"text", both(closed)},
                                                     {"why", both("日志中仅存其承诺", "The log holds commitments only")}}},
                               {"wide", true}});
  JsonObject out;
  out["record"] = std::move(record);
  JsonArray sections{JsonObject{{"id", "fields"}, {"title", both("登记内容", "Fields")}, {"fields", std::move(shown)}}};
  if (auto section = readable_section(in, fields, own, id, request); !section.is_null())
    sections.push_back(std::move(section));
  out["sections"] = std::move(sections);

  JsonArray holds;
  for (const auto& hold : doc.at("holds").as_array()) {
    holds.push_back(JsonObject{{"title", both(std::string(hold.text("zh")), std::string(hold.text("en")))},
                               {"to", href_of(hold.text("by"))},
                               {"text", both("中止期间不得办理", "No act while it stands")}});
  }
  if (!holds.empty()) out["holds"] = items(std::move(holds));

  JsonArray deadlines;
  const auto now = clock_.now();
  for (const auto& [name, due] : doc.at("timers").as_object()) {
    if (name == "tick" || name == "settle" || name.starts_with("withdraw/") || name.starts_with("paused/")) continue;
    const auto time = due.is_string() ? base::parse_time(due.as_string()) : std::nullopt;
    const auto* stopped = due.at("left_ms").if_int();
    if (!time && (stopped == nullptr || *stopped == 0)) continue;
    Text label{name, name};
    std::string law;
    if (const auto* pause = name.starts_with("pause/") ? in.pause(name.substr(6)) : nullptr)
      label = {"中止最迟至：" + pause->ground.zh, "The pause ends at the latest: " + pause->ground.en};
    if (const auto* deadline = find_deadline(in, name, doc.text("state"))) {
      label = deadline_title(in, *deadline);
      law = pack_.cite(deadline->raise ? deadline->raise->law : deadline->law);
    }
    auto item = time ? due_model(*time, now, pack_.calendar()) : stopped_model(*stopped);
    item["label"] = both(label);
    if (!law.empty()) item["law"] = law;
    deadlines.push_back(std::move(item));
  }
  if (!deadlines.empty()) out["deadlines"] = items(std::move(deadlines));

  JsonArray related;
  auto connection = reader(store::Sight::open);
  // Of a natural person to himself alone: a sale is public, what one person has is not.
  const bool himself = request.caller && request.caller->actor == id;
  const bool gathers = himself || !is_one_person(in, doc.at("fields").as_object());
  for (const auto* other : gathers ? pack_.all() : decltype(pack_.all())()) {
    if (other->sealed()) continue;
    for (const auto& field : other->fields) {
      if (!field.refers_to(in.name) || field.is_private) continue;
      auto rows = connection->query("SELECT id, state, doc FROM " + engine::Cache::table_of(other->name) + "_public WHERE " +
                                        field.name + " = ? ORDER BY changed DESC LIMIT 8",
                                    {Json(id)});
      if (!rows) continue;
      for (const auto& row : *rows) {
        const auto other_doc = base::parse_json(row[2].as_string(), base::Profile::any);
        if (!other_doc) continue;
        related.push_back(
            JsonObject{{"institution", both(other->title)},
                       {"title", both(names.or_number(*other, other_doc->at("fields").as_object(), row[0].as_string()))},
                       {"to", href_of(row[0].as_string())},
                       {"state", state_model(*other, row[1].as_string())}});
      }
    }
  }
  if (!related.empty()) out["related"] = items(std::move(related));

  if (auto papers = papers_model(id, request); !papers.is_null()) out["papers"] = std::move(papers);

  // A post is shown by its title and office; who sat on it stands in the register of appointments.
  std::map<std::string, std::string> posts;
  const auto post_name = [&](const std::string& post) {
    if (const auto held = posts.find(post); held != posts.end()) return held->second;
    auto rows = connection->query(
        "SELECT p.title, o.name FROM post_public p LEFT JOIN office_public o ON o.id = p.office WHERE p.id = ?",
        {Json(post)});
    auto name = post;
    if (rows && !rows->empty() && (*rows)[0][0].is_string()) {
      name = (*rows)[0][0].as_string();
      if ((*rows)[0][1].is_string()) name = (*rows)[0][1].as_string() + " " + name;
    }
    return posts[post] = name;
  };
  JsonArray timeline;
  TimelineTitles titles(in, timeline);
  const auto& leaves = doc.at("leaves");
  if (const auto* list = leaves.if_array()) {
    for (auto leaf_seq = list->rbegin(); leaf_seq != list->rend(); ++leaf_seq) {
      const auto seq = static_cast<std::uint64_t>(leaf_seq->as_int());
      auto bytes = connection->leaf(log::Tree::open, seq);
      if (!bytes || !*bytes) continue;
      auto leaf = log::decode(**bytes);
      if (!leaf) continue;
      const log::Change* change = leaf->change.record == id ? &leaf->change : nullptr;
      for (const auto& effect : leaf->effects) {
        if (effect.record == id) change = &effect;
      }
      if (change == nullptr) continue;
      titles.came_before(*change);
      // The ladder of a sale shows its offers; here they would bury what people did.
      if (!in.behaviour.empty() && (change->action == "offer" || change->action == "tick" || change->action == "wish"))
        continue;
      const std::string post(change->outcome.text("post"));
      const auto by = post.empty() ? leaf->actor : post_name(post);
      Text actor = leaf->actor == "system" || leaf->actor == "genesis" ? Text{"系统", "System"} : Text{by, by};
      if (post.empty() && names_a_record(pack_, by)) actor = names.shown(by);
      if (leaf->actor.empty())
        actor = in.behaviour.empty() ? Text{"不署名", "Not named"}
                                     : Text{"竞买人（竞价结束前不公开）", "A bidder (not shown before the close)"};
      const auto index = std::to_string(seq);
      JsonObject item{{"when", base::format_local(leaf->time)},
                      {"iso", base::format_utc(leaf->time)},
                      {"label", both(action_title_in(in, change->action, change->state))},
                      {"actor", both(actor)},
                      {"leaf", JsonObject{{"index", index}, {"to", "/log/" + index}}},
                      {"receipt", "/receipt/" + index}};
      if (const auto* raise = change->outcome.at("raise").if_array(); raise != nullptr && !raise->empty()) {
        Text text;
        for (const auto& one : *raise) {
          const std::string code(one.text("code")), detail(one.text("detail"));
          const auto said = warned_by(pack_, in, code).say;
          const bool more = detail != said.zh && !detail.empty();
          text.zh +=
              (text.zh.empty() ? "" : "；") + code + " " + said.zh + (more ? (said.zh.empty() ? "" : "：") + detail : "");
          text.en += (text.en.empty() ? "" : "; ") + code + " " + said.en +
                     (more ? (said.en.empty() ? "" : ": ") + Citations::found_in_english(in, detail) : "");
        }
        item["text"] = both(text);
      } else if (const auto price = change->set.text("price"); !price.empty()) {
        if (const auto money = base::parse_money(price)) item["text"] = both(money_shown(*money));
      }
      const bool his = !own.actor.empty() && leaf->actor == own.actor && change == &leaf->change;
      if (const auto said = said_model(in, *change, "/files/" + id + "/" + index + "/", names, own, his); said.is_object()) {
        if (const auto* files = said.as_object().find("files")) item["files"] = *files;
        const auto& more = said.at("text");
        if (!more.is_null() && item.find("text") == nullptr) item["text"] = more;
      }
      if (!change->outcome.at("late_entry").is_null()) item["late"] = both("补录", "entered late");
      timeline.push_back(std::move(item));
      titles.pushed(*change);
    }
  }
  if (!timeline.empty()) out["timeline"] = items(std::move(timeline));

  // What other offices said of it.
  JsonArray opinions;
  static const JsonObject k_none;
  const auto* opined = doc.at("opinions").if_object();
  for (const auto& [office, said] : opined == nullptr ? k_none : *opined) {
    const bool dissent = said.at("dissent").is_bool() && said.at("dissent").as_bool();
    auto rows = connection->query("SELECT name FROM office_public WHERE id = ?", {Json(office)});
    const bool known = rows && !rows->empty() && (*rows)[0][0].is_string();
    JsonObject item{{"office", known ? (*rows)[0][0].as_string() : office},
                    {"verdict", JsonObject{{"text", dissent ? both("不同意", "Dissents") : both("同意", "Agrees")},
                                           {"tone", dissent ? "bad" : "good"}}}};
    if (const auto time = base::parse_time(said.text("time"))) item["when"] = base::format_local(*time).substr(0, 16);
    if (const auto text = said.text("opinion"); !text.empty()) item["text"] = std::string(text);
    opinions.push_back(std::move(item));
  }
  if (!opinions.empty()) out["opinions"] = items(std::move(opinions));
  return out;
}

namespace {

// Before he fills it in he reads what it would be refused for, and by which law.
Json refused_now(const base::Refusal& refusal, const Text& detailed, const Json* before) {
  const auto law = refusal.law.empty() ? Text{} : Text{"（" + refusal.law + "）", " (" + refusal.law + ")"};
  const auto detail = detailed.empty() ? Text{} : Text{"：" + detailed.zh, ": " + detailed.en};
  Text text{"现在会被拒绝：" + refusal.code + " " + refusal.say.zh + detail.zh + law.zh,
            "would be refused now: " + refusal.code + " " + refusal.say.en + detail.en + law.en};
  if (before != nullptr)
    text = {std::string(before->text("zh")) + "；" + text.zh, std::string(before->text("en")) + "; " + text.en};
  return both(text);
}

}  // namespace

// For an official or party that is signed in: what he may do, and for what he may not, why.
void Portal::see_action(const Request& request, std::string_view id, Json& model) {
  if (!request.caller) return;
  struct Seen {
    const Action* action;
    std::optional<base::Refusal> refusal;
    std::optional<base::Refusal> foreseen = {};  // offered, but as things stand it would be refused for this
  };
  std::vector<Seen> seen;
  Json doc;
  Json locked;
  const Institution* in = nullptr;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    in = registry.institution_of(**found);
    doc = institution::save(**found);
    const institution::Record held = **found;  // looking further may let a clean record go
    // What he may not read does not stand in a form of his either, nor in what its script checks.
    institution::leave_readable(doc.as_object()["fields"].as_object(), held, *in, asking(registry, request));
    locked = locked_of(registry, cache, held, request);
    for (const auto* action : registry.actions_of(held)) {
      const bool machine = std::all_of(action->by.begin(), action->by.end(),
                                       [](const std::string& who) { return who == "system" || who.starts_with("via:"); });
      if (machine || institution::ends_nothing(*in, held, *action)) continue;
      auto may = registry.may(held, *action, request.caller->actor, "", clock_.now());
      if (may) may = institution::verb_fits(*in, held, *action, request.caller->actor);
      if (may) {
        seen.push_back(
            {action, std::nullopt, institution::foreseen(registry, held, *action, request.caller->actor, clock_.now())});
      } else if (may.refused()) {
        seen.push_back({action, may.refusal()});
      }
    }
    // 回避 stands last where there is something that he may do, or may not for a tie that he declared.
    const bool concerned = std::any_of(seen.begin(), seen.end(), [](const auto& one) {
      return !one.refusal || (one.refusal->code == "EN-20" && one.refusal->detail.en == institution::recusal().name);
    });
    // Where the file has a way of its own to stand aside, that one is offered.
    const bool own = std::any_of(seen.begin(), seen.end(),
                                 [](const auto& one) { return one.action->name == institution::recusal().name; });
    if (concerned && !own && registry.may(held, institution::recusal(), request.caller->actor, "", clock_.now()) &&
        institution::verb_fits(*in, held, institution::recusal(), request.caller->actor))
      seen.push_back({&institution::recusal(), std::nullopt});
  });
  if (in == nullptr) return;
  if (!locked.is_null()) model.as_object()["locked"] = std::move(locked);
  auto names = this->names();
  // What goes through stands first.
  std::stable_sort(seen.begin(), seen.end(),
                   [](const Seen& a, const Seen& b) { return a.foreseen.has_value() < b.foreseen.has_value(); });
  JsonArray allowed;
  JsonArray refused;
  JsonArray others;  // refused for no other reason than that another post does it
  for (const auto& one : seen) {
    if (!one.refusal) {
      JsonObject item{{"name", one.action->name},
                      {"label", both(one.action->title)},
                      {"form", form_model(*in, *one.action, "/act/" + std::string(id) + "/" + one.action->name, &doc,
                                          nullptr, nullptr)}};
      if (allowed.empty() && !one.foreseen) item["primary"] = true;
      if (const auto joint = institution::together(*in, *one.action, pack_); !joint.empty()) {
        const auto* given = doc.at("joint").at(one.action->name).at("actors").if_array();
        const auto so_far = given == nullptr ? std::string() : std::to_string(given->size());
        item["note"] = both(
            "须" + joint.zh + (so_far.empty() ? "" : "；已有" + so_far + "人办理，所填须相同"),
            "Must be done " + joint.en + (so_far.empty() ? "" : "; given by " + so_far + " so far, with the same fields"));
      }
      if (one.foreseen)
        item["note"] = refused_now(*one.foreseen, spoken(names, pack_, one.foreseen->detail), item.find("note"));
      allowed.push_back(std::move(item));
    } else if (one.refusal->code == "EN-04" && !one.refusal->detail.empty()) {
      others.push_back(
          JsonObject{{"label", both(one.action->title)}, {"text", both(one.refusal->detail)}, {"code", one.refusal->code}});
    } else {
      JsonObject refusal{{"code", one.refusal->code}, {"say", both(one.refusal->say)}};
      if (!one.refusal->law.empty()) refusal["law"] = one.refusal->law;
      if (!one.refusal->detail.empty()) refusal["detail"] = both(spoken(names, pack_, one.refusal->detail));
      refused.push_back(
          JsonObject{{"name", one.action->name}, {"label", both(one.action->title)}, {"refusal", std::move(refusal)}});
    }
  }
  if (!allowed.empty()) model.as_object()["actions"] = items(std::move(allowed));
  JsonObject may_not;
  if (!refused.empty()) may_not["some"] = items(std::move(refused));
  if (!others.empty())
    may_not["others"] = JsonObject{{"count", std::to_string(others.size())}, {"items", std::move(others)}};
  if (!may_not.empty()) model.as_object()["refused"] = std::move(may_not);
}

Json Portal::done_notice(std::string_view index) {
  return items(JsonArray{
      JsonObject{{"tone", "good"},
                 {"text", both("已记入日志第 " + std::string(index) + " 条", "Logged as leaf " + std::string(index))}}});
}

namespace {

// Who asked reads what was gathered for him, on the day he asked (seen_after): whoever else may read the query does not.
bool gathers_now(const Institution& in, const Json& doc, const Request& request, base::Time now) {
  const auto& asked = doc.at("done").at(in.seen_after);
  const auto time = base::parse_time(asked.text("time"));
  return request.caller && asked.text("actor") == request.caller->actor && time &&
         base::date_of(now) <= base::date_of(*time) + (in.seen_days - 1);
}

}  // namespace

Response Portal::record(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", institution), request);
  Json doc;
  JsonArray listed;
  JsonArray seen_timeline;
  bool internal = false;
  if (in->sealed()) {
    // A sealed record shows itself to the one whose it is and to the posts that its file names, and to nobody else.
    auto seen = sealed(request, *in, id);
    doc = std::move(seen.doc);
    listed = std::move(seen.related);
    seen_timeline = std::move(seen.timeline);
    if (doc.is_null()) return refuse(base::refuse("EN-01", "没有此记录", "no such record", id), request);
    internal = true;
  } else {
    auto open = public_doc(institution, id);
    if (!open) return refuse(open.trouble(), request);
    doc = std::move(*open);
  }
  if (in->behaviour == "auction@1") return lot(request);
  auto model = page(request, in->title);
  auto body = record_body(*in, doc, request, internal);
  for (auto& [name, value] : body.as_object()) model.as_object()[name] = std::move(value);
  if (!listed.empty()) model.as_object()["related"] = items(std::move(listed));
  if (!seen_timeline.empty()) model.as_object()["timeline"] = items(std::move(seen_timeline));
  if (!in->gathers.empty() && gathers_now(*in, doc, request, clock_.now())) {
    const auto of = doc.at("fields").text(in->gathers);
    auto sections = gathered(request, std::string(of));
    auto tables = tables_of(sections, {});
    if (sections.empty())
      tables["nothing"] = JsonObject{{"title", both("没有涉及的记录", "Nothing names it")},
                                     {"text", both("各登记簿中没有您可以查阅、涉及该单位的记录。",
                                                   "No record that you may read names this organisation.")}};
    model.as_object()["tables"] = std::move(tables);
  }
  if (auto begins = gatherers(request, *in, id); !begins.empty()) model.as_object()["begins"] = items(std::move(begins));
  const auto& called = model.at("record").at("title");
  model.as_object()["title"] = called.text("zh") == in->title.zh
                                   ? both(in->title)
                                   : both(std::string(called.text("zh")) + " · " + in->title.zh,
                                          std::string(called.text("en")) + " · " + in->title.en);
  JsonArray crumbs{JsonObject{{"label", both("登记簿", "Registers")}, {"to", "/list"}}};
  JsonObject register_of{{"label", both(in->title)}};
  if (!in->sealed() || !lists_sealed(request, *in).empty()) register_of["to"] = "/list/" + in->name;
  crumbs.push_back(std::move(register_of));
  model.as_object()["crumbs"] = items(std::move(crumbs));
  see_action(request, id, model);
  if (const auto done = request.query.get("done"); !done.empty()) model.as_object()["notices"] = done_notice(done);
  auto response = render("record", model, request);
  return request.caller ? own_page(std::move(response)) : response;
}

}  // namespace landglass::web
