#include "web/assets.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/bytes.hpp"
#include "base/crypto.hpp"
#include "base/json.hpp"
#include "web/problem.hpp"

namespace landglass::web {
namespace fs = std::filesystem;
namespace {

constexpr std::uintmax_t k_largest = std::uintmax_t{64} << 20;

std::string etag_of(std::string_view content) {
  const auto hash = base::sha256(base::as_bytes(content));
  return "\"" + base::to_base64url(base::BytesView(hash.data(), 18)) + "\"";
}

// "-", eight letters of base64url, ".": what the build puts into names.
bool carries_hash(std::string_view name) {
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos || dot < 9 || name[dot - 9] != '-') return false;
  for (const char c : name.substr(dot - 8, 8)) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    if (!letter) return false;
  }
  return true;
}

bool takes_gzip(const Request& request) {
  const auto accepted = request.headers.get("accept-encoding");
  const auto at = accepted.find("gzip");
  return at != std::string_view::npos && accepted.substr(at + 4).substr(0, 4) != ";q=0";
}

}  // namespace

std::string_view type_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> types[] = {{".html", "text/html; charset=utf-8"},
                                                                     {".css", "text/css; charset=utf-8"},
                                                                     {".js", "text/javascript; charset=utf-8"},
                                                                     {".mjs", "text/javascript; charset=utf-8"},
                                                                     {".json", "application/json"},
                                                                     {".geojson", "application/geo+json"},
                                                                     {".svg", "image/svg+xml"},
                                                                     {".png", "image/png"},
                                                                     {".jpg", "image/jpeg"},
                                                                     {".webp", "image/webp"},
                                                                     {".ico", "image/x-icon"},
                                                                     {".woff2", "font/woff2"},
                                                                     {".otf", "font/otf"},
                                                                     {".ttf", "font/ttf"},
                                                                     {".pdf", "application/pdf"},
                                                                     {".csv", "text/csv; charset=utf-8"},
                                                                     {".txt", "text/plain; charset=utf-8"},
                                                                     {".wasm", "application/wasm"},
                                                                     {".zip", "application/zip"},
                                                                     {".map", "application/json"}};
  for (const auto& [ending, type] : types)
    if (name.ends_with(ending)) return type;
  return "application/octet-stream";
}

bool matches(std::string_view if_none_match, std::string_view etag) {
  // An ETag is quoted and holds no quote, so that finding it is finding it whole; W/ before it is a match too (RFC 9110
  // §13.1.2).
  return if_none_match == "*" || if_none_match.find(etag) != std::string_view::npos;
}

Response cached(const Request& request, Response response, std::string_view cache_control) {
  const auto etag = etag_of(response.body ? std::string_view(*response.body) : std::string_view());
  response.header("etag", etag).header("cache-control", std::string(cache_control));
  if (response.status == 200 && matches(request.headers.get("if-none-match"), etag)) {
    response.status = 304;
    response.body = nullptr;
  }
  return response;
}

base::Result<std::shared_ptr<const Assets>> Assets::open(const std::string& folder) {
  auto assets = std::make_shared<Assets>();
  std::error_code ec;
  fs::recursive_directory_iterator at(folder, fs::directory_options::follow_directory_symlink, ec);
  if (ec) return base::fail("assets " + folder + ": " + ec.message());
  std::map<std::string, std::shared_ptr<const std::string>> read;
  for (; at != fs::recursive_directory_iterator(); at.increment(ec)) {
    if (ec) return base::fail("assets " + folder + ": " + ec.message());
    if (!at->is_regular_file(ec) || at->file_size(ec) > k_largest) continue;
    std::ifstream file(at->path(), std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    if (!file) return base::fail("assets: cannot read " + at->path().string());
    read[fs::relative(at->path(), folder).generic_string()] = std::make_shared<const std::string>(std::move(content).str());
  }
  for (const auto& [name, content] : read) {
    if (name.ends_with(".gz") && read.count(name.substr(0, name.size() - 3))) continue;
    const auto packed = read.find(name + ".gz");
    File file{content, packed == read.end() ? nullptr : packed->second, etag_of(*content), std::string(type_of(name)),
              carries_hash(name)};
    assets->files_.emplace(name, std::move(file));
  }
  if (const auto found = read.find("manifest.json"); found != read.end()) {
    LG_TRY(const auto manifest, base::parse_json(*found->second, base::Profile::any));
    if (const auto* object = manifest.if_object())
      for (const auto& [plain, name] : *object)
        if (const auto* text = name.if_string()) assets->manifest_[plain] = *text;
  }
  return std::shared_ptr<const Assets>(std::move(assets));
}

std::string Assets::hashed(std::string_view name) const {
  const auto found = manifest_.find(name);
  return found == manifest_.end() ? std::string(name) : found->second;
}

Response Assets::serve(std::string_view name, const Request& request) const {
  const auto found = files_.find(name);
  if (found == files_.end()) return problem(base::refuse("HTTP-NONE", "没有这个文件", "there is no such file"), request);
  const auto& file = found->second;
  const bool packed = file.gzip && takes_gzip(request);
  auto etag = file.etag;
  if (packed) etag.insert(etag.size() - 1, "-gz");
  Response response;
  response.header("etag", etag);
  response.header("cache-control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (file.gzip) response.header("vary", "accept-encoding");
  if (matches(request.headers.get("if-none-match"), etag)) {
    response.status = 304;
    return response;
  }
  response.header("content-type", file.type);
  if (packed) response.header("content-encoding", "gzip");
  response.body = packed ? file.gzip : file.plain;
  return response;
}

void add_assets(Router& router, const std::string& prefix, std::shared_ptr<const Assets> assets) {
  // Which page somebody opened shows in the files that it fetches; of some pages (a tip) nobody may see that.
  RouteOptions quiet;
  quiet.quiet = true;
  router.add(
      Method::get, prefix + "/{name...}",
      [assets = std::move(assets)](const Request& request) { return assets->serve(request.parameter("name"), request); },
      quiet);
}

}  // namespace landglass::web
