#pragma once
// 案卷: every paper of one record in one zip, with a catalogue that holds the SHA-256 of each (docs/formats/case-file.md).
// The same papers give the same bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"
#include "disclosure/pdf.hpp"

namespace landglass::disclosure {

struct CasePaper {
  base::Text title;
  std::string number;     // 文号, or empty
  base::Time as_of;       // when the act was done
  std::string extension;  // "pdf", "json"
  std::string bytes;
  std::optional<std::uint64_t> leaf;  // index in the open tree of the act that made it
};

struct CaseFile {
  base::Text title;  // of the matter
  Marks marks;       // record, code, QR, 演示, date of the newest paper
  std::string origin;
  std::vector<CasePaper> papers;  // in the order of the acts
};

inline constexpr std::size_t k_max_case_papers = 999;
inline constexpr std::uint64_t k_max_case_bytes = 512ULL << 20;

// Refuses CASE-01 more than 999 papers or 512 MiB.
base::Result<std::string> write_case_file(const Press& press, const CaseFile& file);

// The catalogue of a case file whose every file is there, with the hash that the catalogue says, and nothing besides.
// Refuses CASE-02 what is no such zip, CASE-03 a file that is absent, changed or too many, and names it.
base::Result<base::Json> check_case_file(std::string_view zip);
// One file of it by its name in the catalogue, of at most 512 MiB.
base::Result<std::string> read_from_case(std::string_view zip, const std::string& file);

}  // namespace landglass::disclosure
