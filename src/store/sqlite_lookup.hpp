#pragma once
// Look-ups over one connection: the writer's own, which sees the batch under way, or one beside it.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/cipher.hpp"
#include "store/schema.hpp"
#include "store/sqlite.hpp"
#include "store/store.hpp"

namespace landglass::store {

// A look-up by string_view without making a string.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
template <class T>
using ByText = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

// Hex stands as bytes, half as long; what is no hex as the text it is. Reading tells them apart by their type.
struct Compact {
  std::optional<base::Bytes> bytes;
  std::string_view text;
  explicit Compact(std::string_view of) : bytes(base::from_hex(of)), text(of) {}
  void bind(Statement& statement, int at) const {
    if (bytes)
      statement.blob(at, *bytes);
    else
      statement.text(at, text);
  }
};

// Names of sealed rows: of a record, index or tally; of a command that was seen.
ShortName sealed_row(const Keys& keys, std::string_view key);
ShortName seen_row(const Keys& keys, std::string_view command);

class SqliteLookup {
 public:
  SqliteLookup(Connection& db, std::shared_ptr<const Keys> keys, std::shared_ptr<KnownTables> known)
      : db_(db), keys_(std::move(keys)), known_(std::move(known)) {}
  SqliteLookup(Connection&& own, std::shared_ptr<const Keys> keys, std::shared_ptr<KnownTables> known)
      : own_(std::move(own)), db_(own_), keys_(std::move(keys)), known_(std::move(known)) {}
  SqliteLookup(const SqliteLookup&) = delete;
  SqliteLookup& operator=(const SqliteLookup&) = delete;

  base::Result<std::optional<std::string>> record(std::string_view table, std::string_view id);
  base::Result<std::optional<std::string>> sealed(std::string_view key);
  base::Result<std::vector<TimerRow>> timers_due(base::Time until, std::size_t limit);
  base::Result<std::optional<base::Time>> next_due();
  base::Result<std::int64_t> tally(std::string_view key);
  base::Result<std::optional<SeenCommand>> seen(log::Tree tree, std::string_view command);
  base::Result<std::string> newest_seen(std::string_view before);  // command of the open tree, the largest; empty: none
  // What is looked up in between is of one moment, and takes its locks once. Nothing is written meanwhile.
  base::Status hold();
  base::Status let_go();

 private:
  base::Result<Statement*> statement(std::string_view sql);  // prepared once
  base::Result<std::optional<base::Bytes>> sealed_as(const ShortName& name);

  Connection own_;  // before its statements: they go first
  Connection& db_;
  std::shared_ptr<const Keys> keys_;
  std::shared_ptr<KnownTables> known_;
  ByText<Statement> statements_;
  ByText<Statement> records_;  // by table
};

}  // namespace landglass::store
