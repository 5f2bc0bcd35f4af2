#pragma once
// A log as a verifier reads it: a folder of tiles, or a running server on this machine. What the server says is believed as
// little as a folder's files: everything is held against the checkpoint and its signatures.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "verify/log.hpp"

namespace landglass::cli {

// http://127.0.0.1:8642 and the like; plain HTTP and loopback only, whole answers of at most 64 MiB, 30 s each.
class LogSite final : public verify::LogFiles {
 public:
  // Refuses HTTP-URL another address.
  static base::Result<LogSite> open(std::string_view url);
  base::Result<std::string> get(std::string_view path) override;

 private:
  LogSite(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}
  std::string host_;
  std::uint16_t port_;
};

// A folder, or a URL. Refuses VER-LOG what is neither.
base::Result<std::unique_ptr<verify::LogFiles>> open_log(const std::string& source);
bool is_url(std::string_view source);

}  // namespace landglass::cli
