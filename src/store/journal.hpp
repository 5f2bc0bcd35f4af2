#pragma once
// Two files in a store's folder to which batches are appended, one write that lasts each, by turns: where the next batch
// does not fit, the other file is begun anew, once all that stands in it is in the tables. docs/formats/store.md.

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "store/batch.hpp"
#include "store/cipher.hpp"
#include "store/durable_file.hpp"

namespace landglass::store {

class Journal {
 public:
  static constexpr std::size_t k_room_bytes = 4 << 20;  // of each file, laid out beforehand; more where batches are large
  static constexpr std::size_t k_most_bytes = 8 << 20;  // of a batch

  // How far the tables are: the number of the last batch in them, and the session that it was written in. A session is one
  // opening of the store: of another one's batches nothing is taken, though their numbers may fit.
  struct Mark {
    std::uint64_t number = 0;
    std::uint64_t session = 0;
  };
  // What stands in the folder behind the mark, up to the first gap or what is torn: batches that were committed and are not
  // in the tables. Files that are not there hold nothing.
  static base::Result<std::map<std::uint64_t, std::shared_ptr<const Batch>>> read(const std::string& folder, const Key& key,
                                                                                  const Mark& mark);
  static std::array<std::string, 2> files(const std::string& folder);

  // Begins both files anew: what stood in them must be in the tables, durably.
  static base::Result<std::unique_ptr<Journal>> open(const std::string& folder, Disk& disk, const Key& key,
                                                     std::uint64_t session);

  // Which number must be in the tables, durably, before a record of so many bytes is appended; 0: none.
  std::uint64_t first_done(std::size_t bytes) const;
  // A batch as it is written: whole pages. By any thread, whatever is appended meanwhile.
  Pages record(std::uint64_t number, const Batch& batch) const;
  // Durable when it returns Done; after a Failure nobody knows.
  base::Status append(std::uint64_t number, base::BytesView record);
  base::Status erase();  // overwrites all that ever stood in it; of nothing that is not in the tables

 private:
  struct File {
    std::unique_ptr<DurableFile> pages;
    std::size_t bytes = 0;   // laid out
    std::uint64_t last = 0;  // number
  };
  Journal(const Key& key, std::uint64_t session) : key_(key), session_(session) {}

  Key key_;
  std::uint64_t session_;
  std::array<File, 2> files_;
  std::size_t now_ = 0;  // the file that is written to
  std::size_t at_ = 0;
};

}  // namespace landglass::store
