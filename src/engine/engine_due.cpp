// What nobody asks for: deadlines that come, follow-ups that a leaf asked for, the anchors of the sealed tree.
#include <algorithm>
#include <iterator>

#include "engine/engine.hpp"
#include "engine/engine_keys.hpp"
#include "log/command_id.hpp"

namespace landglass::engine {
using base::Json;
using base::JsonArray;
using base::Status;
using log::Tree;

constexpr int k_quiet = 32;

std::string derived_id(std::optional<base::Time> time, std::string_view kind, std::string_view a, std::string_view b) {
  const Json source(JsonArray{kind, a, b});
  return log::command_id(time, base::sha256(base::as_bytes(base::canonical(source))));
}

// Who bids finds a burst of deadlines at work: he waits for the slice under way and for his own batch's. When nobody has
// come for some batches the slices are long again, and cost one commit for more of them.
std::size_t Engine::due_now() const {
  return quiet_batches_ < k_quiet ? std::min(options_.due_beside, options_.due_limit) : options_.due_limit;
}

// In order of (due, record, name). What they do may make others due; those wait for the next batch, which comes at once.
Status Engine::fire_due(base::Time now) {
  LG_TRY(auto due, cache_.timers_due(now, due_now()));
  if (!due.empty()) gauges_.timer_lag_ms.store(now - due.front().due, std::memory_order_relaxed);
  for (const auto& timer : due) {
    LG_TRY(auto* record, cache_.find(timer.record));
    if (record == nullptr) return base::fail("a timer of no record: " + timer.record);
    const auto current = record->timers.find(timer.name);
    if (current == record->timers.end() || current->second.left_ms || current->second.due != timer.due) continue;
    Command command;
    // By the time of the leaf and not of the term: a hundred thousand terms end at one instant, and their ids, random past
    // it, would each be put into another page of the commands seen.
    command.id = derived_id(now, "due", timer.record + "|" + timer.name,
                            base::format_utc(timer.due) + "#" + std::to_string(record->version));
    command.record = timer.record;
    command.action = "due:" + timer.name;
    command.actor = "system";
    command.as_of = timer.due;
    auto decided = registry_->decide_due(timer.record, timer.name, command.id, timer.due, now);
    if (!decided) return decided.trouble();
    auto answer = append(command, std::move(*decided), digest_of(command));
    if (!answer) return answer.trouble();
  }
  return base::Done{};
}

// Money let go, a certificate, a lock: an order for it stands in an open leaf, and is carried out once that leaf is
// witnessed. The record it is for may be a sealed one, of which no witness sees anything.
bool Engine::waits_for_witnesses(const Outbox& one) const {
  if (!options_.witnesses || one.leaf < sure_size_) return false;
  const auto& record = one.what.record;
  const auto* in = pack_.current(record.substr(0, record.find('/')));
  if (in == nullptr) return false;
  const auto final_in = [&one](const std::vector<institution::Action>& actions) {
    return std::any_of(actions.begin(), actions.end(),
                       [&one](const auto& action) { return action.name == one.what.action && action.witnessed; });
  };
  const auto final_of = [&](const institution::Region& region) {
    return std::any_of(region.states.begin(), region.states.end(),
                       [&](const auto& state) { return final_in(state.actions); });
  };
  return final_in(in->always) || final_of(in->main) || std::any_of(in->parallel.begin(), in->parallel.end(), final_of);
}

Status Engine::drain_outbox() {
  if (!outbox_ready()) return base::Done{};
  std::vector<Outbox> later;
  std::size_t tried = 0, done = 0;
  bool in_order = true;  // what is done are the first of all
  const auto most = due_now();
  auto orders = std::exchange(outbox_, {});
  for (; !orders.empty() && tried < most; orders.pop_front()) {
    auto& one = orders.front();
    if (waits_for_witnesses(one)) {
      later.push_back(std::move(one));
      continue;
    }
    ++tried;
    Command command;
    command.id = one.id;
    command.record = one.what.record;
    command.action = one.what.action;
    command.actor = "system";
    command.fields = one.what.fields;
    command.institution = one.what.institution;
    command.via = one.what.via;
    auto known = one.first ? base::Result<std::optional<Answer>>(std::nullopt) : already(command, digest_of(command));
    if (known.failed()) return known.trouble();
    if (!known || !*known) {
      auto answer = known ? execute(command, registry_->decide(command, now_)) : base::Result<Answer>(known.trouble());
      if (answer.failed()) return answer.trouble();
      if (!answer && answer.refusal().code == "EN-12") {
        later.push_back(std::move(one));
        continue;
      }
      // A refusal of the machine to itself is an institution that does not fit: it shows in the metrics and in the log of
      // the process.
      if (!answer) {
        gauges_.refusals.fetch_add(1, std::memory_order_relaxed);
        std::fprintf(stderr, "landglass: a follow-up was refused: %s %s: %s\n", command.record.c_str(),
                     command.action.c_str(), base::explain(answer.trouble()).c_str());
      }
    }
    ++done;
    in_order = in_order && later.empty();
  }
  if (in_order) {
    outbox_done_ += done;
  } else {
    outbox_changed_ = true;
  }
  // Those that came meanwhile stand in outbox_ and go behind.
  const bool all_wait = outbox_.empty() && tried < most;
  for (auto& one : outbox_) orders.push_back(std::move(one));
  for (auto one = later.rbegin(); one != later.rend(); ++one) orders.push_front(std::move(*one));
  outbox_ = std::move(orders);
  if (all_wait) outbox_waits_ = sure_size_;
  return base::Done{};
}

// A thousand orders that are carried out by the dozen are written as often as they halve, and between that how many are
// done.
Status Engine::write_outbox() {
  if (outbox_changed_ || outbox_done_ > outbox_.size()) {
    std::string list = "[";
    for (auto& one : outbox_) {
      if (one.text.empty()) {  // once for each, though it may wait for many batches
        one.text = base::canonical(Json(base::JsonObject{{"id", one.id},
                                                         {"record", one.what.record},
                                                         {"action", one.what.action},
                                                         {"fields", one.what.fields},
                                                         {"institution", one.what.institution},
                                                         {"via", one.what.via},
                                                         {"leaf", static_cast<std::int64_t>(one.leaf)}}));
      }
      if (list.size() > 1) list += ',';
      list += one.text;
    }
    list += ']';
    LG_CHECK(store_.put_meta(k_outbox, base::as_bytes(list)));
    outbox_changed_ = false;
    outbox_done_ = 0;
  }
  if (outbox_done_ == kept_done_) return base::Done{};
  kept_done_ = outbox_done_;
  return store_.put_meta(k_outbox_done, base::as_bytes(std::to_string(outbox_done_)));
}

// At fixed times, whatever happened or did not: chaff among the sealed rows and a salted root of the sealed tree in the open
// one.
void Engine::anchor_if_due() {
  if (now_ < next_anchor_) return;
  const auto at = base::Time{now_.ms / options_.anchor_every_ms * options_.anchor_every_ms};
  next_anchor_ = at + options_.anchor_every_ms;
  if (pack_.current("sealed-anchor") == nullptr) return;
  const auto chaff = random_.bytes32();
  const auto status = store_.put_chaff(1 + chaff[0] % 16);
  if (!status) base::bug("no chaff: " + base::explain(status.trouble()), __FILE__, __LINE__);
  Command command;
  command.id = derived_id(at, "anchor", options_.origin, base::format_utc(at));
  command.institution = "sealed-anchor";
  command.actor = "system";
  const auto& sealed = lanes_[1];
  command.fields["at"] = base::format_utc(at);
  command.fields["sealed_root"] = std::to_string(sealed.frontier.size()) + ":" + base::to_hex(sealed.frontier.root());
  // Before a restart within the same period it was anchored already, with what the sealed tree held then: one anchor a
  // period.
  const auto known = store_.seen(Tree::open, command.id);
  if (known && *known) return;
  const auto answer = known ? execute(command, registry_->decide(command, now_)) : base::Result<Answer>(known.trouble());
  if (!answer)
    std::fprintf(stderr, "landglass: the sealed tree could not be anchored: %s\n", base::explain(answer.trouble()).c_str());
}

}  // namespace landglass::engine
