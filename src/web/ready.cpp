#include "web/ready.hpp"

namespace landglass::web {

Response Ready::answer(const Request& request, const Mark& mark, const Make& make) {
  if (!request.query.empty() || request.headers.has("if-none-match")) return make(request);
  {
    const std::scoped_lock lock(mutex_);
    if (mark_ != mark) {
      made_.clear();
      bytes_ = 0;
      mark_ = mark;
    }
    if (const auto found = made_.find(request.path); found != made_.end()) return found->second;
  }
  auto response = make(request);
  if (response.status != 200 || !response.body || response.feed || response.made) return response;
  const auto size = response.body->size() + request.path.size() + 512;
  const std::scoped_lock lock(mutex_);
  if (mark_ != mark || size > most_bytes_) return response;
  if (bytes_ + size > most_bytes_) {
    made_.clear();
    bytes_ = 0;
  }
  if (made_.emplace(request.path, response).second) bytes_ += size;
  return response;
}

}  // namespace landglass::web
