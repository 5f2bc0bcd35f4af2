#include "web/called.hpp"

#include <gtest/gtest.h>

#include "engine/test_house.hpp"
#include "institution/foreseen.hpp"
#include "institution/signed_act.hpp"
#include "institution/verbs.hpp"
#include "web/spoken.hpp"

namespace landglass::web {
namespace {

class House : public ::testing::Test {
 protected:
  ~House() override { std::filesystem::remove_all(folder_); }

  std::string folder_ = engine::test::fresh_folder();
  base::VirtualClock clock_{base::Time{1'300'000'000'000}};
  engine::test::House house_{folder_, clock_, false};
  institution::Pack& pack_ = *house_.pack;
  Readers readers_{*house_.store};
};
using Called = House;
using Offered = House;

TEST_F(Called, WhoseNameIsPrivateIsToldApartByANumberAndNotByHisKey) {
  const auto one = house_.act("genesis", "party", "", {{"key", "lin-zhiqiang"}, {"kind", "person"}, {"name", "林志强"}});
  const auto two = house_.act("genesis", "party", "", {{"key", "meixi"}, {"kind", "organisation"}, {"name", "梅溪置业"}});
  ASSERT_TRUE(one && two);
  Names names(pack_, readers_.take(store::Sight::open));
  const auto first = names.of(*one);
  const auto second = names.of(*two);
  EXPECT_TRUE(first.zh.starts_with("自然人 ") && first.zh.ends_with(" 号（未公开）")) << first.zh;
  EXPECT_TRUE(second.en.starts_with("Organisation no.") && second.en.ends_with(" (not public)")) << second.en;
  EXPECT_EQ(first.zh.find("lin"), std::string::npos);
  // The same in a list, whose rows give the fields alone.
  EXPECT_EQ(names.of(*pack_.current("party"), {{"key", "meixi"}, {"kind", "organisation"}}).zh, second.zh);
  names.told_by({{"grantee", *two}, {"grantee_name", "梅溪置业有限公司"}});
  EXPECT_EQ(names.of(*two).zh, "梅溪置业有限公司");
}

TEST_F(Called, WhatNamesANaturalPersonIsGatheredForNoStranger) {
  const auto& party = *pack_.current("party");
  EXPECT_TRUE(is_one_person(party, {{"key", "lin"}, {"kind", "person"}}));
  EXPECT_FALSE(is_one_person(party, {{"key", "meixi"}, {"kind", "organisation"}}));
  EXPECT_EQ(kind_of_person(*pack_.current("office")), nullptr);
  EXPECT_EQ(kind_of_person(*pack_.current("person")), nullptr) << "an official is asked what he did in office";
  // Nor does any public register of rights name its holder.
  EXPECT_TRUE(pack_.current("land-certificate")->field("holder")->is_private);
}

TEST_F(Called, OfASealedRecordAPageSaysOfWhichRegisterItIs) {
  Names names(pack_, readers_.take(store::Sight::open));
  EXPECT_TRUE(names.of("bank-line/0123456789abcdef01234567").empty());
  const auto shown = names.shown("bank-line/0123456789abcdef01234567");
  EXPECT_EQ(shown.zh, pack_.current("bank-line")->title.zh + " 01234567…");
}

TEST_F(Called, ARefusalNamesWhatItsIdsMean) {
  ASSERT_TRUE(
      house_.act("genesis", "office", "",
                 {{"key", "bureau"}, {"name", "某局"}, {"short", "局"}, {"region", "350124"}, {"kind", "resources"}}));
  Names names(pack_, readers_.take(store::Sight::open));
  const auto said = spoken(names, pack_, {"办理人的机构 office/bureau ≠ 有关单位 3/4", "and/or office/bureau"});
  EXPECT_EQ(said.zh, "办理人的机构 某局 ≠ 有关单位 3/4");
  EXPECT_EQ(said.en, "and/or 某局");
}

TEST_F(Offered, AClockThatNobodyStoppedIsNotResumedAndAMatterThatNobodyReturnedNotHandedInAgain) {
  const auto& in = *pack_.current("objection");
  institution::Record record;
  record.id = "objection/1";
  const auto* pause = institution::find_action(in, "pause-examination");
  const auto* resume = institution::find_action(in, "resume-examination");
  ASSERT_TRUE(pause != nullptr && resume != nullptr);
  EXPECT_TRUE(institution::ends_nothing(in, record, *resume));
  EXPECT_EQ(institution::verb_fits(in, record, *resume, "person/x").refusal().code, "EN-02");
  EXPECT_TRUE(institution::verb_fits(in, record, *pause, "person/x"));
  record.timers["pause/examination"] = {base::Time{1'400'000'000'000}, {}};
  EXPECT_FALSE(institution::ends_nothing(in, record, *resume));
  EXPECT_TRUE(institution::verb_fits(in, record, *resume, "person/x"));
}

TEST_F(Offered, WhatACheckRefusesWhateverIsGivenIsSaidBeforeItIsSent) {
  ASSERT_TRUE(house_.act("genesis", "office", "",
                         {{"key", "bureau"}, {"name", "局"}, {"short", "局"}, {"region", "350124"}, {"kind", "resources"}}));
  house_.seat("x", "clerk", "office/bureau", {"director", "discipline"});
  const auto& in = *pack_.current("warning");
  institution::Record record;
  record.id = "warning/1";
  record.institution = "warning";
  record.file = in.hash;
  record.state = "unanswered";
  record.fields = {{"severity", "grave"}, {"office", "office/other"}, {"code", "W-01"}, {"watched", base::JsonArray{}}};
  house_.engine->inspect([&](institution::Registry& registry, engine::Cache&) {
    const auto code = [&](const char* action) {
      const auto refused =
          institution::foreseen(registry, record, *in.main.find("unanswered")->find(action), "person/x", clock_.now());
      return refused ? refused->code : std::string();
    };
    EXPECT_EQ(code("answer"), "WN-01");   // another office is concerned
    EXPECT_EQ(code("dismiss"), "WN-05");  // a grave one takes two
    EXPECT_EQ(code("open-case"), "");     // hangs on what is given
    record.fields["severity"] = "notice";
    EXPECT_EQ(code("dismiss"), "");
    record.fields["office"] = "office/bureau";
    EXPECT_EQ(code("answer"), "");
    EXPECT_EQ(code("dismiss"), "WN-02");
  });
}

}  // namespace
}  // namespace landglass::web
