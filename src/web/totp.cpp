#include "web/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "web/security.hpp"
#include "web/uri.hpp"

namespace landglass::web {

std::string totp_code(base::BytesView secret, std::int64_t step, int digits) {
  std::array<unsigned char, 8> counter{};
  for (std::size_t i = 0; i < 8; ++i)
    counter[7 - i] = static_cast<unsigned char>(static_cast<std::uint64_t>(step) >> (8 * i));
  std::array<unsigned char, 20> mac{};
  unsigned int size = 0;
  const auto* made =
      HMAC(EVP_sha1(), secret.data(), static_cast<int>(secret.size()), counter.data(), counter.size(), mac.data(), &size);
  LG_ASSERT(made && size == mac.size(), "HMAC-SHA-1 failed");
  const std::size_t offset = mac[19] & 0x0f;
  const std::uint32_t number = (static_cast<std::uint32_t>(mac[offset] & 0x7f) << 24) |
                               (static_cast<std::uint32_t>(mac[offset + 1]) << 16) |
                               (static_cast<std::uint32_t>(mac[offset + 2]) << 8) | mac[offset + 3];
  std::uint32_t modulus = 1;
  for (int i = 0; i < digits; ++i) modulus *= 10;
  auto text = std::to_string(number % modulus);
  return std::string(static_cast<std::size_t>(digits) - text.size(), '0') + text;
}

std::optional<std::int64_t> totp_match(base::BytesView secret, std::string_view code, base::Time now, std::int64_t last) {
  const auto step = now.ms / 1000 / k_totp_step_s;
  for (auto one = step - 1; one <= step + 1; ++one)
    if (one > last && same_secret(totp_code(secret, one), code)) return one;
  return std::nullopt;
}

std::string to_base32(base::BytesView bytes) {
  constexpr char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t held = 0;
  int bits = 0;
  for (const auto byte : bytes) {
    held = (held << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out.push_back(letters[(held >> bits) & 31]);
    }
  }
  if (bits > 0) out.push_back(letters[(held << (5 - bits)) & 31]);
  return out;
}

std::string totp_uri(base::BytesView secret, std::string_view issuer, std::string_view login) {
  return "otpauth://totp/" + encode_component(issuer) + ":" + encode_component(login) + "?secret=" + to_base32(secret) +
         "&issuer=" + encode_component(issuer) + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace landglass::web
