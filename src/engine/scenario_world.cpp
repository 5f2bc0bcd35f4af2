// What happens in a scenario: acts, waiting, names for what the machine made.
#include "engine/scenario_world.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "institution/signed_act.hpp"

namespace landglass::engine {

using base::Result;
using base::Status;
using institution::Node;

base::Time time_of(std::string_view text) {
  if (const auto date = base::parse_date(text)) return base::start_of(*date);
  std::string full(text);
  if (full.size() == 22) full.insert(16, ":00");  // 2011-03-01T09:00+08:00
  return base::parse_time(full).value_or(base::Time{});
}

Status World::begin(base::Time at, const std::string& folder) {
  clock_.set(at);
  return open(folder);
}

Status World::go_on(const World& left, const std::string& folder) {
  memory_ = left.memory_;
  clock_.set(memory_.now);
  return open(folder);
}

void World::leave() {
  memory_.now = clock_.now();
  onlooker_.reset();
  engine_.reset();
  store_.reset();
}

Status World::open(const std::string& folder) {
  LG_TRY(store_, store::open_sqlite({folder + "/store", folder + "/vault.key", false, 0, {}}));
  Options options;
  options.origin = "scenario.invalid/log";
  options.threaded = false;
  options.anchor_every_ms = 36'500 * base::k_day;
  std::array<std::uint8_t, 32> seed{};
  LG_TRY(engine_, Engine::start(options, *store_, *pack_, behaviours_, clock_, random_,
                                log::Signer(options.origin, log::KeyKind::log, seed)));
  engine_->listen([this](const std::vector<Published>& events) {
    for (const auto& event : events) note(event);
  });
  return base::Done{};
}

namespace {
// A word that is none of these would be read by nobody, and what it asks for would hold whatever happened.
Status known_words(const Node& step, const institution::Loading& at, bool watched) {
  LG_CHECK(institution::only(at, step, {"by",     "post",  "key",        "signed",    "on",   "do",    "create", "as",
                                        "with",   "as_of", "late_entry", "version",   "find", "where", "wait",   "until",
                                        "outage", "file",  "keep",       "statement", "lock", "open",  "tip",    "then"}));
  for (const auto* then : listed(step.at("then"))) {
    if (then->text("refused").empty()) {
      LG_CHECK(institution::only(at, *then,
                                 {"on", "state", "parallel", "fields", "public", "sees", "due", "holds", "raised",
                                  "unraised", "papers", "warned", "not_warned"}));
      for (const auto* word : {"warned", "not_warned"}) {
        if (!watched && !then->at(word).is_absent())
          return at.bad(then->at(word), word, "文件未写 watched: true，预警并未运行，无从核对",
                        "the watch does not look on: the file does not say watched: true");
      }
    } else {
      LG_CHECK(institution::only(at, *then, {"refused", "detail", "also"}));
    }
    for (const auto* word : {"raised", "unraised", "papers", "warned", "not_warned", "also"}) {
      if (const auto& list = then->at(word); !list.is_absent() && !list.is_sequence())
        return at.bad(list, word, "须为列表", "a list is expected");
    }
  }
  return base::Done{};
}

}  // namespace

std::string World::step(const Node& node, const institution::Loading& at, bool must_succeed) {
  if (const auto known = known_words(node, at, watched_); !known) return base::explain(known.trouble());
  if (!node.at("wait").is_absent()) {
    if (auto why = wait(node, at); !why.empty()) return why;
  } else if (!node.at("outage").is_absent()) {
    // The machine is down: time passes and no deadline fires.
    clock_.set(clock_.now() + std::strtoll(std::string(node.text("outage")).c_str(), nullptr, 10) * base::k_second);
    settle();
    last_.reset();
  } else if (!node.at("until").is_absent()) {
    const auto until = time_of(node.text("until"));
    if (until <= clock_.now()) return "until is not later than now: " + std::string(node.text("until"));
    pass(until);
    last_.reset();
  } else if (!node.at("find").is_absent()) {
    if (auto why = seek(node); !why.empty()) return why;
  } else if (!node.at("keep").is_absent()) {
    if (auto why = keep(node.at("keep"), std::string(node.text("as"))); !why.empty()) return why;
  } else if (!node.at("file").is_absent()) {
    if (auto why = keep_file(node); !why.empty()) return why;
  } else if (!node.at("by").is_absent()) {
    if (auto why = act(node, must_succeed); !why.empty()) return why;
  }
  if (onlooker_) {
    if (auto why = onlooker_->after_step(); !why.empty()) return why;
  }
  for (const auto* then : listed(node.at("then"))) {
    if (auto why = expect(*then); !why.empty()) return why;
  }
  return {};
}

// A file of the pack goes into the vault, and its hash gets a name.
std::string World::keep_file(const Node& node) {
  const auto path = pack_->folder() + "/" + std::string(node.text("file"));
  std::ifstream in(path, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (!in || bytes.empty()) return "cannot be read: " + path;
  const auto hash = store_->keep_file(bytes);
  if (!hash) return base::explain(hash.trouble());
  memory_.names[std::string(node.text("as"))] = *hash;
  last_.reset();
  return {};
}

std::string World::wait(const Node& node, const institution::Loading& at) {
  const auto text = std::string(node.text("wait"));
  const auto literal = institution::load_literal(at, node.at("wait"));
  std::int64_t ms = 0;
  if (literal && literal->kind == law::Kind::days) {
    if (literal->day_kind == law::DayKind::working) {
      const auto from = base::date_of(clock_.now());
      ms = base::end_of(pack_->calendar().last_day(from, literal->number, law::DayKind::working)) - clock_.now();
    } else {
      ms = literal->number * base::k_day;
    }
  } else if (text.ends_with("m")) {
    ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_minute;
  } else if (text.ends_with("s")) {
    ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_second;
  } else if (text.ends_with("h")) {
    ms = std::strtoll(text.c_str(), nullptr, 10) * base::k_hour;
  } else {
    return "wait does not read: " + text;
  }
  pass(clock_.now() + ms);
  last_.reset();
  return {};
}

std::string World::act(const Node& node, bool must_succeed) {
  auto command = command_of(node);
  if (!command) return base::explain(command.trouble());
  if (!node.at("statement").is_absent()) {
    if (auto why = bank(node.at("statement"), *command); !why.empty()) return why;
  }
  memory_.raised.clear();
  memory_.papers.clear();
  last_ = engine_->call(*command);
  const auto name = std::string(node.text("as"));
  if (*last_ && !name.empty()) memory_.names[name] = (**last_).record;
  if (*last_) {
    memory_.record = (**last_).record;
    settle();
    if (auto why = send_again(std::move(*command), **last_); !why.empty()) return why;
  } else if ((*last_).refused()) {
    coverage_.codes.insert((*last_).refusal().code);
  }
  if (must_succeed && node.at("then").is_absent() && !*last_) return base::explain(last_->trouble());
  return {};
}

// A line that breaks makes a client send again what was taken: it is answered with the same leaf, whatever it was.
std::string World::send_again(Command command, const Answer& first) {
  const auto second = engine_->call(std::move(command));
  if (!second) return "sent again, what was taken is refused: " + base::explain(second.trouble());
  if (second->again && second->tree == first.tree && second->seq == first.seq) return {};
  return "sent again, what was taken is done a second time";
}

Result<Command> World::command_of(const Node& node) {
  Command command;
  const auto n = std::to_string(++memory_.count);
  command.id = base::to_hex(base::sha256(base::as_bytes("scenario " + n))).substr(0, 32);
  auto by = std::string(node.text("by"));
  by = by.starts_with('{') ? filled(by)
                           : resolve(by.starts_with('$') ? std::string_view(by).substr(1) : std::string_view(by));
  command.actor = by;
  command.post = node.text("post").empty() ? std::string() : resolve(node.text("post"));
  const institution::Institution* in = nullptr;
  if (const auto create = node.text("create"); !create.empty()) {
    command.institution = create;
    in = pack_->current(create);
    if (in == nullptr) return base::refuse("EN-01", "没有此制度", "no such institution: " + std::string(create));
  } else {
    command.record = resolve(node.text("on").starts_with('$') ? node.text("on").substr(1) : node.text("on"));
    command.action = node.text("do");
    in = pack_->current(command.record.substr(0, command.record.find('/')));
  }
  for (const auto& [key, value] : node.at("with").members) {
    auto given = value_of(value, in == nullptr ? nullptr : in->field(key));
    fill(given);
    command.fields[key] = std::move(given);
  }
  if (!node.at("as_of").is_absent()) command.as_of = time_of(node.text("as_of"));
  if (!node.at("version").is_absent())
    command.expects = static_cast<std::uint64_t>(node.at("version").integer().value_or(0));
  command.late_entry = node.at("late_entry").is_true();
  // Without a word of it an act counts as vouched for by a session; `key` is that of a post, and what is signed is this act
  // (that a signature fits is tested where signatures are made and verified).
  if (const auto key = node.text("key"); !key.empty() && in != nullptr) {
    const auto* action = institution::find_action(*in, command.record.empty() ? in->create.name : command.action);
    if (action == nullptr) return base::refuse("EN-02", "没有此动作", "no such action: " + command.action);
    LG_TRY(command.statement, institution::state_act(*pack_, engine_->options().origin, *in, *action, command,
                                                     clock_.now() + base::k_hour, random_));
    command.sig = log::LeafSignature{"es256", resolve(key), "AA"};
  } else if (node.text("signed") != "false") {
    command.sig = log::LeafSignature{"session", "", ""};
  }
  if (command.institution == "application" && command.fields.text("bid_key").empty())
    command.fields["bid_key"] = memory_.bidders.key(command.actor);
  if (command.action == "offer") {
    engine_->inspect(
        [&](institution::Registry&, Cache& cache) { memory_.bidders.sign(command, cache, engine_->options().origin); });
  }
  // `lock: [price, undertakings]` and `open: N`: what a bidder's room and an opener's browser do.
  Status locked = base::Done{};
  if (const auto& tender = node.at("lock"); tender.is_sequence()) {
    LG_TRY(const auto price, institution::load_literal({"scenario"}, tender.items.at(0)));
    engine_->inspect([&](institution::Registry&, Cache& cache) {
      locked = memory_.bidders.lock(command, cache, engine_->options().origin, {price.number},
                                    tender.items.size() > 1 ? tender.items[1].scalar : std::string());
    });
  } else if (const auto number = node.at("open").integer()) {
    engine_->inspect([&](institution::Registry&, Cache& cache) {
      locked = memory_.bidders.open(command, cache, static_cast<int>(*number));
    });
  }
  // `tip: {text, together}`: what a reporter's or an investigator's browser does.
  if (const auto& tip = node.at("tip"); !tip.is_absent()) {
    ScenarioBidders::Tip given{std::string(tip.text("text"))};
    given.together = static_cast<std::size_t>(tip.at("together").integer().value_or(1));
    given.another = tip.at("another").is_true();
    given.bare = tip.at("bare").is_true();
    given.to = tip.text("to");
    engine_->inspect([&](institution::Registry&, Cache& cache) { locked = ScenarioBidders::tip(command, cache, given); });
  }
  if (!locked) return locked.trouble();
  return command;
}

// Gives a name to the one record that fits: what an effect or the machine made has an id that no scenario can know
// beforehand.
std::string World::seek(const Node& node) {
  const auto wanted = std::string(node.text("find"));
  const auto* in = pack_->current(wanted);
  if (in == nullptr) return "no such institution: " + wanted;
  std::vector<std::string> fits;
  engine_->inspect([&](institution::Registry&, Cache& cache) {
    for (const auto& id : memory_.known[wanted]) {
      const auto found = cache.find(id);
      if (!found || *found == nullptr) continue;
      const auto& record = **found;
      const auto& where = node.at("where").members;
      const bool all = std::all_of(where.begin(), where.end(), [&](const auto& part) {
        if (part.first == "state") return record.state == part.second.scalar;
        const auto* value = record.fields.find(part.first);
        return value != nullptr && *value == value_of(part.second, in->field(part.first));
      });
      if (all) fits.push_back(id);
    }
  });
  if (fits.size() != 1) return "find " + wanted + ": expected one, there are " + std::to_string(fits.size());
  memory_.names[std::string(node.text("as"))] = memory_.record = fits.front();
  last_.reset();
  return {};
}

void World::note(const Published& event) {
  memory_.known[event.institution].insert(event.record);
  coverage_.actions.insert(
      event.institution + "." +
      event.action.substr(0, event.action.find(':') == std::string::npos || event.action.starts_with("due:")
                                 ? std::string::npos
                                 : event.action.find(':')));
  const auto& json = event.outcome;
  if (const auto* raise = json.at("raise").if_array()) {
    for (const auto& one : *raise) {
      memory_.raised.insert(std::string(one.text("code")));
      memory_.all_raised.insert(std::string(one.text("code")));
    }
  }
  if (const auto* papers = json.at("papers").if_array()) {
    for (const auto& one : *papers) memory_.papers.insert(one.as_string());
  }
}

void World::settle() {
  for (int i = 0; i < 1'000 && engine_->step(); ++i) {
  }
}

const Head& World::seen_head() const {
  if (!seen_head_) seen_head_ = engine_->head(log::Tree::open);
  return *seen_head_;
}

// Time passes as it would: every deadline fires at its own instant.
void World::pass(base::Time until) {
  seen_head_.reset();
  memory_.raised.clear();
  memory_.papers.clear();
  settle();
  for (int i = 0; i < 100'000; ++i) {
    const auto due = engine_->next_due();
    if (!due || *due > until) break;
    if (*due > clock_.now()) clock_.set(*due);
    settle();
  }
  clock_.set(until);
  settle();
}

}  // namespace landglass::engine
