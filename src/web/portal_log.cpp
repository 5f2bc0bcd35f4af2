// The log for people and for programs: explorer, leaves with proofs, receipts, tiles and the verifier.
#include <algorithm>

#include "base/crypto.hpp"
#include "log/receipt.hpp"
#include "log/tiles.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::uint64_t k_per_page = 40;

std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

class ReaderTiles final : public log::TileSource {
 public:
  explicit ReaderTiles(store::Reader& reader) : reader_(reader) {}
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, reader_.tile(log::Tree::open, name.level, name.index));
    if (!held) return base::fail("a tile is not there: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Reader& reader_;
};

// A leaf indented for reading; the bytes that are hashed have no spaces.
void indent(std::string& out, const Json& value, int depth) {
  const std::string pad(static_cast<std::size_t>(depth) * 2, ' ');
  if (value.is_object() && !value.as_object().empty()) {
    out += "{\n";
    bool first = true;
    for (const auto& [name, member] : value.as_object()) {
      if (!first) out += ",\n";
      first = false;
      out += pad + "  ";
      base::append_json_string(out, name);
      out += ": ";
      indent(out, member, depth + 1);
    }
    out += "\n" + pad + "}";
  } else if (value.is_array() && !value.as_array().empty()) {
    out += "[\n";
    bool first = true;
    for (const auto& item : value.as_array()) {
      if (!first) out += ",\n";
      first = false;
      out += pad + "  ";
      indent(out, item, depth + 1);
    }
    out += "\n" + pad + "]";
  } else {
    base::append_canonical(out, value);
  }
}

}  // namespace

Response Portal::log_page(const Request& request) {
  const auto head = engine_.head(log::Tree::open);
  if (const auto wanted = number_of(request.query.get("q")); wanted && *wanted < head->size)
    return redirect("/log/" + std::to_string(*wanted));
  auto model = page(request, {"日志", "The log"});
  const auto last = number_of(request.query.get("before")).value_or(head->size);
  const auto end = std::min(last, head->size);
  const auto from = end > k_per_page ? end - k_per_page : 0;
  auto connection = reader(store::Sight::open);
  auto leaves = connection->leaves(log::Tree::open, from, end - from);
  if (!leaves) return refuse(leaves.trouble(), request);
  JsonArray rows;
  for (std::size_t i = leaves->size(); i-- > 0;) {
    auto leaf = log::decode((*leaves)[i]);
    if (!leaf) continue;
    const auto index = std::to_string(from + i);
    const auto* in = pack_.current(leaf->change.institution);
    rows.push_back(JsonObject{{"index", index},
                              {"to", "/log/" + index},
                              {"when", base::format_local(leaf->time)},
                              {"institution", in == nullptr ? Json(leaf->change.institution) : both(in->title)},
                              {"action", leaf->change.action},
                              {"record", leaf->change.record.substr(leaf->change.record.find('/') + 1)},
                              {"record_to", href_of(leaf->change.record)},
                              {"hash", base::to_hex(log::leaf_hash((*leaves)[i])).substr(0, 16)}});
  }
  JsonObject out{{"origin", engine_.options().origin},       {"key", engine_.verifier_key()},
                 {"size", std::to_string(head->size)},       {"root", base::to_hex(head->frontier.root())},
                 {"when", base::format_local(clock_.now())}, {"note", head->checkpoint}};
  out["find"] = JsonObject{{"action", "/log"}, {"placeholder", both("条目序号", "Index of a leaf")}};
  if (rows.empty()) {
    out["nothing"] =
        JsonObject{{"title", both("日志尚空", "The log is empty")}, {"text", both("尚无条目。", "No leaves yet.")}};
  } else {
    out["leaves"] = items(std::move(rows));
  }
  JsonObject paging{{"text", both(std::to_string(from) + " – " + std::to_string(end == 0 ? 0 : end - 1),
                                  std::to_string(from) + " – " + std::to_string(end == 0 ? 0 : end - 1))}};
  if (end < head->size) paging["previous"] = "/log?before=" + std::to_string(std::min(head->size, end + k_per_page));
  if (from > 0) paging["next"] = "/log?before=" + std::to_string(from);
  out["paging"] = std::move(paging);
  out["files"] = items(JsonArray{JsonObject{{"label", both("检查点", "Checkpoint")}, {"to", "/checkpoint"}},
                                 JsonObject{{"label", both("信任文件", "Trust file")}, {"to", "/policy"}}});
  model.as_object()["log"] = std::move(out);
  return render("log", model, request);
}

base::Result<Json> Portal::receipt_json(log::Tree tree, std::uint64_t seq) {
  const auto head = engine_.head(tree);
  if (seq >= head->size) return base::refuse("EN-01", "没有此条目", "no such leaf", std::to_string(seq));
  auto connection = reader(store::Sight::open);
  LG_TRY(auto leaf, connection->leaf(tree, seq));
  if (!leaf) return base::refuse("EN-01", "没有此条目", "no such leaf", std::to_string(seq));
  ReaderTiles tiles(*connection);
  log::Receipt receipt;
  receipt.leaf = *leaf;
  receipt.proof.index = seq;
  LG_TRY(receipt.proof.proof, head->frontier.inclusion(seq, &tiles));
  receipt.proof.checkpoint = head->checkpoint;
  return base::parse_json(receipt.format(), base::Profile::any);
}

Response Portal::leaf_page(const Request& request) {
  const auto seq = number_of(request.parameter("index"));
  const auto head = engine_.head(log::Tree::open);
  if (!seq || *seq >= head->size)
    return refuse(base::refuse("EN-01", "没有此条目", "no such leaf", std::string(request.parameter("index"))), request);
  auto connection = reader(store::Sight::open);
  auto bytes = connection->leaf(log::Tree::open, *seq);
  if (!bytes) return refuse(bytes.trouble(), request);
  auto leaf = log::decode(**bytes);
  if (!leaf) return refuse(leaf.trouble(), request);
  auto json = base::parse_json(**bytes, base::Profile::any);
  std::string body;
  indent(body, *json, 0);
  ReaderTiles tiles(*connection);
  auto proof = head->frontier.inclusion(*seq, &tiles);
  if (!proof) return refuse(proof.trouble(), request);
  JsonArray hashes;
  for (const auto& hash : *proof) hashes.push_back(JsonObject{{"hash", base::to_hex(hash)}});
  auto model = page(request, {"日志第 " + std::to_string(*seq) + " 条", "Leaf " + std::to_string(*seq)});
  const auto* in = pack_.current(leaf->change.institution);
  JsonObject out{{"index", std::to_string(*seq)},
                 {"hash", base::to_hex(log::leaf_hash(**bytes))},
                 {"when", base::format_local(leaf->time)},
                 {"institution", in == nullptr ? Json(leaf->change.institution) : both(in->title)},
                 {"action", leaf->change.action},
                 {"record", leaf->change.record.substr(leaf->change.record.find('/') + 1)},
                 {"record_to", href_of(leaf->change.record)},
                 {"actor", leaf->actor.empty() ? both("以承诺代替", "committed") : Json(leaf->actor)},
                 {"body", body},
                 {"proof", items(std::move(hashes))},
                 {"note", head->checkpoint},
                 {"receipt", "/receipt/" + std::to_string(*seq)},
                 {"level", JsonObject{{"text", both("已入日志", "logged")}, {"tone", "good"}}}};
  if (*seq > 0) out["previous"] = "/log/" + std::to_string(*seq - 1);
  if (*seq + 1 < head->size) out["next"] = "/log/" + std::to_string(*seq + 1);
  model.as_object()["leaf"] = std::move(out);
  return render("leaf", model, request);
}

Response Portal::receipt(const Request& request) {
  const auto seq = number_of(request.parameter("index"));
  if (!seq)
    return refuse(base::refuse("EN-01", "没有此条目", "no such leaf", std::string(request.parameter("index"))), request);
  auto made = receipt_json(log::Tree::open, *seq);
  if (!made) return problem(made.trouble(), request);
  auto response = json(200, *made);
  response.header("content-disposition", "attachment; filename=\"receipt-" + std::to_string(*seq) + ".json\"");
  return response;
}

// The openings that the law lets the public have: of disclosed fields, and of a lot's offers once it is closed.
Response Portal::openings(const Request& request) {
  const auto seq = number_of(request.parameter("index"));
  auto connection = reader(store::Sight::open);
  auto bytes =
      seq ? connection->leaf(log::Tree::open, *seq) : base::Result<std::optional<std::string>>(std::optional<std::string>());
  if (!bytes || !*bytes)
    return problem(
        base::Trouble(base::refuse("EN-01", "没有此条目", "no such leaf", std::string(request.parameter("index")))),
        request);
  auto leaf = log::decode(**bytes);
  if (!leaf) return problem(leaf.trouble(), request);
  JsonArray list;
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
    auto found = cache.find(leaf->change.record);
    if (!found || *found == nullptr) return;
    const auto& record = **found;
    const bool closed = record.state != "announced" && record.state != "listed" && record.state != "frozen" &&
                        record.state != "opening" && record.state != "drawing";
    for (const auto& [path, commitment] : leaf->change.commit) {
      const bool offer = path == "bidder" && record.institution == "land-listing" && closed;
      if (!offer && record.disclosed.find(path) == nullptr) continue;
      auto secret = store_.secret(log::Tree::open, *seq, path);
      if (!secret || !*secret) continue;
      list.push_back(log::opening_json({path, (*secret)->salt, (*secret)->value}));
    }
  });
  return json(200, Json(std::move(list)));
}

Response Portal::checkpoint(const Request& request) {
  return cached(request, text(200, engine_.head(log::Tree::open)->checkpoint), "no-cache");
}

Response Portal::tile(const Request& request) {
  const auto name = log::parse_tile_path("tile/" + std::string(request.parameter("path")));
  const auto head = engine_.head(log::Tree::open);
  const auto missing = [&] {
    return problem(
        base::Trouble(base::refuse("EN-01", "没有此瓦片", "no such tile", std::string(request.parameter("path")))), request);
  };
  if (!name) return missing();
  const int width = log::tile_width(std::max(0, name->level), name->index, head->size);
  if (width < name->width) return missing();
  auto connection = reader(store::Sight::open);
  std::string body;
  if (name->level == log::k_entries) {
    auto leaves = connection->leaves(log::Tree::open, name->index * 256, static_cast<std::uint64_t>(name->width));
    if (!leaves) return problem(leaves.trouble(), request);
    for (const auto& leaf : *leaves) log::append_entry(body, leaf);
  } else if (width == 256) {
    auto held = connection->tile(log::Tree::open, name->level, name->index);
    if (!held || !*held) return missing();
    body.assign((*held)->begin(), (*held)->end());
    body.resize(static_cast<std::size_t>(name->width) * 32);
  } else {
    for (const auto& partial : head->frontier.partial_tiles()) {
      if (partial.level == name->level && partial.index == name->index)
        body.assign(partial.hashes.begin(), partial.hashes.end());
    }
    body.resize(static_cast<std::size_t>(name->width) * 32);
  }
  return cached(request, text(200, std::move(body), "application/octet-stream"), "public, max-age=31536000, immutable");
}

Response Portal::trust(const Request& request) {
  std::string policy = "log " + engine_.verifier_key() + "\nquorum none\n";
  return cached(request, text(200, std::move(policy)), "no-cache");
}

// By number: certificates and everything public that has one. For a land certificate the answer says state, never holder.
Response Portal::verify_page(const Request& request) {
  auto model = page(request, {"核验", "Verify"});
  const std::string query(request.query.get("q"));
  JsonObject verify{
      {"lead", both("证书、回执与公告都可以独立核验，不需要相信本网站。",
                    "Certificates, receipts and notices can be checked without trusting this site.")},
      {"query", JsonObject{{"action", "/verify"},
                           {"placeholder", both("证书编号或核验码", "Certificate number or verification code")}}},
      {"trust", "/policy"},
      {"save", "/assets/" + assets_->hashed("verify-page.html")}};
  if (!query.empty()) {
    verify["query"].as_object()["value"] = query;
    auto rows = reader(store::Sight::open)
                    ->query(
                        "SELECT id, state, doc FROM land_certificate_public WHERE certificate_no = ? OR check_code = ? OR "
                        "unit_code = ?",
                        {Json(query), Json(query), Json(query)});
    const auto* in = pack_.current("land-certificate");
    JsonObject found;
    if (rows && !rows->empty() && in != nullptr) {
      const auto& row = (*rows)[0];
      auto doc = base::parse_json(row[2].as_string(), base::Profile::any);
      const auto state = state_model(*in, row[1].as_string());
      const bool good = doc->text("state") == "in_force";
      found["verdict"] = JsonObject{{"text", state.at("text")}, {"tone", good ? "good" : "bad"}};
      found["title"] = std::string(doc->at("fields").text("certificate_no"));
      found["to"] = href_of(row[0].as_string());
      JsonArray fields;
      for (const auto* name : {"unit_code", "use", "area", "location", "term_to", "holder_name"}) {
        const auto* field = in->field(name);
        const auto* value = doc->at("fields").as_object().find(name);
        if (field == nullptr) continue;
        auto shown = field_model(*field, value, false);
        if (!shown.is_null()) fields.push_back(std::move(shown));
      }
      found["fields"] = std::move(fields);
    } else {
      found["verdict"] = JsonObject{{"text", both("查无此证", "Unknown")}, {"tone", "bad"}};
      found["title"] = query;
      found["to"] = "/verify";
      found["fields"] = JsonArray{JsonObject{{"name", "note"},
                                             {"label", both("说明", "Note")},
                                             {"text", both("本日志中没有此编号的证书；若持有此证，请核对编号或举报。",
                                                           "No certificate of this number stands in this log.")}}};
    }
    verify["found"] = std::move(found);
  }
  model.as_object()["verify"] = std::move(verify);
  return render("verify", model, request);
}

}  // namespace landglass::web
