#include "disclosure/qr.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace landglass;

namespace {

// Drawn as a picture of four dots a module, from the path as a browser reads it.
void draw(const disclosure::QrShape& shape, const std::string& file) {
  constexpr int k_dots = 4;
  std::vector<std::string> rows(static_cast<std::size_t>(shape.side),
                                std::string(static_cast<std::size_t>(shape.side), '0'));
  int x = 0, y = 0, length = 0, back = 0, used = 0;
  for (const char* at = shape.path.c_str(); std::sscanf(at, "M%d %dh%dv1h-%dz%n", &x, &y, &length, &back, &used) == 4;
       at += used) {
    ASSERT_EQ(length, back);
    ASSERT_LE(x + length, shape.side);
    rows.at(static_cast<std::size_t>(y))
        .replace(static_cast<std::size_t>(x), static_cast<std::size_t>(length), static_cast<std::size_t>(length), '1');
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
