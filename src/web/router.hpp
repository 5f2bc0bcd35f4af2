#pragma once
// Which handler answers which method and path. A pattern is segments of literals, `{name}` (one segment, a literal may stand
// before and after it: `{number}.pdf`) and, last, `{name...}` (all that remains). A literal beats a parameter.

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "web/http.hpp"

namespace landglass::web {

enum class Access { open, caller };  // anyone; a session or a token
// Which bucket of the rate limits it draws from.
enum class Pace { read, write, login, upload, live, papers, tip };
// On the connection's thread; on a worker, for what takes over a millisecond; or in the lane of what takes a hundred (case
// files, printed papers, whole registers), so that nobody's act waits behind it (decision 0160).
enum class Run { inline_, worker, heavy };

struct RouteOptions {
  Access access = Access::open;
  Pace pace = Pace::read;
  Run run = Run::inline_;
  std::size_t max_body = std::size_t{1} << 20;
  std::string scope;  // a token must hold it; empty: no token opens this route
  // Nothing of a request stays: no line in the access log, no figure, no session looked up (a tip). Such a page sees nobody
  // signed in.
  bool quiet = false;
  bool origin_free = false;  // an unsafe route that takes no cookie (a tip, a bank's call): no origin check
};

struct Route {
  Method method = Method::get;
  std::string pattern;
  RouteOptions options;
  Handler handler;  // one of these two
  AsyncHandler async;
};

class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // A pattern that is malformed or stands already is a bug.
  void add(Method method, std::string pattern, Handler handler, RouteOptions options = {});
  void add_async(Method method, std::string pattern, AsyncHandler handler, RouteOptions options = {});

  struct Match {
    const Route* route = nullptr;
    Pairs parameters;
    std::string allow;  // where the path is known and the method is not: what it would take
  };
  // HEAD falls back to GET. An undecodable or dotted path matches nothing.
  Match match(Method method, std::string_view path) const;
  std::vector<const Route*> routes() const;

 private:
  struct Node;
  void insert(std::unique_ptr<Route> route);
  std::unique_ptr<Node> root_;
  std::vector<std::unique_ptr<Route>> routes_;
};

}  // namespace landglass::web
