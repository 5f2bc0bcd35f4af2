#include "cli/check.hpp"

#include <algorithm>
#include <cstdio>
#include <map>
#include <set>

#include "cli/behaviours.hpp"
#include "cli/sale_audit.hpp"
#include "disclosure/archive.hpp"
#include "disclosure/work_report.hpp"
#include "engine/scenario.hpp"
#include "institution/rules_cited.hpp"
#include "watch/onlooker.hpp"

namespace landglass::cli {
namespace {

using institution::Institution;

std::string joined(const std::set<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

std::set<std::string> reads_of(const Institution& in) {
  std::set<std::string> reads;
  const auto add = [&](const law::Expression& one) { reads.insert(one.reads().begin(), one.reads().end()); };
  const auto of_action = [&](const institution::Action& action) {
    for (const auto& check : action.checks) add(check.that);
    for (const auto& [field, expression] : action.set) add(expression);
    for (const auto& target : action.to) {
      if (target.when) add(*target.when);
    }
    for (const auto& effect : action.effects) {
      if (effect.when) add(*effect.when);
      for (const auto& [field, expression] : effect.with) add(expression);
    }
  };
  of_action(in.create);
  for (const auto& action : in.always) of_action(action);
  const auto of_region = [&](const institution::Region& region) {
    for (const auto& state : region.states) {
      for (const auto& action : state.actions) of_action(action);
      for (const auto& deadline : state.after) {
        if (deadline.at) add(*deadline.at);
      }
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  std::set<std::string> beyond;  // facts and parameters only: the record's own fields are no news
  for (const auto& path : reads) {
    const auto name = path.substr(0, path.find('.'));
    if (in.fact(name) != nullptr || in.parameter(name) != nullptr) beyond.insert(path);
  }
  return beyond;
}

struct Counts {
  int states = 0;
  int actions = 1;
  int checks = 0;
  int lines = 0;  // of the file
};
Counts counts_of(const institution::Pack& pack, const Institution& in) {
  Counts counts;
  const auto& bytes = pack.bytes(in.hash);
  counts.lines = static_cast<int>(std::count(bytes.begin(), bytes.end(), '\n'));
  counts.checks += static_cast<int>(in.create.checks.size());
  const auto of_region = [&](const institution::Region& region) {
    counts.states += static_cast<int>(region.states.size());
    for (const auto& state : region.states) {
      counts.actions += static_cast<int>(state.actions.size());
      for (const auto& action : state.actions) counts.checks += static_cast<int>(action.checks.size());
    }
  };
  of_region(in.main);
  for (const auto& region : in.parallel) of_region(region);
  counts.actions += static_cast<int>(in.always.size());
  for (const auto& action : in.always) counts.checks += static_cast<int>(action.checks.size());
  return counts;
}

// A file in force that stands on a rule which is no longer: no fault, for what was done under it was done under it.
std::vector<std::string> outlived(const institution::Pack& pack, base::Date today) {
  std::vector<std::string> list;
  for (const auto* in : pack.all()) {
    if (in->until && *in->until < today) continue;
    for (const auto& id : institution::rules_cited(*in)) {
      const auto* rule = pack.rule(id);
      const auto until = rule == nullptr ? std::nullopt : base::parse_date(rule->until);
      if (until && *until < today)
        list.push_back(in->file + ": cites " + id + " (" + rule->title.zh + "), repealed on " + rule->until);
    }
  }
  return list;
}

// The report's file reads, and its queries are answered by the tables of this pack.
base::Status report_counts(const std::string& folder, const institution::Pack& pack) {
  const auto report = disclosure::load_work_report(folder, pack);
  if (report.refused() && report.refusal().code == "PACK-03") return base::Done{};  // a pack may have none
  if (!report) return report.trouble();
  LG_TRY(const auto store, store::open_sqlite({":memory:", {}, false, 0, {}}));
  LG_CHECK(store->shape(engine::Cache::shapes(pack)));
  LG_TRY(const auto reader, store->reader(store::Sight::open));
  LG_TRY(const auto counted, disclosure::count_report(*report, *reader, 2011, 0));
  return base::Done{};
}

}  // namespace

int check_pack(const CheckOptions& options) {
  auto pack = institution::Pack::load(options.pack, options.data);
  if (!pack) return tell(pack.trouble(), options.json);
  engine::Coverage coverage;
  const auto rules = watch::checked_rules(**pack);
  if (!rules) return tell(rules.trouble(), options.json);
  watch::Fired fired;
  auto played = engine::play_scenarios(options.pack, options.data, options.only, behaviours, coverage, audit_sales,
                                       watch::onlookers(fired));
  if (!played) return tell(played.trouble(), options.json);
  std::map<std::string, int> scenarios;
  int failed = 0;
  for (const auto& one : *played) {
    ++scenarios[one.institution];
    if (one.passed) continue;
    ++failed;
    std::fprintf(stderr, "FAILED %s: %s\n       %s\n", one.file.c_str(), one.name.c_str(), one.why.c_str());
  }
  std::vector<std::string> faults;
  if (options.only.empty()) {
    faults = engine::inconsistencies(**pack, coverage);
    const auto of_rules = watch::rule_faults(*rules, fired);
    faults.insert(faults.end(), of_rules.begin(), of_rules.end());
    const auto counts = report_counts(options.pack, **pack);
    if (!counts) faults.push_back(base::explain(counts.trouble()));
    const auto templates = disclosure::Templates::load(options.pack + "/papers");
    if (templates) {
      const auto of_papers = disclosure::paper_faults(**pack, *templates);
      faults.insert(faults.end(), of_papers.begin(), of_papers.end());
    } else {
      faults.push_back(base::explain(templates.trouble()));
    }
  }
  const auto warnings = outlived(**pack, base::date_of(base::SystemClock().now()));
  for (const auto& warning : warnings) std::fprintf(stderr, "WARN   %s\n", warning.c_str());
  for (const auto& fault : faults) std::fprintf(stderr, "FAULT  %s\n", fault.c_str());
  if (options.json) {
    base::JsonArray rows;
    for (const auto* in : (*pack)->all()) {
      const auto counts = counts_of(**pack, *in);
      base::JsonArray serves;
      for (const auto& row : in->rows) serves.emplace_back(row);
      rows.push_back(base::JsonObject{{"institution", in->name},
                                      {"row", std::move(serves)},
                                      {"lines", counts.lines},
                                      {"states", counts.states},
                                      {"actions", counts.actions},
                                      {"checks", counts.checks},
                                      {"scenarios", scenarios[in->name]},
                                      {"reads", joined(reads_of(*in))}});
    }
    std::printf("%s\n", base::canonical(base::Json(std::move(rows))).c_str());
  } else {
    std::printf("%-26s %6s %6s %7s %6s %9s  %s\n", "institution", "lines", "states", "actions", "checks", "scenarios",
                "row");
    for (const auto* in : (*pack)->all()) {
      const auto counts = counts_of(**pack, *in);
      std::string rows;
      for (const auto& row : in->rows) rows += (rows.empty() ? "" : " ") + row;
      std::printf("%-26s %6d %6d %7d %6d %9d  %s\n", in->name.c_str(), counts.lines, counts.states, counts.actions,
                  counts.checks, scenarios[in->name], rows.c_str());
      if (options.reads) std::printf("  reads: %s\n", joined(reads_of(*in)).c_str());
    }
    const auto missing = std::count_if(rules->begin(), rules->end(), [](const watch::Rule& rule) { return rule.missing; });
    std::printf("%zu rules of the watch, %td of them about what is missing\n", rules->size(), missing);
    std::printf("%zu scenarios passed, %d failed, %zu faults, %zu warnings\n",
                played->size() - static_cast<std::size_t>(failed), failed, faults.size(), warnings.size());
  }
  return failed == 0 && faults.empty() ? 0 : 1;
}

Command check_command() {
  auto options = std::make_shared<CheckOptions>();
  Command command{"check", {"检查制度包并演练全部情景", "check a pack and play its scenarios"}, {}, {}, {}};
  command.option("pack", &options->pack, {"制度包目录", "folder of the pack"})
      .option("--data", &options->data, {"区划与日历目录", "folder of divisions and calendar"})
      .option("--only", &options->only, {"只演练路径含此文的情景", "only scenarios whose path holds this"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"})
      .option("--reads", &options->reads, {"列出各制度所读", "print what each may read"});
  command.run = [options] { return check_pack(*options); };
  return command;
}

}  // namespace landglass::cli
