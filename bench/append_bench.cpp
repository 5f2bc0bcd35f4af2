// The log alone, durable: each leaf is looked up by its command's id first, encoded, hashed into the tree, stored with its
// tiles; a batch is one commit and one signed checkpoint.
//   append_bench [seconds per cell]
#include <chrono>

#include "field.hpp"
#include "log/leaf.hpp"
#include "print.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

log::Leaf leaf_of(std::uint64_t seq, const std::string& command) {
  log::Leaf leaf;
  leaf.origin = k_origin;
  leaf.seq = seq;
  leaf.time = leaf.as_of = {1'795'397'229'000 + static_cast<std::int64_t>(seq)};
  leaf.command = command;
  leaf.actor = "person/li";
  leaf.change.institution = "parcel";
  leaf.change.file = std::string(64, 'c');
  leaf.change.record = "parcel/350124001001GB00001";
  leaf.change.action = "attach";
  leaf.change.version = seq + 1;
  leaf.change.state = "surveyed";
  leaf.change.set = {{"site_plan", std::string(64, 'a')}};
  return leaf;
}

void measure(std::size_t size, double seconds, int delay_us) {
  const auto folder = place("append");
  std::filesystem::create_directories(folder);
  {
    store::StoreOptions at;
    at.folder = folder + "/data";
    at.key_file = folder + "/vault.key";
    at.fsync_delay_us = delay_us;
    auto store = must(store::open_sqlite(at));
    log::Frontier tree;
    base::SeededRandom random(5);
    const auto key = signer();
    const std::string digest(64, 'd');
    std::uint64_t again = 0;
    const auto start = std::chrono::steady_clock::now();
    const auto spent = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
    while (spent() < seconds) {
      must(store->begin());
      for (std::size_t i = 0; i < size; ++i) {
        auto id = random.bytes32();
        const auto made = tree.size();
        for (std::size_t j = 0; j < 6; ++j) id[j] = static_cast<std::uint8_t>((made / 50) >> (8 * (5 - j)));
        const auto command = base::to_hex(base::BytesView(id).first(16));
        if (must(store->seen(log::Tree::open, command))) {
          ++again;
          continue;
        }
        const auto bytes = must(log::encode(leaf_of(made, command)));
        must(store->put_leaf(log::Tree::open, made, bytes));
        must(store->put_seen(command, {log::Tree::open, made, digest}));
        tree.append(log::leaf_hash(bytes));
        for (const auto& tile : tree.take_full_tiles())
          must(store->put_tile(log::Tree::open, tile.level, tile.index, tile.hashes));
      }
      must(store->commit());
      (void)log::sign_checkpoint({k_origin, tree.size(), tree.root(), {}}, key).format();
    }
    print({"log append with deduplication, durable, batch " + std::to_string(size) + (delay_us > 0 ? ", fsync + 5 ms" : ""),
           static_cast<double>(tree.size()) / spent(),
           "leaves/s",
           0,
           0,
           again,
           {},
           0,
           0,
           size == 256 && delay_us == 0 ? 50'000.0 : 0,
           0});
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 && std::atof(argv[1]) > 0 ? std::atof(argv[1]) : 4;
  for (const std::size_t size : {64UL, 256UL}) measure(size, seconds, 0);
  for (const std::size_t size : {256UL, 1'024UL}) measure(size, seconds, 5'000);
  return 0;
}
