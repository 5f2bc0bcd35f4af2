// Registers, and an institution as law and as statechart.
#include <algorithm>

#include "engine/columns.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Field;
using institution::Institution;

namespace {

constexpr int k_per_page = 50;
constexpr std::int64_t k_sortable = 20'000;  // rows that are put in another order than that of their change
constexpr std::size_t k_choices = 40;        // of a code that a register may be narrowed by
constexpr std::size_t k_filters = 3;

// The columns of a register: the fields that name and place a record, at most five.
std::vector<const Field*> columns_of(const Institution& in) {
  std::vector<const Field*> columns;
  // What the record is called by stands in the first column; a figure or day of it in its own besides, to be ordered by.
  const auto called = [&](const Field& field) {
    const bool words = field.type == "text" || field.type == "code" || field.type == "ref";
    return words && std::find(in.called.begin(), in.called.end(), field.name) != in.called.end();
  };
  for (const auto* wanted : {"notice_no", "certificate_no", "contract_no", "name", "title", "location", "region", "use",
                             "area", "start_price", "deal_price", "price", "value"}) {
    const auto* field = in.field(wanted);
    if (field != nullptr && !field->is_private && !called(*field) && columns.size() < 5) columns.push_back(field);
  }
  for (const auto& field : in.fields) {
    if (columns.size() >= 4) break;
    const bool plain = field.type != "json" && field.type != "list" && field.type != "record" && !field.is_private &&
                       field.name != "reason" && field.name != "ground" && field.name != "evidence" &&
                       !field.name.starts_with("hand");
    if (plain && !called(field) && std::find(columns.begin(), columns.end(), &field) == columns.end())
      columns.push_back(&field);
  }
  return columns;
}

const std::vector<institution::Choice>& choices_of(const Field& field, const institution::Pack& pack) {
  const auto* table = field.table.empty() ? nullptr : pack.table(field.table);
  return table != nullptr ? table->values : field.values;
}

// The codes with few enough values that a register may be narrowed by.
std::vector<const Field*> filters_of(const Institution& in, const institution::Pack& pack) {
  std::vector<const Field*> filters;
  for (const auto& field : in.fields) {
    if (field.type != "code" || field.is_private || field.table == "divisions" || field.name == "ground") continue;
    const auto count = choices_of(field, pack).size();
    if (count > 1 && count <= k_choices && filters.size() < k_filters) filters.push_back(&field);
  }
  return filters;
}

const Field* sortable(const std::vector<const Field*>& columns, std::string_view name) {
  for (const auto* column : columns) {
    if (column->name == name && column->type != "file" && column->type != "ref") return column;
  }
  return nullptr;
}

// The field that the column of names is put in order by: the first that a record is called by, where it says it itself.
const Field* named_by(const Institution& in) {
  const auto* field = in.called.empty() ? nullptr : in.field(in.called.front());
  return field == nullptr || field->type == "ref" ? nullptr : field;
}

// SQL that holds where a record is called by these words, itself or by what it refers to.
std::string called_like(const Institution& in, const institution::Pack& pack, const std::string& like,
                        std::vector<Json>& bind, int depth = 0) {
  std::string any;
  for (const auto& name : in.called) {
    const auto* field = in.field(name);
    if (field->type == "text") {
      any += " OR " + engine::column_name(*field) + " LIKE ?";
      bind.emplace_back(like);
    }
    const auto* other = field->type == "ref" ? pack.current(field->of) : nullptr;
    if (other == nullptr || other->sealed() || depth > 1) continue;
    const auto inner = called_like(*other, pack, like, bind, depth + 1);
    if (!inner.empty())
      any += " OR " + engine::column_name(*field) + " IN (SELECT id FROM " + engine::Cache::table_of(other->name) +
             "_public WHERE 0" + inner + ")";
  }
  return any;
}

}  // namespace

// Whether somebody of this post may make such a record at all.
bool Portal::may_begin(const Institution& in, const Request& request) {
  const auto post = post_of(request);
  const auto& actor = request.caller->actor;
  return std::any_of(in.create.by.begin(), in.create.by.end(), [&](const std::string& who) {
    return who == "anyone" || (who == "party" && actor.starts_with("party/")) ||
           (who == "person" && actor.starts_with("person/")) ||
           std::find(post.roles.begin(), post.roles.end(), who) != post.roles.end();
  });
}

Response Portal::list(const Request& request) {
  const std::string institution(request.parameter("institution"));
  auto connection = reader(store::Sight::open);
  if (institution.empty()) {
    auto model = page(request, {"登记簿", "Registers"});
    JsonArray rows;
    for (const auto* in : pack_.all()) {
      if (in->sealed()) continue;
      auto count = connection->query("SELECT count(*) FROM " + engine::Cache::table_of(in->name) + "_public", {});
      const auto number = count && !count->empty() ? (*count)[0][0].as_int() : 0;
      std::string basis;
      if (!in->basis.empty()) basis = pack_.cite(in->basis.front());
      rows.push_back(JsonObject{
          {"cells",
           JsonArray{JsonObject{{"label", both("登记簿", "Register")},
                                {"text", both(in->title)},
                                {"to", "/list/" + in->name},
                                {"head", true}},
                     JsonObject{{"label", both("记录", "Records")}, {"text", std::to_string(number)}, {"numeric", true}},
                     JsonObject{{"label", both("法律依据", "Legal basis")}, {"text", basis.empty() ? "—" : basis}},
                     JsonObject{{"label", both("制度文件", "Institution")},
                                {"text", "v" + std::to_string(in->version)},
                                {"to", "/i/" + in->name}}}}});
    }
    model.as_object()["list"] =
        JsonObject{{"id", "registers"},
                   {"lead", both("每一本登记簿由一份制度文件产生。", "Each register comes out of one institution file.")},
                   {"columns", JsonArray{JsonObject{{"label", both("登记簿", "Register")}},
                                         JsonObject{{"label", both("记录", "Records")}, {"numeric", true}},
                                         JsonObject{{"label", both("法律依据", "Legal basis")}},
                                         JsonObject{{"label", both("制度文件", "Institution")}}}},
                   {"rows", items(std::move(rows))}};
    return render("list", model, request);
  }
  const auto* in = pack_.current(institution);
  if (in == nullptr || (in->sealed() && lists_sealed(request, *in).empty()))
    return refuse(base::refuse("EN-01", "没有此登记簿", "no such register", institution), request);
  const auto columns = columns_of(*in);
  const std::string query(request.query.get("q"));
  const std::string state(request.query.get("state") == "all" ? "" : request.query.get("state"));
  const auto number = page_number(request.query.get("page"));
  std::string where = " WHERE 1 = 1";
  std::vector<Json> bind;
  std::string kept;  // of the address, beside the page
  const auto keep = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) kept += "&" + std::string(name) + "=" + encode_component(value);
  };
  if (!query.empty()) {
    where += " AND (id LIKE ?";
    bind.emplace_back("%" + query + "%");
    for (const auto* column : columns) {
      if (column->type != "text") continue;
      where += " OR " + engine::column_name(*column) + " LIKE ?";
      bind.emplace_back("%" + query + "%");
    }
    where += called_like(*in, pack_, "%" + query + "%", bind) + ")";
    keep("q", query);
  }
  if (in->main.find(state) != nullptr) {
    where += " AND (state = ? OR state LIKE ?)";
    bind.emplace_back(state);
    bind.emplace_back(state + "|%");
    keep("state", state);
  }
  JsonArray choices;
  for (const auto* field : in->sealed() ? std::vector<const Field*>() : filters_of(*in, pack_)) {
    const std::string wanted(request.query.get(field->name) == "all" ? "" : request.query.get(field->name));
    JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
    bool known = false;
    for (const auto& choice : choices_of(*field, pack_)) {
      JsonObject option{{"value", choice.key}, {"label", both(choice.title)}};
      if (choice.key == wanted) {
        option["selected"] = true;
        known = true;
      }
      options.push_back(std::move(option));
    }
    choices.push_back(JsonObject{{"name", field->name}, {"label", both(field->title)}, {"options", std::move(options)}});
    if (!known) continue;
    where += " AND " + engine::column_name(*field) + " = ?";
    bind.emplace_back(wanted);
    keep(field->name, wanted);
  }
  const auto table = engine::Cache::table_of(in->name) + "_public";
  // Of a sealed register nobody learns the size, and the watch says its order.
  auto counted = in->sealed() ? base::Result<std::vector<store::Row>>(std::vector<store::Row>())
                              : connection->query("SELECT count(*) FROM (SELECT 1 FROM " + table + where + " LIMIT " +
                                                      std::to_string(k_sortable + 1) + ")",
                                                  bind);
  if (!counted) return refuse(counted.trouble(), request);
  const auto total = counted->empty() ? 0 : (*counted)[0][0].as_int();
  // In another order than that of their change: numbers by value, texts by pinyin.
  const std::string by(request.query.get("sort"));
  const bool falling = by.starts_with("-");
  const auto wanted_order = falling ? std::string_view(by).substr(1) : std::string_view(by);
  const auto* name_field = named_by(*in);
  const auto* sorted =
      name_field != nullptr && name_field->name == wanted_order ? name_field : sortable(columns, wanted_order);
  std::string order = "changed DESC, id";
  if (sorted != nullptr && total <= k_sortable) {
    const auto column = engine::column_name(*sorted);
    const bool figures = sorted->type == "money" || sorted->type == "area" || sorted->type == "integer";
    order = column + " IS NULL, " + column + (figures ? "" : " COLLATE pinyin") + (falling ? " DESC" : "") + ", id";
  }
  const int offset = (number - 1) * k_per_page;
  auto rows = in->sealed()
                  ? sealed_rows(request, *in, state, query, offset, k_per_page + 1)
                  : connection->query("SELECT id, state, doc, changed FROM " + table + where + " ORDER BY " + order +
                                          " LIMIT " + std::to_string(k_per_page + 1) + " OFFSET " + std::to_string(offset),
                                      bind);
  if (!rows) return refuse(rows.trouble(), request);
  auto model = page(request, in->title);
  const Text first_title = in->called.empty() ? Text{"编号", "Number"} : Text{"名称与编号", "Name and number"};
  const auto sort_by = [&](JsonObject& head, const Field& column) {
    if (total <= 1 || total > k_sortable) return;
    const bool this_one = &column == sorted;
    head["sort"] = "/list/" + in->name + "?sort=" + (this_one && !falling ? "-" : "") + column.name + kept;
    if (this_one) head["sorted"] = falling ? "descending" : "ascending";
  };
  JsonObject first_head{{"label", both(first_title)}};
  if (name_field != nullptr) sort_by(first_head, *name_field);
  JsonArray heads{std::move(first_head)};
  for (const auto* column : columns) {
    JsonObject head{{"label", both(column->title)}};
    if (column->type == "money" || column->type == "area" || column->type == "integer") head["numeric"] = true;
    if (sortable(columns, column->name) != nullptr) sort_by(head, *column);
    heads.push_back(std::move(head));
  }
  heads.push_back(JsonObject{{"label", both("状态", "State")}});
  JsonArray out;
  auto names = this->names();
  for (std::size_t i = 0; i < rows->size() && i < k_per_page; ++i) {
    const auto& row = (*rows)[i];
    auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
    if (!doc) continue;
    const auto& id = row[0].as_string();
    JsonObject first{{"label", both(first_title)}, {"text", number_of(id)}, {"to", href_of(id)}, {"head", true}};
    if (const auto name = names.of(*in, doc->at("fields").as_object()); !name.empty() && name.zh != number_of(id)) {
      first["text"] = both(name);
      first["sub"] = number_of(id);
    }
    JsonArray cells{std::move(first)};
    for (const auto* column : columns) {
      const auto* value = doc->at("fields").as_object().find(column->name);
      JsonObject cell{{"label", both(column->title)}};
      if (value == nullptr || value->is_null()) {
        cell["text"] = "—";
      } else {
        auto shown = show_value(*column, *value, pack_);
        if (const auto* named = value->if_string(); named != nullptr && names_a_record(pack_, *named)) {
          if (auto name = names.of(*named); !name.empty()) shown = std::move(name);
        }
        cell["text"] = shown.zh.empty() ? Json("—") : both(shown);
        if (column->type == "ref" && pack_.current(column->of) != nullptr && !pack_.current(column->of)->sealed())
          cell["to"] = href_of(value->as_string());
      }
      if (column->type == "money" || column->type == "area" || column->type == "integer") cell["numeric"] = true;
      cells.push_back(std::move(cell));
    }
    cells.push_back(JsonObject{{"label", both("状态", "State")}, {"chip", state_model(*in, row[1].as_string())}});
    out.push_back(JsonObject{{"cells", std::move(cells)}});
  }
  JsonObject list{{"id", in->name}, {"columns", std::move(heads)}};
  if (!in->about.empty()) list["lead"] = both(in->about);
  JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
  for (const auto& one : in->main.states) {
    JsonObject option{{"value", one.name}, {"label", both(one.title)}};
    if (one.name == state) option["selected"] = true;
    options.push_back(std::move(option));
  }
  JsonObject filter{
      {"action", "/list/" + in->name}, {"placeholder", both("编号或文字", "Number or words")}, {"choices", JsonArray{}}};
  choices.insert(choices.begin(),
                 JsonObject{{"name", "state"}, {"label", both("状态", "State")}, {"options", std::move(options)}});
  filter["choices"] = std::move(choices);
  if (!query.empty()) filter["query"] = query;
  list["filter"] = std::move(filter);
  if (total > 0)
    list["total"] = total > k_sortable ? both("超过 " + std::to_string(k_sortable) + " 条；缩小范围后可排序",
                                              "More than " + std::to_string(k_sortable) + "; narrow it down to sort")
                                       : both("共 " + std::to_string(total) + " 条", std::to_string(total) + " in all");
  if (request.caller && !in->sealed() && may_begin(*in, request)) {
    list["create"] = JsonObject{{"label", both(in->create.title)}, {"to", "/new/" + in->name}};
    list["many"] = JsonObject{{"label", both("批量登记", "Many at once")}, {"to", "/bulk/" + in->name}};
  }
  if (out.empty() && kept.empty()) {
    list["nothing"] = JsonObject{
        {"title", both("还没有记录", "No records yet")},
        {"text", both("登记后会出现在这里，并可逐条核验。", "What is registered will stand here, each with its proof.")}};
  } else if (out.empty()) {
    list["nothing"] = JsonObject{{"title", both("没有符合条件的记录", "Nothing fits")},
                                 {"text", both("换一个词，或者放宽条件。", "Try another word, or fewer conditions.")},
                                 {"to", "/list/" + in->name},
                                 {"link", both("看全部", "See all")}};
  } else {
    list["rows"] = items(std::move(out));
  }
  put_paging(list, number, rows->size() > k_per_page, [&](int n) {
    return "/list/" + in->name + "?page=" + std::to_string(n) + (sorted == nullptr ? "" : "&sort=" + encode_component(by)) +
           kept;
  });
  if (in->sealed()) {
    model.as_object()["list"] = std::move(list);
    return own_page(render("list", model, request));
  }
  list["open_data"] = items(JsonArray{JsonObject{{"label", "JSON"}, {"to", "/api/list/" + in->name}},
                                      JsonObject{{"label", "CSV"}, {"to", "/csv/" + in->name}}});
  model.as_object()["list"] = std::move(list);
  return render("list", model, request);
}

Response Portal::institution_page(const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request);
  auto model = page(request, in->title);
  const auto language = request.language();
  JsonObject out{{"id", in->name},
                 {"version", std::to_string(in->version)},
                 {"effective", base::format_date(in->effective)},
                 {"hash", in->hash},
                 {"source", "/i/" + in->name + "/file"}};
  if (!in->about.empty()) out["summary"] = both(in->about);
  // Every version that is or was in force, and each against the one before it.
  JsonArray versions;
  const institution::Institution* before = nullptr;
  for (const auto* version : pack_.versions(in->name)) {
    const auto label = "v" + std::to_string(version->version) + " · " + base::format_date(version->effective);
    JsonObject one{{"label", label}, {"to", "/i/" + in->name + "/file/" + version->hash}};
    if (version == in) one["current"] = true;
    versions.push_back(std::move(one));
    if (before != nullptr)
      versions.push_back(JsonObject{{"label", both("与前一版对照", "against the one before")},
                                    {"to", "/i/" + in->name + "/compare/" + before->hash + "/" + version->hash}});
    before = version;
  }
  if (versions.size() > 1) out["versions"] = items(std::move(versions));
  JsonArray basis;
  for (const auto& law : in->basis) basis.push_back(JsonObject{{"text", pack_.cite(law)}});
  if (basis.empty()) basis.push_back(JsonObject{{"text", both("平台规则", "Rules of this platform")}});
  out["basis"] = items(std::move(basis));
  JsonArray chart_states;
  JsonArray transitions;
  JsonArray states;
  const auto label = [&](const Text& text) { return Json(web::in(text, language)); };
  const auto title_of = [&](std::string_view state) {
    const auto* found = in->main.find(state);
    return found == nullptr ? Text{std::string(state), std::string(state)} : found->title;
  };
  for (const auto& state : in->main.states) {
    chart_states.push_back(JsonObject{{"id", state.name}, {"title", label(state.title)}, {"final", state.final}});
    JsonObject entry{{"id", state.name}, {"title", both(state.title)}};
    if (state.final) entry["kind"] = both("终结", "final");
    JsonArray actions;
    for (const auto& action : state.actions) {
      std::string by;
      for (const auto& who : action.by) {
        const auto* roles = pack_.table("roles");
        const auto* role = roles == nullptr ? nullptr : roles->find(who);
        by += (by.empty() ? "" : "、") + (role == nullptr ? who : web::in(role->title, language));
      }
      JsonObject item{{"label", both(action.title)}, {"by", by}};
      if (!action.to.empty()) item["target"] = both(title_of(action.to.back().state));
      JsonArray checks;
      for (const auto& check : action.checks) {
        JsonObject one{{"code", check.code}, {"say", both(check.say)}};
        if (const auto law = pack_.cite(check.law); !law.empty()) one["law"] = law;
        checks.push_back(std::move(one));
      }
      if (!checks.empty()) item["checks"] = items(std::move(checks));
      actions.push_back(std::move(item));
      for (const auto& target : action.to) {
        transitions.push_back(JsonObject{
            {"from", state.name}, {"to", target.state}, {"label", label(action.title)}, {"by", by}, {"kind", "action"}});
      }
    }
    if (!actions.empty()) entry["actions"] = items(std::move(actions));
    JsonArray timers;
    for (const auto& deadline : state.after) {
      JsonObject one{{"text", both(deadline_title(*in, deadline))}};
      if (const auto law = deadline.raise ? pack_.cite(deadline.raise->law) : pack_.cite(deadline.law); !law.empty())
        one["law"] = law;
      timers.push_back(std::move(one));
      if (!deadline.to.empty())
        transitions.push_back(JsonObject{{"from", state.name},
                                         {"to", deadline.to},
                                         {"label", label(deadline_title(*in, deadline))},
                                         {"by", "—"},
                                         {"kind", "timer"}});
    }
    if (!timers.empty()) entry["timers"] = items(std::move(timers));
    states.push_back(std::move(entry));
  }
  out["chart"] = base::canonical(Json(JsonObject{
      {"initial", in->main.initial}, {"states", std::move(chart_states)}, {"transitions", std::move(transitions)}}));
  out["states"] = items(std::move(states));
  JsonArray parameters;
  for (const auto& parameter : in->parameters) {
    for (const auto& value : parameter.values) {
      const auto title = parameter.title.empty() ? Text{parameter.name, parameter.name} : parameter.title;
      JsonObject one{
          {"label", both(title)},
          {"text", value.source + (value.when ? "（" + value.when->source() + "）" : "")},
          {"from", value.from ? base::format_date(*value.from) : std::string("—")},
          {"sure", parameter.sure == "found"
                       ? Json(JsonObject{{"text", both("有出处", "found in the source")}, {"tone", "good"}})
                       : Json(JsonObject{{"text", parameter.sure == "design" ? both("平台设定", "set by this platform")
                                                                             : both("未经核实", "not verified")},
                                         {"tone", "warn"}})}};
      if (const auto law = pack_.cite(parameter.basis); !law.empty()) one["law"] = law;
      parameters.push_back(std::move(one));
    }
  }
  if (!parameters.empty()) out["parameters"] = items(std::move(parameters));
  model.as_object()["institution"] = std::move(out);
  return render("institution", model, request);
}

}  // namespace landglass::web
