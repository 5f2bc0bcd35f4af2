#include <cstdio>
#include <map>

#include "cli/log_site.hpp"
#include "cli/verify.hpp"
#include "verify/log.hpp"

namespace landglass::cli {
namespace {

struct LogOptions {
  std::string source, policy, series;
  bool json = false;
};

// What a number was given to, in the order of the log.
struct Issued {
  std::int64_t number = 0;
  std::uint64_t leaf = 0;
  std::string record;
  std::string text;  // as it was written
};

class Ledger {
 public:
  void take(const log::Leaf& leaf) {
    take(leaf, leaf.change);
    for (const auto& effect : leaf.effects) take(leaf, effect);
  }
  std::map<std::string, std::vector<Issued>> series;
  std::map<std::string, std::string> state;  // of each record, as it stands at the end

 private:
  void take(const log::Leaf& leaf, const log::Change& change) {
    state[change.record] = change.state;
    const auto* numbers = change.outcome.at("series").if_object();
    if (numbers == nullptr) return;
    for (const auto& [key, number] : *numbers) {
      Issued one{number.as_int(), leaf.seq, change.record, ""};
      for (const auto& [field, value] : change.set) {
        const auto* text = value.if_string();
        const bool is_number = field.ends_with("_no") || field == "code" || field == "reference";
        if (text != nullptr && is_number && text->find(std::to_string(one.number)) != std::string::npos) one.text = *text;
      }
      series[key].push_back(std::move(one));
    }
  }
};

VerifyOutput output_of(const verify::LogVerdict& verdict) {
  VerifyOutput out;
  out.findings = verdict.findings;
  const bool holds = verdict.level != log::Level::none;
  const bool unread = !holds && !verdict.findings.empty() && verdict.findings.back().code == "LOGV-01";
  out.code = holds ? k_done : unread ? k_unproven : k_refused;
  out.verdict = verdict.level == log::Level::witnessed ? "witnessed" : holds ? "logged" : unread ? "unproven" : "not";
  if (holds) {
    out.say = {"成立：全部条目、瓦片与根相符", "it holds: every leaf, tile and the root fit"};
  } else if (unread) {
    out.say = {"未证明：日志不完整", "unproven: the log is not whole"};
  } else {
    out.say = {"不成立", "it does not hold"};
  }
  if (verdict.head) {
    out.facts.push_back({{"日志", "log"}, verdict.head->origin});
    out.facts.push_back({{"条目", "leaves"}, std::to_string(verdict.read) + " / " + std::to_string(verdict.head->size)});
    out.more["origin"] = verdict.head->origin;
    out.more["size"] = verdict.head->size;
    out.more["read"] = verdict.read;
  }
  if (verdict.first_bad) {
    out.facts.push_back({{"首个不符的条目", "first leaf that does not fit"}, std::to_string(*verdict.first_bad)});
    out.more["first_bad"] = *verdict.first_bad;
  }
  return out;
}

base::Result<verify::LogVerdict> walk(const LogOptions& options, Ledger* ledger) {
  LG_TRY(const auto policy, read_policy(options.policy));
  LG_TRY(const auto files, open_log(options.source));
  Progress progress({"核验日志", "verifying the log"});
  std::uint64_t done = 0;
  return verify::verify_log(*files, policy, [&](const log::Leaf& leaf, std::string_view) -> base::Status {
    if (ledger != nullptr) ledger->take(leaf);
    if (++done % 1'000 == 0) progress.at(done, 0);
    return base::Done{};
  });
}

int run_log(const LogOptions& options) {
  const auto verdict = walk(options, nullptr);
  if (!verdict) return tell(verdict.trouble(), options.json);
  return print(output_of(*verdict), options.json);
}

// The walk itself refuses a number that is issued twice or skipped; the list says what became of each.
int run_series(const LogOptions& options) {
  Ledger ledger;
  const auto verdict = walk(options, &ledger);
  if (!verdict) return tell(verdict.trouble(), options.json);
  auto out = output_of(*verdict);
  if (out.code != k_done) return print(out, options.json);
  base::JsonObject all;
  for (const auto& [key, numbers] : ledger.series) {
    if (!options.series.empty() && key.find(options.series) == std::string::npos) continue;
    base::JsonArray rows;
    for (const auto& one : numbers) {
      rows.push_back(base::JsonObject{{"number", one.number},
                                      {"text", one.text},
                                      {"leaf", one.leaf},
                                      {"record", one.record},
                                      {"state", ledger.state[one.record]}});
      if (!options.json)
        std::printf("%s  %lld  %s  №%llu  %s  %s\n", key.c_str(), static_cast<long long>(one.number), one.text.c_str(),
                    static_cast<unsigned long long>(one.leaf), one.record.c_str(), ledger.state[one.record].c_str());
    }
    all[key] = std::move(rows);
  }
  out.more["series"] = std::move(all);
  out.say = {"成立：每个编号序列自一起连续，无重号、无缺号；作废的编号见其记录的状态",
             "it holds: every series counts up from one, none twice and none skipped; a number that is void shows by its "
             "record's state"};
  return print(out, options.json);
}

Command command_of(std::string name, base::Text help, std::shared_ptr<LogOptions> options) {
  Command command{std::move(name), std::move(help), {}, {}, {}};
  command.needs("log", &options->source, {"日志目录或本机地址", "folder of the log, or local address"})
      .needs("--policy", &options->policy, {"信任文件：日志与见证人的公钥", "trust file: keys of logs and witnesses"})
      .option("--json", &options->json, {"以 JSON 输出", "print JSON"});
  return command;
}

}  // namespace

Command verify_log_command() {
  auto options = std::make_shared<LogOptions>();
  auto command = command_of("log", {"核验整份日志", "check a whole log"}, options);
  command.run = [options] { return run_log(*options); };
  return command;
}

Command verify_series_command() {
  auto options = std::make_shared<LogOptions>();
  auto command = command_of(
      "series", {"列出编号序列并核对无重号、无缺号", "list the numbers issued, and check that none is missing"}, options);
  command.option("--only", &options->series, {"只列名称含此文的序列", "only series whose name holds this"});
  command.run = [options] { return run_series(*options); };
  return command;
}

}  // namespace landglass::cli
