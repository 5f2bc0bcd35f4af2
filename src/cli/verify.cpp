#include "cli/verify.hpp"

#include <cstdio>
#include <fstream>
#include <iterator>

namespace landglass::cli {

using base::Json;
using base::JsonArray;
using base::JsonObject;

base::Result<std::string> read_whole(const std::string& file, std::size_t limit) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return base::fail("cannot be read: " + file);
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return base::fail("cannot be read: " + file);
  if (bytes.size() > limit) return base::fail("larger than " + std::to_string(limit) + " bytes: " + file);
  return bytes;
}

bool about(const log::Leaf& leaf, std::string_view record) {
  if (leaf.change.record == record) return true;
  for (const auto& effect : leaf.effects) {
    if (effect.record == record) return true;
  }
  return false;
}

base::Result<log::Policy> read_policy(const std::string& file) {
  LG_TRY(const auto text, read_whole(file, std::size_t{1} << 20));
  return log::Policy::parse(text);
}

int print(const VerifyOutput& output, bool json) {
  if (json) {
    JsonArray findings;
    for (const auto& one : output.findings) {
      JsonObject row{{"good", one.good}, {"say", JsonObject{{"zh", one.say.zh}, {"en", one.say.en}}}};
      if (!one.code.empty()) row["code"] = one.code;
      if (!one.detail.empty()) row["detail"] = one.detail;
      findings.push_back(std::move(row));
    }
    JsonObject all = output.more;
    all["verdict"] = output.verdict;
    all["say"] = JsonObject{{"zh", output.say.zh}, {"en", output.say.en}};
    all["findings"] = std::move(findings);
    std::printf("%s\n", base::canonical(Json(std::move(all))).c_str());
    return output.code;
  }
  std::printf("%s\n%s\n", output.say.zh.c_str(), output.say.en.c_str());
  for (const auto& one : output.findings) {
    const auto code = one.code.empty() ? std::string() : one.code + " ";
    const auto detail = one.detail.empty() ? std::string() : " [" + one.detail + "]";
    std::printf("  %s %s%s / %s%s\n", one.good ? "✓" : "✗", code.c_str(), one.say.zh.c_str(), one.say.en.c_str(),
                detail.c_str());
  }
  for (const auto& [label, value] : output.facts)
    std::printf("  %s / %s: %s\n", label.zh.c_str(), label.en.c_str(), value.c_str());
  return output.code;
}

Command verify_command() {
  Command command{"verify",
                  {"独立核验回执、证书、文书、日志和竞价", "check receipts, certificates, papers, logs and sales"},
                  {},
                  {},
                  {}};
  command.subcommands.push_back(verify_receipt_command());
  command.subcommands.push_back(verify_tip_command());
  command.subcommands.push_back(verify_certificate_command());
  command.subcommands.push_back(verify_paper_command());
  command.subcommands.push_back(verify_case_command());
  command.subcommands.push_back(verify_log_command());
  command.subcommands.push_back(verify_series_command());
  command.subcommands.push_back(verify_auction_command());
  command.subcommands.push_back(verify_tender_command());
  command.subcommands.push_back(verify_balance_command());
  return command;
}

}  // namespace landglass::cli
