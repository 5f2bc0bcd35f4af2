#include "cli/keep.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "cli/behaviours.hpp"
#include "cli/given_out.hpp"
#include "cli/scratch.hpp"
#include "cli/snapshot_log.hpp"
#include "store/folder.hpp"
#include "web/desk_db.hpp"

namespace landglass::cli {

namespace fs = std::filesystem;
using base::Result;
using base::Status;

namespace {

std::uint64_t ms_since(std::chrono::steady_clock::time_point start) {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count());
}

Status copy_accounts(const std::string& from, const std::string& to) {
  if (!fs::exists(from + "/accounts.db")) return base::Done{};
  LG_TRY(auto accounts, web::DeskDb::open(from + "/accounts.db"));
  return accounts->backup_to(to + "/accounts.db");
}

Result<std::unique_ptr<store::Store>> open_store(const HouseOptions& options, const std::string& folder, bool durable) {
  store::StoreOptions at;
  at.folder = folder;
  at.key_file = options.keys + "/vault.key";
  at.durable = durable;
  if (!fs::exists(at.key_file)) {
    return base::refuse("STORE-02", "没有保险库密钥文件", "there is no vault key file", at.key_file);
  }
  return store::open_sqlite(at);
}

// What is said of the copy's log by the checkpoints that were named.
Result<std::vector<log::WitnessView>> known_of(const store::FolderFacts& facts, const RestoreOptions& asked) {
  LG_TRY(const auto key, log::VerifierKey::parse(facts.verifier_key));
  std::vector<log::WitnessView> known;
  for (const auto& file : asked.checkpoints) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return base::fail("cannot read " + file);
    LG_TRY(auto view, view_of(std::string{std::istreambuf_iterator<char>(in), {}}, file, key));
    known.push_back(std::move(view));
  }
  return known;
}

std::vector<std::string> differing(const base::JsonObject& a, const base::JsonObject& b) {
  std::vector<std::string> names;
  for (const auto& [table, hash] : a) {
    const auto* other = b.find(table);
    if (other == nullptr || *other != hash) names.push_back(table);
  }
  for (const auto& [table, hash] : b) {
    if (a.find(table) == nullptr) names.push_back(table);
  }
  return names;
}

}  // namespace

Status back_up_house(const HouseOptions& options, const std::string& to) {
  // The accounts last: a login whose person is not in the log yet would be of no use.
  LG_CHECK(store::back_up_folder(options.folder, to));
  return copy_accounts(options.folder, to);
}

Status restore_house(const HouseOptions& options, const RestoreOptions& asked) {
  LG_CHECK(empty_folder(options.folder));
  LG_TRY(const auto facts, store::look_at(asked.from));
  LG_TRY(auto known, known_of(facts, asked));
  Scratch scratch(beside(options.folder, "restoring"));
  LG_CHECK(store::back_up_folder(asked.from, scratch.folder()));
  LG_CHECK(copy_accounts(asked.from, scratch.folder()));
  {
    // A start of the engine checks the frontier, the last checkpoint kept, and what is known from elsewhere.
    base::SystemClock clock;
    base::SystemRandom random;
    auto house = options;
    house.folder = scratch.folder();
    house.origin = facts.origin;
    LG_TRY(auto core, open_core(house, clock, random, false, std::move(known)));
  }
  return scratch.keep_as(options.folder);
}

Status succeed_house(const HouseOptions& options, const RestoreOptions& asked) {
  LG_CHECK(empty_folder(options.folder));
  LG_TRY(const auto facts, store::look_at(asked.from));
  if (asked.new_origin == facts.origin)
    return base::refuse("CLI-07", "新日志须另取名", "a new log needs another name", asked.new_origin);
  if (asked.reason.empty())
    return base::refuse("CLI-08", "须说明另起新日志的原因", "a reason is due for a new log", "--reason");
  LG_TRY(auto known, known_of(facts, asked));
  LG_TRY(const auto old_key, log::VerifierKey::parse(facts.verifier_key));
  LG_TRY(const auto ours, given_out(options.keys, old_key));
  known.insert(known.end(), ours.begin(), ours.end());
  LG_TRY(auto reader, store::open_snapshot(asked.from));
  SnapshotLog files(*reader);
  log::DerivedTiles tiles(files, files);
  LG_TRY(const auto frontier, log::Frontier::restore(facts.leaves, tiles));
  log::WitnessView last{"held", facts.leaves, frontier.root()};
  for (const auto& view : known) {
    if (view.size > last.size) last = view;
  }
  // The checkpoint kept with the keys is the old log's: it stays there under the old log's name.
  const auto kept = options.keys + "/checkpoint";
  const auto aside = kept + "." + base::to_hex(base::sha256(base::as_bytes(facts.origin))).substr(0, 8);
  std::error_code ignored;
  fs::rename(kept, aside, ignored);
  Scratch scratch(beside(options.folder, "beginning"));
  auto begun = [&]() -> Status {
    base::SystemClock clock;
    base::SystemRandom random;
    auto house = options;
    house.folder = scratch.folder();
    house.origin = asked.new_origin;
    LG_TRY(auto core, open_core(house, clock, random, false));
    engine::Command command;
    command.id = base::to_hex(random.bytes32()).substr(0, 32);
    command.institution = "predecessor";
    command.actor = "system";
    command.fields = {{"key", "1"},
                      {"old_origin", facts.origin},
                      {"old_key", facts.verifier_key},
                      {"held", facts.leaves},
                      {"held_root", base::to_hex(frontier.root())},
                      {"given_out", last.size},
                      {"given_out_root", base::to_hex(*last.root)},
                      {"missing", last.size - facts.leaves},
                      {"reason", asked.reason}};
    LG_TRY(const auto first, core.engine->call(std::move(command)));
    LG_ASSERT(first.seq == 0, "the citation of the old log is the first leaf of the new one");
    return base::Done{};
  }();
  if (!begun) {
    fs::rename(aside, kept, ignored);
    return begun;
  }
  return scratch.keep_as(options.folder);
}

Result<Rebuilt> rebuild_house(const HouseOptions& options, bool check) {
  const auto start = std::chrono::steady_clock::now();
  LG_TRY(const auto facts, store::look_at(options.folder));
  if (facts.origin.empty()) return base::fail("the log in " + options.folder + " has not begun");
  Scratch scratch(check ? beside(options.folder, "check") : std::string());
  if (check) LG_CHECK(store::back_up_folder(options.folder, scratch.folder()));
  LG_TRY(auto store, open_store(options, check ? scratch.folder() : options.folder, !check));
  LG_TRY(auto pack, institution::Pack::load(options.pack, options.data));
  engine::Options settings;
  settings.origin = facts.origin;
  settings.threaded = false;
  Rebuilt rebuilt;
  LG_TRY(rebuilt.before, store->table_hashes());
  Progress progress({"重建", "rebuilding"});
  LG_TRY(rebuilt.events, engine::Engine::rebuild(settings, *store, *pack, behaviours(),
                                                 [&](std::uint64_t done, std::uint64_t of) { progress.at(done, of); }));
  LG_TRY(rebuilt.after, store->table_hashes());
  rebuilt.differing = differing(rebuilt.before, rebuilt.after);
  rebuilt.ms = ms_since(start);
  return rebuilt;
}

Command backup_command() {
  struct Asked {
    HouseArguments house;
    std::string to;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{"backup", {"备份数据与账户，平台照常运行", "copy store and accounts, while the server runs"}, {}, {}, {}};
  command.needs("to", &asked->to, {"备份目录，新建或为空", "folder of the copy, new or empty"});
  add_house_options(command, asked->house);
  command.option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto start = std::chrono::steady_clock::now();
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    if (const auto done = back_up_house(*options, asked->to); !done) return tell(done.trouble(), asked->json);
    const auto facts = store::look_at(asked->to);
    if (!facts) return tell(facts.trouble(), asked->json);
    if (asked->json) {
      std::printf("%s\n", base::canonical(base::Json(base::JsonObject{{"origin", facts->origin},
                                                                      {"leaves", facts->leaves},
                                                                      {"bytes", facts->bytes},
                                                                      {"ms", ms_since(start)}}))
                              .c_str());
    } else {
      std::printf("%s: %llu 条 leaves, %.1f MB, %llu ms\n密钥不在其中，须另行备份 / the keys are not in it: copy %s apart\n",
                  facts->origin.c_str(), static_cast<unsigned long long>(facts->leaves),
                  static_cast<double>(facts->bytes) / 1e6, static_cast<unsigned long long>(ms_since(start)),
                  options->keys.c_str());
    }
    return k_done;
  };
  return command;
}

Command restore_command() {
  struct Asked {
    HouseArguments house;
    RestoreOptions restore;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{"restore",
                  {"由备份恢复到空目录；若已有人见过更长的日志则拒绝",
                   "restore a copy into an empty folder; refuses where more of the log has been seen"},
                  {},
                  {},
                  {}};
  command.needs("from", &asked->restore.from, {"备份目录", "folder of the copy"});
  add_house_options(command, asked->house);
  command
      .option("--checkpoint", &asked->restore.checkpoints,
              {"曾公布的检查点文件，可多次", "file of a checkpoint that was given out; may be repeated"})
      .option("--new-origin", &asked->restore.new_origin,
              {"末尾已无法找回：以此名另起新日志，首条载明旧日志与缺口",
               "the end is lost for good: begin a new log of this name, whose first leaf cites the old one and the gap"})
      .option("--reason", &asked->restore.reason, {"另起新日志的原因", "why a new log is begun"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto work = asked->restore.new_origin.empty() ? restore_house : succeed_house;
    if (const auto done = work(*options, asked->restore); !done) return tell(done.trouble(), asked->json);
    const auto facts = store::look_at(options->folder);
    if (!facts) return tell(facts.trouble(), asked->json);
    if (asked->json) {
      std::printf(
          "%s\n",
          base::canonical(base::Json(base::JsonObject{{"origin", facts->origin}, {"leaves", facts->leaves}})).c_str());
    } else {
      std::printf("%s: %llu 条 leaves → %s\n", facts->origin.c_str(), static_cast<unsigned long long>(facts->leaves),
                  options->folder.c_str());
    }
    return k_done;
  };
  return command;
}

Command rebuild_command() {
  struct Asked {
    HouseArguments house;
    bool check = false;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{
      "rebuild",
      {"由日志与保险库重建全部投影表并比对哈希", "make every projection again from log and vault, and compare hashes"},
      {},
      {},
      {}};
  add_house_options(command, asked->house);
  command
      .option("--check", &asked->check,
              {"在副本上重建，平台照常运行，数据不变", "in a copy, while the server runs; changes nothing"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto rebuilt = rebuild_house(*options, asked->check);
    if (!rebuilt) return tell(rebuilt.trouble(), asked->json);
    const bool same = rebuilt->differing.empty();
    if (asked->json) {
      base::JsonArray names(rebuilt->differing.begin(), rebuilt->differing.end());
      std::printf("%s\n", base::canonical(base::Json(base::JsonObject{{"events", rebuilt->events},
                                                                      {"ms", rebuilt->ms},
                                                                      {"before", rebuilt->before},
                                                                      {"after", rebuilt->after},
                                                                      {"differing", std::move(names)}}))
                              .c_str());
    } else {
      for (const auto& [table, hash] : rebuilt->after) {
        const auto* before = rebuilt->before.find(table);
        const bool equal = before != nullptr && *before == hash;
        std::printf("%s %s  %s\n", equal ? "=" : "≠", hash.as_string().c_str(), table.c_str());
      }
      for (const auto& name : rebuilt->differing) std::printf("不同 / differs: %s\n", name.c_str());
      std::printf("%llu 条 leaves, %llu ms: %s\n", static_cast<unsigned long long>(rebuilt->events),
                  static_cast<unsigned long long>(rebuilt->ms),
                  same ? "树、承诺、检查点与各表相符 / tree, commitments, checkpoint and tables fit"
                       : "投影表与日志不符 / tables were not those of the log");
    }
    return same ? k_done : k_refused;
  };
  return command;
}

Command upgrade_command() {
  struct Asked {
    HouseArguments house;
    bool dry_run = false;
    bool json = false;
  };
  auto asked = std::make_shared<Asked>();
  Command command{"upgrade", {"将数据升级到本版本的格式", "bring a store to this program's format"}, {}, {}, {}};
  add_house_options(command, asked->house);
  command.option("--dry-run", &asked->dry_run, {"只说明将做什么", "say what it would do, and do nothing"})
      .option("--json", &asked->json, {"以 JSON 输出", "print JSON"});
  command.run = [asked] {
    const auto options = house_of(asked->house);
    if (!options) return tell(options.trouble(), asked->json);
    const auto facts = store::look_at(options->folder);
    if (!facts) return tell(facts.trouble(), asked->json);
    if (!facts->ours || facts->format != facts->newest) {
      auto refusal = base::refuse("STORE-01", "数据由另一版本写成，或不是明鉴国土的数据",
                                  "the folder was written by another version, or by something else", options->folder);
      refusal.detail = base::alike(std::to_string(facts->format) + " ≠ " + std::to_string(facts->newest));
      return tell(refusal, asked->json);
    }
    // No release wrote a format below this one: there is nothing to come from. A later one adds its step here.
    if (asked->json) {
      std::printf("%s\n", base::canonical(base::Json(base::JsonObject{{"origin", facts->origin},
                                                                      {"format", facts->format},
                                                                      {"newest", facts->newest},
                                                                      {"steps", base::JsonArray{}}}))
                              .c_str());
    } else {
      std::printf("%s: 格式 format %lld, 本程序 this program %lld: 无需升级 / nothing to do\n", facts->origin.c_str(),
                  static_cast<long long>(facts->format), static_cast<long long>(facts->newest));
    }
    return k_done;
  };
  return command;
}

}  // namespace landglass::cli
