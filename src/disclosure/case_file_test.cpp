#include "disclosure/case_file.hpp"

#include <gtest/gtest.h>

#include "disclosure/certificate.hpp"
#include "disclosure/html.hpp"
#include "disclosure/test_papers.hpp"
#include "law/codes.hpp"
#include "log/merkle.hpp"
#include "verify/certificate.hpp"

namespace landglass::disclosure::test {
namespace {

CaseFile case_file() {
  CaseFile file{{"2019挂-11 宗地出让案卷", "Case file of parcel 2019挂-11"}, marks(), "demo.landglass.example/changle", {}};
  for (const char* name : {"announcement", "confirmation", "contract"}) {
    const Document document = must(templates().find(name)->fill(example(), marks()));
    file.papers.push_back(
        {document.title, document.number, marks().as_of, "pdf", must(press().pdf(document)), file.papers.size() * 7});
  }
  return file;
}

CertificateSource certificate_source() {
  CertificateSource source;
  source.record = "certificate/350112-2019-000012";
  source.leaf.origin = "demo.landglass.example/changle";
  source.leaf.seq = 40;
  source.leaf.time = source.leaf.as_of = *base::parse_time("2019-12-25T02:00:00Z");
  source.leaf.command = "f0e0d0c0b0a090807060504030201000";
  source.leaf.change.institution = "certificate";
  source.leaf.change.record = source.record;
  source.leaf.change.action = "issue";
  source.leaf.change.version = 1;
  source.leaf.change.state = "in_force|mortgage:mortgaged|seal:none";
  source.leaf.change.set["parcel_code"] = "350112001002GB00012";
  source.leaf.change.outcome["number"] = "闽（2019）长乐区不动产权第0000012号";
  source.leaf.change.outcome["code"] = law::verification_code("LC", "350112", 2019, 12);
  const base::Bytes salt(32, 7);
  source.leaf.change.commit["holder"] =
      base::to_hex(log::commitment(salt, source.leaf.origin, source.leaf.command, "holder", "福建闽江置业有限公司"));
  source.fields = {"number", "parcel_code"};
  source.openings = {base::JsonObject{{"path", "holder"}, {"salt", base::to_hex(salt)}, {"value", "福建闽江置业有限公司"}}};
  return source;
}

base::Json certificate_fields() {
  base::Json fields = example();
  fields.as_object()["number"] = base::Json("闽（2019）长乐区不动产权第0000012号");
  fields.as_object()["date"] = base::Json("2019年12月25日");
  return fields;
}

TEST(CaseFile, IsWholeAndTheSameBytesAgain) {
  const std::string zip = must(write_case_file(press(), case_file()));
  EXPECT_EQ(zip, must(write_case_file(press(), case_file())));
  const base::Json catalogue = must(check_case_file(zip));
  EXPECT_EQ(catalogue.at("papers").as_array().size(), 3u);
  EXPECT_EQ(catalogue.at("papers").as_array()[2].at("leaf").as_int(), 14);
  const std::string path = keep("case.zip", zip);
  // Another program reads it too.
  output_of("unzip -tqq " + path);
  const std::string names = output_of("LC_ALL=C.UTF-8 unzip -Z1 " + path);
  EXPECT_EQ(names,
            "catalogue.json\n000-目录.pdf\n001-国有建设用地使用权出让公告.pdf\n002-国有建设用地使用权成交确认书.pdf\n"
            "003-国有建设用地使用权出让合同（主要条款）.pdf\n");
  keep("case-contents.pdf", output_of("LC_ALL=C.UTF-8 unzip -p " + path + " '000-*.pdf'"));
}

TEST(CaseFile, AnyByteThatIsTurnedIsFound) {
  const std::string zip = must(write_case_file(press(), case_file()));
  int found = 0, tried = 0;
  for (std::size_t at = 0; at < zip.size(); at += zip.size() / 97, ++tried) {
    std::string bad = zip;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    if (!check_case_file(bad)) ++found;
  }
  // A bit in the zip's own frame (a date, an attribute) may change no paper; none of those is hit here.
  EXPECT_EQ(found, tried);
  EXPECT_EQ(check_case_file("PK").refusal().code, "CASE-02");
  EXPECT_FALSE(check_case_file(std::string_view(zip).substr(0, zip.size() / 2)));
}

TEST(Certificate, ItsFileIsGenuineByTheVerdictAndItsSheetsQrTiesItToTheLeaf) {
  const CertificateSource source = certificate_source();
  const base::Json json = must(certificate_json(source));
  keep("certificate.json", base::canonical(json));
  const std::string file =
      keep("certificate-issued.pdf",
           must(certificate_pdf(press(), *templates().find("certificate"), certificate_fields(), source, true)));
  EXPECT_EQ(warnings_of_mupdf("-r 30 -o /dev/null -F pnm " + file), "");
  const std::string raster = LG_BUILD_DIR "/papers/certificate-issued";
  output_of("pdftoppm -r 100 -png -singlefile " + file + " " + raster);
  const std::string qr = output_of("zbarimg -q --raw --oneshot " + raster + ".png 2>/dev/null");
  const verify::ProvenLeaf issued{source.leaf, log::leaf_hash(must(log::encode(source.leaf))), 64};
  const auto report = verify::judge_certificate(json, issued, {}, qr);
  EXPECT_EQ(report.verdict, verify::Verdict::genuine) << qr;
  const std::string page =
      html(must(certificate_document(*templates().find("certificate"), certificate_fields(), source, true)));
  EXPECT_NE(page.find("<li class=\"warns\">✓ 抵押"), std::string::npos) << page;
  EXPECT_NE(page.find("<li class=\"off\">— 查封"), std::string::npos);
}

TEST(Certificate, CannotBeMadeToSayWhatTheLeafDoesNot) {
  CertificateSource source = certificate_source();
  source.fields.push_back("area");
  EXPECT_EQ(certificate_json(source).refusal().code, "CERT-03");
  source = certificate_source();
  source.record = "certificate/350112-2019-000013";
  EXPECT_EQ(certificate_json(source).refusal().code, "CERT-02");
  EXPECT_EQ(certificate_pdf(press(), *templates().find("certificate"), certificate_fields(), source, true).refusal().code,
            "CERT-02");
}

TEST(Certificate, StandingsOfARightHoldSideBySide) {
  const auto held = [](std::string_view state) {
    std::string out;
    for (const Standing& one : standings_of(state)) out += one.holds ? one.name.en + ";" : "";
    return out;
  };
  EXPECT_EQ(held("in_force|mortgage:none|seal:none"), "in force;");
  EXPECT_EQ(held("in_force|mortgage:mortgaged|seal:sealed"), "in force;mortgaged;sealed;");
  EXPECT_EQ(held("cancelled|mortgage:none|seal:none"), "cancelled;");
  EXPECT_EQ(held("changed"), "changed;");
}

}  // namespace
}  // namespace landglass::disclosure::test
