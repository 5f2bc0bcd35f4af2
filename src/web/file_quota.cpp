#include "web/file_quota.hpp"

namespace landglass::web {

base::Status FileQuota::draw(std::string_view account, std::int64_t bytes, base::Time now) {
  const std::scoped_lock lock(mutex_);
  if (const auto today = base::date_of(now); today != day_) {
    day_ = today;
    used_.clear();
  }
  const auto found = used_.try_emplace(std::string(account), 0).first;
  if (bytes > most_ - found->second) {
    auto refusal =
        base::refuse("FILE-QUOTA", "今日上传的文件已达上限，请明日再传", "no more files today from this account", "body");
    refusal.detail = base::alike(std::to_string(found->second + bytes) + " > " + std::to_string(most_));
    return refusal;
  }
  found->second += bytes;
  return base::Done{};
}

}  // namespace landglass::web
