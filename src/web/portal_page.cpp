// What every page has, and how values read.
#include <algorithm>

#include "web/amounts.hpp"
#include "web/paper_room.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/security.hpp"
#include "web/spoken.hpp"
#include "web/ways_on.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Action;
using institution::Field;
using institution::Institution;

namespace {

Text local_time(std::string_view iso) {
  const auto time = base::parse_time(iso);
  if (!time) return {std::string(iso), std::string(iso)};
  const auto text = base::format_local(*time).substr(0, 16);
  return {text, text};
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// A rule that watches writes its sums with 元 in both languages.
std::string in_yuan(std::string text) {
  constexpr std::string_view k_unit = " 元";
  for (auto at = text.find(k_unit); at != std::string::npos; at = text.find(k_unit, at))
    text.replace(at, k_unit.size(), " yuan");
  return text;
}

}  // namespace

Portal::Portal(PortalOptions options, engine::Engine& engine, store::Store& store, institution::Pack& pack,
               Templates& templates, std::shared_ptr<const Assets> assets, Accounts& accounts, Gate& gate, Live& live,
               Metrics& metrics, base::Clock& clock)
    : options_(std::move(options)),
      engine_(engine),
      store_(store),
      pack_(pack),
      templates_(templates),
      assets_(std::move(assets)),
      accounts_(accounts),
      gate_(gate),
      live_(live),
      metrics_(metrics),
      clock_(clock),
      practice_(
          clock, engine.options().origin,
          [this](const std::string& topic, const Json& doc) { live_.state(topic, base::canonical(live_state(doc, {}))); }),
      papers_(std::make_shared<PaperRoom>(options_.papers_folder, options_.assets_folder + "/fonts")) {}

std::string href_of(std::string_view record_id) { return "/r/" + std::string(record_id); }

constexpr std::size_t k_most_items = 40;  // of a list, on a page

Text show_value(const Field& field, const Json& value, const institution::Pack& pack) {
  if (value.is_null()) return {};
  if (value.is_bool()) return value.as_bool() ? Text{"是", "yes"} : Text{"否", "no"};
  if (value.is_int()) return {std::to_string(value.as_int()), std::to_string(value.as_int())};
  const auto* text = value.if_string();
  if (text == nullptr) {
    auto json = base::canonical(value);
    return {json, json};
  }
  if (field.type == "money") {
    const auto money = base::parse_money(*text);
    return money ? money_shown(*money) : Text{*text, *text};
  }
  if (field.type == "area") {
    const auto area = base::parse_area(*text);
    return area ? area_shown(*area) : Text{*text, *text};
  }
  if (field.type == "time") return local_time(*text);
  if (field.type == "code") {
    if (field.table == "divisions") {
      const auto name = pack.division_name(*text);
      return name.empty() ? Text{*text, *text} : Text{name, name};
    }
    if (const auto* table = field.table.empty() ? nullptr : pack.table(field.table)) {
      if (const auto* choice = table->find(*text)) return choice->title;
    }
    for (const auto& choice : field.values) {
      if (choice.key == *text) return choice.title;
    }
  }
  // As in papers: what stands behind ` // ` is the English of what stands before it.
  if (const auto parted = text->find(" // "); field.type == "text" && parted != std::string::npos)
    return {text->substr(0, parted), in_yuan(text->substr(parted + 4))};
  if (field.type == "file") return {"文件 " + text->substr(0, 12) + "…", "file " + text->substr(0, 12) + "…"};
  return {*text, *text};
}

// Who is signed in, to himself: an official by his name and post, a party by its name and kind. Who has no name here goes by
// post or kind, with his login; who has not even that by his login.
Json Portal::who_is(const Caller& caller) const {
  JsonObject user{{"name", caller.login}, {"desk", "/desk"}, {"sign_out", "/logout"}};
  const auto* in = pack_.current(caller.actor.substr(0, caller.actor.find('/')));
  if (in == nullptr || in->sealed()) return Json(std::move(user));
  auto rows = reader(store::Sight::internal)
                  ->query("SELECT doc FROM " + engine::Cache::table_of(in->name) + " WHERE id = ?", {Json(caller.actor)});
  if (!rows || rows->empty()) return Json(std::move(user));
  const auto doc = base::parse_json((*rows)[0][0].as_string(), base::Profile::any);
  if (!doc) return Json(std::move(user));
  const auto& fields = doc->at("fields");
  const bool named = !fields.text("name").empty();
  if (named) user["name"] = std::string(fields.text("name"));
  const auto* kind = in->field("kind");
  const Text post =
      kind == nullptr ? names().of(caller.actor) : show_value(*kind, Json(std::string(fields.text("kind"))), pack_);
  if (!post.empty() && !named) user["name"] = both(post);
  if (!post.empty()) user["post"] = named ? both(post) : Json(caller.login);
  return Json(std::move(user));
}

Json Portal::page(const Request& request, Text title) const {
  JsonObject model;
  model["title"] = both(title);
  const auto head = engine_.head(log::Tree::open);
  model["site"] = JsonObject{{"name", both(options_.name)},
                             {"authority", both(options_.authority)},
                             {"origin", engine_.options().origin},
                             {"home", "/"}};
  if (options_.demo)
    model["demo"] = JsonObject{
        {"text", both("演示：全部地块、人物和价格均为虚构", "Demonstration: all parcels, people and prices are invented")}};
  const auto path = request.path;
  const auto nav = [&](const char* zh, const char* en, const std::string& href) {
    JsonObject item{{"label", both(zh, en)}, {"href", href}};
    if (path == href) item["current"] = true;
    return Json(std::move(item));
  };
  JsonArray items{nav("市场", "Market", "/"), nav("登记簿", "Registers", "/list"), nav("核验", "Verify", "/verify"),
                  nav("日志", "Log", "/log")};
  items.push_back(nav("预警", "Warnings", "/warnings"));
  items.push_back(nav("举报", "Report", "/tip"));
  if (request.caller) items.insert(items.begin(), nav("办件", "Desk", "/desk"));  // who works here begins there
  model["nav"] = std::move(items);
  const auto more = [](const char* zh, const char* en, const char* to) {
    return Json(JsonObject{{"label", both(zh, en)}, {"to", to}});
  };
  model["more_pages"] = web::items(
      JsonArray{more("各单位的灯", "The offices' lights", "/lights"), more("更正与撤销", "Corrections", "/changes"),
                more("开放数据", "Open data", "/open-data"), more("计算与核验方法", "Methods", "/methods")});
  const auto current = request.language();
  const auto language = [&](const char* label, const char* code, Language which) {
    JsonObject item{{"label", label}, {"href", "/lang/" + std::string(code)}, {"code", code}};
    if (current == which) item["current"] = true;
    return Json(std::move(item));
  };
  model["languages"] = JsonArray{language("中文", "zh", Language::zh), language("English", "en", Language::en)};
  if (request.caller) {
    model["user"] = who_is(*request.caller);
    model["csrf"] = request.caller->csrf;
  } else {
    model["sign_in"] = "/login";
  }
  const auto now = clock_.now();
  model["clock"] = JsonObject{{"iso", base::format_utc(now)}, {"text", base::format_local(now)}};
  model["checkpoint"] =
      JsonObject{{"size", std::to_string(head->size)},
                 {"text", both("日志已有 " + std::to_string(head->size) + " 条", std::to_string(head->size) + " leaves")},
                 {"root", base::to_hex(head->frontier.root()).substr(0, 16)},
                 {"to", "/log"}};
  const auto asset = [&](const char* name) { return Json("/assets/" + assets_->hashed(name)); };
  model["assets"] = JsonObject{{"style", asset("style.css")}, {"app", asset("app.js")},   {"room", asset("room.js")},
                               {"seal", asset("seal.js")},    {"live", asset("live.js")}, {"verify", asset("verify.js")},
                               {"chart", asset("chart.js")},  {"lock", asset("lock.js")}, {"lights", asset("lights.js")},
                               {"tip", asset("tip.js")},      {"icon", asset("icon.svg")}};
  return model;
}

namespace {

bool seals(const Json& model) {
  if (!model.at("form").at("seals").is_null()) return true;
  const auto* acts = model.at("actions").at("items").if_array();
  return acts != nullptr &&
         std::any_of(acts->begin(), acts->end(), [](const Json& one) { return !one.at("form").at("seals").is_null(); });
}

}  // namespace

Json Portal::localised(const Json& model, Language language) const {
  auto out = localise(model, language);
  return language == Language::en ? citations_.page_in_english(std::move(out)) : out;
}

Response Portal::render(std::string_view name, const Json& model, const Request& request, int status) const {
  const auto language = request.language();
  auto response = html(status, templates_.render(name, localised(model, language), language));
  // libsodium in the browser is WebAssembly. Only a page with a form of what is locked may compile any, and only our own.
  if (seals(model)) response.header("content-security-policy", content_policy() + "; script-src 'self' 'wasm-unsafe-eval'");
  return response;
}

Response Portal::refuse(const base::Trouble& trouble, const Request& request) const {
  if (!request.wants_html()) return problem(trouble, request);
  const auto* refusal = std::get_if<base::Refusal>(&trouble);
  const int status = refusal == nullptr ? 503 : status_of(*refusal);
  const auto plain = plain_words(status);
  auto model = page(request, plain.title);
  JsonObject message;
  message["tone"] = status == 404 ? "neutral" : "bad";
  message["kind"] = std::to_string(status) + (refusal == nullptr ? "" : " · " + refusal->code);
  message["text"] = both(plain.text);
  if (refusal != nullptr) {
    auto names = this->names();
    const auto told = [&](const base::Refusal& one) {
      JsonObject inner{{"code", one.code}, {"say", both(one.say)}};
      if (!one.law.empty()) inner["law"] = one.law;
      if (!one.detail.empty()) inner["detail"] = both(spoken(names, pack_, one.detail));
      return Json(std::move(inner));
    };
    message["refusal"] = told(*refusal);
    JsonArray also;
    for (const auto& one : refusal->also) also.push_back(told(one));
    if (!also.empty()) message["also"] = web::items(std::move(also));
  }
  put_ways_on(message, status, request);
  model.as_object()["message"] = std::move(message);
  return render("message", model, request, status);
}

base::Result<Json> Portal::public_doc(std::string_view institution, std::string_view id) {
  const auto* in = pack_.current(institution);
  if (in == nullptr || in->sealed()) return base::refuse("EN-01", "没有此记录", "no such record", std::string(id));
  auto connection = reader(store::Sight::open);
  auto rows = connection->query("SELECT doc FROM " + engine::Cache::table_of(institution) + "_public WHERE id = ?",
                                {Json(std::string(id))});
  if (!rows) return rows.trouble();
  if (rows->empty()) return base::refuse("EN-01", "没有此记录", "no such record", std::string(id));
  return base::parse_json((*rows)[0][0].as_string(), base::Profile::any);
}

Json Portal::field_model(const Field& field, const Json* value, bool may_see, Names* names) const {
  JsonObject model{{"name", field.name}, {"label", both(field.title)}};
  if (value != nullptr && value->is_object() && !value->at("erased").is_null()) {
    model["secret"] = JsonObject{{"kind", "erased"}, {"text", both("已删除", "Erased")}};
    return model;
  }
  if (field.is_private && !may_see) {
    model["secret"] = JsonObject{{"kind", "private"},
                                 {"text", both("不公开", "Private")},
                                 {"why", both("日志中仅存其承诺", "The log holds its commitment only")}};
    return model;
  }
  if (value == nullptr || value->is_null()) return Json();
  if (field.locked) {
    model["secret"] =
        JsonObject{{"kind", "private"},
                   {"text", both("已加密", "Locked")},
                   {"why", both("只有规定人数的开启人一起才能读取", "Only so many openers together can read it")}};
    return model;
  }
  const auto text = show_value(field, *value, pack_);
  if (text.zh.empty()) return Json();
  if (field.type == "text" && is_digest(text.zh)) {
    model["digest"] = text.zh;
    return model;
  }
  model["text"] = both(text);
  if (field.type == "money") {
    if (const auto money = base::parse_money(value->as_string()); money && money->fen != 0)
      model["sub"] = both(money_spelled(*money));
  }
  if (field.type == "ref" && value->is_string()) {
    const auto* other = pack_.current(value->as_string().substr(0, value->as_string().find('/')));
    if (other != nullptr && !other->sealed()) model["to"] = href_of(value->as_string());
  }
  if (field.type == "text" && value->is_string() && names_a_record(pack_, value->as_string()))
    model["to"] = href_of(value->as_string());
  // Its number stays below what the record is called.
  if (names != nullptr && model.find("to") != nullptr) {
    if (const auto name = names->of(value->as_string()); !name.empty() && name.zh != number_of(value->as_string())) {
      model["text"] = both(name);
      if (auto number = quoted_number(value->as_string()); !number.empty()) model["sub"] = std::move(number);
    } else {
      model["text"] = number_of(value->as_string());  // the label says of what
    }
  } else if (names != nullptr && value->is_string() && names_a_record(pack_, value->as_string())) {
    model["text"] = both(names->shown(value->as_string()));
  }
  if (field.type == "json" || field.type == "list" || field.type == "record") return Json();
  return model;
}

// A list as fields of its own, one an item: the values of a record side by side, with the record that it names.
void Portal::list_models(const Field& field, const Json& value, JsonArray& out, Names& names) const {
  const auto* items = value.if_array();
  if (items == nullptr || !field.items) return;
  for (std::size_t i = 0; i < items->size() && i < k_most_items; ++i) {
    const auto& item = (*items)[i];
    const auto n = " " + std::to_string(i + 1);
    JsonObject model{{"name", field.name}, {"label", both(field.items->title.zh + n, field.items->title.en + n)}};
    Text shown;
    const auto add = [&](const Field& of, const Json& one) {
      auto text = show_value(of, one, pack_);
      if (const auto* id = one.if_string(); id != nullptr && names_a_record(pack_, *id)) {
        text = names.shown(*id);
      }
      if (text.zh.empty()) return;
      shown.zh += (shown.zh.empty() ? "" : " · ") + text.zh;
      shown.en += (shown.en.empty() ? "" : " · ") + text.en;
      if (const auto* id = one.if_string(); id != nullptr && model.find("to") == nullptr && names_a_record(pack_, *id))
        model["to"] = href_of(*id);
    };
    if (field.items->members.empty()) add(*field.items, item);
    for (const auto& member : field.items->members) add(member, item.at(member.name));
    if (shown.zh.empty()) continue;
    model["text"] = both(shown);
    out.push_back(std::move(model));
  }
}

Json Portal::state_model(const Institution& in, std::string_view states) const {
  const auto name = states.substr(0, states.find('|'));
  const auto* state = in.main.find(name);
  Text title = state == nullptr ? Text{std::string(name), std::string(name)} : state->title;
  std::string tone = state != nullptr && state->final ? "neutral" : "info";
  for (auto rest = states; rest.find('|') != std::string_view::npos;) {
    rest.remove_prefix(rest.find('|') + 1);
    const auto part = rest.substr(0, rest.find('|'));
    const auto colon = part.find(':');
    for (const auto& region : in.parallel) {
      if (region.name != part.substr(0, colon)) continue;
      const auto* inner = region.find(part.substr(colon + 1));
      if (inner != nullptr && inner->name != region.initial) {
        title.zh += " · " + inner->title.zh;
        title.en += " · " + inner->title.en;
        tone = "warn";
      }
    }
  }
  for (const auto* bad : {"frozen", "withdrawn", "void", "defaulted", "refused", "rescinded", "cancelled"}) {
    if (name == bad) tone = "bad";
  }
  for (const auto* good : {"contracted", "in_force", "approved", "published", "paid", "issued", "listed"}) {
    if (name == good && tone != "warn") tone = "good";
  }
  return JsonObject{{"text", both(title)}, {"tone", tone}};
}

}  // namespace landglass::web
