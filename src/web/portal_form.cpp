// Forms out of an institution's fields: which input a type becomes, what help stands beside it, and what a sent form says.
#include <algorithm>
#include <map>
#include <set>

#include "base/crypto.hpp"
#include "engine/columns.hpp"
#include "institution/verbs.hpp"
#include "log/command_id.hpp"
#include "web/form_checks.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/spoken.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Field;
using institution::Institution;

namespace {

constexpr int k_suggested = 40;
constexpr int k_named_in = 1'000;  // records of a register that may name a party
constexpr int k_chosen = 60;       // records that are chosen by their names, where a register has no more
constexpr std::string_view k_missing = "EN-08";
constexpr int k_blank_rows = 6;  // of a list: after those that are filled, each but the first folded until it is asked for

Text help_of(const Field& field) {
  if (!field.help.empty()) return field.help;
  if (field.type == "ref") {
    if (field.of.empty() || field.of == institution::k_any) return {"填写记录编号", "A record's number"};
    return {};  // of which there is something to choose from, its input says
  }
  if (field.table == "divisions") return {"六位行政区划代码", "Six digits of a division"};
  if (field.type == "ratio") return {"如 30% 或 1/3", "Such as 30% or 1/3"};
  if (field.type == "file" && field.published)
    return {"至多 32 MB；文件公开，任何人可以下载", "At most 32 MB; the file is public, anybody may download it"};
  if (field.type == "file")
    return {"至多 32 MB；日志中只存其摘要，内容由有权查阅的人打开",
            "At most 32 MB; the log holds its hash only, and who may read it opens it"};
  if (field.type == "time") return {"北京时间", "Beijing time"};
  if (field.max_length > 0 && field.type == "text" && field.max_length >= 200)
    return {"至多 " + std::to_string(field.max_length) + " 字",
            "At most " + std::to_string(field.max_length) + " characters"};
  return {};
}

std::string local_input(const std::string& text) {
  const auto time = base::parse_time(text);
  if (!time) return text;
  auto local = base::format_local(*time).substr(0, 19);
  local[10] = 'T';
  return local;
}

// An amount or area as typed: with commas, or not.
std::string plain_amount(std::string text) {
  std::erase(text, ',');
  if (const auto money = base::parse_money(text)) return base::money_text(*money);
  return text;
}

// "60", "60 %", "60％" are 60%; "1/3" stays.
std::string plain_ratio(std::string text) {
  std::erase(text, ' ');
  for (auto at = text.find("％"); at != std::string::npos; at = text.find("％"))
    text.replace(at, std::string("％").size(), "%");
  if (!text.empty() && text.find_first_not_of("0123456789.") == std::string::npos) text += "%";
  return text;
}

std::string trimmed(std::string_view sent) {
  auto text = base::is_nfc(sent) ? std::string(sent) : base::to_nfc(sent);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\r')) text.pop_back();
  while (!text.empty() && text.front() == ' ') text.erase(0, 1);
  return text;
}

Json value_of(const std::string& type, std::string text) {
  if (type == "money" || type == "area") return plain_amount(std::move(text));
  if (type == "ratio") return plain_ratio(std::move(text));
  if (type == "integer") {
    char* end = nullptr;
    const auto number = std::strtoll(text.c_str(), &end, 10);
    return end != nullptr && *end == '\0' ? Json(std::int64_t{number}) : Json(std::move(text));
  }
  if (type == "boolean") return text == "on" || text == "true" || text == "1";
  if (type == "time") {
    if (text.size() == 16) text += ":00";
    if (text.size() == 19) text += "+08:00";
  }
  return Json(std::move(text));
}

// A number as pages show it: of which register it is, the field says.
std::string named_whole(const Field& field, std::string text) {
  if (field.type != "ref" || field.of.empty() || field.of == institution::k_any || text.find('/') != std::string::npos)
    return text;
  return field.of + "/" + text;
}

std::string typed_of(const Json& value) {
  if (value.is_int()) return std::to_string(value.as_int());
  return value.is_string() ? value.as_string() : std::string();
}

// A list of codes few enough to tick: the form sends each under the field's own name.
Json ticks_model(const std::vector<institution::Choice>& choices, const std::string& id, const Json& value) {
  JsonArray ticks;
  const auto* given = value.if_array();
  for (const auto& choice : choices) {
    JsonObject tick{{"id", id + "-" + choice.key}, {"value", choice.key}, {"label", both(choice.title)}};
    if (given != nullptr && std::any_of(given->begin(), given->end(),
                                        [&](const Json& one) { return one.is_string() && one.as_string() == choice.key; }))
      tick["checked"] = true;
    ticks.push_back(std::move(tick));
  }
  return items(std::move(ticks));
}

bool is_list_of_codes(const Field& field) {
  return field.type == "list" && field.items != nullptr && field.items->type == "code" && field.items->table != "divisions";
}

// A list as rows of small inputs: of records "partners.0.share", of single values "handlers.0".
Json rows_model(const Field& field, const std::string& id, const Json& value) {
  const auto* given = value.if_array();
  const auto filled = given == nullptr ? std::size_t{0} : given->size();
  const auto most = static_cast<std::size_t>(std::max<std::int64_t>(1, field.max_length));
  JsonArray rows;
  for (std::size_t row = 0; row < std::min(most, filled + k_blank_rows); ++row) {
    JsonArray cells;
    const auto number = std::to_string(row + 1);
    if (field.items->type != "record") {
      JsonObject cell{{"id", id + "-" + std::to_string(row)},
                      {"name", field.name + "." + std::to_string(row)},
                      {"label", both(field.items->title.zh + " " + number, field.items->title.en + " " + number)}};
      if (row < filled) {
        if (const auto typed = typed_of((*given)[row]); !typed.empty()) cell["value"] = typed;
      }
      cells.push_back(std::move(cell));
    }
    for (const auto& member : field.items->members) {
      JsonObject cell{{"id", id + "-" + std::to_string(row) + "-" + member.name},
                      {"name", field.name + "." + std::to_string(row) + "." + member.name},
                      {"label", both(field.items->title.zh + number + " " + member.title.zh,
                                     field.items->title.en + " " + number + ": " + member.title.en)}};
      if (row < filled) {
        if (const auto typed = typed_of((*given)[row].at(member.name)); !typed.empty()) cell["value"] = typed;
      }
      cells.push_back(std::move(cell));
    }
    JsonObject one{{"cells", std::move(cells)}};
    if (row >= std::max<std::size_t>(1, filled))
      one["another"] = both(field.items->title.zh + " " + number, field.items->title.en + " " + number);
    rows.push_back(std::move(one));
  }
  return items(std::move(rows));
}

// Offices, posts and the like: their keys are letters that say nothing to who does not know them.
bool goes_by_key(const Institution& in) { return in.id_from == "key"; }

// Of few such records the reader chooses one by its name.
Json options_of(const JsonArray& known, const Json& value) {
  std::map<std::string, Json> named;
  bool held = value.is_null();
  for (const auto& one : known) {
    JsonObject option{{"value", one.at("value")}, {"label", one.at("label")}};
    if (one.at("value") == value) option["selected"] = held = true;
    const auto& label = one.at("label");
    named[(label.is_string() ? label.as_string() : std::string(label.text("zh"))) + " " + std::string(one.text("value"))] =
        Json(std::move(option));
  }
  JsonArray options;
  if (!held && value.is_string())
    options.push_back(JsonObject{{"value", value}, {"label", number_of(value.as_string())}, {"selected", true}});
  for (auto& [name, option] : named) options.push_back(std::move(option));
  return Json(std::move(options));
}

// Whom the public registers name today: `winner` beside `winner_name` (decision 0167). Out of the newest records of each
// that does; of whom none of them says it, no form says it either.
std::map<std::string, std::string> told_names(Portal& portal, const std::string& institution) {
  std::map<std::string, std::string> told;
  auto connection = portal.reader(store::Sight::open);
  for (const auto* in : portal.pack().all()) {
    if (in->sealed()) continue;
    for (const auto& field : in->fields) {
      const auto beside = field.name + "_name";
      if (field.type != "ref" || field.of != institution || field.is_private || in->field(beside) == nullptr) continue;
      auto rows = connection->query("SELECT " + engine::column_name(field) + ", json_extract(doc, '$.fields." + beside +
                                        "') FROM (SELECT * FROM " + engine::Cache::table_of(in->name) +
                                        "_public ORDER BY changed DESC LIMIT " + std::to_string(k_named_in) + ")",
                                    {});
      if (!rows) continue;
      for (const auto& row : *rows) {
        if (row[0].is_string() && row[1].is_string() && !row[1].as_string().empty())
          told.emplace(row[0].as_string(), row[1].as_string());
      }
    }
  }
  return told;
}

// Divisions that have an office here, by their names: nobody knows six digits by heart. Any other may be typed.
Json places(Portal& portal) {
  auto rows = portal.reader(store::Sight::open)
                  ->query("SELECT DISTINCT region FROM office_public WHERE region IS NOT NULL ORDER BY region LIMIT " +
                              std::to_string(k_chosen),
                          {});
  if (!rows || rows->empty()) return Json();
  JsonArray list;
  for (const auto& row : *rows) {
    const auto name = row[0].is_string() ? portal.pack().division_name(row[0].as_string()) : std::string();
    if (!name.empty()) list.push_back(JsonObject{{"value", row[0]}, {"label", name}});
  }
  return list.empty() ? Json() : items(std::move(list));
}

}  // namespace

// The newest open records that a reference may mean, to choose from; any other number may be typed.
Json Portal::suggestions(const Field& field) {
  const auto* other = pack_.current(field.of);
  if (other == nullptr || other->sealed()) return Json();
  std::string finals;
  for (const auto& state : other->main.states) {
    if (state.final) finals += (finals.empty() ? "'" : ", '") + state.name + "'";
  }
  auto rows =
      reader(store::Sight::open)
          ->query("SELECT id, state, doc FROM " + engine::Cache::table_of(other->name) + "_public" +
                      (finals.empty() ? "" : " WHERE state NOT IN (" + finals + ")") + " ORDER BY changed DESC, id LIMIT " +
                      std::to_string(goes_by_key(*other) ? k_chosen + 1 : k_suggested),
                  {});
  if (!rows || rows->empty()) return Json();
  auto names = this->names();
  const auto told = told_names(*this, field.of);
  std::set<std::string> called;
  JsonArray list;
  for (const auto& row : *rows) {
    const auto& id = row[0].as_string();
    if (const auto named = told.find(id); named != told.end()) {
      list.push_back(JsonObject{{"value", id}, {"label", named->second}});
      continue;
    }
    Text name;
    if (auto doc = base::parse_json(row[2].as_string(), base::Profile::any)) {
      const auto& fields = doc->at("fields").as_object();
      name = names.of(*other, fields);
      // Who chooses has to know whom: a number alone, or one post of two people, tells him not.
      const bool unknown = !called.insert(name.zh).second || name.zh.ends_with(k_not_public);
      if (!name.empty() && nameless(*other, fields) && unknown) {
        const auto key = " · " + std::string(fields.text("key"));
        name = {name.zh + key, name.en + key};
      }
    }
    const auto* state = other->main.find(std::string_view(row[1].as_string()).substr(0, row[1].as_string().find('|')));
    const Text shown = state == nullptr ? Text{row[1].as_string(), row[1].as_string()} : state->title;
    const bool alone = !name.empty() && goes_by_key(*other);  // they all stand in the same state
    list.push_back(JsonObject{{"value", id},
                              {"label", alone ? both(name)
                                              : both(name.zh + (name.zh.empty() ? "" : "，") + shown.zh,
                                                     name.en + (name.en.empty() ? "" : ", ") + shown.en)}});
  }
  return items(std::move(list));
}

Json Portal::input_model(const Field& field, const Action& action, bool needed, Json value, const JsonObject& all) {
  const auto& name = field.name;
  const std::string id = action.name + "-" + name;
  JsonObject input{{"id", id}, {"name", name}, {"label", both(field.title)}};
  if (needed) input["required"] = true;
  if (const auto help = help_of(field); !help.empty()) input["help"] = both(help);
  const auto& type = field.type;
  if (field.table == "divisions" && value.is_string()) {
    if (const auto place = pack_.division_name(value.as_string()); !place.empty())
      input["help"] = both(place + "（六位行政区划代码）", place + " (six digits of a division)");
  }
  if (type == "money") {
    input["as_money"] = true;
    input["unit"] = both("元", "yuan");
  } else if (type == "area") {
    input["as_area"] = true;
    input["unit"] = both("平方米", "m²");
  } else if (type == "integer") {
    input["as_number"] = true;
  } else if (type == "date") {
    input["as_date"] = true;
  } else if (type == "time") {
    input["as_time"] = true;
    if (value.is_string()) value = Json(local_input(value.as_string()));
  } else if (type == "boolean") {
    input["as_flag"] = true;
    if (value.is_bool() && value.as_bool()) input["checked"] = true;
    value = Json();
  } else if ((type == "code" && field.table != "divisions") || (name == "ground" && !action.grounds.empty())) {
    input["as_choice"] = true;
    const auto* table = name == "ground" && !action.grounds.empty() ? pack_.table(action.grounds)
                        : field.table.empty()                       ? nullptr
                                                                    : pack_.table(field.table);
    JsonArray options;
    for (const auto& choice : table != nullptr ? table->values : field.values) {
      JsonObject option{{"value", choice.key}, {"label", both(choice.title)}};
      if (value.is_string() && value.as_string() == choice.key) option["selected"] = true;
      options.push_back(std::move(option));
    }
    input["options"] = std::move(options);
    value = Json();
  } else if (is_list_of_codes(field)) {
    const auto* table = field.items->table.empty() ? nullptr : pack_.table(field.items->table);
    input["as_ticks"] = ticks_model(table != nullptr ? table->values : field.items->values, id, value);
    value = Json();
  } else if (type == "list" && field.items != nullptr) {
    input["as_rows"] = rows_model(field, id, value);
    if (field.items->type == "ref") {
      if (auto list = suggestions(*field.items); !list.is_null()) input["suggest"] = std::move(list);
    }
    value = Json();
  } else if (type == "file") {
    input["as_file"] = true;
    value = Json();
  } else if (field.locked && !all.text("tender").empty()) {
    // Of a tender: written and locked in the browser by the island `seal`; what `landglass lock` prints may be pasted.
    input["as_locked"] = JsonObject{{"origin", engine_.options().origin}};
    input["help"] =
        both("内容在您的设备上加密给开标人，服务器不能读取；不用脚本的，可粘贴 landglass lock 或 landglass open 的输出",
             "Locked on your device to the openers: the server cannot read it. Without a script, paste what "
             "landglass lock or landglass open prints");
    value = Json();
  } else if (name == "bid_key" && !all.text("lot").empty()) {
    // Made in the browser by the room's island; a program's may be pasted.
    input["as_key"] = JsonObject{{"origin", engine_.options().origin}, {"lot", std::string(all.text("lot"))}};
    input["help"] = both("本标的的报价密钥在您的设备上生成，私钥不离开设备",
                         "The key for this lot's offers is made on your device and never leaves it");
  } else if (field.drawn > 0) {
    input["as_drawn"] = JsonObject{{"digits", std::to_string(field.drawn)}};
  } else if (type == "text" && field.max_length > 300) {
    input["as_long"] = true;
    if (field.locked)
      input["tool"] = JsonObject{{"label", both("在浏览器中加密", "Lock it in the browser")}, {"to", "/lock"}};
  } else {
    auto list = type == "ref" ? suggestions(field) : Json();
    const auto* known = list.at("items").if_array();
    const auto* other = known == nullptr ? nullptr : pack_.current(field.of);
    if (other != nullptr && goes_by_key(*other) && known->size() <= k_chosen) {
      input["as_choice"] = true;
      input["options"] = options_of(*known, value);
      input.erase("help");
      value = Json();
    } else {
      input["as_text"] = true;
      if (known != nullptr && !known->empty()) {
        const auto example = number_of(known->front().text("value"));
        if (field.help.empty())
          input["help"] = goes_by_key(*other) ? both("从列表中选择", "Choose from the list")
                                              : both("从列表中选择，或填写编号，如 " + example,
                                                     "Choose from the list, or type a number such as " + example);
        input["suggest"] = std::move(list);
      } else if (field.table == "divisions") {
        if (auto near = places(*this); !near.is_null()) input["suggest"] = std::move(near);
      } else if (type == "ref" && field.help.empty()) {
        input["help"] = both("填写编号，见该记录的页面", "The number, as the page of that record shows it");
      }
    }
  }
  // A number as pages show it, with what it is called below.
  if (type == "ref" && value.is_string() && !field.of.empty() && field.of != institution::k_any &&
      value.as_string().starts_with(field.of + "/")) {
    if (const auto called = this->names().of(value.as_string()); !called.empty()) input["help"] = both(called);
    value = Json(value.as_string().substr(field.of.size() + 1));
  }
  // Also of the inputs of a list, whose own ids are others.
  if (const auto held = input.find("suggest"); held != nullptr) held->as_object()["list"] = id + "-list";
  if (const auto typed = typed_of(value); !typed.empty()) input["value"] = typed;
  return input;
}

Json Portal::form_model(const Institution& in, const Action& action, std::string_view target, const Json* record,
                        const JsonObject* given, const base::Refusal* error) {
  JsonObject form;
  form["id"] = "f-" + action.name;
  form["action"] = std::string(target);
  form["submit"] = both(action.title);
  // The command's id comes from this; of a sealed institution it must not tell the time.
  base::SystemRandom random;
  form["command"] = log::command_id(in.sealed() ? std::nullopt : std::optional(clock_.now()), random.bytes32());
  if (action.is_signed) form["sign"] = std::string(target) + "/statement";
  if (in.name == "post-key" && record == nullptr) form["make_key"] = engine_.options().origin;
  if (record != nullptr) form["version"] = std::to_string(record->at("version").as_int());
  if (const auto law = pack_.cite(action.law); !law.empty()) form["basis"] = law;
  if (action.joint > 1) form["danger"] = true;
  const JsonObject none;
  const auto& all = given != nullptr ? *given : record != nullptr ? record->at("fields").as_object() : none;
  JsonArray inputs;
  std::string at;  // the field that an error is about: the one it names, or the first that the check reads
  if (error != nullptr) {
    at = error->where;
    for (const auto& check : action.checks) {
      if (check.code != error->code) continue;
      for (const auto& path : check.that.reads()) {
        const auto name = path.substr(0, path.find('.'));
        if (std::find(action.give.begin(), action.give.end(), name) == action.give.end()) continue;
        at = name;
        break;
      }
    }
  }
  bool at_field = false;
  JsonArray missing;  // beside the one that the refusal tells
  for (const auto& name : action.give) {
    const auto& field = *institution::given_field(in, name);
    const bool needed = std::find(action.need.begin(), action.need.end(), name) != action.need.end() ||
                        (record == nullptr && field.required);
    const auto* held = all.find(name);
    auto input = input_model(field, action, needed, held == nullptr ? Json() : *held, all);
    auto& made = input.as_object();
    if (made.find("as_file") != nullptr) form["multipart"] = true;
    if (made.find("as_key") != nullptr) form["keyed"] = true;
    // What was locked is opened by giving `salt` and `value`.
    if (made.find("as_locked") != nullptr || (name == "salt" && in.behaviour == "locked@1")) form["seals"] = true;
    if (error != nullptr && at == name) {
      made["error"] = both(error->say);
      at_field = true;
    } else if (error != nullptr && error->code == k_missing && needed && (held == nullptr || held->is_null()) &&
               field.type != "boolean") {
      // The decision stops at the first that is missing; who fills in a form wants to hear of all.
      made["error"] = both("缺少：" + field.title.zh, "missing: " + field.title.en);
      missing.push_back(JsonObject{{"text", made.at("error")}, {"to", "#" + action.name + "-" + name}});
    }
    inputs.push_back(std::move(input));
  }
  form["inputs"] = std::move(inputs);
  // Which record it is about decides what the checks read: localised here, since the script reads both languages.
  if (auto checks = form_checks(in, action, record, pack_, clock_.now()); !checks.is_null())
    form["checks"] = base::canonical(checks);
  if (error != nullptr) {
    JsonArray lines;
    auto names = this->names();
    const auto tell = [&](const base::Refusal& one) {
      const auto detail = spoken(names, pack_, one.detail);
      const Text law = one.law.empty() ? Text{} : Text{"（" + one.law + "）", " (" + citations_.in_english(one.law) + ")"};
      JsonObject line{{"text", both(one.code + " " + one.say.zh + (detail.empty() ? "" : "：" + detail.zh) + law.zh,
                                    one.code + " " + one.say.en + (detail.empty() ? "" : ": " + detail.en) + law.en)}};
      if (&one == error && at_field) line["to"] = "#" + action.name + "-" + at;
      lines.push_back(std::move(line));
    };
    tell(*error);
    for (const auto& one : error->also) tell(one);
    for (auto& one : missing) {
      auto& text = one.as_object()["text"];
      text = both(std::string(k_missing) + " " + std::string(text.text("zh")),
                  std::string(k_missing) + " " + std::string(text.text("en")));
      lines.push_back(std::move(one));
    }
    form["errors"] = items(std::move(lines));
  }
  return form;
}

// What the records that are named say already under the same name, in public and of the same kind, is not typed again.
bool Portal::taken_over(const Institution& in, JsonObject& given) {
  bool any = false;
  const auto named = given;
  for (const auto& [name, value] : named) {
    const auto* by = in.field(name);
    const auto* id = value.if_string();
    const auto* other = by == nullptr || by->type != "ref" || id == nullptr ? nullptr : pack_.current(by->of);
    const auto doc = other == nullptr ? base::Result<Json>(Json()) : public_doc(by->of, *id);
    if (!doc || doc->is_null()) continue;
    const auto& fields = doc->at("fields").as_object();
    for (const auto& wanted : in.create.give) {
      const auto* mine = in.field(wanted);
      const auto* theirs = other->field(wanted);
      const auto* held = fields.find(wanted);
      if (wanted == other->id_from || mine == nullptr || theirs == nullptr || held == nullptr || held->is_null() ||
          given.find(wanted) != nullptr)
        continue;
      const bool alike = mine->type == theirs->type && mine->of == theirs->of && mine->table == theirs->table &&
                         (mine->type != "code" || !mine->table.empty());
      const bool of_this_act = mine->type == "file" || wanted == "reason" || wanted == "ground" || wanted == "evidence";
      if (!alike || of_this_act) continue;
      given[wanted] = *held;
      any = true;
    }
  }
  return any;
}

JsonObject fields_of_form(const Institution& in, const Action& action, const Pairs& form) {
  JsonObject fields;
  for (const auto& name : action.give) {
    const auto& field = *institution::given_field(in, name);
    if (is_list_of_codes(field)) {
      JsonArray list;
      for (const auto& [sent, value] : form) {
        if (sent == name && !value.empty()) list.emplace_back(value);
      }
      if (!list.empty()) fields[name] = std::move(list);
      continue;
    }
    if (field.type == "list" && field.items != nullptr) {
      JsonArray list;
      for (std::int64_t row = 0; row < field.max_length; ++row) {
        if (field.items->type != "record") {
          const auto* sent = form.find(name + "." + std::to_string(row));
          if (sent == nullptr) continue;
          if (auto text = trimmed(*sent); !text.empty()) list.push_back(value_of(field.items->type, std::move(text)));
          continue;
        }
        JsonObject one;
        for (const auto& member : field.items->members) {
          const auto* sent = form.find(name + "." + std::to_string(row) + "." + member.name);
          if (sent == nullptr) continue;
          if (auto text = trimmed(*sent); !text.empty()) one[member.name] = value_of(member.type, std::move(text));
        }
        if (!one.empty()) list.push_back(std::move(one));
      }
      if (!list.empty()) fields[name] = std::move(list);
      continue;
    }
    const auto* sent = form.find(name);
    if (sent == nullptr) continue;
    if (auto text = trimmed(*sent); !text.empty()) fields[name] = value_of(field.type, named_whole(field, std::move(text)));
  }
  return fields;
}

// Files are durable before the leaf that cites them; the command and its leaf know nothing of them but the hash.
base::Result<Pairs> Portal::form_of(const Request& request, const Institution& in, const Action& action) {
  const auto type = request.headers.get("content-type");
  if (!type.starts_with("multipart/form-data")) return parse_form(request);
  LG_TRY(auto parts, parse_multipart(type, request.body));
  Pairs form;
  for (auto& part : parts) {
    if (part.file.empty()) {
      if (!is_utf8(part.content)) return base::refuse("HTTP-FORM", "表单内容不是 UTF-8", "a field is not UTF-8", part.name);
      form.add(std::move(part.name), std::move(part.content));
      continue;
    }
    const auto* field = institution::given_field(in, part.name);
    if (part.content.empty() || field == nullptr || field->type != "file") continue;
    if (std::find(action.give.begin(), action.give.end(), part.name) == action.give.end()) continue;
    LG_TRY(auto hash, keep_for(request, part.content));
    form.add(std::move(part.name), std::move(hash));
  }
  return form;
}

}  // namespace landglass::web
