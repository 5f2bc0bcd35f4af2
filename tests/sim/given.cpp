#include "given.hpp"

#include "../pack/text_like.hpp"
#include "base/units.hpp"

namespace landglass::tests {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using institution::Field;

// No value of any type, or one of another than is asked for.
Json nonsense(base::SeededRandom& random) {
  switch (random.below(9)) {
    case 0: return Json();
    case 1: return std::string();
    case 2: return std::string(4'000, 'x');
    case 3: return std::string("1e999");
    case 4: return std::string("-1.00");
    case 5: return std::int64_t{9'007'199'254'740'991};
    case 6: return JsonArray{JsonObject{{"a", JsonArray{}}}};
    case 7: return std::string("\xf0\xa0\x80\x80\xe2\x80\xae'; drop table leaves_open; --");
    default: return JsonObject{{"erased", true}};
  }
}

std::int64_t between(const Field& field, std::int64_t otherwise, base::SeededRandom& random) {
  const auto least = field.min.value_or(0);
  const auto most = field.max.value_or(least + otherwise);
  switch (random.below(12)) {
    case 0: return least;
    case 1: return most;
    case 2: return least - 1;
    case 3: return most + 1;
    default: return least + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(most - least) + 1));
  }
}

std::string some_text(const Field& field, base::SeededRandom& random) {
  if (!field.pattern.empty()) return text_like(field.pattern);
  static const char* const k_words[] = {
      "梅城镇解放大街东侧", "某某置业有限公司", "补正材料齐全", "A lot by the river", "12", "没有"};
  std::string text = k_words[random.below(std::size(k_words))];
  if (random.below(10) == 0) {
    while (text.size() < static_cast<std::size_t>(field.max_length)) text += text;
  }
  return text;
}

template <class List>
const auto& one_of(const List& list, base::SeededRandom& random) {
  return list[random.below(list.size())];
}

}  // namespace

Json given(const Field& field, const institution::Pack& pack, const Known& known, base::Time now,
           base::SeededRandom& random) {
  if (random.below(40) == 0) return nonsense(random);
  if (field.locked) return JsonObject{};
  if (field.type == "integer") return between(field, 3'000, random);
  if (field.type == "boolean") return random.below(2) == 0;
  if (field.type == "money") return base::money_text({between(field, 100'000'000'00, random)});
  if (field.type == "area") return base::area_text({between(field, 1'000'000, random)});
  if (field.type == "ratio") return std::to_string(random.below(120)) + "%";
  const auto when = base::Time{now.ms + (static_cast<std::int64_t>(random.below(120)) - 60) * base::k_day};
  if (field.type == "date") return base::format_date(base::date_of(when));
  if (field.type == "time") return base::format_utc(when);
  if (field.type == "file") return one_of(known.files, random);
  if (field.type == "ref") {
    auto of = known.records.find(field.of);
    if (field.of == institution::k_any || field.of.empty()) {
      of = known.records.begin();
      std::advance(of, static_cast<std::ptrdiff_t>(random.below(known.records.size())));
    }
    if (of == known.records.end() || of->second.empty()) return field.of + "/nowhere";
    return one_of(of->second, random);
  }
  if (field.type == "list") {
    JsonArray all;
    for (std::uint64_t i = random.below(4); i > 0; --i) all.push_back(given(*field.items, pack, known, now, random));
    return all;
  }
  if (field.type == "code") {
    if (field.table == "divisions") return known.region;
    if (!field.values.empty()) return one_of(field.values, random).key;
    const auto* table = pack.table(field.table);
    return table == nullptr || table->values.empty() ? Json() : Json(one_of(table->values, random).key);
  }
  if (field.type == "record") {
    JsonObject object;
    for (const auto& member : field.members) object[member.name] = given(member, pack, known, now, random);
    return object;
  }
  if (field.type == "json") return JsonObject{};
  return some_text(field, random);
}

}  // namespace landglass::tests
