// Many records from one table: each row is what a form would send. Before anything is sent every row is decided without
// being done, so that the page shows which would be refused, by which rule of which law; only then are the others
// registered.
#include <iconv.h>

#include <algorithm>
#include <atomic>

#include "base/csv.hpp"
#include "web/idempotency.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Field;
using institution::Institution;

namespace {

constexpr std::size_t k_most_rows = 500;       // of one table
constexpr std::size_t k_named = 8;             // of a code's values, beside its column
constexpr std::size_t k_decided_at_once = 25;  // decided between two batches of the sequencer

struct Entry {
  std::size_t line = 0;
  std::string shown;               // the row as it was typed, for people
  std::vector<std::string> typed;  // its cells
  JsonObject fields;
  std::optional<base::Refusal> refusal;
  std::string record;  // what became of it
};

bool is_figure(const Field& field) { return field.type == "money" || field.type == "area" || field.type == "integer"; }
bool in_table(const Field& field) { return field.type != "list" && field.type != "record" && field.type != "json"; }

// Columns are named as the fields are, in the file or on the page.
base::Result<std::vector<const Field*>> columns_of(const Institution& in, const base::CsvRecord& head) {
  std::vector<const Field*> columns;
  for (const auto& cell : head.fields) {
    const Field* found = nullptr;
    for (const auto& name : in.create.give) {
      const auto* field = in.field(name);
      if (field != nullptr && in_table(*field) &&
          (cell.text == field->name || cell.text == field->title.zh || cell.text == field->title.en))
        found = field;
    }
    if (found == nullptr)
      return base::refuse("BULK-01", "没有此列：" + cell.text, "no such column: " + cell.text,
                          "1:" + std::to_string(cell.column));
    columns.push_back(found);
  }
  if (columns.empty()) return base::refuse("BULK-02", "表格没有内容", "the table is empty", "rows");
  return columns;
}

// What a spreadsheet makes of a value: the word of a code, a day with slashes.
std::string as_given(const Field& field, const institution::Pack& pack, std::string text) {
  if (field.type == "code") {
    const auto* table = field.table.empty() ? nullptr : pack.table(field.table);
    for (const auto& choice : table != nullptr ? table->values : field.values) {
      if (text == choice.title.zh || text == choice.title.en) return choice.key;
    }
  }
  if (field.type == "boolean") return text == "是" || text == "yes" ? "true" : text == "否" || text == "no" ? "false" : text;
  if (field.type == "date") {
    const auto month = text.find('/');
    const auto day = month == std::string::npos ? month : text.find('/', month + 1);
    const bool slashes =
        month == 4 && day != std::string::npos && text.find_first_not_of("0123456789/") == std::string::npos;
    const auto two = [](const std::string& part) { return part.size() == 1 ? "0" + part : part; };
    if (slashes) return text.substr(0, 4) + "-" + two(text.substr(5, day - 5)) + "-" + two(text.substr(day + 1));
  }
  return text;
}

// Chinese spreadsheets save CSV in GB 18030. What is not that either is left for the reader of the table to refuse.
std::string in_utf8(std::string bytes) {
  if (is_utf8(bytes)) return bytes;
  const auto converter = iconv_open("UTF-8", "GB18030");
  if (converter == reinterpret_cast<iconv_t>(-1)) return bytes;  // NOLINT(performance-no-int-to-ptr): as POSIX has it
  std::string out(bytes.size() * 2 + 16, '\0');                  // three bytes for two, four for four
  auto* from = bytes.data();
  auto* to = out.data();
  auto from_left = bytes.size();
  auto to_left = out.size();
  const bool whole = iconv(converter, &from, &from_left, &to, &to_left) != static_cast<std::size_t>(-1) && from_left == 0;
  iconv_close(converter);
  if (!whole) return bytes;
  out.resize(out.size() - to_left);
  return out;
}

using Hold = std::function<base::Status(const JsonObject&)>;  // of the files that a row names

struct Table {
  std::vector<const Field*> columns;
  std::vector<Entry> entries;
};

base::Result<Table> read_rows(const Institution& in, const institution::Pack& pack, std::string_view bytes,
                              const Hold& hold) {
  base::CsvReader reader("rows.csv", bytes);
  LG_TRY(const auto head, reader.next());
  LG_TRY(auto columns, columns_of(in, head));
  std::vector<Entry> entries;
  for (;;) {
    const auto line = reader.line();
    auto record = reader.next();
    if (record && record->line == 0) break;
    if (entries.size() == k_most_rows)
      return base::refuse("BULK-03", "一次至多 " + std::to_string(k_most_rows) + " 行",
                          "at most " + std::to_string(k_most_rows) + " rows at a time", "rows");
    Entry entry;
    entry.line = record ? record->line : line;
    if (!record) {
      if (record.failed()) return record.trouble();
      entry.refusal = record.refusal();
      const bool at_end = entry.refusal->code == "CSV-01" || entry.refusal->code == "CSV-05";
      entries.push_back(std::move(entry));
      if (at_end) break;
      continue;
    }
    Pairs form;
    for (std::size_t i = 0; i < record->fields.size(); ++i) {
      entry.shown += (i == 0 ? "" : " · ") + record->fields[i].text;
      entry.typed.push_back(record->fields[i].text);
      if (i < columns.size()) form.add(columns[i]->name, as_given(*columns[i], pack, record->fields[i].text));
    }
    if (record->fields.size() != columns.size())
      entry.refusal = base::refuse("BULK-04", "列数与表头不同", "not as many cells as columns", std::to_string(entry.line));
    entry.fields = fields_of_form(in, in.create, form);
    if (const auto held = hold(entry.fields); held.refused() && !entry.refusal) entry.refusal = held.refusal();
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return base::refuse("BULK-02", "表格没有内容", "the table is empty", "rows");
  return Table{std::move(columns), std::move(entries)};
}

engine::Command command_of(const Institution& in, const Entry& entry, const Request& request, std::string_view seed) {
  engine::Command command;
  command.institution = in.name;
  command.actor = request.caller->actor;
  command.fields = entry.fields;
  command.id = Idempotency::command_id(command.actor, std::string(seed) + "/" + std::to_string(entry.line), in.sealed());
  if (in.create.is_signed) command.sig = log::LeafSignature{"session", "", request.caller->session};
  return command;
}

Json head_line(const Institution& in) {
  Text line;
  for (const auto& name : in.create.give) {
    const auto* field = in.field(name);
    if (field == nullptr || !in_table(*field)) continue;
    line.zh += (line.zh.empty() ? "" : ",") + base::csv_quoted(field->title.zh);
    line.en += (line.en.empty() ? "" : ",") + base::csv_quoted(field->title.en);
  }
  return both(line);
}

std::string rows_of(const std::string& count) { return count + (count == "1" ? " row" : " rows"); }

// How a column is filled in, where its name does not say it.
Text way_of(const Field& field, const institution::Pack& pack) {
  if (field.table == "divisions") return {"六位行政区划代码", "six digits of a division"};
  if (field.type == "code") {
    const auto* table = field.table.empty() ? nullptr : pack.table(field.table);
    const auto& choices = table != nullptr ? table->values : field.values;
    Text names;
    for (std::size_t i = 0; i < choices.size() && i < k_named; ++i) {
      names.zh += (i == 0 ? "" : "、") + choices[i].title.zh;
      names.en += (i == 0 ? "" : ", ") + choices[i].title.en;
    }
    return choices.size() > k_named ? Text{names.zh + " 等", names.en + " …"} : names;
  }
  if (field.type == "money") return {"元，如 12000000 或 12000000.00", "yuan, such as 12000000 or 12000000.00"};
  if (field.type == "area") return {"平方米，如 38253 或 38253.50", "square metres, such as 38253 or 38253.50"};
  if (field.type == "date") return {"日期，如 2026-03-01", "a day, such as 2026-03-01"};
  if (field.type == "time") return {"北京时间，如 2026-03-01T09:00", "Beijing time, such as 2026-03-01T09:00"};
  if (field.type == "integer") return {"整数", "a whole number"};
  if (field.type == "boolean") return {"是 或 否", "yes or no"};
  if (field.type == "ratio") return {"如 30% 或 1/3", "such as 30% or 1/3"};
  if (field.type == "ref") return {"记录的编号", "the number of a record"};
  if (field.type == "file") return {"已上传文件的 SHA-256", "SHA-256 of a file that was handed in"};
  return field.help.empty() ? Text{"文字", "text"} : field.help;
}

Json guide_of(const Institution& in, const institution::Pack& pack) {
  JsonArray list;
  for (const auto& name : in.create.give) {
    const auto* field = in.field(name);
    if (field == nullptr || !in_table(*field)) continue;
    JsonObject one{{"label", both(field->title)}, {"text", both(way_of(*field, pack))}};
    if (field->required || std::find(in.create.need.begin(), in.create.need.end(), name) != in.create.need.end())
      one["required"] = true;
    list.push_back(std::move(one));
  }
  return items(std::move(list));
}

JsonArray heads_of(const std::vector<const Field*>& columns) {
  JsonArray heads;
  for (const auto* column : columns) {
    JsonObject head{{"label", both(column->title)}};
    if (is_figure(*column)) head["numeric"] = true;
    heads.push_back(std::move(head));
  }
  return heads;
}

// Each value as it was understood: an amount with its unit, a code in words. What was not understood stands as it was typed.
JsonArray cells_of(const Entry& entry, const std::vector<const Field*>& columns, const institution::Pack& pack) {
  JsonArray cells;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = *columns[i];
    const auto* value = entry.fields.find(column.name);
    const Text shown = value == nullptr ? base::alike(entry.typed[i]) : show_value(column, *value, pack);
    JsonObject cell{{"label", both(column.title)}, {"text", shown.zh.empty() ? Json("—") : both(shown)}};
    if (is_figure(column)) cell["numeric"] = true;
    if (entry.refusal && entry.refusal->where == column.name) cell["wrong"] = true;
    cells.push_back(std::move(cell));
  }
  return cells;
}

JsonObject row_model(const Entry& entry, const std::vector<const Field*>& columns, const institution::Pack& pack,
                     bool sent) {
  JsonObject row{{"line", std::to_string(entry.line)}};
  if (entry.typed.size() == columns.size()) {
    row["cells"] = cells_of(entry, columns, pack);
  } else {
    row["broken"] =
        JsonObject{{"text", entry.shown.empty() ? std::string("—") : entry.shown}, {"span", std::to_string(columns.size())}};
  }
  if (entry.refusal) {
    row["state"] = JsonObject{{"text", both("不予办理", "Refused")}, {"tone", "bad"}};
    JsonObject refusal{{"code", entry.refusal->code}, {"say", both(entry.refusal->say)}};
    if (!entry.refusal->law.empty()) refusal["law"] = entry.refusal->law;
    if (!entry.refusal->detail.empty()) refusal["detail"] = both(entry.refusal->detail);
    row["refusal"] = std::move(refusal);
  } else {
    row["state"] =
        JsonObject{{"text", sent ? both("已登记", "Registered") : both("可以登记", "Would be taken")}, {"tone", "good"}};
    if (!entry.record.empty()) row["to"] = href_of(entry.record);
  }
  return row;
}

}  // namespace

Response Portal::bulk_form(const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request);
  auto model = page(request, {"批量登记：" + in->title.zh, "Many at once: " + in->title.en});
  JsonObject bulk{{"action", "/bulk/" + name}, {"guide", guide_of(*in, pack_)}, {"most", std::to_string(k_most_rows)}};
  bulk["value"] = head_line(*in);
  bulk["lead"] = both("先预检：逐行按制度文件审查，指出哪行、为什么不予办理；确认后才登记。",
                      "Try first: each row is looked at as the institution's file has it, and the page says which would be "
                      "refused and why. Only then is anything registered.");
  bulk["fresh"] = true;
  model.as_object()["bulk"] = std::move(bulk);
  model.as_object()["crumbs"] =
      items(JsonArray{JsonObject{{"label", both(in->title)}, {"to", in->sealed() ? "/desk" : "/list/" + name}},
                      JsonObject{{"label", both("批量登记", "Many at once")}}});
  return own_page(render("bulk", model, request));
}

Response Portal::bulk_preview(const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request);
  std::string rows;
  if (const auto type = request.headers.get("content-type"); type.starts_with("multipart/form-data")) {
    auto parts = parse_multipart(type, request.body);
    if (!parts) return refuse(parts.trouble(), request);
    for (auto& part : *parts) {
      if (part.name == "table" && !part.content.empty()) rows = std::move(part.content);
      if (part.name == "rows" && rows.empty()) rows = std::move(part.content);
    }
  } else {
    auto form = parse_form(request);
    if (!form) return refuse(form.trouble(), request);
    rows = form->get("rows");
  }
  rows = in_utf8(std::move(rows));
  auto table =
      read_rows(*in, pack_, rows, [&](const JsonObject& fields) { return hold_files(*in, fields, request.caller->actor); });
  auto* entries = table ? &table->entries : nullptr;
  base::SystemRandom random;
  const auto seed = base::to_hex(random.bytes32()).substr(0, 32);
  auto model = page(request, {"批量登记：" + in->title.zh, "Many at once: " + in->title.en});
  JsonObject bulk{{"action", "/bulk/" + name}, {"guide", guide_of(*in, pack_)}, {"most", std::to_string(k_most_rows)}};
  if (!rows.empty()) bulk["value"] = rows;
  std::size_t taken = 0;
  if (entries == nullptr) {
    if (table.failed()) return refuse(table.trouble(), request);
    const auto& why = table.refusal();
    bulk["error"] =
        both(why.code + " " + why.say.zh + "（" + why.where + "）", why.code + " " + why.say.en + " (" + why.where + ")");
  } else {
    const auto now = clock_.now();
    for (std::size_t from = 0; from < entries->size(); from += k_decided_at_once) {
      engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
        for (std::size_t i = from; i < std::min(from + k_decided_at_once, entries->size()); ++i) {
          auto& entry = (*entries)[i];
          if (entry.refusal) continue;
          const auto decided = registry.decide(command_of(*in, entry, request, seed), now);
          if (decided.refused()) entry.refusal = decided.refusal();
        }
      });
    }
    JsonArray list;
    for (const auto& entry : *entries) {
      if (!entry.refusal) ++taken;
      list.push_back(row_model(entry, table->columns, pack_, false));
    }
    bulk["columns"] = heads_of(table->columns);
    bulk["rows"] = items(std::move(list));
    const auto good = std::to_string(taken);
    const auto bad = std::to_string(entries->size() - taken);
    bulk["lead"] = both(good + " 行可以登记，" + bad + " 行不予办理；尚未登记任何内容。",
                        rows_of(good) + " would be taken, " + bad + " refused; nothing is registered yet.");
    if (taken > 0)
      bulk["send"] = JsonObject{{"to", "/bulk/" + name + "/send"},
                                {"command", seed},
                                {"label", both("登记这 " + good + " 行", "Register " + rows_of(good))}};
  }
  model.as_object()["bulk"] = std::move(bulk);
  model.as_object()["crumbs"] =
      items(JsonArray{JsonObject{{"label", both(in->title)}, {"to", in->sealed() ? "/desk" : "/list/" + name}},
                      JsonObject{{"label", both("批量登记", "Many at once")}}});
  return own_page(render("bulk", model, request, entries != nullptr ? 200 : 422));
}

// Each row is a command of its own, named by the seed and its line: sent again it is answered again.
void Portal::bulk_send(Request request, Respond respond) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return respond(refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request));
  const auto form = parse_form(request);
  if (!form) return respond(refuse(form.trouble(), request));
  const std::string seed(form->get("command"));
  auto table = read_rows(*in, pack_, form->get("rows"),
                         [&](const JsonObject& fields) { return hold_files(*in, fields, request.caller->actor); });
  if (!table) return respond(refuse(table.trouble(), request));
  if (seed.size() < 16)
    return respond(refuse(base::refuse("KEY-FORM", "缺少命令编号", "the id of the command is missing", "command"), request));
  struct Sending {
    std::vector<const Field*> columns;
    std::vector<Entry> entries;
    std::atomic<std::size_t> left;
    Request request;
    Respond respond;
  };
  auto all = std::make_shared<Sending>();
  all->columns = std::move(table->columns);
  all->entries = std::move(table->entries);
  all->request = std::move(request);
  all->respond = std::move(respond);
  std::vector<std::size_t> going;
  for (std::size_t i = 0; i < all->entries.size(); ++i) {
    if (!all->entries[i].refusal) going.push_back(i);
  }
  all->left = going.size() + 1;
  const auto done = [this, all, in] {
    if (--all->left != 0) return;
    const bool shown = workers_.run([this, all, in] {  // not on the sequencer's thread
      auto model = page(all->request, {"批量登记：" + in->title.zh, "Many at once: " + in->title.en});
      JsonArray list;
      std::size_t taken = 0;
      for (const auto& entry : all->entries) {
        if (!entry.refusal) ++taken;
        list.push_back(row_model(entry, all->columns, pack_, true));
      }
      const auto good = std::to_string(taken);
      const auto bad = std::to_string(all->entries.size() - taken);
      model.as_object()["bulk"] = JsonObject{
          {"lead",
           both("已登记 " + good + " 行，" + bad + " 行不予办理。", rows_of(good) + " registered, " + bad + " refused.")},
          {"columns", heads_of(all->columns)},
          {"rows", items(std::move(list))},
          {"links",
           items(JsonArray{JsonObject{{"label", both("看登记簿", "The register")}, {"to", "/list/" + in->name}},
                           JsonObject{{"label", both("继续批量登记", "Another table")}, {"to", "/bulk/" + in->name}}})}};
      all->respond(own_page(render("bulk", model, all->request)));
    });
    if (!shown) all->respond(refuse(base::fail("the pages' worker is busy", true), all->request));
  };
  for (const auto i : going) {
    engine_.submit(command_of(*in, all->entries[i], all->request, seed),
                   [all, i, done](base::Result<engine::Answer> answer) {
                     auto& entry = all->entries[i];
                     if (answer) {
                       entry.record = answer->record;
                     } else if (answer.refused()) {
                       entry.refusal = answer.refusal();
                     } else {
                       entry.refusal = base::refuse("BUSY", "系统暂时无法办理，请稍后重新提交",
                                                    "not now: send it again shortly", std::to_string(entry.line));
                     }
                     done();
                   });
  }
  done();
}

}  // namespace landglass::web
