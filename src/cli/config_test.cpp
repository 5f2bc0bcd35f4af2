#include "cli/config.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

namespace landglass::cli {
namespace {

namespace fs = std::filesystem;

class Config : public testing::Test {
 protected:
  Config() {
    std::string name = fs::temp_directory_path() / "landglass-config-XXXXXX";
    const int made = ::mkstemp(name.data());
    EXPECT_GE(made, 0);
    ::close(made);
    file_ = name;
  }
  ~Config() override { fs::remove(file_); }
  base::Refusal refused(const std::string& text) {
    std::ofstream(file_) << text;
    HouseOptions options;
    const auto read = read_config(file_, options);
    EXPECT_TRUE(read.refused()) << text;
    return read.refused() ? read.refusal() : base::Refusal{};
  }
  std::string file_;
};

TEST_F(Config, EverySettingIsReadFromItsPlace) {
  HouseOptions options;
  std::string text, section;
  for (const auto& setting : settings(options)) {
    if (setting.section != section) text += "[" + (section = setting.section) + "]\n";
    std::string value = shown(setting);
    if (std::holds_alternative<bool*>(setting.target)) value = value == "true" ? "false" : "true";
    if (std::holds_alternative<std::string*>(setting.target)) value = "\"x" + value.substr(1);
    if (setting.key == "signing") value = "\"session\"";  // these two take none but their words
    if (setting.key == "require") value = "\"any\"";
    if (std::holds_alternative<std::vector<std::string>*>(setting.target)) value = "[\"a\", \"b\"]";
    if (value.find_first_not_of("0123456789") == std::string::npos) value = std::to_string(std::stoll(value) + 1);
    text += setting.key + " = " + value + "\n";
  }
  const auto pair = text.find("tls_key");
  ASSERT_NE(pair, std::string::npos);
  std::ofstream(file_) << text;
  HouseOptions read;
  const auto done = read_config(file_, read);
  ASSERT_TRUE(done) << base::explain(done.trouble()) << text;
  HouseOptions untouched;
  const auto before = settings(untouched);
  const auto after = settings(read);
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_NE(shown(before[i]), shown(after[i])) << before[i].key;
}

TEST_F(Config, WhatIsWrongIsNamedWithFileLineAndKey) {
  EXPECT_EQ(refused("[http]\n\nprot = 1\n").code, "CONF-02");
  EXPECT_EQ(refused("[http]\n\nprot = 1\n").where, file_ + ":3: http.prot");
  EXPECT_EQ(refused("[htpp]\nport = 1\n").where, file_ + ":1: htpp");
  EXPECT_EQ(refused("[http]\nport = \"1\"\n").code, "CONF-03");
  EXPECT_EQ(refused("[http]\nport = 65536\n").code, "CONF-04");
  EXPECT_EQ(refused("[http]\nport = 65536\n").detail.zh, "0 ≤ 65536 ≤ 65535");
  EXPECT_EQ(refused("[http]\norigins = [1]\n").code, "CONF-03");
  EXPECT_EQ(refused("http = 3\n").code, "CONF-03");
  EXPECT_EQ(refused("[http\n").code, "CONF-01");
  EXPECT_EQ(refused("[http]\nport = 1\nport = 2\n").code, "CONF-01");
  EXPECT_EQ(refused("[http]\ntls_key = \"k.pem\"\n").code, "CONF-05");
  EXPECT_EQ(refused("[store]\nfolder = \"d\"\nkeys = \"d/keys\"\n").code, "CONF-05");
  EXPECT_EQ(refused("[log]\norigin = \"two words\"\n").code, "CONF-05");
  HouseOptions options;
  const auto absent = read_config(file_ + ".absent", options);
  ASSERT_TRUE(absent.refused());
  EXPECT_EQ(absent.refusal().code, "CONF-01");
}

TEST_F(Config, TheCommandLineGoesBeforeTheFile) {
  std::ofstream(file_) << "[http]\nport = 1\naddress = \"::1\"\n";
  HouseArguments arguments;
  arguments.config = file_;
  arguments.port = "2";
  const auto options = house_of(arguments);
  ASSERT_TRUE(options) << base::explain(options.trouble());
  EXPECT_EQ(options->port, 2);
  EXPECT_EQ(options->address, "::1");
  arguments.port = "-1";
  EXPECT_TRUE(house_of(arguments).refused());
}

TEST_F(Config, TheDocumentNamesEverySettingAndNoOther) {
  std::ifstream in(std::string(LG_SOURCE_DIR) + "/docs/formats/config.md");
  std::set<std::string> written;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("| `") && line.find('.') != std::string::npos)
      written.insert(line.substr(3, line.find('`', 3) - 3));
  }
  HouseOptions options;
  std::set<std::string> known;
  for (const auto& setting : settings(options)) known.insert(setting.section + "." + setting.key);
  EXPECT_EQ(written, known);
}

}  // namespace
}  // namespace landglass::cli
