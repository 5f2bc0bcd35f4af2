// Writes a log of ours as a folder of static files, with a checkpoint at several sizes, proofs and a cosigned receipt, for a
// program of other people to read: foreign_log <folder> <leaves>.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include "log/leaf.hpp"
#include "log/receipt.hpp"
#include "log/witness.hpp"

using namespace landglass;

namespace {

constexpr const char* k_origin = "landglass.example/foreign";

void write(const std::filesystem::path& path, std::string_view bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string leaf(std::uint64_t seq) {
  log::Leaf out;
  out.origin = k_origin;
  out.seq = seq;
  out.time = out.as_of = {1'795'397'229'000 + static_cast<std::int64_t>(seq)};
  out.command = base::to_hex(base::BytesView(base::sha256(base::as_bytes(std::to_string(seq)))).first(16));
  out.actor = "system";
  out.change.institution = "parcel";
  out.change.record = "parcel/" + std::to_string(seq);
  out.change.action = "establish";
  out.change.version = 1;
  out.change.state = "active";
  out.change.set = {{"名称", "第" + std::to_string(seq) + "号宗地"}};
  return *log::encode(out);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const std::filesystem::path folder = argv[1];
  const std::uint64_t size = std::strtoull(argv[2], nullptr, 10);
  const log::Signer signer(k_origin, log::KeyKind::log, base::sha256(base::as_bytes("log")));
  const log::Signer witness(k_origin + std::string("/witness"), log::KeyKind::witness,
                            base::sha256(base::as_bytes("witness")));
  log::Frontier tree;
  std::map<std::uint64_t, std::string> bundles;
  std::string third_leaf;
  for (std::uint64_t i = 0; i < size; ++i) {
    const auto bytes = leaf(i);
    if (i == 3) third_leaf = bytes;
    log::append_entry(bundles[i / 256], bytes);
    tree.append(log::leaf_hash(bytes));
    if (i + 1 == size / 2)
      write(folder / "checkpoint.half", log::sign_checkpoint({k_origin, i + 1, tree.root(), {}}, signer).format());
  }
  std::map<std::pair<int, std::uint64_t>, base::Bytes> tiles;
  for (auto& tile : tree.take_full_tiles()) tiles[{tile.level, tile.index}] = std::move(tile.hashes);
  for (auto& tile : tree.partial_tiles()) tiles[{tile.level, tile.index}] = std::move(tile.hashes);
  for (const auto& name : log::tiles_since(0, size)) {
    const bool entries = name.level == log::k_entries;
    write(folder / log::tile_path(name),
          entries ? bundles[name.index] : std::string(base::as_text(tiles[{name.level, name.index}])));
  }
  auto checkpoint = log::sign_checkpoint({k_origin, size, tree.root(), {}}, signer);
  checkpoint.note.signatures.push_back(witness.cosign(checkpoint.note.text, {1'795'397'300'000}));
  write(folder / "checkpoint", checkpoint.format());
  write(folder / "key", signer.verifier().text());
  write(folder / "witness_key", witness.verifier().text());
  write(folder / "private_key", log::Signer::private_text(k_origin, log::KeyKind::log, base::sha256(base::as_bytes("log"))));

  class Held final : public log::TileSource {
   public:
    explicit Held(std::map<std::pair<int, std::uint64_t>, base::Bytes>& tiles) : tiles_(tiles) {}
    base::Result<base::Bytes> tile(const log::TileName& name) override { return tiles_[{name.level, name.index}]; }

   private:
    std::map<std::pair<int, std::uint64_t>, base::Bytes>& tiles_;
  } held(tiles);
  // Proofs by our own hand, one file each: "index size" or "old size" on the first line, then the hashes.
  for (const std::uint64_t index : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{255}, size / 3, size - 1}) {
    const auto head = std::to_string(index) + " " + std::to_string(size) + "\n";
    write(folder / "inclusion" / std::to_string(index), head + log::proof_lines(*tree.inclusion(index, &held)));
  }
  for (const std::uint64_t old : {std::uint64_t{1}, std::uint64_t{256}, size / 2, size - 1}) {
    const auto head = std::to_string(old) + " " + std::to_string(size) + "\n";
    write(folder / "consistency" / std::to_string(old), head + log::proof_lines(*tree.consistency(old, size, &held)));
  }
  const log::Receipt receipt{third_leaf, {3, *tree.inclusion(3, &held), checkpoint.format(), {}}, {}};
  write(folder / "receipt.json", receipt.format());
  return 0;
}
