// A household's own line: its code, and what the code opens, from the first notice of an expropriation on.
#include "disclosure/slip.hpp"

#include "disclosure/past.hpp"
#include "engine/test_house.hpp"
#include "log/leaf.hpp"

using namespace landglass;
using engine::test::fresh_folder;
using engine::test::House;

namespace {

base::Result<std::string> signed_act(House& house, const std::string& actor, const std::string& what,
                                     const std::string& action, base::JsonObject fields = {}) {
  engine::Command command;
  command.id = base::to_hex(house.random.bytes32()).substr(0, 32);
  command.actor = actor;
  command.action = action;
  (what.find('/') == std::string::npos ? command.institution : command.record) = what;
  command.fields = std::move(fields);
  command.sig = log::LeafSignature{"session", "", ""};
  LG_TRY(const auto answer, house.engine->call(std::move(command)));
  return answer.record;
}

const std::string k_file(64, '1');

// The plan of an expropriation is published, and this is the line of its one household.
std::string enter_line(House& house, base::VirtualClock& clock) {
  const auto must = [](base::Result<std::string> made) {
    EXPECT_TRUE(made) << base::explain(made.trouble());
    return made ? *made : std::string();
  };
  for (const auto* key : {"zrzy", "gov", "zhen"})
    must(house.act("genesis", "office", "",
                   {{"key", key}, {"name", key}, {"short", key}, {"region", "350124"}, {"kind", "government"}}));
  house.seat("zhao", "land-use", "office/zrzy", base::JsonArray{"land-use"});
  house.seat("he", "mayor", "office/gov", base::JsonArray{"government"});
  // The zone's price is the province's.
  must(house.act("genesis", "office", "",
                 {{"key", "sheng"}, {"name", "省"}, {"short", "省"}, {"region", "350000"}, {"kind", "government"}}));
  house.seat("shen", "governor", "office/sheng", base::JsonArray{"government"});
  house.seat("wei", "townsman", "office/zhen", base::JsonArray{"town-officer"});
  house.seat("mao", "survey", "office/zhen", base::JsonArray{"surveyor"});
  house.seat("fan", "gov-legal", "office/gov", base::JsonArray{"legal"});
  const auto standard =
      must(house.act("person/zhao", "compensation-standard", "",
                     {{"region", "350124"}, {"zone", "I"}, {"price", "40000.00"}, {"effective", "2020-01-01"}}));
  must(signed_act(house, "person/shen", standard, "publish"));
  const auto taking = must(house.act("person/zhao", "expropriation", "",
                                     {{"name", "县道"},
                                      {"region", "350124"},
                                      {"location", "新民村"},
                                      {"zone", "I"},
                                      {"category", "farmland"},
                                      {"interest", "infrastructure"},
                                      {"area", "1000.00"},
                                      {"households", 1}}));
  must(signed_act(house, "person/he", taking, "announce"));
  clock.set(clock.now() + 20 * base::k_day);
  while (house.engine->step()) {
  }
  must(house.act("person/zhao", taking, "survey", {{"survey", k_file}, {"risk", "low"}, {"households", 1}}));
  must(signed_act(house, "person/mao", taking, "confirm-land",
                  {{"found_zone", "I"}, {"found_category", "farmland"}, {"found_area", "1000.00"}}));
  must(signed_act(house, "person/fan", taking, "assess-risk", {{"found_risk", "low"}, {"risk_report", k_file}}));
  must(signed_act(house, "person/he", taking, "publish-plan",
                  {{"plan", k_file}, {"ways", base::JsonArray{"money", "shares"}}, {"security_due", "0.00"}}));
  return must(house.act("person/wei", "household-line", "",
                        {{"taking", taking},
                         {"region", "350124"},
                         {"line_no", 1},
                         {"holder_name", "陈某"},
                         {"members", 4},
                         {"land_area", "1000.00"},
                         {"land_amount", "61234.56"},
                         {"attachments_amount", "0.00"}}));
}

}  // namespace

TEST(Slip, ACodeIsReadHoweverItIsTyped) {
  const base::Bytes salt(32, 7);
  const auto code = disclosure::slip_code(salt, "household-line/350124-2022-000001");
  EXPECT_EQ(code.size(), 14U);
  EXPECT_EQ(disclosure::plain_code(code), code);
  std::string typed;
  for (const char c : code) {
    if (c != '-') typed += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  }
  EXPECT_EQ(disclosure::plain_code(" " + typed + " "), code);
  EXPECT_EQ(disclosure::plain_code("oil0-1111-1111"), "0110-1111-1111");
  EXPECT_NE(disclosure::slip_code(salt, "household-line/350124-2022-000002"), code);
  EXPECT_NE(disclosure::slip_code(base::Bytes(32, 8), "household-line/350124-2022-000001"), code);
}

TEST(Slip, AHouseholdReadsItsLineAndHoldsItAgainstTheLogThatHoldsNoneOfIt) {
  const auto folder = fresh_folder();
  base::VirtualClock clock(base::Time{1'665'363'600'000});  // 2022-10-10
  House house(folder, clock, false);
  const auto id = enter_line(house, clock);
  const auto* in = house.pack->current("household-line");
  ASSERT_NE(in, nullptr);
  const auto code = disclosure::slip_code_of(*house.store, house.record(id), *in);
  ASSERT_TRUE(code);
  ASSERT_EQ(code->size(), 14U);

  const auto size = *house.store->leaf_count(log::Tree::open);
  const auto last = house.store->leaves(log::Tree::open, size - 1, 1);
  ASSERT_TRUE(last);
  for (const auto* value : {"61234.56", "1000.00", "陈某"}) EXPECT_EQ((*last)[0].find(value), std::string::npos) << value;
  const auto leaf = log::decode((*last)[0]);
  ASSERT_TRUE(leaf);
  const auto held = [&](const disclosure::Opened& one) {
    std::array<std::uint8_t, 32> salt{};
    std::copy(one.salt.begin(), one.salt.end(), salt.begin());
    return base::to_hex(log::commitment(salt, leaf->origin, leaf->command, one.path, one.value));
  };
  auto opened = disclosure::open_slip(*house.store, house.record(id), *in);
  ASSERT_TRUE(opened) << base::explain(opened.trouble());
  ASSERT_EQ(opened->size(), in->slip.size());
  for (const auto& one : *opened) EXPECT_EQ(held(one), leaf->change.commit.text(one.path)) << one.path;

  // A correction keeps the code and opens what stands now.
  ASSERT_TRUE(house.act("person/wei", id, "amend", {{"land_amount", "70000.00"}, {"reason", "更正"}}));
  EXPECT_EQ(*disclosure::slip_code_of(*house.store, house.record(id), *in), *code);
  opened = disclosure::open_slip(*house.store, house.record(id), *in);
  ASSERT_TRUE(opened);
  for (const auto& one : *opened) {
    if (one.field->name == "total") {
      EXPECT_EQ(one.value.as_string(), "70000.00");
    }
  }

  // The paper prints the code for the town's officer, and for another not.
  house.engine->inspect([&](institution::Registry& registry, engine::Cache& cache) {
    const auto seen = [&](const std::string& actor) {
      disclosure::Asking asking{actor, {}};
      if (auto seats = registry.seats(actor, base::date_of(clock.now()))) asking.seats = *seats;
      disclosure::Past past(*house.pack, cache, *house.store, asking, {log::Tree::open, size, clock.now()});
      return *past.slip(id);
    };
    EXPECT_EQ(seen("person/wei"), *code);
    EXPECT_EQ(seen("person/zhao"), "（不公开）");
    EXPECT_EQ(seen(""), "（不公开）");
  });
  std::filesystem::remove_all(folder);
}
