// The log and its witnesses over real sockets on loopback: one dead, one that saw another history, all away and back.
#include "web/witnesses.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "verify/receipt.hpp"
#include "web/witness_exchange.hpp"
#include "web/witness_site.hpp"

namespace landglass::web {
namespace {

namespace fs = std::filesystem;
using engine::Command;

constexpr const char* k_origin = "test.invalid/log";

// An institution with an act that anyone may do at any time and one that is final.
constexpr const char* k_thing = R"(institution: thing
title: {zh: 试验, en: Thing}
version: 1
effective: 2007-11-01
basis: [{rule: mlr-order-39, article: ['10']}]
record:
  required: [region]
  properties:
    region: {type: code, table: divisions, title: {zh: 区, en: Region}}
    n: {type: integer, title: {zh: 数, en: Number}}
facts:
  parts: {all: part, where: {thing: id, state: [kept]}}
initial: open
create: {title: {zh: 设立, en: Make}, by: [system], need: [region]}
states:
  open:
    title: {zh: 开, en: Open}
    actions:
      offer: {title: {zh: 报价, en: Offer}, by: [system], need: [n]}
      close: {title: {zh: 结束, en: Close}, by: [system], follow: [{all: parts, do: let-go}]}
      confirm: {title: {zh: 确认, en: Confirm}, by: [system], final: witnessed, to: done}
  done: {title: {zh: 毕, en: Done}, final: true}
)";
// What the other's close lets go, once that is witnessed.
constexpr const char* k_part = R"(institution: part
title: {zh: 份, en: Part}
version: 1
effective: 2007-11-01
basis: [{rule: mlr-order-39, article: ['10']}]
record:
  required: [region, thing]
  properties:
    region: {type: code, table: divisions, title: {zh: 区, en: Region}}
    thing: {type: ref, of: thing, title: {zh: 属于, en: Of}}
initial: kept
create: {title: {zh: 设立, en: Make}, by: [system], need: [region, thing]}
states:
  kept:
    title: {zh: 留存, en: Kept}
    actions:
      let-go: {title: {zh: 放行, en: Let go}, by: [system], final: witnessed, to: gone}
  gone: {title: {zh: 已放行, en: Gone}, final: true}
)";

template <class Condition>
bool soon(const Condition& condition, int ms = 8'000) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(ms);
  while (std::chrono::steady_clock::now() < until) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return condition();
}

class Neighbour {  // a witness that may be away
 public:
  Neighbour(std::string name, std::uint8_t seed, log::VerifierKey log)
      : witness_(log::Signer(std::move(name), log::KeyKind::witness, {seed}), {std::move(log)}, memory) {}
  void come(base::Clock& clock) {
    auto options = witness_server_options();
    options.port = port_;
    auto started = Server::start(options, witness_site(witness_, clock, metrics_));
    ASSERT_TRUE(started) << base::explain(started.trouble());
    server_ = std::move(*started);
    port_ = server_->port();
  }
  void go() { server_.reset(); }
  std::string line(const std::string& name) const {
    return "witness " + name + " " + witness_.verifier().text() + " http://127.0.0.1:" + std::to_string(port_) + "/\n";
  }
  log::WitnessMemory memory;

 private:
  log::Witness witness_;
  Metrics metrics_;
  std::unique_ptr<Server> server_;
  std::uint16_t port_ = 0;
};

class WitnessesTest : public testing::Test {
 protected:
  WitnessesTest() {
    std::string pattern = (fs::temp_directory_path() / "landglass-witnesses-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    fs::copy(std::string(LG_SOURCE_DIR) + "/packs/cn-land", folder_ + "/pack", fs::copy_options::recursive);
    std::ofstream(folder_ + "/pack/land/thing.yaml") << k_thing;
    std::ofstream(folder_ + "/pack/land/part.yaml") << k_part;
    for (std::uint8_t i = 0; i < 3; ++i)
      others_.push_back(std::make_unique<Neighbour>("w" + std::to_string(i + 1) + ".example", i + 1, signer().verifier()));
    for (auto& one : others_) one->come(clock_);
  }
  ~WitnessesTest() override {
    close();
    others_.clear();
    fs::remove_all(folder_);
  }

  static log::Signer signer() { return {k_origin, log::KeyKind::log, {}}; }
  std::string policy(int of, int least) const {
    std::string text;
    std::string group = "group ours " + std::to_string(least);
    for (int i = 0; i < of; ++i) {
      text += others_[static_cast<std::size_t>(i)]->line("w" + std::to_string(i + 1));
      group += " w" + std::to_string(i + 1);
    }
    return text + group + "\nquorum ours\n";
  }

  void open(WitnessSettings settings) {
    auto pack = institution::Pack::load(folder_ + "/pack", std::string(LG_SOURCE_DIR) + "/build/data");
    ASSERT_TRUE(pack) << base::explain(pack.trouble());
    pack_ = std::move(*pack);
    store::StoreOptions at;
    at.folder = folder_ + "/data";
    at.key_file = folder_ + "/vault.key";
    auto store = store::open_sqlite(at);
    ASSERT_TRUE(store) << base::explain(store.trouble());
    store_ = std::move(*store);
    engine::Options options;
    options.origin = k_origin;
    options.witnesses = true;
    options.held = settings.require != Require::none;
    auto engine = engine::Engine::start(options, *store_, *pack_, {}, clock_, random_, signer());
    ASSERT_TRUE(engine) << base::explain(engine.trouble());
    engine_ = std::move(*engine);
    settings.least_ms = 20;
    settings.limits.total_ms = 1'000;
    auto witnesses = Witnesses::start(std::move(settings), *engine_, *store_, clock_, &metrics_);
    ASSERT_TRUE(witnesses) << base::explain(witnesses.trouble());
    witnesses_ = std::move(*witnesses);
  }
  void close() {
    witnesses_.reset();
    engine_.reset();
    store_.reset();
  }

  base::Result<engine::Answer> call(std::string record, std::string action, base::JsonObject fields,
                                    std::string institution = "thing") {
    Command command;
    command.id = base::to_hex(random_.bytes32()).substr(0, 32);
    command.actor = "system";
    if (record.empty()) command.institution = std::move(institution);
    command.record = std::move(record);
    command.action = std::move(action);
    command.fields = std::move(fields);
    return engine_->call(std::move(command));
  }
  // What the witnesses have seen of the log is `more` leaves longer than the copy of it that is put back; closed.
  void fall_back(std::uint64_t more) {
    open({policy(3, 2)});
    ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
    ASSERT_TRUE(make());
    ASSERT_TRUE(soon([&] { return witnessed() == 1; }));
    close();
    fs::copy(folder_ + "/data", folder_ + "/old", fs::copy_options::recursive);
    open({policy(3, 2)});
    ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
    for (std::uint64_t i = 0; i < more; ++i) ASSERT_TRUE(make());
    ASSERT_TRUE(soon([&] { return witnessed() == 1 + more; }));
    close();
    fs::remove_all(folder_ + "/data");
    fs::rename(folder_ + "/old", folder_ + "/data");
  }
  base::Result<engine::Answer> make() { return call("", "", {{"region", "350124"}}); }
  static std::string code(const base::Result<engine::Answer>& answer) {
    return answer ? "done" : answer.refused() ? answer.refusal().code : "failed";
  }
  std::uint64_t witnessed() const { return witnesses_->witnessed() ? witnesses_->witnessed()->head->size : 0; }

  base::SystemClock clock_;
  base::SystemRandom random_;
  Metrics metrics_;
  std::string folder_;
  std::vector<std::unique_ptr<Neighbour>> others_;
  std::unique_ptr<institution::Pack> pack_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<Witnesses> witnesses_;
};

TEST_F(WitnessesTest, ALeafIsWitnessedByTwoOfThreeWhileOneIsDead) {
  others_[2]->go();
  open({policy(3, 2)});
  ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
  engine::Answer last;
  std::int64_t longest = 0;
  for (int i = 0; i < 20; ++i) {
    const auto answer = make();
    ASSERT_TRUE(answer) << base::explain(answer.trouble());
    last = *answer;
    const auto before = std::chrono::steady_clock::now();
    ASSERT_TRUE(soon([&] { return witnessed() > last.seq; }));
    longest = std::max<std::int64_t>(
        longest, std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - before).count());
  }
  RecordProperty("longest_ms", std::to_string(longest));
  EXPECT_LT(longest, 5'000);
  // What a stranger makes of it, with the policy that is served and nothing else.
  const auto held = witnesses_->witnessed();
  log::Receipt receipt;
  receipt.leaf = last.leaf;
  receipt.proof.index = last.seq;
  receipt.proof.proof = *held->head->frontier.inclusion(last.seq, nullptr);
  receipt.proof.checkpoint = held->head->checkpoint;
  const auto verdict = verify::verify_receipt(receipt.format(), *log::Policy::parse(witnesses_->policy_text()));
  EXPECT_EQ(verdict.level, log::Level::witnessed);
  EXPECT_EQ(verdict.witnesses, (std::vector<std::string>{"w1", "w2"}));
  // The same act as it was answered, under the log's own checkpoint.
  receipt.proof.proof = *last.head->frontier.inclusion(last.seq, nullptr);
  receipt.proof.checkpoint = last.head->checkpoint;
  EXPECT_EQ(verify::verify_receipt(receipt.format(), *log::Policy::parse(witnesses_->policy_text())).level,
            log::Level::logged);
  EXPECT_FALSE(witnesses_->standings()[2].trouble.empty());
  EXPECT_FALSE(witnesses_->outage());
}

TEST_F(WitnessesTest, WhileAWitnessIsAwayAFinalActIsRefusedAndOffersGoOn) {
  open({policy(2, 2)});
  ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
  const auto made = make();
  ASSERT_TRUE(made) << base::explain(made.trouble());
  ASSERT_TRUE(soon([&] { return witnessed() > made->seq; }));
  others_[1]->go();
  const auto offered = call(made->record, "offer", {{"n", 1}});
  ASSERT_TRUE(offered) << base::explain(offered.trouble());
  EXPECT_EQ(code(call(made->record, "confirm", {})), "EN-12");
  EXPECT_EQ(code(call(made->record, "offer", {{"n", 2}})), "done");
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(code(call(made->record, "confirm", {})), "EN-12");
  EXPECT_GT(witnesses_->lag_ms(), 0);
  others_[1]->come(clock_);
  EXPECT_TRUE(soon([&] { return witnessed() > offered->seq + 1; }));
  EXPECT_EQ(code(call(made->record, "confirm", {})), "done");
}

TEST_F(WitnessesTest, WhatAnActLetsGoWaitsUntilThatActIsWitnessed) {
  open({policy(2, 2)});
  ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
  const auto thing = make();
  ASSERT_TRUE(thing);
  const auto part = call("", "", {{"region", "350124"}, {"thing", thing->record}}, "part");
  ASSERT_TRUE(part) << base::explain(part.trouble());
  ASSERT_TRUE(soon([&] { return witnessed() > part->seq; }));
  const auto state = [&] {
    std::string found;
    engine_->inspect([&](institution::Registry&, engine::Cache& cache) { found = (*cache.find(part->record))->state; });
    return found;
  };
  others_[1]->go();
  ASSERT_TRUE(call(thing->record, "close", {}));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(state(), "kept");
  // It is still owed after a restart.
  close();
  open({policy(2, 2)});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  EXPECT_EQ(state(), "kept");
  others_[1]->come(clock_);
  EXPECT_TRUE(soon([&] { return state() == "gone"; }));
}

TEST_F(WitnessesTest, AWitnessThatSawAnotherHistoryStopsAllWriting) {
  log::Seen other;
  other.size = 1;
  other.root.fill(7);
  ASSERT_TRUE(*others_[2]->memory.advance(k_origin, 0, other));
  WitnessSettings settings{policy(3, 2)};
  settings.require = Require::none;
  open(std::move(settings));
  // At the size that it holds it sees another root; past it, a proof from another tree.
  for (int i = 0; i < 3; ++i) (void)make();
  ASSERT_TRUE(soon([&] { return engine_->halted().has_value(); }));
  const auto before = engine_->head(log::Tree::open)->size;
  const auto why = code(make());
  EXPECT_TRUE(why == "LOG-02" || why == "LOG-01") << why;
  EXPECT_EQ(engine_->head(log::Tree::open)->size, before);
  engine_->release();  // nothing but a restart ends it
  EXPECT_NE(code(make()), "done");
}

TEST_F(WitnessesTest, AnOldCopyOfTheLogDoesNotWrite) {
  ASSERT_NO_FATAL_FAILURE(fall_back(3));
  open({policy(3, 2)});
  ASSERT_TRUE(soon([&] { return engine_->halted() && engine_->halted()->code == "LOG-01"; }));
  EXPECT_EQ(code(make()), "LOG-01");
}

TEST_F(WitnessesTest, ALogThatWentOnFromAnOldCopyIsStoppedAtTheNextStart) {
  ASSERT_NO_FATAL_FAILURE(fall_back(2));
  for (auto& one : others_) one->go();  // nobody to ask, and an operator who does not wait
  WitnessSettings hasty{policy(3, 2)};
  hasty.require = Require::none;
  open(std::move(hasty));
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(make());
  close();
  for (auto& one : others_) one->come(clock_);
  open({policy(3, 2)});
  ASSERT_TRUE(soon([&] { return engine_->halted() && engine_->halted()->code == "LOG-02"; }));
  EXPECT_EQ(code(make()), "LOG-02");
}

TEST_F(WitnessesTest, NothingIsWrittenBeforeTheWitnessesHaveBeenAsked) {
  for (auto& one : others_) one->go();
  open({policy(3, 2)});
  EXPECT_EQ(code(make()), "LOG-03");
  others_[0]->come(clock_);
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));
  EXPECT_EQ(code(make()), "LOG-03");  // one is no quorum
  others_[1]->come(clock_);
  ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
  EXPECT_EQ(code(make()), "done");
}

TEST_F(WitnessesTest, WhatWasWitnessedIsStillFinalAfterARestartWithoutWitnesses) {
  open({policy(3, 3)});
  ASSERT_TRUE(soon([&] { return !engine_->halted(); }));
  const auto made = make();
  ASSERT_TRUE(made);
  ASSERT_TRUE(soon([&] { return witnessed() == 1; }));
  close();
  for (auto& one : others_) one->go();
  WitnessSettings settings{policy(3, 3)};
  settings.require = Require::none;
  open(std::move(settings));
  EXPECT_EQ(witnessed(), 1U);
  EXPECT_EQ(code(call(made->record, "confirm", {})), "done");
}

TEST_F(WitnessesTest, ThePolicyNamesWitnessesThatCanBeReached) {
  const auto key = signer().verifier().text();
  const auto line = [&](const std::string& url) {
    return "witness w " + log::Signer("w", log::KeyKind::witness, {9}).verifier().text() + " " + url + "\nquorum w\n";
  };
  EXPECT_TRUE(read_witness_policy({line("https://witness.example/")}, key));
  EXPECT_TRUE(read_witness_policy({line("http://127.0.0.1:1/w")}, key));
  for (const auto* url : {"http://witness.example/", "http://127.0.0.1.example/", "ftp://127.0.0.1/", ""}) {
    const auto read = read_witness_policy({line(url)}, key);
    ASSERT_TRUE(read.refused()) << url;
    EXPECT_EQ(read.refusal().code, "WIT-02");
  }
  EXPECT_TRUE(read_witness_policy({"quorum none\n"}, key).refused());
}

// -- one exchange, without a network --

TEST(WitnessExchange, FindsOutWhereAWitnessStandsAndProvesFromThere) {
  const log::Signer signer(k_origin, log::KeyKind::log, {});
  log::WitnessMemory memory;
  log::Witness witness(log::Signer("w", log::KeyKind::witness, {1}), {signer.verifier()}, memory);
  base::VirtualClock clock({1'795'397'229'400});
  int requests = 0;
  const WitnessSend send = [&](const std::string& body) -> base::Result<log::WitnessAnswer> {
    ++requests;
    return witness.add_checkpoint(body, clock.now());
  };
  engine::Head head;
  const auto grow = [&](std::uint64_t to) {
    while (head.frontier.size() < to) head.frontier.append(log::leaf_hash(std::to_string(head.frontier.size())));
    head.size = to;
    head.checkpoint = log::sign_checkpoint({k_origin, to, head.frontier.root(), {}}, signer).format();
  };
  WitnessExchange first({"w", witness.verifier(), ""});
  grow(5);
  EXPECT_EQ(first.ask(head, nullptr, send, clock).kind, ExchangeEnd::Kind::cosigned);
  grow(9);
  EXPECT_EQ(first.ask(head, nullptr, send, clock).kind, ExchangeEnd::Kind::cosigned);
  EXPECT_EQ(requests, 2);
  WitnessExchange restarted({"w", witness.verifier(), ""});
  grow(12);
  const auto end = restarted.ask(head, nullptr, send, clock);
  EXPECT_EQ(end.kind, ExchangeEnd::Kind::cosigned) << end.why;
  EXPECT_EQ(requests, 4);  // one to learn the size
  EXPECT_EQ(end.clock_off_ms, 0);
}

TEST(WitnessExchange, TellsAClockThatIsOffFromOneThatRounds) {
  const log::Signer signer(k_origin, log::KeyKind::log, {});
  engine::Head head;
  head.checkpoint = log::sign_checkpoint({k_origin, 0, log::empty_root(), {}}, signer).format();
  base::VirtualClock clock({1'795'397'229'400});
  const auto off = [&](std::int64_t ms) {
    log::WitnessMemory memory;
    log::Witness witness(log::Signer("w", log::KeyKind::witness, {1}), {signer.verifier()}, memory);
    WitnessExchange exchange({"w", witness.verifier(), ""});
    const WitnessSend send = [&](const std::string& body) -> base::Result<log::WitnessAnswer> {
      return witness.add_checkpoint(body, clock.now() + ms);
    };
    return exchange.ask(head, nullptr, send, clock).clock_off_ms;
  };
  EXPECT_EQ(off(0), 0);
  EXPECT_EQ(off(1'900), 0);
  EXPECT_EQ(off(-2'300), 0);
  EXPECT_GT(off(3'000), 2'000);
  EXPECT_LT(off(-4'000), -2'000);
}

TEST(WitnessExchange, WaitsLongerAfterEachFailureAndNeverPastHalfAMinute) {
  ExchangeEnd end;
  EXPECT_EQ(retry_after_ms(end, 1), 1'000);
  EXPECT_EQ(retry_after_ms(end, 3), 4'000);
  EXPECT_EQ(retry_after_ms(end, 50), 30'000);
}

TEST(HttpClient, SaysWhatWentWrongInsteadOfWaiting) {
  HttpClient client({200, 400, 100});
  EXPECT_TRUE(client.post("http://127.0.0.1:1/add-checkpoint", "x").failed());
  EXPECT_TRUE(client.post("http://landglass.invalid/", "x").refused());
}

}  // namespace
}  // namespace landglass::web
