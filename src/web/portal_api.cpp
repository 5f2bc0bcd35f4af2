// Records as JSON.
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/register_file.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;

Response Portal::api_record(const Request& request) {
  const std::string institution(request.parameter("institution"));
  if (const auto* in = pack_.current(institution); in != nullptr && in->sealed()) {
    const auto id = institution + "/" + std::string(request.parameter("key"));
    auto seen = sealed(request, *in, id);
    if (seen.doc.is_null()) return problem(base::refuse("EN-01", "没有此记录", "no such record", id), request);
    seen.doc.as_object()["related"] = std::move(seen.records);
    if (const auto name = names().of(*in, seen.doc.at("fields").as_object()); !name.empty())
      seen.doc.as_object()["called"] = both(name);
    return json(200, seen.doc).header("cache-control", "no-store");
  }
  const auto id = institution + "/" + std::string(request.parameter("key"));
  const auto no_such = [&] {
    return problem(base::refuse("EN-01", "没有此记录：" + id, "no such record: " + id, id), request);
  };
  const auto* in = pack_.current(institution);
  if (in == nullptr) return no_such();
  auto rows = reader(store::Sight::open)
                  ->query("SELECT doc FROM " + engine::Cache::table_of(institution) + "_public WHERE id = ?", {Json(id)});
  if (!rows) return problem(rows.trouble(), request);
  if (rows->empty()) return no_such();
  // The text as it stands there, canonical already; what the record is called goes in front.
  auto body = (*rows)[0][0].as_string();
  const auto doc = base::parse_json(body, base::Profile::any);
  if (const auto name = doc ? names().of(*in, doc->at("fields").as_object()) : base::Text(); !name.empty())
    body = "{\"called\":" + base::canonical(both(name)) + "," + body.substr(1);
  // What this caller reads besides, as its page shows it.
  if (auto own = readable(*in, id, request); !own.fields.empty()) {
    body = body.substr(0, body.size() - 1) + ",\"private\":" + base::canonical(Json(std::move(own.fields))) + "}";
    return own_page(text(200, std::move(body), "application/json"));
  }
  return cached(request, text(200, std::move(body), "application/json"), "no-cache");
}

Response Portal::api_list(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const auto* in = pack_.current(institution);
  if (in == nullptr || in->sealed())
    return problem(base::Trouble(base::refuse("EN-01", "没有此登记簿", "no such register", institution)), request);
  const auto after = std::string(request.query.get("after"));
  auto rows = reader(store::Sight::open)
                  ->query("SELECT id, state, changed, doc FROM " + engine::Cache::table_of(institution) +
                              "_public WHERE id > ? ORDER BY id LIMIT 200",
                          {Json(after)});
  if (!rows) return problem(rows.trouble(), request);
  auto names = this->names();
  auto list = records_of(*in, *rows, names);
  JsonObject body;
  if (list.size() == 200) body["next"] = "/api/list/" + institution + "?after=" + std::string(list.back().text("id"));
  body["records"] = std::move(list);
  return json(200, Json(std::move(body)));
}

}  // namespace landglass::web
