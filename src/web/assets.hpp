#pragma once
// Files of a folder (build/assets), read at start: strong ETag from their SHA-256, a year of immutable caching where the
// name carries a hash (app-1a2B3c4D.js), conditional requests, `file.gz` beside `file` where the client takes it. What is
// not in the folder at start is not served; nothing of a request ever becomes a path of the file system.

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "web/http.hpp"
#include "web/router.hpp"

namespace landglass::web {

class Assets {
 public:
  // Failure where the folder cannot be read. Files past 64 MiB are left out.
  static base::Result<std::shared_ptr<const Assets>> open(const std::string& folder);
  Response serve(std::string_view name, const Request& request) const;
  // "app.js" → "app-1a2B3c4D.js" by the folder's manifest.json; the name itself where it is not listed.
  std::string hashed(std::string_view name) const;
  std::size_t size() const { return files_.size(); }

 private:
  struct File {
    std::shared_ptr<const std::string> plain, gzip;
    std::string etag;
    std::string type;
    bool immutable = false;
  };
  std::map<std::string, File, std::less<>> files_;
  std::map<std::string, std::string, std::less<>> manifest_;
};

// GET prefix/{name...}, for instance at "/assets".
void add_assets(Router& router, const std::string& prefix, std::shared_ptr<const Assets> assets);

std::string_view type_of(std::string_view file_name);
// Does If-None-Match name this (strong) ETag?
bool matches(std::string_view if_none_match, std::string_view etag);
// A body with ETag and, where the client has it already, 304 instead: for every answer that is worth caching.
Response cached(const Request& request, Response response, std::string_view cache_control);

}  // namespace landglass::web
