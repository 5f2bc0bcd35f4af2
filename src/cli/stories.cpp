#include "cli/stories.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/number.hpp"
#include "engine/scenario.hpp"
#include "institution/load.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonObject;
using base::Result;
using base::Status;
using institution::Node;
namespace fs = std::filesystem;

// Whether a step is for this run: `every: 3` for each third from the first on, `but_every: 3` for the others.
bool is_for(const Node& step, int number) {
  if (const auto of = step.at("every").integer()) return (number - 1) % std::max<std::int64_t>(1, *of) == 0;
  if (const auto of = step.at("but_every").integer()) return (number - 1) % std::max<std::int64_t>(1, *of) != 0;
  return true;
}

std::string text_of(std::string text, int number, base::Date today) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    if (close == std::string::npos) break;
    const auto word = text.substr(open + 1, close - open - 1);
    std::string instead;
    if (word == "n") {
      instead = std::to_string(number);
    } else if (word.starts_with("n%")) {
      instead = std::to_string(number % std::max(1, base::whole_number(std::string_view(word).substr(2)).value_or(1)));
    } else if (word == "year") {
      instead = std::to_string(base::to_civil(today).year);
    } else if (word == "lastyear") {
      instead = std::to_string(base::to_civil(today).year - 1);
    } else if (word.starts_with("today")) {
      const auto days = std::string_view(word).substr(word.starts_with("today+") ? 6 : 5);
      instead = base::format_date(today + base::whole_number(days).value_or(0));
    } else {
      continue;
    }
    text.replace(open, close - open + 1, instead);
  }
  return text;
}

// The same step with its words filled in: what reads as a number afterwards is one.
Node filled(const Node& node, const Place& place, int number, base::Date today) {
  Node out = node;
  out.scalar = text_of(place.here(node.scalar), number, today);
  if (out.scalar != node.scalar) out.quoted = false;
  for (auto& item : out.items) item = filled(item, place, number, today);
  for (auto& [name, member] : out.members) member = filled(member, place, number, today);
  return out;
}

}  // namespace

Stories::Stories(Town& town, engine::Engine& engine)
    : town_(town), engine_(engine), fresh_(std::make_shared<std::vector<std::pair<std::string, std::string>>>()) {
  engine_.listen([fresh = fresh_](const std::vector<engine::Published>& events) {
    for (const auto& event : events) fresh->emplace_back(event.institution, event.record);
  });
}

Result<std::unique_ptr<Stories>> Stories::load(const std::string& folder, Town& town, engine::Engine& engine) {
  std::unique_ptr<Stories> stories(new Stories(town, engine));
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".yaml") continue;
    std::ifstream in(entry.path());
    std::ostringstream text;
    text << in.rdbuf();
    LG_TRY(auto root, institution::read_yaml(text.str(), entry.path().string()));
    const institution::Loading at{entry.path().string()};
    LG_CHECK(institution::only(at, root, {"story", "worlds", "given"}));
    for (const auto& step : root.at("given").items)
      LG_CHECK(institution::only(at, step,
                                 {"by", "create", "on", "do", "with", "as", "find", "where", "wait", "every", "but_every",
                                  "may", "or_ends", "ends", "statement", "tip"}));
    stories->files_.emplace(entry.path().stem().string(), std::move(root));
  }
  if (error) return base::fail("cannot read " + folder);
  return stories;
}

std::vector<std::string> Stories::worlds(std::string_view name) const {
  std::vector<std::string> list;
  const auto found = files_.find(name);
  if (found == files_.end()) return list;
  for (const auto& world : found->second.at("worlds").items) list.push_back(world.scalar);
  return list;
}

bool Stories::has_tips(std::string_view name) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return false;
  const auto& steps = found->second.at("given").items;
  return std::any_of(steps.begin(), steps.end(), [](const Node& step) { return !step.at("tip").is_absent(); });
}

void Stories::begin(const std::string& name, const Place& place, base::Time at, int number) {
  const auto found = files_.find(name);
  LG_ASSERT(found != files_.end(), "no such story: " + name);
  waiting_.emplace(at, Run{&found->second.at("given"), name, &place, number, 0, {}});
}

std::optional<base::Time> Stories::next() const {
  return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first);
}

Status Stories::play() {
  auto node = waiting_.extract(waiting_.begin());
  auto& run = node.mapped();
  while (run.at < run.steps->items.size()) {
    const auto& told = run.steps->items[run.at++];
    if (!is_for(told, run.number)) continue;
    if (told.at("ends").is_true()) return base::Done{};
    const auto step = filled(told, *run.place, run.number, base::date_of(town_.now()));
    const auto placed = [&](Status status) -> Status {
      if (status || !status.refused()) return status;
      auto refusal = status.refusal();
      const auto where = " (" + run.file + ".yaml:" + std::to_string(told.line) + ", n = " + std::to_string(run.number) +
                         (run.place->name.empty() ? "" : ", " + run.place->name) + ")";
      refusal.detail = {refusal.detail.zh + where, refusal.detail.en + where};
      return refusal;
    };
    if (!step.at("wait").is_absent()) {
      LG_TRY(const auto until, this->until(step));
      node.key() = until;
      waiting_.insert(std::move(node));
      return base::Done{};
    }
    LG_CHECK(placed(step.at("find").is_absent() ? act(run, step) : find(run, step)));
  }
  return base::Done{};
}

// After a working day's term the next office hours; after hours, those.
Result<base::Time> Stories::until(const Node& step) const {
  const institution::Loading at{"story"};
  LG_TRY(const auto literal, institution::load_literal(at, step.at("wait")));
  if (literal.kind != law::Kind::days) return at.bad(step, "wait", "须为天数或工作日", "days or working days are expected");
  const auto& calendar = engine_.registry().pack().calendar();
  auto day = calendar.last_day(base::date_of(town_.now()), literal.number, literal.day_kind);
  while (!calendar.working(day)) ++day.days;
  const auto time = base::start_of(day) + (town_.now() - base::start_of(base::date_of(town_.now())));
  return std::max(time, town_.now() + base::k_second);
}

std::string Stories::who(const Run& run, std::string_view name) const {
  const auto found = run.names.find(name);
  return found != run.names.end() ? found->second : town_.who(run.place->name, name);
}

Json Stories::value_of(const Run& run, const Node& node, const institution::Field* field) const {
  return engine::plain_value(node, field, [&](std::string_view name) -> Json { return who(run, name); });
}

// '{order.order_no}': a field of a record that the story has named.
std::string Stories::named(const Run& run, std::string text) const {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    const auto dot = text.find('.', open);
    if (close == std::string::npos || dot == std::string::npos || dot > close) break;
    const auto id = who(run, std::string_view(text).substr(open + 1, dot - open - 1));
    const auto held = town_.doc(id);
    text.replace(open, close - open + 1, std::string(held.at("fields").text(text.substr(dot + 1, close - dot - 1))));
  }
  return text;
}

Status Stories::act(Run& run, const Node& step) {
  const std::string created(step.text("create"));
  const auto name_of = [&](std::string_view text) { return who(run, text.starts_with('$') ? text.substr(1) : text); };
  const auto record = created.empty() ? name_of(step.text("on")) : std::string();
  const auto* in =
      engine_.registry().pack().current(created.empty() ? record.substr(0, record.find('/')) : std::string_view(created));
  JsonObject fields;
  for (const auto& [key, value] : step.at("with").members)
    fields[key] = value_of(run, value, in == nullptr ? nullptr : in->field(key));
  fresh_->clear();
  const auto by = name_of(step.text("by"));
  if (const auto& lines = step.at("statement"); !lines.is_absent()) {
    const auto account = town_.doc(record);
    if (account.is_null())
      return base::refuse("DEMO-09", "故事所指的记录不存在", "a story speaks of a record that is not there", record);
    LG_TRY(const auto statement, engine::statement_of(account.at("fields").as_object(), lines, town_.now(),
                                                      [&](const std::string& cell) { return named(run, cell); }));
    LG_TRY(const auto file, town_.keep(statement));
    fields["statement_file"] = file;
  }
  // What a reporter sends waits for the roll, and will be this record then.
  const auto& tip = step.at("tip");
  if (!tip.is_absent() && by == "system") {
    const auto together = static_cast<std::size_t>(tip.at("together").integer().value_or(1));
    LG_TRY(auto sent, town_.report(created, std::move(fields), tip.text("text"), together));
    if (const auto name = step.text("as"); !name.empty()) run.names.insert_or_assign(std::string(name), std::move(sent));
    return base::Done{};
  }
  auto answer = !tip.is_absent()  ? town_.answer_tip(by, std::move(fields), tip.text("text"))
                : created.empty() ? town_.act(by, record, step.text("do"), std::move(fields))
                                  : town_.create(by, created, std::move(fields));
  ++acts_;
  if (!answer) {
    if (answer.refused() && step.at("or_ends").is_true()) run.at = run.steps->items.size();
    const bool may = step.at("may").is_true() || step.at("or_ends").is_true();
    return may && answer.refused() ? Status(base::Done{}) : Status(answer.trouble());
  }
  town_.settle();
  if (const auto name = step.text("as"); !name.empty()) run.names.insert_or_assign(std::string(name), answer->record);
  return base::Done{};
}

Status Stories::find(Run& run, const Node& step) {
  const std::string wanted(step.text("find"));
  const auto* in = engine_.registry().pack().current(wanted);
  if (in == nullptr) return base::refuse("EN-01", "没有此制度", "no such institution", wanted);
  std::string found;
  engine_.inspect([&](institution::Registry&, engine::Cache& cache) {
    for (const auto& [institution, record] : *fresh_) {
      if (institution != wanted) continue;
      const auto held = cache.find(record);
      if (!held || *held == nullptr) continue;
      const auto& where = step.at("where").members;
      const bool fits = std::all_of(where.begin(), where.end(), [&](const auto& part) {
        if (part.first == "state") return (*held)->state == part.second.scalar;
        const auto* value = (*held)->fields.find(part.first);
        return value != nullptr && *value == value_of(run, part.second, in->field(part.first));
      });
      if (fits) found = record;
    }
  });
  if (found.empty()) return base::refuse("DEMO-03", "没有这样的记录", "nothing of that kind changed", wanted);
  run.names.insert_or_assign(std::string(step.text("as")), found);
  return base::Done{};
}

}  // namespace landglass::cli
