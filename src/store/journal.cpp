#include "store/journal.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "store/files.hpp"

namespace landglass::store {
namespace {

// A record: head ‖ what anybody may read ‖ what lies sealed, bound to both; then zeros up to a whole page, so that no write
// touches a page on which an earlier batch stands.
struct Head {
  std::array<char, 8> mark{};
  std::uint64_t session = 0;
  std::uint64_t number = 0;
  std::uint32_t open = 0;    // bytes
  std::uint32_t sealed = 0;  // bytes
};
static_assert(sizeof(Head) == 32);
constexpr std::array<char, 8> k_mark{'L', 'G', 'B', 'A', 'T', 'C', 'H', '1'};
constexpr std::size_t k_page = DurableFile::k_page;
constexpr std::size_t k_of_a_file = 3;   // as many batches of the largest fit into one at least
constexpr std::size_t k_frame_head = 5;  // of a sealed frame

std::size_t whole_pages(std::size_t bytes) { return (bytes + k_page - 1) / k_page * k_page; }
std::size_t frame_of(std::size_t hidden) { return whole_pages(hidden + k_frame_head); }
std::size_t record_bytes(std::size_t open, std::size_t hidden) {
  return whole_pages(sizeof(Head) + open + k_nonce_bytes + frame_of(hidden) + k_tag_bytes);
}

}  // namespace

std::array<std::string, 2> Journal::files(const std::string& folder) {
  return {folder + "/journal-0", folder + "/journal-1"};
}

base::Result<std::map<std::uint64_t, std::shared_ptr<const Batch>>> Journal::read(const std::string& folder, const Key& key,
                                                                                  const Mark& mark) {
  std::map<std::uint64_t, std::shared_ptr<const Batch>> found;
  if (mark.session == 0) return found;
  for (const auto& path : files(folder)) {
    std::ifstream in(path, std::ios::binary);
    std::uint64_t last = 0;
    for (base::Bytes bytes; in;) {
      Head head;
      if (!in.read(reinterpret_cast<char*>(&head), sizeof head) || head.mark != k_mark || head.session != mark.session)
        break;
      if (head.number <= last) break;  // of the time before the file was begun anew
      const auto size = std::size_t{head.open} + head.sealed;
      if (size > 2 * k_most_bytes) break;
      bytes.resize(sizeof head + size);
      std::memcpy(bytes.data(), &head, sizeof head);
      if (!in.read(reinterpret_cast<char*>(bytes.data() + sizeof head), static_cast<std::streamsize>(size))) break;
      in.ignore(static_cast<std::streamsize>(whole_pages(bytes.size()) - bytes.size()));
      last = head.number;
      if (head.number <= mark.number) continue;
      const base::BytesView all = bytes;
      const auto opened = unseal(key, all.subspan(sizeof head + head.open), all.first(sizeof head + head.open));
      if (!opened) break;
      LG_TRY(auto batch, Batch::read(std::string(base::as_text(all.subspan(sizeof head, head.open))),
                                     std::string(base::as_text(opened->plain))));
      found.emplace(head.number, std::make_shared<const Batch>(std::move(batch)));
    }
  }
  // Behind a gap stands what came after a newer state of the tables than this one: they are a copy taken before.
  auto next = mark.number + 1;
  auto end = found.begin();
  for (; end != found.end() && end->first == next; ++end) ++next;
  found.erase(end, found.end());
  return found;
}

base::Result<std::unique_ptr<Journal>> Journal::open(const std::string& folder, Disk& disk, const Key& key,
                                                     std::uint64_t session) {
  auto journal = std::unique_ptr<Journal>(new Journal(key, session));
  const auto paths = files(folder);
  for (std::size_t i = 0; i < paths.size(); ++i) {
    auto& file = journal->files_[i];
    LG_TRY(file.pages, DurableFile::open(paths[i], disk));
    LG_CHECK(grow_durably(paths[i], k_room_bytes));
    file.bytes = whole_pages(std::filesystem::file_size(paths[i]));  // whatever a copy left it as
    LG_CHECK(file.pages->write(base::Bytes(k_page, 0), 0));
  }
  return journal;
}

std::uint64_t Journal::first_done(std::size_t bytes) const {
  return at_ + bytes > files_[now_].bytes ? files_[1 - now_].last : 0;
}

Pages Journal::record(std::uint64_t number, const Batch& batch) const {
  const auto bytes = record_bytes(batch.open().size(), batch.hidden().size());
  const auto frame = frame_of(batch.hidden().size());
  const Head head{k_mark, session_, number, static_cast<std::uint32_t>(batch.open().size()),
                  static_cast<std::uint32_t>(k_nonce_bytes + frame + k_tag_bytes)};
  Pages pages(bytes);  // what is bound lies before what is sealed, and must not move
  auto& out = pages.behind();
  const auto* first = reinterpret_cast<const std::uint8_t*>(&head);
  out.insert(out.end(), first, first + sizeof head);
  const auto open = base::as_bytes(batch.open());
  out.insert(out.end(), open.begin(), open.end());
  const auto bound = pages.view();
  seal_in_frame(out, key_, base::as_bytes(batch.hidden()), bound, frame);
  out.resize(out.size() + bytes - pages.view().size(), 0);
  return pages;
}

base::Status Journal::append(std::uint64_t number, base::BytesView record) {
  if (at_ + record.size() > files_[now_].bytes) {
    now_ = 1 - now_;
    at_ = 0;
    auto& next = files_[now_];
    if (next.bytes < k_of_a_file * record.size()) {
      LG_CHECK(grow_durably(next.pages->path(), k_of_a_file * record.size()));
      next.bytes = k_of_a_file * record.size();
    }
  }
  auto& file = files_[now_];
  file.last = number;
  LG_CHECK(file.pages->write(record, at_));
  at_ += record.size();
  return base::Done{};
}

base::Status Journal::erase() {
  for (auto& file : files_) {
    LG_CHECK(file.pages->write(base::Bytes(file.bytes, 0), 0));
    file.last = 0;
  }
  now_ = 0;
  at_ = 0;
  return base::Done{};
}

}  // namespace landglass::store
