// Names of sealed rows in two trees: every row is found by its name whatever comes and goes, and no dump tells a name that
// means something from one of chaff.

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "store/cipher.hpp"
#include "store/sqlite.hpp"
#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

std::unique_ptr<Store> opened_in(const TemporaryFolder& folder, bool durable = true) {
  auto options = folder.options();
  options.durable = durable;
  return opened(options);
}

struct Named {
  std::set<std::pair<base::Bytes, std::int64_t>> fresh, old, rows;  // name and place
};
Named named(const TemporaryFolder& folder, const std::string& table) {
  auto db = value_of(Connection::open(folder / "store/landglass.db", SQLITE_OPEN_READWRITE, ""));
  const auto all = [&](const std::string& from) {
    std::set<std::pair<base::Bytes, std::int64_t>> out;
    auto rows = value_of(db.prepare("SELECT name, place FROM " + from));
    while (value_of(rows.row())) {
      const auto name = rows.blob(0);
      EXPECT_TRUE(out.insert({{name.begin(), name.end()}, rows.integer(1)}).second);
    }
    return out;
  };
  return {all(table + "_fresh"), all(table + "_names"), all(table)};
}

// Each row has its one name, in one of the trees.
void expect_each_named_once(const Named& is) {
  std::set<std::pair<base::Bytes, std::int64_t>> both = is.old;
  for (const auto& one : is.fresh) EXPECT_TRUE(both.insert(one).second) << "a name stands in both trees";
  EXPECT_EQ(both, is.rows);
}

// Of which size and block how many names stand in which tree: all that a dump of them shows, since names are random.
std::map<std::int64_t, std::pair<int, int>> shown(const Named& is, const std::array<std::int64_t, 5>& blocks) {
  std::map<std::int64_t, std::pair<int, int>> out;
  const auto block_of = [&](std::int64_t place) {
    const auto of = place >> 48;
    const auto number = place & ((std::int64_t{1} << 48) - 1);
    return of << 48 | (of < 5 ? number / blocks.at(static_cast<std::size_t>(of)) : number);  // past them, in no block
  };
  for (const auto& [name, place] : is.fresh) ++out[block_of(place)].first;
  for (const auto& [name, place] : is.old) ++out[block_of(place)].second;
  return out;
}
constexpr std::array<std::int64_t, 5> k_row_blocks{1'024, 256, 64, 16, 4};
constexpr std::array<std::int64_t, 5> k_secret_blocks{512, 128, 32, 8, 2};

}  // namespace

TEST(SealedNames, FindEveryRowWhateverComesAndGoes) {
  const TemporaryFolder folder;
  auto store = opened_in(folder, false);
  std::mt19937_64 random(11);
  const auto below = [&](std::uint64_t n) { return random() % n; };
  std::map<std::string, std::string> stands;
  std::uint64_t leaf = 0;
  std::map<std::uint64_t, std::string> secrets;  // by leaf: of whom
  const auto hold_against = [&] {
    for (int i = 0; i < 200; ++i) {
      const auto key = "row/" + std::to_string(below(40'000));
      const auto place = stands.find(key);
      const auto held = value_of(store->sealed(key));
      EXPECT_EQ(held, place == stands.end() ? std::nullopt : std::optional(place->second)) << key;
    }
    for (int i = 0; i < 200; ++i) {
      const auto of = below(leaf + 1);
      const auto held = value_of(store->secret(log::Tree::sealed, of, "name"));
      EXPECT_EQ(held.has_value(), secrets.contains(of)) << of;
    }
  };
  for (int batch = 0; batch < 36; ++batch) {
    const auto before = stands;
    const auto leaf_before = leaf;
    const auto secrets_before = secrets;
    LG_OK(store->begin());
    for (int i = 0; i < 900; ++i) {
      // Of many sizes, so that rows that change move between them; one in a thousand past the largest.
      const std::size_t size = below(1'000) == 0 ? 70'000 : below(8) == 0 ? 600 + below(2'000) : 20 + below(200);
      const auto key = "row/" + std::to_string(below(40'000));
      const auto value = "\"" + std::string(size, static_cast<char>('a' + below(26))) + "\"";
      LG_OK(store->put_sealed(key, value, !stands.contains(key) && below(2) == 0));
      stands[key] = value;
    }
    for (int i = 0; i < 700; ++i, ++leaf) {
      LG_OK(store->put_leaf(log::Tree::sealed, leaf, "{}"));
      const auto who = "person/" + std::to_string(below(300));
      LG_OK(store->put_secret(log::Tree::sealed, leaf, "name", who, k_salt, "\"" + std::string(below(300), 'y') + "\""));
      secrets[leaf] = who;
    }
    LG_OK(store->put_chaff(5));
    if (batch % 7 == 3) {
      store->roll_back();
      stands = before;
      leaf = leaf_before;
      secrets = secrets_before;
    } else {
      LG_OK(store->commit());
    }
    if (batch % 9 == 4) {
      const auto who = "person/" + std::to_string(below(300));
      value_of(store->erase_subject(who));
      std::erase_if(secrets, [&](const auto& one) { return one.second == who; });
    }
    if (batch % 20 == 10) {
      store.reset();
      store = opened_in(folder, false);
    }
    hold_against();
  }
  const auto hash = value_of(store->table_hashes());
  store.reset();
  for (const auto* table : {"sealed", "vault_sealed"}) {
    const auto is = named(folder, table);
    expect_each_named_once(is);
    EXPECT_GT(is.old.size(), 1'000U) << "the test goes over into the large tree of no " << table;
    EXPECT_LT(is.fresh.size(), 16'384U + 2'000) << table;
    const bool rows = std::string_view(table) == "sealed";
    for (const auto& [block, names] : shown(is, rows ? k_row_blocks : k_secret_blocks)) {
      if (names.second == 0 || names.first == 0) continue;
      EXPECT_TRUE(block >> 48 < 5) << "a row of no block waits";
      // A block that goes over is full, by what names are: a sixteenth of it at a time.
      const auto size = (rows ? k_row_blocks : k_secret_blocks).at(static_cast<std::size_t>(block >> 48));
      EXPECT_EQ(names.first + names.second, size);
    }
  }
  store = opened_in(folder, false);
  EXPECT_EQ(value_of(store->table_hashes()), hash);
  LG_OK(drop_projections(*store));
  EXPECT_EQ(value_of(store->sealed(stands.begin()->first)), std::nullopt);
  store.reset();
  expect_each_named_once(named(folder, "sealed"));
}

TEST(SealedNames, ShowNeitherHowManyRowsOfABlockNorOfARebuild) {
  std::set<std::map<std::int64_t, std::pair<int, int>>> rows, secrets;
  for (const int many : {0, 1, 60}) {
    const TemporaryFolder folder;
    {
      const auto store = opened_in(folder);
      LG_OK(store->begin());
      LG_OK(store->put_chaff(3));
      LG_OK(store->commit());
      for (int i = 0; i < many; ++i) {
        LG_OK(store->begin());
        LG_OK(store->put_leaf(log::Tree::sealed, static_cast<std::uint64_t>(i), "{}"));
        LG_OK(store->put_sealed("application/" + std::to_string(i), std::string(700, 'x')));
        LG_OK(store->put_sealed("tally/" + std::to_string(i), "1"));
        LG_OK(store->put_secret(log::Tree::sealed, static_cast<std::uint64_t>(i), "name", "person/" + std::to_string(i),
                                k_salt, "\"y\""));
        LG_OK(store->commit());
      }
    }
    rows.insert(shown(named(folder, "sealed"), k_row_blocks));
    secrets.insert(shown(named(folder, "vault_sealed"), k_secret_blocks));
  }
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_EQ(secrets.size(), 1U);

  // Blocks that were full before a rebuild look full after it, though fewer rows came again.
  const TemporaryFolder folder;
  const auto fill = [&](int from, int to) {
    const auto store = opened_in(folder);
    LG_OK(store->begin());
    for (int i = from; i < to; ++i) LG_OK(store->put_sealed("row/" + std::to_string(i), "1"));
    LG_OK(store->commit());
  };
  fill(0, 30'000);
  const auto blocks_gone_over = [&] {
    std::set<std::int64_t> blocks;
    for (const auto& [block, names] : shown(named(folder, "sealed"), k_row_blocks)) {
      if (names.second > 0) blocks.insert(block);
    }
    return blocks;
  };
  const auto before = blocks_gone_over();
  EXPECT_GT(before.size(), 20U);
  {
    const auto store = opened_in(folder);
    LG_OK(drop_projections(*store));
  }
  const auto after = blocks_gone_over();
  EXPECT_TRUE(std::includes(after.begin(), after.end(), before.begin(), before.end()));
  EXPECT_LT(*after.rbegin(), 30'000 / 1'024) << "a block that was never full has gone over";
  fill(0, 100);
  expect_each_named_once(named(folder, "sealed"));
  const auto store = opened_in(folder);
  EXPECT_EQ(value_of(store->sealed("row/99")), std::optional<std::string>("1"));
  EXPECT_EQ(value_of(store->sealed("row/100")), std::nullopt);
}
