// Tips in the town (docs/formats/tips.md): locked as a browser does, kept for the roll, entered with their place in it.
// Where the live platform gives a roll out every hour, a played year has one a day.
#include <filesystem>
#include <fstream>
#include <numeric>

#include "cli/town.hpp"
#include "engine/scenario_bidders.hpp"
#include "log/tip_roll.hpp"

namespace landglass::cli {

using base::JsonObject;
using base::Result;
using base::Status;

namespace {

// As the postbox names it, in world time.
std::string hour_text(base::Time time) {
  const auto iso = base::format_utc(time);  // 2026-11-27T15:00:00.000Z
  return iso.substr(0, 4) + iso.substr(5, 2) + iso.substr(8, 2) + "-" + iso.substr(11, 2) + iso.substr(14, 2);
}

Status lock(engine::Engine& engine, engine::Command& command, std::string_view text, std::size_t together) {
  engine::ScenarioBidders::Tip given{std::string(text)};
  given.together = together;
  Status locked = base::Done{};
  engine.inspect(
      [&](institution::Registry&, engine::Cache& cache) { locked = engine::ScenarioBidders::tip(command, cache, given); });
  return locked;
}

}  // namespace

Result<std::string> Town::report(std::string_view institution, JsonObject fields, std::string_view text,
                                 std::size_t together) {
  engine::Command command;
  command.id = fresh_id(institution);
  command.actor = "system";
  command.institution = institution;
  command.fields = std::move(fields);
  LG_CHECK(lock(engine_, command, text, together));
  letters_.push_back(std::move(command));
  return std::string(institution) + "/" + letters_.back().id;
}

Result<engine::Answer> Town::answer_tip(std::string_view by, JsonObject fields, std::string_view text) {
  return create(by, "tip-message", std::move(fields),
                [&](engine::Command& command) { return lock(engine_, command, text, 1); });
}

Status Town::give_out_roll() {
  auto letters = std::exchange(letters_, {});
  std::vector<base::Hash> entries;
  for (const auto& one : letters) entries.push_back(log::roll_entry(one.fields.text("document")));
  const auto roll = log::make_roll(entries, random_);
  LG_TRY(const auto given, create("system", "tip-roll", {{"hour", hour_text(now())}, {"root", base::to_hex(roll.root)}}));
  for (std::size_t i = 0; i < letters.size(); ++i) {
    std::string proof;
    for (const auto& hash : roll.places[i].proof) proof += (proof.empty() ? "" : " ") + base::to_base64url(hash);
    letters[i].fields["roll"] = given.record;
    letters[i].fields["roll_index"] = static_cast<std::int64_t>(roll.places[i].index);
    letters[i].fields["roll_proof"] = std::move(proof);
    LG_TRY(const auto entered, engine_.call(letters[i]));
  }
  return base::Done{};
}

// A town's secrets are known (docs/formats/locked.md), so whoever plays an investigator of it can be given his key.
Result<std::vector<std::pair<std::string, std::string>>> Town::write_tip_keys(const std::string& folder) {
  namespace fs = std::filesystem;
  constexpr int k_openers = 16;  // of a world, at most
  std::vector<std::pair<std::string, std::string>> written;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return base::fail("create " + folder + ": " + error.message());
  for (const auto* name : {"tipcounty", "tipbureau", "tipprov1", "tipprov2", "tipprov3"}) {
    const std::string key(doc(who(std::string("opener-") + name)).at("fields").text("key"));
    for (int number = 1; number <= k_openers && !key.empty(); ++number) {
      if (engine::ScenarioBidders::opener_key(number) != key) continue;
      const auto path = (fs::path(folder) / (std::string(name) + ".key")).string();
      std::ofstream out(path);
      fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write, error);
      out << engine::ScenarioBidders::opener_secret(number) << '\n';
      out.close();
      if (!out || error) return base::fail("a key could not be written: " + path);
      written.emplace_back(name, path);
    }
  }
  return written;
}

}  // namespace landglass::cli
