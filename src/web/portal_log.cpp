// The log for people and for programs: explorer, leaves with proofs, receipts, tiles and the verifier.
#include <algorithm>

#include "base/crypto.hpp"
#include "log/receipt.hpp"
#include "log/tiles.hpp"
#include "web/act_titles.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/reader_tiles.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;

namespace {

constexpr std::uint64_t k_leaves_a_page = 40;

std::optional<std::uint64_t> index_in(std::string_view text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

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
  if (const auto wanted = index_in(request.query.get("q")); wanted && *wanted < head->size)
    return redirect("/log/" + std::to_string(*wanted));
  auto model = page(request, {"日志", "The log"});
  const auto last = index_in(request.query.get("before")).value_or(head->size);
  const auto end = std::min(last, head->size);
  const auto from = end > k_leaves_a_page ? end - k_leaves_a_page : 0;
  auto connection = reader(store::Sight::open);
  auto leaves = connection->leaves(log::Tree::open, from, end - from);
  if (!leaves) return refuse(leaves.trouble(), request);
  JsonArray rows;
  for (std::size_t i = leaves->size(); i-- > 0;) {
    auto leaf = log::decode((*leaves)[i]);
    if (!leaf) continue;
    const auto index = std::to_string(from + i);
    const auto* in = pack_.current(leaf->change.institution);
    rows.push_back(
        JsonObject{{"index", index},
                   {"to", "/log/" + index},
                   {"when", base::format_local(leaf->time)},
                   {"institution", in == nullptr ? Json(leaf->change.institution) : both(in->title)},
                   {"action", in == nullptr ? Json(leaf->change.action)
                                            : both(action_title_in(*in, leaf->change.action, leaf->change.state))},
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
  if (end < head->size) paging["previous"] = "/log?before=" + std::to_string(std::min(head->size, end + k_leaves_a_page));
  if (from > 0) paging["next"] = "/log?before=" + std::to_string(from);
  out["paging"] = std::move(paging);
  if (auto seen = witnesses_panel(); !seen.is_null()) out["witnesses"] = std::move(seen);
  out["files"] = items(JsonArray{JsonObject{{"label", both("检查点", "Checkpoint")}, {"to", "/checkpoint"}},
                                 JsonObject{{"label", both("信任文件", "Trust file")}, {"to", "/policy"}}});
  model.as_object()["log"] = std::move(out);
  return render("log", model, request);
}

Response Portal::leaf_page(const Request& request) {
  const auto seq = index_in(request.parameter("index"));
  const auto newest = engine_.head(log::Tree::open);
  if (!seq || *seq >= newest->size)
    return refuse(base::refuse("EN-01", "没有此条目", "no such leaf", std::string(request.parameter("index"))), request);
  // The best proof there is: under a checkpoint that witnesses have cosigned, where one covers the leaf.
  const auto cosigned = witnessed_head();
  const auto head = cosigned != nullptr && *seq < cosigned->size ? cosigned : newest;
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
                 {"action", in == nullptr ? Json(leaf->change.action)
                                          : both(action_title_in(*in, leaf->change.action, leaf->change.state))},
                 {"record", leaf->change.record.substr(leaf->change.record.find('/') + 1)},
                 {"record_to", href_of(leaf->change.record)},
                 {"actor", leaf->actor.empty() ? both("以承诺代替", "committed") : Json(leaf->actor)},
                 {"body", body},
                 {"proof", items(std::move(hashes))},
                 {"note", head->checkpoint},
                 {"receipt", "/receipt/" + std::to_string(*seq)},
                 {"level", level_model(*seq)}};
  const auto post = leaf->change.outcome.text("post");
  if (leaf->actor == "system" || leaf->actor == "genesis") {
    out["called"] = both("系统", "System");
  } else if (const auto called = names().of(post.empty() ? std::string_view(leaf->actor) : post); !called.empty()) {
    out["called"] = both(called);
  }
  if (*seq > 0) out["previous"] = "/log/" + std::to_string(*seq - 1);
  if (*seq + 1 < newest->size) out["next"] = "/log/" + std::to_string(*seq + 1);
  model.as_object()["leaf"] = std::move(out);
  return render("leaf", model, request);
}

// The openings that the law lets the public have: of disclosed fields, and of a lot's offers once it is closed.
Response Portal::openings(const Request& request) {
  const auto seq = index_in(request.parameter("index"));
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
      const bool of_sale = path == "bidder" || path == "wishes" || path == "joined" || path == "bidders";
      const bool offer = of_sale && record.institution == "land-listing" && closed;
      if (!offer && record.disclosed.find(path) == nullptr) continue;
      auto secret = store_.secret(log::Tree::open, *seq, path);
      if (!secret || !*secret) continue;
      list.push_back(log::opening_json({path, (*secret)->salt, (*secret)->value}));
    }
  });
  return json(200, Json(std::move(list)));
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

}  // namespace landglass::web
