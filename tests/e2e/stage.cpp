// The real server over a real town, with a clock that runs and can be moved forward: the stage of the tests in a browser.
// Commands come on standard input, one JSON object a line, and are answered by one line each; the first line out says the
// port. What a test does not play by pages (a survey, a bank's statement), it asks for here.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "cli/serve.hpp"
#include "cli/town.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonArray;
using base::JsonObject;
using base::Result;

constexpr std::int64_t k_code_ms = 30'000;  // a one-time code lasts so long, and stays that of the real time

class MovedClock final : public base::Clock {
 public:
  // Begins a minute or so after a full hour: no anchor and no beat of the hour falls into a scene unless it is moved there.
  explicit MovedClock(std::int64_t behind_ms)
      : offset_(base::k_minute - behind_ms - base::SystemClock().now().ms % base::k_hour / k_code_ms * k_code_ms) {}
  base::Time now() override { return base::SystemClock().now() + offset_.load(); }
  void advance(std::int64_t ms) { offset_ += ms; }

 private:
  std::atomic<std::int64_t> offset_;
};

std::int64_t number(const Json& json, const char* name, std::int64_t otherwise = 0) {
  const auto* value = json.at(name).if_int();
  return value == nullptr ? otherwise : *value;
}

struct Stage {
  Core& core;
  MovedClock& clock;
  Town& town;
  std::string plan;
  std::map<std::string, std::vector<Entry>> entries;  // of a lot

  Result<Json> run(const Json& command) {
    const auto what = command.text("do");
    const std::string lot(command.text("lot"));
    if (what == "advance") {
      clock.advance(number(command, "ms"));
      core.engine->inspect([](institution::Registry&, engine::Cache&) {});  // what was due has fired when this returns
      core.engine->inspect([](institution::Registry&, engine::Cache&) {});
      return now();
    }
    if (what == "now") return now();
    if (what == "ground") return ground(command);
    if (what == "announce") {
      LG_TRY(auto made, town.announce(plan_of(command), plan));
      return Json(JsonObject{{"lot", made}});
    }
    if (what == "party") {
      const std::string name(command.text("name"));
      LG_TRY(auto made, town.create("system", "party",
                                    {{"key", std::string(command.text("key"))}, {"kind", "organisation"}, {"name", name}}));
      return Json(JsonObject{{"record", made.record}});
    }
    if (what == "parties") return parties(number(command, "count"));
    if (what == "apply") {
      for (std::int64_t i = 0; i < number(command, "bidders"); ++i) {
        LG_TRY(auto entry, town.apply(lot, static_cast<std::size_t>(i)));
        entries[lot].push_back(entry);
      }
      LG_CHECK(town.bank());  // a statement at once: each has paid what he was told to
      for (auto& entry : entries[lot]) {
        const auto in = [&] { return entry.plate != 0 || town.admitted(entry); };
        if (!come(in)) return base::refuse("STAGE", "保证金未到账", "his deposit did not arrive", entry.application);
      }
      return now();
    }
    if (what == "offer") {
      auto& all = entries[lot];
      if (all.empty()) return base::refuse("STAGE", "无人申请", "nobody has applied", lot);
      auto& entry = all[static_cast<std::size_t>(number(command, "bidder")) % all.size()];
      LG_TRY(auto answer, town.offer(lot, entry, {number(command, "yuan") * 100}));
      return Json(JsonObject{{"seq", answer.seq}});
    }
    if (what == "open-reserve") {
      LG_CHECK(town.open_reserve(lot));
      return now();
    }
    if (what == "hand_in") {
      auto& entry = entries[lot].at(static_cast<std::size_t>(number(command, "bidder")));
      LG_TRY(auto answer, town.hand_in(lot, entry, {number(command, "yuan") * 100}, "演示：配建幼儿园"));
      return Json(JsonObject{{"record", answer.record}});
    }
    if (what == "tender") return tender(lot);
    if (what == "receive") return receive(lot);
    if (what == "pay") {
      const std::string contract(command.text("record"));
      LG_CHECK(town.pay(contract));
      if (!come([&] { return town.doc(contract).text("state") == "paid"; }))
        return base::refuse("STAGE", "价款未缴清", "the price is not paid", contract);
      return now();
    }
    if (what == "act") {
      JsonObject fields;
      if (const auto* given = command.at("fields").if_object()) fields = *given;
      LG_TRY(auto answer, town.act(command.text("by"), command.text("record"), command.text("action"), std::move(fields)));
      return Json(JsonObject{{"record", answer.record}, {"seq", answer.seq}});
    }
    if (what == "create") {
      JsonObject fields;
      if (const auto* given = command.at("fields").if_object()) fields = *given;
      LG_TRY(auto answer, town.create(command.text("by"), command.text("institution"), std::move(fields)));
      return Json(JsonObject{{"record", answer.record}, {"seq", answer.seq}});
    }
    if (what == "find") return found(command);
    if (what == "secrets") return secrets(lot);
    if (what == "doc") return town.doc(command.text("record"));
    if (what == "who") return Json(JsonObject{{"actor", town.who(command.text("name"))}});
    return base::refuse("STAGE", "未知命令", "an unknown command", std::string(what));
  }

  // A statement's lines are followed up one by one by the engine's own thread, after the act that hands it in.
  template <typename Fits>
  static bool come(const Fits& fits) {
    for (int i = 0; i < 400; ++i) {
      if (fits()) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
    }
    return false;
  }

  // The newest record of an institution whose field has this value.
  Result<Json> found(const Json& command) {
    LG_TRY(auto reader, core.store->reader(store::Sight::internal));
    const std::string table(command.text("institution"));
    LG_TRY(
        auto rows,
        reader->query("SELECT id, doc FROM \"" + engine::Cache::table_of(table) + "\" ORDER BY changed DESC LIMIT 500", {}));
    for (const auto& row : rows) {
      LG_TRY(auto doc, base::parse_json(row[1].as_string(), base::Profile::any));
      bool fits = true;
      for (const auto& [field, value] : command.at("where").as_object()) {
        const auto* held = doc.at("fields").as_object().find(field);
        fits = fits && held != nullptr && *held == value;
      }
      if (fits) return Json(JsonObject{{"record", row[0].as_string()}});
    }
    return base::refuse("STAGE", "没有这样的记录", "no such record", table);
  }

  Json now() { return JsonObject{{"now", base::format_utc(clock.now())}, {"ms", clock.now().ms}}; }

  LotPlan plan_of(const Json& command) {
    LotPlan one;
    one.location = command.text("location");
    one.start_yuan = number(command, "start", 10'000'000);
    one.increment_yuan = number(command, "increment", 100'000);
    one.deposit_yuan = number(command, "deposit", 2'000'000);
    one.reserve_yuan = number(command, "reserve");
    one.variant = "custom";
    if (const auto mode = command.text("mode"); !mode.empty()) one.mode = mode;
    one.window_seconds = static_cast<int>(number(command, "window_seconds", 30));
    one.prep_seconds = static_cast<int>(number(command, "prep_seconds", 5));
    one.trigger_seconds = static_cast<int>(number(command, "trigger_seconds", 3'600));
    one.opens = clock.now() + number(command, "opens_ms", 21 * base::k_day);
    one.closes = clock.now() + number(command, "closes_ms", 32 * base::k_day);
    return one;
  }

  Result<Json> parties(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      const auto key = "bidder-x" + std::to_string(i);
      const auto name = "观察者" + std::to_string(i) + "号置业有限公司";
      LG_TRY(auto made, town.create("system", "party", {{"key", key}, {"kind", "organisation"}, {"name", name}}));
      town.bidders().push_back({made.record, name, "organisation", base::P256Key::generate()});
      std::this_thread::sleep_for(std::chrono::milliseconds(2));  // lists go by time: no two of one instant
    }
    return Json(JsonObject{{"bidders", static_cast<std::int64_t>(town.bidders().size())}});
  }

  // What the people of a tender hold: openers their keys, host and notary the salt, the openers of the reserve the reserve.
  Json tender(const std::string& lot) {
    const auto [id, salt] = town.tender_of(lot);
    JsonObject keys;
    for (const auto& [name, key] : town.openers()) keys[name] = base::to_base64url(key.secret_key);
    const auto list = [&](const char* fact) {
      JsonArray all;
      for (const auto& one : town.ids_of(id, fact)) all.emplace_back(one);
      return all;
    };
    const auto head = core.engine->head(log::Tree::open);
    return JsonObject{{"tender", id},
                      {"salt", salt},
                      {"reserve", town.reserve_of(lot).first},
                      {"reserve_salt", town.reserve_of(lot).second},
                      {"keys", std::move(keys)},
                      {"opened", list("opened")},
                      {"sheets", list("sheets")},
                      {"root", base::to_hex(head->frontier.root())},
                      {"size", head->size}};
  }

  // Parcel, conditions and valuation of a lot whose scheme a test drafts by pages.
  Result<Json> ground(const Json& command) {
    const std::string region = "350124";
    const std::string file(64, '1');
    const std::string location(command.text("location"));
    LG_TRY(auto parcel, town.create("survey", "parcel",
                                    {{"parcel_code", std::string(command.text("code"))},
                                     {"region", region},
                                     {"location", location},
                                     {"area", "20000.00"},
                                     {"use", "residential"}}));
    LG_TRY(auto cleared, town.act("land-use", parcel.record, "clear", {{"clear_proof", file}}));
    LG_TRY(auto conditions, town.create("planner", "planning-conditions",
                                        {{"parcel", parcel.record},
                                         {"region", region},
                                         {"use", "residential"},
                                         {"far_max", "5/2"},
                                         {"green_min", "30%"}}));
    LG_TRY(auto issued, town.act("bureau-director", conditions.record, "issue"));
    LG_TRY(auto worth, town.create("valuer", "valuation",
                                   {{"parcel", parcel.record},
                                    {"region", region},
                                    {"value", "10000000.00"},
                                    {"benchmark", "10000000.00"},
                                    {"valued_on", base::format_date(base::date_of(clock.now()))}}));
    LG_TRY(auto accepted, town.act("land-use", worth.record, "accept"));
    return Json(JsonObject{{"parcel", parcel.record}, {"plan", plan}});
  }

  // What of a lot nobody may find before its close: as it stands in the sealed records.
  Result<Json> secrets(const std::string& lot) {
    JsonArray list;
    for (const auto& entry : entries[lot]) {
      const auto held = town.doc(entry.application);
      list.emplace_back(entry.application.substr(entry.application.find('/') + 1));
      for (const auto* name : {"applicant_name", "bid_key"}) list.emplace_back(std::string(held.at("fields").text(name)));
      list.emplace_back("\"plate\":" + std::to_string(entry.plate));
    }
    core.engine->inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto* in = registry.pack().current("land-listing");
      const auto* all = in == nullptr ? nullptr : in->fact("deposits");
      if (all == nullptr) return;
      auto ids = cache.index(all->key + "|" + lot, true);
      for (const auto& id : ids ? *ids : std::vector<std::string>()) {
        auto found = cache.find(id);
        if (!found || *found == nullptr) continue;
        list.emplace_back(id.substr(id.find('/') + 1));
        for (const auto* name : {"reference", "payer_account", "bank_reference"}) {
          if (const auto value = (*found)->fields.text(name); !value.empty()) list.emplace_back(std::string(value));
        }
      }
    });
    const auto [reserve, salt] = town.reserve_of(lot);
    list.emplace_back(reserve);
    list.emplace_back(salt);
    return Json(JsonObject{{"list", std::move(list)}});
  }

  // The bank's next statement: every deposit of the lot that is awaited arrives in full, from who applied, whether he did so
  // by pages or here.
  Result<Json> receive(const std::string& lot) {
    std::vector<std::string> awaited;
    core.engine->inspect([&](institution::Registry& registry, engine::Cache& cache) {
      const auto* in = registry.pack().current("land-listing");
      const auto* all = in == nullptr ? nullptr : in->fact("deposits");
      if (all == nullptr) return;
      if (auto ids = cache.index(all->key + "|" + lot, true)) awaited = *ids;
    });
    (void)town.told();  // who applied here is among the awaited: he would pay twice
    std::int64_t arrived = 0;
    for (const auto& deposit : awaited) {
      const auto doc = town.doc(deposit);
      if (doc.text("state") != "awaiting") continue;
      ++arrived;
      town.tell(doc);
    }
    LG_CHECK(town.bank());
    for (const auto& deposit : awaited) {
      if (!come([&] { return town.doc(deposit).text("state") != "awaiting"; }))
        return base::refuse("STAGE", "保证金未到账", "the deposit did not arrive", deposit);
    }
    return Json(JsonObject{{"arrived", arrived}});
  }
};

// A sale from survey to certificate, played before the stage opens: for pages that only a finished sale has.
Result<std::string> sell(Town& town, const std::string& plan) {
  LotPlan lot;
  lot.location = "梅城镇解放大街东侧";
  lot.opens = town.now() + 21 * base::k_day;
  lot.closes = town.now() + 32 * base::k_day;
  lot.variant = "custom";
  lot.prep_seconds = 20;
  lot.window_seconds = 30;
  LG_TRY(auto sold, town.announce(lot, plan));
  std::vector<Entry> bidding;
  for (std::size_t i = 0; i < 3; ++i) {
    LG_TRY(auto entry, town.apply(sold, i));
    bidding.push_back(entry);
  }
  LG_CHECK(town.bank());
  for (auto& entry : bidding) {
    if (!town.admitted(entry)) return base::refuse("STAGE", "保证金未到账", "his deposit did not arrive", entry.application);
  }
  town.pass(lot.opens + base::k_hour);
  for (std::size_t i = 0; i < 9; ++i) {
    const auto price = base::Money{(lot.start_yuan + static_cast<std::int64_t>(i) * lot.increment_yuan) * 100};
    LG_TRY(auto answer, town.offer(sold, bidding[i % bidding.size()], price));
  }
  town.pass(lot.closes + base::k_hour);
  return town.finish(sold, lot);
}

int run(const std::string& folder, std::int64_t behind_days, const std::string& more) {
  const bool with_sale = more == "sold";
  const bool with_tips = more == "tips";
  HouseOptions house;
  house.demo = !with_tips;  // of tips the access log is looked at, and a demonstration keeps none
  house.signing = "session";
  house.folder = folder + "/data";
  house.keys = folder + "/keys";
  house.port = 0;
  house.accounts.argon_passes = 1;  // dozens of people, one password: making them took two thirds of the start
  house.accounts.argon_bytes = 8 << 10;
  house.origin = "demo.landglass.invalid/stage";
  static base::SystemRandom random;
  MovedClock clock(behind_days * base::k_day);
  std::unique_ptr<Town> elder;
  std::string plan;
  const auto tell = [](const base::Trouble& trouble) {
    std::fprintf(stderr, "stage: %s\n", base::explain(trouble).c_str());
    return 1;
  };
  {
    base::VirtualClock still(clock.now() + (with_sale ? -60 : -1) * base::k_day);
    auto core = open_core(house, still, random, false);
    if (!core) return tell(core.trouble());
    elder = std::make_unique<Town>(*core->engine, *core->store, &still, 2012);
    elder->honest_bank();
    for (const auto* world : {"packs/cn-land/worlds/county.yaml", "packs/cn-land/worlds/experts.yaml"}) {
      if (auto founded = elder->found(world, "350124"); !founded) return tell(founded.trouble());
    }
    if (with_tips) {
      if (auto founded = elder->found("packs/cn-land/worlds/oversight.yaml", "350124"); !founded)
        return tell(founded.trouble());
    }
    if (!more.empty() && !with_sale) {
      if (auto founded = elder->found("packs/cn-land/worlds/" + more + ".yaml", "350124"); !founded)
        return tell(founded.trouble());
    }
    auto made = elder->create("land-use", "supply-plan",
                              {{"region", "350124"},
                               {"year", base::to_civil(base::date_of(still.now())).year},
                               {"total_area", "2000000.00"},
                               {"residential_area", "800000.00"}});
    if (!made) return tell(made.trouble());
    plan = made->record;
    if (auto published = elder->act("mayor", plan, "publish"); !published) return tell(published.trouble());
    if (with_sale) {
      if (auto certificate = sell(*elder, plan); !certificate) return tell(certificate.trouble());
    }
  }
  std::thread commands;
  const int code = serve(
      house,
      [&](Core& core, web::Accounts& accounts, std::uint16_t port) {
        JsonArray logins;
        const auto account = [&](const std::string& login, const std::string& actor) {
          if (const auto made = accounts.create(login, "landglass-demo", actor); !made) {
            std::fprintf(stderr, "stage: %s\n", base::explain(made.trouble()).c_str());
            return;
          }
          logins.push_back(JsonObject{{"login", login}, {"actor", actor}});
        };
        for (const auto* name : {"clerk",    "clerk2",    "host",      "centre-director", "overseer",      "planner",
                                 "land-use", "land-use2", "survey",    "bureau-director", "vice-director", "committee3",
                                 "reviewer", "objection", "legal",     "valuer",          "mayor",         "finance",
                                 "finance2", "tax",       "registrar", "registrar2",      "opener",        "opener2",
                                 "notary",   "sysadmin",  "secadmin",  "auditadmin"})
          account(name, elder->who(name));
        for (const auto* name : {"tipprov1", "tipprov2", "tipcounty", "tipbureau", "tipclerk"}) {
          if (with_tips) account(name, elder->who(name));
        }
        for (int i = 1; i <= 7; ++i) account("expert" + std::to_string(i), elder->who("expert" + std::to_string(i)));
        for (int i = 1; i <= 3; ++i)
          account("tender-opener" + std::to_string(i), elder->who("tender-opener" + std::to_string(i)));
        if (!more.empty() && !with_sale) {
          for (const auto& [name, record] : elder->names()) {
            const bool has = std::any_of(logins.begin(), logins.end(),
                                         [&name = name](const Json& one) { return one.text("login") == name; });
            if (record.starts_with("person/") && !has) account(name, record);
            if (record.starts_with("party/")) account(name, record);
          }
        }
        int n = 0;
        for (const auto& bidder : elder->bidders()) account("bidder" + std::to_string(++n), bidder.party);
        std::printf("%s\n",
                    base::canonical(Json(JsonObject{{"port", std::int64_t{port}}, {"logins", std::move(logins)}})).c_str());
        std::fflush(stdout);
        commands = std::thread([&core, &clock, &elder, &plan] {
          Town town(std::move(*elder), *core.engine, *core.store, &clock);
          town.honest_bank();
          Stage stage{core, clock, town, plan, {}};
          std::string line;
          while (std::getline(std::cin, line)) {
            auto command = base::parse_json(line);
            auto answer = command ? stage.run(*command) : Result<Json>(command.trouble());
            const Json out = answer ? *answer : Json(JsonObject{{"error", base::explain(answer.trouble())}});
            std::printf("%s\n", base::canonical(out).c_str());
            std::fflush(stdout);
          }
          ::kill(::getpid(), SIGTERM);  // who sent the commands is gone
        });
      },
      &clock);
  if (commands.joinable()) commands.join();
  return code;
}

}  // namespace
}  // namespace landglass::cli

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::fprintf(
        stderr,
        "e2e_stage FOLDER DAYS [sold | WORLD]: a server below FOLDER whose clock begins DAYS ago, after a sale or with the "
        "people of a world of the pack besides\n");
    return 2;
  }
  return landglass::cli::run(argv[1], std::atoll(argv[2]), argc == 4 ? argv[3] : "");
}
