#include "institution/foreseen.hpp"

#include <algorithm>

#include "institution/decision.hpp"
#include "institution/words.hpp"

namespace landglass::institution {
namespace {

// Whether a condition reads, by itself or through a fact or a parameter, what the act gives or sets; or what is private or
// sealed: to look at a page is no way to ask about that.
class Given {
 public:
  Given(const Pack& pack, const Institution& in, const Action& action) : pack_(pack), in_(in), action_(action) {}

  bool reads(const law::Expression& expression, int depth = 0) const {
    return std::any_of(expression.reads().begin(), expression.reads().end(), [&](const std::string& path) {
      const auto dot = path.find('.');
      const auto root = std::string_view(path).substr(0, dot);
      return name(root, depth) || (dot != std::string::npos && of_private(root, std::string_view(path).substr(dot + 1)));
    });
  }

 private:
  bool of_private(std::string_view root, std::string_view path) const {
    const auto* fact = in_.fact(root);
    const auto* other = fact == nullptr ? nullptr : pack_.current(fact->institution);
    const auto* field = other == nullptr ? nullptr : other->field(path.substr(0, path.find('.')));
    return field != nullptr && field->is_private;
  }
  bool name(std::string_view name, int depth) const {
    if (depth > 4 || contains(action_.give, name) || contains(action_.need, name)) return true;
    if (std::any_of(action_.set.begin(), action_.set.end(), [&](const auto& one) { return one.first == name; })) return true;
    if (const auto* field = in_.field(name)) return field->is_private || field->locked;
    if (const auto* fact = in_.fact(name)) {
      const auto* other = pack_.current(fact->institution);
      if (fact->institution != k_any && (other == nullptr || other->sealed())) return true;
      if (fact->kind == FactKind::ref) return this->name(fact->field, depth + 1);
      return std::any_of(fact->where.begin(), fact->where.end(),
                         [&](const auto& one) { return one.value && reads(*one.value, depth + 1); });
    }
    const auto* parameter = in_.parameter(name);
    return parameter != nullptr &&
           std::any_of(parameter->values.begin(), parameter->values.end(),
                       [&](const ParameterValue& one) { return one.when && reads(*one.when, depth + 1); });
  }

  const Pack& pack_;
  const Institution& in_;
  const Action& action_;
};

// The chair from which he would do it.
Seat seat_for(Registry& registry, const Action& action, const std::string& actor, base::Time now) {
  const auto seats = registry.seats(actor, base::date_of(now));
  if (!seats || seats->empty()) return {};
  const auto fits = [&](const Seat& seat) {
    return std::any_of(seat.roles.begin(), seat.roles.end(), [&](const auto& role) { return contains(action.by, role); });
  };
  const auto found = std::find_if(seats->begin(), seats->end(), fits);
  return found == seats->end() ? seats->front() : *found;
}

}  // namespace

std::optional<base::Refusal> foreseen(Registry& registry, const Record& record, const Action& action,
                                      const std::string& actor, base::Time now) {
  const auto* in = registry.institution_of(record);
  if (in == nullptr || action.checks.empty()) return std::nullopt;
  Command command;
  command.record = record.id;
  command.action = action.name;
  command.actor = actor;
  const auto seat = seat_for(registry, action, actor, now);
  const RecordScope scope(registry, *in, record, &record, command, &seat, now);
  const FileWords words(registry.pack(), *in);
  const Given given(registry.pack(), *in, action);
  for (const auto& check : action.checks) {
    if (check.warn || given.reads(check.that)) continue;
    const auto held = check.that.require(scope, words);
    if (held || held.failed()) continue;
    auto refusal = held.refusal();
    refusal.code = check.code;
    refusal.say = check.say;
    refusal.law = registry.pack().cite(check.law);
    return refusal;
  }
  return std::nullopt;
}

}  // namespace landglass::institution
