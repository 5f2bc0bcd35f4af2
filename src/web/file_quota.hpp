#pragma once
// How much of the disk one account may fill in a day. In memory: a restart forgets today's figures.

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace landglass::web {

class FileQuota {
 public:
  explicit FileQuota(std::int64_t bytes_a_day) : most_(bytes_a_day) {}
  // Refuses FILE-QUOTA what would take the account past its quota of this day, in Asia/Shanghai; it is not counted then.
  base::Status draw(std::string_view account, std::int64_t bytes, base::Time now);

 private:
  std::int64_t most_;
  std::mutex mutex_;
  base::Date day_;
  std::map<std::string, std::int64_t, std::less<>> used_;  // of this day
};

}  // namespace landglass::web
