#pragma once
// Is this certificate genuine, outdated or forged? Decided from what was already proven out of the log, without a server, a
// clock or a file: docs/formats/certificate.md. The same verdict serves every paper that carries a mark (its QR).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/json.hpp"
#include "base/result.hpp"
#include "log/leaf.hpp"
#include "log/policy.hpp"
#include "verify/verdict.hpp"

namespace landglass::verify {

// What the QR of a paper says: LG1 <record> <code> <leaf> <origin>. `leaf` is 20 hex digits of the leaf's hash, or "-" for a
// paper that was made before its leaf.
struct PaperMark {
  std::string record;
  std::string code;
  std::string leaf;
  std::string origin;
  bool operator==(const PaperMark&) const = default;
};
inline constexpr std::size_t k_mark_leaf_digits = 20;
std::string write_mark(const PaperMark& mark);
// Refuses CERT-01 a text that is no mark.
base::Result<PaperMark> read_mark(std::string_view text);

// A leaf whose inclusion under a checkpoint that the reader trusts has been checked.
struct ProvenLeaf {
  log::Leaf leaf;
  base::Hash hash{};            // RFC 6962 leaf hash
  std::uint64_t tree_size = 0;  // of that checkpoint
};

// How the reader came to know the later leaves of the record, and so how far "nothing later" reaches.
enum class Horizon {
  receipt,    // he has the certificate alone
  office,     // the office answered; it could be silent about the last change
  whole_log,  // he, or someone he trusts, read every leaf up to the size
};
struct Later {
  std::vector<ProvenLeaf> leaves;  // that touch the record, in any order
  std::uint64_t size = 0;          // of the tree as known
  Horizon horizon = Horizon::receipt;
};

enum class Verdict {
  genuine,   // what it says was in the log, and nothing known is later
  outdated,  // it was so; a later leaf says otherwise
  forged,    // it contradicts the log, or itself
  unproven,  // nothing to hold it against, or it cannot be read
};
std::string_view name_of(Verdict verdict);

struct CertificateReport {
  Verdict verdict = Verdict::unproven;
  base::Text say;
  std::vector<Finding> findings;  // each step, in order; a page shows them one by one. Codes: docs/formats/certificate.md
  log::Level level = log::Level::none;  // of the receipt, by verify_certificate
  std::string state_now;                // by the last leaf known
  std::uint64_t known_size = 0;         // tree size up to which anything is known
};

// `issued` is the leaf that issued the certificate, as its receipt proves it: a refusal there is a forged receipt, a failure
// one that could not be checked. `printed` is the text of the QR on a sheet, where there is one.
CertificateReport judge_certificate(const base::Json& certificate, const base::Result<ProvenLeaf>& issued,
                                    const Later& later = {}, const std::optional<std::string>& printed = {});

// The same for the bytes of a certificate's file, with the receipt in it held against what the reader trusts.
CertificateReport verify_certificate(std::string_view file, const log::Policy& trust, const Later& later = {},
                                     const std::optional<std::string>& printed = {});

}  // namespace landglass::verify
