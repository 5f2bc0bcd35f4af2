#include "verify/log.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "log/act.hpp"
#include "log/merkle.hpp"

using namespace landglass;
using namespace landglass::verify;

namespace {

// A log as files in memory, made of leaves that a test may spoil.
class Files final : public LogFiles {
 public:
  base::Result<std::string> get(std::string_view path) override {
    const auto found = files.find(std::string(path));
    if (found == files.end()) return base::fail("no such file");
    return found->second;
  }
  std::map<std::string, std::string> files;
};

const log::Signer& signer() {
  static const log::Signer key("o", log::KeyKind::log, {1});
  return key;
}
log::Policy trust() { return *log::Policy::parse("log " + signer().verifier().text() + "\nquorum none\n"); }

log::Leaf leaf(std::uint64_t seq) {
  log::Leaf out;
  out.origin = "o";
  out.seq = seq;
  out.time = out.as_of = {static_cast<std::int64_t>(seq / 3) * 1'000};
  out.command = std::string(32, 'a');
  out.command.replace(
      0, 8,
      base::to_hex(std::array<std::uint8_t, 4>{static_cast<std::uint8_t>(seq >> 24), static_cast<std::uint8_t>(seq >> 16),
                                               static_cast<std::uint8_t>(seq >> 8), static_cast<std::uint8_t>(seq)}));
  out.change.institution = "parcel";
  out.change.record = "parcel/" + std::to_string(seq % 5);
  out.change.action = "amend";
  out.change.version = seq / 5 + 1;
  out.change.state = "active";
  return out;
}

Files publish(std::uint64_t size, const std::function<void(log::Leaf&)>& spoil = {}) {
  Files out;
  log::Frontier tree;
  std::map<std::uint64_t, std::string> bundles;
  for (std::uint64_t i = 0; i < size; ++i) {
    auto made = leaf(i);
    if (spoil) spoil(made);
    const auto bytes = *log::encode(made);
    log::append_entry(bundles[i / 256], bytes);
    tree.append(log::leaf_hash(bytes));
  }
  for (const auto& [index, bundle] : bundles)
    out.files[log::tile_path({log::k_entries, index, log::tile_width(0, index, size)})] = bundle;
  for (const auto& tile : tree.take_full_tiles())
    out.files[log::tile_path({tile.level, tile.index, 256})] = base::as_text(tile.hashes);
  for (const auto& tile : tree.partial_tiles()) {
    const auto width = static_cast<int>(tile.hashes.size() / 32);
    if (width > 0) out.files[log::tile_path({tile.level, tile.index, width})] = base::as_text(tile.hashes);
  }
  out.files["checkpoint"] = log::sign_checkpoint({"o", size, tree.root(), {}}, signer()).format();
  return out;
}

std::string code_of(const LogVerdict& verdict) { return verdict.findings.back().good ? "" : verdict.findings.back().code; }

}  // namespace

TEST(VerifyLog, SaysThatAHouseWasFoundedOnAfterSomebodyElseHadActed) {
  const auto acted = [](std::set<std::uint64_t> genesis) {
    auto files = publish(30, [genesis = std::move(genesis)](log::Leaf& one) {
      one.actor = genesis.contains(one.seq) ? "genesis" : one.seq < 5 ? "system" : "person/a";
    });
    return verify_log(files, trust());
  };
  const auto founded = acted({0, 1, 4});  // the clock between them ends nothing
  EXPECT_EQ(code_of(founded), "");
  const auto late = acted({0, 1, 4, 7, 29});
  EXPECT_EQ(late.level, log::Level::logged) << "the log is whole: it is told, and for people to ask about";
  EXPECT_EQ(code_of(late), "LOGV-12");
  EXPECT_EQ(late.findings.back().detail, "2, № 7");
}

TEST(VerifyLog, FindsNothingInAGoodLogOfAnySize) {
  for (const std::uint64_t size : {0, 1, 255, 256, 257, 700, 66'000}) {
    auto files = publish(size);
    std::uint64_t visited = 0;
    const auto verdict = verify_log(files, trust(), [&](const log::Leaf& seen, std::string_view) -> base::Status {
      EXPECT_EQ(seen.seq, visited++);
      return base::Done{};
    });
    EXPECT_EQ(verdict.level, log::Level::logged)
        << size << ": " << code_of(verdict) << " " << verdict.findings.back().detail;
    EXPECT_EQ(verdict.read, size);
    EXPECT_EQ(visited, size);
  }
}

TEST(VerifyLog, NamesTheFirstLeafThatDoesNotFit) {
  const auto found = [](const std::function<void(log::Leaf&)>& spoil) {
    auto files = publish(600, [&spoil](log::Leaf& made) {
      if (made.seq == 300) spoil(made);
    });
    const auto verdict = verify_log(files, trust());
    EXPECT_EQ(verdict.level, log::Level::none);
    EXPECT_EQ(verdict.first_bad, 300U);
    EXPECT_EQ(verdict.read, 300U);
    return code_of(verdict);
  };
  EXPECT_EQ(found([](log::Leaf& made) { made.origin = "p"; }), "LOGV-03");
  EXPECT_EQ(found([](log::Leaf& made) { made.seq = 301; }), "LOGV-04");
  EXPECT_EQ(found([](log::Leaf& made) { made.time = {0}; }), "LOGV-05");
  EXPECT_EQ(found([](log::Leaf& made) { made.change.version += 1; }), "LOGV-06");
  EXPECT_EQ(found([](log::Leaf& made) { made.effects.push_back(made.change); }), "LOGV-06");
}

TEST(VerifyLog, NamesALeafThatWasExchangedAfterwards) {
  auto files = publish(600);
  auto& bundle = files.files["tile/entries/001"];
  auto entries = *log::split_bundle(bundle);
  auto other = *log::decode(entries[44]);
  other.actor = "person/X";
  const auto bytes = *log::encode(other);
  std::string changed;
  for (std::size_t i = 0; i < entries.size(); ++i)
    log::append_entry(changed, i == 44 ? std::string_view(bytes) : entries[i]);
  bundle = changed;
  const auto verdict = verify_log(files, trust());
  EXPECT_EQ(verdict.first_bad, 300U);
  EXPECT_EQ(code_of(verdict), "LOGV-07");
}

TEST(VerifyLog, SeesACutLogAForgedTileAndAForeignSignature) {
  auto files = publish(600);
  files.files.erase("tile/entries/001");
  EXPECT_EQ(code_of(verify_log(files, trust())), "LOGV-01");
  files = publish(600);
  files.files["tile/1/000.p/2"][0] ^= 1;
  EXPECT_EQ(code_of(verify_log(files, trust())), "LOGV-07");
  files = publish(600);
  files.files["tile/entries/001"].pop_back();
  EXPECT_EQ(code_of(verify_log(files, trust())), "LOGV-02");
  files = publish(600);
  files.files["checkpoint"] = log::sign_checkpoint({"o", 600, log::empty_root(), {}}, signer()).format();
  EXPECT_EQ(code_of(verify_log(files, trust())), "LOGV-09");
  files.files["checkpoint"] =
      log::sign_checkpoint({"o", 600, log::empty_root(), {}}, log::Signer("o", log::KeyKind::log, {2})).format();
  EXPECT_EQ(code_of(verify_log(files, trust())), "VER-04");
  files.files["checkpoint"] = "x";
  EXPECT_EQ(code_of(verify_log(files, trust())), "VER-03");
}

TEST(VerifyLog, AVisitorsRefusalNamesItsLeaf) {
  auto files = publish(20);
  const auto verdict = verify_log(files, trust(), [](const log::Leaf& seen, std::string_view) -> base::Status {
    if (seen.seq == 7) return base::refuse("X", "不", "no");
    return base::Done{};
  });
  EXPECT_EQ(verdict.first_bad, 7U);
  EXPECT_EQ(code_of(verdict), "LOGV-08");
}

namespace {

// Three leaves: a key is registered, confirmed (or not), and signs an act on a parcel.
Files with_signed_act(const std::function<void(std::vector<log::Leaf>&)>& spoil = {}) {
  static const auto key = base::P256Key::generate();
  std::vector<log::Leaf> leaves{leaf(0), leaf(1), leaf(2)};
  for (std::size_t i = 0; i < 2; ++i) {
    auto& change = leaves[i].change;
    change.institution = "post-key";
    change.record = "post-key/1";
    change.version = i + 1;
    change.state = i == 0 ? "registered" : "active";
  }
  leaves[0].change.set =
      base::JsonObject{{"person", "person/he"}, {"post", "post/mayor"}, {"key", base::to_base64url(key.public_key())}};
  auto& act = leaves[2];
  act.actor = "person/he";
  act.change.set["note"] = "同意";
  act.change.outcome["post"] = "post/mayor";
  log::Act said{"o", "parcel", "", "amend", act.command, "post/mayor", act.time, {}, {}, {{"note", "同意"}}};
  act.change.outcome["signed"] = log::kept_of(said);
  act.sig = log::LeafSignature{"es256", base::to_base64url(key.public_key()),
                               base::to_base64url(key.sign(base::as_bytes(log::message_of(said))))};
  if (spoil) spoil(leaves);
  return publish(3, [&](log::Leaf& made) { made = leaves[made.seq]; });
}
std::string code_of_signed(const std::function<void(std::vector<log::Leaf>&)>& spoil) {
  auto files = with_signed_act(spoil);
  return code_of(verify_log(files, trust()));
}

}  // namespace

TEST(VerifyLog, ChecksActsThatWereSignedWithTheKeyOfAPost) {
  auto files = with_signed_act();
  const auto verdict = verify_log(files, trust());
  EXPECT_EQ(verdict.level, log::Level::logged) << verdict.findings.back().detail;
  EXPECT_TRUE(std::any_of(verdict.findings.begin(), verdict.findings.end(), [](const Finding& one) {
    return one.good && one.say.en.find("signed with the key of a post") != std::string::npos && one.detail == "1";
  }));
  EXPECT_EQ(code_of_signed([](auto& l) { l[2].change.set["note"] = "不同意"; }), "LOGV-10");
  EXPECT_EQ(code_of_signed([](auto& l) { l[2].sig->bytes[0] = l[2].sig->bytes[0] == 'A' ? 'B' : 'A'; }), "LOGV-10");
  EXPECT_EQ(code_of_signed([](auto& l) { l[1].change.state = "revoked"; }), "LOGV-11");
  EXPECT_EQ(code_of_signed([](auto& l) { l[0].change.set["post"] = "post/other"; }), "LOGV-11");
  EXPECT_EQ(code_of_signed([](auto& l) { l[2].actor = "person/li"; }), "LOGV-11");
}
