// What a scenario says should have become of it, and what did.
#include "engine/scenario_world.hpp"

#include <algorithm>

#include "base/number.hpp"
#include "institution/sight.hpp"

namespace landglass::engine {

using base::Json;
using base::JsonObject;
using institution::Node;

std::vector<const Node*> listed(const Node& node) {
  std::vector<const Node*> list;
  if (node.is_sequence()) {
    for (const auto& item : node.items) list.push_back(&item);
  } else if (node.is_mapping()) {
    list.push_back(&node);
  }
  return list;
}

std::string World::resolve(std::string_view name) const {
  const auto found = memory_.names.find(std::string(name));
  return found == memory_.names.end() ? std::string(name) : found->second;
}

// Names of records stand with a leading '$' in given values: {scheme: $scheme}.
Json plain_value(const Node& node, const institution::Field* field, const std::function<Json(std::string_view)>& resolve) {
  if (node.is_sequence()) {
    base::JsonArray array;
    for (const auto& item : node.items)
      array.push_back(plain_value(item, field != nullptr && field->items ? field->items.get() : nullptr, resolve));
    return array;
  }
  if (node.is_mapping()) {
    JsonObject object;
    for (const auto& [key, item] : node.members) {
      const institution::Field* member = nullptr;
      if (field != nullptr) {
        for (const auto& one : field->members) {
          if (one.name == key) member = &one;
        }
      }
      object[key] = plain_value(item, member, resolve);
    }
    return object;
  }
  if (!node.quoted && node.scalar == "null") return Json();
  if (node.scalar.starts_with('$')) return resolve(std::string_view(node.scalar).substr(1));
  if (field != nullptr) {
    if (field->type == "integer" && node.integer()) return *node.integer();
    if (field->type == "boolean") return node.is_true();
    if (field->type == "money" || field->type == "area") {
      const auto literal = institution::load_literal({"scenario"}, node);
      if (literal && literal->kind == law::Kind::money) return base::money_text({literal->number});
      if (literal && literal->kind == law::Kind::area) return base::area_text({literal->number});
    }
    if (field->type == "time") return base::format_utc(time_of(node.scalar));
  } else {
    if (const auto number = node.integer()) return *number;
    if (!node.quoted && (node.scalar == "true" || node.scalar == "false")) return node.is_true();
  }
  return node.scalar;
}

// Also `$log.root` and `$log.size`, and an opener's public key, which only a scenario knows; `$name.part` is the name alone.
Json World::value_of(const Node& node, const institution::Field* field) const {
  return plain_value(node, field, [this](std::string_view name) -> Json {
    if (name == "log.size") return seen_head().size;
    if (name == "log.root") return base::to_hex(seen_head().frontier.root());
    if (name.starts_with("opener-key."))
      return ScenarioBidders::opener_key(base::whole_number(name.substr(name.find('.') + 1)).value_or(0));
    return resolve(name.substr(0, name.find('.')));
  });
}

std::string World::expect(const Node& then) {
  if (const auto code = then.text("refused"); !code.empty()) return expect_refusal(then, code);
  if (last_ && !*last_) return base::explain(last_->trouble());
  if (onlooker_) {
    if (auto why = onlooker_->expect(then); !why.empty()) return why;
  }
  std::string id = memory_.record;
  if (const auto on = then.text("on"); !on.empty()) id = resolve(on);
  std::string why;
  engine_->inspect([&](institution::Registry& registry, Cache& cache) {
    const auto found = cache.find(id);
    if (!found || *found == nullptr) {
      why = "no such record: " + id;
      return;
    }
    why = compare(then, **found, registry);
  });
  if (!why.empty()) return id + ": " + why;
  for (const auto& item : then.at("raised").items) {
    coverage_.codes.insert(item.scalar);
    if (!memory_.all_raised.contains(item.scalar)) return "expected a warning " + item.scalar;
  }
  for (const auto& item : then.at("unraised").items) {
    if (memory_.all_raised.contains(item.scalar)) return "expected no warning " + item.scalar;
  }
  for (const auto& item : then.at("papers").items) {
    if (!memory_.papers.contains(item.scalar)) return "expected the paper " + item.scalar;
  }
  return {};
}

std::string World::expect_refusal(const Node& then, std::string_view code) const {
  if (!last_) return "nothing was done that could be refused";
  if (*last_) return "expected a refusal " + std::string(code) + ", but it took place";
  if (!last_->refused() || last_->refusal().code != code)
    return "expected " + std::string(code) + ", got " + base::explain(last_->trouble());
  if (const auto detail = then.text("detail"); !detail.empty() &&
                                               last_->refusal().detail.zh.find(detail) == std::string::npos &&
                                               last_->refusal().detail.en.find(detail) == std::string::npos) {
    return "expected the detail to say '" + std::string(detail) + "', got " + base::explain(last_->trouble());
  }
  for (const auto& item : then.at("also").items) {
    const auto& also = last_->refusal().also;
    if (std::none_of(also.begin(), also.end(), [&](const auto& one) { return one.code == item.scalar; }))
      return "expected " + item.scalar + " to stand in the way as well";
  }
  return {};
}

std::string World::compare(const Node& then, const institution::Record& record, institution::Registry& registry) {
  if (const auto state = then.text("state"); !state.empty() && record.state != state) {
    return "expected state " + std::string(state) + ", is " + record.states();
  }
  for (const auto& [region, state] : then.at("parallel").members) {
    const auto place = record.parallel.find(region);
    if (place == record.parallel.end() || place->second != state.scalar)
      return "expected " + region + ":" + state.scalar + ", is " + record.states();
  }
  const auto* in = registry.institution_of(record);
  const auto same = [&](const JsonObject& fields, const std::string& name, const Node& wanted) -> std::string {
    const auto* value = fields.find(name);
    if (wanted.is_scalar() && !wanted.quoted && wanted.scalar == "absent") {
      return value == nullptr ? std::string() : "expected no " + name + ", is " + base::canonical(*value);
    }
    auto json = value_of(wanted, in == nullptr ? nullptr : in->field(name));
    fill(json);
    if (value != nullptr && *value == json) return {};
    return "expected " + name + " = " + base::canonical(json) + ", is " +
           (value == nullptr ? "absent" : base::canonical(*value));
  };
  for (const auto& [name, wanted] : then.at("fields").members) {
    if (auto why = same(record.fields, name, wanted); !why.empty()) return why;
  }
  if (!then.at("public").is_absent()) {
    const auto open = registry.publish(record);
    const JsonObject fields = open ? open->at("fields").as_object() : JsonObject();
    for (const auto& [name, wanted] : then.at("public").members) {
      if (auto why = same(fields, name, wanted); !why.empty()) return "public: " + why;
    }
  }
  const auto& sight = then.at("sees");
  for (const auto* seen : listed(sight)) {
    const auto name = seen->text("by");
    institution::Asking asking{resolve(name.starts_with('$') ? name.substr(1) : name), {}};
    if (auto seats = registry.seats(asking.actor, base::date_of(clock_.now()))) asking.seats = std::move(*seats);
    JsonObject fields;
    // Of a sealed record who may read it reads all, but what its file shows to some of its readers alone.
    const bool reads = in->sealed() && institution::reads_sealed(record, *in, asking, base::date_of(clock_.now()));
    for (const auto& field : in->fields) {
      const auto* value = record.fields.find(field.name);
      if (value == nullptr) continue;
      if ((reads && field.seen_by.empty()) || institution::sees(record, *in, field, asking)) fields[field.name] = *value;
    }
    for (const auto& [field, wanted] : seen->members) {
      if (field == "by") continue;
      if (auto why = same(fields, field, wanted); !why.empty()) return std::string(name) + " sees: " + why;
    }
  }
  if (auto why = compare_due(then, record); !why.empty()) return why;
  if (!then.at("holds").is_absent() &&
      static_cast<std::int64_t>(record.holds.size()) != then.at("holds").integer().value_or(-1)) {
    return "expected " + then.at("holds").scalar + " holds, are " + std::to_string(record.holds.size());
  }
  return {};
}

std::string World::compare_due(const Node& then, const institution::Record& record) const {
  for (const auto& [name, wanted] : then.at("due").members) {
    const auto timer = record.timers.find(name);
    if (wanted.scalar == "absent") {
      if (timer != record.timers.end()) return "expected no deadline " + name;
    } else if (timer == record.timers.end()) {
      return "expected a deadline " + name;
    } else if (wanted.scalar == "paused") {
      if (!timer->second.left_ms) return "expected the deadline " + name + " to be paused";
    } else if (timer->second.left_ms || timer->second.due != time_of(wanted.scalar)) {
      return "expected " + name + " due " + wanted.scalar + ", is " +
             (timer->second.left_ms ? "paused" : base::format_local(timer->second.due));
    }
  }
  return {};
}

}  // namespace landglass::engine
