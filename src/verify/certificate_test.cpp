#include "verify/certificate.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "law/codes.hpp"
#include "log/merkle.hpp"

namespace landglass::verify {
namespace {

const std::string k_record = "certificate/350112-2019-000012";
const std::string k_state = "in_force|mortgage:none|seal:none";
const base::Bytes k_salt(32, 7);

log::Leaf issuing_leaf() {
  log::Leaf leaf;
  leaf.origin = "demo.landglass.example/changle";
  leaf.seq = 40;
  leaf.time = leaf.as_of = *base::parse_time("2019-12-25T02:00:00Z");
  leaf.command = "f0e0d0c0b0a090807060504030201000";
  leaf.actor = "person/7Q2M";
  leaf.change.institution = "certificate";
  leaf.change.record = k_record;
  leaf.change.action = "issue";
  leaf.change.version = 1;
  leaf.change.state = k_state;
  leaf.change.set["parcel_code"] = "350112001002GB00012";
  leaf.change.set["unit_code"] = "350112001002GB00012W00000000";
  leaf.change.outcome["number"] = "闽（2019）长乐区不动产权第0000012号";
  leaf.change.outcome["code"] = law::verification_code("LC", "350112", 2019, 12);
  leaf.change.commit["holder"] =
      base::to_hex(log::commitment(k_salt, leaf.origin, leaf.command, "holder", "福建闽江置业有限公司"));
  return leaf;
}

ProvenLeaf proven(log::Leaf leaf, std::uint64_t size = 64) {
  const auto bytes = log::encode(leaf);
  EXPECT_TRUE(bytes);
  return {std::move(leaf), log::leaf_hash(*bytes), size};
}

base::Json certificate() {
  const log::Leaf leaf = issuing_leaf();
  base::JsonObject fields = leaf.change.set;
  for (const auto& [name, value] : leaf.change.outcome) fields[name] = value;
  return base::JsonObject{
      {"format", "landglass/certificate/1"},
      {"id", k_record},
      {"state", k_state},
      {"fields", fields},
      {"openings", base::JsonArray{base::JsonObject{
                       {"path", "holder"}, {"salt", base::to_hex(k_salt)}, {"value", "福建闽江置业有限公司"}}}},
      {"receipt", nullptr}};
}

std::string mark() {
  const auto code = law::verification_code("LC", "350112", 2019, 12);
  return write_mark({k_record, code, base::to_hex(proven(issuing_leaf()).hash).substr(0, 20), issuing_leaf().origin});
}

log::Leaf later_leaf(std::uint64_t seq, std::uint64_t version, const std::string& state) {
  log::Leaf leaf = issuing_leaf();
  leaf.seq = seq;
  leaf.time = *base::parse_time("2020-06-01T02:00:00Z");
  leaf.change.action = "mortgage";
  leaf.change.version = version;
  leaf.change.state = state;
  leaf.change.set = {};
  leaf.change.commit = {};
  leaf.change.outcome = {};
  return leaf;
}

Verdict judge(const base::Json& json, const Later& later = {}) {
  return judge_certificate(json, proven(issuing_leaf()), later).verdict;
}

TEST(CertificateVerdict, WhatTheLeafSaysIsGenuineAndSaysUpToWhere) {
  const auto report = judge_certificate(certificate(), proven(issuing_leaf()), {}, mark());
  EXPECT_EQ(report.verdict, Verdict::genuine);
  EXPECT_EQ(report.known_size, 64u);
  EXPECT_NE(report.say.en.find("what came later has not been looked at"), std::string::npos);
  for (const Finding& finding : report.findings) EXPECT_TRUE(finding.good) << finding.say.en;
  const auto read = judge_certificate(certificate(), proven(issuing_leaf()), {{}, 900, Horizon::whole_log}, mark());
  EXPECT_NE(read.say.en.find("the whole log up to size 900"), std::string::npos);
}

TEST(CertificateVerdict, EveryFieldThatIsChangedIsAForgery) {
  const base::Json good = certificate();
  for (const auto& [name, value] : good.at("fields").as_object()) {
    base::Json forged = certificate();
    forged.as_object().find("fields")->as_object()[name] = base::Json(value.as_string() + "1");
    EXPECT_EQ(judge(forged), Verdict::forged) << name;
  }
  base::Json added = certificate();
  added.as_object().find("fields")->as_object()["area"] = base::Json("99999.00");
  EXPECT_EQ(judge(added), Verdict::forged);
  base::Json state = certificate();
  state.as_object()["state"] = base::Json("in_force|mortgage:none|seal:sealed");
  EXPECT_EQ(judge(state), Verdict::forged);
}

TEST(CertificateVerdict, AnotherHolderOrSaltDoesNotOpenTheCommitment) {
  for (const char* member : {"value", "salt", "path"}) {
    base::Json forged = certificate();
    base::Json& opening = forged.as_object().find("openings")->as_array()[0];
    opening.as_object()[member] = base::Json(member == std::string("salt") ? std::string(64, '0') : std::string("骉犇投资"));
    EXPECT_EQ(judge(forged), Verdict::forged) << member;
  }
}

TEST(CertificateVerdict, ASheetWhoseQrNamesAnotherLeafOrLogOrRecordIsForged) {
  const auto good = *read_mark(mark());
  for (int part = 0; part < 4; ++part) {
    PaperMark bad = good;
    if (part == 0) bad.record += "3";
    if (part == 1) bad.code = law::verification_code("LC", "350112", 2019, 13);
    if (part == 2) bad.leaf = std::string(20, 'a');
    if (part == 3) bad.origin = "evil.example/changle";
    EXPECT_EQ(judge_certificate(certificate(), proven(issuing_leaf()), {}, write_mark(bad)).verdict, Verdict::forged)
        << part;
  }
  EXPECT_EQ(judge_certificate(certificate(), proven(issuing_leaf()), {}, "https://evil.example").verdict, Verdict::forged);
}

TEST(CertificateVerdict, ALaterStateMakesItOutdatedAndIsNamed) {
  const std::string mortgaged = "in_force|mortgage:mortgaged|seal:none";
  const auto report = judge_certificate(certificate(), proven(issuing_leaf()),
                                        {{proven(later_leaf(70, 2, mortgaged), 80)}, 80, Horizon::office});
  EXPECT_EQ(report.verdict, Verdict::outdated);
  EXPECT_EQ(report.state_now, mortgaged);
  EXPECT_EQ(report.findings.back().detail, "leaf 70");
}

TEST(CertificateVerdict, AMortgageThatWasLiftedAgainLeavesItGenuine) {
  const Later later{
      {proven(later_leaf(75, 3, k_state), 80), proven(later_leaf(70, 2, "in_force|mortgage:mortgaged|seal:none"), 80)},
      80,
      Horizon::whole_log};
  EXPECT_EQ(judge(certificate(), later), Verdict::genuine);
}

TEST(CertificateVerdict, AChangeInBetweenThatIsKeptBackShowsByTheVersions) {
  EXPECT_EQ(judge(certificate(), {{proven(later_leaf(75, 3, k_state), 80)}, 80, Horizon::office}), Verdict::outdated);
}

TEST(CertificateVerdict, ALaterFieldOrHolderMakesItOutdated) {
  log::Leaf leaf = later_leaf(70, 2, k_state);
  leaf.change.set["unit_code"] = "350112001002GB00013W00000000";
  EXPECT_EQ(judge(certificate(), {{proven(leaf, 80)}, 80, Horizon::office}), Verdict::outdated);
  leaf = later_leaf(70, 2, k_state);
  leaf.change.commit["holder"] = std::string(64, 'b');
  EXPECT_EQ(judge(certificate(), {{proven(leaf, 80)}, 80, Horizon::office}), Verdict::outdated);
}

TEST(CertificateVerdict, LeavesOfOtherRecordsAndOfOtherLogsSayNothing) {
  log::Leaf other = later_leaf(70, 2, "cancelled");
  other.change.record = "certificate/350112-2019-000099";
  log::Leaf foreign = later_leaf(70, 2, "cancelled");
  foreign.origin = "other.example/log";
  EXPECT_EQ(judge(certificate(), {{proven(other, 80), proven(foreign, 80)}, 80, Horizon::whole_log}), Verdict::genuine);
}

TEST(CertificateVerdict, ACertificateIssuedAsAnEffectOpensUnderItsPath) {
  log::Leaf leaf = issuing_leaf();
  log::Change issued = leaf.change;
  issued.commit["holder"] =
      base::to_hex(log::commitment(k_salt, leaf.origin, leaf.command, "effects/0/holder", "福建闽江置业有限公司"));
  leaf.change = later_leaf(40, 5, "handed_over").change;
  leaf.change.record = "land-listing/350112-2019-000011";
  leaf.effects = {issued};
  base::Json json = certificate();
  EXPECT_EQ(judge_certificate(json, proven(leaf)).verdict, Verdict::forged)
      << "the path of the opening is not that of the effect";
  json.as_object().find("openings")->as_array()[0].as_object()["path"] = base::Json("effects/0/holder");
  EXPECT_EQ(judge_certificate(json, proven(leaf)).verdict, Verdict::genuine);
}

TEST(CertificateVerdict, ABrokenReceiptIsAForgeryAndAnAbsentOneProvesNothing) {
  EXPECT_EQ(judge_certificate(certificate(), base::refuse("RCPT-01", "证明不成立", "the proof does not hold")).verdict,
            Verdict::forged);
  EXPECT_EQ(judge_certificate(certificate(), base::fail("no receipt")).verdict, Verdict::unproven);
  EXPECT_EQ(judge_certificate(base::JsonObject{}, proven(issuing_leaf())).verdict, Verdict::unproven);
  EXPECT_EQ(judge_certificate(base::Json("text"), proven(issuing_leaf())).verdict, Verdict::unproven);
}

// A log of one leaf, signed by its key.
base::Json receipt_of(const log::Signer& signer) {
  log::Leaf leaf = issuing_leaf();
  leaf.seq = 0;
  const std::string bytes = *log::encode(leaf);
  const auto head = log::sign_checkpoint({leaf.origin, 1, log::leaf_hash(bytes), {}}, signer);
  return *base::parse_json(log::Receipt{bytes, {0, {}, head.format(), {}}, {}}.format());
}

TEST(VerifyCertificate, ItsFileAloneIsHeldAgainstTheKeysThatTheReaderTrusts) {
  const log::Signer signer(issuing_leaf().origin, log::KeyKind::log, {1, 2, 3});
  const log::Signer impostor(issuing_leaf().origin, log::KeyKind::log, {4, 5, 6});
  const auto trust = *log::Policy::parse("log " + signer.verifier().text() + "\nquorum none\n");
  base::Json json = certificate();
  EXPECT_EQ(verify_certificate(base::canonical(json), trust).verdict, Verdict::unproven) << "no receipt is enclosed";
  json.as_object()["receipt"] = receipt_of(signer);
  const auto report = verify_certificate(base::canonical(json), trust);
  EXPECT_EQ(report.verdict, Verdict::genuine);
  EXPECT_NE(report.level, log::Level::none);
  EXPECT_EQ(report.known_size, 1u);

  base::Json forged = json;
  forged.as_object().find("fields")->as_object()["number"] = base::Json("闽（2019）长乐区不动产权第0000013号");
  EXPECT_EQ(verify_certificate(base::canonical(forged), trust).verdict, Verdict::forged);
  base::Json rewritten = json;  // the leaf within the receipt says what the forger wants, and no proof leads to it
  std::string leaf(json.at("receipt").text("leaf"));
  leaf.replace(leaf.find("350112001002GB00012"), 19, "350112001002GB00099");
  rewritten.as_object().find("receipt")->as_object()["leaf"] = base::Json(leaf);
  EXPECT_EQ(verify_certificate(base::canonical(rewritten), trust).verdict, Verdict::forged);
  json.as_object()["receipt"] = receipt_of(impostor);
  EXPECT_EQ(verify_certificate(base::canonical(json), trust).verdict, Verdict::forged) << "another key under the log's name";
  const log::Signer stranger("other.example/log", log::KeyKind::log, {7, 8, 9});
  const auto elsewhere = *log::Policy::parse("log " + stranger.verifier().text() + "\nquorum none\n");
  EXPECT_EQ(verify_certificate(base::canonical(json), elsewhere).verdict, Verdict::unproven)
      << "a log that the reader does not know";
  EXPECT_EQ(verify_certificate("{", trust).verdict, Verdict::unproven);
}

TEST(PaperMark, ReadsBackWhatItWroteAndRefusesAnythingElse) {
  const auto read = read_mark(mark());
  ASSERT_TRUE(read);
  EXPECT_EQ(write_mark(*read), mark());
  for (const std::string text :
       {"", "LG1", "LG1 a b - o x", "LG1 a b c o", "LG2 a b - o", "LG1  b - o", "LG1 a b - ", "LG1 a b -"}) {
    EXPECT_FALSE(read_mark(text)) << text;
  }
}

TEST(CertificateFormat, TheDocumentsGoldenCertificateGetsTheVerdictsItNames) {
  std::ifstream in(LG_SOURCE_DIR "/docs/formats/certificate.md");
  std::ostringstream out;
  out << in.rdbuf();
  const std::string text = out.str();
  int cases = 0;
  for (auto at = text.find("```json\n"); at != std::string::npos; at = text.find("```json\n", at)) {
    at += 8;
    const auto vector = base::parse_json(std::string_view(text).substr(at, text.find("```", at) - at));
    ASSERT_TRUE(vector);
    const auto leaf = log::decode(vector->text("leaf"));
    ASSERT_TRUE(leaf) << base::explain(leaf.trouble());
    const ProvenLeaf issued{*leaf, log::leaf_hash(vector->text("leaf")), 64};
    Later later{{}, 64, Horizon::whole_log};
    for (const base::Json& one : vector->at("later").as_array()) {
      later.leaves.push_back({*log::decode(one.as_string()), log::leaf_hash(one.as_string()), 64});
    }
    const auto report = judge_certificate(vector->at("certificate"), issued, later, std::string(vector->text("qr")));
    EXPECT_EQ(name_of(report.verdict), vector->text("verdict")) << vector->text("case");
    ++cases;
  }
  EXPECT_EQ(cases, 7);
}

}  // namespace
}  // namespace landglass::verify
