// Registers.
#include <algorithm>

#include "engine/columns.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/tables.hpp"
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
    const bool plain = field.name != in.id_from && field.type != "json" && field.type != "list" && field.type != "record" &&
                       !field.is_private && field.name != "reason" && field.name != "ground" && field.name != "evidence" &&
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
    const auto* kind = kind_of_person(*other);  // nobody searches what names a natural person
    if (!inner.empty())
      any += " OR " + engine::column_name(*field) + " IN (SELECT id FROM " + engine::Cache::table_of(other->name) +
             "_public WHERE (0" + inner + ")" +
             (kind == nullptr ? std::string() : " AND " + engine::column_name(*kind) + " <> 'person'") + ")";
  }
  return any;
}

}  // namespace

// Whether somebody of this post may make such a record at all.
bool Portal::may_begin(const Institution& in, const Request& request) {
  return begun_by(in, post_of(request), request.caller->actor);
}

bool Portal::begun_by(const Institution& in, const Post& post, const std::string& actor) {
  return std::any_of(in.create.by.begin(), in.create.by.end(), [&](const std::string& who) {
    return who == "anyone" || (who == "party" && actor.starts_with("party/")) ||
           (who == "person" && actor.starts_with("person/")) ||
           std::find(post.roles.begin(), post.roles.end(), who) != post.roles.end();
  });
}

// Every open register, under the flow of the source report that it serves: its rows (A1, C5 …) say which.
Response Portal::registers(const Request& request) {
  static const std::vector<std::pair<char, Text>> flows{{'A', {"网上交易", "Online trading"}},
                                                        {'B', {"全程公开", "Whole-process disclosure"}},
                                                        {'C', {"全面监管", "Comprehensive supervision"}},
                                                        {'D', {"及时查处", "Timely investigation"}},
                                                        {'E', {"社会监督", "Public supervision"}},
                                                        {'F', {"制度建设", "The institutions themselves"}},
                                                        {'b', {"基础登记", "What all stand on"}}};
  auto model = page(request, {"登记簿", "Registers"});
  auto connection = reader(store::Sight::open);
  std::vector<Section> sections;
  for (const auto& [flow, title] : flows) {
    Section section("flow-" + std::string(1, flow), title);
    section.column({"登记簿", "Register"});
    section.column({"记录", "Records"}, true);
    section.column({"制度文件", "Institution"}, true);
    section.dense();
    for (const auto* in : pack_.all()) {
      if (in->sealed() || in->rows.empty() || in->rows.front().front() != flow) continue;
      auto count = connection->query("SELECT count(*) FROM " + engine::Cache::table_of(in->name) + "_public", {});
      const auto number = count && !count->empty() ? (*count)[0][0].as_int() : 0;
      const auto basis = in->basis.empty() ? std::string() : pack_.cite(in->basis.front());
      section.row({{both(in->title), "/list/" + in->name, Json(basis), false},
                   {Json(std::to_string(number)), "", Json(), true},
                   {both("第" + std::to_string(in->version) + "版", "v" + std::to_string(in->version)), "/i/" + in->name,
                    Json(), true}});
    }
    if (section.rows() > 0) sections.push_back(std::move(section));
  }
  model.as_object()["tables"] =
      tables_of(sections, {"每一本登记簿由一份制度文件产生；按其服务的环节排列。",
                           "Each register comes out of one institution file; they stand by the flow that they serve."});
  return render("tables", model, request);
}

Response Portal::list(const Request& request) {
  const std::string institution(request.parameter("institution"));
  auto connection = reader(store::Sight::open);
  if (institution.empty()) return registers(request);
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
    where += engine::in_state(*in, state, bind);
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
      if (auto below = quoted_number(id); !below.empty()) first["sub"] = std::move(below);
    }
    JsonArray cells{std::move(first)};
    for (const auto* column : columns) {
      const auto* value = doc->at("fields").as_object().find(column->name);
      JsonObject cell{{"label", both(column->title)}};
      if (value == nullptr || value->is_null()) {
        cell["text"] = "—";
        cell["none"] = true;
      } else {
        auto shown = show_value(*column, *value, pack_);
        if (const auto* named = value->if_string(); named != nullptr && names_a_record(pack_, *named)) {
          shown = names.shown(*named);
        }
        cell["text"] = shown.zh.empty() ? Json("—") : both(shown);
        if (shown.zh.empty()) cell["none"] = true;
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
  if (in->board) list["board"] = JsonObject{{"label", both("看板", "Board")}, {"to", "/board/" + in->name}};
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

}  // namespace landglass::web
