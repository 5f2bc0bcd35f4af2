#include "life.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "cli/behaviours.hpp"
#include "engine/stored_tree.hpp"
#include "engine/watched_clock.hpp"
#include "log/command_id.hpp"
#include "store/disk.hpp"

namespace landglass::tests {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using engine::Command;

std::shared_ptr<store::FaultyDisk> the_disk;
std::uint64_t the_seed = 0;

// A program that its disk let down ends so; one that ends so by itself is broken.
void on_abort(int) {
  if (the_disk && the_disk->power_is_cut()) the_disk->lose(the_seed);
  ::_exit(the_disk && the_disk->faults() > 0 ? k_ruined : k_broken);
}

std::shared_ptr<store::FaultyDisk> disk_of(Ruin ruin, std::uint64_t seed) {
  auto disk = std::make_shared<store::FaultyDisk>();
  const int soon = 2 + static_cast<int>(seed % 60);
  if (ruin == Ruin::fsync) disk->fail_sync_in(soon);
  if (ruin == Ruin::full) disk->fail_write_in(soon * 4);
  if (ruin == Ruin::power) disk->cut_power_in(soon * 5);
  return disk;
}

Json written(const Command& command) {
  JsonObject out{{"id", command.id},         {"institution", command.institution},
                 {"record", command.record}, {"action", command.action},
                 {"actor", command.actor},   {"fields", command.fields}};
  if (command.sig) out["sig"] = JsonArray{command.sig->alg, command.sig->key, command.sig->bytes};
  return out;
}
Command read_command(const Json& json) {
  Command command;
  command.id = json.text("id");
  command.institution = json.text("institution");
  command.record = json.text("record");
  command.action = json.text("action");
  command.actor = json.text("actor");
  command.fields = json.at("fields").as_object();
  if (json.at("sig").is_array()) {
    const auto& sig = json.at("sig").as_array();
    command.sig = log::LeafSignature{sig[0].as_string(), sig[1].as_string(), sig[2].as_string()};
  }
  return command;
}

std::string code_of(const base::Trouble& trouble) {
  const auto* refusal = std::get_if<base::Refusal>(&trouble);
  return refusal == nullptr ? std::string("not now") : refusal->code;
}

}  // namespace

// The callers and the clock of one life.
class Life {
 public:
  Life(Village& village, const Plan& plan, int told)
      : village_(village),
        plan_(plan),
        told_(told),
        random_(plan.seed),
        chance_(plan.seed ^ 0x5eed),
        true_time_(plan.begins),
        wall_(plan.begins),
        watched_(wall_, [this] { return true_time_.ms; }),
        next_bid_(plan.first_bid) {}

  void live() {
    store::StoreOptions at;
    at.folder = village_.store();
    at.key_file = village_.keys() + "/vault.key";
    at.disk = "sim";
    store_ = or_end(store::open_sqlite(at));
    engine::Options settings;
    settings.origin = village_.origin();
    settings.threaded = false;
    settings.anchor_every_ms = base::k_hour;
    engine_ = or_end(engine::Engine::start(settings, *store_, *village_.pack_, cli::behaviours(), watched_, random_,
                                           signer_of(village_)));
    engine_->listen([this](const std::vector<engine::Published>& events) {
      for (const auto& event : events) know(event.record);
    });
    for (const auto& command : plan_.in_doubt) send({command});
    for (int i = 0; i < plan_.moves; ++i) {
      pass();
      move();
      // Dies between two moves, with whatever the other thread of the store is at.
      if (plan_.ruin == Ruin::sudden_end && chance_.below(static_cast<std::uint64_t>(plan_.moves)) == 0) ::_exit(k_lived);
    }
    engine_->stop();
    engine_.reset();
    store_.reset();
  }

 private:
  template <class T>
  static T or_end(base::Result<T> result) {  // what a server does that cannot start
    if (!result) base::bug(base::explain(result.trouble()), __FILE__, __LINE__);
    return *std::move(result);
  }
  template <class List>
  const auto& any_of(const List& list) {
    return list[chance_.below(list.size())];
  }

  void know(const std::string& id) {
    auto& ids = village_.known_.records[id.substr(0, id.find('/'))];
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return;
    ids.push_back(id);
    tell({{"made", id}});
  }

  // Time goes on; once in a while by weeks; and the wall clock is set wrong, and right again.
  void pass() {
    std::int64_t ms = static_cast<std::int64_t>(chance_.below(60'000));
    if (chance_.below(12) == 0)
      ms = static_cast<std::int64_t>(chance_.below(30)) * base::k_day;
    else if (chance_.below(6) == 0)
      ms = static_cast<std::int64_t>(chance_.below(20)) * base::k_hour;
    true_time_.ms += ms;
    if (chance_.below(25) == 0)
      wrong_ms_ = wrong_ms_ != 0 ? 0 : static_cast<std::int64_t>(chance_.below(40'000'000)) - 20'000'000;
    wall_.set(base::Time{true_time_.ms + wrong_ms_});
    const auto now = watched_.now();
    if (const auto off = watched_.off_ms(); off != 0 && !doubted_) {
      engine_->doubt_clock(base::refuse("CLK-01", "时钟存疑", "the clock is in doubt"));
      doubted_ = true;
      tell({{"doubt", off}});
    } else if (off == 0 && doubted_) {
      engine_->doubt_clock(std::nullopt);
      doubted_ = false;
    }
    if (now < last_) wrong("time went back to " + base::format_utc(now));
    if (std::abs(now.ms - true_time_.ms) > engine::k_clock_tolerance_ms)
      wrong("the log's time follows the wall clock: " + base::format_utc(now));
    last_ = now;
    while (engine_->step()) {
    }
    tell({{"now", true_time_.ms}});
  }

  void move() {
    switch (chance_.below(20)) {
      case 0:
      case 1: return bid();
      case 2: return again();
      case 3: return another_body();
      case 4: {  // several at once: one batch
        std::vector<Command> all;
        for (int i = 0; i < 6; ++i) all.push_back(act());
        return send(std::move(all));
      }
      case 5: return stranger();
      default: return send({act()});
    }
  }

  void bid() {
    if (next_bid_ + 3 >= village_.bids_.size()) return;
    next_bid_ += chance_.below(3);
    send({village_.bids_[next_bid_++]});
  }

  // The very same command: the answer is the one that was given.
  void again() {
    if (answered_.empty()) return;
    const auto [command, seq] = any_of(answered_);
    const auto answer = engine_->call(command);
    if (!answer)
      return wrong("sent again, refused: " + base::explain(answer.trouble()) + " " + base::canonical(written(command)));
    if (!answer->again || answer->seq != seq)
      wrong("sent again, it became leaf " + std::to_string(answer->seq) + " after " + std::to_string(seq));
  }

  // The name of a command that was taken, and another body or another caller: never taken.
  void another_body() {
    if (answered_.empty()) return;
    auto [command, seq] = any_of(answered_);
    if (chance_.below(2) == 0)
      command.fields["region"] = "350123";
    else
      command.actor = command.actor == "party/x" ? "party/y" : "party/x";
    if (const auto answer = engine_->call(command); answer)
      wrong("the name of leaf " + std::to_string(seq) + " served for another command");
  }

  // No act of the house: names of nothing, fields of nobody's, callers who are not there. The first three never pass.
  void stranger() {
    Command command = act();
    const auto how = chance_.below(6);
    switch (how) {
      case 0: command.action = "no-such-act"; break;
      case 1: command.record = "parcel/none"; break;
      case 2: command.fields["no_such_field"] = "x"; break;
      case 3: command.actor = "person/nobody"; break;
      case 4: command.actor = "system"; break;
      default: command.actor = "genesis"; break;
    }
    const auto answer = engine_->call(command);
    told_answer(command, answer);
    if (answer && how < 3) wrong("it was taken: " + base::canonical(written(command)));
  }

  Command act() {
    Command command;
    institution::Record record;
    const institution::Action* action = nullptr;
    const institution::Institution* in = nullptr;
    const auto& known = village_.known_;
    if (chance_.below(3) != 0) {
      auto of = known.records.begin();
      std::advance(of, static_cast<std::ptrdiff_t>(chance_.below(known.records.size())));
      // Of the newest mostly: what is old has come to its end.
      const auto& ids = of->second;
      const auto& id =
          chance_.below(2) == 0 ? ids[ids.size() - 1 - chance_.below(std::min<std::size_t>(ids.size(), 4))] : any_of(ids);
      engine_->inspect([&](institution::Registry& registry, engine::Cache& cache) {
        const auto found = cache.find(id);
        if (!found || *found == nullptr) return;
        record = **found;
        in = registry.institution_of(record);
        const auto actions = registry.actions_of(record);
        // Mostly what he may do: what is refused at the door leads nowhere.
        for (int tries = 0; tries < 8 && !actions.empty(); ++tries) {
          action = any_of(actions);
          command.actor = actor_of(*action, record);
          if (registry.may(record, *action, command.actor, "", true_time_)) break;
        }
      });
      if (action != nullptr) {
        command.record = id;
        command.action = action->name;
      }
    }
    if (action == nullptr) {
      const auto all = village_.pack_->all();
      in = any_of(all);
      action = &in->create;
      command.institution = in->name;
      record = {};
    }
    if (command.actor.empty()) command.actor = actor_of(*action, record);
    for (const auto& name : action->give) {
      const bool needed = std::find(action->need.begin(), action->need.end(), name) != action->need.end();
      const bool required = command.record.empty() && in->field(name) != nullptr && in->field(name)->required;
      if (chance_.below(100) >= (needed || required ? 97U : 40U)) continue;
      if (const auto* field = in->field(name))
        command.fields[name] = given(*field, *village_.pack_, known, true_time_, chance_);
    }
    std::array<std::uint8_t, 16> bytes{};
    chance_.fill(bytes.data(), bytes.size());
    command.id = log::command_id(in->sealed() ? std::nullopt : std::optional(true_time_), bytes);
    command.sig = log::LeafSignature{"session", "", "sim"};
    return command;
  }

  std::string actor_of(const institution::Action& action, const institution::Record& record) {
    if (!action.by.empty() && chance_.below(15) != 0) {
      const auto& who = any_of(action.by);
      if (who.starts_with('@')) return std::string(record.fields.text(who.substr(1)));
      if (who == "creator") {
        const auto made = record.done.find("create");
        if (made != record.done.end()) return made->second.actor;
      }
      if (who == "anyone" || who == "party" || who == "creator") return any_of(village_.parties_);
      if (who == "system") return "system";
      if (const auto role = village_.in_role_.find(who); role != village_.in_role_.end()) return any_of(role->second);
    }
    auto role = village_.in_role_.begin();
    std::advance(role, static_cast<std::ptrdiff_t>(chance_.below(village_.in_role_.size())));
    return any_of(role->second);
  }

  void send(std::vector<Command> commands) {
    JsonArray sent;
    for (const auto& command : commands) sent.push_back(written(command));
    tell({{"sent", std::move(sent)}});
    for (const auto& command : commands) {
      engine_->submit(command, [this, command](base::Result<engine::Answer> answer) { told_answer(command, answer); });
    }
    while (engine_->step()) {
    }
    tell({{"answered", true}});
  }

  void told_answer(const Command& command, const base::Result<engine::Answer>& answer) {
    if (!answer) return tell({{"code", code_of(answer.trouble())}});
    know(answer->record);
    if (!answer->again) answered_.emplace_back(command, answer->seq);
    JsonObject line{{"code", command.action.empty() ? "create " + command.institution : command.action}};
    if (answer->tree == log::Tree::open && !answer->again) {
      engine::StoredTiles tiles(*store_, log::Tree::open);
      const auto proof = answer->head->frontier.inclusion(answer->seq, &tiles);
      if (!proof) return wrong("no proof of leaf " + std::to_string(answer->seq) + ": " + base::explain(proof.trouble()));
      JsonArray hashes;
      for (const auto& hash : *proof) hashes.emplace_back(base::to_hex(hash));
      line["promise"] = JsonArray{answer->seq, answer->leaf, std::move(hashes), answer->head->checkpoint};
    }
    tell(std::move(line));
  }

  void wrong(const std::string& what) { tell({{"wrong", what}}); }
  void tell(JsonObject line) {
    const auto text = base::canonical(Json(std::move(line))) + "\n";
    for (std::size_t at = 0; at < text.size();) {
      const auto done = ::write(told_, text.data() + at, text.size() - at);
      if (done <= 0) ::_exit(k_broken);
      at += static_cast<std::size_t>(done);
    }
  }

  Village& village_;
  const Plan& plan_;
  int told_;
  base::SeededRandom random_;  // the house's own
  base::SeededRandom chance_;  // the callers'
  base::Time true_time_;
  base::VirtualClock wall_;
  engine::WatchedClock watched_;
  std::int64_t wrong_ms_ = 0;
  bool doubted_ = false;
  base::Time last_{};
  std::size_t next_bid_;
  std::vector<std::pair<Command, std::uint64_t>> answered_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
};

void live_here(Village& village, const Plan& plan, int told) {
  the_disk = disk_of(plan.ruin, plan.seed);
  the_seed = plan.seed;
  store::mount_disk("sim", the_disk);
  ::signal(SIGABRT, on_abort);
  Life(village, plan, told).live();
  ::_exit(k_lived);
}

Told read_told(std::string_view text, const Plan& plan) {
  Told told;
  told.now = plan.begins;
  told.in_doubt = plan.in_doubt;
  std::size_t doubts_answered = 0;  // of those that the plan sent again
  for (std::size_t at = 0; at < text.size();) {
    const auto end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    const auto line = base::parse_json(text.substr(at, end - at), base::Profile::any);
    at = end + 1;
    if (!line) {
      told.wrong = "a line of a life does not read: " + base::explain(line.trouble());
      break;
    }
    if (line->at("now").is_int()) told.now = base::Time{line->at("now").as_int()};
    if (line->at("made").is_string()) told.records.push_back(line->at("made").as_string());
    if (line->at("doubt").is_int()) ++told.clock_doubts;
    if (line->at("wrong").is_string() && told.wrong.empty()) told.wrong = line->at("wrong").as_string();
    if (line->at("code").is_string()) ++told.answers[line->at("code").as_string()];
    if (line->at("sent").is_array()) {
      ++told.moves;
      if (doubts_answered >= plan.in_doubt.size()) told.in_doubt.clear();
      for (const auto& command : line->at("sent").as_array()) {
        if (doubts_answered >= plan.in_doubt.size()) told.in_doubt.push_back(read_command(command));
      }
    }
    if (line->at("answered").is_bool()) {
      ++doubts_answered;
      if (doubts_answered >= plan.in_doubt.size()) told.in_doubt.clear();
    }
    if (line->at("promise").is_array()) {
      const auto& list = line->at("promise").as_array();
      Promise promise{static_cast<std::uint64_t>(list[0].as_int()), list[1].as_string(), {}, list[3].as_string()};
      for (const auto& one : list[2].as_array()) {
        const auto bytes = base::from_hex(one.as_string());
        log::Hash hash{};
        if (bytes && bytes->size() == hash.size()) std::copy(bytes->begin(), bytes->end(), hash.begin());
        promise.proof.push_back(hash);
      }
      told.promises.push_back(std::move(promise));
    }
  }
  return told;
}

}  // namespace landglass::tests
