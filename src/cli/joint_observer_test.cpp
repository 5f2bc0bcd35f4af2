// What the public can learn of a joint act while it waits for the second person: who gave it, and nothing of what.
#include <gtest/gtest.h>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "cli/behaviours.hpp"
#include "engine/scenario.hpp"
#include "log/leaf.hpp"

namespace landglass::cli {
namespace {

using base::Json;
using base::JsonObject;

std::string digest_of(const JsonObject& fields) {
  return base::to_hex(base::sha256(base::as_bytes(base::canonical(Json(fields)))));
}

TEST(JointObserver, AWaitingActIsNotConfirmedByWhoGuessesIt) {
  // The observer guesses right: the new name and the paper of a company's renaming that one organiser has given.
  const JsonObject guess{{"evidence", "0000000000000000000000000000000000000000000000000000000000000001"},
                         {"name", "福州榕建集团有限公司"},
                         {"reason", "更名"}};
  engine::Coverage coverage;
  int waiting = 0;
  const auto look = [&](store::Store& store) -> std::string {
    const auto count = store.leaf_count(log::Tree::open);
    const auto all = store.leaves(log::Tree::open, 0, *count);
    for (const auto& bytes : *all) {
      EXPECT_EQ(bytes.find(digest_of(guess)), std::string::npos) << bytes;
      const auto leaf = log::decode(bytes);
      if (!leaf || leaf->change.action != "rename:concur") continue;
      const auto* commitment = leaf->change.commit.find("joint:rename");
      if (commitment == nullptr) return "nothing is committed: " + bytes;
      // It is the digest all the same: whoever may open the vault can show which act waited.
      const auto secret = store.secret(log::Tree::open, leaf->seq, "joint:rename");
      if (!secret || !*secret) return "no opening";
      EXPECT_EQ(
          base::to_hex(log::commitment((*secret)->salt, leaf->origin, leaf->command, "joint:rename", (*secret)->value)),
          commitment->as_string());
      waiting += (*secret)->value == Json(digest_of(guess)) ? 1 : 0;
    }
    // Nor in any table that the public may read.
    const auto reader = store.reader(store::Sight::open);
    const auto rows = (*reader)->query("SELECT json_group_array(doc) FROM party_public", {});
    if (!rows) return base::explain(rows.trouble());
    EXPECT_FALSE(rows->front()[0].as_string().empty());
    EXPECT_EQ(rows->front()[0].as_string().find(digest_of(guess)), std::string::npos);
    return {};
  };
  const auto played = engine::play_scenarios(LG_SOURCE_DIR "/packs/cn-land", LG_SOURCE_DIR "/build/data", "party.test",
                                             behaviours, coverage, look);
  ASSERT_TRUE(played) << base::explain(played.trouble());
  for (const auto& one : *played) EXPECT_TRUE(one.passed) << one.name << "\n" << one.why;
  EXPECT_GT(waiting, 0) << "no scenario gave the act that is guessed";
}

}  // namespace
}  // namespace landglass::cli
