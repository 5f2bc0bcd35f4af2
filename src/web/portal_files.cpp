// Files that acts handed in: the log holds their digests, the vault their bytes. Who may open one is asked of
// institution/sight.hpp, and who handed it in may.
#include <algorithm>

#include "base/crypto.hpp"
#include "institution/sight.hpp"
#include "institution/signed_act.hpp"
#include "institution/verbs.hpp"
#include "log/leaf.hpp"
#include "log/tiles.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Field;
using institution::Institution;

namespace {

constexpr std::size_t k_digits = 64;

struct FileKind {
  std::string_view begins;
  std::string_view extension;
};
// By what the file begins with, for its name alone: no browser is told to open it.
constexpr FileKind k_file_kinds[] = {
    {"%PDF-", "pdf"}, {"\x89PNG\r\n", "png"}, {"\xFF\xD8\xFF", "jpg"}, {"PK\x03\x04", "zip"}, {"<?xml", "xml"}};

std::string_view extension_of(std::string_view bytes) {
  for (const auto& kind : k_file_kinds) {
    if (bytes.starts_with(kind.begins)) return kind.extension;
  }
  const auto head = bytes.substr(0, 4096);
  const bool is_text = std::all_of(head.begin(), head.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x20 || c == '\n' || c == '\r' || c == '\t';
  });
  return is_text ? "txt" : "bin";
}

// Whether the act asks for this field: what an act copies from elsewhere its actor has not handed in.
bool gives(const Institution& in, const log::Change& change, std::string_view field) {
  const auto* action = institution::find_action(in, change.action);
  return action != nullptr && std::find(action->give.begin(), action->give.end(), field) != action->give.end();
}

// What one act did to a record; null where it did nothing. `at` becomes the path of its commitments.
const log::Change* change_of(const log::Leaf& leaf, std::string_view record, std::string& at) {
  const log::Change* change = leaf.change.record == record ? &leaf.change : nullptr;
  for (std::size_t i = 0; i < leaf.effects.size(); ++i) {
    if (leaf.effects[i].record != record) continue;
    change = &leaf.effects[i];
    at = "effects/" + std::to_string(i) + "/";
  }
  return change;
}

}  // namespace

Json Portal::file_model(const Field& field, const Json& value, const std::string& to, bool opens) {
  const auto* hash = value.if_string();
  if (hash == nullptr || hash->size() != k_digits) return field_model(field, &value, true);
  JsonObject model{{"name", field.name}, {"label", both(field.title)}};
  if (opens && store_.hold_file(*hash)) {
    model["files"] = items(JsonArray{JsonObject{{"label", both("下载", "Download")}, {"to", to}, {"hash", *hash}}});
    return model;
  }
  model["digest"] = *hash;
  model["sub"] = opens ? both("本站没有此文件的内容，只有其摘要", "Only its digest is kept here, not the file")
                       : both("内容不公开，公开的是摘要", "The file is not public, its digest is");
  return model;
}

Json Portal::said_model(const Institution& in, const log::Change& change, const std::string& to, Names& names,
                        const Readable& own, bool his) {
  Text said;
  const auto add = [&](const Field& field, const Text& text) {
    if (text.zh.empty()) return;
    said.zh += (said.zh.empty() ? "" : "；") + field.title.zh + "：" + text.zh;
    said.en += (said.en.empty() ? "" : "; ") + field.title.en + ": " + text.en;
  };
  JsonArray files;
  const auto hand = [&](const Field& field, const Json& value) {
    const auto* hash = value.if_string();
    if (hash == nullptr || hash->size() != k_digits) return;
    const auto digits = hash->substr(0, 12) + "…";
    const bool may = (his && gives(in, change, field.name)) || own.files.contains(field.name);
    if (may && store_.hold_file(*hash)) {
      files.push_back(JsonObject{{"label", both(field.title)}, {"to", to + field.name}, {"hash", digits}});
    } else {
      add(field, may ? Text{digits + "（本站只有摘要）", digits + " (only its digest is kept here)"}
                     : Text{digits + "（内容不公开）", digits + " (the file is not public)"});
    }
  };
  const auto* words = change.outcome.at("words").if_object();
  for (const auto& [name, value] : words == nullptr ? JsonObject() : *words) {
    const auto* field = institution::given_field(in, name);
    if (field == nullptr || value.is_null()) continue;
    if (field->type == "file") {
      hand(*field, value);
    } else if (const auto* id = value.if_string(); id != nullptr && names_a_record(pack_, *id)) {
      add(*field, names.shown(*id));
    } else {
      add(*field, show_value(*field, value, pack_));
    }
  }
  for (const auto& field : in.fields) {
    if (field.type != "file") continue;
    if (const auto* value = change.set.find(field.name)) hand(field, *value);
  }
  JsonObject out;
  if (!said.empty()) out["text"] = both(said);
  if (!files.empty()) out["files"] = items(std::move(files));
  return out.empty() ? Json() : Json(std::move(out));
}

// The bytes, as a file to keep and never as a page of this site.
Response Portal::file_response(const std::string& hash, const std::string& name, const Request& request) {
  const auto bytes = store_.file(hash);
  if (!bytes) return own_page(refuse(bytes.trouble(), request));
  auto response = text(200, *bytes, "application/octet-stream");
  auto called = name + "-" + hash.substr(0, 12) + "." + std::string(extension_of(*bytes));
  std::replace(called.begin(), called.end(), '/', '-');
  response.header("content-disposition", "attachment; filename=\"" + called + "\"");
  response.header("landglass-sha256", hash);
  return own_page(std::move(response));
}

namespace {

base::Refusal not_open(const institution::Pack& pack, std::string_view field) {
  return base::refuse("FILE-03", "此文件不公开，您的岗位不能查阅；公开的是它的摘要",
                      "this file is not public and not for your post to read: its digest is public", std::string(field),
                      pack.cite({"disclosure-regulations", {"15"}}));
}

}  // namespace

// GET /files/{institution}/{key}/{field}: what the field holds now.
Response Portal::file_of_record(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  const auto* field = in == nullptr ? nullptr : in->field(request.parameter("field"));
  std::string hash;
  bool open = false;
  if (field != nullptr && field->type == "file") {
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) return;
      const institution::Record record = **found;  // looking further may let a clean record go
      const auto asking = this->asking(registry, request);
      if (in->sealed()) {
        open = may_see(registry, cache, *in, record, request, clock_.now()) &&
               (field->seen_by.empty() || institution::sees(record, *in, *field, asking));
        if (!open) return;
      } else {
        open = institution::opens(record, *in, *field, asking);
        if (!open && field->is_private) return;
      }
      hash = record.fields.text(field->name);
    });
  }
  if (hash.size() != k_digits)
    return own_page(refuse(base::refuse("EN-01", "没有此文件", "no such file", std::string(id)), request));
  if (!open) return own_page(refuse(not_open(pack_, field->name), request));
  return file_response(hash, id + "-" + field->name, request);
}

// GET /files/{institution}/{key}/{leaf}/{field}: what one act gave, as a field of the record or as a word of its verb.
Response Portal::file_of_act(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  const auto* field = in == nullptr ? nullptr : institution::given_field(*in, request.parameter("field"));
  const auto seq = log::parse_decimal(request.parameter("leaf"));
  std::string hash;
  bool open = false;
  if (field != nullptr && field->type == "file" && seq) {
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) return;
      const institution::Record record = **found;  // looking further may let a clean record go
      const auto& leaves = record.leaves;
      if (in->sealed() && !may_see(registry, cache, *in, record, request, clock_.now())) return;
      if (std::find(leaves.begin(), leaves.end(), *seq) == leaves.end()) return;
      const auto held = store_.leaves(record.tree, *seq, 1);
      const auto leaf = held && !held->empty() ? log::decode(held->front()) : base::Result<log::Leaf>(base::fail("no leaf"));
      if (!leaf) return;
      std::string at;
      const auto* change = change_of(*leaf, id, at);
      if (change == nullptr) return;
      const auto asking = this->asking(registry, request);
      const bool his = request.caller && leaf->actor == request.caller->actor && change == &leaf->change &&
                       gives(*in, *change, field->name);
      open = his || (in->sealed() ? field->seen_by.empty() || institution::sees(record, *in, *field, asking)
                                  : institution::opens(record, *in, *field, asking));
      if (!open && (in->sealed() || field->is_private)) return;
      hash = change->set.text(field->name);
      if (hash.empty()) hash = change->outcome.at("words").text(field->name);
      if (hash.empty() && change->commit.find(field->name) != nullptr) {
        const auto secret = store_.secret(record.tree, *seq, at + field->name);
        const auto* value = secret && *secret ? (*secret)->value.if_string() : nullptr;
        if (value != nullptr) hash = *value;
      }
    });
  }
  if (hash.size() != k_digits)
    return own_page(refuse(base::refuse("EN-01", "没有此文件", "no such file", std::string(id)), request));
  if (!open) return own_page(refuse(not_open(pack_, field->name), request));
  return file_response(hash, id + "-" + std::to_string(*seq) + "-" + field->name, request);
}

}  // namespace landglass::web
