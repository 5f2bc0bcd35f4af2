#pragma once
// Answers that lie made: of GETs that say the same to everybody, for ever or as long as the log stands at one head. A reader
// of tiles asks for the same few as every other reader, and a certificate's proof is asked for by whoever holds its paper.
// Thread-safe; past its bound it forgets everything.

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "web/http.hpp"

namespace landglass::web {

class Ready {
 public:
  using Make = std::function<Response(const Request&)>;
  using Mark = std::shared_ptr<const void>;

  explicit Ready(std::size_t most_bytes) : most_bytes_(most_bytes) {}
  Ready(const Ready&) = delete;
  Ready& operator=(const Ready&) = delete;

  // What was made for this path under this mark, or what `make` makes now: kept where it is a plain 200 of a request without
  // query and condition.
  Response answer(const Request& request, const Mark& mark, const Make& make);

 private:
  std::mutex mutex_;
  std::size_t most_bytes_;
  std::size_t bytes_ = 0;
  Mark mark_;
  std::map<std::string, Response, std::less<>> made_;  // by path
};

}  // namespace landglass::web
