#include "store/witness_book.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <thread>

namespace landglass::store {
namespace {

namespace fs = std::filesystem;

struct Folder {
  std::string path;
  Folder() {
    std::string pattern = (fs::temp_directory_path() / "landglass-book-XXXXXX").string();
    path = ::mkdtemp(pattern.data());
  }
  ~Folder() { fs::remove_all(path); }
  std::string book() const { return path + "/witness.db"; }
};

log::Seen seen(std::uint64_t size, std::uint8_t root) {
  log::Seen out;
  out.size = size;
  out.root.fill(root);
  out.checkpoint = "note of " + std::to_string(size) + "\n";
  return out;
}

TEST(WitnessBook, KeepsWhatItSawAcrossOpenings) {
  const Folder folder;
  {
    auto book = open_witness_book(folder.book());
    ASSERT_TRUE(book);
    EXPECT_FALSE((*(*book)->last("log")).has_value());
    EXPECT_TRUE(*(*book)->advance("log", 0, seen(3, 7)));
  }
  auto book = open_witness_book(folder.book());
  ASSERT_TRUE(book);
  const auto last = *(*book)->last("log");
  ASSERT_TRUE(last);
  EXPECT_EQ(last->size, 3U);
  EXPECT_EQ(last->root, seen(3, 7).root);
  EXPECT_EQ(last->checkpoint, "note of 3\n");
  EXPECT_FALSE((*(*book)->last("another")).has_value());
}

TEST(WitnessBook, AdvancesOnlyFromTheSizeThatItHolds) {
  const Folder folder;
  auto book = *open_witness_book(folder.book());
  EXPECT_FALSE(*book->advance("log", 2, seen(3, 1)));  // never seen: 0, not 2
  EXPECT_TRUE(*book->advance("log", 0, seen(3, 1)));
  EXPECT_FALSE(*book->advance("log", 0, seen(4, 2)));
  EXPECT_TRUE(*book->advance("log", 3, seen(5, 3)));
  EXPECT_EQ((*book->last("log"))->size, 5U);
}

TEST(WitnessBook, LetsOneOfManyAtOnceAdvance) {
  const Folder folder;
  auto book = *open_witness_book(folder.book());
  std::atomic<int> kept{0};
  std::vector<std::thread> threads;
  for (std::uint8_t i = 0; i < 8; ++i)
    threads.emplace_back([&, i] { kept += *book->advance("log", 0, seen(1, i)) ? 1 : 0; });
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(kept, 1);
}

TEST(WitnessBook, IsOneWitnesssAlone) {
  const Folder folder;
  const auto first = *open_witness_book(folder.book());
  const auto second = open_witness_book(folder.book());
  ASSERT_TRUE(second.refused());
  EXPECT_EQ(second.refusal().code, "STORE-04");
}

// A child advances and is killed at once, as by kill -9 before it could answer: what it kept is there.
TEST(WitnessBook, SurvivesAKillBetweenKeepingAndAnswering) {
  const Folder folder;
  for (std::uint64_t size = 1; size <= 8; ++size) {
    const auto child = ::fork();
    if (child == 0) {
      auto book = open_witness_book(folder.book());
      if (!book) ::_exit(1);
      const auto kept = (*book)->advance("log", size - 1, seen(size, static_cast<std::uint8_t>(size)));
      if (!kept || !*kept) ::_exit(2);
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
    auto book = open_witness_book(folder.book());
    ASSERT_TRUE(book);
    EXPECT_EQ((*(*book)->last("log"))->size, size);
  }
}

}  // namespace
}  // namespace landglass::store
