#pragma once
// `landglass verify …`: holds what somebody shows against what the reader trusts, without asking anybody to be believed. One
// subcommand a file; docs/formats/verify.md says what each looks at and its exit codes.

#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "log/leaf.hpp"
#include "log/policy.hpp"
#include "verify/verdict.hpp"

namespace landglass::cli {

inline constexpr int k_unproven = 3;  // nothing contradicts it, and nothing proves it; or what is needed could not be read
inline constexpr int k_outdated = 4;  // it was so, and has changed since

Command verify_command();

Command verify_receipt_command();
Command verify_tip_command();
Command verify_certificate_command();
Command verify_paper_command();
Command verify_case_command();
Command verify_log_command();
Command verify_series_command();
Command verify_auction_command();
Command verify_tender_command();
Command verify_balance_command();

// -- what they share --
base::Result<std::string> read_whole(const std::string& file, std::size_t limit);  // a Failure where it cannot be read
base::Result<log::Policy> read_policy(const std::string& file);
bool about(const log::Leaf& leaf, std::string_view record);  // whether the leaf changes the record, itself or by an effect

struct VerifyOutput {
  std::string verdict;  // "genuine", "logged", "witnessed", "not"…
  base::Text say;
  std::vector<verify::Finding> findings;
  std::vector<std::pair<base::Text, std::string>> facts;  // label, value
  base::JsonObject more;                                  // of --json alone
  int code = k_done;
};
// A tender by its own record, run again from a log; `verify auction` of a lot that was granted by tender comes here.
int run_tender(const std::string& tender, const std::string& log, const std::string& policy, bool json);

// Chinese first, then English; a line a finding, ✓ or ✗ with its code.
int print(const VerifyOutput& output, bool json);

}  // namespace landglass::cli
