#include "watch/watch.hpp"

#include <algorithm>
#include <future>

#include "engine/columns.hpp"
#include "log/command_id.hpp"
#include "log/leaf.hpp"
#include "watch/proposed.hpp"

namespace landglass::watch {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;
using base::Status;
using engine::Cache;
using engine::Command;
using institution::Record;
using institution::Registry;

namespace {

constexpr std::size_t k_at_once = 200;  // records looked at between two batches of the sequencer
constexpr std::int64_t k_again = base::k_minute;
constexpr auto k_rest = std::chrono::milliseconds(500);

std::string fresh_id(std::string_view what, const std::string& a, const std::string& b) {
  const Json source(JsonArray{"watch", what, a, b});
  return log::command_id(std::nullopt, base::sha256(base::as_bytes(base::canonical(source))));
}

std::string filled(std::string text, const JsonObject& found) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open)) {
    const auto close = text.find('}', open);
    if (close == std::string::npos) break;
    const auto* value = found.find(text.substr(open + 1, close - open - 1));
    const auto shown = value == nullptr || value->is_null() ? std::string("—")
                       : value->is_string()                 ? value->as_string()
                                                            : base::canonical(*value);
    text.replace(open, close - open + 1, shown);
    open += shown.size();
  }
  return text;
}

bool is_open(std::string_view state) { return state == "raised" || state == "unanswered" || state == "answered"; }

}  // namespace

Result<std::unique_ptr<Watch>> Watch::open(engine::Engine& engine, store::Store& store, const institution::Pack& pack,
                                           base::Clock& clock, bool silent) {
  std::unique_ptr<Watch> watch(new Watch(engine, store, pack, clock, silent));
  LG_CHECK(watch->take_rules());
  // A rule that is proposed must run beside the others: asked on the sequencer's thread, also when this watch is gone.
  engine.read_rules_with([&pack](const auto& proposed, const auto& files) { return read_proposed(proposed, files, pack); });
  // A copy of what is listened to: the listener runs on the sequencer's thread and may outlive the watch.
  engine.listen([inbox = watch->inbox_, heard = watch->heard_](const std::vector<engine::Published>& events) {
    const std::scoped_lock lock(heard->mutex);
    for (const auto& event : events) {
      const auto found = heard->acts.find(event.institution);
      if (found == heard->acts.end()) continue;
      // What a behaviour keeps to itself, each offer of a lot, touches no rule unless one names it.
      const bool own = event.outcome.find("own") != nullptr;
      if (!found->second.some.contains(event.action) && (own || !found->second.all)) continue;
      inbox->put({event.institution, event.action, event.record});
    }
  });
  return watch;
}

Status Watch::take_rules() {
  rules_version_ = engine_.rules_version();  // before: what is put in force meanwhile is taken next time
  LG_TRY(auto rules, load_rules(engine_.rules(), pack_));
  std::erase_if(rules, [](const Rule& rule) { return rule.off; });
  if (pack_.current(k_warning) == nullptr) rules.clear();
  LG_TRY(auto reader, store::rule_reader(store_));
  LG_TRY(auto book, RuleBook::open(std::move(rules), pack_, std::move(reader)));
  lights_.reset();  // it reads by the book's connection
  book_ = std::move(book);
  lights_ = std::make_unique<Lights>(pack_, book_->reader(), [this](Command command) { return tell(std::move(command)); });
  std::map<std::string, Heard::Acts, std::less<>> acts;
  for (const auto* in : pack_.all()) {
    acts[in->name].all = lights_->listens(in->name) || book_->holds(in->name) || in->name == k_warning || in->name == k_card;
  }
  for (const auto& rule : book_->rules()) {
    for (const auto& touch : rule.touched_by) {
      auto& one = acts[touch.institution];
      if (touch.actions.empty()) one.all = true;
      one.some.insert(touch.actions.begin(), touch.actions.end());
    }
  }
  {
    const std::scoped_lock lock(heard_->mutex);
    heard_->acts = std::move(acts);
  }
  const std::scoped_lock lock(shown_mutex_);
  shown_ = std::make_shared<const std::vector<Rule>>(book_->rules());
  return base::Done{};
}

std::shared_ptr<const std::vector<Rule>> Watch::rules() const {
  const std::scoped_lock lock(shown_mutex_);
  return shown_;
}

Watch::~Watch() { stop(); }

void Watch::run() {
  thread_ = std::thread([this] {
    const auto told = [](const Status& status) {
      if (!status) std::fprintf(stderr, "landglass: the watch: %s\n", base::explain(status.trouble()).c_str());
    };
    while (engine_.halted()) {
      if (!inbox_->wait(k_rest)) return;
    }
    told(begin());
    while (inbox_->wait(k_rest)) {
      answer_questions();
      told(round(inbox_->take()));
    }
    answer_questions();
  });
}

void Watch::stop() {
  inbox_->stop();
  if (thread_.joinable()) thread_.join();
}

void Watch::answer_questions() {
  for (const auto& question : inbox_->questions()) question();
}

// On the watch's own thread, whose connection it is.
Watch::Ids Watch::answered(const std::function<Ids()>& look) {
  if (!thread_.joinable()) return look();
  std::promise<Ids> promise;
  auto answer = promise.get_future();
  if (!inbox_->ask([&] { promise.set_value(look()); })) return base::fail("the watch has stopped", true);
  return answer.get();
}

Watch::Ids Watch::listed(const Asked& asked) {
  return answered([&] { return look_up(asked); });
}

Watch::Ids Watch::own(const std::string& actor, std::size_t limit) {
  return answered([&] { return look_up_own(actor, limit); });
}

Watch::Ids Watch::look_up_own(const std::string& actor, std::size_t limit) {
  std::vector<std::pair<std::int64_t, std::string>> found;
  for (const auto* in : pack_.all()) {
    if (!in->sealed() || !book_->holds(in->name)) continue;
    std::string where;
    std::vector<Json> bind;
    for (const auto& who : in->seen_by) {
      const auto* field = who.starts_with('@') ? in->field(who.substr(1)) : nullptr;
      if (field == nullptr || field->type != "ref") continue;
      where += (where.empty() ? "" : " OR ") + engine::column_name(*field) + " = ?";
      bind.emplace_back(actor);
    }
    if (where.empty()) continue;
    LG_TRY(const auto rows, book_->reader().query("SELECT id, changed FROM \"" + Cache::table_of(in->name) + "\" WHERE " +
                                                      where + " ORDER BY changed DESC, id LIMIT " + std::to_string(limit),
                                                  bind));
    for (const auto& row : rows) found.emplace_back(row[1].as_int(), row[0].as_string());
  }
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first != b.first ? a.first > b.first : a.second < b.second; });
  if (found.size() > limit) found.resize(limit);
  std::vector<std::string> ids;
  for (auto& one : found) ids.push_back(std::move(one.second));
  return ids;
}

Result<std::vector<std::string>> Watch::look_up(const Asked& asked) {
  const auto* in = pack_.current(asked.institution);
  if (in == nullptr || !in->sealed() || !book_->holds(asked.institution))
    return base::refuse("EN-01", "没有此登记簿", "no such register", asked.institution);
  std::vector<Json> bind;
  auto where = " WHERE 1 = 1" + engine::in_divisions(*in, asked.regions, bind);
  if (in->main.find(asked.state) != nullptr) where += engine::in_state(*in, asked.state, bind);
  if (!asked.text.empty()) {
    where += " AND (id LIKE ?";
    bind.emplace_back("%" + asked.text + "%");
    for (const auto& field : in->fields) {
      if (field.type != "text" || field.is_private || field.locked) continue;
      where += " OR \"" + field.name + "\" LIKE ?";
      bind.emplace_back("%" + asked.text + "%");
    }
    where += ")";
  }
  LG_TRY(const auto rows, book_->reader().query("SELECT id FROM \"" + Cache::table_of(in->name) + "\"" + where +
                                                    " ORDER BY changed DESC, id LIMIT " + std::to_string(asked.limit) +
                                                    " OFFSET " + std::to_string(asked.offset),
                                                bind));
  std::vector<std::string> ids;
  ids.reserve(rows.size());
  for (const auto& row : rows) ids.push_back(row[0].as_string());
  return ids;
}

// The ids of sealed records stand in the leaves of the sealed tree and nowhere else.
Status Watch::load_sealed() {
  LG_TRY(const auto reader, store_.reader(store::Sight::internal));
  std::unordered_set<std::string> ids;
  const auto wanted = [&](const log::Change& change) {
    if (book_->holds(change.institution) || change.institution == k_warning) ids.insert(change.record);
  };
  const auto head = engine_.head(log::Tree::sealed);
  for (std::uint64_t from = 0; head && from < head->size;) {
    LG_TRY(const auto leaves, reader->leaves(log::Tree::sealed, from, 1'000));
    if (leaves.empty()) break;
    for (const auto& bytes : leaves) {
      LG_TRY(const auto leaf, log::decode(bytes));
      wanted(leaf.change);
      for (const auto& effect : leaf.effects) wanted(effect);
    }
    from += leaves.size();
  }
  LG_CHECK(take_over({ids.begin(), ids.end()}));
  for (const auto* in : book_->behaving()) {
    const auto sql = "SELECT id FROM \"" + Cache::table_of(in->name) + "\" WHERE id > ? ORDER BY id LIMIT 1000";
    for (std::string after;;) {
      LG_TRY(const auto rows, book_->reader().query(sql, {Json(after)}));
      std::vector<std::string> page;
      for (const auto& row : rows) page.push_back(row[0].as_string());
      LG_CHECK(take_over(page));
      if (page.size() < 1'000) break;
      after = page.back();
    }
  }
  return base::Done{};
}

// Sealed records as they now are: into the tables beside, and warnings into what stands.
Status Watch::take_over(const std::vector<std::string>& records) {
  struct Taken {
    const institution::Institution* in;
    std::string id, state;
    base::Time changed;
    JsonObject fields;
    Json behaviour;
  };
  for (std::size_t from = 0; from < records.size(); from += k_at_once) {
    std::vector<Taken> taken;
    engine_.inspect([&](Registry&, Cache& cache) {
      for (std::size_t i = from; i < std::min(records.size(), from + k_at_once); ++i) {
        const auto found = cache.find(records[i]);
        if (!found || *found == nullptr) continue;
        const auto& record = **found;
        taken.push_back(
            {pack_.current(record.institution), record.id, record.states(), record.changed, record.fields,
             record.behaviour && book_->reads_behaviour(record.institution) ? record.behaviour->save() : Json()});
      }
    });
    for (const auto& one : taken) {
      if (one.in == nullptr) continue;
      if (one.in->name == k_warning) {
        auto& list = standing_[{std::string(one.fields.text("code")), std::string(one.fields.text("subject"))}];
        const auto known = std::find_if(list.begin(), list.end(), [&](const Known& other) { return other.id == one.id; });
        if (known == list.end()) {
          list.push_back({one.id, one.state, std::string(one.fields.text("digest"))});
        } else {
          known->state = one.state;
        }
      }
      if (book_->reads_behaviour(one.in->name)) LG_CHECK(book_->put_behaviour(*one.in, one.id, one.changed, one.behaviour));
      if (book_->holds(one.in->name)) LG_CHECK(book_->put(*one.in, one.id, one.state, one.changed, one.fields));
    }
  }
  return base::Done{};
}

Status Watch::begin() {
  const auto now = clock_.now();
  seen_ = base::date_of(now);
  again_.reset();
  LG_CHECK(load_sealed());
  planned_.clear();
  due_.clear();
  findings_.clear();
  LG_CHECK(book_->all(now, [&](const Place& place, std::optional<Finding> finding) -> Status {
    answer_questions();
    LG_TRY(const auto again, book_->recheck(place, now));
    plan(place, again);
    if (finding) findings_.emplace(place, *finding);
    return judge(place, finding);
  }));
  LG_CHECK(lights_->begin(now));
  gauges_->ready.store(true);
  return base::Done{};
}

Status Watch::settle() {
  if (!gauges_->ready.load()) LG_CHECK(begin());
  for (int i = 0; i < 10'000; ++i) {
    auto taken = inbox_->take();
    const auto due = next();
    const bool same = rules_version_ == engine_.rules_version();
    if (taken.events.empty() && !taken.all && same && !(due && *due <= clock_.now())) return base::Done{};
    LG_CHECK(round(std::move(taken)));
  }
  return base::fail("the watch does not come to rest");
}

std::optional<base::Time> Watch::next() const {
  auto first = lights_->next();
  if (!due_.empty() && (!first || due_.begin()->first < *first)) first = due_.begin()->first;
  return first;
}

Status Watch::round(Inbox::Taken taken) {
  const auto started = std::chrono::steady_clock::now();
  const auto now = clock_.now();
  const auto today = base::date_of(now);
  if (rules_version_ != engine_.rules_version()) {
    LG_CHECK(take_rules());
    return begin();
  }
  // A threshold that came into force since: its rule is asked about everything.
  bool all = taken.all;
  for (const auto& rule : book_->rules()) {
    for (const auto& threshold : rule.thresholds) {
      for (const auto& value : threshold.values) all = all || (value.from && *value.from > seen_ && *value.from <= today);
    }
  }
  seen_ = std::max(seen_, today);
  if (all || (again_ && *again_ <= now)) return begin();
  std::set<Place> places;
  std::set<std::string> sealed, matters, cards;
  for (const auto& event : taken.events) {
    if (book_->holds(event.institution) || event.institution == k_warning || book_->reads_behaviour(event.institution))
      sealed.insert(event.record);
    if (event.institution == k_card) cards.insert(event.record);
    if (lights_->listens(event.institution)) matters.insert(event.record);
  }
  LG_CHECK(take_over({sealed.begin(), sealed.end()}));
  std::set<std::tuple<std::string, std::string, std::string>> seen;  // a hundred acts on one record are one question
  for (const auto& event : taken.events) {
    if (!book_->listens(event.institution, event.action)) continue;
    if (!seen.emplace(event.institution, event.action, event.record).second) continue;
    LG_TRY(auto touched, book_->touched(event.institution, event.action, event.record));
    places.merge(touched);
  }
  while (!due_.empty() && due_.begin()->first <= now) {
    places.insert(due_.begin()->second);
    plan(due_.begin()->second, std::nullopt);
  }
  for (const auto& place : places) LG_CHECK(look_at(place, now));
  for (const auto& card : cards) LG_CHECK(lights_->follow_card(card));
  for (const auto& record : matters) LG_CHECK(lights_->look(record, now));
  LG_CHECK(lights_->due(now));
  const auto took = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - started).count());
  gauges_->events.fetch_add(taken.events.size());
  gauges_->busy_us.fetch_add(took);
  if (took > gauges_->longest_us.load()) gauges_->longest_us.store(took);
  return base::Done{};
}

Status Watch::look_at(const Place& place, base::Time now) {
  LG_TRY(auto finding, book_->look(place, now));
  LG_TRY(const auto again, book_->recheck(place, now));
  plan(place, again);
  gauges_->looks.fetch_add(1);
  LG_CHECK(judge(place, finding));
  if (finding) {
    findings_.insert_or_assign(place, *std::move(finding));
  } else {
    findings_.erase(place);
  }
  return base::Done{};
}

void Watch::plan(const Place& place, std::optional<base::Time> at) {
  if (const auto held = planned_.find(place); held != planned_.end()) {
    due_.erase({held->second, place});
    planned_.erase(held);
  }
  if (!at) return;
  planned_.emplace(place, *at);
  due_.emplace(*at, place);
}

// What should stand against what stands. A warning that was dismissed, or became a case, answers for what it looked at:
// the same finding raises no second one, another does.
Status Watch::judge(const Place& place, const std::optional<Finding>& finding) {
  if (silent_) return base::Done{};
  const auto& rule = book_->rules()[place.rule];
  const std::pair key{rule.code, place.subject};
  const auto known = standing_.find(key);
  if (!finding) {
    if (known == standing_.end()) return base::Done{};
    const auto list = known->second;
    for (const auto& one : list) {
      if (!is_open(one.state)) continue;
      Command command;
      command.actor = "system";
      command.record = one.id;
      command.action = "clear";
      LG_CHECK(tell(std::move(command)));
      gauges_->cleared.fetch_add(1);
    }
    return base::Done{};
  }
  JsonArray evidence;
  for (const auto& id : finding->evidence) evidence.emplace_back(id);
  const Json what(JsonArray{rule.code, place.subject, finding->found, std::move(evidence)});
  const auto digest = base::to_hex(base::sha256(base::as_bytes(base::canonical(what))));
  std::size_t before = 0;
  if (known != standing_.end()) {
    for (const auto& one : known->second) {
      if (is_open(one.state)) return base::Done{};
      if (one.state != "cleared" && one.digest == digest) return base::Done{};
    }
    before = known->second.size();
  }
  return raise(place, *finding, digest, before);
}

Status Watch::raise(const Place& place, const Finding& finding, const std::string& digest, std::size_t before) {
  Command command;
  command.id = fresh_id("raise", digest, std::to_string(before));
  command.actor = "system";
  command.institution = k_warning;
  LG_TRY(command.fields, said(place, finding, digest));
  const auto raised = gauges_->refused.load();
  LG_CHECK(tell(std::move(command)));
  if (gauges_->refused.load() == raised) gauges_->raised.fetch_add(1);
  return base::Done{};
}

// Who acted on the records of the finding and the newest leaf of each; and the office that is asked: whose turn it is with
// the subject, else whose it was to begin it.
Result<JsonObject> Watch::said(const Place& place, const Finding& finding, const std::string& digest) {
  const auto& rule = book_->rules()[place.rule];
  JsonObject fields{{"code", rule.code},
                    {"rule", rule.name},
                    {"rule_file", rule.hash},
                    {"rule_title", rule.title.zh + " // " + rule.title.en},
                    {"said", filled(rule.say.zh, finding.found) + " // " + filled(rule.say.en, finding.found)},
                    {"clears", rule.clears.zh + " // " + rule.clears.en},
                    {"law", pack_.cite(rule.law)},
                    {"severity", rule.severity},
                    {"missing", rule.missing},
                    {"subject", place.subject},
                    {"digest", digest}};
  JsonArray evidence;
  std::set<std::string> watched;
  std::string region, office, role;
  engine_.inspect([&](Registry&, Cache& cache) {
    for (const auto& id : finding.evidence) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const Record record = **found;  // looking further may let it go
      const auto leaf = record.acts.empty() ? record.last_leaf : record.acts.back();
      evidence.push_back(JsonObject{{"record", id},
                                    {"tree", record.tree == log::Tree::open ? "open" : "sealed"},
                                    {"leaf", static_cast<std::int64_t>(leaf)}});
      if (region.empty()) region = record.fields.text("region");
      for (const auto& [action, done] : record.done) {
        if (done.actor.starts_with("person/")) watched.insert(done.actor);
      }
      if (id != place.subject) continue;
      if (const auto* in = pack_.by_hash(record.file)) {
        if (const auto* state = in->main.find(record.state)) role = turn_of(*state);
      }
      const auto begun = record.done.find("@create");
      if (begun == record.done.end() || begun->second.post.empty()) continue;
      const auto post = cache.find(begun->second.post);
      if (post && *post != nullptr) office = (*post)->fields.text("office");
    }
  });
  if (!role.empty()) {
    LG_TRY(auto whose, lights_->office_of(role, region, office));
    if (!whose.empty()) office = std::move(whose);
  }
  if (place.subject.starts_with("office/")) office = place.subject;  // of what an office left undone it is asked itself
  if (!finding.asks.empty()) office = finding.asks;
  fields["evidence_records"] = std::move(evidence);
  JsonArray persons;
  for (const auto& one : watched) {
    if (persons.size() < 50) persons.emplace_back(one);
  }
  fields["watched"] = std::move(persons);
  if (!region.empty()) fields["region"] = region;
  if (!office.empty()) fields["office"] = office;
  return fields;
}

Status Watch::tell(Command command) {
  if (silent_) return base::Done{};
  const auto now = clock_.now();
  if (command.id.empty()) {
    std::array<std::uint8_t, 32> bytes = base::sha256(base::as_bytes(base::canonical(Json(
        JsonArray{"watch", command.record, command.institution, command.action, command.fields, base::format_utc(now)}))));
    const auto* in =
        pack_.current(command.record.empty() ? command.institution : command.record.substr(0, command.record.find('/')));
    command.id = log::command_id(in != nullptr && in->sealed() ? std::nullopt : std::optional(now), bytes);
  }
  const auto answer = engine_.call(command);
  if (!answer) {
    // The queue is full, or the house is held: it is said again later. Another refusal is a pack that does not fit.
    gauges_->refused.fetch_add(1);
    const bool later = answer.failed() || engine_.halted();
    if (later) again_ = now + k_again;
    if (!later)
      std::fprintf(stderr, "landglass: the watch was refused: %s %s: %s\n",
                   (command.record.empty() ? command.institution : command.record).c_str(), command.action.c_str(),
                   base::explain(answer.trouble()).c_str());
    return base::Done{};
  }
  if (answer->record.starts_with(std::string(k_card) + "/")) return lights_->follow_card(answer->record);
  return take_over({answer->record});
}

}  // namespace landglass::watch
