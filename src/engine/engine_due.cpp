// What nobody asks for: deadlines that come, follow-ups that a leaf asked for, the anchors of the sealed tree.
#include "engine/engine.hpp"
#include "engine/engine_keys.hpp"
#include "log/command_id.hpp"

namespace landglass::engine {
using base::Json;
using base::JsonArray;
using base::Status;

std::string derived_id(std::optional<base::Time> time, std::string_view kind, std::string_view a, std::string_view b) {
  const Json source(JsonArray{kind, a, b});
  return log::command_id(time, base::sha256(base::as_bytes(base::canonical(source))));
}

// In order of (due, record, name). What they do may make others due; those wait for the next batch, which comes at once.
Status Engine::fire_due(base::Time now) {
  LG_TRY(auto due, cache_.timers_due(now, options_.due_limit));
  if (!due.empty()) gauges_.timer_lag_ms.store(now - due.front().due, std::memory_order_relaxed);
  for (const auto& timer : due) {
    LG_TRY(auto* record, cache_.find(timer.record));
    if (record == nullptr) return base::fail("a timer of no record: " + timer.record);
    const auto current = record->timers.find(timer.name);
    if (current == record->timers.end() || current->second.left_ms || current->second.due != timer.due) continue;
    Command command;
    command.id = derived_id(timer.due, "due", timer.record + "|" + timer.name,
                            base::format_utc(timer.due) + "#" + std::to_string(record->version));
    command.record = timer.record;
    command.action = "due:" + timer.name;
    command.actor = "system";
    command.as_of = timer.due;
    auto decided = registry_->decide_due(timer.record, timer.name, command.id, timer.due, now);
    if (!decided) return decided.trouble();
    auto answer = append(command, std::move(*decided));
    if (!answer) return answer.trouble();
  }
  return base::Done{};
}

Status Engine::drain_outbox() {
  const auto count = std::min(outbox_.size(), options_.due_limit);
  for (std::size_t i = 0; i < count; ++i) {
    Command command;
    command.id = outbox_[i].id;
    command.record = outbox_[i].what.record;
    command.action = outbox_[i].what.action;
    command.actor = "system";
    command.fields = outbox_[i].what.fields;
    command.institution = outbox_[i].what.institution;
    command.via = outbox_[i].what.via;
    auto known = already(command);
    if (known.failed()) return known.trouble();
    if (known && *known) continue;
    auto answer = known ? execute(command, registry_->decide(command, now_)) : base::Result<Answer>(known.trouble());
    // A refusal of the machine to itself is an institution that does not fit: it shows in the metrics and in the log of the
    // process.
    if (!answer) {
      if (answer.failed()) return answer.trouble();
      gauges_.refusals.fetch_add(1, std::memory_order_relaxed);
      std::fprintf(stderr, "landglass: a follow-up was refused: %s %s: %s\n", command.record.c_str(), command.action.c_str(),
                   base::explain(answer.trouble()).c_str());
    }
  }
  if (count > 0) {
    outbox_.erase(outbox_.begin(), outbox_.begin() + static_cast<std::ptrdiff_t>(count));
    outbox_changed_ = true;
  }
  return base::Done{};
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
  const auto known = already(command);
  if (known && *known) return;
  const auto answer = execute(command, registry_->decide(command, now_));
  if (!answer)
    std::fprintf(stderr, "landglass: the sealed tree could not be anchored: %s\n", base::explain(answer.trouble()).c_str());
}

}  // namespace landglass::engine
