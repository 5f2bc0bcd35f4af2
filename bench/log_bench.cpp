// What a leaf costs in memory: written, read, hashed into the tree, proven, receipted, verified. One line of JSON per
// figure.
//   log_bench [leaves]      default 1,000,000

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string>
#include <vector>

#include "log/leaf.hpp"
#include "log/policy.hpp"
#include "log/receipt.hpp"
#include "verify/receipt.hpp"

using namespace landglass;

namespace {

void print(const std::string& work, double value, const char* unit) {
  std::printf("{\"work\":\"%s\",\"value\":%.6g,\"unit\":\"%s\"}\n", work.c_str(), value, unit);
  std::fflush(stdout);
}

double now_ns() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

// Nanoseconds each of `count` calls takes; what they return is kept from being optimised away.
template <class Call>
double each_ns(std::uint64_t count, Call call) {
  volatile std::uint64_t kept = 0;
  const auto start = now_ns();
  for (std::uint64_t i = 0; i < count; ++i) kept = kept + static_cast<std::uint64_t>(call(i));
  return (now_ns() - start) / static_cast<double>(count);
}

// A bid as the auction logs it: signed, with the ladder's head and a new closing time.
log::Leaf bid(std::uint64_t seq) {
  log::Leaf leaf;
  leaf.origin = "landglass.example/350100/2026";
  leaf.seq = seq;
  leaf.time = leaf.as_of = {1'795'397'229'000 + static_cast<std::int64_t>(seq)};
  leaf.command = base::to_hex(base::BytesView(base::sha256(base::as_bytes(std::to_string(seq % 64)))).first(16));
  leaf.actor = "plate/0123456789abcdef";
  leaf.change.institution = "land-listing";
  leaf.change.file = std::string(64, 'c');
  leaf.change.record = "land-listing/350100-2026-000012";
  leaf.change.action = "bid";
  leaf.change.version = seq + 1;
  leaf.change.state = "bidding";
  leaf.change.set = {{"counter", static_cast<std::int64_t>(seq)}, {"price", "1800000.00"}};
  leaf.change.due = {{"close", "2026-11-23T01:31:01.123Z"}};
  leaf.change.outcome = {{"ladder", base::JsonObject{{"plate", "17"}, {"price", "1800000.00"}, {"round", 12}}}};
  leaf.sig = log::LeafSignature{"es256", std::string(87, 'k'), std::string(86, 's')};
  return leaf;
}

class Held final : public log::TileSource {
 public:
  base::Result<base::Bytes> tile(const log::TileName& name) override {
    const auto& whole = tiles[{name.level, name.index}];
    return base::Bytes(whole.begin(), whole.begin() + name.width * 32);
  }
  void keep(std::vector<log::FullTile> more) {
    for (auto& tile : more) tiles[{tile.level, tile.index}] = std::move(tile.hashes);
  }
  std::map<std::pair<int, std::uint64_t>, base::Bytes> tiles;
};

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::uint64_t sample = 200'000;
  const auto leaf = bid(12'345);
  const auto bytes = *log::encode(leaf);
  print("log/leaf bytes", static_cast<double>(bytes.size()), "B");
  print("log/encode", each_ns(sample, [&](auto) { return log::encode(leaf)->size(); }), "ns");
  print("log/decode", each_ns(sample, [&](auto) { return log::decode(bytes)->seq; }), "ns");
  print("log/leaf hash", each_ns(sample, [&](auto) { return log::leaf_hash(bytes)[0]; }), "ns");

  std::vector<log::Hash> hashes(4'096);
  for (std::size_t i = 0; i < hashes.size(); ++i) hashes[i] = log::leaf_hash(std::to_string(i));
  log::Frontier tree;
  Held held;
  const auto append = each_ns(count, [&](auto i) {
    tree.append(hashes[i % hashes.size()]);
    return tree.size();
  });
  print("log/append a hash, " + std::to_string(count) + " leaves", append, "ns");
  held.keep(tree.take_full_tiles());
  const auto whole = each_ns(sample, [&](auto i) {
    const auto one = log::encode(bid(i));
    tree.append(log::leaf_hash(*one));
    return one->size();
  });
  print("log/leaf made, encoded, hashed, appended", 1e9 / whole, "leaves/s");
  held.keep(tree.take_full_tiles());

  const auto size = tree.size();
  print("log/inclusion proof of one of the last 4096",
        each_ns(sample, [&](auto i) { return tree.inclusion(size - 1 - i % 4'096, &held)->size(); }), "ns");
  print("log/inclusion proof right after an append",
        each_ns(sample,
                [&](auto i) {
                  tree.append(hashes[i % hashes.size()]);
                  return tree.inclusion(tree.size() - 1, &held)->size();
                }),
        "ns");
  held.keep(tree.take_full_tiles());
  held.keep(tree.partial_tiles());
  log::TileNodes nodes(held, tree.size(), 64);
  base::SeededRandom random(1);
  print("log/inclusion proof of any leaf, out of tiles",
        each_ns(2'000, [&](auto) { return log::inclusion_proof(nodes, random.below(tree.size()), tree.size())->size(); }),
        "ns");
  print("log/consistency proof over the last 4096",
        each_ns(sample, [&](auto i) { return tree.consistency(tree.size() - 1 - i % 4'096, tree.size(), &held)->size(); }),
        "ns");

  const log::Signer signer("landglass.example/350100/2026", log::KeyKind::log, base::sha256(base::as_bytes("bench")));
  print("log/sign a checkpoint",
        each_ns(5'000,
                [&](auto i) {
                  return log::sign_checkpoint({"landglass.example/350100/2026", i, tree.root(), {}}, signer).format().size();
                }),
        "ns");
  log::Frontier small;
  for (std::uint64_t i = 0; i < 12'345; ++i) small.append(hashes[i % hashes.size()]);
  small.append(log::leaf_hash(bytes));
  const auto checkpoint =
      log::sign_checkpoint({"landglass.example/350100/2026", small.size(), small.root(), {}}, signer).format();
  print(
      "log/receipt made",
      each_ns(sample,
              [&](auto) {
                return log::Receipt{bytes, {12'345, *small.inclusion(12'345, nullptr), checkpoint, {}}, {}}.format().size();
              }),
      "ns");
  const auto receipt = log::Receipt{bytes, {12'345, *small.inclusion(12'345, nullptr), checkpoint, {}}, {}}.format();
  const auto trust = *log::Policy::parse("log " + signer.verifier().text() + "\nquorum none\n");
  if (verify::verify_receipt(receipt, trust).level != log::Level::logged) return 1;
  print("log/receipt verified", each_ns(2'000, [&](auto) { return verify::verify_receipt(receipt, trust).findings.size(); }),
        "ns");
  return 0;
}
