#include "cli/demo.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "cli/town.hpp"
#include "cli/witness.hpp"
#include "cli/year.hpp"
#include "watch/watch.hpp"

namespace landglass::cli {
namespace {

using base::Result;
using base::Status;

constexpr const char* k_region = "350124";
constexpr const char* k_password = "landglass-demo";
constexpr const char* k_world = "packs/cn-land/worlds/county.yaml";
constexpr const char* k_oversight = "packs/cn-land/worlds/oversight.yaml";  // who investigates, supervises, teaches
constexpr const char* k_above = "packs/cn-land/worlds/review.yaml";         // those above the county and beside it
constexpr const char* k_spenders = "packs/cn-land/worlds/spenders.yaml";    // who asks for money, pays and audits
constexpr const char* k_tips = "packs/cn-land/worlds/tips.yaml";            // who takes tips, here and above
constexpr const char* k_experts = "packs/cn-land/worlds/experts.yaml";      // a pool, and who opens tenders

struct Live {
  std::string lot;
  LotPlan plan;
  std::vector<Entry> entries;
  bool finished = false;
};

LotPlan plan_of(base::SeededRandom& random, base::Time opens, base::Time closes, int number) {
  static constexpr const char* k_places[] = {"梅城镇解放大街东侧", "坂东镇工业集中区", "池园镇镇北路南侧", "白樟镇云渡村",
                                             "梅溪镇梅溪新城",     "白中镇普贤片区",   "塔庄镇园区路",     "东桥镇大溪旁",
                                             "雄江镇梅雄路",       "金沙镇上宅村",     "省璜镇省璜村",     "云龙乡台鼎路"};
  LotPlan plan;
  plan.region = k_region;
  plan.location = std::string(k_places[static_cast<std::size_t>(number) % 12]) + std::to_string(number / 12 + 1) + "号地块";
  const auto kind = random.below(10);
  plan.use = kind < 5 ? "residential" : kind < 7 ? "commercial" : "industrial";
  plan.term_years = plan.use == "residential" ? 70 : plan.use == "commercial" ? 40 : 50;
  plan.area_m2 = 3'000 + static_cast<std::int64_t>(random.below(60'000));
  const auto price_m2 = plan.use == "industrial" ? 200 + static_cast<std::int64_t>(random.below(200))
                                                 : 1'500 + static_cast<std::int64_t>(random.below(4'500));
  plan.start_yuan = plan.area_m2 * price_m2 / 10'000 * 10'000;
  plan.increment_yuan = std::max<std::int64_t>(10'000, plan.start_yuan / 100 / 10'000 * 10'000);
  plan.deposit_yuan = plan.start_yuan / 5 + 10'000;
  plan.opens = opens;
  plan.closes = closes;
  return plan;
}

// A round of offers: each raises by one to four steps.
void bid_once(Town& town, const std::string& lot, Live& live) {
  const auto doc = town.doc(lot);
  const auto& ladder = doc.at("behaviour").at("ladder");
  if (ladder.is_null() || doc.text("state") != "listed") return;
  if (live.entries.empty()) return;  // a lot for which nobody came
  auto& entry = live.entries[town.random().below(live.entries.size())];
  const auto top =
      base::parse_money(doc.at("behaviour").at("shown").is_array() && !doc.at("behaviour").at("shown").as_array().empty()
                            ? doc.at("behaviour").at("shown").as_array()[0].text("price")
                            : std::string_view());
  const std::int64_t step = live.plan.increment_yuan * 100;
  const auto price =
      top ? top->fen + step * static_cast<std::int64_t>(1 + town.random().below(4)) : live.plan.start_yuan * 100;
  const auto answer = town.offer(lot, entry, {price});
  (void)answer;  // a refused offer is part of a sale
}

// Announcements are recorded with the national site; some are forgotten on purpose.
Status publish_notice(Town& town, const std::string& lot, int number) {
  if (number % 7 == 6) return base::Done{};
  const auto year = std::to_string(base::to_civil(base::date_of(town.now())).year);
  LG_TRY(auto recorded, town.act("clerk", lot, "publish-notice",
                                 {{"media", "福建日报、土地有形市场"},
                                  {"landchina_no", k_region + ("-" + year) + "-" + lot.substr(lot.rfind('-') + 1)}}));
  return base::Done{};
}

// Office hours of the first working day from then on.
base::Time at_work(base::Time time) {
  auto day = base::date_of(time);
  while (base::weekday(day) > 5) ++day.days;
  return base::start_of(day) + 10 * base::k_hour;
}

// Each working day the bank gives its statement, so that refunds go out and come back in their time.
Status bank_days(Town& town, base::Time until) {
  LG_CHECK(town.bank());
  for (auto day = base::date_of(town.now()) + 1; base::start_of(day) + 18 * base::k_hour < until; ++day.days) {
    if (base::weekday(day) > 5) continue;
    town.pass(base::start_of(day) + 18 * base::k_hour);
    LG_CHECK(town.bank());
  }
  town.pass(until);
  return base::Done{};
}

// The centre answers most of what it is asked, and discipline dismisses some of that; what is another office's, or who acted
// himself, is refused, as it should be.
Status answer_warnings(Town& town, watch::Watch& watch) {
  LG_TRY(auto asked, watch.listed({std::string(watch::k_warning), {}, "raised", "", 0, 200}));
  LG_TRY(const auto late, watch.listed({std::string(watch::k_warning), {}, "unanswered", "", 0, 200}));
  asked.insert(asked.end(), late.begin(), late.end());
  for (const auto& id : asked) {
    if (town.random().below(3) == 0) continue;
    const auto answered = town.act("centre-director", id, "answer", {{"answer", "已核对档案，说明如附件"}});
    if (!answered || town.random().below(2) == 0) continue;
    (void)town.act("overseer", id, "dismiss", {{"reason", "经核对，情况属实且已纠正"}});
  }
  return base::Done{};
}

// What the custody account owes, as a Merkle sum: its root at once; the total, and to each holder his proof, when no deposit
// that it counts is secret any more.
Status take_sheet(Town& town, std::vector<std::string>& sheets) {
  LG_CHECK(town.bank());
  std::array<std::uint8_t, 32> seed{};
  town.random().fill(seed.data(), seed.size());
  auto taken = town.create("finance", "balance-sheet",
                           {{"region", k_region}, {"account", town.who("custody")}, {"seed", base::to_hex(seed)}});
  if (taken) sheets.push_back(taken->record);
  return taken.failed() ? Status(taken.trouble()) : Status(base::Done{});  // refused where books and bank do not agree
}
Status publish_sheets(Town& town, std::vector<std::string>& sheets) {
  for (const auto& sheet : std::exchange(sheets, {})) {
    const auto published = town.act("finance2", sheet, "publish");
    if (published.failed()) return published.trouble();
    if (published.refused()) sheets.push_back(sheet);
  }
  return base::Done{};
}

Status play_year(Town& town, const DemoOptions& options, base::Time now, std::vector<Live>& live, watch::Watch& watch) {
  const auto start = now + -365 * base::k_day;
  town.pass(start);
  LG_TRY(auto plan, town.create("land-use", "supply-plan",
                                {{"region", k_region},
                                 {"year", base::to_civil(base::date_of(start)).year},
                                 {"total_area", "2000000.00"},
                                 {"residential_area", "800000.00"}}));
  LG_TRY(auto published, town.act("mayor", plan.record, "publish"));
  auto& random = town.random();
  // Sales of the year, a handful a month, some kept irregular on purpose: a deal that nobody confirms, a lot that nobody
  // wants.
  const int months = std::clamp(options.months, 1, 9);
  const int each = std::max(1, options.lots / months);
  std::vector<std::string> sheets;
  for (int month = 0; month < months; ++month) {
    const auto announced = at_work(start + (month * 35 + 1) * base::k_day);
    if (announced > town.now()) LG_CHECK(bank_days(town, announced));
    std::vector<Live> sales;
    const auto opens = base::Time{town.now().ms + 21 * base::k_day};
    const auto closes = base::Time{town.now().ms + 32 * base::k_day};
    for (int i = 0; i < each; ++i) {
      auto one = plan_of(random, opens, closes + i * base::k_hour, month * each + i);
      one.variant = "custom";
      one.prep_seconds = 20;
      one.window_seconds = 30;
      if (month == 0 && i == 0) one.mode = "tender";  // one lot of the year
      LG_TRY(auto lot, town.announce(one, plan.record));
      LG_CHECK(publish_notice(town, lot, month * each + i));
      Live sale{lot, one, {}, false};
      const auto drawn = random.below(8) == 0 ? 0 : 1 + random.below(town.bidders().size());
      const auto bidders = one.mode == "tender" ? town.bidders().size() : drawn;
      for (std::size_t b = 0; b < bidders; ++b) {
        LG_TRY(auto entry, town.apply(lot, b));
        sale.entries.push_back(entry);
      }
      sales.push_back(std::move(sale));
    }
    LG_CHECK(bank_days(town, opens + base::k_hour));
    for (auto& sale : sales) std::erase_if(sale.entries, [&](Entry& entry) { return !town.admitted(entry); });
    if (!options.sales_only && month % 3 == 0) LG_CHECK(take_sheet(town, sheets));
    town.pass(opens + base::k_hour);
    for (auto& sale : sales) {
      for (const auto& entry : sale.entries) {
        if (sale.plan.mode != "tender") break;
        const auto over = static_cast<std::int64_t>(random.below(30));
        LG_TRY(auto handed, town.hand_in(sale.lot, entry, {sale.plan.start_yuan * (100 + over)}, "演示：配建幼儿园"));
      }
    }
    for (int round = 0; round < 8; ++round) {
      town.pass(town.now() + static_cast<std::int64_t>(60 + random.below(1'200)) * base::k_minute);
      for (auto& sale : sales) {
        if (!sale.entries.empty()) bid_once(town, sale.lot, sale);
      }
    }
    for (auto& sale : sales) {
      if (sale.entries.empty()) continue;
      town.pass(sale.plan.closes + -20 * base::k_minute);
      for (int round = 0; round < 3; ++round) bid_once(town, sale.lot, sale);
      town.pass(sale.plan.closes + 22 * base::k_second);
      for (std::uint64_t round = 0; round < random.below(16); ++round) {
        bid_once(town, sale.lot, sale);
        town.pass(town.now() + static_cast<std::int64_t>(3 + random.below(24)) * base::k_second);
      }
    }
    town.pass(closes + each * base::k_hour + base::k_hour);
    LG_CHECK(answer_warnings(town, watch));
    LG_CHECK(publish_sheets(town, sheets));
    for (std::size_t i = 0; i < sales.size(); ++i) {
      if (sales[i].entries.empty()) continue;
      if ((month * each + static_cast<int>(i)) % 17 == 5) {
        LG_CHECK(town.open_reserve(sales[i].lot));  // and nobody confirms: deadlines pass and raise
        continue;
      }
      if (sales[i].plan.mode == "tender") LG_CHECK(town.conduct_tender(sales[i].lot));
      auto finished = town.finish(sales[i].lot, sales[i].plan);
      if (!finished && finished.failed()) return finished.trouble();
      if (finished && i % 3 == 0) {
        LG_TRY(const auto contracts, town.keep("（演示）抵押合同、主债权合同：" + *finished));
        LG_TRY(const auto mortgage, town.create("registrar", "land-mortgage",
                                                {{"region", sales[i].plan.region},
                                                 {"certificate", *finished},
                                                 {"mortgagee", "演示农村商业银行"},
                                                 {"loan", base::money_text({sales[i].plan.start_yuan * 50})},
                                                 {"contracts", contracts}}));
        LG_TRY(const auto registered, town.act("registrar2", mortgage.record, "register"));
      }
    }
  }
  LG_CHECK(answer_warnings(town, watch));
  // Lots that are open now, closing minutes apart for the next hours.
  const std::int64_t minutes[] = {4, 9, 16, 30, 60, 120, 240, 480};
  for (int i = 0; i < 8; ++i) {
    const auto announced = at_work(now + -(33 + i) * base::k_day);
    if (announced > town.now()) LG_CHECK(bank_days(town, announced));
    auto one =
        plan_of(random, base::Time{now.ms - 10 * base::k_day}, base::Time{now.ms + minutes[i] * base::k_minute}, 100 + i);
    one.variant = "custom";
    one.prep_seconds = 20;
    one.window_seconds = 45;
    LG_TRY(auto lot, town.announce(one, plan.record));
    LG_CHECK(publish_notice(town, lot, 100 + i));
    Live sale{lot, one, {}, false};
    for (std::size_t b = 0; b + 1 < town.bidders().size(); ++b) {
      LG_TRY(auto entry, town.apply(lot, b));
      sale.entries.push_back(entry);
    }
    LG_CHECK(town.bank());
    std::erase_if(sale.entries, [&](Entry& entry) { return !town.admitted(entry); });
    live.push_back(std::move(sale));
  }
  // Two announced and not yet open: the market of next week.
  for (int i = 0; i < 2; ++i) {
    auto one =
        plan_of(random, base::Time{now.ms + (3 + i) * base::k_day}, base::Time{now.ms + (15 + i) * base::k_day}, 120 + i);
    LG_TRY(auto lot, town.announce(one, plan.record));
  }
  LG_CHECK(bank_days(town, now + -base::k_minute));
  if (!options.sales_only) LG_CHECK(take_sheet(town, sheets));  // the root alone: the deposits of who bids are secret
  for (auto& sale : live) {
    for (int round = 0; round < 3; ++round) bid_once(town, sale.lot, sale);
  }
  return base::Done{};
}

// Three witnesses of our own, two of which must cosign: the demonstration shows what witnessing does, and claims no
// independence (docs/integrations.md).
Result<std::vector<std::unique_ptr<RunningWitness>>> call_witnesses(const std::string& folder, const std::string& log_key,
                                                                    base::Clock& clock, HouseOptions& house) {
  std::filesystem::create_directories(folder);
  std::vector<std::unique_ptr<RunningWitness>> all;
  std::ofstream policy(folder + "/policy");
  for (const auto* name : {"one", "two", "three"}) {
    WitnessOptions options;
    options.key = folder + "/" + name + ".key";
    options.state = folder + "/" + name + ".db";
    options.logs = {log_key};
    LG_TRY(const auto key, make_witness_key(std::string(name) + ".witness.demo.landglass.invalid", options.key));
    LG_TRY(auto running, run_witness(options, clock));
    policy << "witness " << name << " " << key.text() << " http://127.0.0.1:" << running->port() << "/\n";
    all.push_back(std::move(running));
  }
  policy << "group demo 2 one two three\nquorum demo\n";
  policy.close();
  if (!policy) return base::fail("the policy of the witnesses could not be written: " + folder);
  house.witnesses = folder + "/policy";
  return all;
}

// Whom a visitor plays under a login.
std::string post_of(store::Store& store, const std::string& actor, const std::vector<Bidder>& bidders) {
  for (const auto& bidder : bidders) {
    if (bidder.party == actor) return "竞买人 " + bidder.name;
  }
  const auto reader = store.reader(store::Sight::open);
  const auto rows =
      reader ? (*reader)->query(
                   "SELECT o.name || ' ' || p.title FROM appointment_public a JOIN post_public p ON p.id = a.post "
                   "JOIN office_public o ON o.id = p.office WHERE a.person = ? AND a.state LIKE 'active%' LIMIT 1",
                   {base::Json(actor)})
             : base::Result<std::vector<store::Row>>(base::fail("no reader"));
  return rows && !rows->empty() && (*rows)[0][0].is_string() ? (*rows)[0][0].as_string() : actor;
}

}  // namespace

int demo(const DemoOptions& options) {
  namespace fs = std::filesystem;
  HouseOptions house;
  house.demo = true;
  house.durable = false;
  const std::string folder =
      options.folder.empty() ? "build/demo-" + base::to_hex(base::SystemRandom().bytes32()).substr(0, 8) : options.folder;
  house.folder = folder + "/data";
  house.keys = folder + "/keys";
  house.port = options.port;
  house.origin = "demo.landglass.invalid/fuzhou";
  house.signing =
      "session";  // its people sign with keys that no visitor has; who signs in acts by his session, and it shows
  const auto started = std::chrono::steady_clock::now();
  static base::SystemRandom system;
  const auto now = base::SystemClock().now();
  std::vector<Live> live;
  std::map<std::string, std::string> logins;
  std::unique_ptr<Town> elder;
  std::string log_key;
  std::vector<std::pair<std::string, std::string>> tip_keys;
  std::string certificate;  // one that is in force, for a citizen to check
  {
    base::VirtualClock clock(base::Time{now.ms - 366 * base::k_day});
    auto core = open_core(house, clock, system, false);
    if (!core) return tell(core.trouble());
    if (!core->engine->empty()) {
      std::fprintf(stderr, "landglass: %s holds a log already; a demonstration begins its own\n", house.folder.c_str());
      return 1;
    }
    elder = std::make_unique<Town>(*core->engine, *core->store, &clock, options.seed);
    for (const auto* world : {k_world, k_experts, k_oversight, k_above}) {
      if (auto founded = elder->found(world, k_region); !founded) return tell(founded.trouble());
    }
    for (const auto* world : {k_spenders, k_tips}) {
      if (options.sales_only) break;
      if (auto founded = elder->found(world, k_region); !founded) return tell(founded.trouble());
    }
    auto watch = watch::Watch::open(*core->engine, *core->store, *core->pack, clock);
    if (!watch) return tell(watch.trouble());
    elder->watched_by([&watch] { return (*watch)->settle(); });
    auto stories = Stories::load("packs/cn-land/worlds/year", *elder, *core->engine);
    if (!stories) return tell(stories.trouble());
    const auto plan = read_year("packs/cn-land/worlds/years/demo.yaml");
    if (!plan) return tell(plan.trouble());
    const std::vector<Place> here{Place{}};
    if (!options.sales_only) {
      if (auto begun = begin_stories(**stories, core->pack->calendar(), here, *plan, base::date_of(now) + -364); !begun)
        return tell(begun.trouble());
    }
    // A roll of tips each evening, whether there are any or not; beside it the stories.
    auto roll = base::start_of(base::date_of(now) + -363) + 20 * base::k_hour;
    const auto comes = [&]() -> std::optional<base::Time> {
      const auto story = (*stories)->next();
      return options.sales_only || (story && *story < roll) ? story : std::optional(roll);
    };
    elder->beside(comes, [&]() -> Status {
      if (options.sales_only || ((*stories)->next() && *(*stories)->next() < roll)) return (*stories)->play();
      if (roll + base::k_day > now) {  // the last one has a tip that two of three open together, for who tries it by hand
        LG_TRY(const auto waits,
               elder->report("tip",
                             {{"openers", base::JsonArray{elder->who("opener-tipprov1"), elder->who("opener-tipprov2"),
                                                          elder->who("opener-tipprov3")}},
                              {"subject_office", elder->who("office-zrzy")},
                              {"about_head", true}},
                             "演示：须两人共同开启，反映局长在验收中收受礼金", 2));
        (void)waits;
      }
      roll = roll + base::k_day;
      return elder->give_out_roll();
    });
    if (auto played = play_year(*elder, options, now, live, **watch); !played) return tell(played.trouble());
    elder->beside({}, {});
    if (!options.sales_only) {
      auto written = elder->write_tip_keys(folder + "/investigators");
      if (!written) return tell(written.trouble());
      tip_keys = *std::move(written);
    }
    elder->watched_by({});
    const auto took = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
    std::printf("演示：一年 %llu 条日志，用时 %.1f 秒 / a year of %llu leaves in %.1f s\n",
                static_cast<unsigned long long>(core->engine->gauges().leaves.load()), took,
                static_cast<unsigned long long>(core->engine->gauges().leaves.load()), took);
    std::fflush(stdout);
    for (const auto* name :
         {"clerk",      "clerk2",   "centre-director",  "overseer",   "reviewer", "mayor",     "registrar",
          "registrar2", "finance",  "objection",        "inv1",       "casehead", "sup1",      "provdisc",
          "disc2",      "trainer",  "petition-officer", "respondent", "governor", "examiner",  "legal",
          "spender",    "cashier",  "bureau-director",  "finance2",   "auditor",  "tipcounty", "tipprov1",
          "tipprov2",   "tipprov3", "objection2",       "personnel",  "sysadmin", "secadmin",  "auditadmin"})
      if (!options.sales_only || elder->who(name) != name) logins[name] = elder->who(name);
    log_key = core->engine->verifier_key();
    logins["bidder"] = elder->bidders().back().party;
    if (const auto reader = core->store->reader(store::Sight::open)) {
      const auto rows = (*reader)->query(
          "SELECT id FROM land_certificate_public WHERE state LIKE 'in_force%' ORDER BY id DESC LIMIT 1", {});
      if (rows && !rows->empty()) certificate = (*rows)[0][0].as_string();
    }
  }
  if (options.play_only) return 0;
  house.durable = true;
  static base::SystemClock clock;
  auto witnesses = call_witnesses(folder + "/witnesses", log_key, clock, house);
  if (!witnesses) return tell(witnesses.trouble());
  std::atomic<bool> over{false};
  std::thread market;
  const auto go_live = [&](Core& core, web::Accounts& accounts, std::uint16_t port) {
    for (const auto& [login, actor] : logins) {
      if (const auto made = accounts.create(login, k_password, actor); !made)
        std::fprintf(stderr, "landglass: %s\n", base::explain(made.trouble()).c_str());
    }
    std::printf("\n  打开 / open   http://127.0.0.1:%u/\n  登录 / sign in  口令 / password: %s\n", port, k_password);
    for (const auto& [login, actor] : logins)
      std::printf("    %-16s %s\n", login.c_str(), post_of(*core.store, actor, elder->bidders()).c_str());
    std::printf("  见证 / witnesses  http://127.0.0.1:%u/api/witnesses  (3, 2 联署 / cosign)\n", port);
    if (!certificate.empty())
      std::printf("  证书 / a certificate   http://127.0.0.1:%u/r/%s   核验 / verify   http://127.0.0.1:%u/verify\n", port,
                  certificate.c_str(), port);
    for (const auto& [login, path] : tip_keys)
      std::printf("  举报受理人密钥 / key of a tip investigator   %-10s %s\n", login.c_str(), path.c_str());
    std::printf("  Ctrl-C 结束 / ends\n\n");
    std::fflush(stdout);
    market = std::thread([&core, &live, &over, &elder] {
      Town town(std::move(*elder), *core.engine, *core.store);
      for (int round = 1; !over; ++round) {
        if (round % 30 == 0) {
          const auto stated = town.bank();  // a statement within the day; what cannot be taken comes with the next
          if (!stated) std::fprintf(stderr, "landglass: %s\n", base::explain(stated.trouble()).c_str());
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(400 + town.random().below(1'800)));
        for (auto& sale : live) {
          if (over || sale.finished) continue;
          if (town.random().below(3) == 0) bid_once(town, sale.lot, sale);
          const auto state = std::string(town.doc(sale.lot).text("state"));
          if (state == "opening" || state == "settled") {
            const auto finished = town.finish(sale.lot, sale.plan);
            sale.finished = finished || state == "settled";
          }
        }
      }
    });
  };
  return serve(house, go_live, nullptr, [&] {
    over = true;
    market.join();
  });
}

Command demo_command() {
  auto options = std::make_shared<DemoOptions>();
  Command command{"demo", {"演示：演练一年并继续", "play a year and go on live"}, {}, {}, {}};
  command
      .option("--folder", &options->folder,
              {"目录，缺省为 build/ 下的新目录", "folder; a fresh one below build/ where absent"})
      .option("--port", &options->port, {"端口", "port"})
      .option("--lots", &options->lots, {"宗数", "lots of the year"})
      .option("--months", &options->months, {"有公告的月数，1 至 9", "months in which lots are announced, 1 to 9"})
      .option("--seed", &options->seed, {"种子", "seed"})
      .option("--sales-only", &options->sales_only,
              {"只演练出让，不演其他制度", "sales alone, none of the other institutions"})
      .option("--play-only", &options->play_only, {"只演练", "make the year and stop"});
  command.run = [options] { return demo(*options); };
  return command;
}

}  // namespace landglass::cli
