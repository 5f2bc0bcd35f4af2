// Templates, the PDFs and pages made from them, looked at with other people's programs (poppler, mupdf, zbar).

#include <gtest/gtest.h>

#include <set>

#include "disclosure/archive.hpp"
#include "disclosure/html.hpp"
#include "disclosure/test_papers.hpp"

namespace landglass::disclosure::test {
namespace {

const std::set<std::string> k_lot_papers = {
    "announcement",    "supplementary-notice", "application",   "qualification",  "confirmation",
    "award-notice",    "result-notice",        "contract",      "payment-notice", "receipt",
    "deposit-refund",  "late-fee-notice",      "deed-tax",      "handover",       "certificate",
    "failed-sale",     "termination-notice",   "freeze-notice", "resume-notice",  "refusal",
    "objection-answer"};

std::string pdf_of(const std::string& name, const Marks& with = marks()) {
  return must(press().pdf(must(templates().find(name)->fill(example(), with))));
}

TEST(Papers, EveryPaperOfALotHasItsTemplate) {
  std::set<std::string> names;
  for (const auto& [name, made] : templates()) names.insert(name);
  for (const auto& name : k_lot_papers) EXPECT_TRUE(names.contains(name)) << name;
}

TEST(Papers, EveryTemplateIsFilledByTheExampleAndPrintsWithoutAWarningOfMupdf) {
  for (const auto& [name, made] : templates()) {
    const auto document = made.fill(example(), marks());
    ASSERT_TRUE(document) << name << ": " << base::explain(document.trouble());
    const std::string file = keep(name + ".pdf", must(press().pdf(*document)));
    EXPECT_EQ(warnings_of_mupdf("-r 30 -o /dev/null -F pnm " + file), "") << name;
    const std::string text = output_of("pdftotext -layout " + file + " -");
    EXPECT_NE(text.find(marks().code), std::string::npos) << name;
    EXPECT_NE(text.find("DEMONSTRATION"), std::string::npos) << name;
  }
}

TEST(Papers, TheAmountInWordsIsInTheTextOfTheFile) {
  for (const char* name : {"confirmation", "result-notice", "contract"}) {
    const std::string text = output_of("pdftotext " + keep(std::string(name) + ".pdf", pdf_of(name)) + " -");
    EXPECT_NE(text.find("人民币贰亿壹仟伍佰万元整"), std::string::npos) << name;
    EXPECT_NE(text.find("215,000,000.00"), std::string::npos) << name;
  }
}

TEST(Papers, TheSamePaperIsTheSameBytesFromAnotherPress) {
  const Press other = must(Press::open(k_fonts));
  for (const char* name : {"announcement", "contract"}) {
    const Document document = must(templates().find(name)->fill(example(), marks()));
    const std::string first = must(press().pdf(document));
    EXPECT_EQ(first, must(other.pdf(document))) << name;
    EXPECT_EQ(first, must(press().pdf(document))) << name;
  }
}

TEST(Papers, TheQrOfEachPageReadsAsItsPayload) {
  const std::string file = keep("contract.pdf", pdf_of("contract"));
  const std::string raster = LG_BUILD_DIR "/papers/contract-page";
  output_of("rm -f " + raster + "*.png && pdftoppm -r 150 -png " + file + " " + raster);
  int pages = 0;
  for (const auto& entry : std::filesystem::directory_iterator(LG_BUILD_DIR "/papers")) {
    if (!entry.path().filename().string().starts_with("contract-page")) continue;
    EXPECT_EQ(output_of("zbarimg -q --raw --oneshot " + entry.path().string() + " 2>/dev/null"), marks().qr) << entry.path();
    ++pages;
  }
  EXPECT_GE(pages, 2);
}

TEST(Papers, ATableOf300RowsBreaksAcrossPagesWithItsHeadOnEach) {
  Document document;
  document.title = {"出让宗地一览表", "Register of parcels"};
  document.marks = marks();
  Table table{
      {{{"序号", "No."}, 1, Align::centre}, {{"宗地", "Parcel"}, 3, Align::left}, {{"价款", "Price"}, 2, Align::right}},
      {},
      false};
  for (int i = 1; i <= 300; ++i) {
    table.rows.push_back(
        {{std::to_string(i), ""}, {"第" + std::to_string(i) + "号宗地，坐落于航城街道", ""}, {"1,000.00 元", ""}});
  }
  // One cell that no page could hold.
  std::string endless;
  for (int i = 0; i < 400; ++i) endless += "此格内容超过一页。";
  table.rows.push_back({{"301", ""}, {endless + "完", ""}, {"", ""}});
  document.blocks.emplace_back(std::move(table));
  const std::string file = keep("long-table.pdf", must(press().pdf(document)));

  const std::string info = output_of("pdfinfo " + file);
  const int pages = std::stoi(info.substr(info.find("Pages:") + 6));
  EXPECT_GE(pages, 8);
  const std::string text = output_of("pdftotext -layout " + file + " -");
  std::size_t heads = 0;
  for (auto at = text.find("Parcel"); at != std::string::npos; at = text.find("Parcel", at + 1)) ++heads;
  EXPECT_EQ(heads, static_cast<std::size_t>(pages)) << "the head of the table stands on each page";
  for (int i = 1; i <= 300; ++i) {
    ASSERT_NE(text.find("第" + std::to_string(i) + "号宗地"), std::string::npos) << i;
  }
  // Nothing of the text lies below the foot's rule or beside the page: the lowest word of the table is above it.
  const std::string boxes = output_of("pdftotext -bbox " + file + " -");
  double lowest = 0;
  for (auto at = boxes.find("yMax=\""); at != std::string::npos; at = boxes.find("yMax=\"", at + 1)) {
    const double y = std::stod(boxes.substr(at + 6));
    if (boxes.find("号宗地", at) < boxes.find("</word>", at)) lowest = std::max(lowest, y);
  }
  EXPECT_GT(lowest, 400);
  EXPECT_LT(lowest, 841.89 - 31 * k_mm);
  std::string joined;
  for (const char c : output_of("pdftotext " + file + " -")) {
    if (c != ' ' && c != '\n' && c != '\f') joined += c;
  }
  std::size_t sentences = 0;
  for (auto at = joined.find("此格内容超过一页"); at != std::string::npos; at = joined.find("此格内容超过一页", at + 1))
    ++sentences;
  EXPECT_GE(sentences, 390u) << "the endless cell goes on over the pages (a sentence cut by a page's foot is not counted)";
  EXPECT_NE(joined.find("页。完"), std::string::npos);
}

TEST(Papers, APaperWithABlankIsRefused) {
  base::Json fields = example();
  fields.as_object().erase("price_upper");
  const auto refused = templates().find("contract")->fill(fields, marks());
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "PAPER-02");
  EXPECT_EQ(refused.refusal().where, "contract.price_upper");
}

TEST(Papers, AFieldThatIsNoTextIsRefused) {
  base::Json fields = example();
  fields.as_object()["winner"] = base::Json(7);
  EXPECT_EQ(templates().find("contract")->fill(fields, marks()).refusal().code, "PAPER-03");
  fields.as_object()["winner"] = base::Json("a\tb");
  EXPECT_EQ(templates().find("contract")->fill(fields, marks()).refusal().code, "PAPER-03");
  fields = example();
  fields.as_object()["instalments"] = base::Json("two");
  EXPECT_EQ(templates().find("contract")->fill(fields, marks()).refusal().code, "PAPER-03");
}

TEST(Papers, ACharacterThatNoFontHasIsRefusedByItsNumberNotDrawnAsABox) {
  base::Json fields = example();
  fields.as_object()["winner"] = base::Json("张\U000323B1");
  const auto refused = press().pdf(must(templates().find("contract")->fill(fields, marks())));
  ASSERT_TRUE(refused.refused());
  EXPECT_EQ(refused.refusal().code, "PAPER-06");
  EXPECT_EQ(refused.refusal().where, "U+323B1");
}

TEST(Papers, WithoutTheFontFilesThePressDoesNotOpenAndSaysWhichIsAbsent) {
  const auto absent = Press::open("/nowhere");
  ASSERT_TRUE(absent.failed());
  EXPECT_NE(absent.failure().what.find("/nowhere/NotoSansCJKsc-Regular.otf"), std::string::npos);
}

TEST(Papers, ABlockUnderAConditionStandsOnlyWhereItsFieldIsGiven) {
  base::Json fields = example();
  const std::string with = html(must(templates().find("receipt")->fill(fields, marks())));
  fields.as_object()["demonstration"] = base::Json(false);
  const std::string without = html(must(templates().find("receipt")->fill(fields, marks())));
  EXPECT_NE(with.find("不是财政票据"), std::string::npos);
  EXPECT_EQ(without.find("不是财政票据"), std::string::npos);
}

TEST(Papers, AFieldCannotBringMarkupOrTemplateWordsIntoAPaper) {
  base::Json fields = example();
  fields.as_object()["winner"] = base::Json("<script>x</script> // {{price}} | & \"'");
  const std::string page = html(must(templates().find("contract")->fill(fields, marks())));
  EXPECT_EQ(page.find("<script>"), std::string::npos);
  EXPECT_NE(page.find("&lt;script&gt;x&lt;/script&gt; // {{price}} | &amp; &quot;&#39;"), std::string::npos);
}

TEST(Papers, ThePageSaysWhatThePdfSays) {
  const std::string page = html(must(templates().find("confirmation")->fill(example(), marks())));
  for (const char* text : {"<article class=\"paper\"", "国有建设用地使用权成交确认书", "人民币贰亿壹仟伍佰万元整",
                           "法律依据：", "DEMONSTRATION", "<th scope=\"row\">竞得人", "LL350112201900000011K"}) {
    EXPECT_NE(page.find(text), std::string::npos) << text;
  }
  keep("confirmation.html", page);
}

TEST(Templates, WhatDoesNotReadAsATemplateIsRefusedWithItsLine) {
  const std::string head = "paper x\ntitle 题 // Title\n---\n";
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {head + "{{Price}}\n", "x:4"},              // not a field name
      {head + "{{price\n", "x:4"},                // not closed
      {head + "|= 1 | 2\n| a | b | c\n", "x:5"},  // another number of columns
      {head + "|= 0\n", "x:4"},                   // no width
      {head + "> English alone\n", "x:4"},        // under no Chinese
      {head + "? reserve\n", "x:4"},              // condition of nothing
      {head + "文字\n| a\n", "x:5"},              // a table glued to a paragraph
      {"paper x\ncolour red\n---\n", "x:2"},      // unknown word
      {"paper x\ntitle 题\n---\n", "x:3"},        // no English title
      {"paper x\ntitle 题 // Title\n", "x:2"},    // no body
  };
  for (const auto& [text, where] : wrong) {
    const auto refused = Template::parse(text, "x");
    ASSERT_TRUE(refused.refused()) << text;
    EXPECT_EQ(refused.refusal().code, "PAPER-01") << text;
    EXPECT_EQ(refused.refusal().where, where) << text;
  }
}

TEST(Templates, APackWhosePaperHasAFieldThatNothingBindsIsAtFault) {
  const auto pack = must(institution::Pack::load(LG_SOURCE_DIR "/packs/cn-land", LG_SOURCE_DIR "/build/data"));
  EXPECT_EQ(paper_faults(*pack, templates()), std::vector<std::string>{});
  const std::string folder = LG_BUILD_DIR "/papers-at-fault";
  const std::vector<std::tuple<std::string, std::string, std::string>> faults = {
      {"  winner         = winner_name\n", "", "nothing binds {{winner}}"},
      {"  winner         = winner_name\n", "  winner = winner_nam\n", "confirmation.paper:"},
      {"from land-listing\n", "from land-listing\n  nothing = plate\n", "the template has no {{nothing}}"},
      {"  winner         = winner_name\n", "  winner = winning.applicant_name\n  plate = count(deposits)\n",
       "says what is now"},
      {"from land-listing\n", "from land-tender\n", "has no `from land-listing`"},
  };
  for (const auto& [line, instead, expected] : faults) {
    std::filesystem::remove_all(folder);
    std::filesystem::copy(k_papers, folder);
    auto text = read_file(folder + "/confirmation.paper");
    ASSERT_NE(text.find(line), std::string::npos) << line;
    text.replace(text.find(line), line.size(), instead);
    std::ofstream(folder + "/confirmation.paper", std::ios::binary) << text;
    std::string found;
    for (const auto& fault : paper_faults(*pack, must(Templates::load(folder)))) found += fault + "\n";
    EXPECT_NE(found.find(expected), std::string::npos) << line << instead << found;
  }
}

TEST(Templates, WhatBindsAFieldIsReadPerInstitutionAndAct) {
  const auto* paper = templates().find("late-fee-notice");
  ASSERT_NE(paper->bound("grant-contract", "charge-late"), nullptr);
  EXPECT_NE(paper->bound("grant-contract", "charge-late"), paper->bound("grant-contract", "remind-late"));
  EXPECT_EQ(paper->bound("grant-contract", "pay"), nullptr);
  EXPECT_EQ(paper->bound("land-listing", "charge-late"), nullptr);
  const std::string head = "paper x\ntitle 题 // Title\n";
  for (const std::string line : {"from a on\n", "from a b\n", "from a\nwith b c = d\n", "from a\nb\n", "a = b\n"}) {
    EXPECT_TRUE(Template::parse(head + line + "---\n", "x").refused()) << line;
  }
  const auto made = must(Template::parse(head + "from a on b c\n  with d of e = f\n  g.1.h = i == j\n---\n{{g}}\n", "x"));
  ASSERT_EQ(made.bound().size(), 1U);
  EXPECT_EQ(made.bound()[0].actions, (std::vector<std::string>{"b", "c"}));
  EXPECT_EQ(made.bound()[0].lookups[0].institution, "e");
  EXPECT_EQ(made.bound()[0].fields[0].source, "i == j");
}

TEST(Templates, TheFieldsThatATemplateReadsAreKnownBeforeItIsFilled) {
  const auto fields = templates().find("contract")->fields();
  const std::set<std::string> known(fields.begin(), fields.end());
  EXPECT_TRUE(known.count("price_upper"));
  EXPECT_TRUE(known.count("instalments"));
  EXPECT_TRUE(known.count("instalments.amount_upper"));
  EXPECT_TRUE(known.count("signer"));
  EXPECT_FALSE(known.count("no"));
}

}  // namespace
}  // namespace landglass::disclosure::test
