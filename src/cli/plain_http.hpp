#pragma once
// One request to a server on this machine, and its answer: enough for commands that speak to a running Landglass. No TLS:
// a command runs beside its server or behind a tunnel.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace landglass::cli {

struct PlainAnswer {
  int status = 0;
  std::string body;
};

// `url` is http://host:port/path. Refuses CLI-03 another form; fails, to be tried again, where nobody answers in 30 s.
base::Result<PlainAnswer> plain_request(std::string_view method, std::string_view url,
                                        const std::vector<std::pair<std::string, std::string>>& headers,
                                        std::string_view body);

}  // namespace landglass::cli
