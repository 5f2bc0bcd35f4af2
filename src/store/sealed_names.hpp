#pragma once
// Which place a sealed row has, by its name (decision 0155). Names are random, so each would be put into another page of a
// large tree: they come into a small one first, and from there into the large one a range at a time.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "store/cipher.hpp"
#include "store/sqlite.hpp"

namespace landglass::store {

inline constexpr std::size_t k_room_sizes = 5;

// "SELECT <columns> FROM <table> WHERE <its place is that of the name bound as 1>".
std::string select_by_name(std::string_view columns, std::string_view table);

class SealedNames {
 public:
  // Places of one size, whose blocks up to `end` are full for ever.
  struct Settled {
    std::int64_t begin = 0;
    std::int64_t end = 0;
  };
  using AllSettled = std::array<Settled, k_room_sizes>;

  // Of the table "sealed" or "vault_sealed". Counts the names of full blocks in the small tree.
  base::Status open(Connection& db, std::string_view table, const AllSettled& settled);
  // A name whose block is full stands in the large tree or waits for it; of any other block all names stand in the small
  // one, those of chaff too, so that neither tells how many of a block mean something.
  base::Status enter(const ShortName& name, std::int64_t place, bool settled);
  base::Status leave(const ShortName& name, bool settled);
  // The place that was `from`'s, which stood, is `to`'s now.
  base::Status take_over(const ShortName& from, const ShortName& to, std::int64_t place, bool settled);
  // So many names more are of full blocks. Where too many wait a part of them goes over.
  base::Status settle(std::uint64_t more, const AllSettled& settled);
  base::Status clear();
  void roll_back() { waiting_ = committed_; }
  void committed() { committed_ = waiting_; }

 private:
  base::Status go_over(const AllSettled& settled);

  Connection* db_ = nullptr;
  Statement enter_fresh_, enter_old_, leave_fresh_, leave_old_, rename_, copy_, drop_, clear_fresh_, clear_old_;
  std::uint64_t waiting_ = 0;  // names of full blocks in the small tree
  std::uint64_t committed_ = 0;
  std::uint8_t part_ = 0;  // which sixteenth of all names goes over next
};

}  // namespace landglass::store
