#pragma once
// Time-based one-time passwords (RFC 6238 over RFC 4226): HMAC-SHA-1, 30 seconds, 6 digits, as every authenticator app does.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/time.hpp"

namespace landglass::web {

constexpr std::int64_t k_totp_step_s = 30;

std::string totp_code(base::BytesView secret, std::int64_t step, int digits = 6);
// The step whose code this is, within one step of now and after `last`: a code is taken once. nullopt: wrong or replayed.
std::optional<std::int64_t> totp_match(base::BytesView secret, std::string_view code, base::Time now, std::int64_t last);
std::string to_base32(base::BytesView bytes);  // RFC 4648, without padding
std::string totp_uri(base::BytesView secret, std::string_view issuer,
                     std::string_view login);  // otpauth://…, for the QR code

}  // namespace landglass::web
