#include "log/witness.hpp"

#include <gtest/gtest.h>

#include "log/receipt.hpp"
#include "log/test_vectors.hpp"

using namespace landglass;
using namespace landglass::log;

namespace {

std::array<std::uint8_t, 32> witness_seed(std::uint8_t n) {
  std::array<std::uint8_t, 32> seed{};
  seed.fill(n);
  return seed;
}

// A log of its own keeping and the witness that watches it.
struct Pair {
  Signer log{"origin.example", KeyKind::log, witness_seed(1)};
  Frontier tree;
  WitnessMemory memory;
  Witness witness{Signer("w.example", KeyKind::witness, witness_seed(2)), {log.verifier()}, memory};

  void grow(int count) {
    for (int i = 0; i < count; ++i) tree.append(leaf_hash(std::to_string(tree.size())));
  }
  SignedCheckpoint head() const { return sign_checkpoint({"origin.example", tree.size(), tree.root(), {}}, log); }
  AddCheckpoint request(std::uint64_t old_size) const {
    return {old_size, *tree.consistency(old_size, tree.size(), nullptr), head().format()};
  }
  WitnessAnswer send(const AddCheckpoint& request) { return witness.add_checkpoint(request.format(), {1'700'000'000'000}); }
};

}  // namespace

TEST(Witness, CosignsWhatGrowsAndSaysWhereItStands) {
  Pair pair;
  pair.grow(5);
  auto request = pair.request(0);
  auto reply = read_answer(pair.send(request), request, pair.head(), pair.witness.verifier());
  ASSERT_EQ(reply.said, WitnessSaid::cosigned) << reply.why;
  EXPECT_EQ(cosigned_at(reply.signature)->ms, 1'700'000'000'000);
  EXPECT_NE((*pair.memory.last("origin.example"))->checkpoint.find("w.example"), std::string::npos);

  pair.grow(300);
  request = pair.request(0);
  const auto answer = pair.send(request);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.content_type, "text/x.tlog.size");
  EXPECT_EQ(answer.body, "5\n");
  reply = read_answer(answer, request, pair.head(), pair.witness.verifier());
  EXPECT_EQ(reply.said, WitnessSaid::at_size);
  EXPECT_EQ(reply.size, 5U);
  request = pair.request(5);
  EXPECT_EQ(read_answer(pair.send(request), request, pair.head(), pair.witness.verifier()).said, WitnessSaid::cosigned);
  request = pair.request(305);
  EXPECT_EQ(read_answer(pair.send(request), request, pair.head(), pair.witness.verifier()).said, WitnessSaid::cosigned)
      << "the same tree again gets a new time";
}

TEST(Witness, NeverCosignsASecondHistory) {
  Pair pair;
  pair.grow(10);
  ASSERT_EQ(pair.send(pair.request(0)).status, 200);
  Frontier other;
  for (int i = 0; i < 20; ++i) other.append(leaf_hash("other " + std::to_string(i)));
  const AddCheckpoint forked{10, *other.consistency(10, 20, nullptr),
                             sign_checkpoint({"origin.example", 20, other.root(), {}}, pair.log).format()};
  auto answer = pair.send(forked);
  EXPECT_EQ(answer.status, 422);
  EXPECT_EQ(read_answer(answer, forked, *parse_checkpoint(forked.checkpoint), pair.witness.verifier()).said,
            WitnessSaid::fork);
  const AddCheckpoint same_size{
      10, {}, sign_checkpoint({"origin.example", 10, *other.root_of(10, nullptr), {}}, pair.log).format()};
  answer = pair.send(same_size);
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(read_answer(answer, same_size, *parse_checkpoint(same_size.checkpoint), pair.witness.verifier()).said,
            WitnessSaid::fork);
  EXPECT_EQ((*pair.memory.last("origin.example"))->root, pair.tree.root());
}

TEST(Witness, AnswersEachFaultWithItsOwnStatus) {
  Pair pair;
  pair.grow(3);
  EXPECT_EQ(pair.witness.add_checkpoint("", {}).status, 400);
  EXPECT_EQ(pair.witness.add_checkpoint("old 00\n\n" + pair.head().format(), {}).status, 400);
  EXPECT_EQ(pair.witness.add_checkpoint("old 4\n\n" + pair.head().format(), {}).status, 400);
  EXPECT_EQ(pair.witness.add_checkpoint("old 0\n\nnothing\n", {}).status, 400);
  EXPECT_EQ(pair.send({0, {leaf_hash("")}, pair.head().format()}).status, 422);
  EXPECT_EQ(pair.send({0, {}, sign_checkpoint({"other.example", 3, pair.tree.root(), {}}, pair.log).format()}).status, 404);
  const Signer stranger("origin.example", KeyKind::log, witness_seed(9));
  EXPECT_EQ(pair.send({0, {}, sign_checkpoint({"origin.example", 3, pair.tree.root(), {}}, stranger).format()}).status, 403);
  EXPECT_EQ(pair.send({0, {}, sign_checkpoint({"origin.example", 0, pair.tree.root(), {}}, pair.log).format()}).status, 409)
      << "an empty tree has one root only";
  std::string proof;
  for (int i = 0; i < 64; ++i) proof += base::to_base64(empty_root()) + "\n";
  EXPECT_EQ(pair.witness.add_checkpoint("old 1\n" + proof + "\n" + pair.head().format(), {}).status, 400);
  EXPECT_FALSE(*pair.memory.last("origin.example"));
}

TEST(Witness, ItsAnswerIsNotBelievedWithoutItsSignature) {
  Pair pair;
  pair.grow(3);
  const auto request = pair.request(0);
  const Signer other("w.example", KeyKind::witness, witness_seed(3));
  const auto answer = pair.send(request);
  EXPECT_EQ(read_answer(answer, request, pair.head(), other.verifier()).said, WitnessSaid::failed);
  EXPECT_EQ(read_answer({200, "", "hello\n"}, request, pair.head(), other.verifier()).said, WitnessSaid::failed);
  EXPECT_EQ(read_answer({404, "", "unknown origin\n"}, request, pair.head(), other.verifier()).said, WitnessSaid::refused);
  EXPECT_EQ(read_answer({502, "", ""}, request, pair.head(), other.verifier()).said, WitnessSaid::failed);
}

TEST(Witness, TwoRequestsAtOnceNeverRollItBack) {
  // The state moves between the check and the keeping: what was cosigned meanwhile stays.
  class Moving final : public WitnessState {
   public:
    base::Result<std::optional<Seen>> last(std::string_view) override {
      return std::optional(Seen{asked++ == 0 ? 0U : 8U, empty_root(), {}});
    }
    base::Result<bool> advance(std::string_view, std::uint64_t, const Seen&) override { return false; }
    int asked = 0;
  } moving;
  Pair pair;
  pair.grow(5);
  Witness witness(Signer("w.example", KeyKind::witness, witness_seed(2)), {pair.log.verifier()}, moving);
  const auto answer = witness.add_checkpoint(pair.request(0).format(), {1'000});
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body, "8\n");
}

TEST(Witness, DocumentHoldsItsOwnVectors) {
  const auto blocks = log::test::json_blocks(LG_SOURCE_DIR "/docs/formats/witness.md");
  ASSERT_EQ(blocks.size(), 1U);
  const auto& block = blocks[0];
  const auto log_key = VerifierKey::parse(block.text("log_key"));
  const auto witness_key = Signer::parse(block.text("witness_private_key"));
  ASSERT_TRUE(log_key && witness_key);
  WitnessMemory memory;
  Witness witness(Signer::parse(block.text("witness_private_key")).operator*(), {*log_key}, memory);
  ASSERT_GE(block.at("exchanges").as_array().size(), 4U);
  for (const auto& exchange : block.at("exchanges").as_array()) {
    const auto answer = witness.add_checkpoint(exchange.text("request"), {exchange.at("now").as_int() * 1'000});
    EXPECT_EQ(answer.status, exchange.at("status").as_int()) << answer.body;
    if (answer.status == 200 || answer.status == 409) {
      EXPECT_EQ(answer.body, exchange.text("body"));
    }
  }
}

TEST(History, AnOldCopyOrAnotherHistoryWillNotWrite) {
  Pair pair;
  pair.grow(20);
  const auto root_of = [&pair](std::uint64_t size) { return pair.tree.root_of(size, nullptr); };
  EXPECT_TRUE(check_history(20, {}, root_of));
  EXPECT_TRUE(check_history(
      20, {{"a", 20, pair.tree.root()}, {"b", 7, *pair.tree.root_of(7, nullptr)}, {"c", 0, std::nullopt}}, root_of));
  EXPECT_EQ(check_history(20, {{"a", 20, std::nullopt}, {"b", 21, std::nullopt}}, root_of).refusal().code, "LOG-01");
  EXPECT_EQ(check_history(20, {{"a", 7, pair.tree.root()}}, root_of).refusal().code, "LOG-02");
}

TEST(Receipt, ComesBackTheSame) {
  Pair pair;
  pair.grow(9);
  Receipt receipt{"{\"a\":\"甲\"}", {4, *pair.tree.inclusion(4, nullptr), pair.head().format(), {}}, {}};
  EXPECT_EQ(parse_receipt(receipt.format())->format(), receipt.format());
  receipt.openings.push_back({"contact", base::Bytes(32, 7), "13800000000"});
  receipt.openings.push_back({"note", base::Bytes(32, 8), nullptr});
  const auto back = parse_receipt(receipt.format());
  ASSERT_TRUE(back) << base::explain(back.trouble());
  EXPECT_EQ(back->openings, receipt.openings);
  EXPECT_EQ(back->format(), receipt.format());
  for (const auto* bad :
       {"", "{}", "[]", R"({"format":"landglass/receipt/1"})", R"({"format":"landglass/receipt/1","leaf":"x","proof":"x"})",
        R"({"format":"landglass/receipt/2","leaf":"x","proof":"x"})"}) {
    EXPECT_EQ(parse_receipt(bad).refusal().code, "RCPT-01") << bad;
  }
}
