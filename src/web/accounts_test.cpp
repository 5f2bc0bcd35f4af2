#include "web/accounts.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>

#include "web/idempotency.hpp"
#include "web/totp.hpp"

using namespace landglass;
using namespace landglass::web;

namespace {

AccountOptions quick() {
  AccountOptions options;
  options.argon_passes = 1;
  options.argon_bytes = 8 << 10;
  options.key.fill(7);
  return options;
}

struct Desk {
  explicit Desk(const std::string& file = ":memory:", AccountOptions options = quick()) {
    auto opened = Accounts::open(file, options, clock, random);
    if (opened)
      accounts = *std::move(opened);
    else
      ADD_FAILURE() << base::explain(opened.trouble());
  }
  base::Result<Sessions::Begun> sign_in(std::string login, std::string password, std::string code = {}) {
    std::promise<base::Result<Sessions::Begun>> told;
    accounts->sign_in({std::move(login), std::move(password), std::move(code), "test", network},
                      [&](auto begun) { told.set_value(std::move(begun)); });
    return told.get_future().get();
  }
  std::string refusal(std::string login, std::string password, std::string code = {}) {
    const auto outcome = sign_in(std::move(login), std::move(password), std::move(code));
    return outcome.refused() ? outcome.refusal().code : outcome.failed() ? "failure" : "none";
  }
  std::string from(std::string where, std::string login, std::string password) {
    network = std::move(where);
    return refusal(std::move(login), std::move(password));
  }
  base::VirtualClock clock{{1'795'397'221'000}};
  std::string network = "192.0.2.1";
  base::SystemRandom random;
  std::unique_ptr<Accounts> accounts;
};

bool done(const base::Status& status) {
  if (!status) ADD_FAILURE() << base::explain(status.trouble());
  return static_cast<bool>(status);
}

base::Bytes from_base32(std::string_view text) {
  base::Bytes out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    held = (held << 5) | static_cast<std::uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    bits += 5;
    if (bits >= 8) out.push_back(static_cast<std::uint8_t>(held >> (bits -= 8)));
  }
  return out;
}

}  // namespace

TEST(Accounts, WhatAnotherProcessLocksAndEndsHoldsWithinAQuarterOfASecond) {
  const auto file = (std::filesystem::temp_directory_path() / ("landglass-accounts-" + std::to_string(::getpid()))).string();
  {
    Desk server(file), command_line(file);
    ASSERT_TRUE(done(server.accounts->create("li", "长江黄河不废江河万古流", "person/li")));
    ASSERT_TRUE(done(server.accounts->create("wang", "长江黄河不废江河万古流", "person/wang")));
    const auto li = server.sign_in("li", "长江黄河不废江河万古流");
    const auto wang = server.sign_in("wang", "长江黄河不废江河万古流");
    ASSERT_TRUE(li && wang);
    const auto token = server.accounts->sessions().issue_token("li", "bank", {"metrics"}, server.clock.now() + base::k_day);
    ASSERT_TRUE(token && server.accounts->sessions().find_token(*token));
    server.clock.advance(300);
    ASSERT_TRUE(server.accounts->sessions().find(li->secret));
    ASSERT_TRUE(done(command_line.accounts->set_disabled("li", true)));
    server.clock.advance(300);
    EXPECT_EQ(server.accounts->sessions().find(li->secret), nullptr);
    EXPECT_EQ(server.accounts->sessions().find_token(*token), nullptr);
    EXPECT_NE(server.accounts->sessions().find(wang->secret), nullptr);
  }
  for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
}

TEST(Totp, GivesTheVectorsOfRfc6238) {
  const auto secret = base::as_bytes("12345678901234567890");
  const std::pair<std::int64_t, const char*> vectors[] = {{59, "94287082"},         {1111111109, "07081804"},
                                                          {1111111111, "14050471"}, {1234567890, "89005924"},
                                                          {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [seconds, code] : vectors) EXPECT_EQ(totp_code(secret, seconds / 30, 8), code);
}

TEST(Totp, TakesACodeOnceAndOneStepAside) {
  const auto secret = base::as_bytes("12345678901234567890");
  const base::Time now{1'234'567'890'000};
  const auto step = now.ms / 30'000;
  EXPECT_EQ(totp_match(secret, totp_code(secret, step), now, 0), step);
  EXPECT_EQ(totp_match(secret, totp_code(secret, step - 1), now, 0), step - 1);
  EXPECT_EQ(totp_match(secret, totp_code(secret, step + 1), now, 0), step + 1);
  EXPECT_EQ(totp_match(secret, totp_code(secret, step - 2), now, 0), std::nullopt);
  EXPECT_EQ(totp_match(secret, totp_code(secret, step), now, step), std::nullopt) << "replayed";
  EXPECT_EQ(totp_match(secret, "", now, 0), std::nullopt);
}

TEST(Base32, IsThatOfRfc4648) {
  EXPECT_EQ(to_base32(base::as_bytes("foobar")), "MZXW6YTBOI");
  EXPECT_EQ(to_base32(base::as_bytes("fo")), "MZXQ");
}

TEST(Accounts, SignInOnlyWithTheRightPassword) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("Li.Wei", "长江黄河不废江河万古流", "person/8f1c")));
  EXPECT_EQ(desk.accounts->create("li.wei", "another password", "person/2").refusal().code, "ACCOUNT-TAKEN");
  EXPECT_EQ(desk.accounts->create("wang", "short", "person/2").refusal().code, "ACCOUNT-PASSWORD");
  EXPECT_EQ(desk.accounts->create("w", "long enough now", "person/2").refusal().code, "ACCOUNT-LOGIN");
  EXPECT_EQ(desk.accounts->create("wang", "long enough now", "root").refusal().code, "ACCOUNT-ACTOR");
  EXPECT_EQ(desk.refusal("li.wei", "wrong password"), "AUTH-01");
  EXPECT_EQ(desk.refusal("nobody", "wrong password"), "AUTH-01");
  EXPECT_EQ(desk.refusal("li.wei", std::string(5'000, 'x')), "AUTH-01");
  EXPECT_EQ(desk.refusal("li.wei", "\xff\xfe"), "AUTH-01");
  const auto begun = desk.sign_in("LI.WEI", "长江黄河不废江河万古流");
  ASSERT_TRUE(begun);
  EXPECT_EQ(begun->caller->actor, "person/8f1c");
  EXPECT_EQ(begun->secret.size(), 43u);
  EXPECT_EQ(begun->caller->csrf.size(), 43u);
  ASSERT_TRUE(done(desk.accounts->set_disabled("li.wei", true)));
  EXPECT_EQ(desk.accounts->sessions().find(begun->secret), nullptr);
  EXPECT_EQ(desk.refusal("li.wei", "长江黄河不废江河万古流"), "AUTH-01");
}

TEST(Accounts, PauseAfterFailuresForTheLoginThatStandsAndTheOneThatDoesNot) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("li", "right password", "person/1")));
  for (const std::string login : {"li", "nobody"}) {
    for (int i = 0; i < 5; ++i) EXPECT_EQ(desk.refusal(login, "wrong password"), "AUTH-01");
    EXPECT_EQ(desk.refusal(login, "right password"), "AUTH-PAUSE");
  }
  desk.clock.advance(31 * base::k_second);
  EXPECT_EQ(desk.refusal("li", "wrong password"), "AUTH-01");
  desk.clock.advance(31 * base::k_second);
  EXPECT_EQ(desk.refusal("li", "right password"), "AUTH-PAUSE") << "the second pause is a minute";
  desk.clock.advance(30 * base::k_second);
  EXPECT_EQ(desk.refusal("li", "right password"), "none");
  EXPECT_EQ(desk.refusal("li", "wrong password"), "AUTH-01") << "a success forgets the failures";
}

TEST(Accounts, ARivalWhoGuessesElsewhereKeepsNobodyOut) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("li", "right password", "party/1")));
  EXPECT_EQ(desk.from("192.0.2.1", "li", "right password"), "none");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(desk.from("203.0.113.9", "li", "wrong password"), "AUTH-01");
  EXPECT_EQ(desk.from("203.0.113.9", "li", "right password"), "AUTH-PAUSE");
  EXPECT_EQ(desk.from("192.0.2.1", "li", "right password"), "none") << "at his own desk";
  EXPECT_EQ(desk.from("198.51.100.7", "li", "right password"), "none") << "from somewhere new, five guesses stop nobody";
}

TEST(Accounts, AGuesserWithManyAddressesIsSlowedDownWhereTheOwnerNeverWas) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("li", "right password", "party/1")));
  EXPECT_EQ(desk.from("192.0.2.1", "li", "right password"), "none");
  for (const std::string login : {"li", "nobody"}) {
    for (int i = 0; i < 50; ++i)
      EXPECT_EQ(desk.from("203.0.113." + std::to_string(i), login, "wrong password"), "AUTH-01") << login << i;
    EXPECT_EQ(desk.from("203.0.113.200", login, "wrong password"), "AUTH-PAUSE");
  }
  EXPECT_EQ(desk.from("203.0.113.201", "li", "right password"), "AUTH-PAUSE") << "not told from a wrong one";
  EXPECT_EQ(desk.from("192.0.2.1", "li", "right password"), "none");
  for (int i = 0; i < 4; ++i) EXPECT_EQ(desk.from("192.0.2.1", "li", "wrong password"), "AUTH-01");
  EXPECT_EQ(desk.from("192.0.2.1", "li", "right password"), "none") << "his own slips count at his desk alone";
  desk.clock.advance(31 * base::k_second);
  EXPECT_EQ(desk.from("203.0.113.201", "li", "right password"), "none");
  desk.clock.advance(91 * base::k_day);
  EXPECT_EQ(desk.from("192.0.2.1", "li", "wrong password"), "AUTH-01");
  const auto held = desk.accounts->db().rows("SELECT count(*) FROM attempt");
  ASSERT_TRUE(held);
  EXPECT_EQ(as_int((*held)[0][0]), 2) << "a day without a failure forgets all the others";
}

TEST(Accounts, AFileOfTheFirstVersionIsBroughtForward) {
  const auto file = (std::filesystem::temp_directory_path() / ("landglass-desk-" + std::to_string(::getpid()))).string();
  {
    const auto db = DeskDb::open(file);
    ASSERT_TRUE(db);
    ASSERT_TRUE((*db)->run("DROP TABLE network", {}));
    ASSERT_TRUE((*db)->run("DROP INDEX account_record", {}));
    ASSERT_TRUE((*db)->run("ALTER TABLE account DROP COLUMN record", {}));
    ASSERT_TRUE((*db)->run("INSERT INTO attempt VALUES(x'01', 9, 9000000000000, 9000000000000)", {}));
    ASSERT_TRUE((*db)->run("PRAGMA user_version=1", {}));
  }
  {
    Desk desk(file);
    ASSERT_TRUE(done(desk.accounts->create("li", "right password", "party/1")));
    EXPECT_EQ(desk.refusal("li", "right password"), "none");
    const auto left = desk.accounts->db().rows("SELECT count(*) FROM attempt");
    ASSERT_TRUE(left);
    EXPECT_EQ(as_int((*left)[0][0]), 0);
  }
  for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(file + end);
}

TEST(Accounts, AnOfficialsStandsOnItsRecordInPlaceOfTheOneBefore) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("zhao", "right password", "person/zhao")));
  ASSERT_TRUE(done(desk.accounts->create("li", "old password of li", "person/li")));
  const auto before = *desk.sign_in("li", "old password of li");
  int taken = 0;
  const auto open = [&](std::string login, std::string password, base::Status take = base::Done{}) {
    std::promise<base::Status> told;
    desk.accounts->open_official(
        {std::move(login), std::move(password), "person/li", "official-account/1"}, [&] { return ++taken, take; },
        [&](base::Status status) { told.set_value(status); });
    const auto status = told.get_future().get();
    return status ? std::string("none") : status.refused() ? status.refusal().code : base::explain(status.trouble());
  };
  EXPECT_EQ(open("zhao", "new password of li"), "ACCOUNT-TAKEN");
  EXPECT_EQ(open("li", "short"), "ACCOUNT-PASSWORD");
  EXPECT_EQ(taken, 0) << "the log hears of none that cannot stand";
  EXPECT_EQ(open("li", "new password of li", base::refuse("EN-02", "不能", "no")), "EN-02");
  EXPECT_NE(desk.accounts->sessions().find(before.secret), nullptr) << "what was refused changed nothing";
  EXPECT_EQ(open("li", "new password of li"), "none");
  EXPECT_EQ(desk.accounts->sessions().find(before.secret), nullptr);
  EXPECT_EQ(desk.refusal("li", "old password of li"), "AUTH-01");
  EXPECT_EQ(desk.refusal("li", "new password of li"), "none");
  EXPECT_TRUE(*desk.accounts->stands_on("official-account/1"));
  EXPECT_EQ(desk.accounts->stood_on()->size(), 1u);
  const auto first = desk.accounts->half("official-account/1", Accounts::Half::first);
  EXPECT_EQ(first.size(), 16u);
  EXPECT_NE(first, desk.accounts->half("official-account/1", Accounts::Half::second));
  EXPECT_NE(first, desk.accounts->half("official-account/2", Accounts::Half::first));
  ASSERT_TRUE(done(desk.accounts->end_of("official-account/2")));
  EXPECT_EQ(desk.refusal("li", "new password of li"), "none");
  ASSERT_TRUE(done(desk.accounts->end_of("official-account/1")));
  EXPECT_EQ(desk.refusal("li", "new password of li"), "AUTH-01");
  EXPECT_TRUE(desk.accounts->stood_on()->empty());
}

TEST(Accounts, AskForAOneTimeCodeOnceItIsConfirmedAndTakeARecoveryCodeOnce) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("li", "right password", "person/1")));
  const auto offer = desk.accounts->offer_totp("li");
  ASSERT_TRUE(offer);
  EXPECT_EQ(desk.refusal("li", "right password"), "none") << "not in force before it is confirmed";
  const auto secret = from_base32(offer->secret);
  const auto code = [&] { return totp_code(secret, desk.clock.now().ms / 30'000); };
  EXPECT_EQ(desk.accounts->confirm_totp("li", "000000").refused(), code() != "000000");
  const auto recovery = desk.accounts->confirm_totp("li", code());
  ASSERT_TRUE(recovery);
  ASSERT_EQ(recovery->size(), 10u);
  EXPECT_EQ(desk.refusal("li", "right password"), "AUTH-CODE");
  EXPECT_EQ(desk.refusal("li", "right password", code()), "AUTH-CODE") << "the code that confirmed is used up";
  desk.clock.advance(30 * base::k_second);
  const auto used = code();
  EXPECT_EQ(desk.refusal("li", "right password", used), "none");
  EXPECT_EQ(desk.refusal("li", "right password", used), "AUTH-CODE");
  EXPECT_EQ(desk.refusal("li", "right password", (*recovery)[3]), "none");
  EXPECT_EQ(desk.refusal("li", "right password", (*recovery)[3]), "AUTH-CODE");
  EXPECT_EQ(desk.refusal("li", "wrong password", (*recovery)[4]), "AUTH-01") << "a wrong password spends no code";
  EXPECT_EQ(desk.refusal("li", "right password", (*recovery)[4]), "none");
}

TEST(Sessions, EndWhenIdleWhenTooOldAndWhenRevoked) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("li", "right password", "person/1")));
  auto& sessions = desk.accounts->sessions();
  const auto idle = *desk.sign_in("li", "right password");
  desk.clock.advance(29 * base::k_minute);
  EXPECT_NE(sessions.find(idle.secret), nullptr);
  desk.clock.advance(31 * base::k_minute);
  EXPECT_EQ(sessions.find(idle.secret), nullptr);
  const auto old = *desk.sign_in("li", "right password");
  for (int i = 0; i < 36; ++i) {
    EXPECT_NE(sessions.find(old.secret), nullptr) << i;
    desk.clock.advance(20 * base::k_minute);
  }
  EXPECT_EQ(sessions.find(old.secret), nullptr) << "twelve hours";
  const auto a = *desk.sign_in("li", "right password");
  const auto b = *desk.sign_in("li", "right password");
  const auto list = sessions.list("li");
  ASSERT_TRUE(list);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(sessions.revoke("wang", a.caller->session).refusal().code, "ACCOUNT-NONE") << "not another's";
  ASSERT_TRUE(done(sessions.revoke("li", a.caller->session)));
  EXPECT_EQ(sessions.find(a.secret), nullptr);
  EXPECT_NE(sessions.find(b.secret), nullptr);
  ASSERT_TRUE(done(desk.accounts->set_password("li", "a new password")));
  EXPECT_EQ(sessions.find(b.secret), nullptr);
}

TEST(Sessions, SurviveARestartAndStandNowhereInClear) {
  const auto file =
      (std::filesystem::temp_directory_path() / ("lg-accounts-" + std::to_string(::getpid()) + ".db")).string();
  std::filesystem::remove(file);
  std::string secret;
  std::string token;
  {
    Desk desk(file);
    ASSERT_TRUE(done(desk.accounts->create("li", "right password", "person/1")));
    secret = desk.sign_in("li", "right password")->secret;
    token = *desk.accounts->sessions().issue_token("li", "bank", {"bank-statements"}, desk.clock.now() + base::k_day);
  }
  {
    Desk desk(file);
    EXPECT_NE(desk.accounts->sessions().find(secret), nullptr);
    EXPECT_NE(desk.accounts->sessions().find_token(token), nullptr);
  }
  std::string bytes;
  for (const std::string ending : {"", "-wal"}) {
    std::ifstream in(file + ending, std::ios::binary);
    std::ostringstream content;
    content << in.rdbuf();
    bytes += content.str();
    std::filesystem::remove(file + ending);
  }
  ASSERT_NE(bytes.find("argon2id"), std::string::npos);
  EXPECT_EQ(bytes.find(secret), std::string::npos);
  EXPECT_EQ(bytes.find(token), std::string::npos);
  EXPECT_EQ(bytes.find("right password"), std::string::npos);
}

TEST(Tokens, OpenWhatTheirScopeSaysUntilTheyExpire) {
  Desk desk;
  ASSERT_TRUE(done(desk.accounts->create("bank", "right password", "party/9")));
  auto& sessions = desk.accounts->sessions();
  EXPECT_TRUE(sessions.issue_token("bank", "x", {}, desk.clock.now() + base::k_day).refused());
  EXPECT_TRUE(sessions.issue_token("bank", "x", {"a"}, desk.clock.now() + 400 * base::k_day).refused());
  const auto token = sessions.issue_token("bank", "statements", {"bank-statements"}, desk.clock.now() + base::k_day);
  ASSERT_TRUE(token);
  const auto caller = sessions.find_token(*token);
  ASSERT_NE(caller, nullptr);
  EXPECT_TRUE(caller->has_scope("bank-statements"));
  EXPECT_FALSE(caller->has_scope("bank"));
  EXPECT_EQ(sessions.find_token("lgt_" + std::string(43, 'A')), nullptr);
  desk.clock.advance(base::k_day);
  EXPECT_EQ(sessions.find_token(*token), nullptr);
  const auto other = sessions.issue_token("bank", "other", {"a"}, desk.clock.now() + base::k_day);
  ASSERT_NE(sessions.find_token(*other), nullptr);
  ASSERT_TRUE(done(sessions.revoke_token("bank", sessions.tokens("bank")->at(0).handle)));
  EXPECT_EQ(sessions.find_token(*other), nullptr);
}

TEST(Accounts, RaiseTheStrengthOfAPasswordAtTheNextSignIn) {
  const auto file = (std::filesystem::temp_directory_path() / ("lg-rehash-" + std::to_string(::getpid()) + ".db")).string();
  std::filesystem::remove(file);
  {
    Desk desk(file);
    ASSERT_TRUE(done(desk.accounts->create("li", "right password", "person/1")));
  }
  auto stronger = quick();
  stronger.argon_passes = 2;
  {
    Desk desk(file, stronger);
    EXPECT_EQ(desk.refusal("li", "right password"), "none");
    const auto lock = desk.accounts->db().lock();
    const auto rows = desk.accounts->db().rows("SELECT password FROM account");
    ASSERT_TRUE(rows);
    EXPECT_NE(as_text((*rows)[0][0]).find("t=2"), std::string::npos);
  }
  std::filesystem::remove(file);
}

TEST(Idempotency, AnswersTheSameRequestOnceAndRefusesAnother) {
  Desk desk;
  Idempotency keys(desk.accounts->db(), desk.clock);
  Request request;
  request.method = Method::post;
  request.path = "/lots/G-7/bids";
  request.body = "{\"price\":\"100\"}";
  const auto digest = Idempotency::digest(request);
  request.body = "{\"price\":\"200\"}";
  const auto other = Idempotency::digest(request);
  ASSERT_NE(digest, other);

  const auto first = keys.begin("person/1", "k-1", digest);
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->has_value());
  EXPECT_EQ(keys.begin("person/1", "k-1", digest).refusal().code, "KEY-BUSY");
  ASSERT_TRUE(done(keys.finish("person/1", "k-1", digest, text(201, "receipt", "application/json"))));
  const auto again = keys.begin("person/1", "k-1", digest);
  ASSERT_TRUE(again && again->has_value());
  EXPECT_EQ((*again)->status, 201);
  EXPECT_EQ(*(*again)->body, "receipt");
  EXPECT_EQ(keys.begin("person/1", "k-1", other).refusal().code, "KEY-OTHER");
  EXPECT_FALSE(keys.begin("person/2", "k-1", other)->has_value()) << "another actor's key is another key";
  EXPECT_EQ(keys.begin("person/1", "has space", digest).refusal().code, "KEY-FORM");

  EXPECT_FALSE(keys.begin("person/1", "k-2", digest)->has_value());
  ASSERT_TRUE(done(keys.finish("person/1", "k-2", digest, text(503, "later"))));
  EXPECT_FALSE(keys.begin("person/1", "k-2", digest)->has_value()) << "a failure is no answer";
  desk.clock.advance(base::k_day + 1);
  EXPECT_FALSE(keys.begin("person/1", "k-1", other)->has_value()) << "expired";
  EXPECT_EQ(Idempotency::command_id("person/1", "k-1"), Idempotency::command_id("person/1", "k-1"));
  EXPECT_NE(Idempotency::command_id("person/1", "k-1"), Idempotency::command_id("person/2", "k-1"));
}
