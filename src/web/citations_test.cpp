#include "web/citations.hpp"

#include <gtest/gtest.h>

#include "institution/words.hpp"

namespace landglass::web {
namespace {

const institution::Pack& pack() {
  static const auto loaded =
      institution::Pack::load(std::string(LG_SOURCE_DIR) + "/packs/cn-land", std::string(LG_SOURCE_DIR) + "/build/data");
  EXPECT_TRUE(loaded) << base::explain(loaded.trouble());
  return **loaded;
}

TEST(Citations, NameARuleInEnglishBesideItsNumber) {
  const Citations citations(pack());
  const std::string rule =
      "Provisions on Tender, Auction and Listing of State-owned Construction-land Use Rights (国土资源部令第39号)";
  EXPECT_EQ(citations.in_english(pack().cite({"mlr-order-39", {}})), rule);
  EXPECT_EQ(citations.in_english(pack().cite({"mlr-order-39", {"20"}})), rule + ", art. 20");
  EXPECT_EQ(citations.in_english(pack().cite({"mlr-order-39", std::vector<std::string>{"20", "23"}})),
            rule + ", arts. 20, 23");
  for (const auto& [id, known] : pack().rules())
    EXPECT_TRUE(citations.in_english(pack().cite({id, {"1"}})).starts_with(known.title.en)) << id;
}

TEST(Citations, LeaveWhatPeopleWroteAsItIs) {
  const Citations citations(pack());
  for (const auto* text : {"", "条", "第1条", "坂东镇工业集中区", "梅土告字〔2026〕2号", "a · b"})
    EXPECT_EQ(citations.in_english(text), text);
  const base::Json model =
      base::JsonObject{{"law", pack().cite({"mlr-order-39", {}})}, {"list", base::JsonArray{"某人写的", 7}}};
  const auto page = citations.page_in_english(model);
  EXPECT_TRUE(page.text("law").starts_with("Provisions"));
  EXPECT_EQ(page.at("list"), model.at("list"));
}

TEST(Citations, NameATermWhereverItIsCalled) {
  const Citations citations(pack());
  const auto* in = pack().current("payment-request");
  ASSERT_NE(in, nullptr);
  const institution::Deadline* deadline = nullptr;
  for (const auto& state : in->main.states) {
    for (const auto& one : state.after) {
      if (deadline == nullptr && !one.title.zh.empty() && !one.title.en.empty()) deadline = &one;
    }
  }
  ASSERT_NE(deadline, nullptr);
  const auto called = citations.in_english("某地块 · " + deadline->title.zh);  // another file may name such a term too
  EXPECT_TRUE(called.starts_with("某地块 · ")) << called;
  EXPECT_EQ(called.find(deadline->title.zh), std::string::npos) << called;
}

TEST(Citations, GiveAFigureItsUnit) {
  const auto* in = pack().current("petition");
  ASSERT_NE(in, nullptr);
  ASSERT_FALSE(in->parameters.empty());
  const institution::FileWords words(pack(), *in);
  for (const auto& parameter : in->parameters) {
    for (const auto& value : parameter.values) {
      EXPECT_EQ(figure_shown(value, words).zh, value.source);
      EXPECT_TRUE(figure_shown(value, words).en.ends_with(" days")) << figure_shown(value, words).en;
    }
  }
}

TEST(Citations, TellWhatWasFoundByTheNamesOfTheFile) {
  const auto* in = pack().current("land-listing");
  ASSERT_NE(in, nullptr);
  const auto* field = in->field("deposit");
  ASSERT_NE(field, nullptr);
  EXPECT_EQ(Citations::found_in_english(*in, field->title.zh + " 2,000,000.00 元 < 3,000,000.00 元"),
            field->title.en + " 2,000,000.00 yuan < 3,000,000.00 yuan");
}

}  // namespace
}  // namespace landglass::web
