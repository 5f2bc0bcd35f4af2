// Records of sealed institutions: whose they are, and which posts may read them; and files that a form or a machine hands
// in.
#include <algorithm>

#include "institution/sight.hpp"
#include "institution/verbs.hpp"
#include "log/leaf.hpp"
#include "log/receipt.hpp"
#include "log/tiles.hpp"
#include "watch/watch.hpp"
#include "web/act_titles.hpp"
#include "web/idempotency.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/problem.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Institution;

constexpr std::size_t k_related = 200;

namespace {

// Whether the sale of this lot is over, whatever became of it.
bool is_sold(engine::Cache& cache, std::string_view lot) {
  auto sale = cache.find(lot);
  if (lot.empty() || !sale || *sale == nullptr) return false;
  static constexpr std::string_view k_open[] = {"announced", "listed", "frozen", "drawing", "opening"};
  return std::find(std::begin(k_open), std::end(k_open), (*sale)->state) == std::end(k_open);
}

// Tiles of the sealed tree; on the sequencer's thread.
class SealedTiles final : public log::TileSource {
 public:
  explicit SealedTiles(store::Store& store) : store_(store) {}
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    LG_TRY(auto held, store_.tile(log::Tree::sealed, name.level, name.index));
    if (!held) return base::fail("a tile is not there: " + log::tile_path(name));
    return std::move(*held);
  }

 private:
  store::Store& store_;
};

// Who may act on a record sees it once its sale is closed: before that even an official must not know who applied.
bool acts_after_close(institution::Registry& registry, engine::Cache& cache, const institution::Record& record,
                      const std::string& actor, base::Time now) {
  if (!actor.starts_with("person/")) return false;
  const institution::Record held = record;  // looking further may let a clean record go
  if (!is_sold(cache, record.fields.text("lot"))) return false;
  const auto actions = registry.actions_of(held);
  return std::any_of(actions.begin(), actions.end(), [&](const institution::Action* action) {
    return static_cast<bool>(registry.may(held, *action, actor, "", now));
  });
}

}  // namespace

bool Portal::may_see(institution::Registry& registry, engine::Cache& cache, const Institution& in,
                     const institution::Record& record, const Request& request, base::Time now) {
  if (!request.caller) return false;
  if (record.fields.text("applicant") == request.caller->actor) return true;
  institution::Asking asking{request.caller->actor, {}};
  if (institution::kept_from(record, in, asking.actor)) return false;
  if (auto seats = registry.seats(asking.actor, base::date_of(now))) asking.seats = std::move(*seats);
  if (institution::reads_sealed(record, in, asking, base::date_of(now))) return true;
  return acts_after_close(registry, cache, record, request.caller->actor, now);
}

Portal::Sealed Portal::sealed(const Request& request, const Institution& in, const std::string& id) {
  Sealed out;
  if (!request.caller) return out;
  const auto now = clock_.now();
  std::vector<std::pair<const Institution*, JsonObject>> related;  // of out.related, to be called by
  struct Act {
    std::string actor;  // the post where there is one; empty: the machine
    std::uint64_t seq;
    log::Change change;
    bool his;
  };
  std::vector<Act> acts;  // of out.timeline
  Readable own;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    auto found = cache.find(id);
    if (!found || *found == nullptr) return;
    const institution::Record record = **found;  // looking further may let a clean record go
    if (!may_see(registry, cache, in, record, request, now)) return;
    out.doc = institution::save(record);
    institution::leave_readable(out.doc.as_object()["fields"].as_object(), record, in, asking(registry, request));
    for (const auto& field : in.fields) {
      if (field.type == "file" && (field.seen_by.empty() || institution::sees(record, in, field, asking(registry, request))))
        own.files.insert(field.name);
    }
    own.files.insert("attachment");
    const bool proved = may_prove(cache, in, record);
    TimelineTitles titles(in, out.timeline);
    for (auto seq = record.leaves.rbegin(); seq != record.leaves.rend(); ++seq) {
      const auto held = store_.leaves(log::Tree::sealed, *seq, 1);
      const auto leaf = held && !held->empty() ? log::decode(held->front()) : base::Result<log::Leaf>(base::fail("no leaf"));
      if (!leaf) continue;
      const log::Change* change = leaf->change.record == id ? &leaf->change : nullptr;
      for (const auto& effect : leaf->effects) {
        if (effect.record == id) change = &effect;
      }
      if (change == nullptr) continue;
      titles.came_before(*change);
      const bool machine = leaf->actor.empty() || leaf->actor == "system" || leaf->actor == "genesis";
      JsonObject item{{"when", base::format_local(leaf->time)},
                      {"iso", base::format_utc(leaf->time)},
                      {"label", both(action_title_in(in, change->action, change->state))},
                      {"actor", machine ? both("系统", "System") : Json()}};
      const auto post = change->outcome.text("post");
      acts.push_back({machine        ? std::string()
                      : post.empty() ? leaf->actor
                                     : std::string(post),
                      *seq, *change, leaf->actor == request.caller->actor && change == &leaf->change});
      if (proved) item["receipt"] = "/receipt/sealed/" + id + "/" + std::to_string(*seq);
      out.timeline.push_back(std::move(item));
      titles.pushed(*change);
    }
    for (const auto& fact : in.facts) {
      if (fact.kind != institution::FactKind::all) continue;
      const auto list = registry.fact(record, in, fact, nullptr, now);
      if (!list || list->items == nullptr) continue;
      JsonArray docs;
      for (const auto& item : *list->items) {
        const auto* other_id = item.member("id");
        if (other_id == nullptr || docs.size() == k_related) continue;
        auto other = cache.find(other_id->text_value);
        if (!other || *other == nullptr) continue;
        const institution::Record one = **other;
        const auto* of = registry.institution_of(one);
        if (of == nullptr || (of->sealed() && !may_see(registry, cache, *of, one, request, now))) continue;
        auto doc = institution::save(one);
        institution::leave_readable(doc.as_object()["fields"].as_object(), one, *of, asking(registry, request));
        out.related.push_back(JsonObject{{"institution", both(of->title)},
                                         {"title", number_of(one.id)},
                                         {"to", href_of(one.id)},
                                         {"state", state_model(*of, one.states())}});
        related.emplace_back(of, one.fields);
        docs.push_back(std::move(doc));
      }
      out.records[fact.name] = std::move(docs);
    }
  });
  auto names = this->names();
  if (const auto* fields = out.doc.at("fields").if_object()) names.told_by(*fields);
  for (std::size_t i = 0; i < acts.size(); ++i) {
    const auto& act = acts[i];
    auto& item = out.timeline[i].as_object();
    if (!act.actor.empty()) item["actor"] = both(names.shown(act.actor));
    const auto to = "/files/" + id + "/" + std::to_string(act.seq) + "/";
    const auto said = said_model(in, act.change, to, names, own, act.his);
    for (const auto& [name, part] : said.is_object() ? said.as_object() : JsonObject()) item[name] = part;
  }
  for (std::size_t i = 0; i < related.size(); ++i) {
    if (const auto name = names.of(*related[i].first, related[i].second); !name.empty())
      out.related[i].as_object()["title"] = both(name);
  }
  return out;
}

std::vector<std::string> Portal::lists_sealed(const Request& request, const Institution& in) {
  std::vector<std::string> regions;
  if (watch_ == nullptr || !request.caller || in.seen_by.empty()) return regions;
  engine_.inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto seats = registry.seats(request.caller->actor, base::date_of(clock_.now()));
    if (!seats) return;
    for (const auto& seat : *seats) {
      const bool named = std::any_of(seat.roles.begin(), seat.roles.end(), [&](const std::string& role) {
        return std::find(in.seen_by.begin(), in.seen_by.end(), role) != in.seen_by.end();
      });
      if (named) regions.push_back(seat.region);
    }
  });
  return regions;
}

base::Result<std::vector<store::Row>> Portal::sealed_rows(const Request& request, const Institution& in,
                                                          const std::string& state, const std::string& text, int offset,
                                                          int limit) {
  std::vector<store::Row> rows;
  const auto regions = lists_sealed(request, in);
  if (regions.empty()) return base::refuse("EN-01", "没有此登记簿", "no such register", in.name);
  LG_TRY(const auto ids, watch_->listed({in.name, regions, state, text, offset, limit}));
  const auto now = clock_.now();
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    for (const auto& id : ids) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const institution::Record record = **found;  // looking further may let a clean record go
      if (!may_see(registry, cache, in, record, request, now)) continue;
      rows.push_back(
          {Json(id), Json(record.states()), Json(base::canonical(institution::save(record))), Json(record.changed.ms)});
    }
  });
  return rows;
}

bool Portal::may_prove(engine::Cache& cache, const Institution& in, const institution::Record& record) {
  if (const auto lot = record.fields.text("lot"); !lot.empty()) return is_sold(cache, std::string(lot));
  const auto* state = in.main.find(record.state);
  return state != nullptr && state->final;
}

// GET /kept/{institution}/{key}/{field}: a value for programs (a proof of a balance), for whoever may read the record.
Response Portal::kept_value(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  const auto* field = in == nullptr ? nullptr : in->field(request.parameter("field"));
  Json value;
  if (field != nullptr && field->type == "json" && field->is_private && in->sealed()) {
    const auto seen = sealed(request, *in, id);
    if (seen.doc.is_object()) value = seen.doc.at("fields").at(field->name);
  }
  if (value.is_null()) return own_page(refuse(base::refuse("EN-01", "没有此文件", "no such file", id), request));
  auto response = text(200, base::canonical(value), "application/json; charset=utf-8");
  response.header("content-disposition", "attachment; filename=\"" + institution + "-" + field->name + ".json\"");
  return own_page(std::move(response));
}

// GET /receipt/sealed/{institution}/{key}/{index}: the receipt of a leaf of the sealed tree, for the one whose it is and the
// posts that may read the record; nobody else learns that there is such a leaf.
Response Portal::sealed_receipt(const Request& request) {
  const std::string institution(request.parameter("institution"));
  const std::string id = institution + "/" + std::string(request.parameter("key"));
  const auto* in = pack_.current(institution);
  const auto seq = log::parse_decimal(request.parameter("index"));
  base::Result<log::Receipt> made = base::refuse("EN-01", "没有此条目", "no such leaf", id);
  if (in != nullptr && in->sealed() && seq && request.caller) {
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto seen = [&](std::string_view name) -> std::optional<institution::Record> {
        auto found = cache.find(name);
        if (!found || *found == nullptr) return std::nullopt;
        institution::Record record = **found;  // looking further may let a clean record go
        const auto* of = registry.institution_of(record);
        if (of == nullptr || (of->sealed() && !may_see(registry, cache, *of, record, request, clock_.now())))
          return std::nullopt;
        return record;
      };
      const auto record = seen(id);
      if (!record || std::find(record->leaves.begin(), record->leaves.end(), *seq) == record->leaves.end()) return;
      if (!may_prove(cache, *in, *record)) {
        made = base::refuse("EN-02", "竞价结束、事项办结后提供回执：条目的序号会显出有多少申请",
                            "the receipt is given when the sale or the matter is over: a leaf's number would count the "
                            "applications before it",
                            id);
        return;
      }
      const auto held = store_.leaves(log::Tree::sealed, *seq, 1);
      if (!held || held->empty()) return;
      const auto leaf = log::decode(held->front());
      if (!leaf) return;
      // A leaf shows all of its records.
      if (!seen(leaf->change.record)) return;
      for (const auto& effect : leaf->effects) {
        if (!seen(effect.record)) return;
      }
      log::Receipt receipt;
      receipt.leaf = held->front();
      receipt.proof.index = *seq;
      const auto head = engine_.head(log::Tree::sealed);
      SealedTiles tiles(store_);
      auto proof = head->frontier.inclusion(*seq, &tiles);
      if (!proof) {
        made = proof.trouble();
        return;
      }
      receipt.proof.proof = std::move(*proof);
      receipt.proof.checkpoint = head->checkpoint;
      // What he may read on the record's page he may also show: its openings go along.
      if (leaf->change.record == id) {
        for (const auto& [path, commitment] : leaf->change.commit) {
          auto secret = store_.secret(log::Tree::sealed, *seq, path);
          if (secret && *secret) receipt.openings.push_back({path, (*secret)->salt, (*secret)->value});
        }
      }
      made = std::move(receipt);
    });
  }
  if (!made) return own_page(refuse(made.trouble(), request));
  auto body = base::parse_json(made->format(), base::Profile::any);
  if (!body) return problem(body.trouble(), request);
  auto response = json(200, *body);
  response.header("content-disposition", "attachment; filename=\"receipt-sealed-" + std::to_string(*seq) + ".json\"");
  return own_page(std::move(response));
}

// POST /wishes/{key}: in an inquiry the bidder says that he goes on. It leaves no public trace before the close.
void Portal::wish(Request request, Respond respond) {
  const auto form = parse_form(request);
  if (!form) return respond(refuse(form.trouble(), request));
  const std::string lot = "land-listing/" + std::string(request.parameter("key"));
  engine::Command command;
  command.id = Idempotency::command_id(request.caller->actor, form->get("command"), true);
  command.record = lot;
  command.action = "wish";
  command.actor = request.caller->actor;
  engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
    command.fields["application"] = application_of(registry, cache, lot, request.caller->actor);
  });
  this->command(std::move(command), request, std::move(respond), false);
}

base::Result<std::string> Portal::keep_for(const Request& request, std::string_view bytes) {
  LG_CHECK(file_quota_.draw(request.caller->login, static_cast<std::int64_t>(bytes.size()), clock_.now()));
  return store_.await_file(bytes, request.caller->actor);
}

// A file that waits begins to wait anew, so that it is not purged under the act that is about to cite it. Digests are
// public: who has not handed in the bytes himself may not cite them, or he would open by his own record what he may not
// read.
base::Status Portal::hold_files(const institution::Institution& in, const JsonObject& fields,
                                const std::string& actor) const {
  for (const auto& [name, value] : fields) {
    const auto* field = institution::given_field(in, name);
    const auto* hash = value.if_string();
    if (field == nullptr || field->type != "file" || hash == nullptr || hash->size() != 64) continue;
    if (!store_.hold_file(*hash) || !store_.handed_in(*hash, actor))
      return base::refuse("FILE-02", "本站没有您上传的此文件：从未由您上传，或上传后久未引用已被清除，请您上传",
                          "you have not handed in this file here, or it waited too long for an act: hand it in", name);
  }
  return base::Done{};
}

// POST /api/files: the bytes; answers the hash that a field of type file may then be given.
Response Portal::keep_file(const Request& request) {
  if (request.body.empty()) return problem(base::refuse("FILE-01", "文件为空", "the file is empty", "body"), request);
  auto hash = keep_for(request, request.body);
  if (!hash) return problem(hash.trouble(), request);
  return json(201, Json(JsonObject{{"hash", *hash}, {"bytes", static_cast<std::int64_t>(request.body.size())}}));
}

}  // namespace landglass::web
