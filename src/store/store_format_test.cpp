// The vectors of docs/formats/store.md, read out of the document.

#include "base/crypto.hpp"
#include "log/test_vectors.hpp"
#include "store/cipher.hpp"
#include "store/sqlite_store.hpp"
#include "store/test_store.hpp"

using namespace landglass;
using namespace landglass::store;

namespace {

std::vector<base::Json> blocks() { return log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/store.md"); }

Keys keys_of(const base::Json& block) {
  const auto raw = base::from_hex(block.text("vault_key"));
  Key key{};
  std::copy(raw->begin(), raw->end(), key.begin());
  return Keys::derive(key);
}

TEST(StoreFormat, DerivesKeysAndNamesAsTheDocumentSays) {
  const auto block = blocks().at(0);
  const auto keys = keys_of(block);
  const auto& derived = block.at("derived");
  EXPECT_EQ(base::to_hex(keys.row), derived.text("row"));
  EXPECT_EQ(base::to_hex(keys.row_name), derived.text("row-name"));
  EXPECT_EQ(base::to_hex(keys.leaf), derived.text("leaf"));
  EXPECT_EQ(base::to_hex(keys.subject_name), derived.text("subject-name"));
  EXPECT_EQ(base::to_hex(keys.file_name), derived.text("file-name"));
  EXPECT_EQ(base::to_hex(keys.check), derived.text("check"));
  const auto& row = block.at("row_name");
  EXPECT_EQ(base::to_hex(short_name(keys.row_name, base::as_bytes("row/" + std::string(row.text("key"))))),
            row.text("name"));
  const auto& subject = block.at("subject");
  const auto id = short_name(keys.subject_name, base::as_bytes(subject.text("subject")));
  EXPECT_EQ(base::to_hex(id), subject.text("id"));
  base::Bytes of = base::to_bytes("subject ");
  of.insert(of.end(), id.begin(), id.end());
  EXPECT_EQ(base::to_hex(short_name(keys.vault_name, of)), subject.text("row"));
  const auto& file = block.at("file_name");
  EXPECT_EQ(base::to_hex(base::hmac_sha256(keys.file_name, *base::from_hex(file.text("sha256")))), file.text("name"));
}

TEST(StoreFormat, OpensTheSealedLeafOfTheDocument) {
  const auto block = blocks().at(0);
  const auto& leaf = block.at("leaf");
  const auto sealed = base::from_hex(leaf.text("sealed"));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->size(), 24U + 256U + 16U);
  const auto seq = static_cast<std::uint64_t>(leaf.at("seq").as_int());
  EXPECT_EQ(value_of(open_leaf(keys_of(block), seq, *sealed)), std::optional(std::string(leaf.text("bytes"))));
  EXPECT_TRUE(open_leaf(keys_of(block), seq + 1, *sealed).failed());
}

TEST(StoreFormat, HashesTablesAsTheDocumentSays) {
  const auto all = blocks();
  const TemporaryFolder folder;
  std::ofstream(folder / "vault.key") << "landglass-vault-key-1 " << all.at(0).text("vault_key") << "\n";
  const auto store = value_of(open_sqlite(folder.options()));
  LG_OK(store->shape({k_lots}));
  LG_OK(store->begin());
  const auto& put = all.at(1).at("put");
  for (const auto& row : put.at("land_listing").as_array()) {
    const auto& v = row.as_array();
    const std::vector<base::Json> columns{v[5], v[6]};
    LG_OK(store->put_record({"land_listing", v[0].as_string(), static_cast<std::uint64_t>(v[1].as_int()), v[2].as_string(),
                             v[3].as_string(), base::Time{v[4].as_int()}, &columns}));
  }
  for (const auto& row : put.at("tallies").as_array())
    LG_OK(store->put_tally(row.as_array()[0].as_string(), row.as_array()[1].as_int()));
  for (const auto& row : put.at("timers").as_array()) {
    LG_OK(store->put_timer(
        {base::Time{row.as_array()[2].as_int()}, row.as_array()[0].as_string(), row.as_array()[1].as_string()}));
  }
  for (const auto& row : put.at("seen").as_array()) {
    LG_OK(store->put_seen(
        row.as_array()[0].as_string(),
        {log::Tree::open, static_cast<std::uint64_t>(row.as_array()[1].as_int()), row.as_array()[2].as_string()}));
  }
  for (const auto& row : put.at("sealed").as_array())
    LG_OK(store->put_sealed(row.as_array()[0].as_string(), row.as_array()[1].as_string()));
  LG_OK(store->put_chaff(3));
  LG_OK(store->commit());
  EXPECT_EQ(base::canonical(value_of(store->table_hashes())), base::canonical(all.at(1).at("hashes")));
}

}  // namespace
