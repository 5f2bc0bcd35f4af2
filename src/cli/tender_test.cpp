// `landglass tender sign` prints exactly the value that is locked, signed with the key of the file; what would be read out
// as void is refused before anything is printed.
#include "cli/tender.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "base/crypto.hpp"
#include "law/tender_value.hpp"

namespace landglass::cli {
namespace {

class TenderCommand : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("landglass-tender-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "key") << base::to_hex(key_.scalar()) << "\n";
    std::ofstream(folder_ / "undertakings") << "二〇一三年六月前开工";
    std::ofstream(folder_ / "volume") << "正本";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  // Exit code, and what was printed.
  std::pair<int, std::string> run(const std::string& price, std::int64_t plate = 1024,
                                  const std::string& lot = "land-listing/a") {
    auto command = tender_command();
    auto& sign = command.subcommands.at(0);
    const std::map<std::string, std::string> given{{"--key", (folder_ / "key").string()},
                                                   {"--origin", "landglass.example/log"},
                                                   {"--lot", lot},
                                                   {"--rule-sheet", std::string(64, 'a')},
                                                   {"--price", price},
                                                   {"--undertakings", (folder_ / "undertakings").string()},
                                                   {"--volume", (folder_ / "volume").string()}};
    for (auto& option : sign.options) {
      if (auto* text = std::get_if<std::string*>(&option.target)) **text = given.at(option.name);
      if (auto* number = std::get_if<std::int64_t*>(&option.target)) **number = plate;
    }
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const int code = sign.run();
    testing::internal::GetCapturedStderr();
    return {code, testing::internal::GetCapturedStdout()};
  }

  base::P256Key key_ = base::P256Key::generate();
  std::filesystem::path folder_;
};

TEST_F(TenderCommand, PrintsTheValueSignedWithTheKey) {
  const auto [code, text] = run("13000000");
  ASSERT_EQ(code, k_done) << text;
  const auto value = law::parse_tender_value(text);
  ASSERT_TRUE(value) << base::explain(value.trouble());
  EXPECT_EQ(value->price, *base::parse_money("13000000.00"));
  EXPECT_EQ(value->plate, 1024u);
  EXPECT_EQ(value->undertakings, "二〇一三年六月前开工");
  EXPECT_EQ(value->volume, base::to_hex(base::sha256(base::as_bytes("正本"))));
  EXPECT_TRUE(law::check_tender_signature(*value, key_.public_key()));
  EXPECT_FALSE(law::check_tender_signature(*value, base::P256Key::generate().public_key()));
}

TEST_F(TenderCommand, RefusesWhatCouldNotStand) {
  for (const auto* price : {"0", "-1.00", "13,000,000", "1.005", ""}) {
    const auto [code, text] = run(price);
    EXPECT_EQ(code, k_refused) << price;
    EXPECT_EQ(text, "") << price;
  }
  EXPECT_EQ(run("1.00", 0).first, k_refused);
  EXPECT_EQ(run("1.00", std::int64_t{1} << 33).first, k_refused);
  std::ofstream(folder_ / "undertakings") << std::string(4'096, 'x');
  EXPECT_EQ(run("1.00").first, k_refused);
  std::filesystem::remove(folder_ / "key");
  EXPECT_EQ(run("1.00").first, k_refused);
}

}  // namespace
}  // namespace landglass::cli
