// What ties an institution to others beyond its facts: who may attach to it, whose hold it shares, what a paper slip opens;
// what a query by number is told, and how its records stand beside each other on a board.
#include <algorithm>
#include <set>

#include "institution/load.hpp"
#include "institution/signed_act.hpp"

namespace landglass::institution {
namespace {

using base::Status;

// `open_to: {objection: {in: [..], actions: [..], deadlines: [..], law: {..}}}`.
Status load_opening(Institution& in, const Loading& at, const std::string& other, const Node& node,
                    const FindShape& others) {
  LG_CHECK(only(at, node, {"in", "actions", "deadlines", "law"}));
  if (others(other) == nullptr) return at.bad(node, other, "包内无此制度", "no such institution in the pack: " + other);
  Opening opening;
  opening.institution = other;
  LG_TRY(opening.states, load_names(at, node.at("in")));
  if (opening.states.empty()) return at.bad(node, other + ".in", "须说明何时可以", "open_to says in which states");
  for (const auto& state : opening.states) {
    if (in.main.find(state) == nullptr) return at.bad(node, state, "没有此状态", "no such state: " + state);
  }
  LG_TRY(opening.actions, load_names(at, node.at("actions")));
  for (const auto& name : opening.actions) {
    if (find_action(in, name) == nullptr) return at.bad(node, name, "没有此动作", "no such action: " + name);
  }
  LG_TRY(opening.deadlines, load_names(at, node.at("deadlines")));
  LG_TRY(opening.law, load_law(at, node.at("law")));
  in.open_to.push_back(std::move(opening));
  return base::Done{};
}

// `held_with: [{by: gate, actions: [approve]}]`.
Status load_held_with(Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"by", "actions"}));
  HeldWith held{std::string(node.text("by")), {}};
  const auto* fact = in.fact(held.fact);
  if (fact == nullptr || fact->kind == FactKind::count || fact->kind == FactKind::sum || fact->institution == k_any)
    return at.bad(node, held.fact, "须为指向记录的事实", "held_with names a fact ref, one or all");
  LG_TRY(held.actions, load_names(at, node.at("actions")));
  if (held.actions.empty()) return at.bad(node, held.fact, "须说明中止何动作", "held_with says which actions");
  for (const auto& name : held.actions) {
    if (find_action(in, name) == nullptr) return at.bad(node, name, "没有此动作", "no such action: " + name);
  }
  in.held_with.push_back(std::move(held));
  return base::Done{};
}

// `board: {columns: [{title, states: [..]}], marks: [fact, ..]}`: each state that is not final in one column, once.
Status load_board(Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"columns", "marks"}));
  Board board;
  std::set<std::string, std::less<>> placed;
  for (const auto& item : node.at("columns").items) {
    LG_CHECK(only(at, item, {"title", "states"}));
    Column column;
    LG_TRY(column.title, load_text(at, item.at("title")));
    LG_TRY(column.states, load_names(at, item.at("states")));
    if (column.title.empty() || column.states.empty())
      return at.bad(item, "columns", "一栏须有名称和环节", "a column has a title and states");
    for (const auto& state : column.states) {
      if (in.main.find(state) == nullptr) return at.bad(item, state, "没有此状态", "no such state: " + state);
      if (!placed.insert(state).second) return at.bad(item, state, "一个环节只在一栏", "a state stands in one column");
    }
    board.columns.push_back(std::move(column));
  }
  for (const auto& state : in.main.states) {
    if (!state.final && !placed.contains(state.name))
      return at.bad(node, state.name, "看板缺少此环节", "a state that is not final stands in some column: " + state.name);
  }
  LG_TRY(board.marks, load_names(at, node.at("marks")));
  for (const auto& name : board.marks) {
    const auto* fact = in.fact(name);
    if (fact == nullptr || fact->kind != FactKind::count)
      return at.bad(node.at("marks"), name, "标记须为计数的事实", "a mark is a fact that counts");
  }
  in.board = std::move(board);
  return base::Done{};
}

// `answers: {number: [certificate_no], with: holder_name, tells: [mortgages]}`.
Status load_answers(Institution& in, const Loading& at, const Node& node) {
  LG_CHECK(only(at, node, {"number", "with", "tells"}));
  Answers answers;
  LG_TRY(answers.numbers, load_names(at, node.at("number")));
  answers.with = node.text("with");
  const auto is_text = [&](const std::string& name, bool is_private) {
    const auto* field = in.field(name);
    return field != nullptr && field->type == "text" && field->is_private == is_private && !field->locked;
  };
  if (in.sealed() || answers.numbers.empty() ||
      !std::all_of(answers.numbers.begin(), answers.numbers.end(), [&](const auto& name) { return is_text(name, false); }))
    return at.bad(node, "number", "编号须为公开制度的公开文本", "a number is a public text of an open institution");
  if (!is_text(answers.with, true))
    return at.bad(node, "with", "须与一项不公开的文本一并提供", "with the number goes a private text");
  LG_TRY(answers.tells, load_names(at, node.at("tells")));
  for (const auto& name : answers.tells) {
    const auto* fact = in.fact(name);
    if (fact == nullptr || fact->kind != FactKind::count || fact->title.empty())
      return at.bad(node.at("tells"), name, "告知的须为有名称的计数事实",
                    "what is told is a fact that counts and has a title");
  }
  in.answers = std::move(answers);
  return base::Done{};
}

}  // namespace

Status load_links(Institution& in, const Node& root, const Loading& at, const FindShape& others) {
  for (const auto& [other, node] : root.at("open_to").members) LG_CHECK(load_opening(in, at, other, node, others));
  for (const auto& node : root.at("held_with").items) LG_CHECK(load_held_with(in, at, node));
  if (!root.at("board").is_absent()) LG_CHECK(load_board(in, at, root.at("board")));
  if (!root.at("answers").is_absent()) LG_CHECK(load_answers(in, at, root.at("answers")));
  LG_TRY(in.slip, load_names(at, root.at("slip")));
  for (const auto& name : in.slip) {
    const auto* field = in.field(name);
    if (field == nullptr || !field->is_private || in.sealed())
      return at.bad(root.at("slip"), name, "凭条所开须为公开制度的不公开字段",
                    "a slip opens private fields of an open institution");
  }
  return base::Done{};
}

}  // namespace landglass::institution
