#include "store/sealed_names.hpp"

namespace landglass::store {
namespace {

// Large enough that the part which goes over finds several of each page that it writes, small enough that the pages of the
// small tree are few: some hundred.
constexpr std::uint64_t k_most_waiting = 16'384;
constexpr int k_parts = 16;

// Whether a place, of the column `place`, is of a block that is full; bounds are bound from ?3 on, two for each size.
std::string is_settled() {
  std::string out = "(";
  for (std::size_t of = 0; of < k_room_sizes; ++of) {
    const auto at = std::to_string(3 + 2 * of);
    if (of > 0) out += " OR ";
    out += "(place >= ?" + at + " AND place < ?" + std::to_string(4 + 2 * of) + ")";
  }
  return out + ")";
}
void bind_settled(Statement& to, const SealedNames::AllSettled& settled) {
  for (std::size_t of = 0; of < k_room_sizes; ++of) {
    to.integer(static_cast<int>(3 + 2 * of), settled[of].begin).integer(static_cast<int>(4 + 2 * of), settled[of].end);
  }
}

}  // namespace

std::string select_by_name(std::string_view columns, std::string_view table) {
  const auto place = [&](std::string_view tree) {
    return "(SELECT place FROM " + std::string(table) + std::string(tree) + " WHERE name = ?1)";
  };
  return "SELECT " + std::string(columns) + " FROM " + std::string(table) + " WHERE place = coalesce(" + place("_fresh") +
         ", " + place("_names") + ")";
}

base::Status SealedNames::open(Connection& db, std::string_view table, const AllSettled& settled) {
  db_ = &db;
  const auto fresh = std::string(table) + "_fresh";
  const auto old = std::string(table) + "_names";
  const auto part = " WHERE name >= ?1 AND name < ?2 AND " + is_settled();
  LG_TRY(enter_fresh_, db.prepare("INSERT INTO " + fresh + " VALUES (?, ?)"));
  LG_TRY(enter_old_, db.prepare("INSERT INTO " + old + " VALUES (?, ?)"));
  LG_TRY(leave_fresh_, db.prepare("DELETE FROM " + fresh + " WHERE name = ?"));
  LG_TRY(leave_old_, db.prepare("DELETE FROM " + old + " WHERE name = ?"));
  LG_TRY(rename_, db.prepare("UPDATE " + fresh + " SET name = ?2 WHERE name = ?1"));
  LG_TRY(copy_, db.prepare("INSERT INTO " + old + " SELECT name, place FROM " + fresh + part));
  LG_TRY(drop_, db.prepare("DELETE FROM " + fresh + part));
  LG_TRY(clear_fresh_, db.prepare("DELETE FROM " + fresh));
  LG_TRY(clear_old_, db.prepare("DELETE FROM " + old));
  LG_TRY(auto count, db.prepare("SELECT count(*) FROM " + fresh + " WHERE ?1 IS NULL AND ?2 IS NULL AND " + is_settled()));
  bind_settled(count, settled);
  LG_TRY(const bool row, count.row());
  waiting_ = committed_ = row ? static_cast<std::uint64_t>(count.integer(0)) : 0;
  fill_random(&part_, 1);
  return base::Done{};
}

base::Status SealedNames::enter(const ShortName& name, std::int64_t place, bool settled) {
  auto& put = settled ? enter_old_ : enter_fresh_;
  return put.blob(1, name).integer(2, place).run();
}

base::Status SealedNames::leave(const ShortName& name, bool settled) {
  LG_CHECK(leave_fresh_.blob(1, name).run());
  if (sqlite3_changes(db_->raw()) > 0) {
    if (settled) --waiting_;
    return base::Done{};
  }
  LG_ASSERT(settled, "the name of a block that is not full stands elsewhere");
  LG_CHECK(leave_old_.blob(1, name).run());
  LG_ASSERT(sqlite3_changes(db_->raw()) == 1, "a sealed row has no name");
  return base::Done{};
}

base::Status SealedNames::take_over(const ShortName& from, const ShortName& to, std::int64_t place, bool settled) {
  if (settled) {
    LG_CHECK(leave(from, settled));
    return enter(to, place, settled);
  }
  LG_CHECK(rename_.blob(1, from).blob(2, to).run());
  LG_ASSERT(sqlite3_changes(db_->raw()) == 1, "the name of a block that is not full stands elsewhere");
  return base::Done{};
}

base::Status SealedNames::settle(std::uint64_t more, const AllSettled& settled) {
  waiting_ += more;
  for (int i = 0; i < k_parts && waiting_ > k_most_waiting; ++i) LG_CHECK(go_over(settled));
  return base::Done{};
}

base::Status SealedNames::go_over(const AllSettled& settled) {
  const auto part = part_++ % k_parts;
  const std::array<std::uint8_t, 1> from{static_cast<std::uint8_t>(part << 4)};
  ShortName to;
  to.fill(0xff);  // below which all names are, but for one in 2^128
  if (part + 1 < k_parts) to = {static_cast<std::uint8_t>((part + 1) << 4)};
  for (auto* statement : {&copy_, &drop_}) {
    statement->blob(1, from).blob(2, to);
    bind_settled(*statement, settled);
    LG_CHECK(statement->run());
  }
  waiting_ -= static_cast<std::uint64_t>(sqlite3_changes(db_->raw()));
  return base::Done{};
}

base::Status SealedNames::clear() {
  LG_CHECK(clear_fresh_.run());
  LG_CHECK(clear_old_.run());
  waiting_ = 0;
  return base::Done{};
}

}  // namespace landglass::store
