// Tips: 500 handed in at one moment. What each waits for is that it is decided (signature, locks, routing) and that the next
// beat has it on disk; what the hour costs is that all of them are entered, durable, with their roll.
//   tips_bench [how many]
#include <algorithm>
#include <chrono>

#include "base/bytes.hpp"
#include "engine/scenario_bidders.hpp"
#include "field.hpp"
#include "law/locked.hpp"
#include "law/tip_message.hpp"
#include "print.hpp"
#include "tips/postbox.hpp"

using namespace landglass;
using namespace landglass::bench;

namespace {

using Clock = std::chrono::steady_clock;
double ms_since(Clock::time_point start) { return std::chrono::duration<double, std::milli>(Clock::now() - start).count(); }

struct Times {
  std::vector<double> ms;
  double at(double share) {
    std::sort(ms.begin(), ms.end());
    return ms.empty() ? 0 : ms[std::min(ms.size() - 1, static_cast<std::size_t>(share * static_cast<double>(ms.size())))];
  }
};

// As a browser makes it: to one of two investigators of the province, about the head of the county's bureau.
tips::Letter letter(int n, const std::vector<std::string>& openers, const std::vector<base::Bytes>& keys) {
  const auto seed = base::sha256(base::as_bytes("tip " + std::to_string(n)));
  const auto voice = base::Ed25519Key::from_seed(seed);
  const auto reply = law::OpenerKey::from_secret(seed);
  const auto id = base::to_hex(base::BytesView(seed).subspan(0, 16));
  const auto doc = must(law::lock(must(law::tip_value("举报第 " + std::to_string(n) + " 件")), 1, keys));
  base::JsonArray list;
  for (const auto& one : openers) list.emplace_back(one);
  return {id,
          "tip",
          {{"document", base::canonical(doc)},
           {"openers", std::move(list)},
           {"subject_office", "office/zrzy"},
           {"about_head", true},
           {"voice", base::to_base64url(voice.public_key())},
           {"reply_key", base::to_base64url(reply.public_key)},
           {"sig", base::to_base64url(voice.sign(base::as_bytes(law::tip_voice_bytes(id, doc.text("commitment")))))}}};
}

void measure(int count) {
  const auto folder = place("tips");
  {
    base::VirtualClock clock(must(base::Result<base::Time>(*base::parse_time("2026-03-02T01:00:00.000Z"))));
    base::SystemRandom random;
    std::vector<std::string> openers;
    {
      auto house = open(folder, clock, random, false, false);
      cli::Town town(*house.engine, *house.store, &clock, 2026);
      for (const auto* world : {"county", "oversight", "tips"})
        must(town.found("packs/cn-land/worlds/" + std::string(world) + ".yaml", k_region));
      openers = {town.who("opener-tipprov1"), town.who("opener-tipprov2")};
      house.engine->stop();
    }
    const std::vector<base::Bytes> keys{*base::from_base64url(engine::ScenarioBidders::opener_key(3)),
                                        *base::from_base64url(engine::ScenarioBidders::opener_key(4))};
    auto house = open(folder, clock, random, true, true);
    tips::PostboxOptions options;
    options.file = folder + "/data/tips.box";
    auto box = must(tips::Postbox::open(options, *house.engine, clock, random));
    std::vector<tips::Letter> letters;
    for (int i = 0; i < count; ++i) letters.push_back(letter(i, openers, keys));
    Times decided, kept;
    std::vector<Clock::time_point> sent(letters.size());
    std::uint64_t refused = 0;
    const auto all = Clock::now();
    for (std::size_t i = 0; i < letters.size(); ++i) {
      sent[i] = Clock::now();
      box->put(letters[i], [&, i](const base::Result<tips::Promise>& promise) {
        if (!promise) ++refused;
        kept.ms.push_back(ms_since(sent[i]));
      });
      decided.ms.push_back(ms_since(sent[i]));
    }
    const auto beat = Clock::now();
    clock.set(clock.now() + 20 * base::k_second);
    must(box->turn());
    const auto beat_ms = ms_since(beat);
    const auto stored_ms = ms_since(all);
    if (refused > 0 || kept.ms.size() != letters.size())
      std::fprintf(stderr, "bench: %llu tips were refused\n", static_cast<unsigned long long>(refused));
    print({"tips: each decided when it comes, " + std::to_string(count) + " at once",
           1000.0 * count / stored_ms,
           "tips/s",
           decided.at(0.5),
           decided.at(0.99),
           refused,
           {},
           0,
           0,
           0,
           0});
    print({"tips: all " + std::to_string(count) + " on disk with the beat, without the wait for it (20 s at most)",
           stored_ms,
           "ms",
           kept.at(0.5),
           kept.at(0.99),
           0,
           {},
           0,
           0,
           0,
           0});
    print({"tips: the beat that writes them", beat_ms, "ms", 0, 0, 0, {}, 0, 0, 0, 0});
    clock.set(clock.now() + base::k_hour);
    const auto hour = Clock::now();
    must(box->turn());
    const auto entered_ms = ms_since(hour);
    std::uint64_t entered = 0;
    house.engine->inspect([&](institution::Registry&, engine::Cache& cache) {
      for (const auto& one : letters) {
        const auto found = cache.find("tip/" + one.id);
        if (found && *found != nullptr) ++entered;
      }
    });
    if (entered != letters.size())
      std::fprintf(stderr, "bench: only %llu tips were entered\n", static_cast<unsigned long long>(entered));
    print({"tips: the roll and " + std::to_string(entered) + " sealed leaves of the hour, durable",
           entered_ms,
           "ms",
           0,
           0,
           0,
           {},
           0,
           0,
           0,
           0});
    house.engine->stop();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  measure(argc > 1 ? std::atoi(argv[1]) : 500);
  return 0;
}
