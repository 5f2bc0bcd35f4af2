// The running records of an institution that asks for a board: a column for the states it names, a card for each record,
// with what is due next, its light, and the marks that the file counts (a case under listed supervision).
#include <algorithm>
#include <map>

#include "web/lamps.hpp"
#include "web/portal.hpp"
#include "web/portal_model.hpp"
#include "web/uri.hpp"

namespace landglass::web {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Text;
using institution::Institution;

namespace {

constexpr int k_considered = 400;        // of a column, those that changed last
constexpr std::size_t k_in_column = 60;  // shown of it, the most urgent

struct Card {
  std::string id, states;
  JsonObject fields;
  std::optional<base::Time> due;
  const Lamp* lamp = nullptr;
  std::vector<Text> marks;
  bool paused = false, held = false;
};

}  // namespace

std::vector<std::string> Portal::board_ids(const Request& request, const Institution& in,
                                           const std::vector<std::string>& states) {
  std::vector<std::string> ids;
  if (in.sealed()) {
    for (const auto& state : states) {
      auto rows = sealed_rows(request, in, state, "", 0, k_considered);
      if (!rows) continue;
      for (const auto& row : *rows) ids.push_back(row[0].as_string());
    }
    return ids;
  }
  std::string which;
  std::vector<Json> bind;
  for (const auto& state : states) {
    which += std::string(which.empty() ? "" : " OR ") + "state = ? OR state LIKE ?";
    bind.emplace_back(state);
    bind.emplace_back(state + "|%");
  }
  auto rows = reader(store::Sight::open)
                  ->query("SELECT id FROM " + engine::Cache::table_of(in.name) + "_public WHERE " + which +
                              " ORDER BY changed DESC, id LIMIT " + std::to_string(k_considered),
                          bind);
  if (!rows) return ids;
  for (const auto& row : *rows) ids.push_back(row[0].as_string());
  return ids;
}

Response Portal::board(const Request& request) {
  const std::string name(request.parameter("institution"));
  const auto* in = pack_.current(name);
  if (in == nullptr || !in->board || (in->sealed() && lists_sealed(request, *in).empty()))
    return refuse(base::refuse("EN-01", "没有此看板", "no such board", name), request);
  const std::string query(request.query.get("q"));
  const std::string wanted(request.query.get("light"));
  const std::string marked(request.query.get("mark") == "all" ? "" : request.query.get("mark"));
  const auto now = clock_.now();
  const auto today = base::date_of(now);
  std::vector<std::vector<Card>> columns;
  for (const auto& column : in->board->columns) {
    const auto ids = board_ids(request, *in, column.states);
    std::vector<Card> cards;
    engine_.inspect([&](institution::Registry& registry, engine::Cache& cache) {
      for (const auto& id : ids) {
        const auto found = cache.find(id);
        if (!found || *found == nullptr) continue;
        const institution::Record record = **found;  // looking further may let a clean record go
        const auto* file = registry.institution_of(record);
        if (file == nullptr) continue;
        const auto seen = in->sealed() ? std::nullopt : registry.publish(record);
        Card card{id,
                  record.states(),
                  seen ? seen->at("fields").as_object() : record.fields,
                  next_due(*file, record),
                  nullptr,
                  {},
                  false,
                  !record.holds.empty()};
        bool wants = marked.empty();
        for (const auto& mark : in->board->marks) {
          const auto* fact = in->fact(mark);
          const auto count = registry.fact(record, *in, *fact, nullptr, now);
          if (!count || count->number == 0) continue;
          card.marks.push_back(fact->title.empty() ? base::alike(mark) : fact->title);
          wants = wants || mark == marked;
        }
        card.paused = std::any_of(record.timers.begin(), record.timers.end(), [](const auto& timer) {
          // What is left of a pause that ended stands still and keeps nothing standing.
          return timer.second.left_ms && !timer.first.starts_with("paused/");
        });
        card.lamp = &lamp_of(card.due, today, pack_.calendar());
        if (wants) cards.push_back(std::move(card));
      }
    });
    columns.push_back(std::move(cards));
  }
  // By name, when the sequencer has gone on.
  auto names = this->names();
  std::map<std::string, std::size_t> of_light;
  std::size_t all = 0;
  JsonArray drawn;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    auto& cards = columns[i];
    if (!query.empty()) {
      std::erase_if(cards, [&](const Card& card) {
        const auto title = names.or_number(*in, card.fields, card.id);
        return title.zh.find(query) == std::string::npos && title.en.find(query) == std::string::npos &&
               card.id.find(query) == std::string::npos;
      });
    }
    for (const auto& card : cards) ++of_light[card.lamp->name];
    if (!wanted.empty()) std::erase_if(cards, [&](const Card& card) { return card.lamp->name != wanted; });
    all += cards.size();
    std::stable_sort(cards.begin(), cards.end(), [](const Card& a, const Card& b) {
      return a.due.value_or(base::Time{INT64_MAX}) < b.due.value_or(base::Time{INT64_MAX});
    });
    JsonArray shown;
    for (std::size_t k = 0; k < cards.size() && k < k_in_column; ++k) {
      const auto& card = cards[k];
      JsonObject one{{"title", both(names.or_number(*in, card.fields, card.id))},
                     {"to", href_of(card.id)},
                     {"state", state_model(*in, card.states)}};
      if (auto number = quoted_number(card.id); !number.empty()) one["number"] = std::move(number);
      if (card.due) one["due"] = due_model(*card.due, now, pack_.calendar());
      JsonArray marks;
      for (const auto& mark : card.marks) marks.push_back(JsonObject{{"text", both(mark)}, {"tone", "bad"}});
      if (card.held) marks.push_back(JsonObject{{"text", both("已中止", "held")}, {"tone", "warn"}});
      if (card.paused) marks.push_back(JsonObject{{"text", both("期限中止", "clock paused")}, {"tone", "neutral"}});
      if (!marks.empty()) one["marks"] = items(std::move(marks));
      shown.push_back(std::move(one));
    }
    JsonObject column{{"id", "c" + std::to_string(i)},
                      {"title", both(in->board->columns[i].title)},
                      {"count", std::to_string(cards.size()) + (cards.size() >= k_considered ? "+" : "")}};
    if (cards.size() > k_in_column)
      column["more"] = JsonObject{{"to", "/list/" + in->name + "?state=" + in->board->columns[i].states.front()},
                                  {"label", both("其余见登记簿", "The rest in the register")}};
    if (!shown.empty()) column["cards"] = items(std::move(shown));
    drawn.push_back(std::move(column));
  }
  auto model = page(request, {in->title.zh + "看板", in->title.en + ": board"});
  const auto kept = (query.empty() ? std::string() : "&q=" + encode_component(query)) +
                    (marked.empty() ? std::string() : "&mark=" + encode_component(marked));
  const auto here = "/board/" + in->name;
  JsonArray lights;
  const auto light = [&](const std::string& id, const Text& title) {
    JsonObject one{{"light", id},
                   {"label", both(title)},
                   {"count", std::to_string(of_light[id])},
                   {"to", id == wanted ? here + (kept.empty() ? "" : "?" + kept.substr(1)) : here + "?light=" + id + kept}};
    if (id == wanted) one["current"] = true;
    lights.push_back(std::move(one));
  };
  for (const auto& lamp : all_lamps()) light(lamp.name, lamp.title);
  JsonObject filter{{"action", here}, {"placeholder", both("名称或编号", "Name or number")}};
  if (!query.empty()) filter["query"] = query;
  if (!in->board->marks.empty()) {
    JsonArray options{JsonObject{{"value", "all"}, {"label", both("全部", "All")}}};
    for (const auto& mark : in->board->marks) {
      const auto* fact = in->fact(mark);
      JsonObject option{{"value", mark}, {"label", both(fact->title.empty() ? base::alike(mark) : fact->title)}};
      if (mark == marked) option["selected"] = true;
      options.push_back(std::move(option));
    }
    filter["choices"] =
        JsonArray{JsonObject{{"name", "mark"}, {"label", both("标记", "Mark")}, {"options", std::move(options)}}};
  }
  JsonObject board{{"lights", items(std::move(lights))},
                   {"filter", std::move(filter)},
                   {"register", JsonObject{{"to", "/list/" + in->name},
                                           {"label", both("看登记簿（含已办结）", "The register, with what is over")}}}};
  if (!in->about.empty()) board["lead"] = both(in->about);
  if (all == 0) {
    const bool narrowed = !query.empty() || !wanted.empty() || !marked.empty();
    board["nothing"] = JsonObject{
        {"title", narrowed ? both("没有符合条件的事项", "Nothing fits") : both("没有在办事项", "Nothing is under way")},
        {"text", narrowed ? both("换一个词，或者放宽条件。", "Try another word, or fewer conditions.")
                          : both("在办事项按环节列在这里，最急的在前。",
                                 "What is under way stands here by its state, the most urgent first.")}};
  } else {
    board["columns"] = items(std::move(drawn));
  }
  model.as_object()["board"] = std::move(board);
  return in->sealed() ? own_page(render("board", model, request)) : render("board", model, request);
}

}  // namespace landglass::web
