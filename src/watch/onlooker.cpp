// A watch in a scenario: after each step it says all that it has to say, and `warned`, `not_warned` ask what stands.
#include "watch/onlooker.hpp"

#include <functional>

#include "watch/watch.hpp"

namespace landglass::watch {
namespace {

class Looking final : public engine::Onlooker {
 public:
  Looking(std::unique_ptr<Watch> watch, std::string trouble, Fired& fired)
      : watch_(std::move(watch)), trouble_(std::move(trouble)), fired_(fired) {
    note_codes();
  }

  std::string after_step() override {
    if (!trouble_.empty()) return trouble_;
    const auto settled = watch_->settle();
    if (!settled) return base::explain(settled.trouble());
    note_codes();
    // Step by step the same as all at once, whatever the scenario plays.
    const auto batch = watch_->book().batch(now_());
    if (!batch) return base::explain(batch.trouble());
    if (*batch != watch_->findings()) return "the rules run step by step find something else than run all at once";
    return {};
  }

  std::string expect(const institution::Node& then) const override {
    if (!trouble_.empty()) return trouble_;
    const auto& rules = watch_->book().rules();
    for (const auto* word : {"warned", "not_warned"}) {
      for (const auto& item : then.at(word).items) {
        if (!codes_.contains(item.scalar)) return std::string(word) + ": no rule has the code " + item.scalar;
      }
    }
    std::set<std::string> standing;
    for (const auto& [place, finding] : watch_->findings()) standing.insert(rules[place.rule].code);
    for (const auto& item : then.at("warned").items) {
      if (!standing.contains(item.scalar))
        return "expected the rule " + item.scalar + " to fire; standing: " + joined(standing);
      fired_.fired.insert(item.scalar);
    }
    for (const auto& item : then.at("not_warned").items) {
      if (standing.contains(item.scalar)) return "expected the rule " + item.scalar + " not to fire";
      fired_.stayed_silent.insert(item.scalar);
    }
    return {};
  }
  void tell_time(std::function<base::Time()> now) { now_ = std::move(now); }

 private:
  static std::string joined(const std::set<std::string>& codes) {
    std::string text;
    for (const auto& code : codes) text += (text.empty() ? "" : " ") + code;
    return text.empty() ? "none" : text;
  }
  void note_codes() {
    if (!watch_) return;
    for (const auto& rule : watch_->book().rules()) codes_.insert(rule.code);
  }
  std::unique_ptr<Watch> watch_;
  std::string trouble_;
  std::set<std::string> codes_;  // of every rule that ran so far, also of one that has ended
  Fired& fired_;
  std::function<base::Time()> now_;
};

}  // namespace

base::Result<std::vector<Rule>> checked_rules(const institution::Pack& pack) {
  return checked_rules(pack.rule_files(), pack);
}

std::vector<std::string> rule_faults(const std::vector<Rule>& rules, const Fired& fired) {
  std::vector<std::string> faults;
  for (const auto& rule : rules) {
    if (rule.off) continue;
    if (!fired.fired.contains(rule.code)) faults.push_back(rule.file + ": " + rule.code + " fires in no scenario");
    if (!fired.stayed_silent.contains(rule.code))
      faults.push_back(rule.file + ": " + rule.code + " has no scenario in which it does not fire");
  }
  return faults;
}

engine::Onlookers onlookers(Fired& fired) {
  return [&fired](engine::Engine& engine, store::Store& store, const institution::Pack& pack, base::Clock& clock) {
    auto watch = Watch::open(engine, store, pack, clock);
    auto looking = watch ? std::make_unique<Looking>(*std::move(watch), "", fired)
                         : std::make_unique<Looking>(nullptr, base::explain(watch.trouble()), fired);
    looking->tell_time([&clock] { return clock.now(); });
    return std::unique_ptr<engine::Onlooker>(std::move(looking));
  };
}

}  // namespace landglass::watch
