// Many records from one table: each row is what a form would send. Before anything is sent every row is decided without
// being done, so that the page shows which would be refused, by which rule of which law; only then are the others
// registered.
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

constexpr std::size_t k_rows = 500;    // of one table
constexpr std::size_t k_at_once = 25;  // decided between two batches of the sequencer

struct Entry {
  std::size_t line = 0;
  std::string shown;  // the row as it was typed, for people
  JsonObject fields;
  std::optional<base::Refusal> refusal;
  std::string record;  // what became of it
};

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

using Hold = std::function<base::Status(const JsonObject&)>;  // of the files that a row names

base::Result<std::vector<Entry>> read_rows(const Institution& in, std::string_view bytes, const Hold& hold) {
  base::CsvReader reader("rows.csv", bytes);
  LG_TRY(const auto head, reader.next());
  LG_TRY(const auto columns, columns_of(in, head));
  std::vector<Entry> entries;
  for (;;) {
    const auto line = reader.line();
    auto record = reader.next();
    if (record && record->line == 0) break;
    if (entries.size() == k_rows)
      return base::refuse("BULK-03", "一次至多 " + std::to_string(k_rows) + " 行",
                          "at most " + std::to_string(k_rows) + " rows at a time", "rows");
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
      if (i < columns.size()) form.add(columns[i]->name, record->fields[i].text);
    }
    if (record->fields.size() != columns.size())
      entry.refusal = base::refuse("BULK-04", "列数与表头不同", "not as many cells as columns", std::to_string(entry.line));
    entry.fields = fields_of_form(in, in.create, form);
    if (const auto held = hold(entry.fields); held.refused() && !entry.refusal) entry.refusal = held.refusal();
    entries.push_back(std::move(entry));
  }
  if (entries.empty()) return base::refuse("BULK-02", "表格没有内容", "the table is empty", "rows");
  return entries;
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

JsonObject row_model(const Entry& entry, bool sent) {
  JsonObject row{{"line", std::to_string(entry.line)}, {"text", entry.shown.empty() ? std::string("—") : entry.shown}};
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
  JsonObject bulk{{"action", "/bulk/" + name}, {"head", head_line(*in)}, {"most", std::to_string(k_rows)}};
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
  auto entries = read_rows(*in, rows, [&](const JsonObject& fields) { return hold_files(*in, fields); });
  base::SystemRandom random;
  const auto seed = base::to_hex(random.bytes32()).substr(0, 32);
  auto model = page(request, {"批量登记：" + in->title.zh, "Many at once: " + in->title.en});
  JsonObject bulk{{"action", "/bulk/" + name}, {"head", head_line(*in)}, {"most", std::to_string(k_rows)}};
  if (!rows.empty()) bulk["value"] = rows;
  std::size_t taken = 0;
  if (!entries) {
    if (entries.failed()) return refuse(entries.trouble(), request);
    const auto& why = entries.refusal();
    bulk["error"] =
        both(why.code + " " + why.say.zh + "（" + why.where + "）", why.code + " " + why.say.en + " (" + why.where + ")");
  } else {
    const auto now = clock_.now();
    for (std::size_t from = 0; from < entries->size(); from += k_at_once) {
      engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
        for (std::size_t i = from; i < std::min(from + k_at_once, entries->size()); ++i) {
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
      list.push_back(row_model(entry, false));
    }
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
  return own_page(render("bulk", model, request, entries ? 200 : 422));
}

// Each row is a command of its own, named by the seed and its line: sent again it is answered again.
void Portal::bulk_send(Request request, Respond respond) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr) return respond(refuse(base::refuse("EN-01", "没有此制度", "no such institution", name), request));
  const auto form = parse_form(request);
  if (!form) return respond(refuse(form.trouble(), request));
  const std::string seed(form->get("command"));
  auto entries = read_rows(*in, form->get("rows"), [&](const JsonObject& fields) { return hold_files(*in, fields); });
  if (!entries) return respond(refuse(entries.trouble(), request));
  if (seed.size() < 16)
    return respond(refuse(base::refuse("KEY-FORM", "缺少命令编号", "the id of the command is missing", "command"), request));
  struct Sending {
    std::vector<Entry> entries;
    std::atomic<std::size_t> left;
    Request request;
    Respond respond;
  };
  auto all = std::make_shared<Sending>();
  all->entries = std::move(*entries);
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
        list.push_back(row_model(entry, true));
      }
      const auto good = std::to_string(taken);
      const auto bad = std::to_string(all->entries.size() - taken);
      model.as_object()["bulk"] = JsonObject{{"lead", both("已登记 " + good + " 行，" + bad + " 行不予办理。",
                                                           rows_of(good) + " registered, " + bad + " refused.")},
                                             {"rows", items(std::move(list))}};
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
