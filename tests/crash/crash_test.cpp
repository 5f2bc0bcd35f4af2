// A bidding war in which the server dies, again and again: killed at a random point of serving, of committing, of starting;
// by an fsync that fails, a full disk, a power cut. After each death every bid that was acknowledged is found, proven by its
// receipt; and of all checkpoints that were ever given out none tells another history.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "base/json.hpp"
#include "promises.hpp"
#include "store/folder.hpp"
#include "war.hpp"
#include "web/loopback.hpp"

using namespace landglass;
using tests::Fault;
using tests::Fighter;
using tests::Promise;
using tests::Promises;
using tests::War;

namespace {

namespace fs = std::filesystem;
using Steady = std::chrono::steady_clock;

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const auto* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}
double ms_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

// One bidder at his keyboard. A bid without an answer is in doubt, and he sends it again, the same bytes, when the server is
// back.
class Bidder {
 public:
  Bidder(const War& war, Fighter& fighter, std::atomic<std::int64_t>& price) : war_(war), fighter_(fighter), price_(price) {}

  void fight(std::uint16_t port) {
    web::Loopback line(port);
    for (;;) {
      if (doubt_.empty()) doubt_ = next();
      if (!line.send(doubt_)) return;
      const auto reply = line.reply();
      if (reply.empty()) return;
      if (reply.substr(9, 3) == "503") {  // nothing was begun: the same bid again, or the price would run into the guard
        ++refused;
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        continue;
      }
      doubt_.clear();
      take(reply);
    }
  }

  std::vector<Promise> made;         // since the last death
  std::vector<std::uint64_t> again;  // told by index, of a bid in doubt that had been logged
  std::uint64_t refused = 0;
  std::string strange;  // an answer that should not be

 private:
  std::string next() {
    const auto price = base::money_text({war_.start_fen() + war_.step_fen() * price_.fetch_add(1)});
    ++counter_;
    const base::Json statement(base::JsonObject{{"counter", counter_},
                                                {"lot", war_.lot()},
                                                {"origin", war_.origin()},
                                                {"plate", fighter_.plate},
                                                {"price", price},
                                                {"rule_sheet", war_.rule_sheet()}});
    const auto signature = fighter_.key.sign(base::as_bytes("landglass/bid/1\n" + base::canonical(statement)));
    base::JsonObject body = statement.as_object();
    body["sig"] = base::JsonObject{
        {"alg", "es256"}, {"key", base::to_base64url(fighter_.key.public_key())}, {"bytes", base::to_base64url(signature)}};
    const auto text = base::canonical(base::Json(std::move(body)));
    return "POST /bids/" + war_.lot().substr(war_.lot().find('/') + 1) +
           " HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n" + "Cookie: session=" + fighter_.cookie +
           "\r\nX-CSRF-Token: " + fighter_.csrf +
           "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" + text;
  }

  void take(const std::string& reply) {
    const auto status = reply.substr(9, 3);
    const auto body = base::parse_json(reply.substr(reply.find("\r\n\r\n") + 4), base::Profile::any);
    if (status == "422") {  // too low by now
      ++refused;
      return;
    }
    if (status != "200" || !body || !body->at("index").is_int()) {
      strange = reply;
      return;
    }
    const auto index = static_cast<std::uint64_t>(body->at("index").as_int());
    if (body->at("leaf").is_null()) {
      again.push_back(index);
      return;
    }
    Promise promise{index, body->at("leaf").as_string(), {}, body->at("checkpoint").as_string()};
    for (const auto& one : body->at("proof").as_array()) {
      const auto bytes = base::from_base64(one.as_string());
      log::Hash hash{};
      if (bytes && bytes->size() == hash.size()) std::copy(bytes->begin(), bytes->end(), hash.begin());
      promise.proof.push_back(hash);
    }
    made.push_back(std::move(promise));
  }

  const War& war_;
  Fighter& fighter_;
  std::atomic<std::int64_t>& price_;
  std::int64_t counter_ = 0;
  std::string doubt_;
};

struct Figures {
  std::uint64_t killed = 0, broken = 0, at_start = 0, doubtful = 0, refused = 0, old_copies = 0;
  std::vector<double> starts_ms;

  void add(const Figures& of) {
    killed += of.killed;
    broken += of.broken;
    at_start += of.at_start;
    doubtful += of.doubtful;
    refused += of.refused;
    old_copies += of.old_copies;
    starts_ms.insert(starts_ms.end(), of.starts_ms.begin(), of.starts_ms.end());
  }
};

class Campaign {
 public:
  Campaign(std::string folder, std::uint64_t seed)
      : folder_(std::move(folder)), war_(folder_), promises_(war_.verifier()), random_(seed) {
    for (auto& fighter : war_.fighters()) bidders_.emplace_back(war_, fighter, price_);
  }

  // One life of the server. Empty, or what was broken.
  std::string live_and_die(Fault fault) {
    const auto begun = Steady::now();
    const auto child = war_.start(fault, random_.below(1U << 30));
    const bool early = fault == Fault::none && random_.below(8) == 0;
    if (early) {
      std::this_thread::sleep_for(std::chrono::microseconds(random_.below(60'000)));
      ++figures.at_start;
    } else {
      const auto port = war_.port_of(child);
      if (port == 0 && fault == Fault::none) return "the server did not start again";
      if (port != 0) {
        figures.starts_ms.push_back(ms_since(begun));
        fight(port, child, fault);
      }
    }
    const bool by_us = fault == Fault::none;
    if (by_us) ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (by_us && !WIFSIGNALED(status)) return "the server ended by itself, status " + std::to_string(status);
    ++(WIFSIGNALED(status) ? figures.killed : figures.broken);
    return settle();
  }

  // A copy is taken while the war goes on, and set up again when the log has grown: it must not write.
  std::string old_copy_refuses() {
    const auto copy = folder_ + "/copy";
    fs::remove_all(copy);
    const auto child = war_.start(Fault::none, 0);
    const auto port = war_.port_of(child);
    std::string wrong;
    std::thread copying([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      if (const auto done = store::back_up_folder(war_.store_folder(), copy); !done)
        wrong = "no copy: " + base::explain(done.trouble());
    });
    fight(port, child, Fault::none);
    copying.join();
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (wrong.empty()) wrong = settle();
    if (const auto done = war_.recover(copy); wrong.empty() && !done)
      wrong = "a copy does not open: " + base::explain(done.trouble());
    const auto held = store::look_at(copy);
    if (wrong.empty() && !held) wrong = base::explain(held.trouble());
    if (!wrong.empty()) return wrong;
    // Grow past it, whatever the copy caught; on a busy machine many lives end before a bid is answered.
    for (int i = 0; i < 200 && promises_.last().size <= held->leaves; ++i) {
      if (wrong = live_and_die(Fault::none); !wrong.empty()) return wrong;
    }
    if (promises_.last().size <= held->leaves) return "the log did not grow";
    const auto refused = war_.starts(copy, {promises_.last()});
    if (!refused.refused() || refused.refusal().code != "LOG-01")
      return "an old copy of " + std::to_string(held->leaves) + " leaves started where " +
             std::to_string(promises_.last().size) + " had been given out";
    // What it was when it was taken, it still is: with nothing more known of the log it starts.
    if (const auto starts = war_.starts(copy, {}); !starts)
      return "a copy does not start: " + base::explain(starts.trouble());
    ++figures.old_copies;
    return {};
  }

  Promises& promises() { return promises_; }
  Figures figures;

 private:
  void fight(std::uint16_t port, pid_t child, Fault fault) {
    std::vector<std::thread> threads;
    for (auto& bidder : bidders_) threads.emplace_back([&bidder, port] { bidder.fight(port); });
    if (fault == Fault::none) {
      std::this_thread::sleep_for(std::chrono::microseconds(1'000 + random_.below(80'000)));
      ::kill(child, SIGKILL);
    } else {
      // It dies of its disk; where the fault never came up it is killed after a while.
      for (int i = 0; i < 200; ++i) {
        siginfo_t about{};
        ::waitid(P_PID, static_cast<id_t>(child), &about, WEXITED | WNOHANG | WNOWAIT);
        if (about.si_pid == child) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
      ::kill(child, SIGKILL);
    }
    for (auto& thread : threads) thread.join();
  }

  // In a copy, so that the next life finds what this one left, in its journal too.
  std::string settle() {
    const auto copy = folder_ + "/as it was left";
    fs::remove_all(copy);
    if (const auto done = store::back_up_folder(war_.store_folder(), copy); !done)
      return "what was left cannot be copied: " + base::explain(done.trouble());
    if (const auto done = war_.recover(copy); !done) return "what was left does not open: " + base::explain(done.trouble());
    for (auto& bidder : bidders_) {
      if (!bidder.strange.empty()) return "an answer that should not be: " + bidder.strange;
      if (auto wrong = promises_.settle(copy, bidder.made); !wrong.empty()) return wrong;
      bidder.made.clear();
      for (const auto index : bidder.again) {
        if (auto wrong = promises_.holds(index); !wrong.empty()) return wrong;
        ++figures.doubtful;
      }
      bidder.again.clear();
      figures.refused += std::exchange(bidder.refused, 0);
    }
    return {};
  }

  std::string folder_;
  War war_;
  Promises promises_;
  base::SeededRandom random_;
  std::atomic<std::int64_t> price_{1};
  std::vector<Bidder> bidders_;
};

}  // namespace

namespace {

constexpr std::uint64_t k_war = 400;  // kills in one war: each death copies its folder, which grows

struct Total {
  Figures figures;
  std::uint64_t kept = 0, leaves = 0, checkpoints = 0;
  double founded_ms = 0;
};

// One war of so many kills in a folder of its own. Empty, or what was broken; then its folder stays.
std::string wage(std::uint64_t kills, std::uint64_t seed, Total& total) {
  std::string folder = fs::temp_directory_path() / "landglass-crash-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) return "no temporary folder";
  const auto begun = Steady::now();
  Campaign campaign(folder, seed);
  total.founded_ms += ms_since(begun);
  auto& figures = campaign.figures;
  constexpr Fault k_faults[] = {Fault::fsync, Fault::full, Fault::power};
  for (std::uint64_t life = 0; figures.killed < kills; ++life) {
    auto wrong = campaign.live_and_die(Fault::none);
    if (wrong.empty() && life % 10 == 3) wrong = campaign.live_and_die(k_faults[life / 10 % 3]);
    if (wrong.empty() && life % 40 == 7) wrong = campaign.old_copy_refuses();
    if (!wrong.empty()) return wrong + "; life " + std::to_string(life) + ", kept in " + folder;
  }
  auto& promises = campaign.promises();
  if (auto wrong = promises.one_history(); !wrong.empty()) return wrong + "; kept in " + folder;
  total.figures.add(figures);
  total.kept += promises.kept();
  total.leaves += promises.leaves();
  total.checkpoints += promises.checkpoints();
  fs::remove_all(folder);
  return {};
}

}  // namespace

TEST(Crash, EveryAcknowledgedBidIsProvenAndThereIsOneHistory) {
  const auto kills = number("LG_KILLS", 200);
  const auto seed = number("LG_SEED", static_cast<std::uint64_t>(base::SystemClock().now().ms));
  std::printf("LG_SEED=%llu\n", static_cast<unsigned long long>(seed));
  const auto begun = Steady::now();
  Total total;
  auto& figures = total.figures;
  std::uint64_t wars = 0;
  for (; figures.killed < kills; ++wars) {
    ASSERT_EQ(wage(std::min(k_war, kills - figures.killed), seed + wars, total), "") << "LG_SEED=" << seed + wars;
    if (kills > k_war) {
      std::printf("%llu kills so far, every promise kept\n", static_cast<unsigned long long>(figures.killed));
      std::fflush(stdout);
    }
  }
  EXPECT_GT(total.kept, kills) << "hardly a bid was acknowledged: the test tries nothing";
  // Of few lives whose disk is to fail each may be killed before it does, a slow build's more so.
  if (kills >= 200) {
    EXPECT_GT(figures.broken, 0U) << "no disk failed";
  }
  EXPECT_GT(figures.old_copies, 0U);
  std::sort(figures.starts_ms.begin(), figures.starts_ms.end());
  const auto at = [&](double share) {
    return figures.starts_ms[static_cast<std::size_t>(share * static_cast<double>(figures.starts_ms.size() - 1))];
  };
  const auto count = [](std::uint64_t value) { return static_cast<unsigned long long>(value); };
  std::printf(
      "%llu kills (%llu while starting), %llu deaths of a disk, %llu old copies refused, in %.1f s (%llu wars, %.1f s to "
      "found)\n%llu bids acknowledged, all proven; %llu in doubt that had been logged; %llu refused; %llu leaves; %llu "
      "checkpoints, of each war one history\nfork to serving: median %.0f ms, 99%% %.0f ms, longest %.0f ms\n",
      count(figures.killed), count(figures.at_start), count(figures.broken), count(figures.old_copies),
      ms_since(begun) / 1'000, count(wars), total.founded_ms / 1'000, count(total.kept), count(figures.doubtful),
      count(figures.refused), count(total.leaves), count(total.checkpoints), at(0.5), at(0.99), at(1));
}
