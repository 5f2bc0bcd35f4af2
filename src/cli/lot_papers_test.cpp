// The papers of a lot that was played from plan to certificate: printed as of their acts, for those who may see them; and
// the certificate, the case and the log told genuine, outdated and forged apart by the commands.

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "cli/serve.hpp"
#include "cli/town.hpp"
#include "cli/verify.hpp"
#include "disclosure/archive.hpp"
#include "disclosure/html.hpp"
#include "disclosure/pdf.hpp"
#include "log/receipt.hpp"
#include "log/tiles.hpp"

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;
using disclosure::Archive;
using disclosure::Asking;
using disclosure::RecordPaper;

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    ADD_FAILURE() << base::explain(result.trouble());
    std::abort();
  }
  return *std::move(result);
}

// One town for all tests of this file: three lots, of which one is sold, one finds no buyer and one is ended.
class PlayedTown {
 public:
  static PlayedTown& town() {
    static PlayedTown one;
    return one;
  }

  std::string text_of(const std::string& record, const std::string& name, const Asking& asking = {}) {
    return disclosure::html(document_of(record, name, asking));
  }
  disclosure::Document document_of(const std::string& record, const std::string& name, const Asking& asking = {}) {
    for (const auto& paper : papers_of(record, asking)) {
      if (paper.name == name) return must(archive().document(record, paper.leaf, name, asking));
    }
    ADD_FAILURE() << record << " has no " << name;
    std::abort();
  }
  std::vector<RecordPaper> papers_of(const std::string& record, const Asking& asking = {}) {
    return must(archive().papers_of(record, asking));
  }
  // `held`: how often the sequencer was asked to stand still.
  std::vector<RecordPaper> case_of(const std::string& record, const Asking& asking = {}, int* held = nullptr) {
    const auto reader = must(core.store->reader(store::Sight::open));
    const auto in_archive = [&](const std::function<void(Archive&, const Asking&)>& look) {
      auto one = archive();
      look(one, asking);
      if (held != nullptr) ++*held;
    };
    return must(disclosure::case_of(*core.pack, *reader, in_archive, record));
  }
  Archive archive() {
    Archive* made = nullptr;
    core.engine->inspect([&](institution::Registry&, engine::Cache& cache) {
      made = new Archive(*core.pack, cache, *core.store, templates, true);
    });
    Archive out = *made;
    delete made;
    return out;
  }
  Asking as(const std::string& actor) {
    Asking asking{actor, {}};
    core.engine->inspect([&](institution::Registry& registry, engine::Cache&) {
      asking.seats = must(registry.seats(actor, base::date_of(clock.now())));
    });
    return asking;
  }

  base::VirtualClock clock{*base::parse_time("2019-01-07T01:00:00Z")};
  base::SystemRandom random;
  std::string folder;
  disclosure::Templates templates;
  Core core;
  std::unique_ptr<Town> people;
  std::string sold, unsold, ended, contract, certificate, winner, winner_name, confirmed_for_all, confirmed_for_winner,
      confirmed_for_clerk;

 private:
  PlayedTown() {
    folder = (fs::temp_directory_path() / ("lg-papers-" + std::to_string(::getpid()))).string();
    HouseOptions house;
    house.folder = folder + "/data";
    house.keys = folder + "/keys";
    house.origin = "test.landglass.invalid/papers";
    house.demo = true;
    house.durable = false;
    templates = must(disclosure::Templates::load("packs/cn-land/papers"));
    core = must(open_core(house, clock, random, false));
    people = std::make_unique<Town>(*core.engine, *core.store, &clock, 7);
    play();
  }
  ~PlayedTown() { fs::remove_all(folder); }
  PlayedTown(const PlayedTown&) = delete;

  void play() {
    Town& town = *people;
    must(town.found("packs/cn-land/worlds/county.yaml", "350124"));
    const auto plan = must(town.create(
        "land-use", "supply-plan",
        {{"region", "350124"}, {"year", 2019}, {"total_area", "2000000.00"}, {"residential_area", "800000.00"}}));
    must(town.act("mayor", plan.record, "publish"));
    LotPlan lot;
    lot.location = "梅城镇解放大街东侧";
    lot.opens = town.now() + 21 * base::k_day;
    lot.closes = town.now() + 32 * base::k_day;
    lot.variant = "custom";
    lot.prep_seconds = 20;
    lot.window_seconds = 30;
    sold = must(town.announce(lot, plan.record));
    must(town.act("clerk", sold, "correct", {{"reason", "补充竞买条件"}, {"conditions_text", "有闲置土地者不得参加竞买"}}));
    auto other = lot;
    other.location = "坂东镇工业集中区";
    unsold = must(town.announce(other, plan.record));
    other.location = "池园镇镇北路南侧";
    ended = must(town.announce(other, plan.record));
    std::vector<Entry> entries;
    town.honest_bank();
    for (std::size_t i = 0; i < 2; ++i) entries.push_back(must(town.apply(sold, i)));
    must(town.bank());
    for (auto& entry : entries) ASSERT_TRUE(town.admitted(entry));
    const std::string evidence(64, '2');
    const base::JsonObject ground{{"evidence", evidence}};
    for (const auto* one : {"centre-director", "overseer"}) must(town.act(one, ended, "freeze", with_ground(ground)));
    auto resume = with_ground(ground);
    resume["ground"] = "repaired";
    resume["resumes_at"] = base::format_utc(town.now() + base::k_hour);
    for (const auto* one : {"centre-director", "overseer"}) must(town.act(one, ended, "resume", resume));
    town.pass(town.now() + 2 * base::k_hour);
    for (const auto* one : {"centre-director", "overseer"}) must(town.act(one, ended, "withdraw", with_ground(ground)));
    town.pass(lot.opens + base::k_hour);
    must(town.offer(sold, entries[0], {lot.start_yuan * 100}));
    must(town.offer(sold, entries[1], {(lot.start_yuan + lot.increment_yuan) * 100}));
    town.pass(lot.closes + base::k_hour);
    winner = town.bidders()[1].party;
    winner_name = town.bidders()[1].name;
    // The confirmation is looked at before the result is published: the name is then nobody's but the parties'.
    must(town.open_reserve(sold));
    must(town.act("clerk", sold, "confirm"));
    confirmed_for_all = text_of(sold, "confirmation");
    confirmed_for_winner = text_of(sold, "confirmation", as(winner));
    confirmed_for_clerk = text_of(sold, "confirmation", as(town.who("clerk")));
    certificate = must(town.finish(sold, lot));
    contract = std::string(town.doc(certificate).at("fields").text("contract"));
  }

  base::JsonObject with_ground(base::JsonObject ground) const {
    ground["ground"] = core.pack->table("withdrawal-grounds")->values.front().key;
    return ground;
  }
};

std::set<std::string> names_of(const std::vector<RecordPaper>& papers) {
  std::set<std::string> names;
  for (const auto& paper : papers) names.insert(paper.name);
  return names;
}

bool holds(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  char buffer[4096];
  while (const auto size = fread(buffer, 1, sizeof buffer, pipe)) out.append(buffer, size);
  EXPECT_EQ(pclose(pipe), 0) << command << "\n" << out;
  return out;
}

TEST(LotPapers, ACaseHoldsEveryPaperFromAnnouncementToCertificate) {
  auto& town = PlayedTown::town();
  int held = 0;
  const auto all = town.case_of(town.sold, {}, &held);
  EXPECT_EQ(names_of(all),
            (std::set<std::string>{"announcement", "supplementary-notice", "confirmation", "qualification", "result-notice",
                                   "contract", "payment-notice", "receipt", "deed-tax", "handover", "certificate"}));
  for (std::size_t i = 1; i < all.size(); ++i) EXPECT_GE(all[i].time, all[i - 1].time) << all[i].name;
  for (const auto& paper : all) EXPECT_FALSE(paper.number.empty()) << paper.name;
  std::set<std::string> records;
  for (const auto& paper : all) records.insert(paper.record);
  EXPECT_GE(held, static_cast<int>(records.size())) << "who bids waits for one record and not for the case";
  // A party has his own sealed papers besides.
  const auto own = names_of(town.case_of(town.sold, town.as(town.winner)));
  EXPECT_TRUE(own.contains("application"));
}

TEST(LotPapers, EveryPaperPrintsWithItsWordsAndWithoutAWarningOfMupdf) {
  auto& town = PlayedTown::town();
  const auto press = must(disclosure::Press::open("build/assets/fonts"));
  const std::string folder = "build/papers-of-a-lot";
  fs::create_directories(folder);
  std::vector<std::pair<std::string, RecordPaper>> sheets;
  for (const auto& record : {town.sold, town.unsold, town.ended}) {
    for (const auto& paper : town.case_of(record, town.as(town.winner))) sheets.emplace_back(record, paper);
  }
  EXPECT_GE(sheets.size(), 19U);
  for (const auto& [record, paper] : sheets) {
    const auto made = town.archive().document(paper.record, paper.leaf, paper.name, town.as(town.winner));
    ASSERT_TRUE(made) << paper.name << ": " << base::explain(made.trouble());
    const auto pdf = must(press.pdf(*made));
    EXPECT_EQ(pdf,
              must(press.pdf(must(town.archive().document(paper.record, paper.leaf, paper.name, town.as(town.winner))))))
        << "the same paper is the same bytes";
    const auto file = folder + "/" + std::to_string(paper.leaf) + "-" + paper.name + ".pdf";
    std::ofstream(file, std::ios::binary) << pdf;
    auto said = output_of("mutool draw -q -r 30 -o /dev/null -F pnm " + file);
    const std::string of_itself = "warning: ICC support is not available\n";
    for (auto at = said.find(of_itself); at != std::string::npos; at = said.find(of_itself))
      said.erase(at, of_itself.size());
    EXPECT_EQ(said, "") << paper.name;
    const auto text = output_of("pdftotext -layout " + file + " -");
    EXPECT_TRUE(holds(text, "DEMONSTRATION")) << paper.name;
    std::string joined;
    for (const char c : text) {
      if (c != ' ' && c != '\n') joined += c;
    }
    EXPECT_TRUE(holds(joined, made->title.zh)) << paper.name;
    EXPECT_TRUE(paper.number.empty() || holds(joined, paper.number)) << paper.name << " " << paper.number;
  }
}

TEST(LotPapers, APaperShowsTheRecordAsItWasAfterItsAct) {
  auto& town = PlayedTown::town();
  const auto announced = town.text_of(town.sold, "announcement");
  EXPECT_FALSE(holds(announced, "有闲置土地者不得参加竞买"));
  const auto supplement = town.text_of(town.sold, "supplementary-notice");
  EXPECT_TRUE(holds(supplement, "有闲置土地者不得参加竞买"));
  EXPECT_TRUE(holds(supplement, "（无）"));
  EXPECT_TRUE(holds(supplement, "补充竞买条件"));
  // Two receipts of one contract: each with its own amount and what was then outstanding.
  const auto papers = town.papers_of(town.contract);
  std::vector<std::string> receipts;
  for (const auto& paper : papers) {
    if (paper.name == "receipt") {
      receipts.push_back(disclosure::html(must(town.archive().document(town.contract, paper.leaf, "receipt", {}))));
    }
  }
  ASSERT_EQ(receipts.size(), 2U);
  EXPECT_FALSE(holds(receipts[0], ">0.00 元"));
  EXPECT_NE(receipts[0], receipts[1]);
}

TEST(LotPapers, ANameIsHiddenFromThePublicUntilTheLawOpensIt) {
  auto& town = PlayedTown::town();
  EXPECT_FALSE(holds(town.confirmed_for_all, town.winner_name));
  EXPECT_TRUE(holds(town.confirmed_for_all, "（不公开）"));
  EXPECT_TRUE(holds(town.confirmed_for_winner, town.winner_name));
  EXPECT_TRUE(holds(town.confirmed_for_clerk, town.winner_name));
  // Published: what the law now opens stands in the same paper.
  EXPECT_TRUE(holds(town.text_of(town.sold, "confirmation"), town.winner_name));
  // The contract and the certificate open their holder to nobody but him and the office.
  EXPECT_FALSE(holds(town.text_of(town.contract, "contract"), town.winner_name));
  EXPECT_FALSE(holds(town.text_of(town.certificate, "certificate"), town.winner_name));
  EXPECT_TRUE(holds(town.text_of(town.certificate, "certificate", town.as(town.winner)), town.winner_name));
}

TEST(LotPapers, ALotWithoutABuyerPrintsThatItFailedAndOneThatIsEndedThatItEnded) {
  auto& town = PlayedTown::town();
  EXPECT_EQ(names_of(town.papers_of(town.unsold)), (std::set<std::string>{"announcement", "failed-sale"}));
  EXPECT_TRUE(holds(town.text_of(town.unsold, "failed-sale"), "没有有效报价"));
  EXPECT_EQ(names_of(town.papers_of(town.ended)),
            (std::set<std::string>{"announcement", "freeze-notice", "resume-notice", "termination-notice"}));
  const auto notice = town.text_of(town.ended, "termination-notice");
  EXPECT_TRUE(holds(notice, "中心主任")) << "both who decided";
  EXPECT_TRUE(holds(notice, "现场监督岗"));
}

TEST(LotPapers, ASealedPaperIsToldToItsOwnPartyOnly) {
  auto& town = PlayedTown::town();
  std::string application;
  for (const auto& paper : town.case_of(town.sold, town.as(town.winner))) {
    if (paper.name == "application") application = paper.record;
  }
  ASSERT_FALSE(application.empty());
  EXPECT_TRUE(town.archive().papers_of(application, {}).refused());
  EXPECT_TRUE(town.archive().papers_of(application, town.as(town.people->who("clerk"))).refused());
  EXPECT_TRUE(town.archive().papers_of(application, town.as(town.people->bidders()[0].party)).refused());
}

// -- the commands --

// The log as files, as a mirror would have it.
void export_log(PlayedTown& town, const std::string& folder) {
  const auto head = town.core.engine->head(log::Tree::open);
  const auto leaves = must(town.core.store->leaves(log::Tree::open, 0, head->size));
  log::Frontier tree;
  const auto put = [&](const std::string& path, std::string_view bytes) {
    const auto file = fs::path(folder) / path;
    fs::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << bytes;
  };
  for (std::uint64_t first = 0; first < head->size; first += 256) {
    std::string bundle;
    for (auto i = first; i < std::min<std::uint64_t>(first + 256, head->size); ++i) {
      log::append_entry(bundle, leaves[i]);
      tree.append(log::leaf_hash(leaves[i]));
    }
    put(log::tile_path({log::k_entries, first / 256, log::tile_width(0, first / 256, head->size)}), bundle);
  }
  for (const auto& tile : tree.take_full_tiles())
    put(log::tile_path({tile.level, tile.index, 256}), base::as_text(tile.hashes));
  for (const auto& tile : tree.partial_tiles()) {
    const auto width = static_cast<int>(tile.hashes.size() / 32);
    if (width > 0) put(log::tile_path({tile.level, tile.index, width}), base::as_text(tile.hashes));
  }
  // What the office opens after the close stands beside it.
  for (const auto& bytes : leaves) {
    const auto leaf = must(log::decode(bytes));
    if (leaf.change.action != "offer") continue;
    const auto secret = must(town.core.store->secret(log::Tree::open, leaf.seq, "bidder"));
    put("openings/" + std::to_string(leaf.seq),
        base::canonical(base::Json(base::JsonArray{log::opening_json({"bidder", secret->salt, secret->value})})));
  }
  put("checkpoint", head->checkpoint);
  put("policy", "log " + town.core.engine->verifier_key() + "\nquorum none\n");
}

base::Json receipt_of(PlayedTown& town, std::uint64_t seq) {
  const auto head = town.core.engine->head(log::Tree::open);
  const auto leaves = must(town.core.store->leaves(log::Tree::open, 0, head->size));
  log::Frontier tree;
  for (const auto& leaf : leaves) tree.append(log::leaf_hash(leaf));
  log::Receipt receipt;
  receipt.leaf = leaves[seq];
  receipt.proof.index = seq;
  receipt.proof.proof = must(tree.inclusion(seq, nullptr));
  receipt.proof.checkpoint = head->checkpoint;
  return must(base::parse_json(receipt.format(), base::Profile::any));
}

int run(Command command, std::initializer_list<std::pair<std::string, std::string>> values) {
  for (const auto& [name, value] : values) {
    bool set = false;
    for (auto& option : command.options) {
      if (option.name != name) continue;
      *std::get<std::string*>(option.target) = value;
      set = true;
    }
    EXPECT_TRUE(set) << command.name << " " << name;
  }
  return command.run();
}

TEST(VerifyCommand, TellsGenuineOutdatedForgedAndUnprovenCertificatesApart) {
  auto& town = PlayedTown::town();
  const std::string folder = town.folder + "/log-1";
  export_log(town, folder);
  const auto papers = town.papers_of(town.certificate);
  ASSERT_EQ(papers.size(), 1U);
  auto file = must(town.archive().certificate(town.certificate, papers[0].leaf, town.as(town.winner)));
  const auto without = file;
  file.as_object()["receipt"] = receipt_of(town, papers[0].leaf);
  const auto& openings = file.at("openings").as_array();
  EXPECT_TRUE(std::any_of(openings.begin(), openings.end(),
                          [&](const base::Json& one) { return one.at("value") == base::Json(town.winner_name); }));
  for (const auto* name : {"code", "certificate_no", "unit_code", "parcel_code"})
    EXPECT_FALSE(file.at("fields").text(name).empty()) << name;
  const auto put = [&](const std::string& name, const base::Json& json) {
    auto path = folder + "/" + name;
    std::ofstream(path, std::ios::binary) << base::canonical(json) << "\n";
    return path;
  };
  const auto policy = folder + "/policy";
  const auto genuine = put("genuine.json", file);
  const auto qr = must(town.archive().document(town.certificate, papers[0].leaf, "certificate", {})).marks.qr;
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", policy}}), 0);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", policy}, {"--qr", qr}}), 0);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", policy}, {"--log", folder}}), 0);
  // In words, to whoever has the pack: those of the file whose digest the leaf states.
  const auto receipt = put("receipt.json", receipt_of(town, papers[0].leaf));
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(verify_receipt_command(), {{"file", receipt}, {"--policy", policy}, {"--pack", "packs/cn-land"}}), 0);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", policy}, {"--pack", "packs/cn-land"}}), 0);
  const auto told = testing::internal::GetCapturedStdout();
  for (const auto* words : {"不动产权证书（国有建设用地使用权）", "登簿发证 / Register and issue (issue)",
                            "有效 / In force (in_force)", "哈希与叶子所载相符的制度文件", "坐落 / Location"})
    EXPECT_NE(told.find(words), std::string::npos) << words << "\n" << told;
  // Of another version of the file the keys alone.
  const auto other = folder + "/pack";
  std::filesystem::copy("packs/cn-land", other, std::filesystem::copy_options::recursive);
  std::ofstream(other + "/land/land-certificate.yaml", std::ios::app) << "# changed\n";
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(verify_receipt_command(), {{"file", receipt}, {"--policy", policy}, {"--pack", other}}), 0);
  const auto keys = testing::internal::GetCapturedStdout();
  EXPECT_NE(keys.find("制度包里没有叶子所载的那一版制度文件"), std::string::npos) << keys;
  EXPECT_EQ(keys.find("登簿发证"), std::string::npos) << keys;
  auto forged = file;
  forged.as_object()["fields"].as_object()["area"] = "99999.00";
  EXPECT_EQ(run(verify_certificate_command(), {{"file", put("forged.json", forged)}, {"--policy", policy}}), k_refused);
  forged = file;
  forged.as_object()["openings"].as_array()[0].as_object()["value"] = "张三";
  EXPECT_EQ(run(verify_certificate_command(), {{"file", put("forged.json", forged)}, {"--policy", policy}}), k_refused);
  EXPECT_EQ(run(verify_certificate_command(),
                {{"file", genuine}, {"--policy", policy}, {"--qr", "LG1 land-certificate/x LC350124201900000012J - o"}}),
            k_refused);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", put("bare.json", without)}, {"--policy", policy}}), k_unproven);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", folder + "/absent"}}), k_failed);
  EXPECT_EQ(run(verify_paper_command(), {{"--qr", qr}, {"--policy", policy}, {"--log", folder}}), 0);
  EXPECT_EQ(run(verify_log_command(), {{"log", folder}, {"--policy", policy}}), 0);
  EXPECT_EQ(run(verify_series_command(), {{"log", folder}, {"--policy", policy}}), 0);
  EXPECT_EQ(run(verify_auction_command(), {{"lot", town.sold}, {"--log", folder}, {"--policy", policy}}), 0);

  // What became of it afterwards is known to who reads the whole log.
  for (const auto* one : {"registrar", "registrar2"})
    must(town.people->act(one, town.certificate, "change", {{"reason", "变更登记"}}));
  const std::string after = town.folder + "/log-2";
  export_log(town, after);
  EXPECT_EQ(run(verify_certificate_command(), {{"file", genuine}, {"--policy", policy}, {"--log", after}}), k_outdated);
  // The same files are told apart by the page that a citizen saved (web/scripts/offline-verify.mjs).
  const auto size = town.core.engine->head(log::Tree::open)->size;
  put("later-receipt.json", receipt_of(town, size - 1));
  std::ofstream(folder + "/qr.txt") << qr;
  const std::string samples = "build/verify-samples";
  fs::create_directories(samples);
  for (const auto* name : {"genuine.json", "forged.json", "bare.json", "later-receipt.json", "policy", "qr.txt"})
    fs::copy_file(folder + "/" + name, samples + "/" + name, fs::copy_options::overwrite_existing);

  // A leaf of the sale that was written anew is named.
  const auto bundle =
      after + "/" +
      log::tile_path({log::k_entries, 0, log::tile_width(0, 0, town.core.engine->head(log::Tree::open)->size)});
  std::string bytes;
  {
    std::ifstream in(bundle, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto at = bytes.find("350124");
  ASSERT_NE(at, std::string::npos);
  bytes[at] = '4';
  std::ofstream(bundle, std::ios::binary) << bytes;
  EXPECT_EQ(run(verify_log_command(), {{"log", after}, {"--policy", policy}}), k_refused);
  EXPECT_EQ(run(verify_auction_command(), {{"lot", town.sold}, {"--log", after}, {"--policy", policy}}), k_refused);
}

}  // namespace
}  // namespace landglass::cli
