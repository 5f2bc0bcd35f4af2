#include "log/merkle.hpp"

#include <gtest/gtest.h>

#include <map>

#include "base/bytes.hpp"
#include "log/test_vectors.hpp"

using namespace landglass;
using namespace landglass::log;

namespace {

std::string leaf_text(std::uint64_t index) { return "leaf " + std::to_string(index); }

// The definition of RFC 6962, word for word, to hold the rest against.
Hash mth(const std::vector<Hash>& leaves, std::size_t from, std::size_t to) {
  if (from == to) return empty_root();
  if (to - from == 1) return leaves[from];
  std::size_t k = 1;
  while (k * 2 < to - from) k *= 2;
  return node_hash(mth(leaves, from, from + k), mth(leaves, from + k, to));
}

// What a store keeps: leaves and full tiles; everything else is derived.
class Kept final : public TileSource, public LeafSource {
 public:
  base::Result<base::Bytes> tile(const TileName& name) override {
    ++reads;
    const auto found = tiles.find({name.level, name.index});
    if (found == tiles.end() || name.width != k_tile_width) return base::fail("no such tile");
    return found->second;
  }
  base::Result<std::vector<std::string>> leaves(std::uint64_t from, std::uint64_t count) override {
    std::vector<std::string> out;
    for (auto i = from; i < from + count; ++i) out.push_back(leaf_text(i));
    return out;
  }
  void keep(std::vector<FullTile> full) {
    for (auto& tile : full) tiles[{tile.level, tile.index}] = std::move(tile.hashes);
  }
  std::map<std::pair<int, std::uint64_t>, base::Bytes> tiles;
  int reads = 0;
};

Frontier grow(std::uint64_t size, Kept& kept, std::vector<Hash>* hashes = nullptr) {
  Frontier frontier;
  for (std::uint64_t i = 0; i < size; ++i) {
    const auto hash = leaf_hash(leaf_text(i));
    frontier.append(hash);
    if (hashes != nullptr) hashes->push_back(hash);
  }
  kept.keep(frontier.take_full_tiles());
  return frontier;
}

// Vectors also hold "roots" of other lengths; what matters of them is whether they are the same.
Hash any_hash(std::string_view base64) {
  const auto bytes = base::from_base64(base64);
  Hash hash = base::sha256(base::as_bytes("of another length: "), base::as_bytes(base64));
  if (bytes && bytes->size() == 32) std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}
Proof any_proof(const base::Json& array) {
  Proof proof;
  if (const auto* items = array.if_array()) {
    for (const auto& item : *items) proof.push_back(any_hash(item.as_string()));
  }
  return proof;
}

}  // namespace

TEST(Merkle, RootsAndProofsAreThoseOfTheDefinitionForEverySmallTree) {
  Kept kept;
  Frontier frontier;
  std::vector<Hash> leaves;
  for (std::uint64_t size = 0; size <= 40; ++size) {
    const auto root = mth(leaves, 0, leaves.size());
    ASSERT_EQ(frontier.root(), root);
    for (std::uint64_t i = 0; i < size; ++i) {
      const auto proof = frontier.inclusion(i, nullptr);
      ASSERT_TRUE(proof && verify_inclusion(i, size, leaves[i], *proof, root)) << i << " of " << size;
      for (std::uint64_t other = 0; other < size; ++other) {
        ASSERT_EQ(verify_inclusion(other, size, leaves[i], *proof, root), other == i);
      }
    }
    for (std::uint64_t old = 1; old <= size; ++old) {
      const auto proof = frontier.consistency(old, size, nullptr);
      ASSERT_TRUE(proof && verify_consistency(old, size, *proof, mth(leaves, 0, old), root)) << old << " of " << size;
      ASSERT_FALSE(verify_consistency(old, size, *proof, mth(leaves, 0, old - 1), root));
    }
    leaves.push_back(leaf_hash(leaf_text(size)));
    frontier.append(leaves.back());
  }
}

TEST(Merkle, ProofsReachOverTilesAndFromAnyOlderSize) {
  Kept kept;
  std::vector<Hash> leaves;
  const std::uint64_t size = 256 * 256 + 256 * 3 + 17;
  const auto frontier = grow(size, kept, &leaves);
  ASSERT_EQ(frontier.root(), mth(leaves, 0, leaves.size()));
  for (const std::uint64_t tree :
       {size, size - 1, size - 17, std::uint64_t{65'536}, std::uint64_t{65'537}, std::uint64_t{300}, std::uint64_t{256}}) {
    const auto root = frontier.root_of(tree, &kept);
    ASSERT_TRUE(root);
    ASSERT_EQ(*root, mth(leaves, 0, tree));
    for (const std::uint64_t i : {std::uint64_t{0}, std::uint64_t{255}, tree / 2, tree - 2, tree - 1}) {
      const auto proof = frontier.inclusion(i, tree, &kept);
      ASSERT_TRUE(proof && verify_inclusion(i, tree, leaves[i], *proof, *root)) << i << " of " << tree;
    }
    const auto proof = frontier.consistency(tree, size, &kept);
    EXPECT_TRUE(proof && verify_consistency(tree, size, *proof, *root, frontier.root())) << tree;
  }
  EXPECT_EQ(frontier.inclusion(size, &kept).refusal().code, "TREE-01");
}

TEST(Merkle, ARecentLeafIsProvenWithoutReadingAnyTile) {
  Kept kept;
  const auto frontier = grow(256 * 256 + 256 * 3 + 17, kept);
  const auto reads = kept.reads;
  for (std::uint64_t i = frontier.size() - 800; i < frontier.size(); ++i) ASSERT_TRUE(frontier.inclusion(i, &kept));
  EXPECT_EQ(kept.reads, reads);
}

TEST(Merkle, AFrontierComesBackFromLeavesAndFullTilesAlone) {
  for (const std::uint64_t size : {0, 1, 255, 256, 257, 511, 512, 65'535, 65'536, 65'537, 66'000}) {
    Kept kept;
    auto before = grow(size, kept);
    DerivedTiles derived(kept, kept);
    auto after = Frontier::restore(size, derived);
    ASSERT_TRUE(after) << base::explain(after.trouble());
    ASSERT_EQ(after->root(), before.root()) << size;
    if (size > 0) {
      const auto proof = after->inclusion(size - 1, &kept);
      ASSERT_TRUE(proof && verify_inclusion(size - 1, size, leaf_hash(leaf_text(size - 1)), *proof, before.root())) << size;
    }
    for (int i = 0; i < 300; ++i) {
      before.append(leaf_hash(leaf_text(size)));
      after->append(leaf_hash(leaf_text(size)));
    }
    ASSERT_EQ(after->root(), before.root()) << size;
    EXPECT_EQ(after->take_full_tiles().size(), before.take_full_tiles().size());
  }
}

TEST(Merkle, AReaderOfTilesProvesTheSameAsTheFrontier) {
  Kept kept;
  const std::uint64_t size = 70'000;
  const auto frontier = grow(size, kept);
  DerivedTiles derived(kept, kept);
  TileNodes nodes(derived, size, 4);
  EXPECT_EQ(*root_at(nodes, size), frontier.root());
  EXPECT_EQ(*inclusion_proof(nodes, 12'345, size), *frontier.inclusion(12'345, &kept));
  EXPECT_EQ(*consistency_proof(nodes, 33'333, size), *frontier.consistency(33'333, size, &kept));
  EXPECT_EQ(root_at(nodes, size + 1).refusal().code, "TREE-01");
}

TEST(Merkle, ForeignVectorsOfInclusionAndConsistencyPass) {
  const std::filesystem::path folder = LG_SHARED_DIR "/data/vectors/merkle/testdata";
  if (!log::test::shared_is_here(folder)) GTEST_SKIP();
  int inclusion = 0;
  int consistency = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const auto path = entry.path().string();
    if (entry.path().extension() != ".json") continue;
    const auto json = *base::parse_json(log::test::read_file(path), base::Profile::any);
    const auto number = [&json](std::string_view name) {
      const auto* found = json.at(name).if_int();  // one vector has 2^64-1, which no integer here holds
      return found == nullptr ? ~std::uint64_t{0} : static_cast<std::uint64_t>(*found);
    };
    const bool good = !json.at("wantErr").as_bool();
    if (path.find("/inclusion/") != std::string::npos) {
      ++inclusion;
      EXPECT_EQ(verify_inclusion(number("leafIdx"), number("treeSize"), any_hash(json.text("leafHash")),
                                 any_proof(json.at("proof")), any_hash(json.text("root"))),
                good)
          << path;
    } else if (path.find("/consistency/") != std::string::npos) {
      ++consistency;
      EXPECT_EQ(verify_consistency(number("size1"), number("size2"), any_proof(json.at("proof")),
                                   any_hash(json.text("root1")), any_hash(json.text("root2"))),
                good)
          << path;
    }
  }
  EXPECT_GE(inclusion, 67);
  EXPECT_GE(consistency, 72);
}

TEST(Tiles, AreNamedAsC2spSays) {
  EXPECT_EQ(tile_path({0, 1'234'067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(tile_path({2, 0, 1}), "tile/2/000.p/1");
  EXPECT_EQ(tile_path({k_entries, 999, 255}), "tile/entries/999.p/255");
  for (const auto& name : {TileName{0, 1'234'067, 256}, TileName{7, 5, 7}, TileName{k_entries, 1'000, 256},
                           TileName{0, 281'474'976'710'655, 1}}) {
    EXPECT_EQ(parse_tile_path(tile_path(name)), name) << tile_path(name);
  }
  for (const auto* path : {"",
                           "tile",
                           "tile/0",
                           "tile/0/",
                           "tile/8/000",
                           "tile/00/000",
                           "tile/0/00",
                           "tile/0/0000",
                           "tile/0/x000/000",
                           "tile/0/x001",
                           "tile/0/x001/",
                           "tile/0/000.p",
                           "tile/0/000.p/0",
                           "tile/0/000.p/256",
                           "tile/0/000.p/01",
                           "tile/0/000/",
                           "tile/0/000.p/1/",
                           "tile/0/000.q/1",
                           "tile/data/000",
                           "/tile/0/000",
                           "tile/0/-01",
                           "tile/0/x001x/000",
                           "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    EXPECT_EQ(parse_tile_path(path), std::nullopt) << path;
  }
}

TEST(Tiles, OfSeventyThousandLeavesAreThoseOfTheSpecification) {
  std::map<int, std::pair<int, int>> count;  // level -> full, width of the partial one
  for (const auto& name : tiles_since(0, 70'000)) {
    if (name.width == k_tile_width) {
      ++count[name.level].first;
    } else {
      count[name.level].second = name.width;
    }
  }
  const std::map<int, std::pair<int, int>> wanted = {{k_entries, {273, 112}}, {0, {273, 112}}, {1, {1, 17}}, {2, {0, 1}}};
  EXPECT_EQ(count, wanted);
  EXPECT_EQ(tiles_since(256, 256).size(), 0U);
  EXPECT_EQ(tiles_since(255, 257).size(), 5U);  // entries/0, entries/1.p/1, 0/0, 0/1.p/1, 1/0.p/1
}

TEST(Tiles, BundlesSplitIntoWhatWasPutIn) {
  std::string bundle;
  append_entry(bundle, "");
  append_entry(bundle, std::string(65'535, 'x'));
  append_entry(bundle, "z");
  const auto entries = split_bundle(bundle);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 3U);
  EXPECT_EQ((*entries)[2], "z");
  bundle.pop_back();
  EXPECT_EQ(split_bundle(bundle).refusal().code, "TILE-01");
  EXPECT_EQ(split_bundle("\x01").refusal().code, "TILE-01");
}

TEST(Tiles, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/tiles.md");
  ASSERT_EQ(blocks.size(), 1U);
  const auto& block = blocks[0];
  Frontier tree;
  std::vector<Hash> roots;
  for (const auto& leaf : block.at("leaves").as_array()) {
    roots.push_back(tree.root());
    tree.append(leaf_hash(leaf.as_string()));
  }
  roots.push_back(tree.root());
  ASSERT_EQ(roots.size(), 8U);
  for (std::size_t i = 0; i < roots.size(); ++i) {
    EXPECT_EQ(base::to_base64(roots[i]), block.at("roots").as_array()[i].as_string());
  }
  const auto number = [](const base::Json& json, std::string_view name) {
    return static_cast<std::uint64_t>(json.at(name).as_int());
  };
  for (const auto& item : block.at("inclusion").as_array()) {
    EXPECT_EQ(*tree.inclusion(number(item, "index"), number(item, "size"), nullptr), any_proof(item.at("proof")));
  }
  for (const auto& item : block.at("consistency").as_array()) {
    EXPECT_EQ(*tree.consistency(number(item, "old"), number(item, "size"), nullptr), any_proof(item.at("proof")));
  }
}
