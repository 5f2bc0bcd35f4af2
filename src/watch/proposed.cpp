#include "watch/proposed.hpp"

#include <algorithm>

#include "institution/yaml.hpp"
#include "watch/rule_book.hpp"
#include "watch/words_read.hpp"

namespace landglass::watch {

using base::Result;
using base::Status;
using institution::RuleFile;

namespace {

Result<bool> is_rule(const RuleFile& file) {
  LG_TRY(const auto root, institution::read_yaml(file.bytes, file.file));
  return !root.at("rule").is_absent();
}

base::Refusal blinded(const RuleFile& by, base::Text why) {
  auto refusal = base::refuse("PACK-13", "预警规则将无法运行于此新版本", "a rule of the watch would no longer run over it",
                              by.file + ": " + by.name);
  refusal.detail = std::move(why);
  return refusal;
}

// What is in force on a day, as those days come.
struct Then {
  institution::Pack pack;
  std::vector<RuleFile> rules;

  Status put(const RuleFile& file, bool rule) {
    if (rule) {
      std::erase_if(rules, [&](const auto& one) { return one.name == file.name; });
      rules.push_back(file);
      return base::Done{};
    }
    if (pack.by_hash(file.hash) == nullptr) LG_CHECK(pack.add_version("", file.bytes));
    return pack.put_in_force(file.hash);
  }
};

// A version must leave every rule running, over its columns and over what only documents hold.
Status after_version(const RuleFile& file, const Then& now, const institution::Institution* was) {
  const auto runs = checked_rules(now.rules, now.pack);
  if (runs.failed()) return runs.trouble();
  if (runs.refused()) return blinded(file, base::alike(base::explain(runs.trouble())));
  const auto* is = now.pack.by_hash(file.hash);
  if (was == nullptr || is == nullptr) return base::Done{};
  for (const auto& rule : *runs) {
    if (const auto gone = word_gone(rule, *was, *is); !gone.empty())
      return blinded(file,
                     {rule.file + "：所读的 " + gone + " 不再有", rule.file + ": " + gone + ", which it reads, is gone"});
  }
  return base::Done{};
}

}  // namespace

Result<engine::RuleRead> read_proposed(const RuleFile& proposed, const std::vector<RuleFile>& files,
                                       const institution::Pack& pack) {
  std::vector<RuleFile> in_force, coming;
  for (const auto& file : files) (file.from ? coming : in_force).push_back(file);
  LG_TRY(const auto is_a_rule, is_rule(proposed));
  engine::RuleRead read{proposed.name, {}};
  if (is_a_rule) {
    LG_TRY(const auto before, load_rules(in_force, pack));
    LG_TRY(const auto alone, load_rules({proposed}, pack));
    const auto& now = alone.front();
    const auto was = std::find_if(before.begin(), before.end(), [&](const Rule& one) { return one.name == now.name; });
    if (was != before.end() && (was->code != now.code || was->subject != now.subject))
      return base::refuse("PACK-10", "规则的代码和对象不得改变", "a rule keeps its code and its subject", proposed.file);
    read = {now.name, {now.law.rule}};
    for (const auto& threshold : now.thresholds) {
      if (std::find(read.cites.begin(), read.cites.end(), threshold.basis.rule) == read.cites.end())
        read.cites.push_back(threshold.basis.rule);
    }
  }
  // Day by day: those that come before it were held against each other when they were released.
  coming.push_back(proposed);
  std::stable_sort(coming.begin(), coming.end(), [](const auto& a, const auto& b) { return a.from < b.from; });
  Then then{pack, in_force};
  bool has_come = false;
  for (const auto& one : coming) {
    has_come = has_come || one.hash == proposed.hash;
    LG_TRY(const auto rule, is_rule(one));
    const institution::Institution* was = nullptr;
    if (!rule) {
      LG_TRY(const auto root, institution::read_yaml(one.bytes, one.file));
      was = then.pack.current(root.text("institution"));
      // The other institutions must read what they read of it on that day, too.
      if (has_come) LG_CHECK(then.pack.candidate(one.bytes));
    }
    LG_CHECK(then.put(one, rule));
    if (!has_come) continue;
    if (!rule) {
      LG_CHECK(after_version(one, then, was));
    } else if (const auto runs = checked_rules(then.rules, then.pack); !runs) {
      return runs.trouble();
    }
  }
  return read;
}

}  // namespace landglass::watch
