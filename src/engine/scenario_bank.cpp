// Files that a scenario hands in, and its simulated bank (演示): statements without a bank.
#include <algorithm>

#include "engine/scenario_world.hpp"
#include "institution/load.hpp"

namespace landglass::engine {

using institution::Node;

// What stands in braces is a field of a named record: '{dep.reference}'.
std::string World::filled(std::string text) {
  for (auto open = text.find('{'); open != std::string::npos; open = text.find('{', open + 1)) {
    const auto close = text.find('}', open);
    const auto dot = text.find('.', open);
    if (close == std::string::npos || dot == std::string::npos || dot > close) break;
    const auto id = resolve(std::string_view(text).substr(open + 1, dot - open - 1));
    const auto field = text.substr(dot + 1, close - dot - 1);
    std::string value;
    engine_->inspect([&](institution::Registry&, Cache& cache) {
      const auto found = cache.find(id);
      if (found && *found != nullptr) value = (*found)->fields.text(field);
    });
    text.replace(open, close - open + 1, value);
  }
  return text;
}

void World::fill(base::Json& value) const {
  if (value.is_array()) {
    for (auto& item : value.as_array()) fill(item);
  } else if (value.is_object()) {
    for (auto& [name, item] : value.as_object()) fill(item);
  }
  const auto* text = value.if_string();
  if (text == nullptr || !text->starts_with('{') || !text->ends_with('}')) return;
  const auto dot = text->find('.');
  if (dot == std::string::npos || text->find_first_of("\"': ") != std::string::npos) return;  // JSON is none
  const auto id = resolve(std::string_view(*text).substr(1, dot - 1));
  const auto field = text->substr(dot + 1, text->size() - dot - 2);
  base::Json held;
  engine_->inspect([&](institution::Registry&, Cache& cache) {
    const auto found = cache.find(id);
    if (found && *found != nullptr) held = (*found)->fields.at(field);
  });
  value = std::move(held);
}

// A file of the vault, line by line, under a name that a field of type file may be given.
std::string World::keep(const Node& lines, const std::string& name) {
  std::string bytes;
  for (const auto& line : lines.items) bytes += filled(line.scalar) + "\n";
  auto hash = store_->keep_file(bytes);
  if (!hash) return base::explain(hash.trouble());
  memory_.names[name] = *hash;
  return {};
}

// The next statement of the account on which the step acts, kept as the file that the act gives; each cell may hold
// '{name.field}'.
std::string World::bank(const Node& lines, Command& command) {
  base::JsonObject account;
  engine_->inspect([&](institution::Registry&, Cache& cache) {
    const auto found = cache.find(command.record);
    if (found && *found != nullptr) account = (*found)->fields;
  });
  const auto statement = statement_of(
      account, lines, clock_.now(), [&](const std::string& cell) { return filled(cell); },
      [&](const std::string& time) { return time_of(time); });
  if (!statement) return base::explain(statement.trouble());
  auto kept = store_->keep_file(*statement);
  if (!kept) return base::explain(kept.trouble());
  command.fields["statement_file"] = *kept;
  return {};
}

base::Result<std::string> statement_of(const base::JsonObject& account, const Node& lines, base::Time now,
                                       const std::function<std::string(const std::string&)>& filled,
                                       const std::function<base::Time(const std::string&)>& time_of) {
  const std::string number(account.text("number"));
  const auto today = base::format_date(base::date_of(now));
  const auto opening = base::parse_money(account.text("bank_balance")).value_or(base::Money{});
  const auto covered = account.text("covered").empty() ? today : std::string(account.text("covered"));
  auto closing = opening;
  std::string body;
  for (const auto& line : lines.items) {
    std::vector<std::string> cells;
    for (const auto& cell : line.items) cells.push_back(filled(cell.scalar));
    if (cells.size() < 5) return base::fail("a line of a statement has amount, name, account, reference and bank reference");
    Node amount;
    amount.form = Node::Form::scalar;
    amount.scalar = cells[0];
    const auto literal = institution::load_literal({"statement"}, amount);
    std::optional<base::Money> sum = base::parse_money(cells[0]);
    if (literal && literal->kind == law::Kind::money) sum = base::Money{literal->number};
    if (!sum) return base::fail("not an amount: " + cells[0]);
    const auto time = cells.size() > 5 && time_of ? time_of(cells[5]) : now;
    const auto booked = std::min(std::max(base::format_date(base::date_of(time)), covered), today);
    body += "line," + number + "," + booked + "," + base::format_utc(time) + "," + base::money_text(*sum) + ",CNY," +
            cells[1] + "," + cells[2] + "," + cells[3] + "," + cells[4] + "\n";
    closing.fen += sum->fen;
  }
  const auto balance = [&](const char* kind, const std::string& date, base::Money money) {
    return std::string(kind) + "," + number + "," + date + ",," + base::money_text(money) + ",CNY,,,,\n";
  };
  return "record,account,booking_date,value_time,amount,currency,payer_name,payer_account,reference,bank_reference\n" +
         balance("opening", covered, opening) + body + balance("closing", today, closing);
}

}  // namespace landglass::engine
