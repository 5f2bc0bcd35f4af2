#include "log/note.hpp"

#include <gtest/gtest.h>

#include "log/checkpoint.hpp"
#include "log/policy.hpp"
#include "log/test_vectors.hpp"

using namespace landglass;
using namespace landglass::log;

namespace {

std::array<std::uint8_t, 32> seed_of(std::uint8_t n) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(n);
  return seed;
}

}  // namespace

TEST(Note, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/checkpoint.md");
  ASSERT_EQ(blocks.size(), 1U);
  const auto& block = blocks[0];
  const auto log_key = Signer::parse(block.text("log_private_key"));
  const auto witness_key = Signer::parse(block.text("witness_private_key"));
  ASSERT_TRUE(log_key && witness_key);
  EXPECT_EQ(log_key->verifier().text(), block.text("log_key"));
  EXPECT_EQ(witness_key->verifier().text(), block.text("witness_key"));
  auto checkpoint = parse_checkpoint(block.text("checkpoint"));
  ASSERT_TRUE(checkpoint) << base::explain(checkpoint.trouble());
  EXPECT_EQ(checkpoint->head.text(), block.text("text"));
  EXPECT_EQ(sign_checkpoint(checkpoint->head, *log_key).note.signatures[0].line(), block.text("log_line"));
  const auto time = base::Time{block.at("cosigned_at").as_int() * 1'000};
  EXPECT_EQ(witness_key->cosign(block.text("text"), time).line(), block.text("witness_line"));
  EXPECT_NE(find_valid(checkpoint->note, log_key->verifier()), nullptr);
  EXPECT_NE(find_valid(checkpoint->note, witness_key->verifier()), nullptr);
  EXPECT_EQ(checkpoint->format(), block.text("checkpoint"));
}

TEST(Note, KeysRoundTripAndAWrongIdIsRefused) {
  const Signer signer("landglass.example/350100", KeyKind::log, seed_of(7));
  const auto text = signer.verifier().text();
  EXPECT_EQ(*VerifierKey::parse(text), signer.verifier());
  auto wrong = text;
  const auto digit = text.find('+') + 1;
  wrong[digit] = wrong[digit] == '0' ? '1' : '0';
  EXPECT_EQ(VerifierKey::parse(wrong).refusal().code, "NOTE-01");
  for (const auto* bad : {"", "a", "a+b", "a+00000000+", "+00000000+AQ==", "a b+00000000+AQ==", "a+00000000+!!!!"}) {
    EXPECT_TRUE(VerifierKey::parse(bad).refused()) << bad;
  }
  const auto secret = Signer::private_text("w", KeyKind::witness, seed_of(8));
  EXPECT_EQ(Signer::parse(secret)->verifier(), Signer("w", KeyKind::witness, seed_of(8)).verifier());
}

TEST(Note, ASignatureIsOfOneKeyOneKindAndOneText) {
  const Signer log("a", KeyKind::log, seed_of(1));
  const Signer witness("a", KeyKind::witness, seed_of(1));
  const std::string text = "a\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  const auto signature = log.sign(text);
  const auto cosignature = witness.cosign(text, {1'679'315'147'999});
  EXPECT_TRUE(verify_signature(log.verifier(), text, signature));
  EXPECT_FALSE(verify_signature(log.verifier(), text + "x\n", signature));
  EXPECT_FALSE(verify_signature(witness.verifier(), text, signature));
  EXPECT_TRUE(verify_signature(witness.verifier(), text, cosignature));
  EXPECT_FALSE(verify_signature(log.verifier(), text, cosignature));
  EXPECT_EQ(cosigned_at(cosignature)->ms, 1'679'315'147'000);
  auto later = cosignature;
  later.bytes[7] ^= 1;  // the time is signed too
  EXPECT_FALSE(verify_signature(witness.verifier(), text, later));
}

TEST(Note, MalformedNotesAreRefused) {
  const Signer signer("a", KeyKind::log, seed_of(1));
  const std::string text = "one\n\ntwo\n";
  const auto line = signer.sign(text).line();
  const auto good = text + "\n" + line;
  const auto note = parse_note(good);
  ASSERT_TRUE(note);
  EXPECT_EQ(note->text, text);
  EXPECT_EQ(note->format(), good);
  EXPECT_NE(find_valid(*note, signer.verifier()), nullptr);
  for (const auto& bad :
       {std::string(), text, text + "\n", good.substr(0, good.size() - 1), text + line, text + "\n- a AAAAAAA=\n",
        text + "\n\xE2\x80\x94 a\n", text + "\n\xE2\x80\x94 a AAAAAA==\n", text + "\n\xE2\x80\x94 a+b AAAAAAA=\n",
        "t\ta\n\n" + line, "\xC0\x80\n\n" + line, "\xED\xA0\x80\n\n" + line, text + "\n" + line + "\n"}) {
    EXPECT_TRUE(parse_note(bad).refused()) << bad;
  }
  std::string many = text + "\n";
  for (std::size_t i = 0; i < k_max_signatures; ++i) many += line;
  EXPECT_TRUE(parse_note(many));
  EXPECT_TRUE(parse_note(many + line).refused());
}

TEST(Checkpoint, RefusesEachMalformedLine) {
  const std::string root = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  EXPECT_TRUE(parse_checkpoint_text("a\n0\n" + root));
  EXPECT_EQ(parse_checkpoint_text("a\n0\n" + root + "more\n")->extensions.size(), 1U);
  for (const auto& bad : {std::string("\n0\n") + root, "a\n00\n" + root, "a\n-1\n" + root, "a\n\n" + root, "a\n1 \n" + root,
                          "a\n9223372036854775808\n" + root, std::string("a\n0\n"), std::string("a\n0\nAAAA\n"),
                          "a\n0\n" + root + "\n", "a\n0\n" + root + "x"}) {
    EXPECT_EQ(parse_checkpoint_text(bad).refusal().code, "CHK-01") << bad;
  }
}

TEST(Checkpoint, ATlogProofComesBackTheSame) {
  TlogProof proof{7, {leaf_hash("a"), leaf_hash("b")}, "text\n\n\xE2\x80\x94 a AAAAAAA=\n", {}};
  EXPECT_EQ(parse_tlog_proof(proof.format())->format(), proof.format());
  proof.extra = {1, 2, 3};
  EXPECT_EQ(parse_tlog_proof(proof.format())->extra, proof.extra);
  proof.proof.clear();
  const auto back = parse_tlog_proof(proof.format());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->checkpoint, proof.checkpoint);
  for (const auto* bad : {"", "c2sp.org/tlog-proof@v1\n", "c2sp.org/tlog-proof@v2\nindex 0\n\nx",
                          "c2sp.org/tlog-proof@v1\nindex 01\n\nx", "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nx",
                          "c2sp.org/tlog-proof@v1\nextra \nindex 1\n\nx", "c2sp.org/tlog-proof@v1\nindex 1\nx"}) {
    EXPECT_EQ(parse_tlog_proof(bad).refusal().code, "PROOF-01") << bad;
  }
}

TEST(Policy, CountsWitnessesByGroups) {
  std::string text =
      "# who is believed\nlog " + Signer("origin", KeyKind::log, seed_of(1)).verifier().text() + " https://log.example/\n\n";
  for (std::uint8_t i = 0; i < 4; ++i) {
    text += "witness w" + std::to_string(i) + "\t" +
            Signer("w.example", KeyKind::witness, seed_of(static_cast<std::uint8_t>(10 + i))).verifier().text() + "\n";
  }
  text += "group two 2 w0 w1 w2\ngroup both all two w3\nquorum both\n";
  const auto policy = Policy::parse(text);
  ASSERT_TRUE(policy) << base::explain(policy.trouble());
  EXPECT_TRUE(policy->wants_witnesses());
  EXPECT_TRUE(policy->quorum_of({"w0", "w2", "w3"}));
  EXPECT_FALSE(policy->quorum_of({"w0", "w1", "w2"}));
  EXPECT_FALSE(policy->quorum_of({"w0", "w3"}));

  auto checkpoint = sign_checkpoint({"origin", 0, empty_root(), {}}, Signer("origin", KeyKind::log, seed_of(1)));
  EXPECT_FALSE(policy->judge(checkpoint).quorum);
  EXPECT_NE(policy->judge(checkpoint).log, nullptr);
  for (const auto i : std::array<std::uint8_t, 3>{10, 11, 13}) {
    checkpoint.note.signatures.push_back(
        Signer("w.example", KeyKind::witness, seed_of(i)).cosign(checkpoint.note.text, {5'000}));
  }
  EXPECT_TRUE(policy->judge(checkpoint).quorum);
  EXPECT_EQ(policy->judge(checkpoint).latest->ms, 5'000);
  checkpoint.note.signatures.erase(checkpoint.note.signatures.begin());
  EXPECT_FALSE(policy->judge(checkpoint).quorum) << "witnesses do not stand in for the log's own signature";
}

TEST(Policy, NamesTheLineThatIsWrong) {
  const auto witness = [](std::uint8_t n) { return Signer("w", KeyKind::witness, seed_of(n)).verifier().text(); };
  const auto log = Signer("o", KeyKind::log, seed_of(1)).verifier().text();
  const auto line_of = [](const std::string& text) {
    const auto policy = Policy::parse(text);
    return policy ? std::string("fine") : policy.refusal().where;
  };
  EXPECT_EQ(line_of("quorum none\n"), "fine");
  EXPECT_EQ(line_of("quorum none"), "fine");
  EXPECT_EQ(line_of(""), "line 0");
  EXPECT_EQ(line_of("quorum a\n"), "line 1");
  EXPECT_EQ(line_of("quorum none\nquorum none\n"), "line 2");
  EXPECT_EQ(line_of("log " + witness(2) + "\nquorum none\n"), "line 1");
  EXPECT_EQ(line_of("log " + log + "\nlog " + log + "\nquorum none\n"), "line 2");
  EXPECT_EQ(line_of("witness a " + log + "\nquorum none\n"), "line 1");
  EXPECT_EQ(line_of("witness a " + witness(2) + "\nwitness b " + witness(2) + "\nquorum a\n"), "line 2");
  EXPECT_EQ(line_of("witness none " + witness(2) + "\nquorum none\n"), "line 1");
  EXPECT_EQ(line_of("witness a " + witness(2) + "\ngroup g 2 a\nquorum g\n"), "line 2");
  EXPECT_EQ(line_of("witness a " + witness(2) + "\ngroup g any a a\nquorum g\n"), "line 2");
  EXPECT_EQ(line_of("witness a " + witness(2) + "\ngroup g any a\ngroup h any a\nquorum g\n"), "line 3");
  EXPECT_EQ(line_of("group g any g\nquorum g\n"), "line 1");
  EXPECT_EQ(line_of("unknown\nquorum none\n"), "line 1");
}

TEST(ForeignCheckpoints, OfTesseraVerifyAndTheirEntriesHashToTheirRoots) {
  const std::filesystem::path folder = LG_SHARED_DIR "/data/vectors/tessera/testdata/log";
  if (!log::test::shared_is_here(folder)) GTEST_SKIP();
  const auto key = VerifierKey::parse("example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx");
  ASSERT_TRUE(key);
  Frontier frontier;
  const auto bundle = log::test::read_file(folder / tile_path({k_entries, 0, 15}));
  const auto entries = split_bundle(bundle);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 15U);
  for (std::uint64_t size = 0; size <= 15; ++size) {
    const auto checkpoint = parse_checkpoint(log::test::read_file(folder / ("checkpoint." + std::to_string(size))));
    ASSERT_TRUE(checkpoint) << size;
    EXPECT_NE(find_valid(checkpoint->note, *key), nullptr) << size;
    EXPECT_EQ(checkpoint->head.size, size);
    EXPECT_EQ(checkpoint->head.root, frontier.root()) << size;
    if (size > 0) {
      const auto tile = log::test::read_file(folder / tile_path({0, 0, static_cast<int>(size)}));
      EXPECT_EQ(base::to_bytes(tile), frontier.partial_tiles()[0].hashes) << size;
    }
    if (size < 15) frontier.append(leaf_hash((*entries)[size]));
  }
}

TEST(ForeignCheckpoints, OfSunlightCarryCosignaturesThatVerify) {
  const std::filesystem::path folder = LG_SHARED_DIR "/data/vectors/sunlight/cmd/skylight/testdata";
  if (!log::test::shared_is_here(folder)) GTEST_SKIP();
  const std::pair<const char*, const char*> cases[] = {
      {"witness/witness.v0.json", "witness/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706/checkpoint"},
      {"witness2/witness.v0.json", "witness2/88ad7a28caeb0b2aa890fdf0304c2fcaf59fca2ee140134ff8c1300bac493482/checkpoint"},
      {"witness/mirror/mirror.v0.json",
       "witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706/checkpoint"}};
  for (const auto& [keys, path] : cases) {
    const auto json = *base::parse_json(log::test::read_file(folder / keys), base::Profile::any);
    const auto key = VerifierKey::parse(json.at("verifier_keys").as_array()[0].as_string());
    ASSERT_TRUE(key);
    const auto checkpoint = parse_checkpoint(log::test::read_file(folder / path));
    ASSERT_TRUE(checkpoint) << path;
    EXPECT_EQ(checkpoint->head.size, 300U);
    EXPECT_NE(find_valid(checkpoint->note, *key), nullptr) << path;
  }
  // The mirror holds the tiles too: their root is the one that it cosigned.
  const auto mirror = folder / "witness/mirror/000de184301123b9278c086a7d9f68c9577e83872224c197058fd90784ea9706";
  Frontier frontier;
  for (const auto& name : {TileName{0, 0, 256}, TileName{0, 1, 44}}) {
    const auto tile = Tile::parse(base::as_bytes(log::test::read_file(mirror / tile_path(name))), name.width);
    ASSERT_TRUE(tile);
    for (std::uint64_t i = 0; i < static_cast<std::uint64_t>(name.width); ++i) frontier.append(tile->node(0, i));
  }
  EXPECT_EQ(frontier.root(), parse_checkpoint(log::test::read_file(mirror / "checkpoint"))->head.root);
}
