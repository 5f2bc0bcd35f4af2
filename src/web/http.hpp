#pragma once
// A request, a response and what they are made of, as every handler sees them (docs/formats/http.md). No foreign type.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/result.hpp"

namespace landglass::web {

enum class Method { get, head, post, put, patch, del, options };
std::string_view method_name(Method method);  // "GET"
std::optional<Method> method_of(std::string_view name);
inline bool is_safe(Method method) { return method == Method::get || method == Method::head || method == Method::options; }

// Pairs in the order they came; a search takes the first. Names of headers are lower case.
class Pairs {
 public:
  using Pair = std::pair<std::string, std::string>;
  const std::string* find(std::string_view name) const;
  std::string_view get(std::string_view name) const;  // or empty
  bool has(std::string_view name) const { return find(name) != nullptr; }
  std::size_t count(std::string_view name) const;
  void add(std::string name, std::string value) { pairs_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);  // replaces the first, or adds
  void clear() { pairs_.clear(); }
  std::size_t size() const { return pairs_.size(); }
  bool empty() const { return pairs_.empty(); }
  auto begin() const { return pairs_.begin(); }
  auto end() const { return pairs_.end(); }

 private:
  std::vector<Pair> pairs_;
};

enum class Language { zh, en };
inline const std::string& in(const base::Text& text, Language language) {
  return (language == Language::zh ? !text.zh.empty() : text.en.empty()) ? text.zh : text.en;
}

// Who asks, once the gate knows him (gate.hpp).
struct Caller {
  std::string login;
  std::string actor;                // opaque: "person/…" or "party/…"
  std::vector<std::string> scopes;  // of a machine token; a session has none and may do what its actor may
  std::string session;              // public handle of the session; empty for a token
  std::string csrf;                 // the token that unsafe requests of this session must carry
  bool has_scope(std::string_view scope) const;
};

struct Route;

struct Request {
  Method method = Method::get;
  std::string path;  // as sent, before decoding, without the query
  Pairs query;       // decoded
  Pairs headers;
  Pairs cookies;
  Pairs parameters;  // {name} of the route's pattern, decoded
  std::string body;
  std::string peer;  // address of the client, for limits only: never logged
  std::string id;    // names this request in log and answer
  std::string host;
  bool secure = false;  // came over TLS
  bool keep_alive = true;
  std::shared_ptr<const Caller> caller;  // null: anyone
  const Route* route = nullptr;

  std::string_view parameter(std::string_view name) const { return parameters.get(name); }
  Language language() const;  // cookie `lang`, else Accept-Language, else Chinese
  bool wants_html() const;    // a browser that navigates, not a program
};

// A live stream as the server drains it (live.hpp makes them). Thread-safe.
class Feed {
 public:
  virtual ~Feed() = default;
  // Moves what waits to the end of `out`. False once the stream has ended (by the hub, or because the reader was too slow).
  virtual bool take(std::vector<std::shared_ptr<const std::string>>& out) = 0;
  // Called from another thread whenever there may be something to take; replaced by an empty function before the server lets
  // go.
  virtual void on_ready(std::function<void()> wake) = 0;
};

struct Response {
  int status = 200;
  Pairs headers;
  std::shared_ptr<const std::string> body;  // may be shared by many replies
  std::shared_ptr<Feed> feed;               // set: an endless text/event-stream instead of a body
  std::string refusal;                      // code of the refusal it tells, for the figures
  bool close = false;                       // the connection ends after it
  // Set: the answer is made by this on the connection's own thread, and nothing else here counts. For who answers on a
  // thread that others wait for.
  std::function<Response()> made;

  Response& header(std::string name, std::string value) {
    headers.add(std::move(name), std::move(value));
    return *this;
  }
};
std::string_view reason(int status);

Response text(int status, std::string body, std::string_view type = "text/plain; charset=utf-8");
Response html(int status, std::string body);
Response json(int status, const base::Json& value);
Response redirect(std::string location, int status = 303);
Response no_content();

using Handler = std::function<Response(const Request&)>;
// Answers once, from any thread. Dropped without an answer, it answers with a failure.
using Respond = std::function<void(Response)>;
using AsyncHandler = std::function<void(Request, Respond)>;

}  // namespace landglass::web
