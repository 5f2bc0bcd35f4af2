#pragma once
// The connection on which rules run (src/watch): the internal sight, and beside the store's own tables others in memory, for
// what the store keeps encrypted. Every process reads an embedded SQLite projection, so rules know one dialect whatever
// store holds the log.

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/store.hpp"

namespace landglass::store {

class RuleReader : public Reader {
 public:
  // Of integers, text and null; must give the same for the same. Anything but an integer or text answers null.
  using Function = std::function<base::Json(const std::vector<base::Json>&)>;
  struct Description {
    std::set<std::pair<std::string, std::string>> reads;  // table, column
    std::vector<std::string> columns;                     // of its answer
    std::vector<std::string> parameters;                  // in the order of `bind`, without the colon
  };

  // A table in memory, seen by this connection alone and gone with it: id, state, changed and the columns given.
  virtual base::Status lay_beside(const TableShape& shape) = 0;
  virtual base::Status put_beside(const RecordRow& row) = 0;  // replaces by id; version and doc are not kept
  virtual base::Status define(const std::string& name, int arguments, Function function) = 0;
  // Prepares it; a Failure says what SQLite does not know of it, a Refusal STORE-03 what is out of sight or no single
  // SELECT.
  virtual base::Result<Description> describe(std::string_view sql) = 0;
};

base::Result<std::unique_ptr<RuleReader>> rule_reader(Store& store);

}  // namespace landglass::store
