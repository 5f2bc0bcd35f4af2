#pragma once
// What the tests of papers share: the press with our fonts, the pack's templates, its example, and other people's programs.

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "disclosure/pdf.hpp"
#include "disclosure/template.hpp"

namespace landglass::disclosure::test {

inline const std::string k_fonts = LG_SOURCE_DIR "/build/assets/fonts";
inline const std::string k_papers = LG_SOURCE_DIR "/packs/cn-land/papers";

inline std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A file under the build folder, kept so that a person can look at what was printed.
inline std::string keep(const std::string& name, const std::string& bytes) {
  const std::string folder = LG_BUILD_DIR "/papers";
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/" + name, std::ios::binary) << bytes;
  return folder + "/" + name;
}

template <class T>
T must(base::Result<T> result) {
  if (!result) {
    ADD_FAILURE() << base::explain(result.trouble());
    std::abort();
  }
  return *std::move(result);
}

inline const Press& press() {
  static const Press one = must(Press::open(k_fonts));
  return one;
}
inline const Templates& templates() {
  static const Templates all = must(Templates::load(k_papers));
  return all;
}
inline base::Json example() { return must(base::parse_json(read_file(k_papers + "/example.json"))); }

inline Marks marks() {
  return {"land-listing/350112-2019-000011", "LL350112201900000011K",
          "LG1 land-listing/350112-2019-000011 LL350112201900000011K - demo.landglass.example/changle", true,
          *base::parse_time("2019-09-16T01:00:00Z")};
}

// Standard output and error of a command, together; it must succeed.
inline std::string output_of(const std::string& command) {
  std::string out;
  FILE* pipe = popen(("{ " + command + "; } 2>&1").c_str(), "r");
  std::array<char, 65536> buffer{};
  while (const std::size_t size = fread(buffer.data(), 1, buffer.size(), pipe)) out.append(buffer.data(), size);
  const int status = pclose(pipe);
  EXPECT_EQ(status, 0) << command << "\n" << out;
  return out;
}

// What mutool says while it draws. Debian builds it without colour profiles and it says so of itself each time; that is no
// word about the file.
inline std::string warnings_of_mupdf(const std::string& arguments) {
  std::string said = output_of("mutool draw -q " + arguments);
  const std::string of_itself = "warning: ICC support is not available\n";
  for (auto at = said.find(of_itself); at != std::string::npos; at = said.find(of_itself)) said.erase(at, of_itself.size());
  return said;
}

}  // namespace landglass::disclosure::test
