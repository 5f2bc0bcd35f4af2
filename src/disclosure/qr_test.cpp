#include "disclosure/qr.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

using namespace landglass;

namespace {

// Drawn as a picture of four dots a module, from the path as a browser reads it.
void draw(const disclosure::QrShape& shape, const std::string& file) {
  constexpr int k_dots = 4;
  std::vector<std::string> rows(static_cast<std::size_t>(shape.side),
                                std::string(static_cast<std::size_t>(shape.side), '0'));
  // "M4 4h7v1h-7z" for each run of dark modules.
  std::string_view left = shape.path;
  const auto number = [&](char before) {
    std::size_t value = 0;
    if (left.empty() || left[0] != before) return value;
    const auto end = std::from_chars(left.data() + 1, left.data() + left.size(), value).ptr;
    left.remove_prefix(static_cast<std::size_t>(end - left.data()));
    return value;
  };
  while (!left.empty()) {
    const auto x = number('M'), y = number(' '), length = number('h');
    const auto closing = "v1h-" + std::to_string(length) + "z";
    ASSERT_TRUE(length > 0 && left.starts_with(closing)) << left.substr(0, 40);
    left.remove_prefix(closing.size());
    ASSERT_LE(x + length, rows.size());
    rows.at(y).replace(x, length, length, '1');
  }
  std::ofstream out(file);
  out << "P1\n" << shape.side * k_dots << ' ' << shape.side * k_dots << '\n';
  for (const auto& row : rows) {
    for (int again = 0; again < k_dots; ++again) {
      for (const char c : row) out << std::string(k_dots, c);
      out << '\n';
    }
  }
}

}  // namespace

TEST(Qr, AnotherReaderReadsItsShape) {
  const std::string payload = "otpauth://totp/Landglass:zhao?secret=XGFU6LBSAZ4AEUC7&issuer=Landglass";
  const auto shape = disclosure::qr_shape(payload);
  ASSERT_TRUE(shape);
  const auto file =
      (std::filesystem::temp_directory_path() / ("landglass-qr-" + std::to_string(::getpid()) + ".pbm")).string();
  draw(*shape, file);
  std::string read(400, '\0');
  auto* pipe = ::popen(("zbarimg -q --raw " + file + " 2>/dev/null").c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  read.resize(std::fread(read.data(), 1, read.size(), pipe));
  ::pclose(pipe);
  EXPECT_EQ(read, payload + "\n");
  std::filesystem::remove(file);
}

TEST(Qr, RefusesWhatFitsNone) {
  const auto shape = disclosure::qr_shape(std::string(5'000, 'x'));
  ASSERT_TRUE(shape.refused());
  EXPECT_EQ(shape.refusal().code, "PAPER-07");
}
