// What a rebuild reads ahead on other threads, and what it leaves when it does not come to its end.
#include <sys/wait.h>
#include <unistd.h>

#include "engine/test_house.hpp"
#include "engine/unpack.hpp"

using namespace landglass;
using base::JsonArray;
using base::JsonObject;
using engine::test::fresh_folder;
using engine::test::House;
using log::Tree;

namespace {

// A log without a disk: leaf n says so, and every third has a private value.
struct Made {
  std::uint64_t size = 0;
  std::uint64_t missing = UINT64_MAX;
  std::uint64_t damaged = UINT64_MAX;
  std::uint64_t erased = UINT64_MAX;
};
const std::string k_salt(32, 's');

std::string value_of(std::uint64_t seq) { return "{\"n\":" + std::to_string(seq) + ",\"text\":\"价\\n\"}"; }

std::string leaf_of(std::uint64_t seq) {
  log::Leaf leaf;
  leaf.origin = "made.invalid/log";
  leaf.seq = seq;
  char command[33];
  std::snprintf(command, sizeof command, "%032llx", static_cast<unsigned long long>(seq));
  leaf.command = command;
  leaf.change.institution = leaf.change.action = leaf.change.record = "made";
  leaf.change.version = seq + 1;
  if (seq % 2 == 0) leaf.change.set = {{"a", "1"}, {"b", nullptr}, {"c", JsonArray{1, "2"}}};
  if (seq % 3 == 0) {
    const auto made = log::commitment(base::as_bytes(k_salt), leaf.origin, leaf.command, "bidder",
                                      *base::parse_json(value_of(seq), base::Profile::any));
    leaf.change.commit["bidder"] = base::to_hex(made);
  }
  return *log::encode(leaf);
}

class MadeReader final : public store::LogReader {
 public:
  explicit MadeReader(const Made& made) : made_(made) {}
  base::Status each(Tree, std::uint64_t from, std::uint64_t count,
                    const std::function<base::Status(std::string_view leaf)>& take) override {
    for (seq_ = from; seq_ < from + count; ++seq_) {
      if (seq_ != made_.missing) LG_CHECK(take(leaf_of(seq_)));
    }
    return base::Done{};
  }
  base::Result<std::optional<Value>> value(std::string_view path) override {
    EXPECT_EQ(path, "bidder");
    if (seq_ == made_.erased) return std::optional<Value>();
    held_ = value_of(seq_ == made_.damaged ? seq_ + 1 : seq_);
    return std::optional(Value{base::as_bytes(k_salt), held_});
  }

 private:
  const Made& made_;
  std::uint64_t seq_ = 0;
  std::string held_;
};
class MadeLog final : public store::Remake {
 public:
  explicit MadeLog(Made made) : made_(made) {}
  store::Store& tables() override { std::abort(); }
  base::Status begin() override { return base::Done{}; }
  base::Status put_seen(std::vector<Seen>) override { return base::Done{}; }
  base::Status finish() override { return base::Done{}; }
  base::Result<std::unique_ptr<store::LogReader>> reader() override {
    return std::unique_ptr<store::LogReader>(std::make_unique<MadeReader>(made_));
  }

 private:
  Made made_;
};

// How many leaves come before the trouble, each looked at; all of them where there is none.
base::Result<std::uint64_t> follow(Made made) {
  MadeLog log(made);
  LG_TRY(const auto unpacking, engine::Unpacking::begin(log, Tree::open, made.size));
  for (std::uint64_t seq = 0; seq < made.size;) {
    LG_TRY(const auto leaves, unpacking->next());
    for (const auto& [leaf, hash, values] : leaves) {
      const auto bytes = leaf_of(seq);
      EXPECT_EQ(leaf, *log::decode(bytes)) << seq;
      EXPECT_EQ(hash, log::leaf_hash(bytes));
      JsonObject wanted;
      if (seq % 3 == 0) wanted["bidder"] = *base::parse_json(value_of(seq), base::Profile::any);
      if (seq == made.erased) wanted["bidder"] = JsonObject{{"erased", true}};
      EXPECT_EQ(values.size(), 1U);
      EXPECT_EQ(values[0], wanted) << seq;
      ++seq;
    }
  }
  return made.size;
}

void fill(House& house) {
  ASSERT_TRUE(house.act("genesis", "office", "",
                        {{"key", "o"}, {"name", "局"}, {"short", "局"}, {"region", "350124"}, {"kind", "resources"}}));
  house.seat("teacher", "teacher", "office/o", JsonArray{"trainer"});
  const auto session =
      house.act("person/teacher", "training-session", "",
                {{"region", "350124"}, {"course", "警示教育"}, {"kind", "video"}, {"held_on", "2011-03-13"}});
  ASSERT_TRUE(session) << base::explain(session.trouble());
  ASSERT_TRUE(house.act("person/teacher", *session, "open"));
  JsonArray people;
  for (int i = 0; i < 300; ++i) people.emplace_back("person/p" + std::to_string(i));
  const auto roll = house.act("person/teacher", "attendance-roll", "",
                              {{"region", "350124"}, {"session", *session}, {"office", "office/o"}, {"people", people}});
  ASSERT_TRUE(roll);
  house.seat("colleague", "colleague", "office/o", JsonArray{"planner"});
  ASSERT_TRUE(house.act("person/colleague", *roll, "confirm"));
  while (house.engine->step()) {
  }
}

}  // namespace

TEST(Rebuild, LeavesComeInTheirOrderHoweverManyThreadsReadThem) {
  for (const std::uint64_t size : {0, 1, 255, 256, 257, 20'000}) {
    const auto followed = follow({.size = size});
    ASSERT_TRUE(followed) << base::explain(followed.trouble());
    EXPECT_EQ(*followed, size);
  }
  EXPECT_TRUE(follow({.size = 3'000, .erased = 2'997}));
}

TEST(Rebuild, WhatIsMissingOrNotWhatWasCommittedToIsRefusedWithItsPlace) {
  const auto missing = follow({.size = 9'000, .missing = 8'999});
  ASSERT_TRUE(missing.refused());
  EXPECT_EQ(missing.refusal().code, "LOG-03");
  EXPECT_NE(missing.refusal().where.find("8999"), std::string::npos) << missing.refusal().where;
  const auto damaged = follow({.size = 9'000, .damaged = 6'000});
  ASSERT_TRUE(damaged.refused());
  EXPECT_EQ(damaged.refusal().code, "LOG-03");
  EXPECT_EQ(damaged.refusal().where, "made.invalid/log № 6000");
}

TEST(Rebuild, WhoGoesInTheMiddleWaitsForNobody) {
  MadeLog log({.size = 1'000'000});
  const auto unpacking = engine::Unpacking::begin(log, Tree::open, 1'000'000);
  ASSERT_TRUE(unpacking);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE((*unpacking)->next());
}

TEST(Rebuild, KilledInTheMiddleItLeavesTheTablesAsTheyStood) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'300'000'000'000});  // 2011-03-13
  JsonObject before;
  {
    House house(folder, clock, false);
    ASSERT_NO_FATAL_FAILURE(fill(house));
    before = *house.store->table_hashes();
    ASSERT_NE(before.find("sealed"), nullptr);
  }
  const auto child = ::fork();
  if (child == 0) {
    House house(folder, clock, false);
    house.engine.reset();
    // Every row is dropped, and those of the first tree are made anew.
    const auto done = engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {},
                                              [](std::uint64_t, std::uint64_t) { ::_exit(9); });
    ::_exit(done ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 9) << status;
  House house(folder, clock, false);
  EXPECT_EQ(*house.store->table_hashes(), before);
  // What was logged a moment ago waits in the journal; the rebuild has it.
  // Without a name: how many bear it is counted among the sealed figures.
  ASSERT_TRUE(house.act("genesis", "person", "", {{"key", "late"}}));
  const auto size = house.engine->head(Tree::open)->frontier.size() + house.engine->head(Tree::sealed)->frontier.size();
  house.engine.reset();
  const auto events = engine::Engine::rebuild(House::settings(), *house.store, *house.pack, {});
  ASSERT_TRUE(events) << base::explain(events.trouble());
  EXPECT_EQ(*events, size);
  EXPECT_TRUE(*house.store->record("person", "person/late"));
  const auto after = *house.store->table_hashes();
  EXPECT_EQ(after.at("sealed"), before.at("sealed"));
  EXPECT_EQ(after.at("appointment"), before.at("appointment"));
  EXPECT_NE(after.at("person"), before.at("person"));
}
